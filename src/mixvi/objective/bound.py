"""The variational bounds of the papers, as losses to be minimised."""

from torch import Tensor


def mixture_bound(reconstruction: Tensor, state_kl: Tensor, category_kl: Tensor) -> Tensor:
    """Negative evidence lower bound of one mixture VAE with a type-dependent state (Eq. 3; supplement Eq. 22).

    Parameters
    ----------
    reconstruction
        ``−log p(x|s,c)`` at sampled ``s`` and ``c``, shape ``(arms, cells)``.
    state_kl
        ``D_KL(q(s|c,x) ‖ p(s|c))`` at the sampled ``c``, same shape.
    category_kl
        ``D_KL(q(c|x) ‖ p(c))``, same shape.

    Returns
    -------
    Loss of each arm and cell, shape ``(arms, cells)``.
    """
    return reconstruction + state_kl + category_kl


def coupled_bound(reconstruction: Tensor, state_kl: Tensor, coupling: Tensor) -> Tensor:
    """Negative bound of A coupled arms (Eq. 6): ``(A−1) Σ_a [reconstruction + state KL] + coupling``.

    With :func:`~mixvi.objective.aitchison_coupling` as the pair term this is Eq. 7.

    Parameters
    ----------
    reconstruction
        ``−log p(x_a|s_a,c_a)``, shape ``(arms, cells)``.
    state_kl
        ``D_KL(q(s_a|c_a,x_a) ‖ p(s_a|c_a))``, same shape.
    coupling
        The pair term, summed over pairs of arms and averaged over cells: what stands for
        ``D_KL(q(c_a|x_a) q(c_b|x_b) ‖ p(c_a,c_b))``. Scalar.

    Returns
    -------
    Scalar loss, the average over the cells.
    """
    n_arms = len(reconstruction)
    return (n_arms - 1) * (reconstruction + state_kl).sum(0).mean() + coupling


def similarity_bound(
    reconstruction: Tensor, component_kl: Tensor, covariance_kl: Tensor, clustering: Tensor, covariance_weight: float
) -> Tensor:
    """Loss of the MoE-Sim-VAE: ``L_VAE + L_Clustering`` (Eq. 5 and 11).

    ``L_VAE`` is ``L_reconst + π_1 L_KL``. Beside the paper's divergence of the clusters' covariances it has that of
    every cell, as in an evidence lower bound: latents are then probable under the component that is sampled from.

    Parameters
    ----------
    reconstruction
        ``−log p(x|z)`` by the cell's own expert (Eq. 4), shape ``(cells,)``.
    component_kl
        Divergence of each cell's latent from its component, shape ``(cells,)``.
    covariance_kl
        ``L_KL`` (Eq. 3), scalar.
    clustering
        ``L_Clustering`` (Eq. 10), scalar, in units of the likelihood.
    covariance_weight
        ``π_1``.

    Returns
    -------
    Scalar loss, in nats of a cell.
    """
    return (reconstruction + component_kl).mean() + covariance_weight * covariance_kl + clustering


def clustering_bound(
    similarity: Tensor,
    depict: Tensor,
    shares: Tensor,
    depict_weight: float,
    weight: float,
    similarity_weight: float = 1.0,
) -> Tensor:
    """``λ (π_s L_Similarity + π_2 L_DEPICT + D_KL(π ‖ p̄))`` (Eq. 10, with the divergence that keeps categories in use).

    Parameters
    ----------
    similarity, depict
        ``L_Similarity`` (Eq. 7) and ``L_DEPICT`` (Eq. 8), scalars.
    shares
        How far the categories are from the shares that they should have, a scalar, see
        :func:`~mixvi.objective.shares_divergence`.
    depict_weight
        ``π_2``.
    weight
        ``λ``, in units of the likelihood (nats of a whole cell per nat of the category).
    similarity_weight
        ``π_s``, 1 in the paper; 0 leaves the similarity out (its ablation).

    Returns
    -------
    Scalar.
    """
    return weight * (similarity_weight * similarity + depict_weight * depict + shares)
