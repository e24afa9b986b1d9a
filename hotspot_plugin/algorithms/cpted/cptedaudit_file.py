"""What 'Create CPTED audit form' reads, and the file that it makes."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsWkbTypes

from ...analysis.cpted import auditform as a
from ...analysis.errors import InputError
from ...layers import casefile, fields, forms
from ...layers.areas import LINE, POINT, POLYGON
from ...translation import tr
from . import auditforms
from . import cptedaudit_form as design

_KINDS = {LINE: QgsWkbTypes.Type.MultiLineString, POLYGON: QgsWkbTypes.Type.MultiPolygon,
          POINT: QgsWkbTypes.Type.MultiPoint}
#: Geometry of an empty layer of places by PLACE_TYPE.
_DRAWN = (POLYGON, LINE, LINE, POLYGON, POLYGON, POINT)
#: Keys made here are the same for the same layer and row.
_KEYS = uuid.UUID("5a6f3a1e-0d0b-4b7e-9a4e-6f2b6a2f7c11")


@dataclass
class Data:
    """What goes into the file."""

    items: tuple
    form: str
    path: Path
    target: Path
    geometries: list
    keys: list
    names: list
    rows: list
    double: np.ndarray
    kind: Any
    crs: QgsCoordinateReferenceSystem

    def numbers(self) -> dict:
        """Return the declared numbers."""
        places, double = len(self.keys), int(self.double.sum())
        return {"PLACES": places, "ITEMS": len(self.items), "DOUBLE": double, "VISITS": 2 * (places + double)}


def read(run: Any) -> Data:
    """Read the form and the places."""
    tool = run.tool
    items, path = auditforms.chosen(run, tool.PLACE_TYPE, tool.FORM_FILE)
    target = casefile.new_target(run.file(tool.OUTPUT), tool.OUTPUT, tr("audits"))
    if not run.has(tool.INPUT):
        crs = run.crs_value(tool.CRS)
        crs = crs if crs.isValid() else QgsCoordinateReferenceSystem("EPSG:4326")
        return Data(items, path.stem, path, target, [], [], [], [], np.zeros(0, bool),
                    _DRAWN[run.choice(tool.PLACE_TYPE)], crs)
    given, key_field = run.field(tool.NAME_FIELD), run.field(tool.ID_FIELD)
    label = given or next((f for f in run.source_fields(tool.INPUT) if f.lower() == "name"), "")
    layer = run.areas(tool.INPUT, texts=list(dict.fromkeys(f for f in (label, key_field) if f)))
    names = [tr("place {row}").format(row=row + 1) for row in layer.rows.tolist()]
    if label:
        names = [str(text or "").strip() or names[i] for i, text in enumerate(layer.columns[label])]
    keys = [str(uuid.uuid5(_KEYS, f"{layer.fingerprint}/{row}")) for row in layer.rows.tolist()]
    if key_field:
        keys = [None if text is None else str(text) for text in layer.columns[key_field]]
        _refuse_doubtful_keys(tool.ID_FIELD, key_field, keys, layer.rows)
    double = np.zeros(len(layer), bool)
    count = min(int(np.ceil(run.number(tool.DOUBLE_SHARE) * len(layer) - 1e-9)), len(layer))
    double[np.random.default_rng(run.integer(tool.SEED)).permutation(len(layer))[:count]] = True
    for geometry in layer.geometries:
        geometry.convertToMultiType()
    return Data(items, path.stem, path, target, layer.geometries, keys, names, layer.rows.tolist(), double, layer.kind,
                run.crs)


def _refuse_doubtful_keys(parameter: str, name: str, keys: list, rows: np.ndarray) -> None:
    seen: dict = {}
    for key, row in zip(keys, rows.tolist()):
        if not key:
            raise InputError(parameter, "'{field}' is empty in row {row}. A key is needed for every place; choose"
                             " another field, or none.", field=name, row=row + 1)
        if key in seen:
            raise InputError(parameter, "'{field}' holds '{key}' twice (rows {one} and {other}). A key stands once;"
                             " choose another field, or none.", field=name, key=key, one=seen[key] + 1, other=row + 1)
        seen[key] = row


def write(run: Any, data: Data) -> str:
    """Write the GeoPackage and the project; return the project's name."""
    tool = run.tool
    _copy(run, data)
    rows = zip(data.geometries, data.keys, data.names, data.double.tolist(), data.rows)
    project = casefile.make(data.target, _design(data), data.crs, {design.PLACES: (
        (shape, {fields.PLACE_ID: key, "name": name, fields.DOUBLE: double, fields.SRC_PLACE: row + 1})
        for shape, key, name, double, row in rows)}, run, tool.OUTPUT)
    run.outputs[tool.OUTPUT] = str(data.target)
    return project.name


def _copy(run: Any, data: Data) -> None:
    copy = run.file(run.tool.COPY)
    if not copy:
        return
    if Path(copy).resolve() == data.path.resolve():
        raise InputError(run.tool.COPY, "This is the form itself. Choose another file for the copy.")
    try:
        shutil.copyfile(data.path, copy)
    except OSError as error:
        raise InputError(run.tool.COPY, "The copy cannot be written ({error}). Choose a folder that you may write to.",
                         error=error.strerror or error) from error
    run.outputs[run.tool.COPY] = copy


def _design(data: Data) -> casefile.Design:
    """Return the tables, forms and relation of an audit file."""
    audits = {a.AUDIT_ID: "text", a.PLACE_ID: "text", a.FORM: "text", a.AUDITOR: "text", a.VISIT: "text",
              a.VISITED: "time", **{item.name: "integer" for item in data.items}, a.WHO_USES: "text",
              a.PUSHED_OUT: "text", a.REMARK: "text", a.PHOTO_1: "text", a.PHOTO_2: "text"}
    places = {fields.PLACE_ID: "text", "name": "text", fields.DOUBLE: "boolean", fields.SRC_PLACE: "integer"}

    def dress(layers: dict, relations: dict) -> dict:
        place, audit = layers[design.PLACES], layers[design.AUDITS]
        looks = {design.PLACES: design.place_style(), design.AUDITS: design.audit_style()}
        for name, look in looks.items():
            look.apply(layers[name])
        forms.apply(place, design.place_questions(), [(tr("Place"), [forms.Group("", ["name", fields.DOUBLE])])])
        forms.apply(audit, design.questions(data.items, data.form, place), design.tabs(data.items))
        place.setDisplayExpression('"name"')
        audit.setDisplayExpression("\"auditor\" || ', ' || \"visit\"")
        return {name: look.name for name, look in looks.items()}

    return casefile.Design(
        tr("CPTED audit"), "audit",
        [casefile.Table(design.PLACES, places, _KINDS[data.kind]),
         casefile.Table(design.AUDITS, audits, QgsWkbTypes.Type.Point)],
        dress, [casefile.Link("cpted_audits_of_a_place", tr("Audits of a place"), design.AUDITS, a.PLACE_ID,
                              design.PLACES, fields.PLACE_ID)],
        # places below, so that visits are drawn, and picked, on top
        order=(design.AUDITS, design.PLACES))
