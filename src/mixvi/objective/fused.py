"""The negative binomial and its gradient in one pass over a cell: loops that numba compiles.

What they compute is written in :func:`mixvi.objective.negative_binomial`. A chain of PyTorch's operations takes
several times as long, for each of them reads and writes all values. Exponential and logarithm have no branches and
call nothing, so that the compiler makes vector instructions of a loop over them; their polynomials and constants are
those of Cephes (Moshier 1992). All in single precision, and in one file: numba's cache knows no changes elsewhere.
"""

import math

import numpy as np
from numba import njit

f4, i4 = np.float32, np.int32
ENOUGH = f4(1e30)  # odds beyond which they would be no number soon
LEAST = f4(-87.0)  # below, the exponential is none in single precision
LN2_HIGH, LN2_LOW, LOG2_E = f4(0.693359375), f4(-2.12194440e-4), f4(1.44269504)  # log 2 is the sum of two
ROOT_HALF = i4(0x3F3504F3)  # √½, as the bits of a number
MANTISSA, BIAS = i4(23), i4(127)  # bits, and what is added to the exponent
LARGE = 8.0  # from here on asymptotic series are exact in single precision
ANY_ORDER = {"reassoc", "contract", "nsz", "arcp"}  # of additions; what is no number stays none


@njit(fastmath=ANY_ORDER, error_model="numpy", nogil=True, cache=True)
def negative_binomial_of_cells(
    x, columns, starts, logits, bias, log_theta, coefficients, slopes, weight, value, of_bias, of_log_theta
):
    """Write the log-probability of each cell into ``value``, and the gradient of their weighted sum over ``logits``.

    Parameters
    ----------
    x, columns
        Counts and their genes, shape ``(counts,)``; all numbers but ``columns`` and ``starts`` in single precision.
    starts
        Where the counts of each cell start, and where the last ones end, shape ``(cells + 1,)``.
    logits
        Logits of the genes' shares of a cell's counts, but for their bias, shape ``(cells, genes)``; written over.
    bias, log_theta
        Bias of the logits, and log inverse dispersion, of each gene, shape ``(genes,)``.
    coefficients, slopes
        Log-coefficients of small counts, and their derivatives with respect to log θ, shape ``(counts, genes)``.
    weight
        Weight of each cell, shape ``(cells,)``.
    value
        Written, shape ``(cells,)``.
    of_bias, of_log_theta
        The gradients summed over cells are added, shape ``(genes,)``.
    """
    n_cells, n_genes = logits.shape
    theta, inverse = np.exp(log_theta), np.exp(-log_theta)
    share, loss, p, of_log_mu = np.empty((4, n_genes), f4)
    for i in range(n_cells):
        total, largest, of_all = f4(0), logits[i, 0] + bias[0], f4(0)
        for k in range(starts[i], starts[i + 1]):
            total += x[k]
        total = max(total, f4(1))
        for j in range(n_genes):
            logits[i, j] += bias[j]
            largest = max(largest, logits[i, j])
        for j in range(n_genes):
            share[j] = exp_below_1(logits[i, j] - largest)
            of_all += share[j]
        log_scale, scale = np.log(total) - largest - np.log(of_all), f4(1) / of_all
        w, log_probability, of_all = weight[i], f4(0), f4(0)
        for j in range(n_genes):  # as of zeros, whose probability is 1 − p = θ/(μ+θ)
            share[j] *= scale
            odds = share[j] * total * inverse[j]
            odds = ENOUGH if odds > ENOUGH else odds
            loss[j], p[j] = log1p(odds), odds / (odds + f4(1))  # loss = −log(1 − p)
            log_probability -= theta[j] * loss[j]
            of_log_mu[j] = -w * theta[j] * p[j]
            of_log_theta[j] -= w * theta[j] * (loss[j] - p[j])
            of_all += of_log_mu[j]
        for k in range(starts[i], starts[i + 1]):
            if x[k] != 0:
                j = columns[k]
                log_probability += x[k] * (logits[i, j] + log_scale - log_theta[j] - loss[j])  # x log p
                small = i4(x[k])
                looked_up = small == x[k] and small < len(coefficients)
                log_probability += coefficients[small, j] if looked_up else coefficient_of(x[k], theta[j])
                slope = slopes[small, j] if looked_up else slope_of(x[k], theta[j])
                more = w * x[k] * (f4(1) - p[j])
                of_log_mu[j] += more
                of_log_theta[j] += w * slope - more
                of_all += more
        value[i] = log_probability
        for j in range(n_genes):
            logits[i, j] = of_log_mu[j] - share[j] * of_all
            of_bias[j] += logits[i, j]


