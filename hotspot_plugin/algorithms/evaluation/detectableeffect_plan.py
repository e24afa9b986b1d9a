"""Reads what is known before a measure, and works out what each plan could find."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import design
from ...analysis.evaluation import detectableeffect as analysis
from ...analysis.evaluation.compareperiods import Period
from ...analysis.evaluation.detectableeffect import Design, Survey
from ...analysis.evaluation.presets import last_day
from ...analysis.evaluation.weighteddisplacement import Dispersion, dispersion_among_areas, dispersion_in_time
from ...layers import fields
from ...layers.areas import POLYGON
from ...translation import tr
from . import design_plan, design_read

_MONTH = 365.2425 / 12.0
#: Weeks differ by the days they hold.
_LEAST_DAYS = 7
#: Lengths and multiples of areas that the table shows.
_MONTHS = (3.0, 6.0, 12.0, 24.0, 36.0, 60.0)
_AREAS = (2.0, 3.0, 5.0, 10.0)
LONGER, LATER, MORE_AREAS, SURVEY = "longer", "later", "areas", "survey"


@dataclass(frozen=True)
class Data:
    """What is planned.

    Attributes
    ----------
    plan : Design or None
        None where only a survey is planned.
    months, months_after : float
    displacement : bool
    number : (4,) array or None
        Areas of each role.
    period : Period or None
    spread : Dispersion
    change : float
        Fall hoped for, 0 to 1.
    survey : Survey or None
    share_after : float or None
    answers : float or None
    left_out : dict
    """

    plan: Design | None
    months: float
    months_after: float
    displacement: bool
    number: np.ndarray | None
    period: Period | None
    spread: Dispersion
    change: float
    survey: Survey | None
    share_after: float | None
    answers: float | None
    left_out: dict
    fingerprint: str = ""


def read(run: Any) -> Data:
    """Read the counts of the time before, and the plan."""
    tool = run.tool
    survey, after, answers = _survey(run)
    counts, fingerprint = None, ""
    numbers = [run.integer(name) if run.has(name) else None for name in (
        tool.TREATED_N, tool.CONTROL_N, tool.TREATED_DISP_N, tool.CONTROL_DISP_N)]
    months, period, number, left_out = run.number(tool.BEFORE_MONTHS), None, None, {}
    spread = Dispersion(1.0, np.inf, float("nan"), "assumed")
    if run.has(tool.INPUT):
        if any(value is not None for value in numbers):
            raise InputError(tool.TREATED_N, "Counts are given as numbers and by areas (INPUT) too: it is not clear"
                                             " which hold. Give one of them.")
        if run.has(tool.INCIDENTS):
            counts, number, period, spread, left_out, fingerprint = _from_incidents(run, spread)
            months = period.days / _MONTH
        else:
            counts, number, left_out, fingerprint = _from_field(run)
    elif run.has(tool.INCIDENTS):
        raise InputError(tool.INPUT, "Incidents are counted in areas. Give the areas with their roles.")
    elif numbers[0] is not None or numbers[1] is not None:
        counts = _from_numbers(tool, numbers)
    elif survey is None:
        raise InputError(
            tool.TREATED_N, "There is nothing to plan with. Give the incidents of the time before (TREATED_N and"
            " CONTROL_N), areas with counts (INPUT), or the share of a survey (SHARE_BEFORE).")
    if run.has(tool.OVERDISPERSION):
        spread = Dispersion(run.number(tool.OVERDISPERSION), np.inf, float("nan"), "given")
    months_after = run.number(tool.AFTER_MONTHS) or months
    plan = None
    if counts is not None:
        if not counts[0] > 0:
            raise InputError(tool.ROLE_FIELD if run.has(tool.INPUT) else tool.TREATED_N,
                             "The treated areas have no incident before: there is nothing that could fall.")
        if not counts[1] > 0:
            raise InputError(tool.ROLE_FIELD if run.has(tool.INPUT) else tool.CONTROL_N,
                             "The comparison areas have no incident before: they cannot show what would have happened"
                             " anyway. Choose comparison areas with about as many incidents as the treated ones.")
        size = run.number(tool.CONTROL_SIZE) or 1.0
        plan = Design(
            counts, months_after / months, np.array([1.0, size, 1.0, size]), spread.phi, run.number(tool.ALPHA),
            run.number(tool.POWER), run.choice(tool.SIDES) == 0, (run.number(tool.MOVED) or 0.0) / 100.0)
    displacement = counts is not None and bool(counts[2:].sum() > 0)
    return Data(plan, months, months_after, displacement, number, period, spread, run.number(tool.CHANGE) / 100.0,
                survey, after, answers, left_out, fingerprint)


def _from_numbers(tool: Any, numbers: list) -> np.ndarray:
    names = (tool.TREATED_N, tool.CONTROL_N, tool.TREATED_DISP_N, tool.CONTROL_DISP_N)
    for k in (0, 1):
        if numbers[k] is None:
            raise InputError(names[k], "The incidents of the treated and of the comparison areas are both needed.")
    if (numbers[2] is None) != (numbers[3] is None):
        raise InputError(names[2 if numbers[2] is None else 3],
                         "Displacement is judged against the surroundings of the comparison areas: give both numbers,"
                         " or neither.")
    return np.array([value or 0 for value in numbers], float)


def _from_field(run: Any) -> tuple[np.ndarray, np.ndarray, dict, str]:
    tool = run.tool
    if not run.has(tool.BEFORE_FIELD):
        raise InputError(tool.BEFORE_FIELD, "Choose the field with the counts before, or give INCIDENTS to be counted"
                                            " in the areas.")
    role, field = design_read.role_field(run, tool.INPUT), run.field(tool.BEFORE_FIELD)
    table, _ = design_read.areas_or_table(run, [field], [role])
    codes = design.role_codes(table.columns[role], tool.ROLE_FIELD)
    fingerprint = design_plan.fingerprint(table, codes)
    values = design.whole_counts(np.asarray(table.columns[field], float), tool.BEFORE_FIELD)
    missing = (codes >= 0) & ~np.isfinite(values)
    if missing.any():
        run.warn(tr("{count} areas have no count in '{field}' and are left out: a missing count is not 0.").format(
            count=int(missing.sum()), field=field))
    codes = np.where(missing, np.int8(-1), codes)
    number = design.check_roles(codes, tool.ROLE_FIELD)
    return (design.role_sums(np.nan_to_num(values), codes).astype(float), number, {"missing": int(missing.sum())},
            fingerprint)


def _from_incidents(run: Any, spread: Dispersion) -> tuple:
    tool = run.tool
    if run.has(tool.BEFORE_FIELD):
        raise InputError(tool.BEFORE_FIELD, "Counts are given in a field and incidents too: it is not clear which hold."
                                            " Give one of them.")
    role = design_read.role_field(run, tool.INPUT)
    areas = run.areas(tool.INPUT, texts=[role])
    if areas.kind != POLYGON:
        raise InputError(tool.INPUT, "Incidents are counted in polygons. Give areas, or counts in a field.")
    codes = design.role_codes(areas.columns[role], tool.ROLE_FIELD)
    number = design.check_roles(codes, tool.ROLE_FIELD)
    date_field = run.field(tool.DATE_FIELD, of=tool.INCIDENTS, schema=fields.DT_FROM)
    if not date_field:
        raise InputError(tool.DATE_FIELD, "Choose the field with the date of the incidents; there is no 'dt_from'.")
    rows = design_read.read_rows(run, tool.INCIDENTS, "", date_field, "")
    known = design_read.dated(run, rows, tool.INCIDENTS)
    start = run.date(tool.BEFORE_START) or known.min().astype("datetime64[D]")
    end = run.date(tool.BEFORE_END) or last_day(rows.moments, rows.precision, rows.monthly)
    if end < start:
        raise InputError(tool.BEFORE_END, "The period ends ({end}) before it starts ({start}). Exchange or correct the"
                                          " two dates.", end=str(end), start=str(start))
    period = Period(start, end)
    if period.days < _LEAST_DAYS:
        raise InputError(
            tool.BEFORE_START, "The time before, {start} to {end}, is shorter than {days} days: that is too short to"
            " plan with. Give incidents of a longer time, or its first day.", start=str(start), end=str(end),
            days=_LEAST_DAYS)
    run.info(tr("Incidents from {start} to {end} are the time before.").format(start=start, end=end))
    found = design_read.of_period(run, rows, period, tool.INCIDENTS, tool.BEFORE_START)
    index, _ = design_read.assign_by_role(areas, codes, found.x, found.y, run.stage(0.5, 0.8))
    roles = np.where(index >= 0, codes[index], -1).astype(np.int64)
    counts = np.bincount(roles[roles >= 0], minlength=4).astype(float)
    units = design.time_units(start, end, rows.monthly)
    if units is not None:
        # the first half of the time before stands for the time before, the second for the time after
        half = len(units) // 2
        table = design.panel(index, units.of(found.moments), len(codes), len(units))
        known_spreads = (
            dispersion_in_time(design.role_sums(table, codes)),
            dispersion_among_areas(table[:, :half].sum(axis=1), table[:, half : 2 * half].sum(axis=1), codes))
        spread = max((s for s in known_spreads if s is not None), key=lambda s: s.phi, default=spread)
    left_out = {"outside": int((index[found.located] < 0).sum()), "no place": int((~found.located).sum())}
    return counts, number, period, spread, left_out, design_plan.fingerprint(areas, codes)


def _survey(run: Any) -> tuple[Survey | None, float | None, float | None]:
    tool = run.tool
    before, after = run.number(tool.SHARE_BEFORE), run.number(tool.SHARE_AFTER)
    answers = run.integer(tool.RESPONDENTS)
    if before is None:
        given = tool.SHARE_AFTER if after is not None else tool.RESPONDENTS if answers is not None else ""
        if given:
            raise InputError(tool.SHARE_BEFORE, "For a survey the share before is needed; without an idea take 50.")
        return None, None, None
    if after is None and answers is None:
        raise InputError(tool.SHARE_AFTER, "Give the share that is hoped for, or the number of answers (RESPONDENTS).")
    if after is not None and after == before:
        raise InputError(tool.SHARE_AFTER, "The share after is that before: there is no change to be found.")
    survey = Survey(
        before / 100.0, run.number(tool.ALPHA), run.number(tool.POWER), run.choice(tool.SIDES) == 0,
        run.number(tool.CLUSTER), run.number(tool.LIKENESS), run.number(tool.DESIGN_EFFECT),
        run.number(tool.RESPONSE_RATE) / 100.0, run.number(tool.PANEL), run.flag(tool.SURVEY_CONTROL))
    return survey, after / 100.0 if after is not None else None, float(answers) if answers is not None else None


# --- what each plan finds ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Option:
    """One plan for counting, with what it would find; NaN where nothing would."""

    kind: str
    before: float
    after: float
    areas: float
    fall: float
    fall_share: float
    whole: float
    whole_share: float
    power: float
    power_whole: float


@dataclass(frozen=True)
class Result:
    """What the counts and the survey could find.

    Attributes
    ----------
    now : Option or None
        The plan as stated.
    options : list of Option
    rise : float
    times, months, later : float
        To find the fall hoped for: times as many areas, months of both periods, or months of the later one only.
    answers, asked : float
    change_rise, change_fall : float
        Smallest changes of the share with the answers given.
    """

    data: Data
    now: Option | None
    options: list
    rise: float
    times: float
    months: float
    later: float
    answers: float
    asked: float
    change_rise: float
    change_fall: float

    def columns(self, kinds: dict) -> dict:
        """Return the fields of the table."""
        rows = ([self.now] if self.now else []) + self.options
        nan = float("nan")
        survey = []
        if self.data.survey is not None:
            s, d = self.data.survey, self.data
            if d.share_after is not None:
                survey.append((self.answers, self.asked, s.before, d.share_after, abs(d.share_after - s.before)))
            if d.answers is not None:
                survey.append((d.answers, np.ceil(d.answers / s.response), s.before, s.before + self.change_rise,
                               self.change_rise))
        f, extra = fields, len(survey)

        def of(name: str) -> np.ndarray:
            return np.array([getattr(row, name) for row in rows] + [nan] * extra, float)

        def asked(at: int) -> np.ndarray:
            return np.array([nan] * len(rows) + [row[at] for row in survey], float)

        share = of("fall_share")
        share[len(rows):] = asked(4)[len(rows):]
        return {
            f.PLAN_OF: np.array([kinds[row.kind] for row in rows] + [kinds[SURVEY]] * extra, object),
            f.MON_BEF: of("before"), f.MON_AFT: of("after"), f.AREAS_X: of("areas"), f.FALL_N: of("fall"),
            f.FALL_SH: share, f.FALL_ALL_N: of("whole"), f.FALL_ALL_S: of("whole_share"), f.POW_SH: of("power"),
            f.POW_ALL_SH: of("power_whole"), f.ANSWERS: asked(0), f.ASKED: asked(1), f.SHARE_BEF: asked(2),
            f.SHARE_AFT: asked(3),
        }

    def numbers(self) -> dict:
        """Return the declared numbers."""
        now = self.now
        known = now is not None
        return {
            "FALL": now.fall if known else None, "FALL_PERC": 100.0 * now.fall_share if known else None,
            "RISE": self.rise, "FALL_ALL": now.whole if known else None,
            "FALL_ALL_PERC": 100.0 * now.whole_share if known else None, "POWER_NOW": now.power if known else None,
            "POWER_ALL": now.power_whole if known else None, "TIMES_NEEDED": self.times,
            "MONTHS_NEEDED": self.months, "LATER_NEEDED": self.later,
            "OVERDISPERSION_USED": self.data.spread.phi if known else None, "ANSWERS": self.answers,
            "ASKED": self.asked, "SURVEY_CHANGE": 100.0 * self.change_rise,
        }


def plan(run: Any, data: Data) -> Result:
    """Work out what the plan as stated, and other ones, would find."""
    nan = float("nan")
    now, options, rise, times, months_needed, later = None, [], nan, nan, nan, nan
    if data.plan is not None:
        now = option(data, LONGER, data.months, data.months_after, 1.0)
        options += [option(data, LONGER, months, months, 1.0) for months in _MONTHS
                    if max(abs(months - data.months), abs(months - data.months_after)) > 0.2]
        options += [option(data, LATER, data.months, months, 1.0) for months in _MONTHS
                    if months > data.months_after + 0.2]
        options += [option(data, MORE_AREAS, data.months, data.months_after, areas) for areas in _AREAS]
        rise = analysis.smallest_rise(data.plan)
        times = analysis.times_needed(data.plan, data.change)
        months_needed = analysis.times_needed(replace(data.plan, times=1.0), data.change) * data.months
        later = analysis.later_needed(data.plan, data.change) * data.months
    run.progress(0.85)
    answers = asked = change_rise = change_fall = nan
    if data.survey is not None:
        if data.share_after is not None:
            answers = float(np.ceil(data.survey.answers(data.share_after) - 1e-9))
            asked = float(np.ceil(data.survey.asked(data.share_after) - 1e-9))
        if data.answers is not None:
            change_rise = data.survey.smallest_change(data.answers, True)
            change_fall = data.survey.smallest_change(data.answers, False)
    return Result(data, now, options, rise, times, months_needed, later, answers, asked, change_rise, change_fall)


def option(data: Data, kind: str, before: float, after: float, areas: float) -> Option:
    """Return what a plan with periods of so many months and so many times as many areas finds."""
    plan_ = replace(data.plan, counts=data.plan.counts * areas * before / data.months, times=after / before)
    fall, nan = analysis.smallest_fall(plan_), float("nan")
    whole = analysis.smallest_fall(plan_, True) if data.displacement else nan
    change = data.change * plan_.base
    power = float(plan_.power_of(change, False))
    return Option(kind, before, after, areas, fall, fall / plan_.base, whole, whole / plan_.base, power,
                  float(plan_.power_of(change, True)) if data.displacement else nan)


def refuse_old_plan(run: Any) -> None:
    """Refuse to replace a plan before anything is written."""
    if run.wants(run.tool.PLAN_OUT):
        design_plan.refuse_existing(run.file(run.tool.PLAN_OUT), run.tool.PLAN_OUT)


def write_plan(run: Any, data: Data) -> None:
    """Write the plan where one is asked for."""
    tool = run.tool
    if not run.wants(tool.PLAN_OUT):
        return
    path = run.file(tool.PLAN_OUT)
    test: dict = {}
    if data.plan is not None:
        test = {"measure": "weighted displacement difference", "level": run.number(tool.ALPHA),
                "two_sided": run.choice(tool.SIDES) == 0, "fall_hoped_for": data.change}
    if data.survey is not None:
        test["survey"] = {"share_before": data.survey.before, "share_after": data.share_after}
    design_plan.write(path, tool.PLAN_OUT, design_plan.content(
        data.fingerprint, data.number if data.number is not None else [], data.period, run.date(tool.AFTER_START),
        data.months_after, run.text(tool.OUTCOME).strip(), test))
    run.outputs[tool.PLAN_OUT] = path
