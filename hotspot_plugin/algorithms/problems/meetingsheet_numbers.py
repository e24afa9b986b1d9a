"""The published numbers of a handout: made by the engine of 'Prepare data for publication', or read as it left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.privacy import publicrelease as release_analysis
from ...analysis.privacy.disclosure import SHOWN, Rules
from ...analysis.privacy.releases import ORDINARY
from ...analysis.problems import meetingsheet as analysis
from ...layers import fields
from ...translation import tr

UNITS = (release_analysis.MONTH, release_analysis.QUARTER, release_analysis.YEAR)
_TOTALS = ("All groups", "All groups but sensitive incidents")
_SENSITIVE_TOTAL, _SENSITIVE_PART = "All sensitive groups", "(sensitive part)"
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Numbers:
    """Published numbers of the newest period and of the same one a year before.

    Attributes
    ----------
    span : Span
    before : Span or None
        None where that period is not published.
    groups : dict of str to list of (str, int, int)
        For each area the groups with at least one number, most first; -1 where there is none.
    totals : dict of str to (int, int)
    verdicts : dict of str to str
        Area to what its totals say, as :func:`~hotspot_plugin.analysis.problems.meetingsheet.verdicts` has it.
    rules : Rules
    draft : bool
        Whether nothing guards the numbers against being subtracted from others.
    withheld : int
        Numbers of these periods that are not shown.
    """

    span: Any
    before: Any
    groups: dict
    totals: dict
    verdicts: dict
    rules: Rules
    draft: bool
    withheld: int

    def names(self) -> list:
        """Return all groups."""
        return sorted({name for rows in self.groups.values() for name, _, _ in rows})


class _AsRelease:
    """A run as the engine of a release sees it: the settings that a handout leaves to its defaults are answered."""

    def __init__(self, run: Any, until: np.datetime64, months: int) -> None:
        self._run, self.tool = run, _Names(run.tool)
        first = release_analysis.span_of(
            int(release_analysis.period_numbers(np.array([until]), months)[0]), months).start
        # the newest period may lie some back, because of the delay; the same of the year before is needed as well
        back = 12 + 3 * months if months < 12 else 36
        self._dates = {"START": (first.astype("M8[M]") - back).astype("M8[D]"), "END": until}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run, name)

    def date(self, name: str) -> Any:
        return self._dates[name] if name in self._dates else self._run.date(name)

    def flag(self, name: str) -> bool:
        return name != "SENSITIVE" and self._run.flag(name)  # no sensitive number by small area, whatever the period

    def info(self, text: str) -> None:
        if text not in self._run.notes:  # the areas are read twice, and told once
            self._run.info(text)

    def warn(self, text: str) -> None:
        if text not in self._run.warnings:
            self._run.warn(text)

    def has(self, name: str) -> bool:
        return name not in ("ADDRESSES", "POPULATION") and self._run.has(name)


class _Names:
    """The names of the parameters, as the engine knows them."""

    REGISTER = "RELEASES"

    def __init__(self, tool: Any) -> None:
        self._tool = tool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tool, name, name)


def rules_of(run: Any) -> Rules:
    """Return the limit and rounding of everything on a handout."""
    limit, base = run.integer("MIN_PUBLIC"), run.integer("ROUNDING")
    limit = 10 if limit is None else limit
    if limit < 3:
        raise InputError("MIN_PUBLIC", "A limit of {limit} hides no small numbers. Choose 3 or more; 10 is usual.",
                         limit=limit)
    if base > limit:
        raise InputError("ROUNDING", "Rounding to {base} is coarser than the limit of {limit}. Choose at most the"
                         " limit; 5 is usual.", base=base, limit=limit)
    return Rules(limit, base)


def read(run: Any, until: np.datetime64) -> Numbers | None:
    """Return the numbers of a handout, None where none were given."""
    tool = run.tool
    if run.has(tool.INCIDENTS) and run.has(tool.COUNTS):
        raise InputError(tool.COUNTS, "Give incidents or public counts, not both: the numbers of a handout have one"
                         " source.")
    if run.has(tool.INCIDENTS):
        return _of_incidents(run, until)
    return _of_counts(run, until) if run.has(tool.COUNTS) else None


def _of_incidents(run: Any, until: np.datetime64) -> Numbers:
    from ..privacy import publicrelease_read
    from ..privacy.publicrelease_register import Register

    tool = run.tool
    if run.has(tool.RELEASES):
        tool.register = Register(run, tool.RELEASES)
    months = UNITS[run.choice(tool.PERIOD)]
    asked = _AsRelease(run, until, months)
    try:
        release = publicrelease_read.read(asked, tool.register)
    except InputError as error:
        if error.parameter != tool.EXTRACTED:
            raise
        raise InputError(
            tool.UNTIL, "No {unit} between {start} and {until} can be released: it has to lie within the data, and to"
            " have ended {delay} days before they were taken from the records. Choose the last day that goes with the"
            " incidents, or other periods (PERIOD, DELAY, EXTRACTED).", unit=_unit(months), start=asked.date("START"),
            until=until, delay=run.integer(tool.DELAY)) from error
    if tool.register is not None:
        tool.register.add(release.published)
    cells: dict = {}
    for table in release.of(ORDINARY):
        for row, area in enumerate(release.names):
            for column, group in enumerate(table.groups):
                if table.status[row, column] == SHOWN:
                    cells[table.span.name, area, group] = int(table.values[row, column])
            _, values, shown = table.totals()
            if shown[row]:
                cells[table.span.name, area, ""] = int(values[row])
    tables = release.of(ORDINARY)
    if not tables:
        raise InputError(tool.INCIDENTS, "All incidents are sensitive: nothing of them is shown by area.")
    groups = {table.span.name: table.groups for table in tables}
    return _numbers([table.span for table in tables], groups, release.names, cells, release.rules,
                    tool.register is None, months)


def _of_counts(run: Any, until: np.datetime64) -> Numbers:
    """Read the table that 'Prepare data for publication' has left."""
    tool = run.tool
    there = run.source_fields(tool.COUNTS)
    lost = [name for name in (fields.FIRST_DAY, fields.LAST_DAY, fields.AREA_NAME, fields.GROUP_NAME, fields.N_PUBLIC)
            if name not in there]
    if lost:
        raise InputError(tool.COUNTS, "The table has no field '{field}'. Choose the table of public counts that"
                         " 'Prepare data for publication' makes, or give incidents.", field=lost[0])
    table = run.table(tool.COUNTS, numbers=[fields.N_PUBLIC], texts=[fields.AREA_NAME, fields.GROUP_NAME],
                      times=[fields.FIRST_DAY, fields.LAST_DAY])
    months = UNITS[run.choice(tool.PERIOD)]
    first, last = (table.columns[name].astype("M8[D]") for name in (fields.FIRST_DAY, fields.LAST_DAY))
    areas, names = table.columns[fields.AREA_NAME], table.columns[fields.GROUP_NAME]
    named = {name.casefold() for name in _named_sensitive(run)}
    cells: dict = {}
    spans: dict = {}
    groups: dict = {}
    known: set = set()
    summed: set = set()
    mixed = False
    totals = {text for english in _TOTALS for text in (english, tr(english))}
    for i, (start, end) in enumerate(zip(first, last)):
        if np.isnat(start) or np.isnat(end) or end > until:
            continue
        span = release_analysis.span_of(int(release_analysis.period_numbers(np.array([start]), months)[0]), months)
        if (span.start, span.end) != (start, end):
            continue
        group, area = str(names[i] or ""), str(areas[i] or "")
        if group in (_SENSITIVE_TOTAL, tr(_SENSITIVE_TOTAL)):
            mixed = True
            continue
        if group.endswith((_SENSITIVE_PART, tr("{group} (sensitive part)").format(group=""))) or (
                group.casefold() in named):
            continue
        spans[span.name] = span
        known.add(area)
        group = "" if group in totals else group
        if group:
            groups.setdefault(span.name, {})[group] = None
        else:
            summed.add(span.name)
        value = table.columns[fields.N_PUBLIC][i]
        if np.isfinite(value):
            cells[span.name, area, group] = int(value)
    if not spans:
        raise InputError(tool.COUNTS, "The table holds no {unit} that ended by {until}. Choose the unit of its periods"
                         " in PERIOD, or a later day.", unit=_unit(months), until=until)
    _refuse_telling(run, {name for table_groups in groups.values() for name in table_groups}, mixed, bool(named))
    rules = rules_of(run)
    whole = {name: list(found) for name, found in groups.items()}
    for name in spans:  # of one group there are no totals beside its counts
        if name not in summed and len(whole.get(name, [])) == 1:
            cells.update({(name, area, ""): cells[name, area, whole[name][0]] for area in known
                          if (name, area, whole[name][0]) in cells})
    known -= {"All areas", tr("All areas")}
    shown = [n for key, n in cells.items() if key[1] in known]
    if shown and min(shown) < rules.limit:
        raise InputError(tool.COUNTS, "The table shows numbers under {limit} ({number}). Choose the table of public"
                         " counts that 'Prepare data for publication' makes.", limit=rules.limit, number=min(shown))
    order = sorted(spans.values(), key=lambda span: span.start)
    return _numbers(order, whole, sorted(known), cells, rules, _is_draft(run), months)


def _unit(months: int) -> str:
    return {release_analysis.MONTH: tr("month"), release_analysis.QUARTER: tr("quarter")}.get(months, tr("year"))


def _named_sensitive(run: Any) -> list:
    names = [part.strip() for part in run.text(run.tool.SENSITIVE_TYPES).replace("\n", ";").split(";")]
    return [name for name in names if name and name.casefold() != "none"]


def _refuse_telling(run: Any, groups: set, mixed: bool, named: bool) -> None:
    """Refuse counts among which sensitive ones may stand as if they were ordinary."""
    from ..privacy.publicrelease_read import TELLING

    telling = sorted(name for name in groups if TELLING.search(name))
    if telling and not run.text(run.tool.SENSITIVE_TYPES).strip():
        raise InputError(
            run.tool.SENSITIVE_TYPES, "'{name}' reads like a sensitive type, which no handout shows by area. Name the"
            " sensitive groups here, separated by semicolons; if none is sensitive, write: none.", name=telling[0])
    if mixed and not named:
        raise InputError(
            run.tool.SENSITIVE_TYPES, "The table holds sensitive groups by year beside the others, and by year nothing"
            " tells them apart. Name the sensitive groups here, separated by semicolons, or use counts by month or"
            " quarter.")


def _is_draft(run: Any) -> bool:
    """Whether the record of the counts says that they are in no register of releases."""
    return run.tool.record_of_counts.get("parameters", {}).get("RELEASE") == 0


def _numbers(
    spans: list, groups: dict, areas: list, cells: dict, rules: Rules, draft: bool, months: int
) -> Numbers:
    """Choose the newest period and the same one a year before."""
    newest = spans[-1]
    year_before = (newest.start.astype("M8[M]") - 12).astype("M8[D]")
    before = next((span for span in spans if span.start == year_before), None)
    names = list(dict.fromkeys(name for span in (newest, before) if span is not None
                               for name in groups.get(span.name, [])))

    def value(span: Any, area: str, group: str) -> int:
        return cells.get((span.name, area, group), -1) if span is not None else -1

    rows = {}
    withheld = 0
    for area in areas:
        found = [(group, value(newest, area, group), value(before, area, group)) for group in names]
        withheld += sum((now < 0) + (before is not None and then < 0) for _, now, then in found)
        kept = [row for row in found if max(row[1:]) >= 0]
        rows[area] = sorted(kept, key=lambda row: (-row[1], -row[2], row[0])) if len(names) > 1 else []
    totals = {area: (value(newest, area, ""), value(before, area, "")) for area in areas}
    days = [float((span.end - span.start) / _DAY) + 1 if span is not None else 1.0 for span in (newest, before)]
    words = analysis.verdicts(
        np.array([totals[area][0] for area in areas]), np.array([totals[area][1] for area in areas]), *days)
    return Numbers(newest, before, rows, totals, dict(zip(areas, words)), rules, draft, withheld)
