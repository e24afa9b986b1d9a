"""What the page of comparisons reads and writes in the background: weeks, days of presets, tables, areas, copies."""

from __future__ import annotations

import csv
import shutil
from math import isfinite
from pathlib import Path
from typing import Any, Callable, NamedTuple

from qgis.core import (
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureRequest,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsProviderRegistry,
    QgsRectangle,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate

from ..analysis.errors import Cancelled, InputError
from ..compat import field_kind, is_null, make_field
from ..layers import fields
from ..translation import tr

#: areas that can be marked one by one
MOST_AREAS = 300
#: seconds within which a report and its tables are written
_BESIDE = 60


class Weeks(NamedTuple):
    """Incidents by week, and the days of the presets (by number in the list of the tool), where they are known."""

    starts: list
    counts: list
    first: QDate
    last: QDate
    complete_to: QDate
    presets: dict


class Row(NamedTuple):
    """A line of the result: an area or a type; the change in per cent with its interval, NaN where there is none."""

    name: str
    before: float
    after: float
    percent: float
    low: float
    high: float
    words: str


def weeks(path: str, days: tuple, settings: str, presets: int) -> Weeks:
    """Read the table of the weeks, and settle which days the presets mean.

    ``days`` are the first, the last and the last complete day as the tool tells them, ``settings`` the file of the
    agency's settings or "", ``presets`` how many the tool offers.
    """
    layer = QgsVectorLayer(path, "weeks", "ogr")
    if not layer.isValid():
        raise InputError("OUTPUT", "The weeks cannot be read. Try again.")
    starts, counts = [], []
    for feature in layer.getFeatures():
        starts.append(_day(feature[fields.PER_START]))
        counts.append(0 if is_null(feature[fields.N]) else int(feature[fields.N]))
    first, last, full = (QDate.fromString(str(day), "yyyy-MM-dd") for day in days)
    return Weeks(starts, counts, first, last, full, _presets(full, settings, presets) if full.isValid() else {})


def _day(value: Any) -> QDate:
    if isinstance(value, QDate):
        return value
    return value.date() if hasattr(value, "date") else QDate.fromString(str(value)[:10], "yyyy-MM-dd")


def _presets(last: QDate, settings: str, count: int) -> dict:
    import numpy as np

    from ..analysis.evaluation import presets

    fiscal = presets.FISCAL_START
    try:
        text = Path(settings).read_text(encoding="utf-8-sig") if settings else ""
    except (OSError, UnicodeDecodeError):
        text = ""  # as the tools do, which tell of it
    if text:
        from ..analysis.agency import from_json

        fiscal = from_json(text, "SETTINGS", Path(settings).name).fiscal_start or fiscal
    day = np.datetime64(last.toString("yyyy-MM-dd"), "D")
    out = {}
    for number in range(1, count):
        pair = presets.make_preset(number, day, int(fiscal))
        out[number] = tuple(tuple(QDate.fromString(str(d), "yyyy-MM-dd") for d in (p.start, p.end)) for p in pair)
    return out


def tables(report: str) -> dict:
    """Read the tables that stand beside a report of the comparison: rows of "areas" and of "types"."""
    out: dict = {}
    page = Path(report)
    for name in ("areas", "types"):
        path = page.with_name(f"{page.stem}_{name}.csv")
        # one that is older was left by another report of this name
        if not path.exists() or path.stat().st_mtime < page.stat().st_mtime - _BESIDE:
            continue
        with open(path, encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))[1:]
        # the change stands in the same columns from behind, whether or not an expected count stands before it
        out[name] = [Row(line[0], _number(line[1]), _number(line[2]), *map(_number, line[-4:-1]), line[-1])
                     for line in lines]
    return out


def _number(text: str) -> float:
    return float(text) if text else float("nan")


def copy_report(report: str, target: str) -> list:
    """Copy a report with its pictures and tables to another name; return the files."""
    if not Path(report).exists():
        raise InputError("REPORT", "The report is no longer there. Compare once more, then export it.")
    try:
        return _copy_report(Path(report), Path(target))
    except OSError as error:
        raise InputError("REPORT", "The report could not be saved there ({reason}). Choose another place.",
                         reason=error.strerror or error) from error


