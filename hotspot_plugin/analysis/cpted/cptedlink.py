"""Whether crime goes with the CPTED scores: one model of counts for all, and for each type, day and night."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse, stats

from ..progress import Progress, part, silent
from ..significance import benjamini_hochberg
from . import countmodel as model

#: Points of the score that a rate ratio is for.
POINTS = 10.0
#: Level of the tests that decide which model is taken and whether residuals hang together.
LEVEL = 0.05
#: Variance inflation from which principles can hardly be told apart.
INFLATED = 5.0
#: Places for each coefficient below which a model is not trusted, and places with incidents that it needs.
PLACES_EACH, LEAST_PLACES = 10, 10
Z95 = float(stats.norm.ppf(0.975))


@dataclass(frozen=True)
class Link:
    """A model of the incidents of n places.

    Attributes
    ----------
    count : int
        Incidents.
    places : int
        Places with any.
    problem : str
        Why there is no model, "" where there is one: "few" or "not fitted". The rest is then NaN.
    ratio, low, high : (k,) arrays
        Rate ratio of 10 points more (of a control: one standard deviation), with its 95 % interval.
    per_sd : (k,) array
        Rate ratio of one standard deviation.
    p, q : (k,) arrays
        Two-sided; q allows for all models looked at.
    alpha : float
        Overdispersion of the model; 0 is Poisson.
    dispersion_p : float
        Against Poisson.
    joint_p : float
        All scores together against none of them.
    moran : Moran or None
    widened : bool
        Intervals allow for residuals that hang together in space.
    mu, residuals : (n,) arrays or None
    """

    count: int
    places: int
    problem: str
    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    per_sd: np.ndarray
    p: np.ndarray
    q: np.ndarray
    alpha: float = np.nan
    dispersion_p: float = np.nan
    joint_p: float = np.nan
    moran: model.Moran | None = None
    widened: bool = False
    mu: np.ndarray | None = None
    residuals: np.ndarray | None = None


def link(
    y: np.ndarray,
    scores: np.ndarray,
    controls: np.ndarray,
    exposure: np.ndarray,
    neighbours: sparse.csr_matrix,
    rng: np.random.Generator,
    draws: int = 999,
    progress: Progress = silent,
) -> Link:
    """Fit one model.

    Parameters
    ----------
    y : (n,) array
        Incidents.
    scores : (n, s) array
        Scores of 0 to 100, complete and not constant.
    controls : (n, c) array
        Other things that the places differ in.
    exposure : (n,) array
        Length, ground or people, above 0.
    neighbours : (n, n) csr_matrix
    rng : numpy.random.Generator
    """
    s, c = scores.shape[1], controls.shape[1]
    count, places = int(y.sum()), int((y > 0).sum())
    if places < LEAST_PLACES or len(y) < s + c + 3:
        return _none(count, places, "few", s + c)
    spread = controls.std(axis=0)
    columns = np.column_stack([(scores - scores.mean(axis=0)) / POINTS, (controls - controls.mean(axis=0)) / spread])
    x = model.design(columns)
    try:
        poisson = model.fit(y, x, exposure)
        binomial = model.fit_nb(y, x, exposure, part(progress, 0.0, 0.4))
        dispersion = model.overdispersion_p(poisson, binomial)
        many = dispersion < LEVEL
        fitted = binomial if many else poisson
        bare_x = np.delete(x, np.arange(1, s + 1), axis=1)
        bare = model.fit_nb(y, bare_x, exposure, part(progress, 0.4, 0.6)) if many else model.fit(y, bare_x, exposure)
    except model.NotFitted:
        return _none(count, places, "not fitted", s + c)
    rest = model.residuals(y, fitted)
    moran = model.moran(rest, neighbours, rng, draws, part(progress, 0.6, 1.0))
    together = moran.p < LEVEL
    se = model.spatial_se(y, x, fitted, neighbours) if together else fitted.se
    coef, se = fitted.coef[1:], se[1:]
    unit = np.r_[scores.std(axis=0) / POINTS, np.ones(c)]
    p = model.wald_p(coef, se)
    with np.errstate(over="ignore"):
        low, high = np.exp(coef - Z95 * se), np.exp(coef + Z95 * se)
    return Link(count, places, "", np.exp(coef), low, high, np.exp(coef * unit), p, p.copy(), fitted.alpha, dispersion,
                model.ratio_test(fitted, bare, s), moran, together, fitted.mu, rest)


def _none(count: int, places: int, problem: str, terms: int) -> Link:
    blank = np.full(terms, np.nan)
    return Link(count, places, problem, blank, blank, blank, blank, blank, blank)


def adjusted(links: list, scores: int) -> list:
    """Return the models with q-values: the scores' p-values of all models are one family of tests."""
    p = np.concatenate([one.p[:scores] for one in links])
    q = benjamini_hochberg(p).reshape(len(links), scores)
    return [replace(one, q=np.r_[q[i], np.full(len(one.p) - scores, np.nan)]) for i, one in enumerate(links)]
