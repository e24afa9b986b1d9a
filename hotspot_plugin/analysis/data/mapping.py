"""Which field of an export means what: chosen, found by name, or remembered from last week."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass

from ..errors import InputError

#: parameters that name a field of the export
ROLES = (
    "X_FIELD", "Y_FIELD", "DATE_FIELD", "TIME_FIELD", "YEAR_FIELD", "MONTH_FIELD", "DAY_FIELD", "HOUR_FIELD",
    "MINUTE_FIELD", "END_DATE_FIELD", "END_TIME_FIELD", "REPORT_DATE_FIELD", "ID_FIELD", "TYPE_FIELD",
    "ADDRESS_FIELD", "SOURCE_FIELD",
)
#: settings that a mapping keeps beside the fields
SETTINGS = ("CRS", "DATE_ORDER", "ROWS_PER", "SEVERITY", "TYPES", "UNKNOWN_TIMES", "ENCODING")
KIND = "crime hotspots incident mapping"
VERSION = 1

_PAIRS = [pair.split("/") for pair in (
    "longitude/latitude lon/lat long/lat lng/lat longitud/latitud longitude_x/latitude_y x/y xcoord/ycoord"
    " xcoordinate/ycoordinate pointx/pointy coordx/coordy easting/northing eastings/northings blocklon/blocklat"
    " blocklongitude/blocklatitude geolon/geolat gpslon/gpslat laengengrad/breitengrad längengrad/breitengrad").split()]
#: role -> names in plain letters that fields of incidents have
NAMES = {
    "DATE_FIELD": "dtfrom occurredfrom occurfrom datefrom fromdate datestart startdate fromdatetime startdatetime"
                  " occurreddate occurreddatetime dateoccurred occurdate occurrencedate occurredon offensedate"
                  " offencedate offensestart incidentdate incidentdatetime incidentdatetimelocal crimedate eventdate"
                  " calldate datetime dateandtime date datesingle createddate fechahechos fechahecho fechainicio"
                  " fecha datum tatzeit",
    "END_DATE_FIELD": "dtto occurredto occurto dateto todate dateend enddate todatetime enddatetime offenseend",
    "REPORT_DATE_FIELD": "dtrep reporteddate datereported reportdate reportdatetime reporteddatetime reportedon"
                         " daterecorded recordeddate",
    "TIME_FIELD": "time occurredtime timeoccurred occurtime incidenttime offensetime offencetime crimetime hora"
                  " uhrzeit timefrom fromtime",
    "END_TIME_FIELD": "timeto totime endtime timeend",
    "ID_FIELD": "incid incidentid incidentno incidentnumber incidentkey incidentnum crimeid crimeno casenumber"
                " caseno caseid eventnumber eventno eventid callnumber callid reportnumber reportno offenceid"
                " offenseid uid"
                " id",
    "TYPE_FIELD": "ctype crimetype type offensetype offencetype offense offence primarytype crime crimecategory"
                  " category offensedescription offencedescription calltype incidenttype tipo delito",
    "ADDRESS_FIELD": "address blockaddress hundredblock incidentaddress streetaddress block location locationaddress"
                     " direccion",
    "SOURCE_FIELD": "source callsource howreceived sourceofcall",
}
_PARTS = {"YEAR_FIELD": "year jahr año anio ano annee année", "MONTH_FIELD": "month monat mes mois",
          "DAY_FIELD": "day tag dia día jour dayofmonth", "HOUR_FIELD": "hour stunde hora heure hourofday",
          "MINUTE_FIELD": "minute minuto minuten"}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def guess(names: list, located: bool, taken: dict | None = None) -> dict:
    """Find fields by their names.

    Parameters
    ----------
    names : list of str
        Field names of the export.
    located : bool
        Whether the rows have geometry, so that no coordinate fields are needed.
    taken : dict
        Role -> field as chosen so far; these are neither replaced nor used twice.

    Returns
    -------
    dict
        Role -> field name, only for roles that were found.
    """
    taken = dict(taken or {})
    free = {_plain(n): n for n in reversed(names) if n not in taken.values()}
    found: dict[str, str] = {}
    if not located and not (taken.get("X_FIELD") or taken.get("Y_FIELD")):
        for x, y in _PAIRS:
            if x in free and y in free:
                found.update(X_FIELD=free.pop(x), Y_FIELD=free.pop(y))
                break
    dated = any(taken.get(role) for role in ("DATE_FIELD", "YEAR_FIELD", "MONTH_FIELD"))
    for role, text in NAMES.items():
        if taken.get(role) or (role == "DATE_FIELD" and dated):
            continue
        if role == "END_TIME_FIELD" and not (taken.get("END_DATE_FIELD") or found.get("END_DATE_FIELD")):
            continue
        if role == "TIME_FIELD" and not (taken.get("DATE_FIELD") or found.get("DATE_FIELD")):
            continue
        match = next((free[k] for k in text.split() if k in free), None)
        if match:
            found[role] = match
            free.pop(_plain(match))
    if not dated and "DATE_FIELD" not in found:
        parts = {}
        for role, text in _PARTS.items():
            match = next((free[k] for k in text.split() if k in free), None)
            if match is None:
                break
            parts[role] = match
        if len(parts) >= 2:
            found.update(parts)
        elif "month" in free:
            found["DATE_FIELD"] = free["month"]
    return found


def parse_names(text: str, roles: tuple = ROLES) -> dict:
    """Read ``X_FIELD=lon; DATE_FIELD=date`` (semicolons or new lines between).

    Parameters
    ----------
    text : str
    roles : tuple of str
        Names that may stand before the sign.

    Raises
    ------
    InputError
        For an unknown role or a part without ``=``.
    """
    fields = {}
    for part in re.split(r"[;\n]", text):
        if not part.strip():
            continue
        role, sign, name = part.partition("=")
        role = role.strip().upper()
        if not sign or role not in roles:
            raise InputError("FIELD_NAMES", "'{part}' is not understood. Write for example"
                             " X_FIELD=longitude; Y_FIELD=latitude; DATE_FIELD=date. Known names: {roles}.",
                             part=part.strip(), roles=", ".join(roles))
        fields[role] = name.strip()
    return fields


def check(fields: dict, names: list) -> dict:
    """Return the fields as the export spells them.

    Raises
    ------
    InputError
        Naming the first role whose field is not in the export, and the nearest name.
    """
    lower = {n.lower(): n for n in reversed(names)}
    checked = {}
    for role, name in fields.items():
        if not name:
            continue
        if name in names:
            checked[role] = name
        elif name.lower() in lower:
            checked[role] = lower[name.lower()]
        else:
            near = difflib.get_close_matches(name.lower(), list(lower), 1, 0.6)
            hint = f"Did you mean '{lower[near[0]]}'? " if near else ""
            raise InputError(role, "There is no field '{name}'. {hint}The fields are: {fields}.", name=name, hint=hint,
                             fields=", ".join(names))
    return checked


@dataclass(frozen=True)
class Form:
    """What a kind of mapping holds: its name, the fields' roles, the settings, and whether words are mapped too."""

    kind: str
    roles: tuple
    settings: tuple
    words: bool = False


