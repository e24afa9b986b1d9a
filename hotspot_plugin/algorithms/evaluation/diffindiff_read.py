"""Reads the panel and estimates: the effect, its placebos, the time before, dose and displacement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import diffindiff as analysis
from ...analysis.evaluation import pretrend
from ...analysis.evaluation import weighteddisplacement as wdd
from ...analysis.evaluation.design import CONTROL_DISPLACEMENT, TREATED_DISPLACEMENT
from ...analysis.evaluation.diffindiff import Dose, Effect, Placebos
from ...translation import tr
from . import panel_read
from .panel_read import Source

_YEAR = 365.25


@dataclass(frozen=True)
class Data:
    """What was read.

    Attributes
    ----------
    source : Source
    used : (k,) int array
        Units of time that are used, in order.
    after : (k,) array of bool
    before_n, after_n : (n,) arrays
        Counts of the areas.
    dose : (n,) array or None
    notes : str
    planned : str
        What was planned before.
    """

    source: Source
    used: np.ndarray
    after: np.ndarray
    before_n: np.ndarray
    after_n: np.ndarray
    dose: np.ndarray | None
    notes: str
    planned: str

    @property
    def when(self) -> np.ndarray:
        """Middle of the used units: years where they have dates, else their number."""
        panel = self.source.panel
        if panel.starts is None:
            return self.used.astype(float)
        days = (panel.starts - panel.starts[0]).astype(float) + panel.days / 2.0
        return (days / _YEAR)[self.used]

    @property
    def dated(self) -> bool:
        """Whether units of time have dates."""
        return self.source.panel.starts is not None


@dataclass(frozen=True)
class Result:
    """All estimates.

    Attributes
    ----------
    effect : Effect
        With the interval that holds.
    counted : Effect
        Regression to the mean not allowed for, interval by areas.
    plain : Effect
        Counted, with Poisson's variance.
    clustered : Effect or None
    placebos : Placebos or None
    smallest : float
        Log ratio; NaN for none.
    trend : Trend or None
    lasting : float
        What the trend needs to be multiplied by to be a ratio between after and before.
    path : Path
    fakes : list of (unit, Effect)
    around : Effect or None
        In the displacement areas.
    doses : (all, treated)
        Dose or None.
    shrunken : bool
    """

    effect: Effect
    counted: Effect
    plain: Effect
    clustered: Effect | None
    placebos: Placebos | None
    smallest: float
    trend: pretrend.Trend | None
    lasting: float
    path: pretrend.Path
    fakes: list
    around: Effect | None
    doses: tuple[Dose | None, Dose | None]
    shrunken: bool


def read(run: Any) -> Data:
    """Read counts, roles and dose; refuse what has no ratio."""
    tool = run.tool
    dose_field = run.field(tool.DOSE_FIELD)
    source = panel_read.read(run, "any", numbers=(dose_field,) if dose_field else ())
    panel = source.panel
    used = np.flatnonzero(panel.used)
    before, after = (panel.counts[:, mask].sum(axis=1) for mask in (panel.before, panel.later))
    data = Data(source, used, panel.after[used], before, after,
                source.values[dose_field] if dose_field else None, run.text(tool.NOTES).strip(),
                panel_read.planned(run, source))
    _refuse(run, data)
    return data if data.dose is None else _checked_dose(run, data)


def _refuse(run: Any, data: Data) -> None:
    tool, panel = run.tool, data.source.panel
    first = tool.INCIDENTS if run.has(tool.INCIDENTS) else tool.SERIES_FIELDS
    if not data.before_n[panel.treated].sum():
        raise InputError(
            first, "The treated areas have no incident before the start: a change in per cent has no base. Give data of"
            " a longer time before, or use 'Weighted displacement difference', which compares numbers.")
    for counts, side in ((data.before_n, "before"), (data.after_n, "after")):
        if not counts[panel.control].sum():
            raise InputError(
                first, "The comparison areas have no incident " + side + " the start: nothing tells what would have"
                " happened anyway. Add comparison areas, or give data of a longer time.")


def _checked_dose(run: Any, data: Data) -> Data:
    tool, panel = run.tool, data.source.panel
    amount = np.where(panel.control & ~np.isfinite(data.dose), 0.0, data.dose)
    part = panel.treated | panel.control
    if (amount[part & np.isfinite(amount)] < 0).any():
        raise InputError(tool.DOSE_FIELD, "A dose is negative ({value}). Give how much was done, 0 where nothing was.",
                         value=float(np.nanmin(amount[part])))
    missing = panel.treated & ~np.isfinite(amount)
    if missing.all() or not (panel.treated & np.isfinite(amount)).any():
        raise InputError(tool.DOSE_FIELD, "No treated area has a dose. Choose the field that holds how much was done,"
                                          " or leave it empty.")
    if missing.any():
        run.warn(tr("{count} treated areas have no dose (first: {name}) and are left out of its response.").format(
            count=int(missing.sum()), name=data.source.names[int(np.flatnonzero(missing)[0])]))
    some = panel.control & (amount > 0)
    if some.any():
        run.warn(tr("{count} comparison areas got a dose too (first: {name}). What was done there makes the effect look"
                    " smaller than it is.").format(
            count=int(some.sum()), name=data.source.names[int(np.flatnonzero(some)[0])]))
    if not (amount[panel.treated & ~missing] > 0).any():
        raise InputError(tool.DOSE_FIELD, "The dose of every treated area is 0. Choose the field that holds how much"
                                          " was done, or leave it empty.")
    return Data(data.source, data.used, data.after, data.before_n, data.after_n, amount, data.notes,
                data.planned)


def estimate(run: Any, data: Data) -> Result:
    """Estimate the effect and everything beside it."""
    panel, tool = data.source.panel, run.tool
    part = panel.treated | panel.control
    treated = panel.treated[part]
    before, after, counts = data.before_n[part], data.after_n[part], panel.counts[part][:, data.used]
    in_time = analysis.time_spread(counts[treated].sum(axis=0), counts[~treated].sum(axis=0), data.after)
    counted = analysis.effect(before, after, treated, in_time)
    rng = np.random.default_rng(run.integer(tool.SEED))
    drawn = analysis.placebos(before, after, treated, run.integer(tool.PLACEBOS), rng, run.stage(0.6, 0.9))
    run.check()
    less = counted
    if data.source.places is not None:
        for role in ((0, 1) if data.source.choice_both else (0,)):
            chosen = before[treated] if role == 0 else before[~treated]
            less = analysis.expecting_less(less, *wdd.level_of_chosen(chosen, data.source.places), role=role)
    early = counts[:, ~data.after]
    run.progress(0.95)
    return Result(
        analysis.guarded(less, drawn), counted, analysis.poisson(counted), analysis.clustered(before, after, treated),
        drawn, analysis.smallest_fall(counted), pretrend.trend(early, data.when[~data.after], treated),
        float(data.when[data.after].mean() - data.when[~data.after].mean()),
        pretrend.path(counts, treated, data.after), pretrend.fake_starts(early, treated), _around(data),
        _doses(data, part), less is not counted)


def _around(data: Data) -> Effect | None:
    panel = data.source.panel
    near = panel.of(TREATED_DISPLACEMENT)
    others = panel.of(CONTROL_DISPLACEMENT)
    others = others if others.any() else panel.control
    sums = [counts[role].sum() for role in (near, others) for counts in (data.before_n, data.after_n)]
    if not near.any() or not sums[0] or not sums[2] or not sums[3]:
        return None
    part = near | others
    counts = panel.counts[:, data.used]
    spread = analysis.time_spread(counts[near].sum(axis=0), counts[others].sum(axis=0), data.after)
    return analysis.effect(data.before_n[part], data.after_n[part], near[part], spread)


def _doses(data: Data, part: np.ndarray) -> tuple[Dose | None, Dose | None]:
    if data.dose is None:
        return None, None
    known = np.isfinite(data.dose)
    both = []
    for mask in (part & known, data.source.panel.treated & known):
        both.append(analysis.dose(data.before_n[mask], data.after_n[mask], data.dose[mask]))
    return both[0], both[1]
