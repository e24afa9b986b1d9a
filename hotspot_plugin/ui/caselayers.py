"""The layers of the case file in the project: with their forms, relations and order, as the file itself has them."""

from __future__ import annotations

import io
import sqlite3
import uuid
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

from qgis.core import (
    QgsPathResolver,
    QgsProject,
    QgsReadWriteContext,
    QgsRelation,
    QgsRelationContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from ..layers import forms
from ..translation import tr

#: What the group in the layer tree keeps of the file that it shows.
_MARK = "crime_hotspots_case"
#: Milliseconds after which it is looked again whether the dock's jobs are done.
_PAUSE = 50


class CaseLayers(QObject):
    """Brings the layers of the case file into the project, and leaves the desktop alive meanwhile.

    What the file says of them is read in the background, then each turn of the event loop opens one layer. All of them
    join the project in one turn, in a group on top: nobody sees a part of them, and where project or case file change
    before, or the dock goes, nothing has happened.
    """

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.session = session
        self._path, self._waiting = "", []
        self._job: Any = None
        self._steps: Any = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._turn)
        session.caseChanged.connect(self._case_changed)  # another project is another case file, or none for a moment

    def add(self, done: Callable[[dict], None], tables: Sequence[str] = ()) -> None:
        """Bring the layers that are missing; asked again while it does so, it does so once.

        Parameters
        ----------
        done : callable
            Gets the ids of the layers by table, none where there is no file or it could not be opened. It is not
            called where the project or the case file has changed meanwhile.
        tables : sequence of str
            Nothing is brought where the project shows these already.
        """
        path = self.session.case
        if not path:
            done({})
            return
        self._waiting.append((done, set(tables)))
        if not self._path:
            self._path = path
            self._job = self.session.jobs.start(
                tr("Reading the layers of the case file"), lambda job: _content(path), self._begin,
                lambda text: self._begin(("", [])), self.stop)

    def _case_changed(self) -> None:
        if self.session.case != self._path:
            self.stop()

    def stop(self) -> None:
        """Let go of what was asked for."""
        if self._job is not None:
            self._job.forget()
        self._timer.stop()
        self._path, self._waiting, self._job, self._steps = "", [], None, None

    def _begin(self, content: tuple) -> None:
        self._job, self._steps = None, self._work(*content)
        self._timer.start(0)

    def _work(self, text: str, names: list) -> Iterator[None]:
        there = set(loaded(self._path))
        if any(not tables or tables - there for _, tables in self._waiting):
            yield from _steps(self._path, text, names)

    def _turn(self) -> None:
        # QGIS can stand still for good where layers are opened while a thread opens a form of the same file
        if self.session.jobs.running():
            self._timer.start(_PAUSE)
            return
        steps = self._steps
        try:
            next(steps)
        except StopIteration:
            path, waiting = self._path, self._waiting
            self.stop()
            found = loaded(path)
            for done, _ in waiting:
                done(found)
        except Exception:
            self.stop()
            raise
        else:
            if steps is self._steps:
                self._timer.start(0)


def loaded(path: str, only: str = "") -> Any:
    """Return the ids of the project's layers that show tables of a case file.

    By table, the first of each; with ``only``, a list of all that show this table.
    """
    out: dict = {}
    same: dict = {}
    for layer in QgsProject.instance().mapLayers().values():
        table, file = table_of(layer), layer.source().partition("|")[0]
        if table and file not in same:
            same[file] = same_file(file, path)
        if table and same[file]:
            out.setdefault(table, []).append(layer.id())
    return out.get(only, []) if only else {table: ids[0] for table, ids in out.items()}


