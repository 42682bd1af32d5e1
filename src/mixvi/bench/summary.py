"""Records of several seeds in one row."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from mixvi.bench.methods import METHODS
from mixvi.bench.records import Record, unpack
from mixvi.metrics import pairwise_ari

SCORES = ("accuracy", "ARI", "NMI")
PICKED = "picked with the labels"
REPRESENTED = {
    "log_pcs": "log-normalised PCs",
    "pearson_pcs": "Pearson residuals",
    "scvi": "scVI's latent",
    "markers": "markers",
    "pixel_pcs": "principal components of the pixels",
}
TITLES = {
    "cplmixvi": "CplMixVI",
    "moesimvi": "MoESimVI",
    "moesimvi_k": "MoESimVI, number of labels given",
    "moesimvi_bound": "MoESimVI, 10/7 of the labels as upper bound",
    "jointvi": "JointVI, number of labels given",
    "cascadevi": "CascadeVI, number of labels given",
    "infoganvi": "InfoGANVI, number of labels given",
    "vadevi": "VaDEVI, number of labels given",
    "flowsom": "FlowSOM, number of labels given",
    "flowsom_bound": "FlowSOM, 10/7 of the labels",
    "phenograph": "PhenoGraph",
    "taught": "random forest that is taught the labels, on cells held out",
    "twins": "labels, but for which is whose among identical cells",
    "separable": "labels, merged where no gap is between their cells",
}
DETAILS = {  # of some data sets, and what a table calls them
    "labels_found": "labels found",
    "state_recovery": "state recovery",
    "mean_f1": "mean F1",
    "flowcap_f": "FlowCAP F",
}


@dataclass(frozen=True)
class Row:
    """A method, or one way to cluster its representation, over seeds.

    Parameters
    ----------
    data, method, title
        What it is.
    measures
        Values over seeds of ``accuracy``, ``ARI``, ``NMI``, ``types``, ``seconds``, ``labels_found`` and
        ``state_recovery``, ``mean_f1`` and ``flowcap_f``, where there are any.
    stability
        Mean adjusted Rand index between pairs of seeds; NaN for a single one.
    n_seeds
        Number of runs that succeeded.
    n_failed
        Number of runs that failed.
    picked
        Whether labels picked the partition.
    """

    data: str
    method: str
    title: str
    measures: dict[str, list[float]]
    stability: float
    n_seeds: int
    n_failed: int
    picked: bool = False

    def mean(self, measure: str) -> float:
        """Mean over seeds; NaN if there is none."""
        values = self.measures.get(measure, [])
        return float(np.mean(values)) if values else float("nan")

    def text(self, measure: str, digits: int = 3) -> str:
        """Mean ± standard deviation over seeds (n - 1), or a dash."""
        return mean_and_spread(self.measures.get(measure, []), digits)


def mean_and_spread(values: list[float], digits: int = 3) -> str:
    """Mean ± standard deviation (n - 1) of what was measured, or a dash.

    Parameters
    ----------
    values
        Values over seeds.
    digits
        Digits after the point.

    Returns
    -------
    The text.

    Examples
    --------
    >>> mean_and_spread([0.25, 0.75], 2)
    '0.50 ± 0.35'
    """
    if not values:
        return "–"
    spread = f" ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{digits}f}{spread}"


def summarised(records: Iterable[Record]) -> list[Row]:
    """Rows of all records, data sets by name, and methods in their usual order.

    Parameters
    ----------
    records
        Records of any data sets, methods and seeds.

    Returns
    -------
    The rows.
    """
    order = {name: position for position, name in enumerate(METHODS)}

    def key(record: Record) -> tuple:
        return record.data, order.get(record.method, len(order)), record.method

    rows = []
    for _, runs in groupby(sorted(records, key=lambda record: (*key(record), record.seed)), key):
        rows += _rows(list(runs))
    return rows


def _rows(runs: list[Record]) -> list[Row]:
    """Rows of one method on one data set: one, or three for a representation."""
    succeeded = [run for run in runs if run.error is None]
    names = ["types"]
    if runs[0].method in REPRESENTED:
        names = ["picked", "leiden_1", "kmeans"] if succeeded else ["picked"]
    return [_row(runs, succeeded, name) for name in names]


def _row(runs: list[Record], succeeded: list[Record], name: str) -> Row:
    parts = [run.partitions[run.picked if name == "picked" else name] for run in succeeded]
    measures = {score: [part.scores[score] for part in parts] for score in SCORES}
    measures |= {"types": [part.n_types for part in parts], "seconds": [part.seconds for part in parts]}
    for detail in DETAILS:
        values = [run.details.get(detail) for run in succeeded]
        measures[detail] = [value for value in values if value is not None]
    return Row(
        runs[0].data,
        runs[0].method,
        _title(runs[0].method, name),
        measures,
        pairwise_ari([unpack(part.cells) for part in parts]),
        len(succeeded),
        len(runs) - len(succeeded),
        picked=name == "picked",
    )


def _title(method: str, name: str) -> str:
    if method not in REPRESENTED:
        return TITLES.get(method, f"CplMixVI, {method}")
    how = {
        "picked": f"Leiden, resolution {PICKED},",
        "leiden_1": "Leiden, resolution 1,",
        "kmeans": "k-means, number of labels given,",
    }[name]
    return f"{how} on {REPRESENTED[method]}"
