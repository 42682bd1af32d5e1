"""Reading files of cytometers."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from anndata.utils import make_index_unique


def read_fcs(path: str | os.PathLike) -> AnnData:
    """Read an ``.fcs`` file (versions 2.0 to 3.1).

    Needs the optional dependencies ``pip install mixvi[cytometry]``. Logarithmic channels, gains and the time step are
    made linear; nothing is compensated or transformed: see :func:`mixvi.cytometry.arcsinh`.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Cells × channels, single precision. ``.var["channel"]`` has the names of the channels (``$PnN``),
    ``.var["marker"]`` what they measure (``$PnS``; the channel where nothing is given), which also names the
    variables, made unique.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If FlowIO is not installed.
    ValueError
        If it is no ``.fcs`` file that can be read.

    Examples
    --------
    >>> adata = read_fcs("sample.fcs")  # doctest: +SKIP
    """
    try:
        import flowio
    except ImportError as error:
        raise ImportError("Reading .fcs files needs FlowIO: pip install 'mixvi[cytometry]'.") from error
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        data = flowio.FlowData(str(path))
        values = data.as_array().astype(np.float32)
    except (flowio.exceptions.FlowIOException, ValueError, KeyError, IndexError, OverflowError, EOFError) as error:
        raise ValueError(f"{path} cannot be read as an .fcs file ({type(error).__name__}: {error}).") from error
    channels = [name.strip() for name in data.pnn_labels]
    markers = [marker.strip() or name for marker, name in zip(data.pns_labels, channels, strict=True)]
    names = make_index_unique(pd.Index(markers))
    return AnnData(values, var=pd.DataFrame({"channel": channels, "marker": markers}, index=names))
