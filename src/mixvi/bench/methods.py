"""Methods by name."""

from collections.abc import Callable
from functools import partial

from mixvi.bench.coupled import run_cplmixvi
from mixvi.bench.cytometry import run_flowsom, run_phenograph
from mixvi.bench.data import BOUND, Cells
from mixvi.bench.limits import run_separable, run_taught, run_twins
from mixvi.bench.others import run_model
from mixvi.bench.outcome import Outcome
from mixvi.bench.representations import REPRESENTATIONS
from mixvi.bench.rivals import run_rivals
from mixvi.bench.variants import VARIANTS
from mixvi.model import CascadeVI, InfoGANVI, JointVI, MoESimVI, VaDEVI

COUNTS = ["log_pcs", "pearson_pcs", "scvi"]  # representations of counts; the others are of cytometry and images
METHODS: dict[str, Callable[[Cells, int], Outcome]] = {
    "cplmixvi": partial(run_cplmixvi, variant=VARIANTS["cplmixvi"]),
    **{name: partial(run_rivals, representation=name) for name in REPRESENTATIONS},
    "moesimvi": partial(run_model, model_class=MoESimVI, categories_per_label=None),
    "moesimvi_k": partial(run_model, model_class=MoESimVI),
    "moesimvi_bound": partial(run_model, model_class=MoESimVI, categories_per_label=BOUND),
    "jointvi": partial(run_model, model_class=JointVI),
    "cascadevi": partial(run_model, model_class=CascadeVI),
    "infoganvi": partial(run_model, model_class=InfoGANVI),
    "vadevi": partial(run_model, model_class=VaDEVI),
    "flowsom": run_flowsom,
    "flowsom_bound": partial(run_flowsom, clusters_per_label=BOUND),
    "phenograph": run_phenograph,
    "taught": run_taught,
    "twins": run_twins,
    "separable": run_separable,
    **{name: partial(run_cplmixvi, variant=variant) for name, variant in VARIANTS.items() if name != "cplmixvi"},
}
GROUPS = {
    "rivals": COUNTS,
    "baselines": ["jointvi", "cascadevi", "infoganvi", "vadevi"],
    "moesim": ["moesimvi", "moesimvi_k", "moesimvi_bound", "flowsom", "flowsom_bound", "phenograph"],
    "default": ["cplmixvi", *COUNTS],
    "limits": ["taught", "twins", "separable"],
    "ablation": list(VARIANTS),
    "all": list(METHODS),
}


def chosen_methods(names: str) -> list[str]:
    """Methods from names of methods and of groups.

    Parameters
    ----------
    names
        Names with commas between them.

    Returns
    -------
    Methods, each once.

    Raises
    ------
    ValueError
        If a name is unknown.

    Examples
    --------
    >>> chosen_methods("cplmixvi,rivals")
    ['cplmixvi', 'log_pcs', 'pearson_pcs', 'scvi']
    """
    methods: list[str] = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        if name not in METHODS and name not in GROUPS:
            raise ValueError(f"Unknown method {name!r}. Choose from {', '.join([*METHODS, *GROUPS])}.")
        methods += GROUPS.get(name, [name])
    if not methods:
        raise ValueError(f"No method is named. Choose from {', '.join([*METHODS, *GROUPS])}.")
    return list(dict.fromkeys(methods))
