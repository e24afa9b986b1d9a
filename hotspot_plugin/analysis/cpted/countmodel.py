"""Counts explained by covariates, per unit of exposure: Poisson, and negative binomial where counts vary more.

``E[y] = exposure * exp(X b)``. Poisson by iteratively reweighted least squares (Nelder and Wedderburn 1972). Whether
counts vary more than Poisson's is tested by the likelihood ratio at the boundary alpha = 0 (Self and Liang 1987). The
negative binomial is NB2, ``Var[y] = mu + alpha mu**2``, with alpha by profile likelihood (Lawless 1987). Intervals that
allow for residuals that hang together in space follow Conley (1999): a sandwich over pairs of neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse, special, stats
from scipy.optimize import minimize_scalar

from ..progress import Progress, silent
from ..significance import GREATER, permutation_p, two_sided_normal

_STEPS = 100
_CLOSE = 1e-10
#: Numbers permuted at a time.
_AT_ONCE = 4_000_000
#: Where alpha is looked for, as its logarithm.
_ALPHA = (-14.0, 5.0)


class NotFitted(Exception):
    """The model has no finite estimate for these data."""


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    coef, se : (k,) arrays
        Coefficients and standard errors, the intercept first.
    mu : (n,) array
        Expected counts.
    alpha : float
        Overdispersion; 0 for Poisson.
    loglik : float
    covariance : (k, k) array
    """

    coef: np.ndarray
    se: np.ndarray
    mu: np.ndarray
    alpha: float
    loglik: float
    covariance: np.ndarray


def design(columns: np.ndarray) -> np.ndarray:
    """Return the columns with an intercept before them."""
    return np.column_stack([np.ones(len(columns)), columns])


def loglik(y: np.ndarray, mu: np.ndarray, alpha: float) -> float:
    """Return the log-likelihood of NB2, of Poisson for alpha 0."""
    if alpha <= 0:
        return float((special.xlogy(y, mu) - mu - special.gammaln(y + 1)).sum())
    r = 1.0 / alpha
    return float((special.gammaln(y + r) - special.gammaln(r) - special.gammaln(y + 1) + special.xlogy(y, mu / (r + mu))
                  - r * np.log1p(alpha * mu)).sum())


def fit(y: np.ndarray, x: np.ndarray, exposure: np.ndarray, alpha: float = 0.0, start: np.ndarray | None = None) -> Fit:
    """Fit by iteratively reweighted least squares, alpha given.

    Parameters
    ----------
    y : (n,) array
        Counts.
    x : (n, k) array
        With the intercept in the first column.
    exposure : (n,) array
        Above 0.

    Raises
    ------
    NotFitted
        No counts, columns that repeat one another, or estimates that run away to infinity.
    """
    y, x, offset = np.asarray(y, float), np.asarray(x, float), np.log(exposure)
    if not y.sum() > 0 or np.linalg.matrix_rank(x) < x.shape[1]:
        raise NotFitted
    beta = np.zeros(x.shape[1]) if start is None else np.array(start, float)
    if start is None:
        beta[0] = np.log(y.sum() / np.exp(offset).sum())
    mu, best = _mean(x, beta, offset), -np.inf
    for _ in range(_STEPS):
        weight = mu / (1.0 + alpha * mu)
        information = x.T @ (weight[:, None] * x)
        try:
            step = np.linalg.solve(information, x.T @ ((y - mu) / (1.0 + alpha * mu)))
        except np.linalg.LinAlgError as error:
            raise NotFitted from error
        best = loglik(y, mu, alpha)
        size = 1.0
        # half steps where a whole one goes too far
        while size > 1e-6:
            tried = _mean(x, beta + size * step, offset)
            found = loglik(y, tried, alpha)
            if np.isfinite(found) and found >= best - 1e-9 * abs(best):
                break
            size /= 2.0
        beta, mu = beta + size * step, tried
        if np.abs(size * step).max() < _CLOSE * (1.0 + np.abs(beta).max()):
            break
    else:
        raise NotFitted
    weight = mu / (1.0 + alpha * mu)
    covariance = np.linalg.inv(x.T @ (weight[:, None] * x))
    se = np.sqrt(np.diag(covariance))
    # a group of places without any incident sends its coefficient to minus infinity
    if not np.isfinite(se).all() or (se > 1e3).any():
        raise NotFitted
    return Fit(beta, se, mu, alpha, loglik(y, mu, alpha), covariance)


def _mean(x: np.ndarray, beta: np.ndarray, offset: np.ndarray) -> np.ndarray:
    return np.exp(np.clip(x @ beta + offset, -700.0, 700.0))


