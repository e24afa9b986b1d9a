"""The rows that 'Problem register' adds."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from ...analysis.community import inputs
from ...analysis.privacy import personal
from ...analysis.problems import register as r
from ...layers import casefile, fields
from ...translation import tr
from . import problemregister_file as file
from .problemregister_file import TEXTS
from .problemregister_form import INCIDENTS, SHORT
from .problemregister_read import Data, Place, into

#: what patrol zones propose -> kind of response
_RESPONSES = {"environment": "place", "place manager": "place", "guardian": "guardian", "patrol": "guardian"}


def write(run: Any, data: Data) -> tuple[dict, str]:
    """Make the register or add to it; return the declared numbers and the project's name."""
    tool = run.tool
    places, known = _new_places(run, data)
    rows = _rows(data, places)
    project, before, overdue = "", 0, 0
    if data.known is None:
        rows[r.ROLES] = [(None, {r.ROLE: role}) for role in data.roles]
        project = file.make(run, data.target, data.crs, rows, data.categories, data.languages, tool.OUTPUT)
        run.outputs[tool.OUTPUT] = str(data.target)
    else:
        before, overdue = data.known.problems, data.known.overdue
        rows[r.PLACES] = [(into(run, shape, run.crs, data.known.crs), row) for shape, row in rows[r.PLACES]]
        casefile.append(data.target, rows, run.check, tool.REGISTER)
    added = {name: len(rows.get(table, ())) for name, table in (
        ("PROBLEMS", r.PROBLEMS), ("PLACES", r.PLACES), ("ACTIONS", r.ACTIONS))}
    return {**added, "KNOWN": known, "BELOW": data.below, "PROBLEMS_ALL": before + added["PROBLEMS"],
            "OVERDUE": overdue}, project


def _new_places(run: Any, data: Data) -> tuple[list, int]:
    """Return the places that no open problem has yet, and how many have one."""
    if data.known is None:
        return data.places, 0
    from qgis.core import QgsSpatialIndex

    shapes = [into(run, shape, data.known.crs, run.crs) for shape in data.known.shapes]
    index = QgsSpatialIndex()
    for number, shape in enumerate(shapes):
        index.addFeature(number, shape.boundingBox())
    least = run.number(run.tool.OVERLAP)
    out = []
    for place in data.places:
        run.check()
        size = place.shape.area()
        if not any(place.shape.intersection(shapes[k]).area() >= least * min(size, shapes[k].area())
                   for k in index.intersects(place.shape.boundingBox())):
            out.append(place)
    return out, len(data.places) - len(out)


def _rows(data: Data, places: list) -> dict:
    """Return the rows of problems, places and actions."""
    out: dict = {r.PROBLEMS: [], r.PLACES: [], r.ACTIONS: []}
    together = _key() if data.title and places else ""
    for place in places:
        problem = together or _key()
        if not together:
            out[r.PROBLEMS].append((None, _problem(data, problem, _title(place), place)))
        key = _key()
        out[r.PLACES].append((place.shape, {
            **_open(r.PLACES), r.PLACE_ID: key, r.PROBLEM_ID: problem, r.NAME: _name(place), r.RANK: place.rank,
            r.SOURCE: data.source, r.SOURCE_KEY: str(place.row), **_stamp(data)}))
        for measure, name, why, cost in data.measures.get(place.row, ()):
            text = _text(f"{name} – {why}" if why else name, 2 * SHORT)
            out[r.ACTIONS].append((None, {
                **_open(r.ACTIONS), r.ACTION_ID: _key(), r.PROBLEM_ID: problem, r.PLACE_ID: key, r.ACTION: text,
                r.RESPONSE_KIND: "place", r.MEASURE_ID: measure, r.OWNER: data.owner or None, r.STATE: "planned",
                r.COST: cost, r.VISIBLE: "internal", **_stamp(data)}))
    if together:
        counts = [place.count for place in places]
        whole = Place(places[0].shape, data.title, 1, 0, sum(counts) if None not in counts else None, {})
        out[r.PROBLEMS].append((None, _problem(data, together, _text(data.title, SHORT), whole)))
    return out


def _problem(data: Data, key: str, title: str, place: Place) -> dict:
    told, base = place.told, {}
    group, concern = told.get(fields.TOP_TYPE, ""), told.get(fields.TOP_CONC, "").lower()
    if data.days and place.count is not None:
        base = {r.MEASURE: tr("Incidents recorded in the place"), r.BASELINE: place.count, r.BASE_FROM: data.days[0],
                r.BASE_TO: data.days[1]}
    return {
        **_open(r.PROBLEMS), r.PROBLEM_ID: key, r.TITLE: title,
        r.CATEGORY: concern if concern in inputs.CATEGORIES else None,
        r.CRIME_GROUP: _text(group, SHORT), r.STAGE: "scan", r.VISIBLE: "internal", r.OWNER: data.owner or None,
        **dict.fromkeys(r.CHEERS, False), r.HYPOTHESIS: _text(told.get(fields.KIND_WHY, ""), r.TEXT_LENGTH),
        r.FILTER_LAYER: "incidents", r.FILTER: INCIDENTS.format(key=key), **base,
        r.RESPONSE_KIND: _RESPONSES.get(told.get(fields.KIND, "")), r.SCAN_ON: str(date.today()), **_stamp(data)}


def _stamp(data: Data) -> dict:
    return {r.MADE_ON: str(date.today()), r.ROLE: data.role}


def _open(table: str) -> dict:
    """Return empty texts for what is not known yet: forms write the word NULL where there is none."""
    return {name: "" for name in TEXTS if name in r.TABLES[table]}


def _key() -> str:
    return str(uuid.uuid4())


def _name(place: Place) -> str:
    """Return the name of a place; a bare number says nothing."""
    if len(place.name) < 3:
        return tr("Place {rank}").format(rank=place.name or place.rank)
    return _text(place.name, SHORT)


def _title(place: Place) -> str:
    """Return the title of a place's problem, to be made better by whoever takes it up."""
    group = place.told.get(fields.TOP_TYPE, "")
    title = tr("{type} at {place}") if group else tr("Problem at {place}")
    return _text(title.format(type=group, place=_name(place)), SHORT)


def _text(text: str, longest: int) -> str:
    """Return a text that the form takes: nothing personal, not too long."""
    return personal.clean(text, free=False)[0][:longest]
