"""What a layer of the project is for, as far as its name and its fields tell: no QGIS in here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Sequence

from ..analysis.community import inputs
from ..analysis.data import mapping

#: Roles of layers, "" for those that are not used.
ROLES = ("incidents", "reports", "survey", "areas", "hotspots", "treated", "streets", "lights", "")
#: Role -> geometries that it may have.
SHAPES = {"incidents": ("point",), "reports": ("point", "polygon", "line"), "survey": ("none", "point"),
          "areas": ("polygon",), "hotspots": ("polygon", "line", "point"), "treated": ("polygon",),
          "streets": ("line",), "lights": ("point",), "": ("none", "point", "line", "polygon")}
#: Role -> what is asked of its fields.
ASKS = {"incidents": ("date", "type"), "reports": ("date", "category", "concern"), "survey": ("date", "name", "weight"),
        "areas": ("name", "population"), "hotspots": ("name",), "treated": ("name", "date"), "streets": ("name",)}
#: Tools of ours -> what their results are for.
_TOOLS = {"findhotspots": "hotspots", "gistar": "hotspots", "patrolzones": "hotspots", "evaluationareas": "treated",
          "importcommunityinput": "reports", "communitylayer": "reports", "prepareincidents": "incidents",
          "analysisgrid": "areas"}
#: Tools of ours whose results look like areas and are none to begin with.
_RESULTS = ("compareperiods", "communityconcern", "concordance", "hotspotprofile", "patternchange", "hotspottracking",
            "weighteddisplacement", "diffindiff")
#: Role -> words within the name of a layer; earlier roles go first.
_WORDS = (
    ("survey", "survey questionnaire encuesta umfrage enquete respondents"),
    ("reports", "inputpoints inputareas communityinput residentreports reportsofresidents residents concerns"
                " complaints requests 311 feedback meldungen anliegen quejas denuncias reports"),
    ("treated", "treated treatment intervention measure interventionareas massnahmen tratadas"),
    ("hotspots", "hotspots hotspot brennpunkte puntoscalientes patrolzones"),
    ("lights", "streetlights lights lighting lamps streetlamps luminaires leuchten laternen farolas alumbrado"),
    ("streets", "streets roads roadnetwork streetnetwork centerlines centrelines strassen straßen calles viario rues"),
    ("areas", "beats beat neighbourhoods neighborhoods districts precincts wards sectors barrios bezirke quartiere"
              " stadtteile areas zones tracts blockgroups reviere communes"),
    ("incidents", "incidents crimes crime offences offenses delitos straftaten vorfaelle events calls"),
)
#: What no role fits although a word would.
_NOT = ("truth", "export", "boundary", "buildings", "ground", "water", "parks", "premises")
_FIELDS = {
    "date": "saidon date day reportedon submitted created datum fecha startdate start from_ began since year",
    "type": mapping.NAMES["TYPE_FIELD"], "category": "category kategorie categoria topic subject issue servicename",
    "concern": "concern worry worried fear concernlevel sorge preocupacion severity",
    "name": "name beat beatname area areaname neighbourhood neighborhood district zone zoneid label beatno cellid rank"
            " quarter segid",
    "population": "residents population pop poptotal inhabitants einwohner habitantes",
    "weight": "weight wt gewicht peso surveyweight"}
_NUMBERS = ("concern", "population", "weight")


@dataclass
class Guess:
    """What a layer is for.

    Attributes
    ----------
    role : str
        One of :data:`ROLES`.
    fields : dict
        What is asked -> field, for what was found.
    weight : float
        What its rows weigh among those of other layers.
    """

    role: str = ""
    fields: dict = field(default_factory=dict)
    weight: float = 1.0


@lru_cache(maxsize=4096)  # the same names of fields come again with each layer
def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def recognise(name: str, geometry: str, columns: Sequence[tuple], table: str = "", tool: str = "") -> Guess:
    """Return what a layer is for.

    Parameters
    ----------
    name : str
        Of the layer in the project.
    geometry : str
        point, line, polygon or none.
    columns : sequence of (str, str)
        Names and kinds (text, integer, number, date, time, boolean ...) of its fields.
    table : str
        Its name in the file.
    tool : str
        Id of the tool of ours that made it.
    """
    names = [n for n, _ in columns]
    maker = tool.split(":")[-1]
    if is_result(maker):
        return Guess()
    role = _TOOLS.get(maker, "")
    if not role or geometry not in SHAPES[role]:
        role = _by_fields(geometry, set(names)) or _by_name(geometry, table) or _by_name(geometry, name)
    if role == "incidents" and "date" not in fields_of(role, columns):
        role = ""
    return Guess(role, fields_of(role, columns))


def is_result(tool: str) -> bool:
    """Whether a tool of ours makes what is read, and not what another one begins with."""
    return tool.split(":")[-1] in _RESULTS


def _by_fields(geometry: str, names: set) -> str:
    """Return the role that our own fields tell."""
    if {inputs.CATEGORY, inputs.CONCERN, inputs.CONSENT} <= names:
        return "reports" if geometry != "none" else ""
    if {"ctype", "dt_from"} <= names:
        return "incidents" if geometry == "point" else ""
    return ""


def _by_name(geometry: str, name: str) -> str:
    bare = re.sub(r"\(.*?\)|\[.*?\]", " ", name)
    words = [_plain(w) for w in re.split(r"[\W_\d]+", bare) if w]
    whole = _plain(bare)
    if any(word in _NOT for word in words):
        return ""
    for role, known in _WORDS:
        listed = known.split()
        if geometry in SHAPES[role] and (whole in listed or any(w in listed for w in words)):
            return role
    return ""


def fields_of(role: str, columns: Sequence[tuple]) -> dict:
    """Return what is asked in a role -> field, for what names and kinds tell."""
    out, kinds = {}, dict(columns)
    free = {_plain(n): n for n, _ in reversed(list(columns))}
    for asked in ASKS.get(role, ()):
        listed = _FIELDS[asked]
        if asked == "date" and role == "incidents":
            listed = mapping.NAMES["DATE_FIELD"]
        for word in listed.split():
            found = free.get(word)
            if found and found not in out.values() and (
                    asked not in _NUMBERS or kinds[found] in ("integer", "number")):
                out[asked] = found
                break
    if role in ("incidents", "reports") and "date" not in out:
        timed = [n for n, kind in columns if kind in ("date", "time")]
        if timed:
            out["date"] = timed[0]
    return out