def table_of(layer: Any) -> str:
    """Return the table of a GeoPackage that a layer shows, "" for other layers."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr" or not layer.isValid():
        return ""
    rest = layer.source().partition("|")[2]
    return next((part[10:] for part in rest.split("|") if part.lower().startswith("layername=")), "")


def same_file(one: str, other: str) -> bool:
    """Whether two paths lead to the same file, by the same name: others are not looked at, which takes long on a share.
    """
    if one == other or Path(one).name.lower() != Path(other).name.lower():
        return one == other
    try:
        return Path(one).resolve() == Path(other).resolve()
    except OSError:
        return one == other


# --- what the file says of its project --------------------------------------------------------
def _content(path: str) -> tuple:
    """Return the project that lies in the file, and its tables where there is none."""
    try:
        address = Path(path).resolve().as_uri() + "?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=0.3)) as base:
            tables = [row[0] for row in base.execute(
                "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
                " AND table_name NOT IN ('layer_styles', 'qgis_projects', 'case_info') ORDER BY data_type DESC, rowid")]
            return _project_text(base), tables
    except (sqlite3.Error, OSError):
        return "", []


def _project_text(base: sqlite3.Connection) -> str:
    try:
        row = base.execute("SELECT content FROM qgis_projects ORDER BY name = 'case' DESC LIMIT 1").fetchone()
        raw = row[0] if isinstance(row[0], bytes) else bytes.fromhex(row[0])
        if raw[:2] != b"PK":
            raw = bytes.fromhex(raw.decode("ascii"))  # QGIS keeps it as hexadecimal digits
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            name = next(name for name in packed.namelist() if name.endswith(".qgs"))
            return packed.read(name).decode("utf-8")
    except (sqlite3.Error, ValueError, TypeError, StopIteration, zipfile.BadZipFile):
        return ""  # no project of ours in it: its tables are shown as they are, with the looks that are kept with them


def _with_free_ids(root: QDomElement, text: str, path: str) -> str:
    """Return the project with other ids for what the open project has already of another file, such as a copy."""
    project = QgsProject.instance()
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


def _text(element: QDomElement, tag: str) -> str:
    return element.firstChildElement(tag).text()


# --- the project ------------------------------------------------------------------------------
def _steps(path: str, text: str, names: list) -> Iterator[None]:
    """Open the layers that are missing, one at a step, and then add all of them to the project."""
    document, context = QDomDocument(), QgsReadWriteContext()
    context.setPathResolver(QgsPathResolver(str(Path(path).with_suffix(".qgs"))))
    document.setContent(text)
    free = _with_free_ids(document.documentElement(), text, path)
    if free != text:
        yield
        document.setContent(free)
    root = document.documentElement()
    tables, elements = {}, {}
    for element in _children(root.firstChildElement("projectlayers"), "maplayer"):
        table = _text(element, "datasource").partition("layername=")[2].partition("|")[0]
        if table:
            tables[_text(element, "id")] = table
            elements.setdefault(table, element)
    there = loaded(path)
    opened = {}
    for table in elements or names:
        if table not in there:
            yield
            layer = _open(path, table, elements.get(table), context)
            if layer.isValid():
                opened[table] = layer
    yield
    _join(path, root, tables, opened, context)
    yield  # QGIS has its tree to draw before anybody hears of it


def _open(path: str, table: str, element: QDomElement | None, context: QgsReadWriteContext) -> QgsVectorLayer:
    if element is None:
        return QgsVectorLayer(f"{path}|layername={table}", table, "ogr")
    # the file may have another name than when its project was written
    place = element.firstChildElement("datasource").firstChild()
    place.setNodeValue(f"{path}|{place.nodeValue().partition('|')[2]}")
    layer = QgsVectorLayer()
    layer.readLayerXml(element, context)
    return layer


def _join(path: str, root: QDomElement, tables: dict, opened: dict, context: QgsReadWriteContext) -> None:
    """Add the layers with relations, forms and a group; what came into the project meanwhile is left as it is."""
    project = QgsProject.instance()
    there = loaded(path)
    new = {layer.id(): layer for table, layer in opened.items()
           if table not in there and project.mapLayer(layer.id()) is None}
    there.update({table: layer.id() for table, layer in opened.items() if layer.id() in new})
    project.addMapLayers(list(new.values()), False)
    _relate(root, tables, there, context)
    for layer in new.values():
        layer.resolveReferences(project)
        forms.bind_relations(layer, project.relationManager())
    if new:
        group = _group(path)
        _plant(root.firstChildElement("layer-tree-group"), group, tables, there, set(new))
        for id, layer in new.items():
            if group.findLayer(id) is None:
                group.addLayer(layer)


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
