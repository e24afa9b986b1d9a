"""What lies behind a layer parameter, and whether an output would destroy it.

All that looks at layers here is to be called on their thread (``prepareAlgorithm``).
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from qgis.core import (
    QgsFeatureRequest,
    QgsMapLayer,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsProperty,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)

from ..analysis.community.inputs import PRACTICE
from ..compat import field_kind, is_null
from . import caseinfo, provenance

_TABLE = re.compile(r"table=(?:\"((?:[^\"]|\"\")*)\"|([^\s\"]+))")
#: "memory:", "postgis: ...", no drive letter.
_PROVIDER = re.compile(r"[A-Za-z]\w+:")
_DATABASE = re.compile(r"dbname=(?:'((?:[^'\\]|\\.)*)'|([^\s']+))")


@dataclass(frozen=True)
class Place:
    """Where data are kept: a file and the table in it, by name or by number; the whole file without a name."""

    file: str
    table: str = ""
    number: int = 0


def definition_of(parameters: dict, name: str) -> QgsProcessingFeatureSourceDefinition | None:
    """Return the selection, limit or filter given with a source, None where it is the layer alone."""
    value = parameters.get(name)
    return value if isinstance(value, QgsProcessingFeatureSourceDefinition) else None


@dataclass(frozen=True)
class OneOfSeveral:
    """A layer of a parameter that takes several.

    Attributes
    ----------
    name : str
        Unlike that of any other of them.
    id, source : str
        What QGIS knows the layer by, and where it comes from; see :func:`opened`.
    raster : str
        Source of a raster; "" for vectors.
    described : dict
    place : Place or None
    """

    name: str
    id: str
    source: str
    raster: str
    described: dict
    place: Place | None


def several(tool: Any, parameters: dict, name: str, context: Any) -> list:
    """Return the layers of a parameter that takes several, named apart; call on the thread of the layers."""
    out: list = []
    for layer in tool.parameterAsLayerList(parameters, name, context):
        parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
        path, table = str(parts.get("path") or ""), str(parts.get("layerName") or parts.get("table") or "")
        # a layer given by its path is called after its file
        title = table if table and layer.name() == Path(path).stem else layer.name()
        alike = sum(1 for other in out if other.name.partition(" (")[0] == title)
        raster = isinstance(layer, QgsRasterLayer)
        if context.getMapLayer(layer.id()) is None:
            # a script's own layer, in no project: found again by its id only if the context has one
            layer = layer.clone()
            context.temporaryLayerStore().addMapLayer(layer)
        described = {"layer": title, "provider": layer.providerType(), "file": Path(path).name, "table": table,
                     "filter": "" if raster else layer.subsetString()}
        place = Place(path, table) if path and os.path.exists(path) else None
        out.append(OneOfSeveral(f"{title} ({alike + 1})" if alike else title, layer.id(), layer.source(),
                                layer.source() if raster else "", described, place))
    return out


def opened(layer: OneOfSeveral, context: Any) -> QgsMapLayer | None:
    """Return the layer itself, None where it cannot be opened; on the thread of the work.

    A tool in the background works with a context of its own, which has not what was opened by path to prepare it.
    """
    found = QgsProcessingUtils.mapLayerFromString(layer.id, context)
    return found if found is not None else QgsProcessingUtils.mapLayerFromString(layer.source, context)


def is_limited(parameters: dict, name: str) -> bool:
    """Whether a source is less than its layer: a selection, the first so many, or what meets an expression."""
    definition = definition_of(parameters, name)
    return definition is not None and bool(
        definition.selectedFeaturesOnly or definition.featureLimit != -1 or getattr(definition, "filterExpression", "")
    )


def layer_of(tool: Any, parameters: dict, name: str, context: Any) -> QgsMapLayer | None:
    """Return the layer of a source parameter, however it is given."""
    definition = definition_of(parameters, name)
    if definition is not None:  # not understood by parameterAsVectorLayer
        static = definition.source.propertyType() == QgsProperty.Type.StaticProperty
        parameters = {**parameters, name: definition.source.staticValue() if static else definition.source}
    return tool.parameterAsVectorLayer(parameters, name, context)


def describe(tool: Any, parameters: dict, name: str, context: Any) -> dict:
    """Return a source's name, file, table and filters; still with folders and credentials."""
    definition = definition_of(parameters, name)
    out: dict = {"layer": name, "selected_only": bool(definition is not None and definition.selectedFeaturesOnly)}
    if definition is not None and definition.featureLimit != -1:
        out["limit"] = int(definition.featureLimit)
    if definition is not None and getattr(definition, "filterExpression", ""):
        out["expression"] = definition.filterExpression
    layer = layer_of(tool, parameters, name, context)
    if layer is None:
        return out
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    return {
        **out,
        "layer": layer.name(),
        "provider": layer.providerType(),
        "file": Path(str(parts.get("path") or "")).name,
        "table": str(parts.get("layerName") or parts.get("table") or ""),
        "filter": layer.subsetString(),
    }


