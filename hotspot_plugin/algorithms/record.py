"""Describes a run for its record: sources, settings, results."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessing, QgsProcessingParameterDefinition

from ..compat import read_texts
from ..layers import provenance as provenance_module
from ..layers.areas import LINE, POINT, POLYGON
from ..provider import version

layer_metadata = provenance_module.metadata

_KINDS = {
    QgsProcessing.SourceType.TypeVectorPoint: POINT,
    QgsProcessing.SourceType.TypeVectorLine: LINE,
    QgsProcessing.SourceType.TypeVectorPolygon: POLYGON,
}


def geometry_kinds(definition: QgsProcessingParameterDefinition | None) -> list:
    """Return the geometry types that a source parameter takes; all for one of several layers."""
    if definition is None or definition.type() != "source":
        return [POLYGON, LINE, POINT]
    kinds = [_KINDS[t] for t in definition.dataTypes() if t in _KINDS]
    return kinds or [POLYGON, LINE, POINT]


def describe_source(tool: Any, parameters: dict, name: str, context: Any) -> dict:
    """Return a layer's name, file name, filter and provider, without folders or credentials."""
    one_of_many = {f"{several}: {layer.name}": layer.described for several, layers in tool.several.items()
                   for layer in layers}
    found = tool.described.get(name) or one_of_many.get(name) or {"layer": name}
    return provenance_module.clean_values(found)


def settings(tool: Any, parameters: dict, context: Any) -> dict:
    """Return the value of every parameter in a form that can be read and repeated."""
    out = {}
    for definition in tool.parameterDefinitions():
        name = definition.name()
        value = parameters.get(name, definition.defaultValue())
        kind = definition.type()
        if definition.isDestination():
            continue
        if kind in ("source", "vector", "raster"):
            out[name] = describe_source(tool, parameters, name, context) if value not in (None, "") else None
        elif kind == "multilayer":
            out[name] = [provenance_module.clean_values(layer.described) for layer in tool.several.get(name, [])]
        elif value is None or value == "":
            out[name] = None
        elif kind == "enum":
            index = tool.parameterAsEnum(parameters, name, context)
            out[name] = f"{index} ({definition.options()[index]})"
        elif kind == "boolean":
            out[name] = tool.parameterAsBoolean(parameters, name, context)
        elif kind in ("number", "distance"):
            number = tool.parameterAsDouble(parameters, name, context)
            out[name] = int(number) if number.is_integer() else number
        elif kind == "field":
            out[name] = read_texts(tool, parameters, name, context)
        elif kind == "datetime":
            moment = tool.parameterAsDateTime(parameters, name, context)
            out[name] = moment.toString("yyyy-MM-dd") if moment.isValid() else str(value)
        elif kind == "crs":
            given = tool.parameterAsCrs(parameters, name, context)
            out[name] = given.authid() or given.toWkt()
        else:
            out[name] = tool.parameterAsString(parameters, name, context)
    return out


def _system_of_outputs(run: Any) -> str:
    """Return the system that the outputs are in, for a run that needed no metres."""
    systems = (crs for _, _, _, crs, _ in run._written.values())
    return next((crs.authid() for crs in systems if crs.isValid()), "")


def provenance(run: Any, results: dict) -> str:
    """Return the record of a run as JSON text."""
    inputs = {
        name: {**entry, **entry["account"].as_dict(), "account": None} for name, entry in run.inputs.items()
    }
    for entry in inputs.values():
        entry.pop("account")
    return provenance_module.record(
        tool=f"hotspot:{run.tool.name()}",
        version=version(),
        parameters=settings(run.tool, run.parameters, run.context),
        inputs=inputs,
        crs=run.crs_id if run.has_crs else _system_of_outputs(run),
        results=results,
        notes=run.notes,
        warnings=run.warnings,
    )
