"""What 'Prepare data for publication' reads, and the tables that it makes of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.privacy import publicrelease as analysis
from ...analysis.privacy import releases
from ...analysis.privacy.disclosure import OTHER, SHOWN, SMALL, Rules, protect
from ...analysis.privacy.releases import ORDINARY, SENSITIVE, Published
from ...analysis.windows import last_complete_day, stray_days
from ...layers import fields
from ...translation import tr
from . import publicrelease_areas as areas_module

_UNITS = (analysis.MONTH, analysis.QUARTER, analysis.YEAR)
#: Names of types that are sensitive almost everywhere.
TELLING = re.compile(r"(?i)sex|rape|domestic|child|hate crime|honou?r.based|stalk|traffick|prostitut")
_NO = ("0", "false", "no", "n", "f")
#: The smallest limit: with 2 only a single case is withheld, and 1 withholds nothing.
_LEAST_LIMIT = 3


@dataclass(frozen=True)
class Release:
    """Everything that is released, with what only the agency may see.

    Attributes
    ----------
    tables : list of Table
        Ordinary ones first, by time.
    places : Places
    names : list of str
        Areas of the tables.
    rules : Rules
    months, delay : int
    extracted : datetime64[D]
    guessed : bool
        Whether that day was found in the data.
    recent, partial : list of Span
        Periods of the ordinary tables that are not released.
    published : list of Published
        What is new for the register.
    rows : list of (words, count)
        What became of the incidents; the counts add up to all rows read.
    proofs, programs : int
        Withheld counts that were proven safe, and linear programs for it.
    changed : int
        Published numbers of earlier releases that late records would change today.
    late : float
        Share of incidents that were reported within the delay, NaN where that is not known.
    sensitive : list of str
        Groups with sensitive incidents.
    layer : str
    """

    tables: list
    places: areas_module.Places
    names: list
    rules: Rules
    months: int
    delay: int
    extracted: np.datetime64
    guessed: bool
    recent: list
    partial: list
    published: list
    rows: list
    proofs: int
    programs: int
    changed: int
    late: float
    sensitive: list
    layer: str

    def of(self, kind: str) -> list:
        """Return the tables of a kind."""
        return [table for table in self.tables if table.kind == kind]


@dataclass
class _Incidents:
    """Incidents with a sound date, in an area or not."""

    day: np.ndarray
    area: np.ndarray
    group: np.ndarray
    sensitive: np.ndarray


def read(run: Any, register: Any | None) -> Release:
    """Read everything, choose the periods, and make the tables."""
    tool = run.tool
    rules = _rules(run)
    date = run.field(tool.DATE_FIELD, of=tool.INCIDENTS, schema=fields.DT_FROM)
    if not date:
        raise InputError(tool.DATE_FIELD, "A release is by periods, which needs dates. Choose the field with the date"
                                          " of the incidents; there is no 'dt_from'.")
    group = run.field(tool.GROUP_FIELD, of=tool.INCIDENTS, schema=fields.CGROUP) or run.field(
        tool.GROUP_FIELD, of=tool.INCIDENTS, schema=fields.CTYPE)
    mark = run.field(tool.SENSITIVE_FIELD, of=tool.INCIDENTS, schema=fields.SENSITIVE)
    reported = fields.DT_REP if fields.DT_REP in run.source_fields(tool.INCIDENTS) and date != fields.DT_REP else ""
    points = run.points(tool.INCIDENTS, texts=[group, mark], times=[t for t in (date, reported) if t],
                        progress=run.stage(0.0, 0.25))
    left_out = [(entry.reason, entry.count) for entry in points.account.left_out]
    places = areas_module.read(run, points.x, points.y)
    run.progress(0.5)
    moments, precision = points.columns[date], points.times[date].precision
    dated = ~np.isnat(moments)
    if not dated.any():
        raise InputError(tool.DATE_FIELD, "No incident has a date that can be read. Choose the field with the date, or"
                                          " prepare the data with 'Prepare incident data'.")
    names, code, sensitive = _kinds(run, points, group, mark)
    late = _late(moments, points.columns[reported], run.integer(tool.DELAY)) if reported else np.nan
    good = np.flatnonzero(dated)
    days = moments[good].astype("M8[D]")
    stray = stray_days(days)
    good, days = good[~stray], days[~stray]
    monthly = float(np.mean(precision[good] == "month")) > 0.5
    incidents = _Incidents(days, places.index[good], code[good], sensitive[good])
    extracted = _extracted(run, moments[good], precision[good], monthly)
    run.progress(0.55)
    maker = _Maker(run, register, rules, places, names, incidents, monthly, extracted)
    maker.make()
    rows = [*left_out, (tr("no date that can be read"), int((~dated).sum())),
            (tr("dated a year later than nearly all others"), int(stray.sum())), *maker.rows()]
    return Release(
        maker.tables, places, maker.names, rules, maker.months, maker.delay, extracted,
        not run.has(tool.EXTRACTED), maker.recent, maker.partial, maker.published, rows,
        maker.proofs, maker.programs, maker.changed, late,
        sorted({names[i] for i in np.unique(code[sensitive]).tolist()}), points.name,
    )


def _rules(run: Any) -> Rules:
    tool = run.tool
    limit = run.integer(tool.MIN_PUBLIC)
    limit = 10 if limit is None else limit
    base = run.integer(tool.ROUNDING)
    if limit < _LEAST_LIMIT:
        raise InputError(tool.MIN_PUBLIC, "A limit of {limit} hides no small numbers. Choose {least} or more; 10 is"
                         " usual.", limit=limit, least=_LEAST_LIMIT)
    if base > limit:
        raise InputError(tool.ROUNDING, "Rounding to {base} is coarser than the limit of {limit}. Choose at most the"
                         " limit; 5 is usual.", base=base, limit=limit)
    return Rules(limit, base)


def _kinds(run: Any, points: Any, group: str, mark: str) -> tuple[list, np.ndarray, np.ndarray]:
    """Return the names of the groups, the group of each incident, and which incidents are sensitive."""
    import pandas as pd

    tool, n = run.tool, len(points.x)
    code, names = np.zeros(n, dtype=np.int64), [tr("All incidents")]
    if group:
        codes, found = pd.factorize(points.columns[group])
        texts = [str(text).strip() or tr("not recorded") for text in found] + [tr("not recorded")]
        names = sorted(set(texts))
        position = {name: i for i, name in enumerate(names)}
        code = np.array([position[text] for text in texts], dtype=np.int64)[codes]
        used = np.unique(code)
        names = [names[i] for i in used.tolist()]
        code = np.searchsorted(used, code)
        if names == [tr("not recorded")]:
            names = [tr("All incidents")]
    if len(names) > 200:
        raise InputError(tool.GROUP_FIELD, "'{field}' holds {count} values, which leaves next to nothing of each above"
                         " the limit. Group the types first ('Group and weigh crime types').",
                         field=group, count=len(names))
    named = [part.strip() for part in re.split(r"[;\n]", run.text(tool.SENSITIVE_TYPES)) if part.strip()]
    none = len(named) == 1 and named[0].casefold() == "none"
    sensitive = np.zeros(n, dtype=bool)
    if mark:
        codes, found = pd.factorize(points.columns[mark])
        # what is not known to be harmless is not published by small areas
        yes = np.array([str(text).strip().casefold() not in _NO for text in found] + [True], dtype=bool)
        sensitive = yes[codes]
        unknown = int((codes < 0).sum())
        if unknown:
            run.warn(tr("{count:,} incidents have no mark in '{field}' and are taken as sensitive.").format(
                count=unknown, field=mark))
    if named and not none:
        known = {name.casefold(): i for i, name in enumerate(names)}
        lost = [name for name in named if name.casefold() not in known]
        if lost:
            raise InputError(tool.SENSITIVE_TYPES, "'{name}' is none of the groups ({groups}). Write the names as they"
                             " are in the data.", name=lost[0], groups=", ".join(names[:30]))
        sensitive |= np.isin(code, [known[name.casefold()] for name in named])
    if not mark and not named:
        telling = [name for name in names if TELLING.search(name)]
        if telling:
            raise InputError(
                tool.SENSITIVE_TYPES, "'{name}' reads like a sensitive type, and nothing says which types are. Name"
                " them here, separated by semicolons, or use data of 'Group and weigh crime types'. If none is"
                " sensitive, write: none.", name=telling[0])
        run.warn(tr("Nothing says which types are sensitive (sexual, domestic, child, hate crime): all are treated as"
                    " ordinary. If some are, name them in SENSITIVE_TYPES."))
    return names, code, sensitive


def _late(moments: np.ndarray, reported: np.ndarray, delay: int) -> float:
    both = ~np.isnat(moments) & ~np.isnat(reported)
    if both.sum() < 30:
        return np.nan
    days = (reported[both] - moments[both]) / np.timedelta64(1, "D")
    return float(np.mean(days <= delay))


def _extracted(run: Any, moments: np.ndarray, precision: np.ndarray, monthly: bool) -> np.datetime64:
    tool = run.tool
    given = run.date(tool.EXTRACTED)
    if given is not None:
        return given
    day = last_complete_day(moments, precision, monthly)
    run.info(tr("Day of the extract: {day}, the last that is recorded fully.").format(day=day))
    return day


class _Maker:
    """Makes the tables of all periods, beside what the register holds."""

    def __init__(
        self, run: Any, register: Any | None, rules: Rules, places: areas_module.Places, groups: list,
        incidents: _Incidents, monthly: bool, extracted: np.datetime64,
    ) -> None:
        tool = run.tool
        self.run, self.register, self.rules, self.places, self.groups = run, register, rules, places, groups
        self.incidents, self.monthly, self.extracted = incidents, monthly, extracted
        self.months, self.delay = _UNITS[run.choice(tool.PERIOD)], run.integer(tool.DELAY)
        self.start, self.end = run.date(tool.START), run.date(tool.END)
        self.release = register.last + 1 if register is not None else 1
        self.names = list(places.names)
        self.areas = {"names": places.names, "places": places.places}
        self.tables: list = []
        self.published: list = []
        self.recent: list = []
        self.partial: list = []
        self.proofs = self.programs = self.changed = 0
        self.counted = np.zeros(len(incidents.day), dtype=bool)

    def make(self) -> None:
        """Make the ordinary tables, then the sensitive ones."""
        tool, run = self.run.tool, self.run
        ordinary = ~self.incidents.sensitive
        if ordinary.any():
            self.recent, self.partial = self._kind(ORDINARY, ordinary, self.months, 0.55, 0.8)
        by_year = run.flag(tool.SENSITIVE) and not self.places.grid
        if (~ordinary).any() and by_year:
            recent, partial = self._kind(SENSITIVE, ~ordinary, analysis.YEAR, 0.8, 0.85)
            if not ordinary.any():
                self.recent, self.partial = recent, partial
        if (~ordinary).any() and self.places.grid:
            run.info(tr("Sensitive incidents are left out: they are never shown by squares."))
        if not self.tables:
            raise InputError(
                tool.EXTRACTED, "No whole period can be released: with a delay of {delay} days after its end, the data"
                " would have to reach on to a later day than {day}. Choose shorter periods or START and END, or state"
                " the day on which the data were extracted.", delay=self.delay, day=self.extracted)

    def _kind(self, kind: str, mask: np.ndarray, months: int, start: float, end: float) -> tuple[list, list]:
        days = self.incidents.day
        found = analysis.periods(days, months, self.extracted, self.delay, self.monthly)
        ready = [s for s in found.ready if (self.start is None or s.start >= self.start)
                 and (self.end is None or s.end <= self.end)]
        number = analysis.period_numbers(days, months)
        step = (end - start) / max(len(ready), 1)
        for i, span in enumerate(ready):
            progress = self.run.stage(start + step * i, start + step * (i + 1))
            progress(0.0)
            here = mask & (number == int(analysis.period_numbers(np.array([span.start]), months)[0]))
            self._table(kind, span, here, mask, progress)
        return found.recent, found.partial

    def _table(self, kind: str, span: analysis.Span, here: np.ndarray, mask: np.ndarray, progress: Any) -> None:
        inside = here & (self.incidents.area >= 0)
        area, group = self.incidents.area[inside], self.incidents.group[inside]
        # a group that no incident of the kind has, at any time, is no line of its tables
        used = np.unique(self.incidents.group[mask])
        names = [self.groups[i] for i in used.tolist()]
        cell = area * len(used) + np.searchsorted(used, group)
        counts = np.bincount(cell, minlength=len(self.places.names) * len(used)).reshape(-1, len(used))
        before = self._earlier(kind, span, names, counts, mask)
        if before is not None:
            self._repeat(before, names, counts)
        else:
            self._refuse_remarked(kind, span)
            made = protect(counts, self.rules, progress)
            self.proofs += made.proofs
            self.programs += made.programs
            values = releases.public_values(made.values, made.status)
            self.tables.append(analysis.Table(
                kind, span, names, made.counts, np.maximum(values, -1), made.status, self.rules.limit))
            self.published.append(Published(
                kind, span, self.areas, names, values, self.rules.limit, self.rules.base, self._sensitive_groups(),
                self.release))
        self.counted |= inside

    def _sensitive_groups(self) -> list:
        return sorted(self.groups[i] for i in np.unique(self.incidents.group[self.incidents.sensitive]).tolist())

    def _earlier(
        self, kind: str, span: analysis.Span, names: list, counts: np.ndarray, mask: np.ndarray
    ) -> Published | None:
        if self.register is None:
            return None
        sums = counts.sum(axis=0) / max(counts.sum(), 1)
        others = {self.groups[i] for i in np.unique(self.incidents.group[~mask]).tolist()}
        return releases.earlier(
            self.register.tables, kind, span, self.areas, dict(zip(names, sums.tolist())), set(names) - others,
            self.run.tool.REGISTER)

    def _refuse_remarked(self, kind: str, span: analysis.Span) -> None:
        """Refuse a new table whose incidents an earlier release counted among those of the other kind."""
        incidents = self.incidents
        for table in self.register.tables if self.register is not None else []:
            if table.kind == kind or table.span.end < span.start or table.span.start > span.end:
                continue
            here = (incidents.day >= table.span.start) & (incidents.day <= table.span.end) & (incidents.area >= 0)
            here &= incidents.sensitive == (table.kind == SENSITIVE)
            sums = np.bincount(incidents.group[here], minlength=len(self.groups))
            now = [sums[self.groups.index(g)] if g in self.groups else 0 for g in table.groups]
            group = releases.fallen(table, np.array(now))
            if group:
                raise releases.remarked(table, group, self.run.tool.REGISTER)

    def _repeat(self, before: Published, names: list, counts: np.ndarray) -> None:
        """Take a table from the register: what is published once stays as it is."""
        from ...analysis.privacy.disclosure import rounded, with_totals

        order = [before.areas["names"].index(name) for name in self.names]
        values = before.values[[*order, -1]]
        now = np.zeros((len(self.names), len(before.groups)), dtype=np.int64)
        for i, name in enumerate(names):
            if name in before.groups:
                now[:, before.groups.index(name)] = counts[:, i]
        full, status = with_totals(now), releases.status_of(values)
        small = full < before.limit
        self.changed += int(((status == SHOWN) & (rounded(full, before.base) != values)).sum())
        status = np.where((status == OTHER) & small, SMALL, status).astype(np.int8)
        self.tables.append(analysis.Table(
            before.kind, before.span, before.groups, full, np.maximum(values, -1), status, before.limit,
            before.release))

    def rows(self) -> list:
        """Return what became of the incidents with a sound date."""
        incidents, counted = self.incidents, self.counted
        outside = ~counted & (incidents.area < 0)
        rest = ~counted & ~outside
        number = analysis.period_numbers(incidents.day, self.months)
        numbers = {name: [int(analysis.period_numbers(np.array([s.start]), self.months)[0]) for s in spans]
                   for name, spans in (("recent", self.recent), ("partial", self.partial))}
        sensitive = rest & incidents.sensitive
        recent = rest & ~sensitive & np.isin(number, numbers["recent"])
        partial = rest & ~sensitive & np.isin(number, numbers["partial"])
        return [
            (tr("in no area of the release"), int(outside.sum())),
            (tr("sensitive, in no whole year that is released"), int(sensitive.sum())),
            (tr("in periods that are too recent"), int(recent.sum())),
            (tr("in periods within which the data begin or end"), int(partial.sum())),
            (tr("before START or after END"), int((rest & ~sensitive & ~recent & ~partial).sum())),
            (tr("counted in the tables"), int(counted.sum())),
        ]
