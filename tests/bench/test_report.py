import dataclasses

import pytest

from mixvi.bench.records import Records, Truth, pack, write_json
from mixvi.bench.report import write_report


@pytest.fixture
def folder(tmp_path, record):
    """Records made by hand: two seeds of CplMixVI, one of Leiden, and a failure with a bar in its message."""
    store = Records(tmp_path / "records")
    store.write_truth("zeisel2015", Truth(["a", "b"], pack([0, 0, 1, -1]), 1234))
    details = {
        "history": {"epoch": [1, 2], "agreement_train": [0.5, 0.9]},
        "by_type": {"n_cells": [2, 2], "agreement": [0.9, 1.0], "confidence": [0.8, 1.0]},
    }
    for seed, accuracy in enumerate((0.5, 0.7)):
        run = record(seed, [0, 0, 1, 1], accuracy, data="zeisel2015", ari=0.6)
        store.write(dataclasses.replace(run, details=details))
    store.write(record(0, [0, 1, 1, 1], 0.5, method="log_pcs", data="zeisel2015", ari=0.4))
    store.write(record(0, [0, 1, 1, 1], 0.55, method="separable", data="zeisel2015", ari=0.4))
    failed = record(0, [0, 1, 1, 1], 0.5, method="n_arms=3", data="zeisel2015")
    store.write(dataclasses.replace(failed, partitions={}, error="ValueError: a|b\nmore"))
    return store.folder


def test_the_page_by_hand(folder, tmp_path):
    page = write_report(folder, tmp_path).read_text()
    assert "4 cells (3 with a label) × 1,234 genes, 2 labels" in page
    # mean of .5 and .7 is .6, s.d. sqrt(.02) = .141
    assert (
        "| CplMixVI | 0.600 ± 0.141 | 0.600 ± 0.000 | 0.500 ± 0.000 | 2.0 ± 0.0 | 1.000 | 10.0 ± 0.0 | 2 | 0 |" in page
    )
    assert "| Leiden, resolution 1, on log-normalised PCs | 0.500 | 0.400 | 0.500 | 2.0 | – | 10.0 | 1 | 0 |" in page
    assert "| zeisel2015 | n_arms=3 | 0 | ValueError: a\\|b |" in page
    assert "| zeisel2015 | cplmixvi | accuracy | 0.58 | 0.600 | yes | separable 0.550 |" in page
    assert "| zeisel2015 | cplmixvi | NMI | 0.69 | 0.500 | no |" in page
    assert "| zeisel2015 | cplmixvi | ARI of the best picked Leiden | 0.400 | 0.600 | yes |" in page
    assert "| paul2015 | cplmixvi | ARI | 0.47 | – | not run |  |" in page
    assert "| simulated115 | cplmixvi | labels_found | 0.9 | – | not run |  |" in page
    for name in ("time", "confusion", "agreement"):
        assert f"_static/benchmarks/zeisel2015_{name}.png" in page


def test_the_same_records_give_the_same_files(folder, tmp_path):
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_report(folder, tmp_path / name)
        files = sorted((tmp_path / name).rglob("*.*"))
        contents.append([(path.relative_to(tmp_path / name), path.read_bytes()) for path in files])
    assert len(contents[0]) == 4
    assert contents[0] == contents[1]


def test_no_records_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no records"):
        write_report(tmp_path / "nothing", tmp_path)
    assert not (tmp_path / "benchmarks.md").exists()


def test_copies_are_averaged_over_seeds(folder, tmp_path):
    for seed, copies in enumerate((0.4, 0.8)):
        labels = {"finest": {"original": 0.8, "copies": copies, "preserved": copies / 0.8}}
        distances = {"copy_cell": 1.0, "copy_copy": 1.2, "nearest_cell": 2.0, "random_cells": 8.0}
        write_json(folder / "augment/toy/vaegan" / f"{seed}.json", {"labels": labels, "distances": distances})
    page = write_report(folder, tmp_path).read_text()
    assert "| toy | vaegan | finest | 0.800 | 0.600 | 0.750 | 0.50 | 0.60 | 4.00 | 2 |" in page
