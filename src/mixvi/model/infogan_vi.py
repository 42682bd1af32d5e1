"""InfoGANVI: InfoGAN."""

from typing import NoReturn

from mixvi.model.published import Published
from mixvi.model.single import SingleArmModel
from mixvi.module import InfoGAN
from mixvi.train import InfoGANTrainingPlan


class InfoGANVI(SingleArmModel):
    """InfoGAN (Chen et al. 2016): a generator whose cells tell from which codes they were made.

    The type of a cell is read from it by ``Q(c|x)``, the state is the mean of ``Q(s|x)``. Settings are those of the
    paper (digits). Expression was not among the paper's data: networks are fully connected there, and the discriminator
    looks at principal components of cells that are drawn from the likelihood.

    There is no bound, so no ``get_elbo``.

    Parameters
    ----------
    adata
        Cells × genes, prepared with :meth:`~mixvi.JointVI.setup_anndata`, or images × pixels from
        :func:`mixvi.images.to_anndata`.
    n_categories
        Number of types. If None, 10 for images, else the square root of the number of cells, from 10 to 200.
    n_state
        Dimensions of the state. If None, 2.
    likelihood
        As in :class:`mixvi.CplMixVI`.
    seed
        Everything random follows from it.
    registry
        Used by scvi-tools when a model is loaded without data.
    **module_kwargs
        Arguments of :class:`~mixvi.module.InfoGAN`.

    Raises
    ------
    ValueError
        If the data or an argument cannot be used.

    Examples
    --------
    >>> adata = mixvi.datasets.load("mnist")  # doctest: +SKIP
    >>> InfoGANVI.setup_anndata(adata)  # doctest: +SKIP
    >>> model = InfoGANVI(adata, n_categories=10)  # doctest: +SKIP
    >>> model.train()  # doctest: +SKIP
    """

    _module_cls = InfoGAN
    _training_plan_cls = InfoGANTrainingPlan
    _key_prefix = "infogan"
    published_for_images = Published(n_steps=120_000, batch_size=128, n_state=2)
    published_for_expression = Published(n_steps=40_000, batch_size=128, n_state=2)

    def get_elbo(self, *args, **kwargs) -> NoReturn:
        """There is none.

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError("InfoGAN has no bound on the likelihood; compare models by their types instead.")

    def get_reconstruction_error(self, *args, **kwargs) -> NoReturn:
        """There is none.

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError("InfoGAN does not reconstruct cells; compare models by their types instead.")
