"""CplMixVI with its defaults, and what each choice is worth: the arms of the ablation."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Variant:
    """How CplMixVI departs from its defaults.

    Parameters
    ----------
    model, train
        Arguments of :class:`mixvi.CplMixVI` and of its ``train``.
    categories_given
        Whether it is told the number of labels.
    batch_given
        Whether it is told the batch, where the data set has one.
    all_genes
        Whether it sees all genes rather than the informative ones.
    """

    model: dict = field(default_factory=dict)
    train: dict = field(default_factory=dict)
    categories_given: bool = False
    batch_given: bool = True
    all_genes: bool = False


VARIANTS: dict[str, Variant] = {
    "cplmixvi": Variant(),
    "categories=given": Variant(categories_given=True),
    "n_arms=1": Variant(model={"n_arms": 1}),
    "n_arms=3": Variant(model={"n_arms": 3}),
    "n_arms=5": Variant(model={"n_arms": 5}),
    "coupling=mutual_information": Variant(model={"coupling": "mutual_information"}),
    "coupling=aitchison": Variant(model={"coupling": "aitchison"}),
    "coupling=none": Variant(model={"coupling_weight": 0.0}),
    "augmenter=none": Variant(model={"augmenter": "none"}),
    # genes can only be dealt to the arms where values are not counts
    "augmenter=gene_split": Variant(model={"augmenter": "gene_split", "likelihood": "normal"}),
    "start=random": Variant(train={"start": "random"}),
    # the papers' objective: random start, Aitchison distance, a given number of categories
    "literal": Variant(model={"coupling": "aitchison"}, train={"start": "random"}, categories_given=True),
    "shared_arms": Variant(model={"shared_arms": True}),
    "state=independent": Variant(model={"type_dependent_state": False}),
    "batch=none": Variant(batch_given=False),
    "genes=all": Variant(all_genes=True),
}
