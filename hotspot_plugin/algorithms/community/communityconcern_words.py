"""The numbers, fields, sentences and doubts of 'Where people are worried'."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.community import communityconcern as analysis
from ...analysis.community import heard as hearing
from ...analysis.community import voices as counting
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .communityconcern_read import Data, Found

#: How many times more than by chance voices per resident may vary before it is said.
_SPREAD = 10.0
#: Share of the voices from one day or organisation from which it is said.
_BURST = 0.5
#: Areas named in a sentence.
_NAMED = 3


def worry_name(code: int) -> str:
    """Return the class of an area by its concern."""
    return {analysis.MORE: tr("more worried"), analysis.LESS: tr("less worried"),
            analysis.LIKE: tr("no clear difference")}.get(int(code), tr("too few voices"))


def heard_name(code: int) -> str:
    """Return the class of an area by its voices for its residents."""
    return {hearing.UNDER_HEARD: tr("under-heard"), hearing.AS_ELSEWHERE: tr("as elsewhere"),
            hearing.HEARD_MORE: tr("heard more"), hearing.TOO_LITTLE: tr("too little to say")}.get(
                int(code), tr("not compared"))


class Words:
    """Says what was found."""

    def __init__(self, run: Any, data: Data, found: Found) -> None:
        self.run, self.data, self.found = run, data, found
        self.told = found.told
        self._notes: np.ndarray | None = None
        self.under = np.zeros(len(data.places), bool) if found.heard is None else (
            found.heard.code == hearing.UNDER_HEARD)

    @property
    def worried(self) -> bool:
        """Whether the reports state concern."""
        return self.found.estimate is not None

    # --- fields --------------------------------------------------------------------------------
    def columns(self) -> dict:
        """Return the fields of the areas; what too few voices say is empty."""
        found, told = self.found, self.told
        out: dict = {
            fields.VOICES: np.ma.masked_array(found.area_voices, ~told),
            fields.N_REP: np.ma.masked_array(found.reports[:-1, -1, -1], ~told),
        }
        if self.data.as_of is not None:
            out[fields.RECENT] = self._shown(found.recent[:-1, -1, -1])
        if self.worried:
            flat = found.estimate

            def of(values: np.ndarray) -> np.ndarray:
                return found.of_areas(values)

            out |= {
                fields.EFF_VOICES: of(flat.effective), fields.CONC_MEAN: of(flat.mean), fields.CONC_LOW: of(flat.low),
                fields.CONC_HIGH: of(flat.high), fields.CONC_SE: of(flat.se), fields.CONC_Q: found.q,
                fields.WORRIED_SH: of(flat.worried), fields.WORR_LOW: of(flat.worried_low),
                fields.WORR_HIGH: of(flat.worried_high),
            }
        if found.heard is not None:
            out |= self._heard_columns(found.heard)
        if self.data.categories:
            out[fields.TOP_CONC] = self.top(1)
        if self.data.parts:
            out[fields.TOP_TIME] = self.top(2)
        out[fields.CONC_CL] = self.classes()
        out[fields.VOICE_NOTE] = self.notes()
        return out

    def _heard_columns(self, heard: hearing.Heard) -> dict:
        residents, only = self.data.places.residents, self._shown
        with np.errstate(invalid="ignore", divide="ignore"):
            reports = 1000.0 * self.found.reports[:-1, -1, -1] / residents
        return {
            fields.RESIDENTS: residents, fields.REP_1K: only(np.where(np.isfinite(heard.per_1000), reports, np.nan)),
            fields.VOICES_1K: only(heard.per_1000), fields.V1K_LOW: only(heard.per_low),
            fields.V1K_HIGH: only(heard.per_high), fields.EXP_VOICES: only(heard.expected),
            fields.HEARD_RR: only(heard.ratio), fields.HEARD_LOW: only(heard.low), fields.HEARD_HIGH: only(heard.high),
            fields.HEARD_CL: np.array([heard_name(code) for code in heard.code], object),
        }

    def _shown(self, values: np.ndarray) -> np.ndarray:
        return np.where(self.told, values, np.nan)

    def classes(self) -> np.ndarray:
        """Return the class of each area, by concern where there is any, and whether it is under-heard."""
        out = []
        for i, told in enumerate(self.told):
            if self.worried:
                name = worry_name(self.found.code[i])
            elif not told:
                name = tr("too few voices")
            elif self.under[i]:
                out.append(heard_name(hearing.UNDER_HEARD))
                continue
            else:
                more = self.found.heard is not None and self.found.heard.code[i] == hearing.HEARD_MORE
                name = heard_name(hearing.HEARD_MORE) if more else tr("heard")
            out.append(tr("{name}, under-heard").format(name=name) if self.under[i] else name)
        return np.array(out, object)

    def top(self, axis: int) -> np.ndarray:
        """Return what most voices of each area name, of what is told: a category (1) or a part of the day (2)."""
        names = (self.data.categories, self.data.parts)[axis - 1]
        at = (slice(None, -1), slice(0, len(names)), -1) if axis == 1 else (slice(None, -1), -1, slice(0, len(names)))
        number, shown = self.found.voices[at], self.found.shown[at]
        most = number.max(axis=1)
        out = np.full(len(number), None, object)
        for i in np.flatnonzero(self.told).tolist():
            best = np.flatnonzero((number[i] == most[i]) & (most[i] > 0))
            if len(best) and shown[i, best].all():
                out[i] = " / ".join(names[j] for j in best)
        return out

    def notes(self) -> np.ndarray:
        """Say of which areas most voices or reports came on one day, or through one organisation."""
        if self._notes is None:
            self._notes = self._make_notes()
        return self._notes

    def _make_notes(self) -> np.ndarray:
        data, found, k = self.data, self.found, len(self.data.places)
        zone, row = data.places.place, data.places.report
        out = np.full(k, None, object)
        for values, voices_text, reports_text in (
            (data.reports.organisation, tr("most voices through one organisation"),
             tr("most reports through one organisation")),
            (_days(data.reports.day), tr("most voices on one day"), tr("most reports on one day")),
        ):
            if values is None:
                continue
            main = counting.main(zone, data.reports.voice[row], values[row], k, data.least)
            voices = main.most > _BURST * np.maximum(found.area_voices, 1)
            reports = _most(zone, values[row], data.count[row], k) > _BURST * np.maximum(found.reports[:-1, -1, -1], 1)
            for i in np.flatnonzero(self.told & (voices | reports)).tolist():
                text = voices_text if voices[i] else reports_text
                out[i] = text if out[i] is None else f"{out[i]}; {text}"
        return out

    def table(self) -> dict:
        """Return the rows of all cells that are told."""
        found, places = self.found, self.data.places
        cell = np.flatnonzero(found.shown.ravel() & (found.voices.ravel() > 0))
        at = np.unravel_index(cell, found.voices.shape)
        everything = tr("all")
        areas = places.own[fields.CELL_ID].tolist() if places.own else places.names
        names = [[*values, everything] for values in (areas, *self.data.named)]
        columns = [np.array(values, object)[index] for values, index in zip(names, at)]
        # a direction that the reports do not tell is its total alone
        real = (at[1] == found.voices.shape[1] - 1) | bool(self.data.categories)
        real &= (at[2] == found.voices.shape[2] - 1) | bool(self.data.parts)
        out = {
            fields.PLACE_NO: np.ma.masked_array(at[0] + 1, at[0] == len(places)), fields.AREA_NAME: columns[0],
            fields.CATEGORY: columns[1], fields.DAY_PART: columns[2], fields.VOICES: found.voices.ravel()[cell],
            fields.N_REP: found.reports.ravel()[cell],
        }
        if self.worried:
            flat = found.estimate
            out |= {
                fields.EFF_VOICES: flat.effective[cell], fields.CONC_MEAN: flat.mean[cell],
                fields.CONC_LOW: flat.low[cell], fields.CONC_HIGH: flat.high[cell],
                fields.WORRIED_SH: flat.worried[cell], fields.WORR_LOW: flat.worried_low[cell],
                fields.WORR_HIGH: flat.worried_high[cell],
            }
        return {name: values[real] for name, values in out.items()}

    # --- numbers -------------------------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        data, found, places = self.data, self.found, self.data.places
        whole = found.whole
        enough = found.area_voices >= data.least
        return {
            "REPORTS_USED": int(data.count.sum()), "VOICES": len(np.unique(data.reports.voice)),
            "NOT_AGREED": data.reports.not_agreed,
            "MEAN_CONCERN": float(whole.mean[0]) if whole else None, "MEAN_LOW": float(whole.low[0]) if whole else None,
            "MEAN_HIGH": float(whole.high[0]) if whole else None,
            "WORRIED_SHARE": float(whole.worried[0]) if whole else None,
            "PLACES": len(places), "TOLD": int(self.told.sum()), "WITHHELD": int((enough & ~self.told).sum()),
            "MORE_WORRIED": self._classed(analysis.MORE), "LESS_WORRIED": self._classed(analysis.LESS),
            "UNDER_HEARD": int(self.under.sum()) if found.heard is not None else None,
            "IN_NO_AREA": places.nowhere + places.wide, "LEAST_USED": data.least,
            "AS_OF_USED": str(data.as_of) if data.as_of is not None else "",
        }

    def _classed(self, code: int) -> int | None:
        return int((self.found.code == code).sum()) if self.found.code is not None else None

    # --- sentences -----------------------------------------------------------------------------
    def period(self) -> str:
        """Return the days of the reports, "" without days."""
        return formats.period(self.data.first, self.data.as_of) if self.data.first is not None else ""

    def summary(self) -> str:
        """Return the sentences to read out."""
        numbers, data = self.numbers(), self.data
        if data.reports.by_voice:
            said = tr("{voices} voices made {reports} reports")
        elif numbers["VOICES"] == numbers["REPORTS_USED"]:
            said = tr("There are {voices} reports, each taken for a voice")
        else:
            said = tr("{voices} rows, each taken for a voice, stand for {reports} reports")
        text = said.format(voices=formats.number(numbers["VOICES"]), reports=formats.number(numbers["REPORTS_USED"]))
        if self.period():
            text += tr(" ({period})").format(period=self.period())
        if not self.worried:
            text += tr("; how worried they are is not recorded")
            text += f". {self._told_sentence()}."
        else:
            text += tr(". Their concern is {mean} on average, on a scale from 1 to 5 (95 % interval {low} to {high});"
                       " {share} are worried (4 or 5).").format(
                mean=formats.number(numbers["MEAN_CONCERN"], 2), low=formats.number(numbers["MEAN_LOW"], 2),
                high=formats.number(numbers["MEAN_HIGH"], 2), share=formats.percent(numbers["WORRIED_SHARE"]))
            text += " " + self._places_sentence()
        heard = self.heard_sentence()
        return f"{text} {heard}" if heard else text

    def _places_sentence(self) -> str:
        numbers = self.numbers()
        start = self._told_sentence()
        if not numbers["MORE_WORRIED"]:
            return start + tr("; none is clearly more worried than the whole.")
        return start + tr("; {count} are clearly more worried than the whole{names}.").format(
            count=formats.number(numbers["MORE_WORRIED"]),
            names=self.named(np.flatnonzero(self.found.code == analysis.MORE)))

    def _told_sentence(self) -> str:
        numbers = self.numbers()
        return tr("{told} of {places} {what} can be told, with {least} voices or more in each").format(
            told=formats.number(numbers["TOLD"]), places=formats.number(numbers["PLACES"]), what=self.data.places.what,
            least=self.data.least)

    @property
    def compared(self) -> int:
        """Number of areas with residents enough to say whether they are under-heard."""
        return int(np.isin(self.found.heard.code, (hearing.UNDER_HEARD, hearing.AS_ELSEWHERE,
                                                   hearing.HEARD_MORE)).sum())

    def heard_sentence(self) -> str:
        """Say who is under-heard, "" where it cannot be said."""
        if self.found.heard is None:
            return ""
        rows, what = np.flatnonzero(self.under), self.data.places.what
        if not self.compared:
            return tr("Whether any of the {what} is under-heard cannot be said: none has residents and voices enough"
                      " for that.").format(what=what)
        if not len(rows):
            return tr("None of the {count} {what} with residents enough to compare is under-heard.").format(
                count=formats.number(self.compared), what=what)
        return tr("Under-heard, with clearly fewer voices per resident than elsewhere, are {count} of {compared}"
                  " {what}{names}.").format(count=formats.number(len(rows)), compared=formats.number(self.compared),
                                            what=what, names=self.named(rows))

    def named(self, rows: np.ndarray) -> str:
        """Return ": " and some areas by name, the most worried or the most populous first; "" for cells."""
        if self.data.places.layer is None:
            return ""
        if self.worried and self.found.code is not None and (self.found.code[rows] == analysis.MORE).all():
            order = -np.nan_to_num(self.found.of_areas(self.found.estimate.mean))[rows]
        else:
            order = -np.nan_to_num(self.data.places.residents)[rows]
        names = [self.data.places.names[i] for i in rows[np.argsort(order, kind="stable")].tolist()]
        return tr(": {names}").format(names=_first(names))

    def warnings(self) -> list:
        """Return the doubts to tell."""
        data, found, numbers, out = self.data, self.found, self.numbers(), []
        if not self.worried:
            out.append(tr("The reports state no concern from 1 to 5: voices and reports are counted, and nothing is"
                          " said of how worried people are."))
        if not numbers["TOLD"]:
            out.append(tr("No area has {least} voices, so nothing is told of any. Use larger areas or a longer time."
                          ).format(least=data.least))
        if found.heard is None:
            out.append(tr("Without residents (POPULATION_FIELD or POPULATION) nobody can be called under-heard: many"
                          " voices may only mean that many live there."))
        else:
            out += self._uneven()
        if numbers["WITHHELD"]:
            out.append(tr("Areas withheld although they have voices enough: {count}. What was said in others could be"
                          " had from them by subtraction.").format(count=formats.number(numbers["WITHHELD"])))
        burst = [name for name, note in zip(data.places.names, self.notes()) if note]
        if burst:
            out.append(tr("Most voices or reports came on one day or through one organisation in {names}: a meeting or"
                          " a campaign, and no sample of who lives there.").format(names=_first(burst)))
        return out

    def _uneven(self) -> list:
        """Say where voices per resident are no measure of who is heard."""
        heard, names, out = self.found.heard, self.data.places.names, []
        rows = np.flatnonzero(heard.visited)
        if len(rows):
            out.append(tr("Voices per resident are more than 5 times the median in {names}: visitors speak there as"
                          " well. The others are not measured by it.").format(
                              names=_first([names[i] for i in rows.tolist()])))
        if heard.spread > _SPREAD:
            out.append(tr("Voices per resident vary {times} times as much between areas as by chance: that is where"
                          " things happen or where a campaign was, as well as who speaks up. Ask in the"
                          " under-heard areas before you take their silence for either.").format(
                              times=formats.number(heard.spread, 0)))
        return out


def _most(zone: np.ndarray, values: np.ndarray, count: np.ndarray, zones: int) -> np.ndarray:
    """Return the reports of the value that has most of them in each zone."""
    there = np.array([value is not None for value in values], bool)
    kinds, code = np.unique(values[there].astype(str), return_inverse=True)
    key, at = np.unique(zone[there] * max(len(kinds), 1) + code, return_inverse=True)
    out = np.zeros(zones)
    np.maximum.at(out, key // max(len(kinds), 1), np.bincount(at, count[there], len(key)))
    return out


def _first(names: list) -> str:
    """Return the first names, and how many more there are."""
    more = tr(" and {count} more").format(count=len(names) - _NAMED) if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _days(day: np.ndarray | None) -> np.ndarray | None:
    if day is None or np.isnat(day).all():
        return None
    out = np.empty(len(day), object)
    out[:] = [None if np.isnat(d) else str(d) for d in day]
    return out
