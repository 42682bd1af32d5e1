"""Writing files so that they are either whole or not there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder, and rename it to ``path`` when its writing has succeeded.

    Parameters
    ----------
    path
        The file to write; an older one is replaced only by a finished one.

    Yields
    ------
    The path to write to, with the same ending.

    Examples
    --------
    >>> with written_whole(Path("table.csv")) as temporary:  # doctest: +SKIP
    ...     frame.to_csv(temporary)
    """
    handle, name = tempfile.mkstemp(suffix=path.suffix, prefix=f".{path.stem}-", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
