import numpy as np
import pytest

from mixvi.datasets import simulate_modalities, simulate_types_and_states


def test_sizes_types_and_lacking_cells():
    mdata = simulate_modalities([40, 30, 30], n_genes=60, n_features=12, missing=0.2)
    assert mdata.obs["type"].value_counts().to_dict() == {"0": 40, "1": 30, "2": 30}
    assert mdata["ephys"].shape == (80, 12)
    assert mdata["rna"].n_obs == 100
    assert (mdata.obs_names == mdata["rna"].obs_names).all()


def test_lacking_cells_change_nothing_else():
    whole, part = (simulate_modalities([40, 30, 30], missing=missing) for missing in (0.0, 0.5))
    np.testing.assert_array_equal(whole["rna"].X.toarray(), part["rna"].X.toarray())
    np.testing.assert_array_equal(whole["ephys"][part["ephys"].obs_names].X, part["ephys"].X)
    assert (whole.obs["type"] == part.obs["type"]).all()


def test_types_that_a_modality_does_not_tell_apart():
    mdata = simulate_modalities([300, 300, 300], same_in_rna=[(0, 1)], same_in_ephys=[(1, 2)], missing=0)
    kind = mdata.obs["type"].to_numpy()
    effects = mdata["ephys"].varm["effects"]
    np.testing.assert_array_equal(effects[:, 1], effects[:, 2])
    spread = mdata["ephys"].X.std(0)
    ephys = [mdata["ephys"].X[kind == name].mean(0) / spread for name in "012"]
    assert np.abs(ephys[1] - ephys[2]).max() < 0.25 < 1 < np.abs(ephys[0] - ephys[1]).max()
    rna = [np.log1p(mdata["rna"].X[kind == name].toarray()).mean(0) for name in "012"]
    assert np.abs(rna[0] - rna[1]).max() < 0.25 < 1 < np.abs(rna[1] - rna[2]).max()


def test_states_are_the_modalities_own():
    mdata = simulate_modalities([500], missing=0)
    rna, ephys = (mdata[name].obsm["states"][:, 0] for name in ("rna", "ephys"))
    assert abs(np.corrcoef(rna, ephys)[0, 1]) < 0.15
    values = mdata["ephys"].X
    assert np.abs([np.corrcoef(ephys, values[:, i])[0, 1] for i in range(values.shape[1])]).max() > 0.5


def test_the_transcriptome_is_that_of_the_other_simulator():
    sizes = [20, 30]
    expected = simulate_types_and_states(sizes, n_genes=80, n_batches=2)
    mdata = simulate_modalities(sizes, n_genes=80, n_batches=2)
    np.testing.assert_array_equal(mdata["rna"].X.toarray(), expected.X.toarray())
    assert (mdata.obs["type"].to_numpy() == expected.obs["type"].to_numpy()).all()
    assert (mdata.obs["batch"].to_numpy() == expected.obs["batch"].to_numpy()).all()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"missing": 1.0}, "missing=1.0"),
        ({"same_in_rna": [(0, 5)]}, "same_in_rna must name each of the types 0 to 1 once"),
        ({"same_in_ephys": [(0, 1), (1,)]}, "same_in_ephys must name"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        simulate_modalities([10, 10], **kwargs)
