"""Agreement, marks and scores out of the visits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.cpted import cptedauditscore as analysis
from ...analysis.cpted.auditform import BEST
from ...analysis.cpted.cptedscore import Scheme, Scores
from ...analysis.cpted.cptedscore import score as weigh
from ...analysis.cpted.profile import PRINCIPLES
from .cptedauditscore_read import DAY, NIGHT, Data

USED, DROPPED, NO_TEST = "used", "dropped", "no test"
NOBODY, DAY_ONLY, NIGHT_ONLY, COMPLETE = range(4)
DRAWS = 999


@dataclass
class Result:
    """What comes of the visits.

    Attributes
    ----------
    agreement : list of Agreement
        Of each item over all auditors.
    two : list of (item, first auditor, second auditor, Agreement)
    use : list of str
        :data:`USED`, :data:`DROPPED` or :data:`NO_TEST` by item.
    kept : (k,) array of bool
    marks : Marks
    seen : (p,) array
    scores : Scores
        On the kept items, whatever was seen.
    overall : (p,) array
        NaN where not complete or too little was seen.
    visits : (p,) array of int
        :data:`NOBODY` to :data:`COMPLETE`.
    days, nights, auditors : (p,) arrays of int
    double : int
        Places with a pair.
    """

    agreement: list
    two: list
    use: list
    kept: np.ndarray
    marks: analysis.Marks
    seen: np.ndarray
    scores: Scores | None
    overall: np.ndarray
    visits: np.ndarray
    days: np.ndarray
    nights: np.ndarray
    auditors: np.ndarray
    double: int


def score(run: Any, data: Data) -> Result:
    """Measure agreement, drop items, and score."""
    tool, p, k = run.tool, len(data.keys), len(data.items)
    rng = np.random.default_rng(run.integer(tool.SEED))
    first, second = analysis.pairs_of(data.place, data.visit, data.auditor, run.stage(0.3, 0.35))
    mates = sorted(set(zip(data.auditor[first].tolist(), data.auditor[second].tolist())))
    several = len(mates) > 1
    found, two = [], []
    for i in range(k):
        marks = data.marks[:, i]
        found.append(analysis.agreement(marks[first], marks[second], data.place[first], rng, DRAWS, several))
        for one, other in mates if several else []:
            own = (data.auditor[first] == one) & (data.auditor[second] == other)
            two.append((i, one, other, analysis.agreement(marks[first[own]], marks[second[own]],
                                                          data.place[first[own]], rng, DRAWS)))
            run.check()
        run.progress(0.35 + 0.4 * (i + 1) / k)
    use = [_use(a, run.number(tool.MIN_KAPPA), run.integer(tool.MIN_PAIRS)) for a in found]
    kept = np.array([word != DROPPED for word in use], bool)
    marks = analysis.mean_marks(data.place, data.auditor, data.marks, data.not_applicable, data.weight, p)
    days = np.bincount(data.place[data.visit == DAY], minlength=p)
    nights = np.bincount(data.place[data.visit == NIGHT], minlength=p)
    visits = np.where(days > 0, np.where(nights > 0, COMPLETE, DAY_ONLY), np.where(nights > 0, NIGHT_ONLY, NOBODY))
    auditors = np.bincount(np.unique(np.column_stack([data.place, data.auditor]), axis=0)[:, 0], minlength=p)
    seen, scores, overall = marks.seen_share(kept), None, np.full(p, np.nan)
    if kept.any():
        principle = np.array([item.principle for item in data.items])[kept]
        # what does not apply asks for nothing, so that the share seen is taken from the marks and not from here
        scores = weigh(marks.mean[:, kept] / BEST * 100.0, Scheme(
            principle, np.ones(len(principle)), np.ones(len(PRINCIPLES)), least_share=0.0))
        enough = np.nan_to_num(seen) >= run.number(tool.MIN_SEEN) - 1e-9
        if not run.flag(tool.ALLOW_INCOMPLETE):
            enough &= visits == COMPLETE
        overall = np.where(enough, scores.overall, np.nan)
    return Result(found, two, use, kept, marks, seen, scores, overall, visits, days, nights, auditors,
                  len(np.unique(data.place[first])))


def _use(found: analysis.Agreement, least: float, pairs: int) -> str:
    if found.n < pairs or np.isnan(found.kappa):
        return NO_TEST
    return USED if found.kappa >= least - 1e-9 else DROPPED
