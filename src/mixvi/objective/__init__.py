from mixvi.objective.augmentation import (
    adversarial_value,
    augmenter_loss,
    generator_adversarial_loss,
    latent_divergence,
    triplet_loss,
)
from mixvi.objective.bound import coupled_bound, mixture_bound
from mixvi.objective.coupling import (
    COUPLINGS,
    MODALITY_COUPLINGS,
    aitchison_coupling,
    consensus_coupling,
    cross_entropy_of_pairs,
    joint_coupling,
    mutual_information_coupling,
)
from mixvi.objective.divergence import category_kl, entropy, state_kl
from mixvi.objective.likelihood import bernoulli, gaussian, negative_binomial, zero_inflated_negative_binomial
from mixvi.objective.simplex import aitchison_distance, clr, pairwise_squared_distance, perturb
from mixvi.objective.smoothness import virtual_adversarial_divergence

__all__ = [
    "COUPLINGS",
    "MODALITY_COUPLINGS",
    "adversarial_value",
    "aitchison_coupling",
    "aitchison_distance",
    "augmenter_loss",
    "bernoulli",
    "category_kl",
    "clr",
    "consensus_coupling",
    "coupled_bound",
    "cross_entropy_of_pairs",
    "entropy",
    "gaussian",
    "generator_adversarial_loss",
    "joint_coupling",
    "latent_divergence",
    "mixture_bound",
    "mutual_information_coupling",
    "negative_binomial",
    "pairwise_squared_distance",
    "perturb",
    "state_kl",
    "triplet_loss",
    "virtual_adversarial_divergence",
    "zero_inflated_negative_binomial",
]
