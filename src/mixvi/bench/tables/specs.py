"""Rows and measures of each table."""

from dataclasses import dataclass, field

from mixvi.bench.tables import papers


@dataclass(frozen=True)
class TableRow:
    """A line of a table: a method on a data set.

    Parameters
    ----------
    data
        Name of the data set.
    title
        The method as the paper calls it.
    recipe
        Name of a recipe; None for a number that is only quoted.
    n_steps
        Training steps of a full run, as published where that is said.
    printed
        The paper's numbers.
    n_categories, n_state
        Sizes; the model's own choice if None.
    """

    data: str
    title: str
    recipe: str | None
    n_steps: int = 0
    printed: papers.Printed = field(default_factory=dict)
    n_categories: int | None = None
    n_state: int | None = None

    @property
    def method(self) -> str:
        """Name of the method in the records."""
        usual = self.n_categories in (None, SIZES.get(self.data, (None,))[0])
        return self.recipe if usual else f"{self.recipe}-k{self.n_categories}"


@dataclass(frozen=True)
class TableSpec:
    """A table.

    Parameters
    ----------
    title
        Its heading.
    measures
        What is shown, of :data:`mixvi.bench.tables.measures.TITLES`.
    rows
        Its lines.
    note
        What a reader should know.
    """

    title: str
    measures: tuple[str, ...]
    rows: tuple[TableRow, ...]
    note: str = ""


SIZES = {  # categories and state dimensions
    "dsprites": (3, 6),
    "dsprites_rendered": (3, 6),
    "mnist": (10, 10),
    "digits": (10, 10),
    "svhn": (10, 10),
    "tasic2018": (115, 2),
    "yao2021_mop": (140, 2),
    "simulated115": (115, 2),
}
OURS = "CplMixVI, our defaults"
POSE = "CplMixVI, copies in any pose"
PRUNED = "CplMixVI, pruned"


def row(data: str, title: str, recipe: str, n_steps: int, printed: papers.Printed | None = None, **sizes) -> TableRow:
    """A line with the usual sizes of its data set."""
    n_categories, n_state = SIZES.get(data, (None, None))
    sizes = {"n_categories": n_categories, "n_state": n_state} | sizes
    return TableRow(data, title, recipe, n_steps, printed or {}, **sizes)


def _table_1() -> tuple[TableRow, ...]:
    printed, rows = papers.TABLE_1, []
    for data in ("dsprites", "dsprites_rendered"):
        for title, recipe in (("JointVAE", "jointvae-sprites"), *THREE[1:]):
            rows.append(row(data, title, recipe, 300_000, printed.get((data, title))))
        rows += [row(data, OURS, "cplmixvi", 300_000), row(data, POSE, "cplmixvi-pose", 300_000)]
    rows.append(row("mnist", "InfoGAN", "infogan", 120_000, printed["mnist", "InfoGAN"], n_state=2))
    for title, recipe in (*THREE[:2], *AUGMENTED, THREE[2]):
        rows.append(row("mnist", title, recipe, 120_000, printed["mnist", title]))
    rows.append(row("mnist", "CascadeVAE, categories first", "cascadevae-after0-weight2", 120_000))
    rows.append(row("mnist", OURS, "cplmixvi", 120_000))
    for data, n_steps in (("tasic2018", 40_000), ("yao2021_mop", 220_000), ("simulated115", 40_000)):
        joint = "jointvae-long" if data == "yao2021_mop" else "jointvae"
        for title, recipe in (("JointVAE", joint), *THREE[1:]):
            rows.append(row(data, title, recipe, n_steps, printed.get((data, title))))
        rows.append(row(data, "JointVAE, smaller capacities", "jointvae-fitting", n_steps))
        rows.append(row(data, OURS, "cplmixvi", n_steps))
    return tuple(rows)


