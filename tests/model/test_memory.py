import json
import subprocess
import sys

import pytest

from mixvi.model import memory
from mixvi.model.memory import memory_kept

FAULTS = """
import json, resource, torch
from mixvi.model.memory import memory_kept

def faults(n=20):
    "Pages that are asked for while a tensor of 64 MB is made and freed n times."
    torch.ones(2**24)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(n):
        torch.ones(2**24)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = faults()
with memory_kept():
    within = faults()
after = faults()
try:
    with memory_kept():
        raise ValueError
except ValueError:
    print(json.dumps([before, within, after, faults()]))
"""


@pytest.mark.skipif(memory._glibc() is None, reason="the C library is not glibc")
def test_freed_memory_is_used_again_and_given_back_in_the_end_and_after_an_error():
    """In a process of its own, whose memory has no holes yet."""
    done = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True)
    before, within, after, after_error = json.loads(done.stdout)
    assert within < before / 4
    assert min(after, after_error) > before / 4


def test_nothing_happens_elsewhere(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with memory_kept():
        pass
