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

    With :func:`~mixvi.objective.coupling.aitchison_coupling` as the pair term this is Eq. 7.

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
