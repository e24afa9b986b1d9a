"""How the columns of an export become incidents: settings, dates, places, rows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem

from ...analysis.data import mapping as mappings
from ...analysis.data import prepareincidents as preparing
from ...analysis.errors import InputError
from ...analysis.timeline import MONTH, Times, combine, from_parts, parse_texts
from ...layers import crs as crs_module
from ...translation import tr
from .prepareincidents_input import Export, Opener

ORDERS = ("auto", "dmy", "mdy", "ymd")
_PARTS = ("YEAR_FIELD", "MONTH_FIELD", "DAY_FIELD", "HOUR_FIELD", "MINUTE_FIELD")


@dataclass
class Choices:
    """Fields and settings of a run, whichever way they were given."""

    fields: dict
    crs: QgsCoordinateReferenceSystem
    order: str = "auto"
    rows_per: int = 0
    severity: str = ""
    types: str = ""
    unknown_times: str = "auto"
    encoding: str = ""
    guessed: dict = field(default_factory=dict)

    def as_mapping(self) -> str:
        """Return the mapping to save; an order of dates that was found is kept for next time."""
        return mappings.dumps(self.fields, {
            "CRS": self.crs.authid() if self.crs.isValid() else "", "DATE_ORDER": "" if self.order == "auto"
            else self.order, "ROWS_PER": self.rows_per or "", "SEVERITY": self.severity, "TYPES": self.types,
            "UNKNOWN_TIMES": "" if self.unknown_times == "auto" else self.unknown_times, "ENCODING": self.encoding})


def remembered(run: Any, form: mappings.Form = mappings.INCIDENTS) -> tuple:
    """Return fields, settings (and words, where the form has them) of the MAPPING file, empty where none is given."""
    path = run.file("MAPPING")
    if not path:
        return ({}, {}, {}) if form.words else ({}, {})
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("MAPPING", "'{file}' cannot be read: {error}.", file=Path(path).name, error=error) from error
    saved = mappings.loads(text, form)
    run.info(tr("Fields and settings are taken from the mapping {file}, where they are not chosen here.").format(
        file=Path(path).name))
    return saved


def choose(run: Any, opener: Opener, saved: tuple[dict, dict]) -> Choices:
    """Settle which field is what: chosen ones first, then the mapping's, then by name."""
    chosen = {role: run.fields(role)[0] for role in mappings.ROLES if run.fields(role)}
    chosen = {**mappings.parse_names(run.text("FIELD_NAMES")), **chosen}
    fields = {**opener.given, **saved[0], **chosen}
    if {"YEAR_FIELD", "MONTH_FIELD"} & set(chosen) and "DATE_FIELD" not in chosen:
        fields.pop("DATE_FIELD", None)
    fields = mappings.check(fields, opener.names)
    guessed = {}
    if run.flag("FIND_FIELDS"):
        guessed = mappings.guess(opener.names, opener.located, fields)
        for role, name in guessed.items():
            run.info(tr("{role}: the field '{field}' is taken, by its name.").format(role=role, field=name))
    fields = {**guessed, **fields}
    for one, other in (("X_FIELD", "Y_FIELD"), ("Y_FIELD", "X_FIELD")):
        if fields.get(one) and not fields.get(other):
            raise InputError(other, "{one} is given without {other}. Give both, or neither.", one=one, other=other)
    if not opener.located and not fields.get("X_FIELD"):
        raise InputError("X_FIELD", "The input is a table without places on the map, and no coordinate fields were"
                         " found by name. Choose X_FIELD and Y_FIELD among: {fields}.",
                         fields=", ".join(opener.names))
    settings = saved[1]
    crs = run.crs_value("CRS") if run.has("CRS") else QgsCoordinateReferenceSystem(str(settings.get("CRS", "")))
    order = ORDERS[run.choice("DATE_ORDER")]
    if order == "auto":
        order = str(settings.get("DATE_ORDER", "auto"))
    rows_per = run.choice("ROWS_PER") or settings.get("ROWS_PER", 0)
    if order not in ORDERS or rows_per not in (0, 1, 2):
        raise InputError("MAPPING", "The mapping's DATE_ORDER must be one of {orders}, its ROWS_PER 0, 1 or 2.",
                         orders=", ".join(ORDERS))
    unknown = run.text("UNKNOWN_TIMES").strip()
    if unknown in ("", "auto"):
        unknown = str(settings.get("UNKNOWN_TIMES", "auto"))
    return Choices(fields, crs, order, rows_per, run.text("SEVERITY") or _words(settings.get("SEVERITY")),
                   run.text("TYPES") or _words(settings.get("TYPES")), unknown, opener.encoding, guessed)