def overdispersion_p(poisson: Fit, binomial: Fit) -> float:
    """Return the p-value of Poisson against NB2: half of the likelihood ratio's, as alpha cannot be below 0."""
    ratio = 2.0 * (binomial.loglik - poisson.loglik)
    return 0.5 * float(stats.chi2.sf(ratio, 1)) if ratio > 0 else 0.5


def fit_nb(y: np.ndarray, x: np.ndarray, exposure: np.ndarray, progress: Progress = silent) -> Fit:
    """Fit NB2 with alpha by profile likelihood; Poisson where no alpha above 0 fits better."""
    poisson = fit(y, x, exposure)
    start = poisson.coef

    def lost(log_alpha: float) -> float:
        progress(0.0)
        try:
            return -fit(y, x, exposure, float(np.exp(log_alpha)), start).loglik
        except NotFitted:
            return np.inf

    found = minimize_scalar(lost, bounds=_ALPHA, method="bounded", options={"xatol": 1e-8})
    alpha = float(np.exp(found.x))
    made = fit(y, x, exposure, alpha, start)
    return made if made.loglik > poisson.loglik + 1e-6 else poisson


def residuals(y: np.ndarray, fitted: Fit) -> np.ndarray:
    """Return Pearson residuals."""
    return (y - fitted.mu) / np.sqrt(fitted.mu * (1.0 + fitted.alpha * fitted.mu))


def spatial_se(y: np.ndarray, x: np.ndarray, fitted: Fit, neighbours: sparse.csr_matrix) -> np.ndarray:
    """Return standard errors that allow for neighbours with alike residuals.

    Parameters
    ----------
    neighbours : (n, n) csr_matrix
        Binary, without the place itself; made symmetric.

    Returns
    -------
    (k,) array
        Of each coefficient the larger of the model's and of Conley's: the sandwich of a binary neighbourhood can come
        out too small, or below 0.
    """
    gain = x * ((y - fitted.mu) / (1.0 + fitted.alpha * fitted.mu))[:, None]
    both = neighbours.maximum(neighbours.T)
    meat = gain.T @ gain + gain.T @ (both @ gain)
    sandwich = np.diag(fitted.covariance @ meat @ fitted.covariance)
    return np.maximum(fitted.se, np.sqrt(np.maximum(sandwich, 0.0)))


@dataclass(frozen=True)
class Moran:
    """Moran's I of residuals.

    Attributes
    ----------
    index : float
    p : float
        One-sided, for residuals alike among neighbours.
    """

    index: float
    p: float


def moran(values: np.ndarray, neighbours: sparse.csr_matrix, rng: np.random.Generator, draws: int = 999,
          progress: Progress = silent) -> Moran:
    """Return Moran's I with row-standardised weights and its permutation p-value."""
    degree = np.diff(neighbours.indptr).astype(float)
    weights = sparse.diags(np.divide(1.0, degree, out=np.zeros_like(degree), where=degree > 0)) @ neighbours
    z = values - values.mean()
    scale = len(z) / weights.sum() / (z @ z)
    index = float(scale * (z @ (weights @ z)))
    above, at_once = 0, int(np.clip(_AT_ONCE // len(z), 1, 100))
    for start in range(0, draws, at_once):
        rows = min(at_once, draws - start)
        mixed = rng.permuted(np.tile(z, (rows, 1)), axis=1)
        found = scale * np.einsum("ij,ji->i", mixed, weights @ mixed.T)
        above += int((found >= index - 1e-12).sum())
        progress((start + rows) / draws)
    return Moran(index, float(permutation_p(above, draws, alternative=GREATER)))


def inflation(columns: np.ndarray) -> np.ndarray:
    """Return the variance inflation factor of each column, 1 for a single one."""
    k = columns.shape[1]
    if k < 2:
        return np.ones(k)
    correlation = np.corrcoef(columns, rowvar=False)
    try:
        return np.diag(np.linalg.inv(correlation)).copy()
    except np.linalg.LinAlgError:
        return np.full(k, np.inf)


def ratio_test(full: Fit, bare: Fit, terms: int) -> float:
    """Return the p-value of the likelihood ratio of two nested models of ``terms`` more terms."""
    return float(stats.chi2.sf(max(2.0 * (full.loglik - bare.loglik), 0.0), terms))


def wald_p(coef: np.ndarray, se: np.ndarray) -> np.ndarray:
    """Return two-sided p-values."""
    return two_sided_normal(coef / se)
