from mixvi.objective.augmentation import (
    adversarial_value,
    augmenter_loss,
    generator_adversarial_loss,
    latent_divergence,
    triplet_loss,
)
from mixvi.objective.bound import coupled_bound, mixture_bound
from mixvi.objective.capacity import capacity_loss, linear_capacity
from mixvi.objective.cascade import cascade_weights, opened_dimensions
from mixvi.objective.coupling import (
    COUPLINGS,
    aitchison_coupling,
    consensus_coupling,
    cross_entropy_of_pairs,
    mutual_information_coupling,
)
from mixvi.objective.divergence import category_kl, entropy, state_kl
from mixvi.objective.gaussian_mixture import (
    component_log_density,
    mixture_category_kl,
    mixture_state_kl,
    responsibilities,
)
from mixvi.objective.information import discriminator_loss, generator_loss, information_bound
from mixvi.objective.likelihood import bernoulli, gaussian, negative_binomial, zero_inflated_negative_binomial
from mixvi.objective.simplex import aitchison_distance, clr, pairwise_squared_distance, perturb
from mixvi.objective.smoothness import virtual_adversarial_divergence

__all__ = [
    "COUPLINGS",
    "adversarial_value",
    "aitchison_coupling",
    "aitchison_distance",
    "augmenter_loss",
    "bernoulli",
    "capacity_loss",
    "cascade_weights",
    "category_kl",
    "clr",
    "component_log_density",
    "consensus_coupling",
    "coupled_bound",
    "cross_entropy_of_pairs",
    "discriminator_loss",
    "entropy",
    "gaussian",
    "generator_adversarial_loss",
    "generator_loss",
    "information_bound",
    "latent_divergence",
    "linear_capacity",
    "mixture_bound",
    "mixture_category_kl",
    "mixture_state_kl",
    "mutual_information_coupling",
    "negative_binomial",
    "opened_dimensions",
    "pairwise_squared_distance",
    "perturb",
    "responsibilities",
    "state_kl",
    "triplet_loss",
    "virtual_adversarial_divergence",
    "zero_inflated_negative_binomial",
]
