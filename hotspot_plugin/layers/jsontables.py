"""Tables kept as JSON: answers of portals and survey servers, GeoJSON, Esri's features.

Read here and not by GDAL, because a mixed GeoJSON loses all but its first kind of geometry
there, and the lists that Open311 or KoBoToolbox answer with are no layer at all.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import ogr
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry

from ..analysis.errors import InputError
from . import tables

ENDINGS = (".json", ".geojson")
#: names under which servers keep their list of rows
_LISTS = ("service_requests", "requests", "results", "value", "records", "data", "items", "submissions", "rows",
          "request")


@dataclass
class JsonTable:
    """Rows of a JSON file.

    Attributes
    ----------
    columns : dict of str to (n,) array of object (str or None)
        Nested names are joined with ``/``; a list of plain values by spaces.
    geometries : list of QgsGeometry or None
    left_out : list of str
        Names that hold lists of rows (repeats, attachments), which are no column.
    """

    name: str
    columns: dict
    rows: int
    geometries: list | None
    crs: QgsCoordinateReferenceSystem = field(default_factory=QgsCoordinateReferenceSystem)
    fingerprint: str = ""
    left_out: list = field(default_factory=list)


def is_json(path: str) -> bool:
    """Whether a file name is that of JSON, packed or not."""
    lower = path.lower().split("|")[0]
    return lower.endswith(ENDINGS + tuple(e + ".gz" for e in ENDINGS))


def read(path: str, parameter: str) -> JsonTable:
    """Read a JSON file of rows.

    Raises
    ------
    InputError
        For a file that is no JSON or holds no list of rows; nothing of its content is shown.
    """
    raw = tables.read_bytes(path, parameter)
    name = Path(path).name
    try:
        content = json.loads(raw.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as error:
        raise InputError(parameter, "'{file}' is no JSON file (it breaks off or is damaged). Export it again.",
                         file=name) from error
    records = _records(content)
    if records is None:
        raise InputError(parameter, "'{file}' holds no list of rows. Choose the answer of a portal (requests.json), an"
                         " export of a survey, or a GeoJSON file.", file=name)
    crs = QgsCoordinateReferenceSystem()
    spatial = isinstance(content, dict) and "features" in content
    if spatial:
        crs = _crs(content)
    flat, shapes, lists = [], [], set()
    for record in records:
        row: dict = {}
        values, shape = record, None
        if spatial:
            esri = "attributes" in record
            values = record.get("attributes" if esri else "properties") or {}
            shape = _esri(record.get("geometry")) if esri else _geojson(record.get("geometry"))
            if "id" in record and "id" not in values:
                values = {"id": record["id"], **values}
        _flatten("", values, row, lists)
        flat.append(row)
        shapes.append(shape)
    names = list(dict.fromkeys(key for row in flat for key in row))
    columns = {}
    for key in names:
        column = np.empty(len(flat), object)
        column[:] = [row.get(key) for row in flat]
        columns[key] = column
    return JsonTable(name, columns, len(flat), shapes if any(s is not None for s in shapes) else None, crs,
                     hashlib.sha256(raw).hexdigest(), sorted(lists))


def _records(content: Any) -> list | None:
    """Return the list of rows of a JSON content."""
    if isinstance(content, dict) and isinstance(content.get("features"), list):
        return [r for r in content["features"] if isinstance(r, dict)]
    if isinstance(content, list):
        rows = [r for r in content if isinstance(r, dict)]
        return rows if rows or not content else None
    if isinstance(content, dict):
        for key in _LISTS:
            inner = content.get(key)
            if isinstance(inner, (list, dict)):
                found = _records(inner)
                if found is not None:
                    return found
        if "service_request_id" in content or "_uuid" in content:
            return [content]
    return None


def _flatten(prefix: str, values: dict, row: dict, lists: set) -> None:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            if "coordinates" in value and "type" in value:
                row[name] = _point_text(value)
            else:
                _flatten(f"{name}/", value, row, lists)
        elif isinstance(value, list):
            if any(isinstance(v, (dict, list)) for v in value):
                lists.add(name)
            else:
                row[name] = " ".join(_text(v) or "" for v in value).strip() or None
        else:
            row[name] = _text(value)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _point_text(value: dict) -> str | None:
    """Return a GeoJSON point within a row as "latitude longitude", as survey forms write places."""
    try:
        lon, lat = (float(v) for v in value["coordinates"][:2])
    except (TypeError, ValueError):
        return None
    return f"{lat} {lon}" if value["type"] == "Point" else None


def _geojson(value: Any) -> QgsGeometry | None:
    if not isinstance(value, dict) or not value.get("type"):
        return None
    made = ogr.CreateGeometryFromJson(json.dumps(value))
    return _qgs(made)


def _esri(value: Any) -> QgsGeometry | None:
    if not isinstance(value, dict):
        return None
    made = ogr.CreateGeometryFromEsriJson(json.dumps(value)) if hasattr(ogr, "CreateGeometryFromEsriJson") else None
    return _qgs(made)


def _qgs(made: Any) -> QgsGeometry | None:
    if made is None or made.IsEmpty():
        return None
    made.FlattenTo2D()
    geometry = QgsGeometry()
    geometry.fromWkb(bytes(made.ExportToWkb()))
    return geometry if not geometry.isNull() else None


def _crs(content: dict) -> QgsCoordinateReferenceSystem:
    """Return the system that a file states, longitude and latitude where it states none (RFC 7946)."""
    told = content.get("crs") or {}
    name = str((told.get("properties") or {}).get("name", "")) if isinstance(told, dict) else ""
    esri = content.get("spatialReference") or {}
    if isinstance(esri, dict) and (esri.get("latestWkid") or esri.get("wkid")):
        name = f"EPSG:{esri.get('latestWkid') or esri.get('wkid')}"
    if name and "CRS84" not in name:
        crs = QgsCoordinateReferenceSystem()
        crs.createFromUserInput(name)
        if crs.isValid():
            return crs
    return QgsCoordinateReferenceSystem("EPSG:4326")
