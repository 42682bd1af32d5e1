import numpy as np
import pandas as pd

from mixvi.bench.coupled import KEPT, run_cplmixvi, thinned
from mixvi.bench.scoring import scored
from mixvi.bench.variants import VARIANTS, Variant


def test_histories_keep_their_ends():
    history = {name: pd.DataFrame({name: np.arange(1000.0)}) for name in KEPT}
    kept = thinned(history)
    assert len(kept["epoch"]) == 50
    assert (kept["epoch"][0], kept["epoch"][-1]) == (1, 1000)
    assert kept["elbo_train"] == [epoch - 1 for epoch in kept["epoch"]]
    assert thinned({name: frame[:3] for name, frame in history.items()})["epoch"] == [1, 2, 3]


def test_variants_change_what_they_name(cells):
    quick = {"max_epochs": 1}
    for name in ("categories=given", "n_arms=3", "literal"):
        variant = VARIANTS[name]
        outcome = run_cplmixvi(
            cells, 0, Variant(variant.model, variant.train | quick, categories_given=variant.categories_given)
        )
        model = outcome.settings["model"]
        assert variant.model.items() <= model.items()
        if variant.categories_given:
            assert model["n_categories"] == 3
        assert outcome.states.shape == (200, 2)


def test_planted_truth_is_scored(cells):
    record = scored(cells, "cplmixvi", 0, run_cplmixvi(cells, 0, Variant(train={"max_epochs": 30})), 1.0)
    assert record.partitions["types"].scores["ARI"] > 0.9
    assert record.details["labels_found"] == 1
    assert record.details["state_recovery"] > 0.5