INCIDENTS = Form(KIND, ROLES, SETTINGS)


def dumps(fields: dict, settings: dict, form: Form = INCIDENTS, words: dict | None = None) -> str:
    """Return a mapping as JSON text, to be used again on next week's export."""
    content = {"kind": form.kind, "version": VERSION,
               "fields": {role: fields[role] for role in form.roles if fields.get(role)},
               "settings": {name: settings[name] for name in form.settings if settings.get(name) not in (None, "", [])}}
    if form.words:
        content["words"] = words or {}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def loads(text: str, form: Form = INCIDENTS) -> tuple:
    """Return (fields, settings) of a mapping; (fields, settings, words) where words are mapped too.

    Raises
    ------
    InputError
        For a text that is no mapping of ours.
    """
    wrong = "This is no mapping written by this tool: {why}. Choose a file that was saved as SAVE_MAPPING, or leave" \
            " it empty and choose the fields."
    try:
        content = json.loads(text)
    except ValueError as error:
        raise InputError("MAPPING", wrong, why=str(error)) from error
    if not isinstance(content, dict) or content.get("kind") != form.kind:
        raise InputError("MAPPING", wrong, why=f"it does not say \"kind\": \"{form.kind}\"")
    if content.get("version") != VERSION:
        raise InputError("MAPPING", wrong, why=f"its version is {content.get('version')}, not {VERSION}")
    fields, settings = content.get("fields", {}), content.get("settings", {})
    if not isinstance(fields, dict) or not isinstance(settings, dict):
        raise InputError("MAPPING", wrong, why="fields and settings must be groups of names and values")
    unknown = sorted(set(fields) - set(form.roles)) + sorted(set(settings) - set(form.settings))
    if unknown:
        raise InputError("MAPPING", wrong, why="it has unknown entries: " + ", ".join(map(str, unknown)))
    named = {role: str(name) for role, name in fields.items()}
    if not form.words:
        return named, settings
    words = content.get("words", {})
    if not isinstance(words, dict) or not all(isinstance(w, dict) for w in words.values()):
        raise InputError("MAPPING", wrong, why="words must be groups of words and values")
    return named, settings, words
