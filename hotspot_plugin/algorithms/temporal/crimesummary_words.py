"""What the crime summary says: its sentences, its columns and its doubts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation.rates import rate_ratio
from ...analysis.progress import Progress, silent
from ...analysis.temporal import crimesummary as analysis
from ...analysis.temporal.crimesummary import BEFORE, LAST_TO_DATE, NOW, TO_DATE, WEEK, YEAR_AGO
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .crimesummary_read import Data

#: records of a type this year from which none last year is worth a word
_NEW = 10
#: words for at most so many types
_NAMED = 5


class Words:
    """The result in words.

    Attributes
    ----------
    data : Data
    week : Week
        Last 7 days beside the 8 weeks before, for each line.
    changes : dict of int to Change
        By the window that the last one is compared with: BEFORE, YEAR_AGO, LAST_TO_DATE.
    """

    def __init__(self, data: Data, progress: Progress = silent) -> None:
        self.data, self.calendar, self.lines = data, data.calendar, data.lines
        windows, spans = self.lines.counts.windows, self.calendar.spans
        self.week = analysis.last_week(self.lines.counts.weeks, self.calendar)
        progress(0.4)
        self.changes = {}
        for before, now in ((BEFORE, NOW), (YEAR_AGO, NOW), (LAST_TO_DATE, TO_DATE)):
            self.changes[before] = analysis.compare(windows[:, before], windows[:, now], spans[before], spans[now])
            progress(0.6 + 0.1 * len(self.changes))

    # --- lines -----------------------------------------------------------------------------
    @property
    def all_changes(self) -> list:
        """The four comparisons."""
        return [self.week, *self.changes.values()]

    def covered(self, window: int) -> bool:
        """Whether the data cover a window."""
        return self.calendar.spans[window].covered

    def count(self, window: int) -> np.ndarray:
        """Return the counts of a window, NaN where the data do not cover it."""
        counts = self.lines.counts.windows[:, window]
        return counts.astype(object) if self.covered(window) else np.full(len(counts), None, dtype=object)

    def count_of(self, line: int, window: int) -> int | None:
        """Return one count; None where the data do not cover the window."""
        return int(self.lines.counts.windows[line, window]) if self.covered(window) else None

    def area_name(self, line: int) -> str | None:
        """Return the name of a line's area; None for all."""
        number = int(self.lines.area[line])
        return self.data.areas[number] if number >= 0 else None

    def type_name(self, line: int) -> str | None:
        """Return the name of a line's type; None for all."""
        number = int(self.lines.type[line])
        return self.data.types[number] if number >= 0 else None

    def spark(self, line: int) -> str:
        """Return the last 13 weeks as blocks."""
        return analysis.sparkline(self.lines.counts.weeks[line, -analysis.WEEKS :], self._weeks_covered())

    def _weeks_covered(self) -> np.ndarray:
        return np.array([span.covered for span in self.calendar.weeks[-analysis.WEEKS :]])

    def flag_words(self, line: int) -> str | None:
        """Say what stands out in a line."""
        names = (tr("7 days"), tr("28 days"), tr("28 days to last year"), tr("year to date"))
        found = []
        for name, change in zip(names, self.all_changes):
            if change.flag[line]:
                text = tr("{window}: more") if change.flag[line] > 0 else tr("{window}: fewer")
                found.append(text.format(window=name))
        return "; ".join(found) or None

    def columns(self) -> dict:
        """Return the fields of the table."""
        lines, week = self.lines, self.week
        number = range(len(lines))
        both = [tr("whole"), tr("type"), tr("area"), tr("type in area")]
        level = np.where(lines.area < 0, np.where(lines.type < 0, 0, 1), np.where(lines.type < 0, 2, 3))
        before, year, date = (self.changes[i] for i in (BEFORE, YEAR_AGO, LAST_TO_DATE))
        known = self._weeks_covered()
        weeks = [" ".join(str(n) if good else "?" for n, good in zip(row, known))
                 for row in lines.counts.weeks[:, -analysis.WEEKS :].tolist()]

        def texts(values: Any) -> np.ndarray:
            return np.array(list(values), dtype=object)

        return {
            fields.LEVEL: texts(both[i] for i in level), fields.AREA: texts(map(self.area_name, number)),
            fields.CTYPE: texts(map(self.type_name, number)), fields.N_ALL: lines.counts.every,
            fields.N_7: self.count(WEEK), fields.EXP_7: week.mean, fields.EXP_7_LOW: week.low,
            fields.EXP_7_HIGH: week.high, fields.Z_7: week.z, fields.N_28: self.count(NOW),
            fields.N_28_PREV: self.count(BEFORE), fields.Z_28: before.z, fields.PERC_28: before.percent,
            fields.N_28_YEAR: self.count(YEAR_AGO), fields.Z_YEAR: year.z, fields.PERC_YEAR: year.percent,
            fields.YTD: self.count(TO_DATE), fields.YTD_LAST: self.count(LAST_TO_DATE), fields.Z_YTD: date.z,
            fields.PERC_YTD: date.percent, fields.WEEKS: texts(weeks), fields.SPARK: texts(map(self.spark, number)),
            fields.FLAGS: texts(map(self.flag_words, number)),
        }

    def numbers(self) -> dict:
        """Return the declared numbers."""
        data, week = self.data, self.week
        return {
            "END": str(self.calendar.as_of), "RECORDS": self.lines.counts.every[0],
            "TYPES": len(data.types) if data.by_type else 0, "AREAS_COUNT": data.named,
            "TOTAL_7": self.count(WEEK)[0], "EXPECTED_LOW": week.low[0], "EXPECTED_HIGH": week.high[0],
            "TOTAL_28": self.count(NOW)[0], "TOTAL_28_BEFORE": self.count(BEFORE)[0],
            "TOTAL_28_YEAR": self.count(YEAR_AGO)[0], "TOTAL_YTD": self.count(TO_DATE)[0],
            "TOTAL_YTD_LAST": self.count(LAST_TO_DATE)[0], "Z_28": self.changes[BEFORE].z[0],
            "Z_28_YEAR": self.changes[YEAR_AGO].z[0], "Z_YTD": self.changes[LAST_TO_DATE].z[0],
            "FLAGGED": self.flagged, "FLAGGED_CHANCE": self.by_chance, "COMPARED": self.compared,
            "ROWS_OUTSIDE": data.outside, "ROWS_UNLOCATED": data.unlocated,
        }

    @property
    def flagged(self) -> int:
        """Comparisons that stand out."""
        return sum(int((change.flag != 0).sum()) for change in self.all_changes)

    @property
    def by_chance(self) -> float:
        """As many by chance alone."""
        return sum(change.by_chance for change in self.all_changes)

    @property
    def compared(self) -> int:
        """Comparisons with any incident."""
        return sum(change.tested for change in self.all_changes)

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(part for part in (self.now(), self.last_week(), self.to_date(), self.table()) if part)

    def now(self) -> str:
        """Say what the last 28 days had, and the windows beside them."""
        span = self.calendar.spans[NOW]
        if not span.covered:
            return tr("From {start} to {end} days are missing from the data, so 28 days are not counted.").format(
                start=span.start, end=span.end)
        text = tr("From {start} to {end} (28 days) {count} incidents were recorded").format(
            start=span.start, end=span.end, count=formats.number(int(self.count(NOW)[0])))
        beside = []
        if self.covered(BEFORE):
            beside.append(tr("{count} in the 28 days before ({change})").format(
                count=formats.number(int(self.count(BEFORE)[0])), change=self._change(BEFORE, NOW)))
        if self.covered(YEAR_AGO):
            beside.append(tr("{count} in the same 28 days of {year} ({change})").format(
                count=formats.number(int(self.count(YEAR_AGO)[0])), change=self._change(YEAR_AGO, NOW),
                year=str(self.calendar.spans[YEAR_AGO].end)[:4]))
        if not beside:
            return text + tr("; the data begin too late to compare them.")
        if len(beside) == 1:
            return text + tr(", beside {window}.").format(window=beside[0])
        return text + tr(", beside {first} and {second}.").format(first=beside[0], second=beside[1])

    def last_week(self) -> str:
        """Say what the last 7 days had, and what was to be expected."""
        if np.isnan(self.week.mean[0]):
            return ""
        n, low, high, flag = self.count(WEEK)[0], self.week.low[0], self.week.high[0], self.week.flag[0]
        text = tr("The last 7 days, from {start}, had {count}; {low} to {high} were to be expected from the 8 weeks"
                  " before: {verdict}.")
        verdict = tr("this could be chance")
        if flag:
            verdict = tr("clearly more") if flag > 0 else tr("clearly fewer")
        elif not low <= n <= high:
            verdict = tr("too few incidents to tell from chance")
        return text.format(start=self.calendar.spans[WEEK].start, count=formats.number(int(n)),
                           low=formats.number(float(np.ceil(low)), 0), high=formats.number(float(np.floor(high)), 0),
                           verdict=verdict)

    def to_date(self) -> str:
        """Say what the two years to date had."""
        if not self.covered(TO_DATE) or not self.covered(LAST_TO_DATE):
            return ""
        now, before = self.calendar.spans[TO_DATE], self.calendar.spans[LAST_TO_DATE]
        text = tr("From {start} to {end} {count} were recorded, in {year} to the same date {previous} ({change}).")
        return text.format(
            start=now.start, end=now.end, count=formats.number(int(self.count(TO_DATE)[0])),
            year=str(before.end)[:4], previous=formats.number(int(self.count(LAST_TO_DATE)[0])),
            change=self._change(LAST_TO_DATE, TO_DATE))

    def table(self) -> str:
        """Say how much stands out, and how much by chance."""
        if not self.compared or len(self.lines) == 1:
            return ""
        return tr("Of {compared} comparisons in the table {flagged} stand out; chance alone would make about"
                  " {chance}.").format(
            compared=formats.number(self.compared), flagged=formats.number(self.flagged),
            chance=formats.number(self.by_chance, 0 if self.by_chance >= 10 else 1))

    def _change(self, before: int, now: int) -> str:
        """Put the change of all records into words: per cent a day with its interval, and whether it is chance."""
        change, spans = self.changes[before], self.calendar.spans
        verdict = tr("could be chance")
        b, a = (self.lines.counts.windows[:1, window] for window in (before, now))
        _, low, high = rate_ratio(b, a, spans[before].days, spans[now].days)
        if change.flag[0]:
            verdict = tr("a rise beyond chance") if change.flag[0] > 0 else tr("a fall beyond chance")
        elif low[0] > 1.0 or high[0] < 1.0:
            verdict = tr("hardly chance, but under the line of 3 z")
        if np.isnan(change.percent[0]):
            return tr("z {z}, {verdict}").format(z=formats.number(change.z[0], 1, sign=True), verdict=verdict)
        return tr("{percent} %{per_day}, 95 % confidence {low} to {high} %: {verdict}").format(
            percent=formats.number(change.percent[0], 1, sign=True),
            per_day=tr(" a day") if spans[before].days != spans[now].days else "",
            low=formats.number(100.0 * (low[0] - 1.0), 1, sign=True),
            high=formats.number(100.0 * (high[0] - 1.0), 1, sign=True), verdict=verdict)

    # --- doubts ----------------------------------------------------------------------------
    def window_names(self) -> list:
        """Return the names of the six windows."""
        return [tr("Last 7 days"), tr("Last 28 days"), tr("28 days before"), tr("Same 28 days last year"),
                tr("Year to date"), tr("Last year to date")]

    def warnings(self) -> list:
        """What must be known before the table is read out."""
        data, out = self.data, []
        lost = [name for name, span in zip(self.window_names(), self.calendar.spans) if not span.covered]
        if lost:
            out.append(tr("The data do not cover: {windows}. These columns are empty, not 0.").format(
                windows=", ".join(lost)))
        if np.isnan(self.week.mean[0]) and self.covered(WEEK):
            out.append(tr("The data do not cover the 8 weeks before the last 7 days: there is no expected range."))
        share = data.unlocated / max(int(self.lines.counts.every[0]), 1)
        if data.unlocated:
            out.append(tr("{count} of {rows} records ({share}) have no place: they count in the lines of the whole and"
                          " in a line of their own, in no area.").format(
                count=formats.number(data.unlocated), rows=formats.number(int(self.lines.counts.every[0])),
                share=formats.percent(share, 1)))
        if data.by_type and self.covered(LAST_TO_DATE) and self.covered(TO_DATE):
            windows = self.lines.counts.windows
            types = np.flatnonzero((self.lines.area < 0) & (self.lines.type >= 0))
            new = types[(windows[types, LAST_TO_DATE] == 0) & (windows[types, TO_DATE] >= _NEW)]
            gone = types[(windows[types, TO_DATE] == 0) & (windows[types, LAST_TO_DATE] >= _NEW)]
            for some, text in (
                (new, tr("No record last year, so perhaps new or renamed: {types}.")),
                (gone, tr("No record this year, so perhaps renamed or no longer recorded: {types}.")),
            ):
                if len(some):
                    names = [str(self.type_name(line)) for line in some[:_NAMED]]
                    more = [tr("and {count} more").format(count=len(some) - _NAMED)] if len(some) > _NAMED else []
                    out.append(text.format(types=", ".join(names + more)))
        return out
