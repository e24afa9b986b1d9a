"""What the profiles of hot spots say: sentences to read out, proposals, doubts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.hotspots import hotspotprofile as analysis
from ...analysis.hotspots import profiles
from ...analysis.hotspots.concentration import share_interval
from ...analysis.patrol import peaks
from ...reports import formats
from ...translation import tr
from .hotspotprofile_facts import Facts

#: share of the incidents without a known time, and of long spans among those with one, that is worth a warning
_UNTIMED, _BLURRED = 0.3, 0.25
#: minutes of a span that blurs the six hours
_LONG = 360.0
#: share of the incidents that share coordinates with others, from which it is told
_SHARED = 0.4
#: metres of rounding from which coordinates are no addresses
_COARSE = 10.0
_FEW_MONTHS = 11.5


class Words:
    """The result in words.

    Parameters
    ----------
    run : Run
    facts : Facts
    """

    def __init__(self, run: Any, facts: Facts) -> None:
        self.run, self.facts, self.data, self.units = run, facts, facts.data, run.units
        self.proposals = [self.proposal(i) for i in range(self.data.k)]

    # --- sentences -------------------------------------------------------------------------
    def period(self) -> str:
        """Return the window as the beginning of a sentence."""
        windows = self.data.windows
        if windows is None:
            return tr("In all rows, whatever their date")
        return formats.during(windows.start, windows.end, self.data.monthly)

    def summary(self) -> str:
        """Return the sentences to read out."""
        return f"{self.held()} {self.matrix()}"

    def held(self) -> str:
        """Say how much lies in the hot spots."""
        data = self.data
        low, high = share_interval(data.inside, data.total)
        spots = tr("one hot spot") if data.k == 1 else tr("{count} hot spots").format(count=formats.number(data.k))
        return tr("{period}, {spots} held {n} of {total} recorded incidents with a place: {share} (95 % interval {low}"
                  " to {high}).").format(
                      period=self.period(), spots=spots, n=formats.number(data.inside),
                      total=formats.number(data.total), share=formats.percent(data.inside / data.total, 1),
                      low=formats.percent(low, 1), high=formats.percent(high, 1))

    def matrix(self) -> str:
        """Say how many hot spots are in the rows and columns of the matrix."""
        space, time = self.facts.space, self.facts.time

        def listed(words: np.ndarray, names: tuple) -> str:
            return ", ".join(f"{formats.number(int((words == name).sum()))} {name}" for name in names)

        text = tr("In space: {space}").format(
            space=listed(space, (analysis.HOTPOINT, analysis.CLUSTERED, analysis.DISPERSED, analysis.TOO_FEW)))
        return text + "; " + tr("in time: {time}.").format(
            time=listed(time, (analysis.ACUTE, analysis.FOCUSED, analysis.DIFFUSED, analysis.TOO_FEW)))

    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        data, space, time = self.data, self.facts.space, self.facts.time
        few = (space == analysis.TOO_FEW) | (time == analysis.TOO_FEW)
        own = np.unique(data.rows)
        return {
            "HOTSPOT_COUNT": data.k, "INCIDENT_COUNT": data.total, "INSIDE": data.inside,
            "INSIDE_SHARE": data.inside / data.total,
            "TIMED": int(data.clock.usable[own].sum()) if data.clock is not None else None,
            **{name: int((words == word).sum()) for name, words, word in (
                ("HOTPOINTS", space, analysis.HOTPOINT), ("CLUSTERED", space, analysis.CLUSTERED),
                ("DISPERSED", space, analysis.DISPERSED), ("ACUTE", time, analysis.ACUTE),
                ("FOCUSED", time, analysis.FOCUSED), ("DIFFUSED", time, analysis.DIFFUSED))},
            "TOO_FEW": int(few.sum()),
            "START": str(data.windows.start) if data.windows else "",
            "END": str(data.windows.end) if data.windows else "",
        }

    # --- what to look at first -------------------------------------------------------------
    def proposal(self, i: int) -> str:
        """Propose what to look at first in a hot spot, by its box of the matrix."""
        facts = self.facts
        if not facts.n[i]:
            return tr("No incident in the window.")
        parts = [self._space_first(i), self._time_first(i)]
        if facts.tenure is not None and facts.tenure[i] == profiles.RECENT:
            parts.append(tr("It is recent: look for a series or a spree before lasting measures."))
        return " ".join(part for part in parts if part)

    def _space_first(self, i: int) -> str:
        facts, places = self.facts, self.facts.places
        kind = facts.space[i]
        if kind == analysis.HOTPOINT:
            return tr("Start with who owns or runs the one place that holds {share}.").format(
                share=formats.percent(places.first[i]))
        if kind == analysis.CLUSTERED:
            if places.few[i] == 1:
                return tr("Start with the place that holds {share} of it, and who runs it.").format(
                    share=formats.percent(places.few_share[i]))
            return tr("Start with the {few} places that hold {share} of it, and who runs them.").format(
                few=int(places.few[i]), share=formats.percent(places.few_share[i]))
        if kind == analysis.DISPERSED:
            return tr("Look at what its {count} places share: layout, lighting, parking, ways in and out.").format(
                count=formats.number(int(places.number[i])))
        return tr("Too few incidents to say where in it: read the reports one by one.")

    def _time_first(self, i: int) -> str:
        facts = self.facts
        kind = facts.time[i]
        if kind == analysis.ACUTE:
            return tr("Be there {hours} ({share}) and see what happens then.").format(
                hours=self.hours_text(i), share=formats.percent(facts.hours.share[i]))
        if kind == analysis.FOCUSED:
            return tr("Time visits to {hours} ({share}).").format(
                hours=self.hours_text(i), share=formats.percent(facts.hours.share[i]))
        if kind == analysis.DIFFUSED:
            return tr("No six hours hold half of it: prefer measures that work round the clock.")
        return tr("Too few known times to say when.")

    def hours_text(self, i: int) -> str:
        """Return the six fullest hours of a hot spot, e.g. "18:00 to 00:00"."""
        start = int(self.facts.hours.start[i])
        return tr("{start} to {end}").format(start=peaks.clock_text(start * 60), end=peaks.clock_text(
            (start + analysis.WINDOW_HOURS) % 24 * 60))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the profiles."""
        found = [*self._window(), *self._lost(), self._sensitive(), self._snapped(), *self._times(), self._empty()]
        return [text for text in found if text]

    def _window(self) -> list:
        windows, out = self.data.windows, []
        if windows is None:
            return out
        if windows.strays:
            out.append(tr("{count} rows are dated more than a year later than nearly all others and count nowhere."
                          " Check their dates.").format(count=windows.strays))
        if not windows.complete:
            out.append(tr("The data end on {last}, before the last day {end}: the window is not full.").format(
                last=windows.last, end=windows.end))
        months = ((windows.end - max(windows.start, windows.first)) / np.timedelta64(1, "D") + 1) / 30.4375
        if months < _FEW_MONTHS:
            out.append(tr("The window has {months} months. Twelve or more are needed to tell lasting hot spots from a"
                          " spree or a season.").format(months=formats.number(months, 1)))
        if self.data.monthly:
            out.append(tr("The dates say the month only: nothing can be said about days or hours."))
        return out

    def _lost(self) -> list:
        return [tr("{share} of '{type}' ({count} of {rows}) have no place: no hot spot shows these.").format(
            share=formats.percent(row.lost), type=row.name or tr("(no type)"),
            count=formats.number(row.rows - row.located), rows=formats.number(row.rows)) for row in self.data.lost]

    def _sensitive(self) -> str:
        if self.data.hides or not self.facts.listed:
            return ""
        return tr("No field 'sensitive' says which types must not be told by place, so the listed places may be"
                  " victims' homes. Run 'Group and weigh crime types' first, or keep sheets and table to yourself.")

    def _snapped(self) -> str:
        if self.data.precision >= _COARSE:
            return tr("The coordinates are only precise to about {metres}: one place stands for many addresses. Check"
                      " before you call a hot spot a hotpoint.").format(
                          metres=self.units.distance(self.data.precision, 0))
        if self.data.shared <= _SHARED:
            return ""
        return tr("{share} of the incidents share their exact coordinates with another. Where coordinates are middles"
                  " of blocks or snap points, one place stands for many addresses: check before you call a hot spot a"
                  " hotpoint.").format(share=formats.percent(self.data.shared))

    def _times(self) -> list:
        data, out = self.data, []
        if data.clock is None or data.monthly:
            return out
        own = np.unique(data.rows)
        usable = data.clock.usable[own]
        untimed = 1.0 - float(usable.mean())
        if untimed > _UNTIMED:
            out.append(tr("{share} of the incidents in hot spots have no known time of day (none recorded, a habit such"
                          " as 00:00, or a span of more than a day): hours are those of the others.").format(
                              share=formats.percent(untimed)))
        blurred = self.blurred(own)
        if blurred > _BLURRED:
            out.append(tr("{share} of the known times are spans of more than six hours, which blur the day: hot spots"
                          " seem more diffused than they are.").format(share=formats.percent(blurred)))
        return out

    def blurred(self, rows: np.ndarray) -> float:
        """Return the share of the known times that are spans of more than six hours."""
        clock = self.data.clock
        some = rows[clock.usable[rows]]
        return float((clock.end[some] - clock.start[some] > _LONG).mean()) if len(some) else 0.0

    def _empty(self) -> str:
        empty = int((self.facts.n == 0).sum())
        if not empty:
            return ""
        return tr("{count} of the {of} polygons hold no incident of the window: their profile is empty.").format(
            count=formats.number(empty), of=formats.number(self.data.k))
