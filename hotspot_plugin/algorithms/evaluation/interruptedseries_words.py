"""What an interrupted time series says: the sentences to read out, the doubts, and the rows of the result."""

from __future__ import annotations

import numpy as np

from ...analysis.evaluation.interruptedseries import Fitted
from ...layers import fields
from ...reports import formats
from ...translation import tr
from . import design_words as doubts
from .diffindiff_words import fewer, interval, level, percent, shown
from .interruptedseries_read import Data

#: Fewer incidents in a unit of time than this say little.
_THIN = 5.0
#: A correlation of neighbours that leaves hardly any information.
_CLOSE = 0.75
#: Fewer units before than this make a weak line.
_SHORT = 24


class Words:
    """The result in words."""

    def __init__(self, data: Data, found: Fitted) -> None:
        self.data, self.found = data, found
        self.labels = [data.source.panel.labels[i] for i in data.used]

    def unit(self) -> str:
        """Return the unit of time in words."""
        names = {"month": tr("month"), "quarter": tr("quarter"), "28 days": tr("28 days"), "7 days": tr("week")}
        return names.get(self.data.source.unit, tr("unit of time"))

    def against(self) -> str:
        """Return what the series is compared with."""
        return tr("the time before") if self.data.control is None else tr(
            "the comparison areas and the time before")

    # --- sentences -------------------------------------------------------------------------
    def summary(self) -> str:
        """Return the sentences to read out."""
        found = [self.headline(), self.counts_sentence(), self.parts_sentence()]
        if self.data.notes:
            found.append(tr("What else changed: {notes}").format(notes=self.data.notes))
        return " ".join(found)

    def headline(self) -> str:
        """Say the effect over the whole time after, or that none is shown."""
        w = self.found.whole
        if not w.clear:
            return tr("No change is shown: recorded incidents after the start differ by {value} from what was to be"
                      " expected from {against}, and anything within {interval} (95 % interval) fits the series (p"
                      " {p}). That is no proof that there was no effect.").format(
                value=shown(w.value), against=self.against(), interval=interval(w.low, w.high), p=level(w.p))
        text = tr("After the start recorded incidents in the treated areas were {value} {direction} than was to be"
                  " expected from {against} (95 % interval {interval}, p {p}).").format(
            value=formats.percent(abs(np.expm1(w.value))), direction=tr("fewer") if w.value < 0 else tr("more"),
            against=self.against(), interval=interval(w.low, w.high), p=level(w.p))
        if self.data.control is None:
            text += " " + tr("Without comparison areas this may as well be something else that changed at that time.")
        return text

    def counts_sentence(self) -> str:
        """Say the counts behind the effect."""
        value, low, high = self.found.prevented
        counted = float(self.data.counts[self.data.after].sum())
        return tr("Counted were {counted} where {expected} were to be expected: {number} {direction} (95 % interval"
                  " {interval}).").format(
            counted=formats.number(counted, 0), expected=formats.number(counted + value, 0),
            number=formats.number(abs(value), 0), direction=tr("more") if value < 0 else tr("fewer"),
            interval=fewer(low, high))

    def parts_sentence(self) -> str:
        """Say level and slope."""
        f = self.found
        return tr("At the start the level changed by {level} (95 % interval {level_range}, p {level_p}), and after it"
                  " the slope by {slope} a {unit} ({slope_range}, p {slope_p}).").format(
            level=shown(f.level.value), level_range=interval(f.level.low, f.level.high), level_p=level(f.level.p),
            slope=shown(f.slope.value, 1), slope_p=level(f.slope.p), unit=self.unit(),
            slope_range=tr("{low} to {high}").format(low=shown(f.slope.low, 1), high=shown(f.slope.high, 1)))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        d, f, out = self.data, self.found, []
        before = int((~d.after).sum())
        if d.control is None:
            out.append(tr("There are no comparison areas: season, weather, a new way of recording or anything else that"
                          " came at that time looks like the effect."))
        if before < _SHORT and d.source.unit in ("month", "28 days", ""):
            out.append(tr("The line before rests on {count} units of time only. Carried on it is a guess.").format(
                count=before))
        if d.wanted and not d.pairs:
            out.append(tr("The season is not allowed for: {why}. A change between other parts of the year may be"
                          " season.").format(
                why=tr("the fields have no dates (IN_YEAR says how many make a year)") if d.when is None else
                tr("that needs about two years")) if d.control is None else "")
        if f.rho >= _CLOSE:
            out.append(tr("Neighbouring units of time hang together so strongly that a series of this length tells"
                          " almost nothing about a change. With several areas of each role use 'Difference in"
                          " differences'."))
        elif f.ljung_box < 0.05:
            out.append(tr("The residuals still hang together (Ljung-Box p {p}): the series moves in ways that line and"
                          " season do not describe. The interval allows for neighbours that are alike, not for more."
                          ).format(p=level(f.ljung_box)))
        if d.counts.mean() < _THIN:
            out.append(tr("There are {mean} incidents a {unit} in the mean: so few tell little.").format(
                mean=formats.number(float(d.counts.mean()), 1), unit=self.unit()))
        if d.source.choice.on_before or d.source.choice.maybe:
            out.append(tr("The areas were chosen for their many incidents. If that was on a recent high, they fall by"
                          " themselves (regression to the mean), which looks exactly like an effect and is not taken"
                          " out here. 'Difference in differences' can take it out."))
        out.append(doubts.chosen_on_after(d.source.choice.on_after))
        return [text for text in out if text]

    # --- results ---------------------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the declared numbers."""
        f, d = self.found, self.data
        out = {"EFFECT": percent(f.whole.value), "LOW": percent(f.whole.low), "HIGH": percent(f.whole.high),
               "P_VALUE": f.whole.p}
        out.update(zip(("PREVENTED", "PREVENTED_LOW", "PREVENTED_HIGH"), f.prevented))
        for name, part in (("LEVEL", f.level), ("SLOPE", f.slope)):
            out.update({name: percent(part.value), f"{name}_LOW": percent(part.low), f"{name}_HIGH": percent(part.high),
                        f"{name}_P": part.p})
        return {**out, "COUNTED": int(d.counts[d.after].sum()), "UNITS_BEFORE": int((~d.after).sum()),
                "UNITS_AFTER": int(d.after.sum()), "WAVES": d.pairs, "OVERDISPERSION": f.phi, "CORRELATION": f.rho,
                "DURBIN_WATSON": f.durbin_watson, "LJUNG_BOX_P": f.ljung_box}

    def columns(self) -> dict:
        """Return the table of the series."""
        d, f = self.data, self.found
        control = np.full(len(d.counts), np.nan) if d.control is None else d.control
        return {
            fields.ITS_UNIT: np.array(self.labels, object), fields.ITS_AFTER: d.after.astype(np.int64),
            fields.ITS_N: d.counts.astype(np.int64), fields.ITS_COMP: control, fields.ITS_FIT: f.mean,
            fields.ITS_EXP: f.expected, fields.ITS_LOW: f.low, fields.ITS_HIGH: f.high, fields.ITS_RES: f.residuals,
        }
