"""What a model knows, as numbers, text and containers of them: a file of these cannot hold code."""

from typing import Any

import numpy as np
import pandas as pd
import torch

from mixvi.augment import Affine
from mixvi.model.outliers import OutlierRule

TAG = "__mixvi__"  # key of a dictionary that stands for something else
NUMBERS, TIMES, TEXT = "biufc", "mM", "OU"  # kinds of numpy's types


class OwnCode:
    """Stands for a function of the user's, which a file does not hold.

    Parameters
    ----------
    name
        Where it was defined.
    """

    def __init__(self, name: str):
        self.name = name


def to_plain(value: Any, name: str = "value") -> Any:
    """Numbers, text, tensors, lists, tuples and dictionaries that stand for a value.

    Parameters
    ----------
    value
        Any of these, an array, a table, an :class:`~mixvi.model.outliers.OutlierRule`, an
        :class:`~mixvi.augment.Affine` or another callable, in containers or not. Of other callables only the name is
        kept.
    name
        What an error calls it.

    Returns
    -------
    What :func:`from_plain` makes the value from again.

    Raises
    ------
    TypeError
        If there is anything else in it.

    Examples
    --------
    >>> to_plain({"a": (1, "b")})
    {'a': (1, 'b')}
    """
    if value is None or type(value) in (bool, int, float, str, torch.Tensor):
        return value
    match value:
        case dict():
            if TAG in value:
                raise TypeError(f"{name} has a key {TAG!r}, which model files use themselves. Rename it.")
            if odd := [key for key in value if not (key is None or type(key) in (bool, int, float, str))]:
                raise TypeError(f"{name} has the key {odd[0]!r}; in model files keys are text or numbers.")
            return {key: to_plain(part, f"{name}[{key!r}]") for key, part in value.items()}
        case list() | tuple():
            parts = (to_plain(part, f"{name}[{i}]") for i, part in enumerate(value))
            return tuple(parts) if isinstance(value, tuple) else list(parts)
        case np.ndarray():
            return _plain_array(value, name)
        case np.generic():
            return {TAG: "scalar", "array": _plain_array(np.asarray(value), name)}
        case pd.DataFrame():
            columns = [_plain_array(value.iloc[:, i].to_numpy(), name) for i in range(value.shape[1])]
            return {TAG: "table", "names": _plain_index(value.columns), "index": _plain_index(value.index)} | {
                "columns": columns
            }
        case OutlierRule():
            return {TAG: "outlier_rule", "fields": to_plain(vars(value), name)}
        case Affine() if type(value) is Affine:
            return {TAG: "affine", "settings": to_plain(value.settings, name)}
        case _ if callable(value):
            kind = value if hasattr(value, "__qualname__") else type(value)
            return {TAG: "code", "name": f"{kind.__module__}.{kind.__qualname__}"}
    raise TypeError(
        f"{name} is a {type(value).__name__}, which model files do not hold: replace it by numbers or text."
    )


def from_plain(value: Any) -> Any:
    """The value that :func:`to_plain` was given; callables of unknown code are :class:`OwnCode`.

    Parameters
    ----------
    value
        What :func:`to_plain` returned.

    Returns
    -------
    The value.

    Raises
    ------
    KeyError, TypeError, ValueError
        If no value is described.
    """
    match value:
        case dict() if TAG in value:
            return _READERS[value[TAG]](value)
        case dict():
            return {key: from_plain(part) for key, part in value.items()}
        case list() | tuple():
            return type(value)([from_plain(part) for part in value])
    return value


def _plain_array(array: np.ndarray, name: str) -> dict:
    plain = {TAG: "array", "dtype": array.dtype.str, "shape": array.shape}
    if array.dtype.kind in NUMBERS:
        native = array.astype(array.dtype.newbyteorder("="), order="C").ravel()
        return plain | {"values": torch.from_numpy(native)}
    if array.dtype.kind in TIMES:
        return plain | {"values": torch.from_numpy(array.astype(np.int64).ravel())}
    if array.dtype.kind in TEXT:
        return plain | {"values": [to_plain(part, name) for part in array.ravel().tolist()]}
    raise TypeError(f"{name} is an array of {array.dtype}, which model files do not hold.")


def _array(plain: dict) -> np.ndarray:
    dtype, values = np.dtype(plain["dtype"]), plain["values"]
    if dtype.kind == "O":
        array = np.empty(len(values), object)
        for i, part in enumerate(values):
            array[i] = from_plain(part)
    elif dtype.kind == "U":
        array = np.array(values, dtype)
    elif dtype.kind in NUMBERS + TIMES:
        array = values.cpu().numpy().astype(dtype)
    else:
        raise TypeError(f"an array of {dtype}")
    return array.reshape(plain["shape"])


def _plain_index(index: pd.Index) -> dict:
    if isinstance(index, pd.RangeIndex):
        return {"name": index.name, "range": (index.start, index.stop, index.step)}
    return {"name": index.name, "values": _plain_array(index.to_numpy(), "an index")}


def _index(plain: dict) -> pd.Index:
    if "range" in plain:
        return pd.RangeIndex(*plain["range"], name=plain["name"])
    return pd.Index(_array(plain["values"]), name=plain["name"])


def _table(plain: dict) -> pd.DataFrame:
    columns = {i: _array(column) for i, column in enumerate(plain["columns"])}
    table = pd.DataFrame(columns, index=_index(plain["index"]))
    table.columns = _index(plain["names"])
    return table


_READERS = {
    "array": _array,
    "scalar": lambda plain: _array(plain["array"])[()],
    "table": _table,
    "outlier_rule": lambda plain: OutlierRule(**from_plain(plain["fields"])),
    "affine": lambda plain: Affine(**from_plain(plain["settings"])),
    "code": lambda plain: OwnCode(plain["name"]),
}
