import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from mixvi.model.curves import are_monotone, effects, slopes, spearman, stack_tables, summarise_curves, tidy_curves

STATE = np.array([-1.0, 0.0, 3.0])
#                  rises       falls        flat   turns back
CURVES = np.array([[0.0, 5.0, 2.0, 0.0], [1.0, 4.0, 2.0, 2.0], [4.0, 1.0, 2.0, 1.0]])


def test_slopes_by_hand():
    # mean state 2/3, sum of squares 26/3; the turning curve: (-5/3·0 - 2/3·2 + 7/3·1) / (26/3) = 1 / (26/3)
    np.testing.assert_allclose(slopes(STATE, CURVES), [1, -1, 0, 3 / 26], atol=1e-12)
    np.testing.assert_array_equal(slopes(np.ones(3), CURVES), np.zeros(4))


def test_rank_correlations_by_hand_and_as_in_scipy():
    np.testing.assert_allclose(spearman(STATE, CURVES), [1, -1, 0, 0.5], atol=1e-12)
    rng = np.random.default_rng(0)
    state, values = rng.standard_normal(50), rng.poisson(1.0, (50, 6))  # with ties
    np.testing.assert_allclose(spearman(state, values), [spearmanr(state, gene)[0] for gene in values.T])
    np.testing.assert_array_equal(spearman(np.ones(50), values), np.zeros(6))


def test_effects_and_monotony_by_hand():
    np.testing.assert_array_equal(effects(CURVES), [4, -4, 0, 1])
    assert are_monotone(CURVES).tolist() == [True, True, True, False]
    wiggle = np.array([[0.0, 0.0], [0.5, 0.5], [0.4999, 0.4], [1.0, 1.0]])
    assert are_monotone(wiggle).tolist() == [True, False]


def test_summary_keeps_curve_and_data_apart():
    observed = np.array([[9.0], [4.0], [1.0], [0.0]])
    summary = summarise_curves(STATE, CURVES[:, :1], np.array([1.0, 2, 3, 4]), observed, np.array(["a"]))
    (row,) = summary.to_dict("records")
    assert row.pop("gene") == "a"
    assert row == pytest.approx({"slope": 1, "effect": 4, "monotone": True, "rho_curve": 1, "rho_observed": -1})


def test_every_point_of_a_tidy_table_is_the_one_it_says():
    rng = np.random.default_rng(0)
    traversal = {
        "expression": rng.random((2, 2, 3, 4)),
        "state": rng.random((2, 2, 3)),
        "types": ["x", "y"],
        "dims": [1, 5],
        "genes": list("abcd"),
    }
    curves = tidy_curves(traversal)
    assert len(curves) == 48
    row = curves.query("type == 'y' and dim == 5 and step == 2 and gene == 'c'").iloc[0]
    assert row.expression == traversal["expression"][1, 1, 2, 2]
    assert row.state == traversal["state"][1, 1, 2]


def test_stacked_tables_have_text_as_categories():
    table = stack_tables([pd.DataFrame({"n": [1], "of": ["a"]}), pd.DataFrame({"n": [2], "of": ["b"]})], ["of"])
    assert list(table.columns) == ["of", "n"]
    assert table.index.tolist() == ["0", "1"]
    assert table["of"].dtype == "category"
