"""What can be reached at all, on 600 cells by mass cytometry."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from mixvi.bench.data import Cells
from mixvi.bench.judging import Judge
from mixvi.bench.limits import run_separable, run_taught, run_twins
from mixvi.metrics import matched_accuracy


def test_a_taught_forest_knows_what_can_be_told(two_wells):
    cells = two_wells
    types = run_taught(cells, 0).found["types"].types
    known = cells.labels.notna().to_numpy()
    assert (cells.labels[known].astype(int).to_numpy() == types[known]).mean() > 0.98
    shuffled = cells.labels.copy()
    shuffled[known] = np.random.default_rng(0).permutation(cells.labels[known])
    blind = run_taught(Cells("toy", cells.adata, shuffled), 0).found["types"].types
    assert (shuffled[known].astype(int).to_numpy() == blind[known]).mean() < 0.5  # it is scored on cells held out


def test_twins_with_two_labels_are_taught_and_held_out_together(two_wells):
    """Each cell of a population is two rows with two labels: nobody can know which is whose, by the twin's neither."""
    one = two_wells
    twice = ad.concat([one.adata, one.adata], index_unique="-", merge="same")
    labels = pd.Series([*one.labels, *one.labels.where(one.labels != "0", "3")], twice.obs_names, dtype=object)
    cells, first = Cells("toy", twice, labels), labels.eq("0").to_numpy()
    guessed = run_taught(cells, 0).found["types"].types[first | labels.eq("3").to_numpy()]
    truth = labels[labels.isin(["0", "3"])].astype(int)
    assert 0.4 < (guessed == truth).mean() < 0.6
    held_out = np.isin(np.arange(1200), Judge(cells, twice.X, counts=False).held_out)
    known = labels.notna().to_numpy()
    assert (held_out == np.roll(held_out, 600))[known].all()
    types = run_twins(cells, 0).found["types"].types
    assert matched_accuracy(labels[labels.notna()], types[labels.notna()]) == pytest.approx(
        1 - first.sum() / labels.notna().sum()
    )


def test_labels_without_a_gap_are_merged(two_wells):
    cells = two_wells
    x = np.asarray(cells.adata.X)[:, 0]
    halves = cells.labels.mask(cells.labels.eq("0") & (x > np.median(x[cells.labels == "0"])), "3")
    types = run_separable(Cells("toy", cells.adata, halves), 0).found["types"].types
    known = cells.labels.notna()
    assert matched_accuracy(cells.labels[known], types[known]) == 1
