"""What 'Create CPTED audit form' reads, and the file that it makes."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFields,
    QgsProject,
    QgsRelation,
    QgsRelationContext,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...analysis.cpted import auditform as a
from ...analysis.errors import InputError
from ...compat import make_field, save_style
from ...layers import fields, forms
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
    target = Path(run.file(tool.OUTPUT))
    if target.suffix.lower() != ".gpkg":
        raise InputError(tool.OUTPUT, "The audit file is a GeoPackage. Give it a name that ends in .gpkg.")
    if target.exists() and target.stat().st_size:
        raise InputError(tool.OUTPUT, "'{file}' exists already and may hold audits. Choose another name, or delete it"
                         " yourself.", file=target.name)
    if not run.has(tool.INPUT):
        crs = run.crs_value(tool.CRS)
        crs = crs if crs.isValid() else QgsCoordinateReferenceSystem("EPSG:4326")
        return Data(items, path.stem, path, [], [], [], [], np.zeros(0, bool), _DRAWN[run.choice(tool.PLACE_TYPE)], crs)
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
    return Data(items, path.stem, path, layer.geometries, keys, names, layer.rows.tolist(), double, layer.kind, run.crs)


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
    target = Path(run.file(tool.OUTPUT))
    project_file = target.with_suffix(".qgz")
    if project_file.exists():
        raise InputError(tool.OUTPUT, "'{file}' exists already beside the audit file. Choose another name.",
                         file=project_file.name)
    _copy(run, data)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_layers(run, data, str(target))
        run.progress(0.6)
        _write_project(run, data, target, project_file)
        run.check()
    except BaseException:
        # half an audit file would be taken for a whole one
        for left in (target, project_file):
            if left.exists():
                left.unlink()
        raise
    run.outputs[tool.OUTPUT] = str(target)
    return project_file.name


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


def _columns(*named: tuple) -> QgsFields:
    out = QgsFields()
    for name, kind in named:
        out.append(make_field(name, kind))
    return out


def _write_layers(run: Any, data: Data, path: str) -> None:
    places = _columns((fields.PLACE_ID, "text"), ("name", "text"), (fields.DOUBLE, "boolean"),
                      (fields.SRC_PLACE, "integer"))
    features = []
    for geometry, *values in zip(data.geometries, data.keys, data.names, data.double.tolist(),
                                 [row + 1 for row in data.rows]):
        feature = QgsFeature(places)
        feature.setGeometry(geometry)
        feature.setAttributes(values)
        features.append(feature)
    _table(run, path, design.PLACES, places, _KINDS[data.kind], data.crs, features, first=True)
    audits = _columns(
        (a.AUDIT_ID, "text"), (a.PLACE_ID, "text"), (a.FORM, "text"), (a.AUDITOR, "text"), (a.VISIT, "text"),
        (a.VISITED, "time"), *((item.name, "integer") for item in data.items), (a.WHO_USES, "text"),
        (a.PUSHED_OUT, "text"), (a.REMARK, "text"), (a.PHOTO_1, "text"), (a.PHOTO_2, "text"))
    _table(run, path, design.AUDITS, audits, QgsWkbTypes.Type.Point, data.crs, [])


def _table(run: Any, path: str, name: str, columns: QgsFields, kind: Any, crs: Any, features: list,
           first: bool = False) -> None:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName, options.fileEncoding = "GPKG", name, "UTF-8"
    options.actionOnExistingFile = (
        QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteFile if first
        else QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer)
    writer = QgsVectorFileWriter.create(path, columns, kind, crs, run.context.transformContext(), options)
    problem = writer.errorMessage() if writer.hasError() else ""
    for number, feature in enumerate(features):
        if number % 500 == 0:
            run.check()
        if not problem and not writer.addFeature(feature):
            problem = writer.errorMessage() or tr("a place was refused")
    del writer
    if problem:
        raise InputError(run.tool.OUTPUT, "The audit file cannot be written ({error}). Choose a folder that you may"
                         " write to.", error=problem)


def _write_project(run: Any, data: Data, target: Path, project_file: Path) -> None:
    _keep_forms(run, data, target)
    project = QgsProject()
    project.setTitle(tr("CPTED audit"))
    project.setCrs(data.crs)
    # opened anew: a layer whose style was just saved can no longer read its extent
    places, audits = _dressed(data, target)
    # places below, so that visits are drawn, and picked, on top
    project.addMapLayers([audits, places])
    relation = QgsRelation(QgsRelationContext(project))
    relation.setId("cpted_audits_of_a_place")
    relation.setName(tr("Audits of a place"))
    relation.setReferencingLayer(audits.id())
    relation.setReferencedLayer(places.id())
    relation.addFieldPair(a.PLACE_ID, fields.PLACE_ID)
    project.relationManager().addRelation(relation)
    kept = f"geopackage:{target}?projectName=audit"
    for place in (str(project_file), kept):
        if not project.write(place):
            raise InputError(run.tool.OUTPUT, "The project cannot be written ({error}). Choose a folder that you may"
                             " write to.", error=project.error())
    project.clear()


def _keep_forms(run: Any, data: Data, target: Path) -> None:
    """Keep form and look of both layers in the file, so that they open with them by themselves."""
    for layer, style in zip(_dressed(data, target), (design.place_style(), design.audit_style())):
        error = save_style(layer, style.name)
        if error:
            raise InputError(run.tool.OUTPUT, "The form cannot be kept in the file ({error}). Choose another folder.",
                             error=error)


def _dressed(data: Data, target: Path) -> tuple[QgsVectorLayer, QgsVectorLayer]:
    """Return the layers of places and of audits with their forms and looks."""
    places, audits = _layer(target, design.PLACES), _layer(target, design.AUDITS)
    design.place_style().apply(places)
    design.audit_style().apply(audits)
    forms.apply(places, design.place_questions(), [(tr("Place"), [forms.Group("", ["name", fields.DOUBLE])])])
    forms.apply(audits, design.questions(data.items, data.form, places), design.tabs(data.items))
    places.setDisplayExpression('"name"')
    audits.setDisplayExpression("\"auditor\" || ', ' || \"visit\"")
    return places, audits


def _layer(target: Path, name: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{target}|layername={name}", name, "ogr")
    if not layer.isValid():
        raise InputError("OUTPUT", "The audit file cannot be opened again. Choose another folder.")
    return layer
