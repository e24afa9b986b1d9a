"""The layers of the case file in the project: with their forms, relations and order, as the file itself has them."""

from __future__ import annotations

import io
import sqlite3
import uuid
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsPathResolver,
    QgsProject,
    QgsReadWriteContext,
    QgsRelation,
    QgsRelationContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from ..layers import forms

#: What the group in the layer tree keeps of the file that it shows.
_MARK = "crime_hotspots_case"


def add(session: Any) -> list:
    """Bring the layers of the case file into the project, in a group on top; return their ids in the file's order.

    Layers of the file that are in the project already are found and not loaded again.
    """
    return add_file(session.case) if session.case else []


def loaded(path: str, only: str = "") -> Any:
    """Return the ids of the project's layers that show tables of a case file.

    By table, the first of each; with ``only``, a list of all that show this table.
    """
    out: dict = {}
    for layer in QgsProject.instance().mapLayers().values():
        table = table_of(layer)
        if table and same_file(layer.source().partition("|")[0], path):
            out.setdefault(table, []).append(layer.id())
    return out.get(only, []) if only else {table: ids[0] for table, ids in out.items()}


def table_of(layer: Any) -> str:
    """Return the table of a GeoPackage that a layer shows, "" for other layers."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr" or not layer.isValid():
        return ""
    rest = layer.source().partition("|")[2]
    return next((part[10:] for part in rest.split("|") if part.lower().startswith("layername=")), "")


def same_file(one: str, other: str) -> bool:
    """Whether two paths lead to the same file."""
    try:
        return Path(one).resolve() == Path(other).resolve()
    except OSError:
        return one == other


def add_file(path: str) -> list:
    """Bring the layers of a case file into the project; see :func:`add`."""
    there = loaded(path)
    text = _project_text(path)
    if not text:
        return _add_plain(path, there)
    document = QDomDocument()
    document.setContent(_with_free_ids(text, path))
    project, context = QgsProject.instance(), QgsReadWriteContext()
    context.setPathResolver(QgsPathResolver(str(Path(path).with_suffix(".qgs"))))
    root = document.documentElement()
    tables, new = {}, []
    for element in _children(root.firstChildElement("projectlayers"), "maplayer"):
        id, source = _text(element, "id"), _text(element, "datasource")
        table = source.partition("layername=")[2].partition("|")[0]
        if not table:
            continue
        tables[id] = table
        if table in there:
            continue
        # the file may have another name than when its project was written
        place = element.firstChildElement("datasource").firstChild()
        place.setNodeValue(f"{path}|{source.partition('|')[2]}")
        layer = QgsVectorLayer()
        if layer.readLayerXml(element, context) and layer.isValid():
            there[table] = layer.id()
            new.append(layer)
        else:
            layer.deleteLater()
    project.addMapLayers(new, False)
    _relate(root, tables, there, context)
    for layer in new:
        layer.resolveReferences(project)
        forms.bind_relations(layer, project.relationManager())
    added = {layer.id() for layer in new}
    tree = root.firstChildElement("layer-tree-group")
    if new:
        _plant(tree, _group(path), tables, there, added)
    order = [tables.get(one.attribute("id"), "") for one in _deep(tree, "layer-tree-layer")]
    return [there[table] for table in order if table in there]


# --- what the file says of its project --------------------------------------------------------
def _project_text(path: str) -> str:
    """Return the project that lies in the file, "" where there is none."""
    try:
        address = Path(path).resolve().as_uri() + "?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0.3)) as base:
            row = base.execute("SELECT content FROM qgis_projects ORDER BY name = 'case' DESC LIMIT 1").fetchone()
        raw = row[0] if isinstance(row[0], bytes) else bytes.fromhex(row[0]) if row else b""
        if raw[:2] != b"PK":
            raw = bytes.fromhex(raw.decode("ascii"))  # QGIS keeps it as hexadecimal digits
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            name = next(name for name in packed.namelist() if name.endswith(".qgs"))
            return packed.read(name).decode("utf-8")
    except (sqlite3.Error, OSError, ValueError, TypeError, StopIteration, zipfile.BadZipFile):
        return ""  # no project of ours in it: its tables are shown as they are


def _with_free_ids(text: str, path: str) -> str:
    """Return the project with other ids for what the open project has already of another file, such as a copy."""
    document, project = QDomDocument(), QgsProject.instance()
    document.setContent(text)
    root = document.documentElement()
    for element in _children(root.firstChildElement("projectlayers"), "maplayer"):
        id = _text(element, "id")
        other = project.mapLayer(id)
        if other is not None and not same_file(other.source().split("|")[0], path):
            text = text.replace(id, f"{id[:-36]}{uuid.uuid4()}".replace("-", "_"))
    ours = set(loaded(path).values())
    for element in _children(root.firstChildElement("relations"), "relation"):
        id = element.attribute("id")
        there = project.relationManager().relation(id)
        if there.isValid() and there.referencingLayerId() not in ours:
            text = text.replace(f'"{id}"', f'"{id}_{uuid.uuid4().hex[:8]}"')
    return text


def _children(parent: QDomElement, tag: str) -> list:
    out, one = [], parent.firstChildElement(tag)
    while not one.isNull():
        out.append(one)
        one = one.nextSiblingElement(tag)
    return out


def _deep(parent: QDomElement, tag: str) -> list:
    nodes = parent.elementsByTagName(tag)
    return [nodes.at(k).toElement() for k in range(nodes.count())]


def _text(element: QDomElement, tag: str) -> str:
    return element.firstChildElement(tag).text()


# --- the project ------------------------------------------------------------------------------
def _relate(root: QDomElement, tables: dict, there: dict, context: QgsReadWriteContext) -> None:
    """Add the relations; layers that were in the project before keep their ids."""
    manager = QgsProject.instance().relationManager()
    for element in _children(root.firstChildElement("relations"), "relation"):
        ends = [there.get(tables.get(element.attribute(end), ""))
                for end in ("referencingLayer", "referencedLayer")]
        if None in ends or manager.relation(element.attribute("id")).isValid():
            continue
        element.setAttribute("referencingLayer", ends[0])
        element.setAttribute("referencedLayer", ends[1])
        relation = QgsRelation.createFromXml(element, context, QgsRelationContext(QgsProject.instance()))
        if relation.isValid():
            manager.addRelation(relation)


def _group(path: str) -> Any:
    """Return the group of the file in the layer tree, made where there is none."""
    root = QgsProject.instance().layerTreeRoot()
    for group in root.findGroups():
        if same_file(str(group.customProperty(_MARK, "")), path):
            return group
    group = root.insertGroup(0, Path(path).stem)
    group.setCustomProperty(_MARK, path)
    return group


def _plant(element: QDomElement, group: Any, tables: dict, there: dict, added: set) -> None:
    """Put the layers that are new below a group, in the order and the groups of the file."""
    project, one = QgsProject.instance(), element.firstChildElement()
    while not one.isNull():
        if one.tagName() == "layer-tree-layer":
            id = there.get(tables.get(one.attribute("id"), ""), "")
            if id in added:
                node = group.addLayer(project.mapLayer(id))
                node.setExpanded(False)
        elif one.tagName() == "layer-tree-group":
            name = one.attribute("name")
            inner = group.findGroup(name) or group.addGroup(name)
            _plant(one, inner, tables, there, added)
            inner.setExpanded(False)
            if not inner.children():
                group.removeChildNode(inner)
        one = one.nextSiblingElement()


def _add_plain(path: str, there: dict) -> list:
    """Add the tables of a file that holds no project, with the looks that are kept in it."""
    try:
        address = Path(path).resolve().as_uri() + "?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0.3)) as base:
            tables = [row[0] for row in base.execute(
                "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
                " AND table_name NOT IN ('layer_styles', 'qgis_projects', 'case_info') ORDER BY data_type DESC, rowid")]
    except (sqlite3.Error, OSError):
        return []
    group = None
    for table in tables:
        if table not in there:
            layer = QgsVectorLayer(f"{path}|layername={table}", table, "ogr")
            if layer.isValid():
                group = group or _group(path)
                QgsProject.instance().addMapLayer(layer, False)
                group.addLayer(layer)
                there[table] = layer.id()
    return [there[table] for table in tables if table in there]
