"""JointVI: JointVAE."""

from mixvi.model.published import Published
from mixvi.model.single import SingleArmVAEModel
from mixvi.module import JointVAE
from mixvi.train import JointTrainingPlan


class JointVI(SingleArmVAEModel):
    """JointVAE (Dupont 2018): one arm, whose divergences are held at capacities that grow in training.

    The state does not depend on the type. Settings are those of the paper (digits) for images, and those of the
    supplement of the cpl-mixVAE paper (L.4) for expression, with a likelihood that fits the values.

    For dSprites the paper has ``JointVI(adata, n_categories=3, n_state=6)`` and ``train(max_steps=345_600,
    plan_kwargs={"state_capacity": (0, 40), "category_capacity": (0, 1.1), "capacity_steps": 300_000,
    "capacity_weight": 150})``.

    Parameters
    ----------
    adata
        Cells × genes, prepared with :meth:`setup_anndata`, or images × pixels from :func:`mixvi.images.to_anndata`.
    n_categories
        Number of types. If None, 10 for images, else the square root of the number of cells, from 10 to 200.
    n_state
        Dimensions of the state. If None, 2, but 10 for images.
    likelihood
        As in :class:`mixvi.CplMixVI`.
    seed
        Everything random follows from it.
    registry
        Used by scvi-tools when a model is loaded without data.
    **module_kwargs
        Arguments of :class:`~mixvi.module.JointVAE`, such as ``network="dense"`` (the papers' JointVAE‡) or
        ``augmenter="vaegan"`` (JointVAE†).

    Raises
    ------
    ValueError
        If the data or an argument cannot be used.

    Examples
    --------
    >>> adata = mixvi.datasets.load("mnist")  # doctest: +SKIP
    >>> JointVI.setup_anndata(adata)  # doctest: +SKIP
    >>> model = JointVI(adata, n_categories=10)  # doctest: +SKIP
    >>> model.train()  # doctest: +SKIP
    """

    _module_cls = JointVAE
    _training_plan_cls = JointTrainingPlan
    _key_prefix = "joint"
    published_for_images = Published(n_steps=93_800, batch_size=64, n_state=10)
    published_for_expression = Published(
        n_steps=40_000,
        batch_size=1000,
        n_state=2,
        module={"temperature": 1.0},
        plan={
            "lr": 1e-3,
            "state_capacity": (0.0, 50.0),
            "category_capacity": (0.0, 10.0),
            "capacity_steps": 10_000,
            "capacity_weight": 100.0,
        },
    )
