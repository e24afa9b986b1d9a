"""What 'Create community input layers' reads, and the file that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsWkbTypes

from ...analysis.community import categories, inputs
from ...analysis.errors import InputError
from ...layers import casefile, tables
from ...translation import tr
from . import communitylayer_form as design
from . import inputwords as words
from .languages import languages_of


@dataclass
class Data:
    """What goes into the file; ``areas`` are (shape, name)."""

    target: Path
    categories: tuple
    languages: tuple
    areas: list
    crs: QgsCoordinateReferenceSystem


def read(run: Any, holds: str = "") -> Data:
    """Read categories, languages and areas; ``holds`` is what a file that exists may hold, in a word."""
    tool = run.tool
    target = casefile.new_target(run.file(tool.OUTPUT), tool.OUTPUT, holds or tr("what residents said"))
    found, languages = _categories(run), languages_of(run, tool.LANGUAGES)
    areas, crs = [], run.crs_value(tool.CRS)
    if run.has(tool.INPUT):
        name = run.field(tool.NAME_FIELD, tool.INPUT)
        layer = run.areas(tool.INPUT, texts=[name] if name else [])
        names = layer.columns[name] if name else [""] * len(layer)
        for geometry in layer.geometries:
            geometry.convertToMultiType()
        areas, crs = list(zip(layer.geometries, names)), run.crs
    elif run.parameters.get(tool.CRS) not in (None, "") and not (crs.isValid() and "+proj=geocent" not in crs.toProj()):
        raise InputError(tool.CRS, "This is no coordinate system of a map. Choose another one, or leave it empty for"
                                   " EPSG:4326.")
    elif not crs.isValid():
        crs = QgsCoordinateReferenceSystem("EPSG:4326")
    return Data(target, found, languages, areas, crs)


def _categories(run: Any) -> tuple:
    tool = run.tool
    text, path = run.text(tool.CATEGORIES).strip(), run.file(tool.CATEGORY_FILE)
    if text and path:
        raise InputError(tool.CATEGORIES, "Categories are given as a text and as a file. Give one of them.")
    if text:
        return categories.from_text(text, tool.CATEGORIES)
    if not path:
        return categories.default()
    table = tables.read_table(path, tool.CATEGORY_FILE)
    cells = list(zip(*table.columns.values()))
    rows = [(1, list(table.names)), *((line, list(row)) for line, row in zip(table.lines.tolist(), cells))]
    return categories.from_rows(rows, tool.CATEGORY_FILE)


def write(run: Any, data: Data) -> str:
    """Write the GeoPackage and the project; return the project's name."""
    project = casefile.make(data.target, design_of(data, run.tool.practice), data.crs, rows_of(data), run,
                            run.tool.OUTPUT)
    run.outputs[run.tool.OUTPUT] = str(data.target)
    return project.name


def rows_of(data: Data) -> dict:
    """Return the rows to begin with: categories, and areas to find one's way."""
    labels = words.category_words(data.categories)
    rows = {design.CATEGORY_TABLE: [
        (None, {inputs.CATEGORY: c.key, design.LABEL: labels[c.key], design.GROUPS: ", ".join(c.groups) or None})
        for c in data.categories]}
    if data.areas:
        rows[design.AREAS] = [(shape, {design.NAME: str(name or "")}) for shape, name in data.areas]
    return rows


def design_of(data: Data, practice: bool = False) -> casefile.Design:
    """Return the tables, forms and relations of an input file."""
    lengths = {inputs.SAID: inputs.TEXT_LENGTH, inputs.RESPONSE: inputs.TEXT_LENGTH,
               inputs.ORGANISED: design.SHORT}
    kinds = {design.POINTS: QgsWkbTypes.Type.Point, design.SHAPES: QgsWkbTypes.Type.MultiPolygon}
    made = [casefile.Table(name, inputs.COLUMNS, kind, lengths) for name, kind in kinds.items()]
    made.append(casefile.Table(design.CATEGORY_TABLE, {
        inputs.CATEGORY: "text", design.LABEL: "text", design.GROUPS: "text"}))
    if data.areas:
        made.append(casefile.Table(design.AREAS, {design.NAME: "text"}, QgsWkbTypes.Type.MultiPolygon))

    def dress(layers: dict, relations: dict) -> dict:
        return design.dress(layers, data.categories, data.languages)

    titles = {design.POINTS: tr("Points of a category"), design.SHAPES: tr("Areas of a category")}
    links = [casefile.Link(f"{name}_of_a_category", title, name, inputs.CATEGORY, design.CATEGORY_TABLE,
                           inputs.CATEGORY) for name, title in titles.items()]
    order = [design.POINTS, design.SHAPES, *([design.AREAS] if data.areas else []), design.CATEGORY_TABLE]
    return casefile.Design(tr("Community input"), "input", made, dress, links, order=order, practice=practice)
