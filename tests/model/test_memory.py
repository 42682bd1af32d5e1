import resource
import sys

import pytest
import torch

from mixvi.model import memory
from mixvi.model.memory import memory_kept


def faults_of_large_tensors(n: int = 20) -> int:
    """Pages that are asked for while a tensor of 64 MB is made and freed ``n`` times."""
    torch.ones(2**24)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(n):
        torch.ones(2**24)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(memory._glibc() is None, reason="the C library is not glibc")
def test_freed_memory_is_used_again_and_given_back_in_the_end():
    before = faults_of_large_tensors()
    with memory_kept():
        assert faults_of_large_tensors() < before / 4
    assert faults_of_large_tensors() > before / 4


def test_nothing_happens_elsewhere(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with memory_kept():
        pass


@pytest.mark.skipif(memory._glibc() is None, reason="the C library is not glibc")
def test_the_usual_returns_after_an_error():
    before = faults_of_large_tensors()
    with pytest.raises(ValueError, match="stop"), memory_kept():
        raise ValueError("stop")
    assert faults_of_large_tensors() > before / 4
