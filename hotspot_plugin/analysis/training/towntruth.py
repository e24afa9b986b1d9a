"""Everything that was planted in a practice town, as one tidy table and as areas on the map."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import crimetypes as ct
from . import townincidents as ti
from . import townpeople as tpl
from . import townplaces as pl
from .town import Town

#: what a row is about, number, name, parameter, value, text, unit, meaning
COLUMNS = ("what", "number", "name", "parameter", "value", "text", "unit", "meaning")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: corners of the circles
_CORNERS = 48


class Rows:
    """Rows of the table under construction."""

    def __init__(self) -> None:
        self.rows: list = []

    def add(self, what: str, number: int, name: str, parameter: str, value: Any, unit: str, meaning: str) -> None:
        """Add a row; a text is no value and a value no text."""
        text = value if isinstance(value, str) else ""
        number_value = float("nan") if isinstance(value, str) else float(value)
        self.rows.append((what, number, name, parameter, round(number_value, 6), text, unit, meaning))

    def columns(self) -> dict:
        """Return the table as columns."""
        parts = list(zip(*self.rows))
        return {name: np.array(part, dtype=float if name == "value" else int if name == "number" else str)
                for name, part in zip(COLUMNS, parts)}


def table(town: Town) -> Rows:
    """Return the truth of a town."""
    out = Rows()
    _whole(town, out)
    for spot in town.spots:
        _spot(town, spot, out)
    for one in town.busy:
        name = town.label(one.place)
        out.add("repeat location", one.number, name, "incidents", one.per_year, "a year",
                "planted on top of what such an address has anyway")
        out.add("repeat location", one.number, name, "type", ct.NAMES[one.type], "", "the only type that is planted")
        recorded = int(((town.incidents.origin == ti.BUSY_PLACE) & (town.incidents.planted == one.number)).sum())
        out.add("repeat location", one.number, name, "incidents recorded", recorded, "incidents",
                "of those planted, what chance made of them")
    _people(town, out)
    return out


def _whole(town: Town, out: Rows) -> None:
    settings, incidents = town.settings, town.incidents

    def add(what: str, parameter: str, value: Any, unit: str, meaning: str) -> None:
        out.add(what, 0, "", parameter, value, unit, meaning)

    add("town", "seed", town.seed, "", "the same seed and settings make the same town again")
    add("town", "residents", town.residents, "people", "")
    add("town", "incidents expected", town.per_year, "a year", "without trend and intervention")
    add("town", "incidents recorded", len(incidents), "incidents", "in the whole period")
    add("town", "first day", str(settings.first_day), "", "")
    add("town", "last day", str(settings.first_day + settings.days - 1), "", "")
    add("town", "trend", settings.trend, "a year", "change of all rates, as a share")
    for number, kind in enumerate(ct.TYPES):
        out.add("type", number + 1, kind.name, "incidents recorded", int((incidents.type == number).sum()),
                "incidents", "")
        out.add("type", number + 1, kind.name, "peak hour", int(ct.week(kind).sum(axis=0).argmax()), "hour",
                "the hour with the highest rate, hot spots aside")
        out.add("type", number + 1, kind.name, "summer", kind.summer, "times", "rate in July over the yearly mean")
    for what, value, unit, meaning in (
        ("further burglaries", settings.near_ratio, "a burglary", "mean number that each burglary draws, followers"
                                                                  " too"),
        ("mean distance", settings.near_distance, "m", "exponential, before it is cut at the longest and put to a"
                                                       " home"),
        ("longest distance", settings.near_most_distance, "m", ""),
        ("mean delay", settings.near_days, "days", "exponential, before it is cut at the longest"),
        ("longest delay", settings.near_most_days, "days", ""),
        ("near repeats recorded", int((incidents.origin == ti.NEAR_REPEAT).sum()), "incidents",
         "burglaries that followed another; table truth_incidents says which"),
    ):
        add("near repeat", what, value, unit, meaning)
    number = int((incidents.origin == ti.DISPLACED).sum())
    more: tuple = (
        ("start", str(settings.start), "", "first day on which it works"),
        ("effect", settings.effect, "times", "the rate of the types that it works on, in the treated hot spots"),
        ("types", "; ".join(ct.NAMES[k] for k in pl.WORKED_ON), "", "types that it works on; all others go on"),
        ("displacement", settings.displaced, "share", "of what is prevented, what happens in the ring instead"),
        ("ring", settings.ring, "m", "width of the ring around a treated hot spot"),
        ("prevented", int(incidents.prevented.sum()), "incidents", "in the treated hot spots, displaced ones included"),
        ("displaced", number, "incidents", "of them, what happened in the ring instead"),
    )
    for what, value, unit, meaning in more:
        add("intervention", what, value, unit, meaning)


def _spot(town: Town, spot: pl.HotSpot, out: Rows) -> None:
    settings, incidents = town.settings, town.incidents

    def add(parameter: str, value: Any, unit: str, meaning: str) -> None:
        out.add("hot spot", spot.number, spot.name, parameter, value, unit, meaning)

    add("theme", spot.theme, "", "")
    add("radius", spot.radius, "m", "around the point of the layer truth_places")
    add("incidents", spot.per_year, "a year", "planted on top of what these places have anyway")
    add("types", "; ".join(f"{ct.NAMES[k]} {share:.0%}" for k, share in spot.types.items()), "", "of those planted")
    add("peak start", spot.first, "hour", "first hour of the peak")
    add("peak length", spot.hours, "hours", "")
    add("peak days", "; ".join(WEEKDAYS[k] for k in spot.weekdays), "", "days on which the peak begins")
    add("peak share", spot.in_window, "share", "of those planted, evenly within the peak; the rest by the type's own"
                                               " hours")
    inside = np.zeros(len(town.places), bool)
    inside[pl.within(town.places, spot.x, spot.y, 0.0, spot.radius)] = True
    here = inside[incidents.place]
    start = int((settings.start - settings.first_day).astype(int)) * ti.DAY
    worked = np.isin(incidents.type, pl.WORKED_ON)
    add("inside before", int((here & (incidents.moment < start)).sum()), "incidents",
        "all types, before the intervention")
    add("inside after", int((here & (incidents.moment >= start)).sum()), "incidents",
        "all types, since the intervention")
    add("worked on before", int((here & worked & (incidents.moment < start)).sum()), "incidents",
        "types that the intervention works on")
    add("worked on after", int((here & worked & (incidents.moment >= start)).sum()), "incidents",
        "types that the intervention works on")
    add("role", "treated" if spot.treated else "comparison", "", "")
    if spot.treated:
        add("prevented", int(incidents.prevented[spot.number]), "incidents", "displaced ones included")
        add("displaced", int(incidents.moved[spot.number]), "incidents", "into the ring")


def _people(town: Town, out: Rows) -> None:
    people = town.people
    for area in people.areas:
        out.add(area.kind, area.number, area.name, "reports", area.reports, "reports",
                "planted on top of those all around")
        out.add(area.kind, area.number, area.name, "voices", area.voices, "residents", "who made them")
        out.add(area.kind, area.number, area.name, "category", area.category, "", "of most of them")
        if area.spot:
            out.add(area.kind, area.number, area.name, "hot spot", area.spot, "number", "the hot spot there")
    for number, name in enumerate(town.plan.beat_names):
        out.add("survey area", number + 1, name, "treated", int(people.treated[number]), "0 or 1",
                "whether a treated hot spot lies in it")
        out.add("survey area", number + 1, name, "voice", people.heard[number], "times",
                "reports a resident over the usual; small: under-heard")
        for wave, wave_name in enumerate(("before", "after")):
            for k, question in enumerate(tpl.QUESTIONS):
                out.add("survey area", number + 1, name, f"{question} {wave_name}", people.expected[number, wave, k],
                        "1 to 5", "mean answer planted, 9 (no answer) left out")
    for question, gain in tpl.GAINS.items():
        out.add("survey", 0, "", f"gain {question}", gain, "points", "what the mean rises by in treated areas, second"
                                                                     " wave")


def areas(town: Town) -> tuple:
    """Return what was planted on the map: a list of polygons, each a list of closed rings, and columns.

    ``role`` has the words that 'Weighted displacement difference' takes; rings are hollow, the hot spot is not in them.
    """
    rows = []
    for spot in town.spots:
        role = "treated" if spot.treated else "control"
        rows.append(("hot spot", spot.number, spot.name, spot.x, spot.y, spot.radius, 0.0, role, spot.per_year))
    for spot in town.spots:
        role = "treated_displacement" if spot.treated else "control_displacement"
        reach = spot.radius + town.settings.ring
        rows.append(("ring", spot.number, spot.name, spot.x, spot.y, reach, spot.radius, role, np.nan))
    for one in town.busy:
        x, y = town.places.x[one.place], town.places.y[one.place]
        rows.append(("repeat location", one.number, town.label(one.place), x, y, 15.0, 0.0, "", one.per_year))
    for area in town.people.areas:
        rows.append((area.kind, area.number, area.name, area.x, area.y, area.radius, 0.0, "", np.nan))
    what, number, name, x, y, radius, hole, roles, per_year = (np.array(c) for c in zip(*rows))
    outer, inner = _circles(x, y, radius), _circles(x, y, hole)
    shapes = [[a, b[::-1]] if h > 0 else [a] for a, b, h in zip(outer, inner, hole.tolist())]
    return shapes, {"what": what, "number": number, "name": name, "radius": radius, "role": roles,
                    "treated": roles == "treated", "per_year": per_year}


def _circles(x: np.ndarray, y: np.ndarray, radius: np.ndarray) -> np.ndarray:
    turn = np.arange(_CORNERS + 1) * 2 * np.pi / _CORNERS
    across, up = radius[:, None] * np.cos(turn), radius[:, None] * np.sin(turn)
    out = np.round(np.stack([x[:, None] + across, y[:, None] + up], axis=2), 2)
    out[:, -1] = out[:, 0]
    return out
