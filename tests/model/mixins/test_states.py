import numpy as np
import pytest


def test_states_are_written_and_returned(trained):
    states = trained.get_states()
    assert states.shape == (120, 2)
    np.testing.assert_array_equal(trained.adata.obsm["X_cpl_state"], states)
    np.testing.assert_allclose(trained.get_states(batch_size=11), states, atol=1e-5)


def test_arms_have_states_of_their_own(trained):
    assert not np.allclose(trained.get_states(arm=0), trained.get_states(arm=1))
    with pytest.raises(ValueError, match="arms 0 to 1"):
        trained.get_states(arm=2)


def test_latent_space_holds_all_arms(trained):
    latent = trained.get_latent_representation()
    assert latent.shape == (120, 128)
    assert np.isfinite(latent).all()
