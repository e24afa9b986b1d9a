"""What the incidents by day, week or month say: their sentences, columns and doubts."""

from __future__ import annotations

import numpy as np

from ...analysis.temporal import incidentseries as analysis
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .incidentseries_read import Data

#: share of the rows from which those left out are a doubt
_MANY = 0.05


class Words:
    """The result in words.

    Attributes
    ----------
    data : Data
    """

    def __init__(self, data: Data) -> None:
        self.data, self.periods = data, data.periods

    def columns(self) -> dict:
        """Return the fields of the table."""
        data, periods = self.data, self.periods
        several = len(data.counts)
        p = len(periods)
        kinds = np.repeat(np.array([None, *data.types], dtype=object), p)
        why = np.array([None, *self.reasons()], dtype=object)[periods.state]
        if data.expected is None:
            mean = low = high = np.full(several * p, np.nan)
            told = np.full(several * p, None, dtype=object)
        else:
            mean, low, high = (v.ravel() for v in (data.expected.mean, data.expected.low, data.expected.high))
            told = np.array([None, tr("more"), tr("fewer")], dtype=object)[data.expected.flag.ravel()]

        def repeated(values: np.ndarray) -> np.ndarray:
            return np.tile(values, several)

        return {
            fields.PER_START: repeated(periods.starts), fields.PER_END: repeated(periods.ends),
            fields.PER_DAYS: repeated(periods.days), fields.CTYPE: kinds, fields.N: data.counts.ravel(),
            fields.COMPLETE: repeated(periods.complete), fields.NOT_COMPL: repeated(why), fields.EXP_MEAN: mean,
            fields.EXP_LOW: low, fields.EXP_HIGH: high, fields.STANDS_OUT: told,
        }

    def reasons(self) -> list:
        """Why a period is not complete, by BEGINS, GAP, LATE and ENDS."""
        return [tr("begins before the data"), tr("days without any record"), tr("late entries may still come"),
                tr("ends after the data")]

    def numbers(self) -> dict:
        """Return the declared numbers."""
        data, expected = self.data, self.data.expected
        rows = data.rows
        whole = data.whole
        return {
            "COUNT": rows["used"], "UNDATED": rows["undated"],
            "LEFT_OUT": rows["monthly"] + rows["early"] + rows["late"], "FIRST": str(data.first),
            "LAST": str(data.last), "COMPLETE_TO": str(data.full), "PERIODS": len(self.periods),
            "PERIODS_COMPLETE": int(self.periods.complete.sum()), "MEAN": self.mean, "TYPES": len(data.types),
            "FLAGGED": None if expected is None else whole.flagged,
            "FLAGGED_CHANCE": None if expected is None else whole.by_chance,
            "COMPARED": 0 if expected is None else whole.compared,
        }

    @property
    def mean(self) -> float:
        """Incidents of a complete period, NaN without one."""
        whole = self.data.counts[0][self.periods.complete]
        return float(whole.mean()) if len(whole) else float("nan")

    @property
    def incomplete_last(self) -> int:
        """Periods at the end that are not complete."""
        return int((self.periods.state >= analysis.LATE).sum())

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(part for part in (self.what(), self.last(), self.beyond()) if part)

    def what(self) -> str:
        """Say how many there are, and in a complete period."""
        data, unit = self.data, self.periods.unit
        text = tr("{during} one incident was recorded.") if data.rows["used"] == 1 else tr(
            "{during} {count} incidents were recorded.")
        text = text.format(during=formats.during(data.first, data.last), count=formats.number(data.rows["used"]))
        if np.isnan(self.mean):
            return text + " " + (tr("No day is complete."), tr("No week is complete."), tr("No month is complete."))[
                unit]
        whole = self.data.counts[0][self.periods.complete]
        if len(whole) == 1:
            return text + " " + (
                tr("One day is complete, with {count}."), tr("One week is complete, with {count}."),
                tr("One month is complete, with {count}."))[unit].format(count=formats.number(int(whole[0])))
        about = (tr("A day has {mean} on average ({low} to {high}, {periods} complete days)."),
                 tr("A week has {mean} on average ({low} to {high}, {periods} complete weeks)."),
                 tr("A month has {mean} on average ({low} to {high}, {periods} complete months)."))[unit]
        return text + " " + about.format(
            mean=formats.number(self.mean, 0 if self.mean >= 100 else 1), low=formats.number(int(whole.min())),
            high=formats.number(int(whole.max())), periods=formats.number(len(whole)))

    def last(self) -> str:
        """Say to which day the data seem complete."""
        count = self.incomplete_last
        if not count:
            return tr("The data seem complete to their end.")
        text = (tr("They seem complete to {day}: the last day must not be compared yet."),
                tr("They seem complete to {day}: the last week must not be compared yet."),
                tr("They seem complete to {day}: the last month must not be compared yet."))[self.periods.unit]
        if count > 1:
            text = (tr("They seem complete to {day}: the last {count} days must not be compared yet."),
                    tr("They seem complete to {day}: the last {count} weeks must not be compared yet."),
                    tr("They seem complete to {day}: the last {count} months must not be compared yet."))[
                        self.periods.unit]
        return text.format(day=self.data.full, count=formats.number(count))

    def beyond(self) -> str:
        """Say how many periods stand out, and how many by chance."""
        if self.data.expected is None:
            return ""
        found = self.data.whole
        if not found.compared:
            return ""
        text = (tr("Beside the same weekday of the 8 weeks before, {flagged} of {compared} days stand out; chance alone"
                   " would make about {chance}."),
                tr("Beside the 8 weeks before each, {flagged} of {compared} weeks stand out; chance alone would make"
                   " about {chance}."))[self.periods.unit]
        if found.spread[0] >= 1.5:
            text += " " + tr("They vary {times} times as much as incidents that have nothing to do with one another;"
                             " the range allows for it.").format(times=formats.number(float(found.spread[0]), 1))
        return text.format(flagged=formats.number(found.flagged), compared=formats.number(found.compared),
                           chance=formats.number(found.by_chance, 0 if found.by_chance >= 10 else 1))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """What must be known before the series is read."""
        data, out = self.data, []
        total = sum(data.rows.values())
        for first, last in data.gaps:
            out.append(tr("No record at all from {first} to {last}: periods with these days are not complete.").format(
                first=first, last=last))
        if data.rows["undated"] > _MANY * total:
            out.append(tr("{count:,} of {rows:,} rows have no date that can be read.").format(
                count=data.rows["undated"], rows=total))
        if data.rows["early"]:
            out.append(tr("{count:,} rows are dated before {day}, where the data really begin, and are left out.")
                       .format(count=data.rows["early"], day=data.first))
        if data.ahead:
            text = tr("One incident is dated in the future: check its date.") if data.ahead == 1 else tr(
                "{count:,} incidents are dated in the future: check their dates.").format(count=data.ahead)
            out.append(text)
        if data.rows["late"]:
            out.append(tr("{count:,} rows are dated more than a year after nearly all others and are left out: check"
                          " their dates.").format(count=data.rows["late"]))
        return out
