"""The numbers of every hot spot: the fields of the polygons and the rows of the long table."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.hotspots import hotspotprofile as analysis
from ...analysis.hotspots import profiles
from ...analysis.patrol import peaks
from ...layers import fields
from ..patrol import patrolzones_people as people
from ..patrol.patrolzones_facts import days_text
from .hotspotprofile_read import Data

#: themes of the table, in its order; the same words in every language, for models
TYPE, HOUR, WEEKDAY, SHIFT, MONTH, PLACE, FACILITY, CONCERN, WISH = (
    "type", "hour", "weekday", "shift", "month", "place", "facility", "concern", "wish")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NO_TYPE = "(no type)"
#: places listed for a hot spot, and incidents from which one may be
MOST_PLACES, LEAST_AT_PLACE = 5, 3
#: residents below which there is no rate, and incidents of a type below which it is no speciality
LEAST_RESIDENTS, LEAST_OF_TYPE = 100, 5


class Facts:
    """Everything that is known of the hot spots; (k, ...) arrays in the order of the polygons."""

    def __init__(self, run: Any, data: Data) -> None:
        self.data, k = data, data.k
        self.spans, self.minutes = peaks.windows(
            [(start, length) for _, start, length in data.shifts], run.integer(run.tool.PEAK_HOURS))
        self.n, self.low, self.high = profiles.counts(data.spot, k)
        self.places = analysis.places(data.spot, data.place, k, run.stage(0.76, 0.78))
        self._types()
        run.progress(0.79)
        self._times(run)
        self._months()
        self.space = analysis.space_class(self.places)
        self.time = (analysis.time_class(self.hours) if self.hours is not None
                     else np.full(k, analysis.TOO_FEW, dtype=object))
        self.listed = self._listed()
        run.progress(0.86)
        self._facilities()
        self.rows = self._rows(run)
        run.progress(0.9)

    # --- types -----------------------------------------------------------------------------
    def _types(self) -> None:
        data = self.data
        self.types = self.city_types = None
        if data.kind is None:
            return
        values = len(data.kinds) + 1
        kind = np.where(data.kind < 0, len(data.kinds), data.kind)
        self.types = analysis.counts(data.spot, kind[data.rows], data.k, values)
        self.city_types = np.bincount(kind, minlength=values)
        self.type_names = [*data.kinds, NO_TYPE]

    # --- time ------------------------------------------------------------------------------
    def _times(self, run: Any) -> None:
        data, k = self.data, self.data.k
        self.hours = self.week = self.city_week = self.weekday = None
        self.peak: list = [None] * k
        if data.clock is None or data.monthly:
            return
        own = analysis.of_rows(data.clock, data.rows)
        fine = peaks.week_profile(own, data.spot, k, self.minutes, run.stage(0.79, 0.81))
        every = np.zeros(data.total, dtype=np.int64)
        city = peaks.week_profile(data.clock, every, 1, self.minutes, run.stage(0.81, 0.83))
        per_hour = 60 // self.minutes
        self.fine, self.city_fine = fine, city
        self.week = fine.reshape(k, 168, per_hour).sum(axis=2)
        self.city_week = city.reshape(168, per_hour).sum(axis=1)
        self.hours = analysis.fullest_hours(self.week.reshape(k, 7, 24).sum(axis=1))
        for i, row in enumerate(fine):
            run.check()
            self.peak[i] = peaks.peak(row, self.spans)
        self.weekday = analysis.weekday_profile(data.week, data.rows, data.spot, k, run.stage(0.83, 0.84))
        self.city_weekday = analysis.weekday_profile(
            data.week, np.arange(data.total), every, 1, run.stage(0.84, 0.85))[0]

    def in_peak(self, i: int) -> float:
        """Return the share of the city's incidents in the peak of a hot spot."""
        peak, bins = self.peak[i], len(self.city_fine[0])
        per_day = bins // 7
        length = ((peak.end - peak.start) % 1440 or 1440) // self.minutes
        at = (peak.first_day * per_day + peak.start // self.minutes + np.add.outer(
            np.arange(peak.days) * per_day, np.arange(length))) % bins
        total = self.city_fine.sum()
        return float(self.city_fine[0][at].sum() / total) if total > 0 else float("nan")

    def _months(self) -> None:
        data, k = self.data, self.data.k
        self.months_act = self.tenure = self.month_counts = None
        if data.month is None:
            return
        own = data.month[data.rows]
        start = max(data.windows.start, min(data.windows.first, data.windows.end))
        early = own < start.astype("M8[M]")
        self.months_act = profiles.months_active(data.spot, k, np.where(early, np.datetime64("NaT"), own))
        self.tenure = profiles.tenure(
            data.spot, k, data.incidents.columns[self._date()][data.rows], start, data.windows.end)
        first = data.month.min().astype(np.int64)
        number = data.month.astype(np.int64) - first
        self.month_names = [str(np.datetime64(int(first + i), "M")) for i in range(int(number.max()) + 1)]
        self.month_counts = analysis.counts(data.spot, number[data.rows], k, len(self.month_names))
        self.city_months = np.bincount(number, minlength=len(self.month_names))

    def _date(self) -> str:
        return next(iter(self.data.incidents.times))

    @property
    def months(self) -> int:
        """Calendar months of the window."""
        data = self.data
        start = max(data.windows.start, data.windows.first).astype("M8[M]")
        return int((data.windows.end.astype("M8[M]") - start) / np.timedelta64(1, "M")) + 1

    # --- places ----------------------------------------------------------------------------
    def _listed(self) -> dict:
        """The busiest places of each hot spot that may be named: (place, incidents), none of a sensitive type."""
        data = self.data
        open_ = ~data.hidden[data.rows]
        spot, place, n = analysis.busiest_places(
            data.spot[open_], data.place[open_], LEAST_AT_PLACE, MOST_PLACES)
        out: dict = {}
        for i, p, number in zip(spot.tolist(), place.tolist(), n.tolist()):
            if data.place_names[p]:
                out.setdefault(i, []).append((p, number))
        return out

    def named_place(self, i: int) -> str:
        """Return the name of the busiest place of a hot spot, "" where it must not be told."""
        busiest = int(self.places.busiest[i])
        return next((self.data.place_names[p] for p, _ in self.listed.get(i, []) if p == busiest), "")

    # --- around ----------------------------------------------------------------------------
    def _facilities(self) -> None:
        data, found = self.data, self.data.around.facilities
        if found is None:
            return
        kind = np.append(found.kind, -1)[found.nearest]
        self.near = analysis.counts(data.spot, kind[data.rows], data.k, len(found.kinds))
        self.city_near = np.bincount(kind[kind >= 0], minlength=len(found.kinds))
        # a facility by name is a place: sensitive types are not told of it (a shelter, a school)
        here = np.where(data.hidden, -1, found.nearest)[data.rows]
        self.at_facility = analysis.busiest_places(data.spot[here >= 0], here[here >= 0], 1, 5)
        self.near_all = analysis.compare(self.near.sum(axis=1), self.n, self.city_near.sum(), data.total)

    # --- the long table --------------------------------------------------------------------
    def _rows(self, run: Any) -> dict:
        """All comparisons: arrays by name, one entry a row."""
        parts: list = []

        def add(theme: str, names: list, table: np.ndarray, of: np.ndarray, city: Any, city_of: Any,
                every: bool = False) -> None:
            spot, value = np.nonzero(np.ones(table.shape, dtype=bool) if every else table > 0)
            whole = np.full(table.shape[1], np.nan) if city is None else np.asarray(city, float)
            parts.append((theme, [names[v] for v in value.tolist()], spot, table[spot, value], of[spot], whole[value],
                          np.full(len(spot), np.nan if city is None else float(city_of))))
            run.check()

        data = self.data
        if self.types is not None:
            add(TYPE, self.type_names, self.types, self.n, self.city_types, data.total)
        if self.hours is not None:
            days, city = self.week.reshape(-1, 7, 24).sum(axis=1), self.city_week.reshape(7, 24).sum(axis=0)
            add(HOUR, [f"{hour:02d}" for hour in range(24)], days, days.sum(axis=1), city, city.sum(), True)
            add(WEEKDAY, list(WEEKDAYS), self.weekday, self.weekday.sum(axis=1), self.city_weekday,
                self.city_weekday.sum(), True)
        if self.hours is not None and data.shifts:
            table, city = self._shifts()
            add(SHIFT, [name for name, _, _ in data.shifts], table, self.fine.sum(axis=1), city, self.city_fine.sum(),
                True)
        if self.month_counts is not None:
            add(MONTH, self.month_names, self.month_counts, self.n, self.city_months, data.total, True)
        for i, listed in sorted(self.listed.items()):
            number = np.array([n for _, n in listed], dtype=float)
            parts.append((PLACE, [data.place_names[p] for p, _ in listed], np.full(len(listed), i), number,
                          np.full(len(listed), float(self.n[i])), np.full(len(listed), np.nan),
                          np.full(len(listed), np.nan)))
        if data.around.facilities is not None:
            add(FACILITY, data.around.facilities.kinds, self.near, self.n, self.city_near, data.total)
        said = data.around.voices
        for theme, main in ((CONCERN, said.category), (WISH, said.wish)) if said else ():
            for i, names in enumerate(main.names if main is not None else []):
                parts.append((theme, list(names), np.full(len(names), i), np.full(len(names), float(main.most[i])),
                              np.full(len(names), float(main.of[i])), *np.full((2, len(names)), np.nan)))
        return self._joined(parts)

    def _joined(self, parts: list) -> dict:
        theme = np.array([part[0] for part in parts for _ in part[1]], dtype=object)
        value = np.array([name for part in parts for name in part[1]], dtype=object)
        spot, n, of, city, city_of = (np.concatenate([np.asarray(part[j], dtype=float) for part in parts])
                                      if parts else np.zeros(0) for j in range(2, 7))
        beside = analysis.compare(n, of, city, city_of)
        order = np.argsort(spot, kind="stable")
        out = {"theme": theme, "value": value, "spot": spot.astype(np.int64), "n": n, "of": of, "share": beside.share,
               "city": beside.city, "lq": beside.ratio, "low": beside.low, "high": beside.high,
               "q": analysis.q_values(beside.p, theme)}
        return {name: column[order] for name, column in out.items()}

    def of(self, i: int, theme: str) -> list:
        """Return the rows of a hot spot and theme as dicts, in the order of the table."""
        first, last = np.searchsorted(self.rows["spot"], [i, i + 1])
        own = first + np.flatnonzero(self.rows["theme"][first:last] == theme)
        return [{name: column[j] for name, column in self.rows.items()} for j in own.tolist()]

    def _shifts(self) -> tuple:
        bins = self.fine.shape[1]
        per_day = bins // 7
        day = np.arange(bins) % per_day * self.minutes
        inside = np.array([(day - start) % 1440 < length for _, start, length in self.data.shifts])
        return self.fine @ inside.T, inside @ self.city_fine[0]

    def table(self) -> dict:
        """Return the columns of the long table."""
        rows, names = self.rows, np.array(self.data.names, dtype=object)
        return {
            fields.HOTSPOT: names[rows["spot"]], fields.THEME: rows["theme"], fields.VALUE: rows["value"],
            fields.N: rows["n"], fields.N_OF: rows["of"], fields.IN_SHARE: rows["share"],
            fields.CITY_SHARE: rows["city"], fields.LQ: rows["lq"], fields.LQ_LOW: rows["low"],
            fields.LQ_HIGH: rows["high"], fields.LQ_Q: rows["q"],
        }

    # --- fields of the polygons ------------------------------------------------------------
    def columns(self, proposals: list) -> dict:
        """Return the fields of the polygons; ``proposals`` are what to look at first."""
        data, k, places = self.data, self.data.k, self.places
        nan, none = np.full(k, np.nan), np.array([None] * k, dtype=object)
        no_number = np.ma.masked_array(np.zeros(k, dtype=np.int64), True)
        empty = self.n == 0
        columns: dict = {
            fields.HOTSPOT: np.array(data.names, dtype=object), fields.N: self.n, fields.N_LOW: self.low,
            fields.N_HIGH: self.high, fields.SHARE: self.n / max(data.total, 1),
            fields.MATRIX: np.array([self.box(i) for i in range(k)], dtype=object),
            fields.SPACE_CL: self.space, fields.TIME_CL: self.time,
            fields.FIRST_LOOK: np.array(proposals, dtype=object),
            fields.PLACES: places.number, fields.PLACE1_SH: places.first, fields.FEW_N: places.few,
            fields.FEW_SH: places.few_share, fields.FEW_EXP: places.few_chance, fields.PLACE_P: places.p,
            fields.REPEAT_SH: places.repeat,
        }
        columns.update(self._type_columns(nan, none, no_number, empty))
        hours = self.hours
        few = np.ones(k, dtype=bool) if hours is None else hours.n < analysis.LEAST_TIME
        columns.update({
            fields.HR6_FROM: none if hours is None else np.array(
                [None if less else peaks.clock_text(int(h) * 60) for h, less in zip(hours.start, few)], dtype=object),
            fields.HR6_SHARE: nan if hours is None else np.where(few, nan, hours.share),
            fields.HR6_P: nan if hours is None else np.where(few, nan, hours.p),
            fields.PEAK_DAYS: self._of_peak(days_text), fields.PEAK_FROM: self._of_peak(
                lambda p: peaks.clock_text(p.start)),
            fields.PEAK_TO: self._of_peak(lambda p: peaks.clock_text(p.end)),
            fields.PEAK_SHARE: self._of_peak(lambda p: p.share, np.nan),
            fields.PEAK_LIFT: self._of_peak(lambda p: p.lift, np.nan),
            fields.PEAK_P: self._of_peak(lambda p: p.p, np.nan),
            fields.PEAK_N: no_number if hours is None else hours.n,
            fields.MONTHS_ACT: no_number if self.months_act is None else self.months_act,
            fields.TENURE: none if self.tenure is None else np.where(empty, None, self.tenure),
        })
        columns.update(self._around_columns())
        return columns

    def _type_columns(self, nan: np.ndarray, none: np.ndarray, no_number: Any, empty: np.ndarray) -> dict:
        names = (fields.N_TYPES, fields.TOP_TYPE, fields.TOP_SHARE, fields.OVER_TYPE, fields.OVER_LQ)
        if self.types is None:
            return dict(zip(names, (no_number, none, nan, none, nan)))
        known = self.types[:, :-1]
        most = known.argmax(axis=1) if known.shape[1] else np.zeros(self.data.k, dtype=np.int64)
        top = known.max(axis=1, initial=0)
        over = [self.speciality(i) for i in range(self.data.k)]
        return dict(zip(names, (
            (known > 0).sum(axis=1),
            np.array([self.type_names[m] if t else None for m, t in zip(most.tolist(), top.tolist())], dtype=object),
            np.where(empty, np.nan, top / np.maximum(self.n, 1)),
            np.array([row["value"] if row else None for row in over], dtype=object),
            np.array([row["lq"] if row else np.nan for row in over], dtype=float))))

    def speciality(self, i: int) -> dict | None:
        """Return the row of the type with the highest location quotient that chance does not explain."""
        found = [row for row in self.of(i, TYPE) if row["lq"] > 1.0 and row["q"] < analysis.LEVEL
                 and row["n"] >= LEAST_OF_TYPE and row["value"] != NO_TYPE]
        return max(found, key=lambda row: row["lq"], default=None)

    def _of_peak(self, get: Any, missing: Any = None) -> np.ndarray:
        values = [missing if peak is None else get(peak) for peak in self.peak]
        return np.array(values, dtype=object if missing is None else float)

    def _around_columns(self) -> dict:
        around, columns = self.data.around, {}
        found = around.facilities
        if found is not None:
            most = self.near.argmax(axis=1)
            columns.update({
                fields.FAC_N: np.array([len(some) for some in found.near]),
                fields.FAC_KIND: np.array([found.kinds[m] if self.near[i].any() else None
                                           for i, m in enumerate(most.tolist())], dtype=object),
                fields.FAC_SHARE: self.near_all.share, fields.FAC_LQ: self.near_all.ratio})
        if around.residents is not None:
            there = around.residents
            columns[fields.RESIDENTS] = np.round(there).astype(np.int64)
            columns[fields.PER_1000] = np.where(
                there >= LEAST_RESIDENTS, 1000.0 * self.n / np.maximum(there, 1), np.nan)
        if around.voices is not None:
            columns.update(people.columns(around.voices, self.data.k))
        if around.score is not None:
            columns[fields.CPTED] = around.score
        return columns

    def box(self, i: int) -> str:
        """Return the box of the matrix in words."""
        # the same words in every language, for models
        if self.space[i] == analysis.TOO_FEW:
            return analysis.TOO_FEW
        return f"{self.space[i]}, {'too few times' if self.time[i] == analysis.TOO_FEW else self.time[i]}"
