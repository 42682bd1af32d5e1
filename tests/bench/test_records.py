import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixvi.bench.records import Records, Truth, pack, unpack


@given(st.lists(st.integers(-(2**15), 2**15 - 1)))
def test_packing_loses_nothing(numbers):
    assert unpack(pack(numbers)).tolist() == numbers


def test_packed_cells_are_small():
    assert len(pack(np.random.default_rng(0).integers(20, size=3000))) < 3200


def test_records_come_back_in_order(tmp_path, record):
    store = Records(tmp_path)
    written = [record(seed, [0, 1], 0.1 * seed) for seed in (10, 9, 0)]
    for one in written:
        store.write(one)
    assert list(store.all()) == written[::-1]
    assert store.path("toy", "cplmixvi", 9).exists()


def test_a_file_that_is_no_record_is_named(tmp_path, record):
    store = Records(tmp_path)
    store.write(record(0, [0, 1], 0.5))
    for text in ("{", "[]", "{}", json.dumps({"partitions": {"types": {"what": 1}}})):
        store.path("toy", "cplmixvi", 0).write_text(text)
        with pytest.raises(ValueError, match="0.json is not a record"):
            list(store.all())


def test_records_of_other_cells_are_not_mixed(tmp_path):
    store = Records(tmp_path)
    store.write_truth("toy", Truth(["a", "b"], pack([0, 1]), 7))
    store.write_truth("toy", Truth(["a", "b"], pack([0, 1]), 7))
    with pytest.raises(ValueError, match="other cells"):
        store.write_truth("toy", Truth(["a", "b"], pack([1, 1]), 7))
    assert unpack(store.truth("toy").codes).tolist() == [0, 1]
