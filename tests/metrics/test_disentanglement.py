import numpy as np
import pytest

from mixvi.metrics import disentanglement_score, gini_variance

GRID = np.stack(np.meshgrid(np.arange(3), np.arange(6), np.arange(8), indexing="ij"), -1).reshape(-1, 3)
SHAPE, STATES = GRID[:, 0], GRID[:, 1:].astype(float)
NOISE = np.random.default_rng(0).normal(size=len(GRID))


def test_gini_variance_by_hand():
    assert gini_variance([0, 0, 1, 2]) == (16 - 6) / (2 * 4 * 3)
    assert gini_variance([1, 1]) == 0
    assert gini_variance(list("abcd")) == 0.5


def test_latents_that_are_factors_score_one():
    assert disentanglement_score(STATES, [1, 1], SHAPE, GRID) == 1


def test_latents_that_say_nothing_score_as_chance():
    noise = np.random.default_rng(1).normal(size=STATES.shape)
    assert disentanglement_score(noise, [1, 1], np.arange(len(GRID)) % 5, GRID) < 0.5


def test_a_rotated_state_scores_less():
    turned = STATES / STATES.std(0) @ np.array([[1, 1], [1, -1]])
    score = disentanglement_score(turned, [1, 1], SHAPE, GRID)
    assert 0.6 < score < 0.9  # the category still is a factor


def test_dimensions_that_are_not_used_do_not_count():
    constant = np.c_[STATES, 1e-6 * NOISE]
    kept = disentanglement_score(constant, [1, 1, 0.1], SHAPE, GRID)
    assert kept == disentanglement_score(STATES, [1, 1], SHAPE, GRID)


def test_one_category_and_one_valued_factors_are_no_help():
    with_colour = np.c_[np.zeros(len(GRID), int), GRID]
    one = disentanglement_score(STATES, [1, 1], np.zeros(len(GRID)), with_colour)
    assert one == pytest.approx(2 / 3, abs=0.01)  # votes for the shape go anywhere


def test_scale_of_a_dimension_does_not_matter_and_the_seed_decides():
    mixed = STATES + 0.5 * NOISE[:, None]
    score = disentanglement_score(mixed, [1, 1], SHAPE, GRID, n_votes=90, seed=3)
    assert score == disentanglement_score(mixed * [100, 0.01], [1, 1], SHAPE, GRID, n_votes=90, seed=3)


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="do not fit"):
        disentanglement_score(STATES, [1], SHAPE, GRID)
    with pytest.raises(ValueError, match="At least two factors"):
        disentanglement_score(STATES, [1, 1], SHAPE, GRID[:, :1])