def _table_s2() -> tuple[TableRow, ...]:
    rows = []
    for data in ("mnist", "svhn"):
        for title, recipe in (THREE[0], THREE[2]):
            rows.append(row(data, title, recipe, 286_000, papers.TABLE_S2[data, title]))
        rows += [TableRow(data, title, None, printed=papers.TABLE_S2[data, title]) for title in CLUSTERING]
        rows.append(row(data, OURS, "cplmixvi", 286_000))
    return tuple(rows)


def _moesim_table_1() -> tuple[TableRow, ...]:
    printed = papers.MOESIM_TABLE_1
    quoted = [TableRow("mnist", title, None, printed=printed[title]) for title in QUOTED]
    ours = [("MoE-Sim-VAE", "moesimvi", 120_000), ("VaDE", "vade", 210_000), (OURS, "cplmixvi", 120_000)]
    return (*(row("mnist", title, recipe, n, printed.get(title)) for title, recipe, n in ours), *quoted)


def _moesim_table_2() -> tuple[TableRow, ...]:
    printed, rows = papers.MOESIM_TABLE_2, []
    for data in ("levine_32dim", "levine_13dim", "samusik_01", "samusik_all"):
        rows.append(row(data, "MoE-Sim-VAE", "moesimvi", 40_000, printed[data, "MoE-Sim-VAE"]))
        rows += [TableRow(data, title, None, printed=printed[data, title]) for title in ("FlowSOM", "PhenoGraph")]
    return (*rows, row("bodenmiller2012", "MoE-Sim-VAE", "moesimvi", 40_000, n_categories=15))


THREE = (("JointVAE", "jointvae"), ("CascadeVAE", "cascadevae"), ("cpl-mixVAE", "cpl-mixvae"))
AUGMENTED = (("JointVAE†", "jointvae-augmented"), ("CascadeVAE†", "cascadevae-augmented"))
STEPS_OPEN = "The paper does not say how many steps MoE-Sim-VAE was trained; they are our choice."
CLUSTERING = ("DEC", "IMSAT", "ACOL")
QUOTED = ("DEC", "DEPICT", "IMSAT", "SpectralNet")
VARIANTS = {
    "JointVAE": "jointvae",
    "JointVAE†": "jointvae-augmented",
    "JointVAE‡": "jointvae-dense",
    "cpl-mixVAE": "cpl-mixvae",
    "cpl-mixVAE*": "cpl-mixvae-shared",
    "cpl-mixVAEᵃ": "cpl-mixvae-rotation",
    "cpl-mixVAE(s∤c)": "cpl-mixvae-independent",
}
WEIGHTS = {"0.1": "-weight0.1", "0.5": "-weight0.5", "1": "", "2": "-weight2", "5": "-weight5", "10": "-weight10"}
CAPACITIES = {"1": "-capacity1", "2": "-capacity2", "5": "", "10": "-capacity10", "25": "-capacity25"}
CASCADES = {"4, 0.1": "", "0, 0.1": "-after0-weight0.1", "0, 2": "-after0-weight2", "1, 2": "-after1-weight2"}
ARMS = {"2": "", "3": "-arms3", "5": "-arms5"}

