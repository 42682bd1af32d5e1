"""How sure the arms may be of a type, learned from how well they predict each other. No labels are needed."""

import math

from scipy.optimize import minimize_scalar
from torch import Tensor

from mixvi.augment import CountSplit, GeneSplit

RANGE = (0.05, 20.0)
PRIOR_SD = 0.5  # of the log-temperature around 0: cells that all agree do not tell how sure the arms may be
FEWEST_PER_CATEGORY = 1e-6  # of the cells: an empty category must not divide by zero


def split_log_likelihood(log_p: Tensor) -> Tensor:
    r"""Log-likelihood of copies of cells that are independent given the type, relative to unrelated copies.

    By Bayes' rule and the independence of Proposition 1,
    :math:`\log p(x_1..x_A) / \prod_a p(x_a) = \log \sum_c p(c) \prod_a p(c|x_a) / p(c)`, with :math:`p(c)` the average
    of :math:`p(c|x_a)`. It is highest for the true :math:`p(c|x_a)`: arms that are too sure pay where they disagree,
    arms that are not sure enough lose where they agree.

    Parameters
    ----------
    log_p
        Log-probabilities of the types of the copies, shape ``(arms, cells, categories)``.

    Returns
    -------
    Average over the cells, in nats; scalar.
    """
    log_prior = log_p.exp().mean((0, 1)).clamp_min(FEWEST_PER_CATEGORY).log()
    return (log_p.sum(0) - (len(log_p) - 1) * log_prior).logsumexp(-1).mean()


def fit_temperature(log_q: Tensor, independent: bool = True) -> float:
    """The temperature that makes the arms' probabilities predict each other best, with a weak prior around 1.

    Parameters
    ----------
    log_q
        Log-probabilities that each arm gives to the types of its own copy, shape ``(arms, cells, categories)``.
    independent
        Whether copies share nothing but type and state. Others agree too well; they cannot make the arms surer.

    Returns
    -------
    From 0.05 to 20, or from 1: probabilities are ``softmax(log_q / temperature)``.
    """
    log_q = log_q.double()
    n_cells = log_q.shape[1]

    def cost(log_temperature: float) -> float:
        likelihood = n_cells * split_log_likelihood((log_q / math.exp(log_temperature)).log_softmax(-1))
        return 0.5 * (log_temperature / PRIOR_SD) ** 2 - float(likelihood)

    bounds = math.log(RANGE[0] if independent else 1.0), math.log(RANGE[1])
    best = minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-3}).x
    return math.exp(min((bounds[0], best), key=cost))


def independent_copies(augmenter: object) -> bool:
    """Whether an augmenter deals a cell out, so that its copies share nothing but type and state.

    Parameters
    ----------
    augmenter
        An augmenter.

    Returns
    -------
    True for splits of counts and genes.
    """
    return isinstance(augmenter, CountSplit | GeneSplit)
