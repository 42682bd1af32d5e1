import numpy as np
import pytest
from sklearn.metrics import average_precision_score

CHANGE = {
    "proba_de",
    "bayes_factor",
    "scale1",
    "scale2",
    "lfc_mean",
    "is_de_fdr_0.05",
    "comparison",
    "group1",
    "group2",
}


def true_type(model, name):
    return int(model.adata.obs["type"][model.get_cell_types() == name].mode()[0])


def test_markers_tell_a_type_from_another(active):
    result = active.differential_expression(group1="0", group2="1", n_samples_overall=500)
    assert set(result.columns) >= CHANGE
    assert set(result["comparison"]) == {"0 vs 1"}
    assert result["proba_de"].is_monotonic_decreasing
    effects = active.adata.varm["effects"]
    planted = effects[:, true_type(active, "0")] - effects[:, true_type(active, "1")]
    lfc = result["lfc_mean"].reindex(active.adata.var_names)
    assert np.corrcoef(planted, lfc)[0, 1] > 0.9
    assert average_precision_score(planted != 0, lfc.abs()) > 0.9
    assert active.adata.uns["cpl_de"] is result


def test_one_type_against_the_rest_and_nothing_left_behind(active):
    columns = list(active.adata.obs)
    result = active.differential_expression(n_samples_overall=100)
    assert list(dict.fromkeys(result["comparison"])) == ["0 vs Rest", "1 vs Rest"]
    assert len(result) == 2 * active.adata.n_vars
    assert list(active.adata.obs) == columns


def test_activity_genes_tell_the_ends_of_a_state(active):
    result = active.differential_expression(mode="state", group1="0", n_samples_overall=500)
    assert set(result["comparison"]) == {"0 high vs 0 low"}
    slopes = active.adata.varm["slopes"][active.adata.var_names.get_indexer(result.index), true_type(active, "0"), 0]
    assert average_precision_score(slopes != 0, result["lfc_mean"].abs()) > 0.9
    follows = slopes != 0
    assert abs(np.corrcoef(np.sign(slopes[follows]), np.sign(result["lfc_mean"][follows]))[0, 1]) > 0.9


def test_vanilla_and_columns_of_the_user(active):
    new = active.adata[:200].copy()
    new.obs["mine"] = np.where(np.arange(200) < 50, "a", "b")
    new.obs.iloc[:3, new.obs.columns.get_loc("mine")] = None
    result = active.differential_expression(
        new, groupby="mine", group1="a", method="vanilla", all_stats=False, n_samples_overall=50
    )
    assert set(result.columns) == {
        *("proba_m1", "proba_m2", "bayes_factor", "scale1", "scale2", "comparison", "group1", "group2")
    }
    assert "cpl_de" in new.uns
    assert result.loc["gene1", "comparison"] == "a vs Rest"


def test_values_that_are_not_counts_are_subtracted(active_values):
    result = active_values.differential_expression(group1="0", n_samples_overall=500)
    kind, x = active_values.get_cell_types().to_numpy(), active_values.adata.X.toarray()
    expected = x[kind == "0"].mean(0) - x[kind == "1"].mean(0)
    lfc = result["lfc_mean"].reindex(active_values.adata.var_names)
    assert np.corrcoef(expected, lfc)[0, 1] > 0.95
    assert abs(np.polyfit(expected, lfc, 1)[0] - 1) < 0.2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "change"}, "mode='change' must be one of type, state. For scvi-tools' mode, pass method='change'"),
        ({"method": "both"}, "method='both' must be one of change, vanilla"),
        ({"mode": "state", "group2": "1"}, "leave groupby and group2 out"),
        ({"mode": "state", "dim": 3}, "dim=3 does not exist"),
        ({"group1": "9"}, "Group '9' has 0 cells, 5 are needed. There are 0, 1, 2"),
        ({"group1": "1", "group2": "1"}, "other than group2"),
    ],
)
def test_bad_arguments(trained, arguments, message):
    with pytest.raises(ValueError, match=message):
        trained.differential_expression(**arguments)


def test_a_group_of_all_cells_has_nothing_to_be_compared_with(trained, cells):
    cells.obs["mine"] = "all"
    with pytest.raises(ValueError, match="All cells but 0 are in group 'all'"):
        trained.differential_expression(cells, groupby="mine")
    assert "cpl_de" not in cells.uns
