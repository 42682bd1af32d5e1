"""What a run leaves behind: one JSON file a run, from which everything else is made."""

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np

from mixvi.files import written_whole

LIBRARIES = ("mixvi", "torch", "scvi-tools", "scanpy", "numpy")


@dataclass(frozen=True)
class Partition:
    """Types that a run found, and their scores.

    Parameters
    ----------
    n_types
        Number of types found.
    scores
        ``accuracy``, ``ARI`` and ``NMI`` on the cells that have a label.
    seconds
        Seconds that a user waits for these types, everything but reading the data included.
    cells
        Type of every cell, packed by ``pack``; None where it is not needed again.
    """

    n_types: int
    scores: dict[str, float]
    seconds: float
    cells: str | None = None


@dataclass(frozen=True)
class Record:
    """One run of a method on a data set with a seed.

    Parameters
    ----------
    data, method, seed
        What ran.
    settings
        The arguments that the method ran with.
    partitions
        The types found, by name; several where a method tries several resolutions.
    picked
        Name of the partition that was picked with the labels, if one was.
    seconds
        ``"wall"``, all of the run, and ``"train"``, the training of a model or the making of a representation.
    details
        Other measurements: history, agreement and confidence by type, recovery of planted states.
    versions
        Versions of the libraries.
    threads
        Number of threads.
    error
        What went wrong, if the run failed.
    """

    data: str
    method: str
    seed: int
    settings: dict = field(default_factory=dict)
    partitions: dict[str, Partition] = field(default_factory=dict)
    picked: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    details: dict = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=lambda: versions())
    threads: int = 1
    error: str | None = None


@dataclass(frozen=True)
class Truth:
    """The labels of a data set, kept beside its records.

    Parameters
    ----------
    labels
        Names of the labels, similar ones beside each other.
    codes
        Position in ``labels`` of every cell's label, -1 for none, packed by ``pack``.
    n_genes
        Number of genes.
    """

    labels: list[str]
    codes: str
    n_genes: int


def versions() -> dict[str, str]:
    """Versions of the libraries that results depend on."""
    return {name: version(name) for name in LIBRARIES}


def pack(cells: np.ndarray) -> str:
    """Pack small whole numbers, one a cell, into text: 16-bit, zlib, base64.

    Parameters
    ----------
    cells
        Numbers from -32,768 to 32,767, shape ``(cells,)``.

    Returns
    -------
    The text.

    Examples
    --------
    >>> unpack(pack([3, -1, 3])).tolist()
    [3, -1, 3]
    """
    return base64.b64encode(zlib.compress(np.asarray(cells, dtype="<i2").tobytes(), 9)).decode()


def unpack(text: str) -> np.ndarray:
    """Undo :func:`pack`.

    Parameters
    ----------
    text
        What :func:`pack` returned.

    Returns
    -------
    Numbers, shape ``(cells,)``.
    """
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype="<i2").astype(int)


class Records:
    """A folder of records: ``DATA/METHOD/SEED.json``, and ``DATA/truth.json``.

    Parameters
    ----------
    folder
        The folder; made when something is written.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, data: str, method: str, seed: int) -> Path:
        """Where the record of a run is."""
        return self.folder / data / method / f"{seed}.json"

    def write(self, record: Record) -> None:
        """Write a record, whole or not at all."""
        write_json(self.path(record.data, record.method, record.seed), asdict(record))

    def read(self, path: Path) -> Record:
        """Read a record.

        Raises
        ------
        ValueError
            If the file is no record.
        """
        try:
            content = json.loads(path.read_text())
            partitions = {name: Partition(**p) for name, p in content.pop("partitions").items()}
            return Record(**content, partitions=partitions)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is not a record of a run ({error}). Remove it, or run it again.") from error

    def all(self) -> Iterator[Record]:
        """All records, by data set, method and seed."""
        paths = self.folder.glob("*/*/*.json")
        for path in sorted(paths, key=lambda path: (path.parts[-3], path.parts[-2], int(path.stem))):
            yield self.read(path)

    def write_truth(self, data: str, truth: Truth) -> None:
        """Keep the labels of a data set.

        Raises
        ------
        ValueError
            If there are records already, of other cells or labels.
        """
        path = self.folder / data / "truth.json"
        if not path.exists():
            write_json(path, asdict(truth))
        elif self.truth(data) != truth:
            raise ValueError(f"The records in {path.parent} are of other cells or labels. Choose another folder.")

    def truth(self, data: str) -> Truth:
        """The labels of a data set."""
        return Truth(**json.loads((self.folder / data / "truth.json").read_text()))


def write_json(path: Path, content: dict) -> None:
    """Write a JSON file, whole or not at all, in a folder that is made.

    Parameters
    ----------
    path, content
        Where and what.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
