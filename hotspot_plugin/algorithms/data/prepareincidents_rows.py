"""The incidents that come of an export's rows, with every row accounted for."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.data import prepareincidents as preparing
from ...analysis.errors import InputError
from ...analysis.timeline import MINUTE, Times
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .prepareincidents_columns import Choices, kept_columns
from .prepareincidents_input import Export


class Prepared:
    """Rows after dropping and merging; arrays are over the incidents.

    Attributes
    ----------
    chosen : (m,) array of int
        Row of the export that stands for each incident.
    x, y : (m,) array of float
        Metres, NaN without a place.
    located : (m,) array of bool
    types : (m,) array of object
    """

    def __init__(self, run: Any, export: Export, choices: Choices, times: dict, x: np.ndarray, y: np.ndarray,
                 state: np.ndarray) -> None:
        self.run, self.export, self.choices, self.times = run, export, choices, times
        self.state = state
        types = self._texts("TYPE_FIELD")
        run.progress(0.52)
        kept, self.dropped_types = self._select(types)
        self.dropped = int((~kept).sum())
        rows = np.flatnonzero(kept)
        dated = ~np.isnat(times["from"].values) if "from" in times else np.zeros(len(x), bool)
        run.progress(0.54)
        self.merged = self._merge(rows, types, x, y, dated)
        run.progress(0.56)
        merged = self.merged
        self.chosen, place, self.date_row = rows[merged.chosen], rows[merged.place_from], rows[merged.date_from]
        self.x, self.y, self.place_state = x[place], y[place], state[place]
        self.located = np.isfinite(self.x) & np.isfinite(self.y)
        self.types = types[self.chosen] if types is not None else np.full(len(self.chosen), None, object)
        self.values = times["from"].values[self.date_row] if "from" in times else \
            np.full(len(self.chosen), np.datetime64("NaT", "ms"))
        self.precision = times["from"].precision[self.date_row] if "from" in times else \
            np.full(len(self.chosen), "", object)
        self.clock = preparing.known_clock(Times(self.values, self.precision, np.zeros(0)), choices.unknown_times)
        run.progress(0.58)
        self._tell()

    def _texts(self, role: str) -> np.ndarray | None:
        name = self.choices.fields.get(role)
        if not name:
            return None
        return np.array([t.strip() if t is not None and t.strip() else None for t in self.export.texts(name)], object)

    def _select(self, types: np.ndarray | None) -> tuple[np.ndarray, list]:
        """Return the mask of the rows whose type is wanted, and what was dropped by type."""
        everything = np.ones(self.export.rows, bool)
        if not self.choices.types:
            return everything, []
        if types is None:
            raise InputError("TYPES", "Types to keep are given, but no TYPE_FIELD. Choose the field of the type.")
        wanted = preparing.list_of(self.choices.types, np.unique([t for t in types if t is not None]))
        kept, absent = preparing.select_types(types, wanted)
        if absent:
            self.run.warn(tr("These types do not occur: {types}.").format(types="; ".join(absent)))
        return kept, preparing.by_type(types[~kept], np.zeros(int((~kept).sum()), bool))

    def _merge(self, rows: np.ndarray, types: np.ndarray | None, x: np.ndarray, y: np.ndarray,
               dated: np.ndarray) -> preparing.Merged:
        choices = self.choices
        if not choices.rows_per:
            every = np.arange(len(rows))
            return preparing.Merged(every, every, every, np.ones(len(rows), np.int64))
        ids = self._texts("ID_FIELD")
        if ids is None:
            raise InputError("ID_FIELD", "Rows can only be merged by the number of the incident. Choose ID_FIELD, or"
                             " keep every row (ROWS_PER 0).")
        rank = np.zeros(len(rows), np.int64)
        if choices.rows_per == 1:
            severity = preparing.list_of(choices.severity)
            if types is None or not severity:
                raise InputError("SEVERITY", "The most serious row can only be found with TYPE_FIELD and a list of"
                                 " types by seriousness. Give both, or keep the first row (ROWS_PER 2).")
            rank, unlisted = preparing.severity_rank(types[rows], severity)
            if unlisted:
                self.run.warn(tr("These types are not in SEVERITY and count as least serious: {types}.").format(
                    types="; ".join(unlisted[:20])))
        merged = preparing.merge_rows(ids[rows], rank, x[rows], y[rows], dated[rows])
        if merged.without_id:
            self.run.info(tr("{count} rows have no incident number; each is kept as an incident.").format(
                count=merged.without_id))
        if merged.apart:
            self.run.warn(tr("{count} incidents have rows more than 100 m apart; the place of the row that is kept is"
                             " used.").format(count=merged.apart))
        return merged

    def _tell(self) -> None:
        clock = self.clock
        if clock.default_rows:
            self.run.warn(tr("{count} incidents are at exactly {times}, far more often than at other full hours: the"
                             " time is taken as unknown (UNKNOWN_TIMES).").format(
                count=formats.number(clock.default_rows), times=tr(" or ").join(clock.defaults)))
        for row in self.lost:
            self.run.warn(tr("{share} of '{type}' ({count} of {rows}) have no place: hot spots will not show this"
                             " type{fully}.").format(
                share=formats.percent(row.lost), type=row.name or tr("(no type)"),
                count=formats.number(row.rows - row.located), rows=formats.number(row.rows),
                fully="" if row.located == 0 else tr(" fully")))
        if not self.located.any() and len(self.located):
            self.run.warn(tr("No incident has a usable place."))

    @property
    def by_type(self) -> list:
        """A row for every type, with what has no place."""
        return preparing.by_type(self.types, self.located)

    @property
    def lost(self) -> list:
        """Types of which too much has no place."""
        return preparing.lost_types(self.by_type) if self.choices.fields.get("TYPE_FIELD") else []

    def columns(self, keep: list) -> dict:
        """Return the schema's columns."""
        chosen, times = self.chosen, self.times
        nothing = np.full(len(chosen), None, object)
        nat = np.full(len(chosen), np.datetime64("NaT", "ms"))

        def texts(role: str) -> np.ndarray:
            column = self._texts(role)
            return nothing if column is None else column[chosen]

        ids = texts("ID_FIELD")
        self.run.progress(0.62)
        addresses = texts("ADDRESS_FIELD")
        self.run.progress(0.65)
        keys = preparing.place_keys(addresses if self.choices.fields.get("ADDRESS_FIELD") else None, self.x, self.y,
                                    self.run.stage(0.65, 0.75))
        numbered = np.array([i if i is not None else f"row {r + 1}" for i, r in zip(ids, chosen.tolist())], object)
        columns = {
            fields.INC_ID: numbered,
            fields.DT_FROM: self.values,
            fields.DT_TO: times["to"].values[self.date_row] if "to" in times else nat,
            fields.DT_REP: times["rep"].values[chosen] if "rep" in times else nat,
            fields.DT_PREC: np.array([p or None for p in self.precision], object),
            fields.TIME_OK: self.clock.known,
            fields.CTYPE: self.types,
            fields.PLACE_KEY: keys,
            fields.ADDRESS: addresses,
            fields.SOURCE: texts("SOURCE_FIELD"),
            fields.SRC_ROW: chosen + 1,
            fields.N_ROWS: self.merged.rows,
        }
        self.run.progress(0.78)
        extra = kept_columns(self.export, keep, {n.lower() for n in columns})
        return {**columns, **{name: column[chosen] for name, column in extra.items()}}

    def reasons(self) -> np.ndarray:
        """Return why each unlocated incident has no place."""
        return np.array([tr(preparing.REASONS.get(int(s), "")) for s in self.place_state[~self.located]], object)

    def numbers(self) -> dict:
        """Return the declared numbers; the rows add up."""
        located = int(self.located.sum())
        return {
            "ROWS_IN": self.export.rows, "LOCATED": located, "UNLOCATED_COUNT": len(self.located) - located,
            "MERGED": self.export.rows - self.dropped - len(self.chosen), "DROPPED": self.dropped,
            "TIME_UNKNOWN": int((~self.clock.known).sum()), "DATE_UNKNOWN": int(np.isnat(self.values).sum()),
        }

    def summary(self) -> str:
        """Return one sentence that adds the rows up."""
        n = self.numbers()
        parts = [tr("{count} located incidents ({share})").format(
            count=formats.number(n["LOCATED"]), share=formats.percent(n["LOCATED"] / max(len(self.located), 1), 1))]
        parts.append(tr("{count} without a usable place").format(count=formats.number(n["UNLOCATED_COUNT"])))
        if n["MERGED"]:
            parts.append(tr("rows merged: {count}").format(count=formats.number(n["MERGED"])))
        if n["DROPPED"]:
            parts.append(tr("rows of other types dropped: {count}").format(count=formats.number(n["DROPPED"])))
        text = tr("{rows} rows of {name} gave {parts}").format(
            rows=formats.number(n["ROWS_IN"]), name=self.export.name, parts=", ".join(parts))
        return text + self._period()

    def _period(self) -> str:
        known = self.values[~np.isnat(self.values)]
        if not len(known):
            return tr("; no dates.")
        when = formats.period(known.min(), known.max(), bool((self.precision == "month").any()))
        if not self.clock.known.any():
            return tr("; dates {when}, without times of day.").format(when=when)
        unknown = int((~self.clock.known).sum())
        if MINUTE in self.precision and unknown:
            return tr("; dates {when}, {count} without a known time of day.").format(
                when=when, count=formats.number(unknown))
        return tr("; dates {when}.").format(when=when)
