"""Every ratio of dated events that is looked at: rings, states and parts of the day, judged together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import significance
from ..progress import Progress, part, silent
from . import conditional
from . import datedevents as analysis
from .conditional import Ratio
from .datedevents import AFTER, BEFORE, DURING, Calendar, Town

#: Placebo dates from which their spread is used, and from which they give a p-value.
_ENOUGH_PLACEBOS, _SOME_PLACEBOS = 99, 19


@dataclass(frozen=True)
class Counted:
    """Incidents brought to places, days and rings.

    Attributes
    ----------
    calendar : Calendar
    place, day, ring : (n,) arrays of int
        Of each incident; place and ring -1 beyond all rings.
    rings : int
    parts : list of (int, (n,) bool array)
        Part of the day, and its incidents.
    first_day : datetime64[D]
    """

    calendar: Calendar
    place: np.ndarray
    day: np.ndarray
    ring: np.ndarray
    rings: int
    parts: list
    first_day: np.datetime64


@dataclass
class Look:
    """One ratio looked at.

    Attributes
    ----------
    part, ring, state : int
    ratio : Ratio
    days, days_before : int
        Added up over all places.
    p_all : float
        Holm.
    p_placebo, p_placebo_all : float
        NaN without placebo dates.
    placebo_sd, placebo_mean : float
        Of the placebo scores: 1 and 0 where the model is right.
    """

    part: int
    ring: int
    state: int
    ratio: Ratio
    days: int
    days_before: int
    p_all: float = float("nan")
    p_placebo: float = float("nan")
    p_placebo_all: float = float("nan")
    placebo_sd: float = float("nan")
    placebo_mean: float = float("nan")

    @property
    def clear(self) -> bool:
        """Whether it differs from 1 after allowing for the number of looks, by the model and by placebo dates."""
        if not self.ratio.known:
            return False
        apart = self.ratio.low_adjusted > 1.0 or self.ratio.high_adjusted < 1.0
        return apart and not self.p_placebo_all > 0.05


@dataclass(frozen=True)
class Result:
    """All looks.

    Attributes
    ----------
    looks : list of Look
    count : int
        Looks that could be estimated.
    towns : dict
        Part of the day -> Town.
    weeks : list of (int, Ratio)
        Week (as in the analysis) of the innermost ring and the first part of the day, against the days before.
    draws : int
        Placebo dates.
    """

    looks: list
    count: int
    towns: dict
    weeks: list
    draws: int


def compare(
    counted: Counted, adjust: bool = True, draws: int = 999, together: bool = False, seed: int = 1,
    progress: Progress = silent, weekly: bool = True,
) -> Result:
    """Estimate every ratio with its interval and its placebo dates.

    Parameters
    ----------
    counted : Counted
    adjust : bool
        Allow for season, trend and weekday of the town.
    draws : int
        Placebo dates; 0 for none.
    together : bool
        These move all places by the same number of days.
    seed : int
        Every part of the day has the same placebo dates.
    progress : Progress
    weekly : bool
        Compare week by week too.

    Returns
    -------
    Result
    """
    calendar, (places, days) = counted.calendar, counted.calendar.state.shape
    states = [s for s in (DURING, AFTER) if calendar.kept[s]]
    draws = min(draws, days - 1) if together else draws
    contrasts = [(state, BEFORE) for state in states]
    looks: list = []
    pairs: list = []
    scores: list = []
    towns: dict = {}
    weeks: list = []
    for number, (part_of_day, mask) in enumerate(counted.parts):
        stage = part(progress, number / len(counted.parts), (number + 1) / len(counted.parts))
        town = analysis.town_level(counted.day[mask], counted.ring[mask] < 0, days, counted.first_day, adjust)
        towns[part_of_day] = town
        exposure = analysis.exposures(calendar.state, town.level, 5)
        inside = mask & (counted.ring >= 0)
        for ring in range(counted.rings):
            stage(0.0)
            here = inside & (counted.ring == ring)
            counts = analysis.counts_by_state(calendar.state, counted.place[here], counted.day[here], places, 5)
            for state in states:
                looks.append((part_of_day, ring, state))
                pairs.append((analysis.pair_of(counts, exposure, state, BEFORE),
                              _noise(calendar, town, counts, exposure, state)))
        if draws:
            found = analysis.placebo_scores(
                calendar.state, counted.place[inside], counted.day[inside], counted.ring[inside], counted.rings,
                town.level, contrasts, draws, np.random.default_rng(seed), together, stage)
            scores.append(found.transpose(0, 2, 1).reshape(draws, -1))  # ring by ring, as the looks are
        if weekly and not number:
            weeks = _weeks(counted, town, inside & (counted.ring == 0))
    count = sum(1 for pair, _ in pairs if pair.total.sum() > 0)
    placebo = np.concatenate(scores, axis=1) if scores else np.empty((0, len(looks)))
    return Result(_judged(calendar, looks, pairs, placebo, count), count, towns, weeks, draws)


def _noise(calendar: Calendar, town: Town, counts: np.ndarray, exposure: np.ndarray, state: int) -> float:
    total = counts[:, state] + counts[:, BEFORE]
    both = np.maximum(exposure[:, state] + exposure[:, BEFORE], 1e-12)
    weights = total * exposure[:, state] * exposure[:, BEFORE] / both**2
    return analysis.town_variance(calendar.state, town, weights, state, BEFORE)


def _judged(calendar: Calendar, looks: list, pairs: list, placebo: np.ndarray, count: int) -> list:
    out, kept = [], calendar.kept
    for k, ((part_of_day, ring, state), (pair, noise)) in enumerate(zip(looks, pairs)):
        drawn = placebo[np.isfinite(placebo[:, k]), k] if len(placebo) else np.empty(0)
        phi = float(drawn.var()) if len(drawn) >= _ENOUGH_PLACEBOS else 1.0
        ratio = conditional.compare(pair, max(count, 1), max(phi, 1.0), noise)
        look = Look(part_of_day, ring, state, ratio, int(kept[state]), int(kept[BEFORE]))
        if len(drawn) >= _SOME_PLACEBOS and ratio.known:
            score, information, _ = pair.score(0.0)
            seen = abs(score / np.sqrt(information))
            look.p_placebo = float(significance.permutation_p(int((np.abs(drawn) >= seen - 1e-9).sum()), len(drawn)))
            largest = np.nanmax(np.abs(np.where(np.isfinite(placebo), placebo, 0.0)), axis=1)
            look.p_placebo_all = float(significance.permutation_p(int((largest >= seen - 1e-9).sum()), len(largest)))
            look.placebo_sd, look.placebo_mean = float(drawn.std()), float(drawn.mean())
        out.append(look)
    for look, p in zip(out, conditional.holm(np.array([look.ratio.p for look in out]))):
        look.p_all = float(p)
    return out


def _weeks(counted: Counted, town: Town, here: np.ndarray) -> list:
    """Compare each week with all days before; a week before with the other days before."""
    state, week = counted.calendar.state, counted.calendar.week
    place, day = counted.place[here], counted.day[here]
    out: list = []
    for number in range(analysis.WEEKS):
        codes = np.where(state == BEFORE, 0, -1).astype(np.int8)
        codes[week == number] = 1
        if not (codes == 1).any():
            continue
        counts = analysis.counts_by_state(codes, place, day, len(state), 2)
        exposure = analysis.exposures(codes, town.level, 2)
        out.append((number, conditional.compare(analysis.pair_of(counts, exposure, 1, 0))))
    return out
