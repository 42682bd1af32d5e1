"""The papers' methods and their variants as models of this package: what is told to a model and its training."""

from dataclasses import dataclass, field

from scvi.model.base import BaseModelClass

from mixvi.model import CascadeVI, CplMixVI, InfoGANVI, JointVI, MoESimVI, VaDEVI


@dataclass(frozen=True)
class Recipe:
    """A model, and how it departs from its defaults.

    Parameters
    ----------
    model_class
        A class of :mod:`mixvi`.
    model, train
        Arguments of the model and of its ``train``, on any data; an augmenter that is a dict stands for affine copies.
    model_of_cells, train_of_cells
        Further ones for data that are not images.
    """

    model_class: type[BaseModelClass]
    model: dict = field(default_factory=dict)
    train: dict = field(default_factory=dict)
    model_of_cells: dict = field(default_factory=dict)
    train_of_cells: dict = field(default_factory=dict)

    def arguments(self, images: bool) -> tuple[dict, dict]:
        """Arguments of the model and of its training, for images or other data."""
        if images:
            return dict(self.model), dict(self.train)
        return self.model | self.model_of_cells, self.train | self.train_of_cells


def coupled(**model) -> Recipe:
    """CplMixVI with the objective and the settings of the paper (supplement L), and further arguments of the model."""
    plan = {"lr": 1e-4, "decay_share": 0.0, "n_epochs_kl_warmup": None, "n_steps_kl_warmup": None}
    return Recipe(
        CplMixVI,
        model={
            "coupling": "aitchison",
            "coupling_weight": 1.0,
            "augmenter": "vaegan",
            "temperature": 0.67,
            "smoothness_weight": 0.0,
        }
        | model,
        train={"start": "random", "batch_size": 256, "plan_kwargs": plan},
        model_of_cells={"temperature": 1.0},
        train_of_cells={"batch_size": 1000, "plan_kwargs": plan | {"lr": 1e-3}},
    )


SPRITES = {  # JointVAE as published for dSprites
    "state_capacity": (0.0, 40.0),
    "category_capacity": (0.0, 1.1),
    "capacity_steps": 300_000,
    "capacity_weight": 150.0,
}
LONG = {"category_capacity": (0.0, 15.0), "capacity_steps": 20_000}  # JointVAE on 10X MOp, supplement L.4
ROTATION = {"rotation": 20.0, "scaling": 0.0, "shear": 0.0, "shift": 0.0}  # affine copies, see mixvi.augment.Affine
ANY_POSE = {"rotation": 180.0, "scaling": 0.4, "shear": 0.0, "shift": 12.0, "about": "object"}
FITTING = {"plan_kwargs": {"state_capacity": (0.0, 5.0), "capacity_weight": 10.0}}  # JointVAE on cells, see baselines

RECIPES: dict[str, Recipe] = {
    "cplmixvi": Recipe(CplMixVI),
    "cplmixvi-pruned": Recipe(CplMixVI, train={"prune": True}),
    "cplmixvi-pose": Recipe(
        CplMixVI,
        model={"augmenter": ANY_POSE, "network": "convolutional", "smoothness_weight": 0.0},
        train={"batch_size": 64},
    ),
    "cpl-mixvae": coupled(),
    "cpl-mixvae-shared": coupled(shared_arms=True),
    "cpl-mixvae-rotation": coupled(augmenter=ROTATION),
    "cpl-mixvae-independent": coupled(type_dependent_state=False),
    "jointvae": Recipe(JointVI),
    "jointvae-sprites": Recipe(JointVI, train={"plan_kwargs": SPRITES}),
    "jointvae-long": Recipe(JointVI, train_of_cells={"plan_kwargs": LONG}),
    "jointvae-fitting": Recipe(JointVI, train_of_cells=FITTING),
    "jointvae-augmented": Recipe(JointVI, model={"augmenter": "vaegan"}),
    "jointvae-dense": Recipe(JointVI, model={"network": "dense", "n_hidden": (400, 400)}),
    "cascadevae": Recipe(CascadeVI),
    "cascadevae-augmented": Recipe(CascadeVI, model={"augmenter": "vaegan"}),
    "infogan": Recipe(InfoGANVI),
    "vade": Recipe(VaDEVI),
    "moesimvi": Recipe(MoESimVI),
    **{
        f"cascadevae-after{stages}-weight{weight:g}": Recipe(
            CascadeVI, train={"plan_kwargs": {"warmup_stages": stages, "state_weights": (weight, 10.0)}}
        )
        for stages, weight in ((0, 0.1), (0, 2.0), (1, 2.0))
    },
    **{f"cpl-mixvae-weight{weight:g}": coupled(coupling_weight=weight) for weight in (0.1, 0.5, 2.0, 5.0, 10.0)},
    **{f"cpl-mixvae-arms{n_arms}": coupled(n_arms=n_arms) for n_arms in (3, 5)},
    **{
        f"jointvae-capacity{capacity:g}": Recipe(
            JointVI, train={"plan_kwargs": {"category_capacity": (0.0, float(capacity))}}
        )
        for capacity in (1, 2, 10, 25)
    },
}
