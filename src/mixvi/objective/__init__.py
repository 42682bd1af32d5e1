from mixvi.objective.augmentation import (
    adversarial_value,
    augmenter_loss,
    generator_adversarial_loss,
    latent_divergence,
    triplet_loss,
)
from mixvi.objective.bound import clustering_bound, coupled_bound, mixture_bound, similarity_bound
from mixvi.objective.capacity import capacity_loss, linear_capacity
from mixvi.objective.cascade import cascade_weights, opened_dimensions
from mixvi.objective.clusters import cluster_means, cluster_variances, component_kl, covariance_kl
from mixvi.objective.coupling import (
    COUPLINGS,
    MODALITY_COUPLINGS,
    aitchison_coupling,
    consensus_coupling,
    cross_entropy_of_pairs,
    joint_coupling,
    mutual_information_coupling,
)
from mixvi.objective.depict import depict_loss, depict_target
from mixvi.objective.divergence import category_kl, entropy, shares_divergence, state_kl
from mixvi.objective.gaussian_mixture import (
    component_log_density,
    mixture_category_kl,
    mixture_state_kl,
    responsibilities,
)
from mixvi.objective.information import discriminator_loss, generator_loss, information_bound
from mixvi.objective.layer import negative_binomial_of_layer
from mixvi.objective.likelihood import bernoulli, gaussian, negative_binomial, zero_inflated_negative_binomial
from mixvi.objective.ranks import of_all_ranks
from mixvi.objective.similarity import same_category, similarity_loss
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
    "capacity_loss",
    "cascade_weights",
    "category_kl",
    "clr",
    "cluster_means",
    "cluster_variances",
    "clustering_bound",
    "component_kl",
    "component_log_density",
    "consensus_coupling",
    "coupled_bound",
    "covariance_kl",
    "cross_entropy_of_pairs",
    "depict_loss",
    "depict_target",
    "discriminator_loss",
    "entropy",
    "gaussian",
    "generator_adversarial_loss",
    "generator_loss",
    "information_bound",
    "joint_coupling",
    "latent_divergence",
    "linear_capacity",
    "mixture_bound",
    "mixture_category_kl",
    "mixture_state_kl",
    "mutual_information_coupling",
    "negative_binomial",
    "negative_binomial_of_layer",
    "of_all_ranks",
    "opened_dimensions",
    "pairwise_squared_distance",
    "perturb",
    "responsibilities",
    "same_category",
    "shares_divergence",
    "similarity_bound",
    "similarity_loss",
    "state_kl",
    "triplet_loss",
    "virtual_adversarial_divergence",
    "zero_inflated_negative_binomial",
]