def _copy_report(page: Path, place: Path) -> list:
    if place.exists() and place.samefile(page):  # it is there already
        return [str(page), *map(str, sorted(page.parent.glob(f"{page.stem}_*")))]
    files = [place]
    # the page names the tables beside it
    text = page.read_text(encoding="utf-8").replace(f"{page.stem}_", f"{place.stem}_")
    place.write_text(text, encoding="utf-8")
    for path in sorted(page.parent.glob(f"{page.stem}_*")):
        files.append(place.with_name(place.stem + path.name[len(page.stem):]))
        shutil.copyfile(path, files[-1])
    return [str(path) for path in files]


def everywhere(place: tuple, points: Any, crs: Any, target: str,
               stopped: Callable[[], bool] = lambda: False) -> str:
    """Write one area that holds all points of a layer; return its file.

    ``place`` are source and provider of a layer whose file knows how far it reaches, () to look at each point of the
    feature source ``points`` until ``stopped()``.
    """
    box = QgsVectorLayer(place[0], "points", place[1]).extent() if place else QgsRectangle()
    sides = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
    if box.isNull() or not all(map(isfinite, sides)):  # one place that is not a number spoils the reach of all
        box = _reach(points, stopped)
    if box is None:
        raise InputError("INCIDENTS", "No incident of this layer has a place on the map, and periods are compared by"
                         " area. Choose a layer with places, or give these incidents theirs with 'Prepare incident"
                         " data'.")
    ground = max(box.width(), box.height(), 1e-6 if crs.isGeographic() else 1.0) * 0.01
    box.grow(ground)
    # with corners alone, its sides would cut off what bulges in another system
    write_areas(target, crs, [("", "", QgsGeometry.fromRect(box).densifyByCount(30))])
    return target


def _reach(points: Any, stopped: Callable[[], bool]) -> QgsRectangle | None:
    """Return the box of the places that are numbers, None without any."""
    out = None
    for number, feature in enumerate(points.getFeatures(QgsFeatureRequest().setSubsetOfAttributes([]))):
        if number % 1000 == 0 and stopped():
            raise Cancelled()
        shape = feature.geometry()
        if shape.isEmpty():
            continue
        box = shape.boundingBox()
        if not all(map(isfinite, (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()))):
            continue
        if out is None:
            out = QgsRectangle(box)
        else:  # a single place has an empty box, which QGIS would leave out of a sum
            out.include(QgsPointXY(box.xMinimum(), box.yMinimum()))
            out.include(QgsPointXY(box.xMaximum(), box.yMaximum()))
    return out


def lost(layer: Any) -> str:
    """Return what to do where the file of a layer is no longer there, "" where it is, or it has none."""
    if layer is None:
        return ""
    path = str(QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source()).get("path") or "")
    if not path or path.startswith("/vsi") or Path(path).exists():
        return ""
    return tr("The file of '{layer}' is no longer where it was: {file}. See that its drive is connected, or put it"
              " back; then try again.").format(layer=layer.name(), file=path)


def write_areas(target: str, crs: Any, areas: list) -> str:
    """Write areas (name, role, shape) as a GeoPackage; return its file."""
    columns = QgsFields()
    columns.append(make_field("name", "text"))
    columns.append(make_field(fields.ROLE, "text"))
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "areas"
    writer = QgsVectorFileWriter.create(target, columns, QgsWkbTypes.Type.MultiPolygon, crs,
                                        QgsCoordinateTransformContext(), options)
    for name, role, shape in areas:
        feature = QgsFeature(columns)
        feature.setAttributes([name, role or None])
        shape = QgsGeometry(shape)
        shape.convertToMultiType()
        feature.setGeometry(shape)
        writer.addFeature(feature)
    problem = writer.errorMessage()
    del writer
    if problem:
        raise InputError("AREAS", "The areas could not be written: {reason}", reason=problem)
    return target


def read_areas(source: Any, names: list) -> tuple:
    """Read areas (name, role, shape) from a feature source, and how many have no shape.

    The first is None where there are too many to be marked by hand.
    """
    known = source.fields()
    name = next((one for one in names if known.indexOf(one) >= 0), "")
    if not name:
        texts = [field.name() for field in known if field_kind(field) == "text" and field.name() != fields.ROLE]
        name = texts[0] if texts else ""
    has_role = known.indexOf(fields.ROLE) >= 0
    out: list = []
    without = 0
    for feature in source.getFeatures():
        if len(out) == MOST_AREAS:
            return None, without
        if not feature.hasGeometry() or feature.geometry().isEmpty():
            without += 1
            continue
        title = feature[name] if name else None
        role = feature[fields.ROLE] if has_role else None
        out.append((str(len(out) + 1) if is_null(title) else str(title), "" if is_null(role) else str(role),
                    feature.geometry()))
    return out, without
