"""What 'Community meeting handout' reads: areas, the problem register, what residents said, the numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsGeometry

from ...analysis.community import inputs
from ...analysis.errors import InputError
from ...analysis.problems import handoutitems
from ...analysis.problems import meetingsheet as analysis
from ...analysis.problems import register as r
from ...analysis.problems.handoutitems import Entry, Items
from ...layers import overlay, reading
from ...translation import tr
from ..community import reports as residents
from ..privacy import publicrelease_areas
from . import meetingsheet_numbers

#: Days that a handout looks back where no meeting is known.
DEFAULT_DAYS = 90
_NEEDED = (r.PROBLEMS, r.PLACES, r.ACTIONS, r.DELIVERIES, r.MEETINGS, r.ANSWERS)
_YES = ("1", "true", "yes", "t")
_ASKED = (inputs.CATEGORY, inputs.WISH, inputs.VOICE, inputs.SAID_ON, inputs.STATUS, inputs.RESPONSE, inputs.DONE_ON,
          inputs.DECLINED_ON, inputs.INPUT_ID)


@dataclass
class Area:
    """One area and what its sheet is made of.

    Attributes
    ----------
    index : int
        Among all areas.
    since : datetime64[D]
    of_meeting : bool
        Whether that is the day of a meeting.
    items : Items
    said : Said or None
    next_meeting : datetime64[D] or None
    contact : str
    settled, refused : int
        Answers to reports that are not printed, as they went to few residents.
    """

    name: str
    index: int
    since: np.datetime64
    of_meeting: bool
    items: Items
    said: Any = None
    next_meeting: np.datetime64 | None = None
    contact: str = ""
    settled: int = 0
    refused: int = 0


@dataclass
class Data:
    """Everything that the sheets are made of.

    Attributes
    ----------
    names, shapes : list
        All areas.
    areas : list of Area
        Those that get a sheet.
    until : datetime64[D]
    numbers : Numbers or None
    rules : Rules
    practice : bool
    streets : list of QgsGeometry
    asked : bool
        Whether there is a layer of what residents said.
    registered : bool
    undated, outside, unplaced : int
        Reports without a day, reports in no area, and public problems without a place, which are on no sheet.
    """

    names: list
    shapes: list
    areas: list
    until: np.datetime64
    numbers: Any
    rules: Any
    practice: bool
    streets: list
    asked: bool
    registered: bool
    undated: int = 0
    outside: int = 0
    unplaced: int = 0


@dataclass
class Register:
    """The tables of a register, and which of its rows belong to which area."""

    tables: dict = field(default_factory=lambda: {name: [] for name in r.TABLES})
    problems: list = field(default_factory=list)
    meetings: list = field(default_factory=list)
    unplaced: int = 0
    practice: bool = False


def read(run: Any) -> Data:
    """Read everything."""
    tool = run.tool
    if not run.has(tool.AREAS):
        raise InputError(tool.AREAS, "Choose the areas: beats or neighbourhoods, a page for each. They can be settled"
                         " once in the agency settings (beats_layer).")
    rules = meetingsheet_numbers.rules_of(run)
    until = run.date(tool.UNTIL)
    until = np.datetime64("today", "D") - 1 if until is None else until
    contact = run.field(tool.CONTACT_FIELD, of=tool.AREAS)
    named = publicrelease_areas.read_named(run, (contact,))
    if not len(named.layer):
        raise InputError(tool.AREAS, "'{layer}' has no polygon that can be used. Choose a layer with areas.",
                         layer=named.layer.name)
    chosen = _chosen(run, named.names)
    register = _register(run, named)
    run.progress(0.1)
    contacts = dict(zip((named.names[i] for i in named.number[:-1]),
                        residents.blank(named.layer.columns[contact]))) if contact else {}
    areas = []
    for index in chosen:
        since, of_meeting = _since(run, register, index, until)
        found = handoutitems.items(register.tables, register.problems[index], register.meetings[index], since, until)
        areas.append(Area(
            named.names[index], index, since, of_meeting, found,
            next_meeting=handoutitems.next_meeting(register.tables, register.meetings[index], until),
            contact=contacts.get(named.names[index]) or run.text(tool.CONTACT).strip()))
    data = Data(named.names, named.shapes, areas, until, None, rules, register.practice or tool.practice, _streets(run),
                run.has(tool.COMMUNITY), run.has(tool.REGISTER), unplaced=register.unplaced)
    _community(run, named, data, register)
    for area in areas:
        area.items = handoutitems.ordered(area.items)
    run.progress(0.2)
    data.numbers = meetingsheet_numbers.read(run, until)
    run.progress(0.7)
    return data


def _chosen(run: Any, names: list) -> list:
    """Return the numbers of the areas that get a sheet."""
    asked = [part.strip() for part in run.text(run.tool.AREA).split(";") if part.strip()]
    if not asked:
        return list(range(len(names)))
    known = {name.casefold(): i for i, name in enumerate(names)}
    lost = [name for name in asked if name.casefold() not in known]
    if lost:
        raise InputError(run.tool.AREA, "There is no area '{name}'. The areas are: {names}.", name=lost[0],
                         names=", ".join(names[:30]) + (" …" if len(names) > 30 else ""))
    return list(dict.fromkeys(known[name.casefold()] for name in asked))


def _since(run: Any, register: Register, index: int, until: np.datetime64) -> tuple[np.datetime64, bool]:
    tool = run.tool
    given = run.date(tool.SINCE)
    if given is not None:
        if given > until:
            raise InputError(tool.SINCE, "The last meeting ({since}) lies after the last day ({until}). Choose an"
                             " earlier day.", since=given, until=until)
        return given, True
    held = handoutitems.last_meeting(register.tables, register.meetings[index], until)
    return (held, True) if held is not None else (until - DEFAULT_DAYS, False)


def _streets(run: Any) -> list:
    return run.areas(run.tool.STREETS).geometries if run.has(run.tool.STREETS) else []


# --- the register ------------------------------------------------------------------------------
def _register(run: Any, named: Any) -> Register:
    tool, count = run.tool, len(named.names)
    out = Register(problems=[set() for _ in range(count)], meetings=[set() for _ in range(count)])
    if not run.has(tool.REGISTER):
        return out
    shapes = _open(run, run.file(tool.REGISTER), out)
    polygons = overlay.polygon_index(named.layer)
    placed: set = set()
    for row, shape in zip(out.tables[r.PLACES], shapes[r.PLACES]):
        for index in _areas_of(shape, named, polygons):
            out.problems[index].add(handoutitems.text(row, r.PROBLEM_ID))
            placed.add(handoutitems.text(row, r.PROBLEM_ID))
    out.unplaced = sum(handoutitems.text(row, r.VISIBLE) == handoutitems.PUBLIC
                       and handoutitems.text(row, r.PROBLEM_ID) not in placed for row in out.tables[r.PROBLEMS])
    for row, shape in zip(out.tables[r.MEETINGS], shapes[r.MEETINGS]):
        # a meeting without a place was for all areas
        where = range(count) if shape is None else _areas_of(shape, named, polygons)
        for index in where:
            out.meetings[index].add(handoutitems.text(row, r.MEETING_ID))
    return out


def _areas_of(shape: QgsGeometry | None, named: Any, polygons: Any) -> list:
    """Return the areas that hold a place, or a tenth of it."""
    if shape is None:
        return []
    point = shape.pointOnSurface().asPoint()
    middle = int(named.number[polygons.first(np.array([point.x()]), np.array([point.y()]))[0]])
    out = {middle} - {-1}
    if shape.area() > 0:
        box = shape.boundingBox()
        for index, area in enumerate(named.shapes):
            if index != middle and area.boundingBox().intersects(box):
                if area.intersection(shape).area() >= 0.1 * shape.area():
                    out.add(index)
    return sorted(out)


def _open(run: Any, path: str, out: Register) -> dict:
    """Read the tables of a register; return the shapes of those that have any, in metres."""
    from osgeo import gdal

    tool, name = run.tool, Path(path).name
    refused = InputError(tool.REGISTER, "'{file}' is no problem register, or cannot be read. Choose the GeoPackage that"
                         " 'Problem register' makes.", file=name)
    if not Path(path).is_file():
        raise InputError(tool.REGISTER, "There is no file '{file}'. Choose the GeoPackage that 'Problem register'"
                         " makes.", file=name)
    try:
        file = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_READONLY)
    except RuntimeError as error:
        raise refused from error
    if file is None:
        raise refused
    shapes: dict = {}
    for table in _NEEDED:
        layer = file.GetLayerByName(table)
        if layer is None:
            raise InputError(tool.REGISTER, "'{file}' is no problem register: it has no table '{table}'. Choose the"
                             " GeoPackage that 'Problem register' makes.", file=name, table=table)
        there = {layer.GetLayerDefn().GetFieldDefn(i).GetName() for i in range(layer.GetLayerDefn().GetFieldCount())}
        key = r.KEYS[table]
        if key not in there:
            raise InputError(tool.REGISTER, "'{file}' is no problem register: its table '{table}' has no field"
                             " '{field}'. Choose the GeoPackage that 'Problem register' makes.", file=name,
                             table=table, field=key)
        out.tables[table], shapes[table] = _rows(run, layer, table)
        out.practice |= any(str(row.get(inputs.PRACTICE)).strip().lower() in _YES for row in out.tables[table])
        run.check()
    return shapes


def _rows(run: Any, layer: Any, table: str) -> tuple[list, list]:
    transform = None
    if table in r.SHAPES:
        system = layer.GetSpatialRef()
        crs = QgsCoordinateReferenceSystem.fromWkt(system.ExportToWkt()) if system is not None else None
        if crs is not None and crs.isValid() and crs != run.crs:
            transform = QgsCoordinateTransform(crs, run.crs, run.context.transformContext())
    rows: list = []
    shapes: list = []
    for feature in layer:
        row = feature.items()
        for name, kind in r.TABLES[table].items():
            if kind == "date" and name in row:
                row[name] = _day(row[name])
        rows.append(row)
        shape = feature.GetGeometryRef() if table in r.SHAPES else None
        geometry = None
        if shape is not None and not shape.IsEmpty():
            geometry = QgsGeometry()
            geometry.fromWkb(bytes(shape.ExportToWkb()))
            if transform is not None:
                geometry.transform(transform)
        shapes.append(geometry)
    return rows, shapes


def _day(value: Any) -> np.datetime64 | None:
    text = str(value or "").replace("/", "-")[:10]
    try:
        return np.datetime64(text, "D") if text else None
    except ValueError:
        return None


# --- what residents said -------------------------------------------------------------------------
def _community(run: Any, named: Any, data: Data, register: Register) -> None:
    tool = run.tool
    if not run.has(tool.COMMUNITY):
        return
    there = run.source_fields(tool.COMMUNITY)
    if inputs.CATEGORY not in there or inputs.SAID_ON not in there:
        lost = inputs.CATEGORY if inputs.CATEGORY not in there else inputs.SAID_ON
        raise InputError(
            tool.COMMUNITY, "The layer has no field '{field}'. Bring it into the form of community input first"
            " ('Import community input').", field=lost)
    translated = [name for name in there if name.startswith(inputs.RESPONSE[:7]) and "_" in name]
    reports = residents.read(run, tool.COMMUNITY, dict.fromkeys((*_ASKED, *translated), ""))
    data.practice |= reports.practice
    middle = np.array([(p.x(), p.y()) for p in (shape.pointOnSurface().asPoint() for shape in
                                                reports.layer.geometries)]).reshape(-1, 2)
    zone = named.number[overlay.polygon_index(named.layer).first(middle[:, 0], middle[:, 1])]
    data.outside = int((zone < 0).sum())
    data.undated = int((np.isnat(reports.day) & (zone >= 0)).sum())
    nothing = np.full(len(reports), None, dtype=object)
    for area in data.areas:
        inside = (zone == area.index) & (reports.day >= area.since) & (reports.day <= data.until)
        area.said = analysis.said(np.where(inside, 0, -1), reports.voice, reports.category,
                                  nothing if reports.wish is None else reports.wish, 1, data.rules)[0]
        _responses(run, reports, np.flatnonzero(zone == area.index), area, data, register)


def _responses(run: Any, reports: Any, rows: np.ndarray, area: Area, data: Data, register: Register) -> None:
    """Add what was answered on the reports of an area, but for those that the register answers.

    An answer is printed where it went to as many residents as a public number needs, or where ANSWERS asks for all;
    what it was about is told where as many residents named it.
    """
    columns = reports.layer.columns
    if inputs.STATUS not in columns:
        return
    answered = {handoutitems.text(row, r.INPUT_ID) for row in register.tables[r.ANSWERS]} - {""}
    told = {topic for topic, _ in area.said.topics}
    for status, kind, name in (("done", handoutitems.ANSWERED, inputs.DONE_ON),
                               ("declined", handoutitems.DECLINED, inputs.DECLINED_ON)):
        groups: dict = {}
        days = reading.as_times(columns[name][rows]).values.astype("M8[D]") if name in columns and len(rows) else []
        for row, day in zip(rows.tolist(), days):
            given = {key: columns[key][row] for key in columns}
            if handoutitems.text(given, inputs.STATUS).lower() != status or not area.since <= day <= data.until:
                continue
            key = handoutitems.text(given, inputs.INPUT_ID)
            if key not in answered:
                topic = reports.category[row] or ""
                entry = Entry(kind, handoutitems.text(given, inputs.RESPONSE), given, inputs.RESPONSE, day,
                              topic=topic if topic in told else "",
                              source=f"{tr('report')} {key or reports.layer.rows[row] + 1}", reported=True)
                groups.setdefault(entry.what.casefold(), []).append((row, entry))
        for found in groups.values():
            _answer(run, reports, area, kind, found, data.rules.limit)


def _answer(run: Any, reports: Any, area: Area, kind: str, found: list, limit: int) -> None:
    """Add one answer that reports of an area were given, or count it as given in private."""
    voices = len({int(reports.voice[row]) for row, _ in found})
    entries = [entry for _, entry in found]
    if entries[0].what and (voices >= limit or run.flag(run.tool.ANSWERS)):
        part = area.items.did if kind == handoutitems.ANSWERED else area.items.declined
        for entry in entries:
            (area.items.held if entry.found else part).append(entry)
    elif kind == handoutitems.ANSWERED:
        area.settled += 1
    else:
        area.refused += 1
