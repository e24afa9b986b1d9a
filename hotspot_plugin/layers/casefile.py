"""Files that people fill in: a GeoPackage with tables, forms, relations and rules, and its project.

The project lies in the GeoPackage and, as a ``.qgs`` file of the same name, beside it: plain
text, which QField and QGIS open alike and in which anybody can see that no folder is named.
Nothing of ours is needed where such a file is filled in. Rows are added in one transaction,
so that a file holds all of them or none.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterable, Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsFields,
    QgsLayerTreeGroup,
    QgsLayerTreeLayer,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsRelation,
    QgsRelationContext,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsVectorLayerJoinInfo,
    QgsWkbTypes,
)

from ..analysis.errors import HotspotError, InputError
from ..compat import make_field, save_style
from ..qobjects import keep
from . import caseinfo, forms, provenance

#: Rows between two looks at whether the run was cancelled.
_CHUNK = 500
#: Seconds for which a file that another program is writing is waited for.
_PATIENCE = 3.0
_CANNOT = "The file cannot be written ({error}). Choose a folder that you may write to."


@dataclass(frozen=True)
class Table:
    """A table of the file.

    Attributes
    ----------
    name : str
    columns : dict of str to str
        Type of ``compat.make_field`` by field.
    kind : QgsWkbTypes.Type
    lengths : dict of str to int
        Longest texts, where they are limited.
    """

    name: str
    columns: dict
    kind: Any = QgsWkbTypes.Type.NoGeometry
    lengths: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """Rows of ``child`` belong to the row of ``parent`` whose ``key`` stands in their ``field``.

    With ``carries``, a field of the parent is joined to the child under its own name, for its look: a renderer that
    asks for other features by an expression makes the drawing wait for the desktop, and the desktop for the drawing.
    """

    id: str
    name: str
    child: str
    field: str
    parent: str
    key: str
    carries: str = ""


@dataclass(frozen=True)
class Design:
    """How a file is made.

    Attributes
    ----------
    title : str
        Of the project.
    project : str
        Its name inside the GeoPackage.
    tables : list of Table
    dress : callable
        Gets the layers by table and the relations by id, gives the layers forms and looks, returns the name of each
        layer's style by table.
    links : list of Link
    sql : list of str
        Rules, such as triggers, that are laid down before the first row.
    order : list of str
        Tables from top to bottom of the map; "" for all as they come.
    groups : list of (title, list of str)
        Groups of the layer tree, in its order; tables in none stand above them.
    closed : list of str
        Tables that are read and not written by people.
    variables : dict
        Of the project.
    facts : dict
        What the file says of itself (:mod:`caseinfo`); nothing if empty.
    practice : bool
        Whether what is written into it is for practice; its layers say so then.
    """

    title: str
    project: str
    tables: Sequence[Table]
    dress: Callable[[dict, dict], dict]
    links: Sequence[Link] = ()
    sql: Sequence[str] = ()
    order: Sequence[str] = ()
    groups: Sequence[tuple] = ()
    closed: Sequence[str] = ()
    variables: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    practice: bool = False


def together(title: str, project: str, designs: Sequence[Design], **more: Any) -> Design:
    """Return one design with the tables, forms, links and rules of several; ``more`` are attributes of its own."""
    def dress(layers: dict, relations: dict) -> dict:
        return {table: style for design in designs for table, style in design.dress(layers, relations).items()}

    def joined(name: str) -> list:
        return [one for design in designs for one in getattr(design, name)]

    parts = ("links", "sql", "order", "groups", "closed")
    return Design(title, project, joined("tables"), dress, **{**{name: joined(name) for name in parts}, **more})


# --- a new file ------------------------------------------------------------------------------
def new_target(path: str, parameter: str, holds: str) -> Path:
    """Return the path of a file to make.

    Parameters
    ----------
    path, parameter : str
    holds : str
        What an existing file may hold, in a word.

    Raises
    ------
    InputError
        Where it is no GeoPackage or would replace something.
    """
    target = Path(path)
    if target.suffix.lower() != ".gpkg":
        raise InputError(parameter, "The file is a GeoPackage. Give it a name that ends in .gpkg.")
    if target.exists() and target.stat().st_size:
        raise InputError(parameter, "'{file}' exists already and may hold {holds}. Choose another name, or delete it"
                         " yourself.", file=target.name, holds=holds)
    project = project_file(target)
    if project.exists():
        raise InputError(parameter, "'{file}' exists already beside it. Choose another name.", file=project.name)
    return target


def project_file(target: Path) -> Path:
    """Return the path of the project beside a file."""
    return target.with_suffix(".qgs")


def attachments(target: Path) -> Path:
    """Return the path at which newer versions of QGIS keep what is attached to the project beside a file."""
    return target.with_name(f"{target.stem}_attachments.zip")


def make(target: Path, design: Design, crs: QgsCoordinateReferenceSystem, rows: dict, run: Any, parameter: str) -> Path:
    """Make a file with its project; nothing is left of it where that fails or is cancelled.

    Parameters
    ----------
    target : Path
        As from :func:`new_target`.
    design : Design
    crs : QgsCoordinateReferenceSystem
        Of all layers.
    rows : dict of str to iterable
        Rows to begin with, as for :func:`append`.
    run : Run
        For cancelling and progress.
    parameter : str
        The parameter that errors name.

    Returns
    -------
    Path
        Of the project beside it.
    """
    beside = project_file(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for number, table in enumerate(design.tables):
            _create(target, table, crs, run, parameter, first=not number)
        _lay_down(target, design, parameter)
        append(target, rows, run.check, parameter)
        run.progress(0.6)
        _keep_forms(target, design, crs, parameter)
        run.check()
        _write_project(target, beside, design, crs, parameter)
        run.check()
    except BaseException as error:
        # half a file would be taken for a whole one
        logs = [Path(f"{target}{end}") for end in ("-journal", "-wal", "-shm")]
        for left in (target, beside, attachments(target), *logs):
            if left.exists():
                left.unlink()
        if isinstance(error, OSError):
            raise InputError(parameter, _CANNOT, error=error.strerror or error) from error
        raise
    return beside


def _create(target: Path, table: Table, crs: Any, run: Any, parameter: str, first: bool) -> None:
    columns = QgsFields()
    for name, kind in table.columns.items():
        column = make_field(name, kind)
        if name in table.lengths:
            column.setLength(table.lengths[name])
        columns.append(column)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName, options.fileEncoding = "GPKG", table.name, "UTF-8"
    options.actionOnExistingFile = (
        QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteFile if first
        else QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer)
    writer = QgsVectorFileWriter.create(
        str(target), columns, table.kind, crs, run.context.transformContext(), options)
    problem = writer.errorMessage() if writer.hasError() else ""
    del writer
    if problem:
        raise InputError(parameter, _CANNOT, error=problem)


def _lay_down(target: Path, design: Design, parameter: str) -> None:
    if not design.sql and not design.facts:
        return
    try:
        with closing(sqlite3.connect(target, timeout=_PATIENCE)) as base, base:
            base.execute("BEGIN")
            if design.facts:
                caseinfo.create(base, design.facts)
            for statement in design.sql:
                base.execute(statement)
    except sqlite3.Error as error:
        raise InputError(parameter, _CANNOT, error=error) from error


def _keep_forms(target: Path, design: Design, crs: Any, parameter: str) -> None:
    """Keep form and look of every layer in the file, so that it opens with them by itself."""
    project, layers, styles = _project(target, design, crs, parameter)
    if design.practice:
        for name, layer in layers.items():
            layer.setMetadata(provenance.metadata(name, design.title, "", crs, practice=True))
            layer.saveDefaultMetadata()
    project.relationManager().clear()  # from 3.40 on a style would hold them with the folder of the file
    for name, style in styles.items():
        error = save_style(layers[name], style)
        if error:
            raise InputError(parameter, _CANNOT, error=error)
    project.clear()


def _layers(target: Path, design: Design, parameter: str) -> dict:
    out = {}
    for table in design.tables:
        layer = QgsVectorLayer(f"{target}|layername={table.name}", table.name, "ogr")
        if not layer.isValid():
            raise InputError(parameter, "The file cannot be opened again. Choose another folder, or a name"
                                        " without signs such as %.")
        out[table.name] = layer
    return out


def _write_project(target: Path, beside: Path, design: Design, crs: Any, parameter: str) -> None:
    # opened anew: a layer whose style was just saved can no longer read its extent
    project, layers, _ = _project(target, design, crs, parameter)
    _arrange(project, design, layers)
    for name in design.closed:
        layers[name].setReadOnly(True)
    project.setCustomVariables(design.variables)
    project.viewSettings().setDefaultViewExtent(QgsReferencedRectangle(_view(layers, crs), crs))
    for place in (str(beside), f"geopackage:{target}?projectName={design.project}"):
        if not project.write(place):
            raise InputError(parameter, _CANNOT, error=project.error())
    project.clear()
    # an empty collection of symbols that newer versions put beside a .qgs, and make anew when it is missing
    attachments(target).unlink(missing_ok=True)


def _project(target: Path, design: Design, crs: Any, parameter: str) -> tuple[QgsProject, dict, dict]:
    """Return a project with layers, relations and forms; the layers, and the names of their styles, by table."""
    project = keep(QgsProject())
    project.setTitle(design.title)
    project.setCrs(crs)
    layers = _layers(target, design, parameter)
    project.addMapLayers(list(layers.values()), False)
    relations = {}
    for link in design.links:
        relation = relations[link.id] = QgsRelation(QgsRelationContext(project))
        relation.setId(link.id)
        relation.setName(link.name)
        relation.setReferencingLayer(layers[link.child].id())
        relation.setReferencedLayer(layers[link.parent].id())
        relation.addFieldPair(link.field, link.key)
        project.relationManager().addRelation(relation)
        if link.carries:
            layers[link.child].addJoin(_join(link, layers[link.parent]))
    styles = design.dress(layers, relations)
    for layer in layers.values():
        forms.bind_relations(layer, project.relationManager())
    return project, layers, styles


def _join(link: Link, parent: QgsVectorLayer) -> QgsVectorLayerJoinInfo:
    join = QgsVectorLayerJoinInfo()
    join.setJoinLayer(parent)
    join.setJoinFieldName(link.key)
    join.setTargetFieldName(link.field)
    join.setJoinFieldNamesSubset([link.carries])
    join.setPrefix("")
    join.setUsingMemoryCache(True)
    return join


def _view(layers: dict, crs: Any) -> QgsRectangle:
    """Return what the map shows when the project is opened: what is in the file, else all that the system is for."""
    box = QgsRectangle()
    for layer in layers.values():
        if layer.isSpatial() and layer.featureCount():
            box.combineExtentWith(layer.extent())
    if box.isEmpty():
        world = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), crs, QgsCoordinateTransformContext())
        return world.transformBoundingBox(crs.bounds())
    box.scale(1.1)
    return box


def _arrange(project: QgsProject, design: Design, layers: dict) -> None:
    """Put the layers into the tree: first those without a group, then the groups."""
    root, grouped = project.layerTreeRoot(), {name for _, names in design.groups for name in names}
    for name in design.order or layers:
        if name not in grouped:
            root.addChildNode(QgsLayerTreeLayer(layers[name]))
    for title, names in design.groups:
        group = QgsLayerTreeGroup(title)
        root.addChildNode(group)
        for name in names:
            group.addChildNode(QgsLayerTreeLayer(layers[name]))


# --- rows ------------------------------------------------------------------------------------
class _Refused(HotspotError):
    """A row that the file does not take."""


def append(target: Path, rows: dict, check: Callable[[], None], parameter: str) -> None:
    """Add rows to tables of a file: all of them, or none.

    Parameters
    ----------
    target : Path
    rows : dict of str to iterable of (geometry or None, dict)
        Values by field for each table; days as ``"2024-01-31"``.
    check : callable
        Raises Cancelled when the run is to stop; nothing is added then.
    parameter : str

    Raises
    ------
    InputError
        Where another program is writing to the file, or it cannot be written.
    """
    from osgeo import gdal

    if not rows:
        return
    _refuse_locked(target, parameter)
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(str(target), gdal.OF_VECTOR | gdal.OF_UPDATE)
        if dataset is None:
            raise _Refused(gdal.GetLastErrorMsg())
        dataset.StartTransaction()
        try:
            for name, features in rows.items():
                _add(dataset.GetLayerByName(name), features, check)
            if dataset.CommitTransaction():
                raise _Refused(gdal.GetLastErrorMsg())
        except BaseException:
            dataset.RollbackTransaction()
            raise
        finally:
            del dataset
    except (RuntimeError, _Refused) as error:  # RuntimeError: GDAL, where the process has its exceptions on
        raise InputError(parameter, "The rows cannot be written ({error}). Nothing was added; close the file"
                         " elsewhere and try again.", error=str(error)) from error
    finally:
        gdal.PopErrorHandler()


def _refuse_locked(target: Path, parameter: str) -> None:
    """A write lock held elsewhere would stop everything for half a minute, and then fail."""
    try:
        with closing(sqlite3.connect(f"{target.resolve().as_uri()}?mode=rw", timeout=_PATIENCE, uri=True)) as base:
            base.isolation_level = None
            base.execute("BEGIN IMMEDIATE")
            base.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise InputError(parameter, "'{file}' cannot be written now ({error}). Save and end editing where it is open,"
                         " and see that you may write to it.", file=target.name, error=error) from error


def _add(layer: Any, features: Iterable[tuple], check: Callable[[], None]) -> None:
    from osgeo import gdal, ogr

    definition = layer.GetLayerDefn()
    for number, (geometry, values) in enumerate(features):
        if number % _CHUNK == 0:
            check()
        feature = ogr.Feature(definition)
        if geometry is not None:
            feature.SetGeometryDirectly(ogr.CreateGeometryFromWkb(bytes(geometry.asWkb())))
        for name, value in values.items():
            if value is not None:
                feature.SetField(name, int(value) if isinstance(value, bool) else value)
        if layer.CreateFeature(feature):
            raise _Refused(gdal.GetLastErrorMsg())
