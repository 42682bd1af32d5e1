from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

HEADER = 58  # bytes


@pytest.fixture
def write_fcs(tmp_path) -> Callable[..., Path]:
    """Writes cells × channels as an FCS 3.1 file, byte by byte; gives its path."""
    pytest.importorskip("flowio", reason="reading .fcs files needs FlowIO")

    def write(
        name: str,
        values: np.ndarray,
        channels: list[str],
        markers: list[str],
        endian: str = "<",
        more: dict[str, str] | None = None,
    ) -> Path:
        data = values.astype(f"{endian}f4").tobytes()
        text = _text(len(values), channels, markers, endian, more or {}, len(data), 0)
        text = _text(len(values), channels, markers, endian, more or {}, len(data), HEADER + len(text))
        begin = HEADER + len(text)
        positions = (HEADER, begin - 1, begin, begin + len(data) - 1, 0, 0)
        header = "FCS3.1    " + "".join(f"{position:8d}" for position in positions)
        path = tmp_path / name
        path.write_bytes(header.encode() + text.encode() + data)
        return path

    return write


def _text(
    n_cells: int, channels: list[str], markers: list[str], endian: str, more: dict[str, str], n_bytes: int, begin: int
) -> str:
    """The keywords; as long for any ``begin`` of the data."""
    words = {
        "$BEGINDATA": f"{begin:08d}",
        "$ENDDATA": f"{begin + n_bytes - 1:08d}",
        "$BEGINANALYSIS": "0",
        "$ENDANALYSIS": "0",
        "$BEGINSTEXT": "0",
        "$ENDSTEXT": "0",
        "$NEXTDATA": "0",
        "$MODE": "L",
        "$DATATYPE": "F",
        "$BYTEORD": "1,2,3,4" if endian == "<" else "4,3,2,1",
        "$TOT": str(n_cells),
        "$PAR": str(len(channels)),
    }
    for position, (channel, marker) in enumerate(zip(channels, markers, strict=True), 1):
        words |= {f"$P{position}N": channel, f"$P{position}B": "32", f"$P{position}E": "0,0", f"$P{position}R": "1024"}
        if marker:
            words[f"$P{position}S"] = marker
    return "|" + "".join(f"{word}|{value}|" for word, value in (words | more).items())
