"""Where a model finds several modalities of its cells."""

import inspect

from anndata import AnnData
from mudata import MuData

from mixvi.model.modalities import register_modalities
from mixvi.model.modality_checks import check_modalities


class ModalitiesMixin:
    """Registers cells with several modalities; a model of them is made by a subclass that has the verbs for them."""

    def __new__(cls, adata: AnnData | MuData | None = None, *args, registry: dict | None = None, **kwargs):
        """Choose the class, as :class:`pathlib.Path` does: that of several modalities for a MuData."""
        if isinstance(adata, MuData) or (registry or {}).get("setup_method_name") == "setup_mudata":
            cls = _class_for_modalities()
        return super().__new__(cls)

    def __init_subclass__(cls, **kwargs):
        """Show the arguments of ``__init__``, which help and documentation would take from ``__new__``."""
        super().__init_subclass__(**kwargs)
        _, *parameters = inspect.signature(cls.__init__).parameters.values()
        cls.__signature__ = inspect.Signature(parameters)

    @classmethod
    def setup_mudata(
        cls,
        mdata: MuData,
        modalities: dict[str, str | None] | None = None,
        batch_key: str | None = None,
        categorical_covariate_keys: list[str] | None = None,
        continuous_covariate_keys: list[str] | None = None,
        **kwargs,
    ) -> None:
        """Check cells with several modalities, and say where their values, batch and covariates are.

        Each modality gets arms of its own, which share nothing but the type. Cells may lack modalities: such a cell is
        not in ``mdata[modality]``. Rows of zeros do not stand for lacking values, and are refused. Nothing is changed
        but what scvi-tools does: it writes ``.obs["_scvi_batch"]`` and ``"_scvi"`` entries of ``.uns`` and ``.obsm``,
        and lays dense matrices out in rows. Values are not copied unless cells lack modalities or are in another order.

        Parameters
        ----------
        mdata
            Two or more modalities, each with cells × features: raw counts, log-normalised values, values of any sign
            such as electrophysiological features, or values in [0, 1].
        modalities
            Names of the modalities and the layer of each, None for its ``.X``; all in ``mdata`` with their ``.X`` if
            not given. A cell must have one of them, and some cells several.
        batch_key
            Column of ``mdata.obs`` with the batch of each cell.
        categorical_covariate_keys, continuous_covariate_keys
            Columns of ``mdata.obs`` with other influences that are neither type nor state.
        **kwargs
            Used by scvi-tools when a set-up is transferred.

        Raises
        ------
        TypeError, KeyError, ValueError
            If the cells cannot be used; the message says what to do.

        Examples
        --------
        >>> from mixvi.datasets import simulate_modalities
        >>> mdata = simulate_modalities([40, 30, 30])
        >>> CplMixVI.setup_mudata(mdata, modalities={"rna": None, "ephys": None})  # doctest: +SKIP
        >>> model = CplMixVI(mdata)  # doctest: +SKIP
        >>> model.train()  # doctest: +SKIP
        >>> model.get_cell_types()  # doctest: +SKIP
        """
        if modalities is None and isinstance(mdata, MuData):
            modalities = dict.fromkeys(mdata.mod)
        setup_method_args = cls._get_setup_method_args(**locals())
        setup_method_args["model_name"] = "CplMixVI"  # that is loaded by
        keys = {key: value for key, value in setup_method_args["setup_args"].items() if key != "modalities"}
        check_modalities(mdata, modalities, keys, kwargs.get("source_registry"))
        _class_for_modalities().register_manager(register_modalities(mdata, setup_method_args, **kwargs))


def _class_for_modalities() -> type:
    """The class for several modalities; imported late, since it is built on the class that is built on this one."""
    from mixvi.model.multimodal import MultimodalCplMixVI

    return MultimodalCplMixVI
