"""CascadeVI: CascadeVAE."""

from mixvi.model.published import Published
from mixvi.model.single import SingleArmVAEModel
from mixvi.module import CascadeVAE
from mixvi.train import CascadeTrainingPlan


class CascadeVI(SingleArmVAEModel):
    """CascadeVAE (Jeong and Song 2019): the encoder infers the state; the types of a batch are found by optimisation.

    State dimensions are opened one after the other. The discrete step is solved exactly, see
    :func:`mixvi.module.assign_categories`. Settings are those of the paper for images, and those of the supplement of
    the cpl-mixVAE paper (L.4) for expression, with a likelihood that fits the values.

    The schedule for images was published for dSprites. Where a state alone can tell the type, as of digits, it leaves
    nothing to the categories: let them come first, and let states hold less, see the example.

    Parameters
    ----------
    adata
        Cells × genes, prepared with :meth:`~mixvi.JointVI.setup_anndata`, or images × pixels from
        :func:`mixvi.images.to_anndata`.
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
        Arguments of :class:`~mixvi.module.CascadeVAE`, such as ``augmenter="vaegan"`` (the papers' CascadeVAE†).

    Raises
    ------
    ValueError
        If the data or an argument cannot be used.

    Examples
    --------
    >>> adata = mixvi.datasets.load("mnist")  # doctest: +SKIP
    >>> CascadeVI.setup_anndata(adata)  # doctest: +SKIP
    >>> model = CascadeVI(adata, n_categories=10)  # doctest: +SKIP
    >>> first = {"warmup_stages": 0, "state_weights": (2.0, 10.0)}
    >>> model.train(plan_kwargs=first)  # doctest: +SKIP
    """

    _module_cls = CascadeVAE
    _training_plan_cls = CascadeTrainingPlan
    _key_prefix = "cascade"
    published_for_images = Published(n_steps=300_000, batch_size=64, n_state=10)
    published_for_expression = Published(
        n_steps=40_000,
        batch_size=1000,
        n_state=2,
        module={"crowding": 0.1},
        plan={"lr": 1e-4, "ramp_steps": 10_000},
    )