def is_practice(layer: QgsMapLayer | None) -> bool:
    """Whether a layer holds practice data: by its metadata, or by a row whose field ``practice`` says so."""
    return practice_of(layer)()


def practice_of(layer: QgsMapLayer | None) -> Callable[[], bool]:
    """Return what tells whether a layer holds practice data.

    It may be called in any thread: to find no such row among a million takes longer than a desktop may stand still.
    """
    if layer is None:
        return lambda: False
    if provenance.is_practice(layer):
        return lambda: True
    if isinstance(layer, QgsRasterLayer):
        # the metadata beside a raster's file are not read with it
        kept = QgsRasterLayer(layer.source(), "kept", layer.providerType())
        kept.loadDefaultMetadata()
        found = provenance.is_practice(kept)
        return lambda: found
    if not isinstance(layer, QgsVectorLayer):
        return lambda: False
    columns = layer.fields()
    for index, name in enumerate(columns.names()):
        if name.lower() in (PRACTICE, f"{PRACTICE}_data"):
            rows, kind = QgsVectorLayerFeatureSource(layer), field_kind(columns.at(index))
            return lambda: _says_practice(rows, index, name, kind)
    return lambda: False


def _says_practice(rows: QgsVectorLayerFeatureSource, index: int, name: str, kind: str) -> bool:
    request = QgsFeatureRequest().setLimit(1).setSubsetOfAttributes([index])
    request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
    if kind in ("boolean", "integer"):
        true = "true" if kind == "boolean" else "1"
        request.setFilterExpression('"{}" = {}'.format(name.replace('"', '""'), true))
        return any(True for _ in rows.getFeatures(request))
    values = (feature.attribute(index) for feature in rows.getFeatures(request))
    return any(not is_null(v) and str(v).strip().lower() in ("1", "t", "true", "y", "yes") for v in values)


def is_practice_file(path: str) -> bool:
    """Whether a GeoPackage given as a file, such as a case file, says of itself that its data are for practice."""
    if not path.lower().endswith(".gpkg") or not os.path.isfile(path):
        return False
    try:
        with closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True, timeout=1.0)) as base:
            if caseinfo.read(base).get(caseinfo.PRACTICE) == "1":
                return True
            there = base.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_metadata'").fetchone()
            mark = f"%<keyword>{provenance.PRACTICE[1]}</keyword>%"
            return bool(there and base.execute(
                "SELECT 1 FROM gpkg_metadata WHERE metadata LIKE ? LIMIT 1", (mark,)).fetchone())
    except sqlite3.Error:  # whoever reads the file says what is wrong with it
        return False


def kept_in(tool: Any, parameters: dict, name: str, context: Any) -> Place | None:
    """Return the file and table of a source parameter, None where it is no file."""
    layer = layer_of(tool, parameters, name, context)
    if layer is None:
        return None
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    path = str(parts.get("path") or "")
    if not path or not os.path.exists(path):
        return None
    number = parts.get("layerId")
    return Place(path, str(parts.get("layerName") or ""), number if isinstance(number, int) else 0)


def _table_name(place: Place) -> str:
    from osgeo import gdal

    try:
        dataset = gdal.OpenEx(place.file, gdal.OF_VECTOR | gdal.OF_READONLY)
        layer = dataset.GetLayer(place.number) if dataset is not None else None
        return layer.GetName() if layer is not None else ""
    except RuntimeError:  # GDAL, where the process has its exceptions on
        return ""


def target_of(value: Any, context: Any) -> Place | None:
    """Return the file, and the table in it, that an output parameter's value would replace."""
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink
    if isinstance(value, QgsProperty):
        value = value.valueAsString(context.expressionContext(), "")[0]
    if not isinstance(value, str) or not value:
        return None
    if value.startswith("ogr:"):
        database, table = _DATABASE.search(value), _TABLE.search(value)
        if not database:
            return None
        name = (table.group(1) or table.group(2) or "").replace('""', '"') if table else ""
        return Place((database.group(1) or database.group(2)).replace("\\'", "'"), name)
    if value == "TEMPORARY_OUTPUT" or _PROVIDER.match(value):
        return None
    path = value.split("|")[0]
    return Place(path if os.path.splitext(path)[1] else f"{path}.gpkg")


def replaces(target: Place, other: Place) -> bool:
    """Whether writing ``target`` would destroy what is kept in ``other``."""
    if os.path.exists(target.file) and os.path.exists(other.file):
        same = os.path.samefile(target.file, other.file)
    else:
        same = os.path.abspath(target.file) == os.path.abspath(other.file)
    if not same or not target.table:
        return same
    return target.table.lower() == (other.table or _table_name(other)).lower()
