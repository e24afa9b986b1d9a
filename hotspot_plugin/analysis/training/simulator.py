"""Counts and points with a planted truth, on plain arrays: for practice data and for the calibration of estimators.

:func:`counts` makes counts of places by period; :func:`near_repeats` makes a branching process; :func:`intervene` thins
points where and when a measure works and moves a part of them next door. None of them needs a town.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .draws import Stream


@dataclass(frozen=True)
class Measure:
    """What a measure does to counts.

    Attributes
    ----------
    treated : (n,) array of bool
    start : int
        First period in which it works.
    effect : float
        What the rate of the treated places is multiplied by: 0.7 prevents 30 %.
    ring : (n,) array of bool, optional
        Places to which a part of what is prevented moves (or, with a negative part, whose rate falls too).
    displaced : float
        Part of what is prevented that turns up in the ring: 0.3 moves 30 %, -0.2 prevents a further 20 % there.
    stop : int, optional
        First period in which it no longer works.
    """

    treated: np.ndarray
    start: int
    effect: float
    ring: np.ndarray | None = None
    displaced: float = 0.0
    stop: int | None = None


def rates(
    base: np.ndarray,
    periods: int,
    trend: float = 0.0,
    season: float = 0.0,
    per_year: float = 12.0,
    measures: tuple = (),
    exposure: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Return the expected counts of places by period.

    Parameters
    ----------
    base : (n,) array
        Expected count of each place in a period without any of the following.
    periods : int
    trend : float
        Change a year, as a share: 0.05 is 5 % more each year.
    season : float
        Height of the yearly wave over the mean, 0 to 1.
    per_year : float
        Periods in a year.
    measures : tuple of Measure
    exposure : (periods,) array or float
        Length of each period over the usual one.

    Returns
    -------
    (n, periods) array
    """
    time = np.arange(periods, dtype=float)
    common = (1.0 + trend) ** (time / per_year) * (1.0 + season * np.cos(2 * np.pi * (time / per_year - 0.54)))
    out = np.asarray(base, float)[:, None] * (common * exposure)[None, :]
    for measure in measures:
        now = np.zeros(periods, bool)
        now[measure.start : measure.stop] = True
        prevented = (1.0 - measure.effect) * out[measure.treated][:, now].sum(axis=0)
        out[np.ix_(measure.treated, now)] *= measure.effect
        if measure.ring is not None and measure.displaced:
            near = out[np.ix_(measure.ring, now)]
            whole = near.sum(axis=0)
            change = np.where(whole > 0, measure.displaced * prevented / np.maximum(whole, 1e-300), 0.0)
            out[np.ix_(measure.ring, now)] = near * np.maximum(1.0 + change, 0.0)
    return out


def counts(
    stream: Stream, expected: np.ndarray, overdispersion: float = 1.0, by_place: float = 0.0, runs: int | None = None
) -> np.ndarray:
    """Return random counts of expected ones.

    Parameters
    ----------
    stream : Stream
    expected : (n, periods) array
        See :func:`rates`.
    overdispersion : float
        Variance over mean of a count whose expected value is the mean of all: 1 is Poisson. Beyond, each count's rate
        is multiplied by a lognormal factor of mean 1, so the ratio grows with the count as in a negative binomial.
    by_place : float
        Standard deviation of the logarithm of a factor that each place keeps over all periods.
    runs : int, optional
        Makes so many at once.

    Returns
    -------
    (n, periods) or (runs, n, periods) int array
    """
    expected = np.asarray(expected, float)
    shape = expected.shape if runs is None else (runs, *expected.shape)
    mean = np.broadcast_to(expected, shape)
    if by_place > 0:
        lasting = np.exp(by_place * stream.normal((*shape[:-1], 1)) - by_place**2 / 2)
        mean = mean * lasting
    if overdispersion > 1.0 and expected.mean() > 0:
        variance = np.log1p((overdispersion - 1.0) / expected.mean())
        mean = mean * np.exp(np.sqrt(variance) * stream.normal(shape) - variance / 2)
    return stream.poisson(mean)


def near_repeats(
    stream: Stream, x: np.ndarray, y: np.ndarray, time: np.ndarray, ratio: float, distance: float, days: float,
    most_distance: float, most_days: float,
) -> tuple:
    """Return what incidents draw after them: x, y, time (days) and which incident each one follows.

    A branching process: every incident, those that follow included, draws a Poisson number (mean ``ratio``) of others,
    at exponential distances (mean ``distance`` m) in any direction and after exponential times (mean ``days``), both
    cut off. ``follows`` counts the first incidents and then the returned ones, in order.
    """
    if not 0 <= ratio < 1:
        raise ValueError("a ratio of 1 or more never ends")
    made: list = []
    px, py, pt, number = (np.asarray(a) for a in (x, y, time, np.arange(len(x))))
    total = len(px)
    while len(px):
        children = stream.poisson(np.full(len(px), ratio))
        parent = np.repeat(np.arange(len(px)), children)
        n = len(parent)
        if not n:
            break
        # inverse of the exponential distribution cut off, so that nothing is thrown away
        away = -distance * np.log1p(-stream.uniform(size=n) * -np.expm1(-most_distance / distance))
        turn = stream.uniform(0.0, 2 * np.pi, n)
        later = -days * np.log1p(-stream.uniform(size=n) * -np.expm1(-most_days / days))
        block = (px[parent] + away * np.cos(turn), py[parent] + away * np.sin(turn), pt[parent] + later, number[parent])
        made.append(block)
        px, py, pt = block[:3]
        number = np.arange(total, total + n)
        total += n
    if not made:
        nothing = np.zeros(0)
        return nothing, nothing, nothing, np.zeros(0, int)
    return tuple(np.concatenate(parts) for parts in zip(*made))


def intervene(stream: Stream, affected: np.ndarray, effect: float, displaced: float) -> tuple:
    """Return which incidents happen all the same and which happen elsewhere, as masks.

    Each affected incident is prevented with probability 1 - effect; of the prevented ones the share ``displaced``
    happens elsewhere instead.
    """
    n = len(affected)
    prevented = affected & (stream.uniform(size=n) >= effect)
    moved = prevented & (stream.uniform(size=n) < displaced)
    return ~prevented, moved
