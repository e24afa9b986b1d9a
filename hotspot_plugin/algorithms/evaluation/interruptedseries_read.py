"""Reads the series of the treated and the comparison areas, and fits it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import interruptedseries as analysis
from ...analysis.evaluation.interruptedseries import Fitted
from . import panel_read
from .panel_read import Source

_YEAR = 365.25
#: Choice of SEASON without one.
_NONE = 1


@dataclass(frozen=True)
class Data:
    """The series that are used.

    Attributes
    ----------
    source : Source
    used : (k,) int array
        Units of time.
    counts : (k,) array
    control : (k,) array or None
    days : (k,) array
    after : (k,) array of bool
    when : (k,) array or None
        Middle of each unit in years, where that is known.
    pairs : int
        Waves of the season.
    wanted : bool
        Whether a season was wanted.
    notes : str
    planned : str
        What was planned before.
    """

    source: Source
    used: np.ndarray
    counts: np.ndarray
    control: np.ndarray | None
    days: np.ndarray
    after: np.ndarray
    when: np.ndarray | None
    pairs: int
    wanted: bool
    notes: str
    planned: str


def read(run: Any) -> Data:
    """Read and add up; refuse series that are too short or too thin."""
    tool = run.tool
    source = panel_read.read(run, "alone")
    panel = source.panel
    used = np.flatnonzero(panel.used)
    after = panel.after[used]
    first = tool.INCIDENTS if run.has(tool.INCIDENTS) else tool.SERIES_FIELDS
    before_number, after_number = int((~after).sum()), int(after.sum())
    if before_number < analysis.LEAST_BEFORE or after_number < analysis.LEAST_AFTER:
        raise InputError(
            tool.UNIT if run.has(tool.INCIDENTS) else tool.SERIES_FIELDS,
            "There are {before} units of time before and {after} after the start; a line before, a step and another"
            " slope need at least 8 and 4. Choose a shorter unit of time, give data of a longer time, or use"
            " 'Difference in differences'.", before=before_number, after=after_number)
    counts = panel.counts[panel.treated][:, used].sum(axis=0)
    if counts[~after].sum() < 1 or (counts[~after] > 0).sum() < 4:
        raise InputError(first, "The treated areas have incidents in {count} units of time before the start: that makes"
                                " no line. Give longer units of time, or use 'Weighted displacement difference'.",
                         count=int((counts[~after] > 0).sum()))
    control = panel.counts[panel.control][:, used].sum(axis=0) if panel.control.any() else None
    if control is not None and (not control[after].sum() or (control[~after] > 0).sum() < 4):
        raise InputError(first, "The comparison areas have too few incidents before or none after the start. Leave them"
                                " out (empty role), add others, or choose longer units of time.")
    when = None
    if panel.starts is not None:
        year = (panel.starts - panel.starts[0].astype("M8[Y]").astype("M8[D]")).astype(float)
        when = ((year + panel.days / 2.0) / _YEAR)[used]
    elif run.integer(tool.IN_YEAR):
        when = used / float(run.integer(tool.IN_YEAR))
    wanted = run.choice(tool.SEASON) != _NONE
    pairs = analysis.season_pairs(when, after) if wanted and when is not None else 0
    if control is not None:
        # what both share cancels; one wave is left for a season that they do not share
        pairs = min(pairs, 1)
    # each wave costs two of few units
    while pairs and len(used) < 4 + 2 * pairs + 8:
        pairs -= 1
    return Data(source, used, counts, control, panel.days[used], after, when, pairs, wanted,
                run.text(tool.NOTES).strip(), panel_read.planned(run, source))


def fit(run: Any, data: Data) -> Fitted:
    """Fit, refusing what has no finite estimate."""
    run.progress(0.7)
    found = analysis.fit(data.counts, data.days, data.used.astype(float), data.after, data.when, data.pairs,
                         data.control)
    if found is None:
        first = run.tool.INCIDENTS if run.has(run.tool.INCIDENTS) else run.tool.SERIES_FIELDS
        raise InputError(first, "The series cannot be fitted: too many units of time have no incident. Choose longer"
                                " units, more areas, or 'Weighted displacement difference'.")
    run.check()
    return found
