"""What dated events did, or did not show, in sentences; the fields of the results; the doubts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation.datedevents import AFTER, BEFORE, DURING
from ...analysis.evaluation.eventlooks import Look, Result
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .datedevents_read import ALL_HOURS, DAY, NIGHT, Data

#: Incidents on the days looked at below which a ratio says hardly anything.
_FEW = 10


def ratio(value: float) -> str:
    """Write a rate ratio."""
    return formats.number(value, 2)


def change(value: float) -> str:
    """Write a ratio as a change in per cent."""
    return tr("no limit") if np.isinf(value) else formats.percent(value - 1.0, 0, sign=True)


class Words:
    """The result in words.

    Parameters
    ----------
    data : Data
    result : Result
    units : Units
    """

    def __init__(self, data: Data, result: Result, units: Any) -> None:
        self.data, self.result, self.units = data, result, units
        self.first = result.looks[0]

    # --- names -----------------------------------------------------------------------------
    def ring(self, number: int) -> str:
        """Name a ring."""
        edges = [0.0, *self.data.rings]
        if not number:
            return tr("within {edge}").format(edge=self.units.distance(edges[1]))
        return tr("{inner} to {outer}").format(inner=self.units.distance(edges[number]),
                                               outer=self.units.distance(edges[number + 1]))

    def state(self, code: int) -> str:
        """Name a state of days."""
        return tr("during") if code == DURING else tr("after")

    def part(self, code: int) -> str:
        """Name a part of the day."""
        return {ALL_HOURS: tr("all hours"), NIGHT: tr("night"), DAY: tr("day")}[code]

    def period(self) -> str:
        """Return the time of the incidents, in short."""
        return formats.period(self.data.first_day, self.data.last_day)

    def look(self, look: Look) -> str:
        """Name a look: ring, state and, where there are several, part of the day."""
        name = tr("{ring}, {state}").format(ring=self.ring(look.ring), state=self.state(look.state))
        return name if len(self.data.parts) == 1 and look.part == ALL_HOURS else tr("{name}, {part}").format(
            name=name, part=self.part(look.part))

    @property
    def used(self) -> np.ndarray:
        """Whether each event sound in itself has a day that counts at its place."""
        state = self.data.calendar.state
        has = ((state == DURING) | (state == AFTER)).any(axis=1) & (state == BEFORE).any(axis=1)
        return has[self.data.place]

    # --- results ---------------------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the declared numbers."""
        r, data, used = self.first.ratio, self.data, self.used
        inside = data.inc_ring >= 0
        states = data.calendar.state[data.inc_place[inside], data.inc_day[inside]]
        taken = np.zeros(len(data.inc_ring), bool)
        for _, mask in data.parts:
            taken |= mask
        counts = np.bincount(states[taken[inside]], minlength=5)
        return {
            "RATIO": r.value, "LOW": r.low, "HIGH": r.high, "LOW_ALL": r.low_adjusted, "HIGH_ALL": r.high_adjusted,
            "P_VALUE": r.p, "P_PLACEBO": self.first.p_placebo, "LOOKS": self.result.count,
            "CLEAR": len(self.clear()), "EVENT_COUNT": int(used.sum()), "EVENTS_OUT": data.total_rows - int(used.sum()),
            "PLACE_COUNT": int(len(np.unique(data.place[used]))), "N_BEFORE": int(counts[BEFORE]),
            "N_DURING": int(counts[DURING]), "N_AFTER": int(counts[AFTER]),
        }

    def columns(self) -> dict:
        """Return the table of ratios."""
        looks, edges = self.result.looks, [0.0, *self.data.rings]

        def texts(values: Any) -> np.ndarray:
            return np.array(list(values), object)

        def of(name: str) -> np.ndarray:
            values = np.array([getattr(look.ratio, name) for look in looks], float)
            return np.where(np.isfinite(values), values, np.nan)

        return {
            fields.DE_PART: texts(self.part(look.part) for look in looks),
            fields.DE_RING: texts(self.ring(look.ring) for look in looks),
            fields.DE_FROM: np.array([edges[look.ring] for look in looks]),
            fields.DE_TO: np.array([edges[look.ring + 1] for look in looks]),
            fields.DE_STATE: texts(self.state(look.state) for look in looks),
            fields.DE_N: np.array([look.ratio.n_first for look in looks]),
            fields.DE_EXP: of("expected"),
            fields.DE_REF: np.array([look.ratio.n_second for look in looks]),
            fields.DE_DAYS: np.array([look.days for look in looks]),
            fields.DE_DAYS_REF: np.array([look.days_before for look in looks]),
            fields.DE_USED: np.array([look.ratio.places for look in looks]),
            fields.DE_RATIO: of("value"), fields.DE_LOW: of("low"), fields.DE_HIGH: of("high"),
            fields.DE_LOW_ALL: of("low_adjusted"), fields.DE_HIGH_ALL: of("high_adjusted"),
            fields.DE_P: of("p"), fields.DE_P_ALL: np.array([look.p_all for look in looks]),
            fields.DE_PLACEBO: np.array([look.p_placebo for look in looks]),
            fields.DE_PLAC_ALL: np.array([look.p_placebo_all for look in looks]), fields.DE_PHI: of("phi"),
        }

    def event_columns(self) -> dict:
        """Return the new fields of the events, a value for each row of their layer."""
        data, rows = self.data, self.data.rows
        whole = np.ma.masked_all(data.total_rows, np.int64)
        out = {name: whole.copy() for name in (fields.EV_PLACE, fields.EV_BEF, fields.EV_DUR, fields.EV_AFT,
                                               fields.EV_N)}
        use = np.full(data.total_rows, tr("no place"), object)
        for row, text in data.why.items():
            use[row] = text
        use[rows] = np.where(self.used, tr("used"), tr("no day before, or none during and after, that counts"))
        out[fields.EV_PLACE][rows] = data.place + 1
        for name, code in ((fields.EV_BEF, BEFORE), (fields.EV_DUR, DURING), (fields.EV_AFT, AFTER)):
            out[name][rows] = (data.calendar.state == code).sum(axis=1)[data.place]
        inside = data.inc_ring >= 0
        place, day = data.inc_place[inside], data.inc_day[inside]
        count = np.isin(data.calendar.state[place, day], (BEFORE, DURING, AFTER))
        out[fields.EV_N][rows] = np.bincount(place[count], minlength=data.places)[data.place]
        return {fields.EV_PLACE: out.pop(fields.EV_PLACE), fields.EV_USE: use, **out}

    def clear(self) -> list:
        """Return the looks that differ by more than chance, their number allowed for."""
        return [look for look in self.result.looks if look.clear]

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(text for text in (self.headline(), self.findings(), self.size()) if text)

    def headline(self) -> str:
        """Say what the innermost ring shows."""
        look, r = self.first, self.first.ratio
        frame = {"ring": self.ring(look.ring), "n": formats.number(r.n_first), "period": self.period(),
                 "events": formats.number(int(self.used.sum())),
                 "part": "" if look.part == ALL_HOURS else " (" + self.part(look.part) + ")"}
        frame["days"] = tr("while the events lasted") if look.state == DURING else tr("on the days after")
        if not r.known:
            return tr("{period}: {ring} of the places{part} no incident was recorded on the days before or {days}, so"
                      " nothing can be said there.").format(**frame)
        if not r.value > 0 or np.isinf(r.value):
            return tr("{period}, {events} events: {ring} of the places{part} {n} incidents were recorded {days} and"
                      " {before} on the days before (ratio with 95 % {low} to {high}, p {p}): {verdict}.").format(
                before=formats.number(r.n_second), low=ratio(r.low),
                high=tr("no limit") if np.isinf(r.high) else ratio(r.high), p=formats.p_value(r.p),
                verdict=self.verdict(look), **frame)
        return tr("{period}, {events} events: {ring} of the places{part} {n} incidents were recorded {days}, where the"
                  " days before lead to expect {expected}: {change} (95 % {low} to {high}, p {p}), {verdict}.").format(
            expected=formats.number(r.expected, 0 if r.expected >= 10 else 1), change=change(r.value),
            low=change(r.low), high=change(r.high), p=formats.p_value(r.p), verdict=self.verdict(look), **frame)

    def verdict(self, look: Look) -> str:
        """Say whether a ratio is more than chance."""
        if look.clear:
            return tr("more than chance, the number of ratios allowed for")
        if look.ratio.low > 1 or look.ratio.high < 1:
            return tr("which could still be chance, as {count} ratios were looked at").format(count=self.result.count)
        return tr("which could be chance")

    def findings(self) -> str:
        """Say which of all ratios are more than chance."""
        clear = self.clear()
        if not clear:
            return tr("None of the {count} ratios looked at differs by more than chance. That does not show that the"
                      " events had no effect.").format(count=self.result.count)
        return tr("Of {count} ratios looked at, {clear} differ by more than chance: {list}.").format(
            count=self.result.count, clear=len(clear), list="; ".join(
                tr("{look} {change} (all together 95 %: {low} to {high})").format(
                    look=self.look(look), change=change(look.ratio.value), low=change(look.ratio.low_adjusted),
                    high=change(look.ratio.high_adjusted)) for look in clear))

    def size(self) -> str:
        """Say how small a change could have been seen, where nothing was."""
        if self.first.clear or not self.first.ratio.known:
            return ""
        low, high = self.first.ratio.smallest
        if not np.isfinite(low):
            return tr("There are too few incidents {ring} to say how large a change would have shown.").format(
                ring=self.ring(0))
        return tr("{ring}, only a change of about {low} or {high} would have been found in 8 of 10 cases.").format(
            ring=self.ring(0)[:1].upper() + self.ring(0)[1:], low=change(low), high=change(high))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        return [text for text in (self._left_out(), self._few(), self._near(), self._town(), self._placebo(),
                                  self._trend(), self._hours()) if text]

    def _left_out(self) -> str:
        out = self.data.total_rows - int(self.used.sum())
        if out <= 0.05 * self.data.total_rows:
            return ""
        return tr("{out} of {all} events were left out: {why}.").format(
            out=formats.number(out), all=formats.number(self.data.total_rows), why=self.reasons())

    def reasons(self) -> str:
        """Return why events were left out, with counts."""
        texts = [str(text) for text in self.event_columns()[fields.EV_USE] if text != tr("used")]
        kinds, counts = np.unique(np.array(texts, str), return_counts=True)
        return "; ".join(f"{kind} ({formats.number(int(n))})" for kind, n in zip(kinds, counts))

    def _few(self) -> str:
        few = [look for look in self.result.looks if look.ratio.n_first < _FEW or look.ratio.n_second < _FEW]
        if not few:
            return ""
        return tr("{few} of {all} ratios rest on fewer than {least} incidents on one side: their intervals are wide,"
                  " and nothing should be read from the middle of them.").format(
            few=len(few), all=len(self.result.looks), least=_FEW)

    def _near(self) -> str:
        calendar = self.data.calendar
        if calendar.during_left <= 0.2:
            return ""
        text = tr("{share} of the days of events do not count, because another event ran within {near} at the same"
                  " time: the result is about events by themselves. A smaller distance in NEAR_EVENTS keeps more.")
        return text.format(
            share=formats.percent(calendar.during_left), near=self.units.distance(self.data.near))

    def _town(self) -> str:
        sources = {town.source for town in self.result.towns.values()}
        if "none" in sources:
            return tr("Season and trend were not allowed for: events that gather in one part of the year take its crime"
                      " for their effect.")
        if "few" in sources:
            return tr("There are too few incidents in the town to know its season: it was not allowed for.")
        inside = self.data.inc_ring >= 0
        states = self.data.calendar.state[self.data.inc_place[inside], self.data.inc_day[inside]]
        share = np.isin(states, (DURING, AFTER)).sum() / max(len(self.data.inc_ring), 1)
        if "all" in sources and share > 0.25:
            return tr("The season was taken from all incidents, {share} of which fall on days during and after events:"
                      " an effect is understated.").format(share=formats.percent(share))
        return ""

    def _placebo(self) -> str:
        off = [look for look in self.result.looks if abs(look.placebo_mean) > 0.5]
        if not off:
            return ""
        return tr("At placebo dates the ratio is off as well ({looks}): something other than the events sets those days"
                  " apart. Do not read these ratios as an effect.").format(
            looks="; ".join(self.look(look) for look in off[:3]))

    def _trend(self) -> str:
        early = [(week, r) for week, r in self.result.weeks if week < 4 and r.known and (r.low > 1 or r.high < 1)]
        looked = sum(1 for week, r in self.result.weeks if week < 4 and r.known)
        early = [(week, r) for week, r in early if r.p * looked < 0.05]
        if not early:
            return ""
        return tr("Within the days before, week {week} before the start already differs ({change}): the places were on"
                  " the way up or down before the event, or it began before its date.").format(
            week=4 - early[0][0], change=change(early[0][1].value))

    def _hours(self) -> str:
        day = [look for look in self.result.looks if look.part == DAY and look.clear]
        if not day or len(self.data.parts) < 2:
            return ""
        return tr("By day the ratio differs as well. If the event works by night only, something else changed at these"
                  " places at the same time.")