SPECS = {
    "table1": TableSpec(
        "cpl-mixVAE, Table 1",
        ("accuracy", "divergence", "disentanglement", "speed"),
        _table_1(),
        "The paper's last column is headed DS; for MNIST and cells its text describes D_KL(q(c)‖p(c)), which we give "
        "in hundredths of nats, for 459 nats are impossible with 115 categories. Speeds of the paper are on a GPU "
        "(RTX 2080 Ti); ours on a GPU are of an H200 that 18 trainings shared. *dsprites_rendered* and *simulated115* "
        "are stand-ins that this package makes: nothing was "
        "printed about them. ACC and DS are means over the arms.",
    ),
    "table-s1": TableSpec(
        "cpl-mixVAE, Table S1: variants",
        ("reconstruction", "accuracy"),
        (
            *(row("mnist", title, recipe, 15_000, papers.TABLE_S1[title]) for title, recipe in VARIANTS.items()),
            row("mnist", OURS, "cplmixvi", 15_000),
        ),
        "† trained on copies by the learned augmenter; ‡ with the fully connected network of an arm; * arms share "
        "their parameters; ᵃ copies are rotated by up to 20° only; s∤c: the state does not depend on the type. 15,000 "
        "steps are those of the paper's first version (2021), which has the same accuracies.",
    ),
    "table-s2": TableSpec("cpl-mixVAE, Table S2: limits", ("accuracy",), _table_s2()),
    "fig-s6": TableSpec(
        "cpl-mixVAE, Fig. S6: sensitivity",
        ("accuracy", "divergence"),
        (
            *(row("mnist", f"cpl-mixVAE, λ = {x}", f"cpl-mixvae{name}", 15_000) for x, name in WEIGHTS.items()),
            *(row("mnist", f"JointVAE, C_c → {x}", f"jointvae{name}", 15_000) for x, name in CAPACITIES.items()),
        ),
        "The paper shows curves: cpl-mixVAE works for λ from 0.1 to 10, JointVAE loses types at 1 and 25.",
    ),
    "cascade": TableSpec(
        "CascadeVAE on MNIST: when categories open, and the weight of open states",
        ("accuracy", "divergence", "state_mixture"),
        tuple(
            row("mnist", f"CascadeVAE ({stages_and_weight})", f"cascadevae{name}", 300_000)
            for stages_and_weight, name in CASCADES.items()
        ),
        "In brackets the stages before there is a category, and β of state dimensions that are open. Its schedule was "
        "published for dSprites (first row) and not for MNIST, where such a state holds the digit.",
    ),
    "fig-s8": TableSpec(
        "cpl-mixVAE, supplement I: types in the state of JointVAE",
        ("state_mixture", "accuracy"),
        (row("mnist", "JointVAE", "jointvae", 150_000, papers.SUPPLEMENT_I),),
        "Accuracy of a Gaussian mixture with as many components as labels, fitted to the states alone.",
    ),
    "fig-s9": TableSpec(
        "cpl-mixVAE, Fig. S9: number of categories",
        ("log_ratio", "accuracy", "types"),
        tuple(
            row("mnist", f"{title}, K = {k}", recipe, n_steps, n_categories=k)
            for title, recipe, n_steps in (("cpl-mixVAE", "cpl-mixvae", 120_000), (PRUNED, "cplmixvi-pruned", 6_500))
            for k in range(7, 16)
        ),
        "The paper shows a curve: the log-ratio of the first arm is largest at 10 categories. With our defaults K is "
        "only where training starts: categories that are not needed are given up.",
    ),
    "fig-3c": TableSpec(
        "cpl-mixVAE, Fig. 3c: number of arms",
        ("accuracy", "divergence"),
        tuple(
            row(data, f"cpl-mixVAE, {arms} arms", f"cpl-mixvae{name}", 40_000)
            for data in ("tasic2018", "yao2021_mop", "simulated115")
            for arms, name in ARMS.items()
        ),
        "The paper shows bars: accuracy grows with the number of arms. *simulated115* is a stand-in.",
    ),
    "moesim-table1": TableSpec(
        "MoE-Sim-VAE, Table 1: clustering of MNIST", ("nmi", "accuracy"), _moesim_table_1(), STEPS_OPEN
    ),
    "moesim-table2": TableSpec(
        "MoE-Sim-VAE, Table 2: cytometry",
        ("f_measure", "accuracy"),
        _moesim_table_2(),
        f"As many categories as labels. {STEPS_OPEN}",
    ),
    "generation": TableSpec(
        "MoE-Sim-VAE, section 4.1.1: generation on request",
        ("generation", "draws"),
        (
            row("mnist", "MoE-Sim-VAE", "moesimvi", 120_000, papers.GENERATION["MoE-Sim-VAE"]),
            row("mnist", "VaDE", "vade", 210_000, papers.GENERATION["VaDE"]),
        ),
        "Share of generated images that the model itself takes for what was requested, mean over thresholds of the "
        "posterior from 0 to .999; and draws for one image above .999. MoE-Sim-VAE rejects none. The paper: nearly "
        "2 million draws for 10,000 images.",
    ),
}