@njit(nogil=True, cache=True)
def compressed(x):
    """Values, columns and starts of the rows of ``x``, shape ``(cells, genes)``, without its zeros."""
    n_cells, n_genes = x.shape
    starts = np.zeros(n_cells + 1, np.int64)
    for i in range(n_cells):
        n_values = 0
        for j in range(n_genes):
            n_values += x[i, j] != 0
        starts[i + 1] = starts[i] + n_values
    values, columns = np.empty(starts[-1] + 1, f4), np.empty(starts[-1] + 1, i4)
    for i in range(n_cells):
        k = starts[i]
        for j in range(n_genes):
            values[k], columns[k] = x[i, j], j  # the next one writes over a zero
            k += x[i, j] != 0
    return values[:-1], columns[:-1], starts


@njit
def coefficient_of(x, theta):
    """``log Γ(x+θ) / (Γ(θ) x!)``of one count."""
    more, theta = np.float64(x), np.float64(theta)
    if theta < LARGE:
        rising = math.lgamma(more + theta) - math.lgamma(theta)
    else:  # Stirling's series of the two, whose difference would be lost
        rising = (theta - 0.5) * math.log1p(more / theta) + more * (math.log(more + theta) - 1)
        rising += (1 / (more + theta) - 1 / theta) / 12 - (1 / (more + theta) ** 3 - 1 / theta**3) / 360
    return f4(rising - math.lgamma(more + 1))


@njit
def slope_of(x, theta):
    """Derivative of :func:`coefficient_of` with respect to log θ."""
    more, theta, terms = np.float64(x), np.float64(theta), 0.0
    high, low = more + theta, theta
    while low < LARGE:  # digamma's recurrence, then its asymptotic series
        terms += 1 / low - 1 / high
        low, high = low + 1, high + 1
    terms += math.log1p(more / low) - (1 / high - 1 / low) / 2 - (1 / high**2 - 1 / low**2) / 12
    return f4(theta * (terms + (1 / high**4 - 1 / low**4) / 120))


@njit
def exp_below_1(x):
    """``exp(x)`` of ``x ≤ 0``, to 3e-7 of its value; 0 below -87."""
    n = np.floor(x * LOG2_E + f4(0.5))
    r = x - n * LN2_HIGH
    r = r - n * LN2_LOW  # x = n log 2 + r
    y = f4(1.9875691500e-4)
    y = y * r + f4(1.3981999507e-3)
    y = y * r + f4(8.3334519073e-3)
    y = y * r + f4(4.1665795894e-2)
    y = y * r + f4(1.6666665459e-1)
    y = y * r + f4(5.0000001201e-1)
    y = y * (r * r) + r + f4(1)
    return f4(0) if x < LEAST else y * _power_of_2(i4(n))


@njit
def log1p(x):
    """``log(1 + x)`` of ``x ≥ 0``, to 2e-7 of its value, however small."""
    k = i4(i4(f4(x + f4(1)).view(i4) - ROOT_HALF) >> MANTISSA)  # 1 + x = 2^k (1 + f), √½ ≤ 1 + f < √2
    inverse, n = _power_of_2(i4(-k)), f4(k)
    f = x * inverse + (inverse - f4(1))
    y = f4(7.0376836292e-2)
    y = y * f + f4(-1.1514610310e-1)
    y = y * f + f4(1.1676998740e-1)
    y = y * f + f4(-1.2420140846e-1)
    y = y * f + f4(1.4249322787e-1)
    y = y * f + f4(-1.6668057665e-1)
    y = y * f + f4(2.0000714765e-1)
    y = y * f + f4(-2.4999993993e-1)
    y = y * f + f4(3.3333331174e-1)
    square = f * f
    return f + (y * f * square + n * LN2_LOW - f4(0.5) * square) + n * LN2_HIGH


@njit
def _power_of_2(n):
    """``2^n`` of a whole number from -126 to 127."""
    return f4(i4(i4(n + BIAS) << MANTISSA).view(f4))
