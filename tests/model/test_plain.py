"""Values as numbers and text, and back."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mixvi.augment import Affine
from mixvi.model.outliers import OutlierRule
from mixvi.model.plain import TAG, OwnCode, from_plain, to_plain

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
NAMES = st.text(max_size=4).filter(lambda name: name != TAG)
ARRAYS = hnp.arrays(
    st.sampled_from(["i1", "u2", "i8", ">i4", "f4", "f8", "<f2", "?", "c8", "M8[ns]", "m8[s]", "U3"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
VALUES = st.recursive(
    LEAVES | ARRAYS,
    lambda parts: st.lists(parts, max_size=3) | st.tuples(parts, parts) | st.dictionaries(NAMES, parts, max_size=3),
    max_leaves=8,
)


def same(first, second) -> bool:
    if isinstance(first, np.ndarray):
        equal = first.dtype.newbyteorder("=") == second.dtype.newbyteorder("=") and first.shape == second.shape
        return equal and first.tobytes() == second.astype(first.dtype).tobytes()
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list | tuple):
        return type(first) is type(second) and len(first) == len(second) and all(map(same, first, second))
    return type(first) is type(second) and (first == second or first != first)


@settings(deadline=None, max_examples=100)
@given(VALUES)
def test_values_come_back_through_a_file_of_weights(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("plain", numbered=True) / "value.pt"
    torch.save(to_plain(value), path)
    assert same(value, from_plain(torch.load(path, weights_only=True)))
    path.unlink()


def test_arrays_of_objects_and_numbers_of_numpy():
    mixed = np.array([["a", 1], [None, (2, 3)]], dtype=object)
    back = from_plain(to_plain({"mixed": mixed, "one": np.float32(0.1), "none": np.array([], object)}))
    assert back["mixed"].tolist() == mixed.tolist()
    assert type(back["one"]) is np.float32
    assert back["one"] == np.float32(0.1)
    assert back["none"].dtype == object


@pytest.mark.parametrize(
    "index", [pd.RangeIndex(3, name="epoch"), pd.Index([5, 6, 9], name="epoch", dtype=object), pd.Index(list("abc"))]
)
def test_tables(index):
    table = pd.DataFrame({"a": [1, 2, 3], "b": np.array([0.5, None, 2], object), "c": list("xyz")}, index=index)
    pd.testing.assert_frame_equal(from_plain(to_plain(table)), table)


def test_outlier_rule():
    rule = OutlierRule(np.arange(2, dtype=np.float32), np.eye(2, dtype=np.float32), 1.5)
    back = from_plain(to_plain(rule))
    assert back.limit == 1.5
    assert same(vars(back), vars(rule))


def test_affine_copies():
    anywhere = Affine((5, 7, 3), rotation=180, scaling=0.4, shear=np.float64(3), shift=1, about="object")
    assert vars(from_plain(to_plain(anywhere))) == vars(anywhere)

    class Own(Affine):
        pass

    assert isinstance(from_plain(to_plain(Own((5, 7)))), OwnCode)


def test_of_code_only_the_name_is_kept():
    code = from_plain(to_plain({"function": same}))["function"]
    assert isinstance(code, OwnCode)
    assert code.name.endswith("test_plain.same")
    assert from_plain(to_plain(torch.nn.ReLU())).name == "torch.nn.modules.activation.ReLU"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [slice(3)]}, r"value\['a'\]\[0\] is a slice"),
        ({1, 2}, "is a set"),
        (np.array([object()]), "is a object"),
        (np.zeros(2, "V3"), "array of |V3"),
        ({("a", "b"): 1}, r"the key \('a', 'b'\)"),
        ({TAG: 1}, "Rename it"),
    ],
)
def test_anything_else_is_refused(value, message):
    with pytest.raises(TypeError, match=message):
        to_plain(value)
