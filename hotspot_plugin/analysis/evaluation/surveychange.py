"""Change of opinion between two waves of a survey, in treated against comparison areas.

The four cells (treated and comparison areas, before and after) are domains of one sample of both waves, so that
clusters or people asked twice bring their covariance with them: the variance of each difference is linearised jointly
(Taylor series; Lumley 2010). Degrees of freedom follow Satterthwaite over the parts that were drawn apart. A second
interval asks how differently whole areas changed (Donald and Lang 2007): areas drift apart without any measure, and
no number of respondents makes that smaller.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from ..community import survey
from ..community.survey import FEW, Design, Estimates
from ..community.surveysummary import ENOUGH, LARGEST_RSE
from ..progress import Progress, silent

#: cells, in order
TREATED_BEFORE, TREATED_AFTER, CONTROL_BEFORE, CONTROL_AFTER = range(4)
#: error of the first kind, and power of the smallest change that is told
ALPHA, POWER = 0.05, 0.8
#: answers in each wave from which an area tells how areas differ, and degrees of freedom that this needs
_AREA_ANSWERS, _AREA_FREEDOM = 5, 2
_SIGNS = np.array([[-1.0, 1.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.0], [-1.0, 1.0, 1.0, -1.0]])


@dataclass(frozen=True)
class Contrast:
    """A difference with its 95 % interval.

    Attributes
    ----------
    value, se, low, high, p, df : float
        NaN where it cannot be known.
    smallest : float
        Smallest true difference, either way, that 8 of 10 such surveys would call more than chance.
    """

    value: float
    se: float
    low: float
    high: float
    p: float
    df: float
    smallest: float

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.p))


NOTHING = Contrast(*([float("nan")] * 7))


@dataclass(frozen=True)
class Change:
    """A mean or share in both waves, its changes, and their difference.

    Attributes
    ----------
    cells : Estimates
        Treated before and after, comparison before and after.
    treated, control : Contrast
        After less before.
    effect : Contrast
        Change of the treated less that of the comparison areas; the change of the treated alone without these. Of
        ``people`` and ``areas`` the one with the wider interval.
    people : Contrast
        By the draw of respondents alone: true of these very areas.
    areas : Contrast or None
        By how differently areas changed; None where too few areas are known.
    size : float
        Effect over the standard deviation of the answers before (mean); difference of the arcsine changes (share;
        Cohen 1988).
    compared : bool
        There is a comparison.
    hidden, unsure : bool
        Too few answers to tell anything of; too few to show shares.
    """

    cells: Estimates
    treated: Contrast
    control: Contrast
    effect: Contrast
    people: Contrast
    areas: Contrast | None
    size: float
    compared: bool
    hidden: bool
    unsure: bool

    @property
    def told(self) -> bool:
        """Whether the result may be shown."""
        return not (self.hidden or self.unsure)

    @property
    def by_areas(self) -> bool:
        """Whether the interval of the effect is that of the areas."""
        return self.areas is not None and self.effect is self.areas


def contrast(value: float, variance: float, df: float, bound: float = np.inf) -> Contrast:
    """Make a difference with Student's t.

    Parameters
    ----------
    value, variance, df : float
    bound : float
        Largest difference that there can be.
    """
    if not (np.isfinite(value) and np.isfinite(variance) and df > 0):
        return Contrast(value, *([float("nan")] * 6))
    se, free = float(np.sqrt(max(variance, 0.0))), max(float(df), 1.0)
    t = float(special.stdtrit(free, 1.0 - ALPHA / 2.0))
    p = 2.0 * float(special.stdtr(free, -abs(value) / se)) if se > 0 else 1.0
    smallest = (t + float(special.stdtrit(free, POWER))) * se
    return Contrast(float(value), se, max(value - t * se, -bound), min(value + t * se, bound), p, free,
                    smallest if smallest <= bound else float("nan"))


def compare(
    design: Design, y: np.ndarray, cell: np.ndarray, *, share: bool, limits: tuple[float, float],
    area: np.ndarray | None = None, across: bool = False, least: int = 1, progress: Progress = silent,
) -> Change:
    """Estimate the changes of a mean or share and their difference.

    Parameters
    ----------
    design : Design
        Of the respondents of both waves together. Units that were asked in both have the same number in both.
    y : (n,) array
        NaN for no answer.
    cell : (n,) array of int
        0 treated before, 1 treated after, 2 comparison before, 3 comparison after; -1 for none.
    share : bool
        ``y`` is 0 and 1.
    limits : (float, float)
        Least and greatest answer.
    area : (n,) array of int, optional
        Area of each respondent, -1 for unknown.
    across : bool
        Units go across the waves (a panel, or the same clusters), so that waves are no independent samples.
    least : int
        Fewest answers in each cell of which anything is told.
    progress : Progress

    Returns
    -------
    Change
    """
    y = np.asarray(y, dtype=float)
    code = np.where(np.isfinite(y), cell, -1).astype(np.int64)
    cells = survey.estimate(design, y, code, 4, limits, share, progress)
    compared = bool((cells.n[2:] > 0).all())
    used = cells.n if compared else cells.n[:2]
    hidden = bool((used < least).any())
    rse = cells.rse
    unsure = share and not hidden and bool(((used < ENOUGH) & ~(rse[: len(used)] <= LARGEST_RSE)).any())
    inside = code >= 0
    base = np.zeros(len(y))
    base[inside] = design.weight[inside] * (y[inside] - cells.value[code[inside]]) / cells.total[code[inside]]
    part = np.where(inside, code // 2 if across else code, -1)
    weights = _parts(design, base, code, part, 2 if across else 4)
    extra = np.maximum(_floor(cells, share, limits) - np.nan_to_num(cells.se) ** 2, 0.0)
    bound = limits[1] - limits[0]
    treated, control, both = (
        _people(cells, row, weights, extra, bound * (2.0 if k == 2 else 1.0)) for k, row in enumerate(_SIGNS))
    people = both if compared else treated
    areas = _areas(design, base, code, area, cells) if compared and area is not None else None
    effect = areas if areas is not None and areas.high - areas.low > people.high - people.low else people
    size = _size(cells, share, compared)
    return Change(cells, treated, control if compared else NOTHING, effect, people, areas, size, compared, hidden,
                  unsure)


def _parts(design: Design, base: np.ndarray, code: np.ndarray, part: np.ndarray, parts: int) -> dict:
    """Return the joint variance of each difference, that of its independent parts, and what is known of these."""
    sign = np.where(code >= 0, _SIGNS[:, np.maximum(code, 0)], 0.0)
    u = (sign * base).T
    alone = np.stack([u[:, 2] * (part == k) for k in range(parts)], axis=1)
    variance = design.variance(np.concatenate([u, alone], axis=1))
    factor, units, number = design.unevenness(part, parts)
    df = design.freedom(part, parts)
    sure = np.maximum(np.minimum(df, df + number - units), 0.0)
    return {"joint": variance[:3], "alone": variance[3:], "factor": factor, "df": np.where(df > 0, sure, 0.0),
            "of": np.array([0, 1] if parts == 2 else [0, 0, 1, 1])}


def _people(cells: Estimates, sign: np.ndarray, made: dict, extra: np.ndarray, bound: float) -> Contrast:
    """Return a difference by the draw of respondents."""
    use = sign != 0
    value = float(sign[use] @ cells.value[use])
    k = int(np.flatnonzero((_SIGNS == sign).all(axis=1))[0])
    here = np.isin(made["of"], np.unique(np.arange(4)[use] // 2))
    alone, factor, df = made["alone"][here], made["factor"][here], made["df"][here]
    if (df <= 0).any() or not np.isfinite(value):
        return Contrast(value, *([float("nan")] * 6))
    spread = alone * factor
    larger = spread.sum() / alone.sum() if alone.sum() > 0 else 1.0
    # where all answer alike nothing is seen of how much they differ; the floor then holds with all freedom there is
    free = spread.sum() ** 2 / (spread**2 / np.maximum(df, 1.0)).sum() if spread.sum() > 0 else df.min()
    return contrast(value, float(made["joint"][k]) * larger + float(extra[use].sum()), max(free, 1.0), bound)


def _floor(cells: Estimates, share: bool, limits: tuple[float, float]) -> np.ndarray:
    """Least variance of each cell: a few like answers do not prove that all think alike.

    Shares: one success and one failure are added (Agresti and Caffo 2000), with the effective sample. Means: of cells
    with fewer than 30 answers, or all alike, the spread of all answers; where all of a cell are alike, no less than
    one of two more at the other end of the scale would make.
    """
    flat = ~np.isfinite(cells.deff)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = np.maximum(np.where(flat, cells.size, np.minimum(cells.n_eff, cells.n)), 1e-9)
        if share:
            middle = (n * cells.value + 1.0) / (n + 2.0)
            return np.nan_to_num(middle * (1.0 - middle) / (n + 2.0))
        known = np.isfinite(cells.spread) & (cells.n > 0)
        if not known.any():
            return np.zeros(4)
        pooled = float((cells.n * np.where(known, cells.spread, 0.0)).sum() / cells.n[known].sum())
        reach = np.maximum(cells.value - limits[0], limits[1] - cells.value)
        other = (n + 1.0) / (n + 2.0) ** 2 / (n + 2.0) * reach**2
        least = np.where(known & (flat | (cells.n < FEW)), pooled / n, 0.0)
        return np.where(known & flat, np.maximum(least, other), least)


def _areas(
    design: Design, base: np.ndarray, code: np.ndarray, area: np.ndarray, cells: Estimates,
) -> Contrast | None:
    """Return the difference by how differently areas changed; None where too few areas are known."""
    inside = (code >= 0) & (area >= 0)
    if not inside.any():
        return None
    role, wave = code // 2, code % 2
    pairs, of = np.unique(area[inside] * 2 + role[inside], return_inverse=True)
    of, count = np.asarray(of).ravel(), len(pairs)
    belongs = pairs % 2
    answers = np.stack([np.bincount(of[wave[inside] == k], minlength=count) for k in (0, 1)])
    weight = np.stack([np.bincount(of[wave[inside] == k], design.weight[inside][wave[inside] == k], count)
                       for k in (0, 1)])
    whole = np.stack([cells.total[belongs * 2], cells.total[belongs * 2 + 1]])
    part = (weight / whole).mean(axis=0)
    moved = np.bincount(of, np.where(wave[inside] == 1, 1.0, -1.0) * base[inside], count)
    squares = np.bincount(belongs, part**2, 2)
    good = (answers >= _AREA_ANSWERS).all(axis=0) & (part > 0)
    held = np.bincount(belongs[good], minlength=2)
    left = 1.0 - 2.0 * part + squares[belongs]
    df = float(np.maximum(held - 1, 0).sum())
    if df < _AREA_FREEDOM or (held == 0).any() or not left[good].sum() > 1e-9:
        return None
    own = moved[good] / part[good]
    spread = float((own**2).sum() / left[good].sum())
    value = float(_SIGNS[2] @ cells.value)
    return contrast(value, spread * float(squares.sum()), df)


def _size(cells: Estimates, share: bool, compared: bool) -> float:
    sign = _SIGNS[2 if compared else 0]
    use = sign != 0
    if share:
        return float(sign[use] @ (2.0 * np.arcsin(np.sqrt(np.clip(cells.value[use], 0.0, 1.0)))))
    before = np.array([0, 2] if compared else [0])
    n, spread = cells.n[before], cells.spread[before]
    pooled = float((n * spread).sum() / n.sum()) if n.sum() else np.nan
    return float(sign[use] @ cells.value[use] / np.sqrt(pooled)) if pooled > 0 else float("nan")


def came_back(design: Design, back: np.ndarray, role: np.ndarray) -> tuple[Estimates, Contrast]:
    """Compare how many of a panel answered again.

    Parameters
    ----------
    design : Design
    back : (n,) array
        1 for who was asked before and answered after, 0 for who did not; NaN for all others.
    role : (n,) array of int
        0 treated, 1 comparison, -1 none.

    Returns
    -------
    (2,) Estimates and the difference of treated less comparison areas
    """
    code = np.where(np.isfinite(back), role, -1).astype(np.int64)
    rates = survey.estimate(design, back, code, 2, share=True)
    if not (rates.n > 0).all():
        return rates, NOTHING
    extra = np.maximum(_floor_two(rates) - np.nan_to_num(rates.se) ** 2, 0.0)
    variance = float((rates.se**2).sum() + extra.sum())
    return rates, contrast(float(rates.value[0] - rates.value[1]), variance, float(rates.df.min()), 1.0)


def _floor_two(rates: Estimates) -> np.ndarray:
    n = np.maximum(np.minimum(np.nan_to_num(rates.n_eff, nan=1.0), rates.n), 1e-9)
    middle = (n * rates.value + 1.0) / (n + 2.0)
    return middle * (1.0 - middle) / (n + 2.0)


def both_waves(person: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """Return which rows are of people who are in both waves.

    Parameters
    ----------
    person : (n,) array of int
        -1 for unknown.
    wave : (n,) array of int
        0 before, 1 after, -1 none.
    """
    known = (person >= 0) & (wave >= 0)
    top = int(person.max(initial=-1)) + 1
    there = np.zeros((2, top + 1), dtype=bool)
    there[wave[known], person[known]] = True
    return known & (there[0] & there[1])[np.where(known, person, top)]