def _words(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else str(value or "")


# --- dates ---------------------------------------------------------------------------------
#: which field is read as which date
DATES = {"from": "DATE_FIELD", "to": "END_DATE_FIELD", "rep": "REPORT_DATE_FIELD"}


def read_dates(run: Any, export: Export, choices: Choices, roles: dict | None = None) -> dict:
    """Read the date fields; all of them share one order of day and month.

    Parameters
    ----------
    roles : dict, optional
        Key of a date -> parameter of its field; those of an incident if None.

    Returns
    -------
    dict of str to Times
        ``from``, ``to`` and ``rep``, as far as there are fields for them.
    """
    fields, order, incidents = choices.fields, choices.order, roles is None
    roles = roles or DATES
    names = {key: fields.get(role) for key, role in roles.items()}
    times = {key: _times(run, export, name, order) for key, name in names.items() if name}
    found = {t.order for t in times.values()} & {"dmy", "mdy"}
    open_ = [key for key, t in times.items() if t.order == "open"]
    if open_ and len(found) == 1:
        order = found.pop()
        times.update({key: _times(run, export, names[key], order) for key in open_})
        run.info(tr("Day and month are read in the order that another date field proves ({order}).").format(
            order=order))
    for key, t in times.items():
        if t.ambiguous:
            why = tr("some values can only be day first, others only month first") if t.conflicting else \
                tr("no value proves which comes first")
            raise InputError("DATE_ORDER", "{count} values of '{field}' can be day/month or month/day (first:"
                             " '{first}'), and {why}. Say in DATE_ORDER how dates are written.",
                             count=t.ambiguous, field=names[key], first=t.first_ambiguous, why=why)
        _tell_dates(run, names[key], t)
        if t.order in ("dmy", "mdy"):
            order = t.order
        if len(t) and t.unreadable and t.unreadable == len(t) - t.missing:
            raise InputError(roles[key], "No value of '{field}' is a date (first: '{first}'). Choose a date field, or"
                             " another DATE_ORDER.", field=names[key], first=t.first_unreadable)
    choices.order = order
    if "from" in times and fields.get("TIME_FIELD"):
        times["from"] = _with_clock(run, times["from"], export, fields["TIME_FIELD"])
    if "to" in times and fields.get("END_TIME_FIELD"):
        times["to"] = _with_clock(run, times["to"], export, fields["END_TIME_FIELD"])
    if incidents and "from" not in times and fields.get("YEAR_FIELD"):
        if not fields.get("MONTH_FIELD"):
            raise InputError("MONTH_FIELD", "YEAR_FIELD is given without MONTH_FIELD. Give both.")
        times["from"] = from_parts(*(export.texts(fields[p]) if fields.get(p) else None for p in _PARTS))
        _tell_dates(run, "/".join(fields[p] for p in _PARTS if fields.get(p)), times["from"])
    if incidents and "from" not in times:
        run.warn(tr("No date field: the incidents have no date, and tools that compare times cannot use them."))
    return times


def _times(run: Any, export: Export, name: str, order: str) -> Times:
    column = export.columns[name]
    times = column if isinstance(column, Times) else parse_texts(column, order, run.stage(0.3, 0.38))
    # what is no date may be anything, a name too
    return replace(times, first_unreadable=tr("not shown")) if export.private else times


def _with_clock(run: Any, dates: Times, export: Export, name: str) -> Times:
    times = combine(dates, export.texts(name))
    if times.no_clock:
        run.info(tr("{count} rows have a date but no readable time in '{field}'.").format(
            count=times.no_clock, field=name))
    return times


def _tell_dates(run: Any, name: str, t: Times) -> None:
    """Say how a date field was read."""
    orders = {"dmy": tr("day first, as the values prove or DATE_ORDER says"),
              "mdy": tr("month first, as the values prove or DATE_ORDER says"),
              "excel": tr("as day numbers of a spreadsheet")}
    if t.order in orders:
        run.info(tr("'{field}' is read {how}.").format(field=name, how=orders[t.order]))
    if t.order == "mixed":
        run.warn(tr("'{field}' mixes day-first and month-first dates ({count} rows of the rarer kind).").format(
            field=name, count=t.conflicting))
    if t.serial and t.order != "excel":
        run.warn(tr("{count} values of '{field}' are day numbers of a spreadsheet and were read as such.").format(
            count=t.serial, field=name))
    if t.epoch:
        run.warn(tr("{count} values of '{field}' are seconds or milliseconds since 1970: their clock is UTC, not local"
                    " time.").format(count=t.epoch, field=name))
    offsets = np.unique(t.offset_minutes[np.isfinite(t.offset_minutes)])
    if len(offsets) and not t.epoch:
        words = ", ".join(f"{'-' if o < 0 else '+'}{abs(int(o)) // 60:02d}:{abs(int(o)) % 60:02d}" for o in offsets[:5])
        run.info(tr("'{field}' carries offsets from UTC ({offsets}); the wall clock is kept as written. If it is UTC"
                    " and not local time, hours of the day will mislead.").format(field=name, offsets=words))
    if t.unreadable:
        run.warn(tr("{count} values of '{field}' are no dates (first: '{first}').").format(
            count=t.unreadable, field=name, first=t.first_unreadable))
    if (t.precision == MONTH).any():
        run.info(tr("'{field}' says the month only; days and hours are not known.").format(field=name))


# --- places --------------------------------------------------------------------------------
def read_places(run: Any, export: Export, choices: Choices) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, y in metres (NaN without a place) and the state of every row."""
    fields, crs = choices.fields, choices.crs
    if fields.get("X_FIELD"):
        x, no_x = preparing.read_coordinates(export.texts(fields["X_FIELD"]))
        run.progress(0.39)
        y, no_y = preparing.read_coordinates(export.texts(fields["Y_FIELD"]))
        run.progress(0.4)
        missing = no_x | no_y
        crs = crs if crs.isValid() else export.crs if export.x is None else QgsCoordinateReferenceSystem()
        if not crs.isValid():
            if not preparing.looks_geographic(x, y):
                raise InputError("CRS", "The coordinates (first: {x}, {y}) are not degrees, so the system they are in"
                                 " must be given. Choose CRS.", x=_first(x), y=_first(y))
            crs = QgsCoordinateReferenceSystem("EPSG:4326")
            run.info(tr("The coordinates are degrees: read as longitude and latitude, EPSG:4326."))
        state = preparing.locate(x, y, missing, crs.isGeographic())
    else:
        x, y = export.x, export.y
        crs = export.crs if export.crs.isValid() else crs
        state = preparing.locate(x, y, np.zeros(len(x), bool), crs.isGeographic())
        state[~(np.isfinite(x) & np.isfinite(y))] = preparing.NO_GEOMETRY
    choices.crs = crs
    good = state == preparing.PLACED
    sample = preparing.bulk(np.where(good, x, np.nan), np.where(good, y, np.nan))
    run.use_crs(crs, x[sample], y[sample], "CRS" if fields.get("X_FIELD") else "INPUT")
    x, y = crs_module.transform_points(np.where(good, x, np.nan), np.where(good, y, np.nan), crs, run.crs,
                                       run.context.transformContext(), run.stage(0.4, 0.5))
    state[good & ~(np.isfinite(x) & np.isfinite(y))] = preparing.NOT_PROJECTED
    return x, y, state


def _first(column: np.ndarray) -> str:
    some = np.flatnonzero(np.isfinite(column) & (column != 0))
    return f"{column[some[0]]:.2f}" if len(some) else tr("none")


def kept_columns(export: Export, names: list, reserved: set) -> dict:
    """Return further fields to carry along, numbers as numbers; clashing names get ``_src``."""
    import pandas as pd

    out = {}
    for name in names:
        texts = export.texts(name)
        filled = np.array([t if t is not None and t.strip() else None for t in texts], dtype=object)
        numbers = pd.to_numeric(pd.Series(filled, dtype=object), errors="coerce").to_numpy(float)
        known = np.array([t is not None for t in filled], bool)
        coded = any(t.strip()[:1] == "0" and t.strip()[1:2].isdigit() for t in filled[known])
        plain = known.any() and np.isfinite(numbers[known]).all() and not coded
        out[f"{name}_src" if name.lower() in reserved else name] = numbers if plain else filled
    return out


def write_mapping(run: Any, text: str) -> None:
    """Write the mapping where it was asked for."""
    path = run.file("SAVE_MAPPING")
    if not path:
        return
    json.loads(text)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError("SAVE_MAPPING", "The mapping cannot be written ({error}). Choose a folder that you may write"
                         " to.", error=error.strerror or error) from error
    run.outputs["SAVE_MAPPING"] = path
