import dataclasses
import math

import pytest

from mixvi.bench.summary import summarised


def test_mean_deviation_and_stability_by_hand(record):
    # accuracies .5 .6 .7: mean .6, s.d. .1; ARI of the runs 1, 0, 0: mean 1/3; seconds 1 2 6: mean 3, s.d. sqrt(7)
    runs = [
        record(0, [0, 0, 1, 1], 0.5, seconds=1.0),
        record(1, [1, 1, 0, 0], 0.6, seconds=2.0),
        record(2, [0, 0, 0, 1], 0.7, seconds=6.0),
    ]
    (row,) = summarised(runs[::-1])
    assert row.text("accuracy") == "0.600 ± 0.100"
    assert row.text("seconds", 1) == "3.0 ± 2.6"
    assert row.stability == pytest.approx(1 / 3)
    assert (row.n_seeds, row.n_failed, row.title) == (3, 0, "CplMixVI")


def test_failed_runs_are_counted_and_not_averaged(record):
    failed = dataclasses.replace(record(1, [0, 1], 0.0), partitions={}, error="ValueError: no")
    (row,) = summarised([record(0, [0, 1], 0.5), failed])
    assert (row.text("accuracy"), row.n_seeds, row.n_failed) == ("0.500", 1, 1)
    assert math.isnan(row.stability)
    (row,) = summarised([failed])
    assert (row.text("accuracy"), row.n_seeds, row.n_failed) == ("–", 0, 1)


def test_representations_have_three_rows_and_methods_an_order(record):
    rows = summarised([record(0, [0, 1], 0.5, method="n_arms=3"), record(0, [0, 1], 0.5, method="log_pcs")])
    assert [row.title.split(",")[0] for row in rows] == ["Leiden", "Leiden", "k-means", "CplMixVI"]
    assert [row.picked for row in rows] == [True, False, False, False]
    assert "picked with the labels" in rows[0].title
