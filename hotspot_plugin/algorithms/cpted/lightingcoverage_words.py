"""The words of 'Street lighting': numbers in the reader's unit, sentences, doubts, columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.cpted import lightstreets as analysis
from ...analysis.cpted.lightingcoverage import LUX_PER_FOOT_CANDLE
from ...analysis.cpted.lightvalues import BY_TYPE
from ...layers import fields
from ...reports import formats
from ...translation import tr

#: Values of the field of the status; data, and not translated.
STATUS = ("lit", "dark", "unknown")
#: shares from which a doubt is told
_ASSUMED, _DARK = 0.05, 0.05


class Unit:
    """Lux, or foot-candles."""

    def __init__(self, foot_candles: bool) -> None:
        self.foot_candles = foot_candles
        self.factor = 1 / LUX_PER_FOOT_CANDLE if foot_candles else 1.0
        self.sign = tr("fc") if foot_candles else tr("lx")

    def number(self, lux: Any) -> str:
        """Write a value of lux without its unit."""
        if formats.is_missing(lux):
            return formats.NOTHING
        value = lux * self.factor
        size = abs(value)
        enough = next(digits for digits in (0, 1, 2) if digits == 2 or abs(value - round(value, digits)) < 1e-9)
        return formats.number(value, min(enough, 0 if size >= 100 else 1 if size >= 1 else 2))

    def text(self, lux: Any) -> str:
        """Write a value of lux: "4.2 lx", "0.39 fc"."""
        return tr("{number} {unit}").format(number=self.number(lux), unit=self.sign)


@dataclass
class Found:
    """What was computed for the streets."""

    pieces: analysis.Pieces
    streets: analysis.Streets
    gaps: analysis.Gaps
    #: of each piece: its light in lux, whether a light on record is near, and whether all is known of it
    lux: np.ndarray
    near: np.ndarray
    known: np.ndarray


class Words:
    """Everything that is said about a run.

    Parameters
    ----------
    run : Run
    data : Data
    peak : float
        Brightest cell in lux.
    wanted : LightClass
    classes : tuple of LightClass
        The family from which the best class of a street is told.
    found : Found, optional
        None without streets.
    unit : Unit
    """

    def __init__(
        self, run: Any, data: Any, peak: float, wanted: analysis.LightClass, classes: tuple, found: Found | None,
        unit: Unit,
    ) -> None:
        self.run, self.data, self.peak, self.wanted, self.classes = run, data, peak, wanted, classes
        self.found, self.unit, self.units = found, unit, run.units
        self.distance, self.least = run.number(run.tool.DISTANCE), run.number(run.tool.MIN_GAP)
        self.working = int((data.lights.candela > 0).sum())
        counted = ~data.off
        self.assumed = float((data.source[counted] >= BY_TYPE).mean()) if counted.any() else np.nan
        if found:
            s = found.streets
            self.total = float(s.length.sum())
            # what is unknown of a street may be darker: only a street known as a whole has a class, or has none
            whole = s.known > 1 - 1e-9
            passes = wanted.met(s.mean, s.minimum)
            self.meets, self.said = passes & whole, np.isfinite(s.mean) & (whole | ~passes)
            self.best = analysis.best_class(classes, s.mean, s.minimum)
            self.best[(self.best >= 0) & ~whole] = -2
            weight = found.pieces.length * found.known
            self.held = float(weight.sum())
            self.mean = float((weight * found.lux).sum() / self.held) if self.held else np.nan
            self.below = float(weight[found.lux < wanted.minimum].sum() / self.held) if self.held else np.nan
            #: segments that no light on record is near
            self.lonely = (s.nearest_record > self.distance) & (s.length > 0)
            #: metres of street that no light on record is near
            self.alone = float(found.pieces.length[~found.near].sum())

    # --- numbers ---------------------------------------------------------------------------
    def numbers(self, raster_unit: Unit) -> dict:
        """Return the declared numbers and texts."""
        data, n = self.data, len(self.data.lights)
        out: dict = {
            "LIGHTS": n, "WORKING": self.working, "OUT": int(data.out.sum()), "ASSUMED_SHARE": self.assumed,
            "MAXIMUM": self.peak * raster_unit.factor, "OUTAGES_UNMATCHED": data.unmatched,
            "AS_OF_USED": str(data.as_of) if data.as_of is not None else "",
        }
        names = ("SEGMENT_COUNT", "STREET_KM", "NO_LIGHT", "NO_LIGHT_SHARE", "UNKNOWN", "DARK", "MEAN_LUX",
                 "BELOW_SHARE", "MEETING", "MEETING_SHARE", "GAP_COUNT", "GAP_KM", "LONGEST_GAP", "UNKNOWN_KM")
        out.update(dict.fromkeys(names))
        if not self.found:
            return out
        s, gaps = self.found.streets, self.found.gaps
        dark = gaps.state == analysis.DARK
        total = max(self.total, 1e-9)
        out.update({
            "SEGMENT_COUNT": len(s.length), "STREET_KM": self.total / 1000, "NO_LIGHT": int(self.lonely.sum()),
            "NO_LIGHT_SHARE": self.alone / total,
            "UNKNOWN": int(((s.status == analysis.UNKNOWN) & (s.length > 0)).sum()),
            "DARK": int((s.status == analysis.DARK).sum()),
            "MEAN_LUX": self.mean, "BELOW_SHARE": self.below, "MEETING": int(self.meets.sum()),
            "MEETING_SHARE": float(s.length[self.meets].sum()) / total,
            "GAP_COUNT": len(np.unique(gaps.gap[dark])), "GAP_KM": float(gaps.length[dark].sum()) / 1000,
            "LONGEST_GAP": float(gaps.whole[dark].max()) if dark.any() else None,
            "UNKNOWN_KM": 0.0 if self.data.all_owners else self.alone / 1000,
        })
        return out

    # --- columns ---------------------------------------------------------------------------
    def segment_columns(self) -> dict:
        """Return the fields of the streets."""
        s = self.found.streets
        return {
            fields.LIGHT_ST: np.array([STATUS[i] for i in s.status], dtype=object),
            fields.LUX_MEAN: s.mean,
            fields.LUX_MIN: s.minimum,
            fields.U0: s.uniformity,
            fields.BELOW_SH: s.below,
            fields.LIGHT_CL: np.array(self.class_names(), dtype=object),
            fields.MEETS_CL: np.ma.masked_array(self.meets, ~self.said),
            fields.KNOWN_SH: s.known,
            fields.LIGHT_M: np.where(np.isfinite(s.nearest), s.nearest, np.nan),
        }

    def class_names(self) -> list:
        """Return the best class of each street in words, None where nothing is known."""
        names = {i: c.name for i, c in enumerate(self.classes)} | {-1: tr("none"), -2: None}
        return [names[i] for i in self.best.tolist()]

    def gap_columns(self) -> dict:
        """Return the fields of the gaps."""
        gaps, rows = self.found.gaps, self.data.streets.rows
        out = {
            fields.GAP_ID: gaps.gap, fields.GAP_M: gaps.whole, fields.STRETCH_M: gaps.length,
            fields.LIGHT_ST: np.array([STATUS[i] for i in gaps.state], dtype=object),
            fields.LUX_MEAN: gaps.mean, fields.LUX_MIN: gaps.minimum,
        }
        if self.data.street_names is not None:
            out[fields.STREET] = self.data.street_names[gaps.street]
        out[fields.STREET_ROW] = rows[gaps.street].astype(np.int64) + 1
        return out

    # --- sentences -------------------------------------------------------------------------
    def class_text(self) -> str:
        """Say what the class asks for."""
        c = self.wanted
        ask = tr("mean {mean}, minimum {minimum}") if c.ratio is None else tr("mean {mean}, mean to minimum {ratio:g}")
        return tr("{name} ({ask})").format(name=c.name, ask=ask.format(
            mean=self.unit.text(c.mean), minimum=self.unit.text(c.minimum), ratio=c.ratio or 0))

    def sentences(self) -> list:
        """Return the sentences to read out."""
        found = [text for text in (self.lit(), self.near(), self.gaps()) if text]
        return [text[0].upper() + text[1:] for text in found]

    def lit(self) -> str:
        """Say what was computed, and how much of it meets the class."""
        state = tr(", {count} of them out").format(count=formats.number(int(self.data.out.sum()))) if (
            self.data.as_of is not None) else ""
        day = tr("In the night after {day}: ").format(day=self.data.as_of) if self.data.as_of is not None else ""
        lights = formats.number(len(self.data.lights))
        if not self.found:
            return tr("{day}{lights} lights{state} give up to {peak} on the ground, by calculation.").format(
                day=day, lights=lights, state=state, peak=self.unit.text(self.peak))
        share = float(self.found.streets.length[self.meets].sum()) / max(self.total, 1e-9)
        return tr("{day}by calculation from {lights} lights{state}, the {length} of street have a mean of {mean} where"
                  " a light is on record; {share} of the length meets {name}.").format(
            day=day, lights=lights, state=state, length=self.units.length(self.total), mean=self.unit.text(self.mean),
            share=formats.percent(share), name=self.class_text())

    def near(self) -> str:
        """Say what has no light, and whether that is known."""
        if not self.found:
            return ""
        count, s = int(self.lonely.sum()), self.found.streets
        share = self.alone / max(self.total, 1e-9)
        text = tr("No light on record stands within {distance} of {share} of the street length, among it {count} of"
                  " {total} segments as a whole: {what}.")
        what = tr("dark, as all owners' lights are given") if self.data.all_owners else tr(
            "unknown, not dark, because other owners' lights may stand there")
        if not self.alone:
            text = tr("All of the {total} segments have a light on record within {distance}.")
        return text.format(count=formats.number(count), total=formats.number(len(s.length)),
                           share=formats.percent(share, 1), distance=self.units.distance(self.distance), what=what)

    def gaps(self) -> str:
        """Say how long the dark gaps are."""
        if not self.found:
            return ""
        gaps = self.found.gaps
        dark = gaps.state == analysis.DARK
        if not dark.any():
            return tr("No stretch of {least} or more is known to have less than {need}.").format(
                least=self.units.distance(self.least), need=self.unit.text(self.wanted.minimum))
        first = int(np.flatnonzero(dark)[np.argmax(gaps.whole[dark])])
        name = self.street_name(first)
        count = len(np.unique(gaps.gap[dark]))
        text = tr("{count} gaps of {least} or more, {length} in all, have less than {need}; the longest is {longest}"
                  "{where}.")
        if count == 1:
            text = tr("One gap of {least} or more, {length} of street, has less than {need}: {longest}{where}.")
        return text.format(
            count=formats.number(count), least=self.units.distance(self.least),
            length=self.units.length(float(gaps.length[dark].sum())), need=self.unit.text(self.wanted.minimum),
            longest=self.units.distance(gaps.whole[first], 0), where=tr(" ({street})").format(street=name) if name else
            "")

    def street_name(self, stretch: int) -> str:
        """Return the name of the street of a stretch, "" where there is none."""
        if self.data.street_names is None:
            return ""
        return str(self.data.street_names[self.found.gaps.street[stretch]] or "")

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        out = list(self.data.doubts)
        if self.found and not np.isfinite(self.found.streets.nearest_record).any():
            out.append(tr("None of the streets has a light near by. Check that both layers show the same region."))
        if self.found and (self.found.streets.length == 0).any():
            out.append(tr("{count} street segments have no length; nothing can be said of them.").format(
                count=int((self.found.streets.length == 0).sum())))
        if self.assumed > _ASSUMED:
            out.append(tr("The output of {share} of the lights is assumed (by type or default), not recorded: levels"
                          " in {unit} are a sketch, differences between streets come from where the lights stand."
                          ).format(share=formats.percent(self.assumed), unit=self.unit.sign))
        if not self.data.all_owners and self.found and self.alone and len(self.data.layers) == 1:
            out.append(tr("Only one owner's lights are given. Ask the others (utility, state, campus, parks) before"
                          " you call a street dark."))
        if not self.working:
            out.append(tr("No light works on that day: check the outages."))
        return out
