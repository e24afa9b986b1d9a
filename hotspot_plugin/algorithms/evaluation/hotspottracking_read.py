"""Reads the hot spots of several periods and has them followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsGeometry, QgsRectangle

from ...analysis.errors import InputError
from ...analysis.evaluation import hotspottracking as analysis
from ...analysis.evaluation.compareperiods import Period
from ...analysis.evaluation.rates import e_test
from ...layers import fields, overlay, provenance, sources
from ...layers.areas import POLYGON, Areas
from ...layers.zones import spatial_index
from ...reports import formats
from ...translation import tr
from . import design_read

#: Share of the ground that hot spots of one period may have twice: borders drawn roughly.
_OVERLAID = 0.05
#: Metres between two periods beyond which they are hardly of one town.
_FAR = 10_000.0
#: Fields that name a hot spot.
_NAMES = ("name", "place")


@dataclass(frozen=True)
class Data:
    """Hot spots of all periods, those of a period in a row.

    Attributes
    ----------
    geometries : list of QgsGeometry
    period : (n,) int array
    labels : list of str
        Of the periods.
    days : list of Period or None
        Days of each period, where all are known.
    n : (n,) array or None
        Incidents as the layers have them.
    names : list of str
        "" where a hot spot has none.
    """

    geometries: list
    period: np.ndarray
    labels: list
    days: list | None
    n: np.ndarray | None
    names: list

    @property
    def area(self) -> np.ndarray:
        """(n,) array of square metres."""
        return np.fromiter((g.area() for g in self.geometries), float, len(self.geometries))

    @property
    def middle(self) -> np.ndarray:
        """(n, 2) array of metres."""
        points = [g.centroid().asPoint() for g in self.geometries]
        return np.array([(p.x(), p.y()) for p in points]).reshape(-1, 2)


@dataclass(frozen=True)
class Ground:
    """Incidents on the ground of each hot spot in its own period and in those beside; NaN where there is none.

    Attributes
    ----------
    own, before, after : (n,) arrays
    p_before, p_after : (n,) arrays
    outside : int
        Incidents in no period.
    """

    own: np.ndarray
    before: np.ndarray
    after: np.ndarray
    p_before: np.ndarray
    p_after: np.ndarray
    outside: int


@dataclass(frozen=True)
class Found:
    """The tracks, the common ground of each two periods in a row, and what was counted on the ground.

    ``twice`` holds the periods whose hot spots lie over each other, ``apart`` the metres between periods in a row
    that are so far apart that the layers cannot be of one place; 0 where none are.
    """

    tracks: analysis.Tracks
    common: np.ndarray
    ground: Ground | None
    twice: tuple = ()
    apart: float = 0.0


# --- reading -------------------------------------------------------------------------------
def read(run: Any) -> Data:
    """Read the hot spots of all periods, in their order."""
    tool = run.tool
    field, earlier = run.field(tool.PERIOD_FIELD), run.several(tool.EARLIER)
    if field and earlier:
        raise InputError(tool.PERIOD_FIELD, "The periods are given twice: by a field and by layers (EARLIER). Leave one"
                                            " of them empty.")
    if not field and not earlier:
        raise InputError(tool.EARLIER, "There is one period only. Give the hot spots of the periods before, or a field"
                                       " that tells the periods of one layer apart (PERIOD_FIELD).")
    return _from_field(run, field) if field else _from_layers(run, earlier)


def _columns(run: Any, names: list) -> tuple[str, str]:
    """Return the count field and the name field that all layers have."""
    tool = run.tool
    count = run.field(tool.COUNT_FIELD)
    common = [set(run.source_fields(name)) for name in names]
    if count:
        for name, known in zip(names, common):
            if count not in known:
                raise InputError(tool.COUNT_FIELD, "'{layer}' has no field '{field}'. All layers need the number of"
                                 " incidents in the same field.", layer=name.partition(": ")[2] or name, field=count)
    elif all(fields.N in known for known in common):
        count = fields.N
    title = run.field(tool.NAME_FIELD)
    return count, title or next((n for n in _NAMES if n in common[-1]), "")


def _read_one(run: Any, name: str, count: str, title: str) -> tuple[list, np.ndarray, list]:
    """Return geometries, incidents and names of the hot spots of a period; a period may have none."""
    if run.source(name).featureCount() == 0 and name != run.tool.INPUT:
        run.info(tr("'{layer}' has no hot spot: that period counts as one without any.").format(
            layer=run.source(name).sourceName()))
        return [], np.empty(0), []
    areas, n, names = _read_areas(run, name, count, title)
    return areas.geometries, n, names


def _read_areas(run: Any, name: str, count: str, title: str, period: str = "") -> tuple[Areas, np.ndarray, list]:
    known = run.source_fields(name)
    title = title if title in known else ""
    areas = run.areas(name, numbers=[count] if count else [],
                      texts=list(dict.fromkeys(f for f in (title, period) if f)))
    if areas.kind != POLYGON:
        raise InputError(name, "'{layer}' holds no polygons, and hot spots are followed by their ground. Give the areas"
                               " of the hot spots.", layer=run.source(name).sourceName())
    n = np.full(len(areas), np.nan)
    if count:
        n = areas.columns[count]
        if (n[np.isfinite(n)] < 0).any():
            raise InputError(run.tool.COUNT_FIELD, "'{field}' has a negative number of incidents.", field=count)
    names = [str(text or "") for text in areas.columns[title]] if title else [""] * len(areas)
    return areas, n, names


def _from_field(run: Any, field: str) -> Data:
    tool = run.tool
    count, title = _columns(run, [tool.INPUT])
    areas, n, names = _read_areas(run, tool.INPUT, count, title, field)
    texts = [str(text or "").strip() for text in areas.columns[field]]
    if "" in texts:
        raise InputError(tool.PERIOD_FIELD, "'{field}' is empty in row {row}: it is not known which period that hot"
                         " spot belongs to.", field=field, row=int(areas.rows[texts.index("")]) + 1)
    labels = sorted(set(texts), key=_order)
    if len(labels) < 2:
        raise InputError(tool.PERIOD_FIELD, "'{field}' has one value only ('{value}'). Hot spots are followed through"
                         " two periods or more.", field=field, value=labels[0])
    period = np.array([labels.index(text) for text in texts])
    order = np.argsort(period, kind="stable")
    if run.has(tool.INCIDENTS):
        raise InputError(tool.INCIDENTS, "With a period field the days of the periods are not known, so the incidents"
                         " cannot be counted. Give one layer for each period (EARLIER), or leave INCIDENTS empty.")
    return Data([areas.geometries[i] for i in order], period[order], labels, None, n[order] if count else None,
                [names[i] for i in order])


def _order(text: str) -> tuple:
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def _from_layers(run: Any, earlier: list) -> Data:
    tool = run.tool
    names = [f"{tool.EARLIER}: {layer.name}" for layer in earlier] + [tool.INPUT]
    layers = [sources.opened(layer, run.context) for layer in earlier]
    layers.append(sources.layer_of(tool, run.parameters, tool.INPUT, run.context))
    spans = [provenance.days_of_choice(provenance.read(layer)) if layer is not None else None for layer in layers]
    days = [Period(*span) for span in spans] if all(spans) else None
    titles = [layer.name for layer in earlier] + [run.source(tool.INPUT).sourceName()]
    if days is not None:
        order = sorted(range(len(names)), key=lambda k: (days[k].start, days[k].end))
        if order != list(range(len(names))):
            run.info(tr("The layers are taken in the order of the days in their records: {names}.").format(
                names=", ".join(titles[k] for k in order)))
        names, titles, days = ([values[k] for k in order] for values in (names, titles, days))
        _refuse_double_days(run, days, titles)
        labels = [formats.period(p.start, p.end) for p in days]
    else:
        if run.has(tool.INCIDENTS):
            raise InputError(tool.INCIDENTS, "Not all layers carry the record of 'Find hot spots' with the days of"
                             " their incidents, so the incidents cannot be counted by period. Leave INCIDENTS empty, or"
                             " make the layers anew as GeoPackages.")
        run.info(tr("The layers are taken in the order given: {names}.").format(names=", ".join(titles)))
        labels = titles if len(set(titles)) == len(titles) else [f"{k + 1}. {t}" for k, t in enumerate(titles)]
    count, title = _columns(run, names)
    parts = [_read_one(run, name, count, title) for name in names]
    period = np.repeat(np.arange(len(parts)), [len(shapes) for shapes, _, _ in parts])
    if not len(period):
        raise InputError(tool.INPUT, "No period has a hot spot: there is nothing to follow.")
    n = np.concatenate([found for _, found, _ in parts]) if count else None
    return Data([shape for shapes, _, _ in parts for shape in shapes], period, labels, days, n,
                [text for _, _, texts in parts for text in texts])


def _refuse_double_days(run: Any, days: list, titles: list) -> None:
    for one, other, a, b in zip(days, days[1:], titles, titles[1:]):
        if other.start <= one.end:
            raise InputError(
                run.tool.EARLIER, "The periods of '{one}' ({first}) and '{other}' ({second}) overlap, so the same"
                " incidents would make both. Give hot spots of periods that follow each other.", one=a, other=b,
                first=formats.period(one.start, one.end), second=formats.period(other.start, other.end))


# --- following -----------------------------------------------------------------------------
def follow(run: Any, data: Data) -> Found:
    """Pair the hot spots by ground and distance, follow them, and count on their ground."""
    tool = run.tool
    reach = run.number(tool.MOVE_DISTANCE)
    pairs = _pairs(data, reach, run.stage(0.2, 0.5))
    tracks = analysis.follow(
        data.period, data.area, data.middle, pairs, len(data.labels), run.number(tool.OVERLAP), reach,
        run.number(tool.GROWTH), run.stage(0.5, 0.6))
    ground = _ground(run, data) if run.has(tool.INCIDENTS) else None
    common, twice = _common(data, run.stage(0.8, 0.88))
    return Found(tracks, common, ground, twice, _apart(data))


def _pairs(data: Data, reach: float, progress: Any) -> analysis.Pairs:
    index, area = spatial_index(data.geometries), data.area
    rows: list = []
    for i, geometry in enumerate(data.geometries):
        progress(i / len(data.geometries))
        engine = QgsGeometry.createGeometryEngine(geometry.constGet())
        engine.prepareGeometry()
        for j in sorted(index.intersects(geometry.boundingBox().buffered(reach))):
            if data.period[j] <= data.period[i]:
                continue
            other = data.geometries[j]
            distance = engine.distance(other.constGet())
            if distance > reach:
                continue
            shared = geometry.intersection(other).area() if distance == 0.0 else 0.0
            if shared or data.period[j] == data.period[i] + 1:
                rows.append((i, j, shared / min(area[i], area[j]), distance))
    table = np.array(rows, float).reshape(-1, 4)
    return analysis.Pairs(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], table[:, 3])


def _common(data: Data, progress: Any) -> tuple[np.ndarray, tuple]:
    wholes = []
    for k in range(len(data.labels)):
        progress(k / len(data.labels))
        wholes.append(QgsGeometry.unaryUnion([g for g, p in zip(data.geometries, data.period) if p == k]))
    shared = np.array([one.intersection(other).area() for one, other in zip(wholes, wholes[1:])])
    ground = np.array([whole.area() for whole in wholes])
    each = np.bincount(data.period, data.area, len(data.labels))
    twice = tuple(data.labels[k] for k in np.flatnonzero(each > (1.0 + _OVERLAID) * ground))
    return analysis.overlap_of_periods(shared, ground), twice


def _apart(data: Data) -> float:
    boxes = [QgsRectangle() for _ in data.labels]
    for k, geometry in zip(data.period, data.geometries):
        boxes[k].combineExtentWith(geometry.boundingBox())
    far = 0.0
    for one, other in zip(boxes, boxes[1:]):
        if one.isNull() or other.isNull():
            continue
        gap = QgsGeometry.fromRect(one).distance(QgsGeometry.fromRect(other))
        if gap > max(np.hypot(box.width(), box.height()) for box in (one, other)) and gap > _FAR:
            far = max(far, gap)
    return far


def _ground(run: Any, data: Data) -> Ground:
    tool = run.tool
    field = run.field(tool.DATE_FIELD, of=tool.INCIDENTS, schema=fields.DT_FROM)
    if not field:
        raise InputError(tool.DATE_FIELD, "Choose the field with the date of the incidents; there is no 'dt_from'.")
    points = run.points(tool.INCIDENTS, times=[field])
    rows = design_read.Rows.of(points, field, "", run.integer(tool.DAY_START) or 0)
    areas = Areas(data.geometries, None, [], {}, {}, np.arange(len(data.geometries)), None, run.crs, None)
    position, hot = overlay.polygon_index(areas).pairs(rows.x, rows.y, run.stage(0.6, 0.75))
    held = np.full(len(rows.x), -1)
    counts = np.zeros((len(data.days), len(data.geometries)))
    for k, period in enumerate(data.days):
        inside = period.holds(rows.moments)
        held[inside] = k
        counts[k] = np.bincount(hot[inside[position]], minlength=len(data.geometries))
    outside = int((held < 0).sum())
    if outside == len(held):
        raise InputError(tool.INCIDENTS, "No incident lies in any of the periods ({first} to {last}). Give the"
                         " incidents that the hot spots were found in.", first=data.labels[0], last=data.labels[-1])
    every = np.arange(len(data.geometries))
    own, nothing = counts[data.period, every], np.full(len(every), np.nan)
    before, after, p_before, p_after = (nothing.copy() for _ in range(4))
    for k, (one, other) in enumerate(zip(data.days, data.days[1:])):
        pooled = one.days != other.days
        rows_ = data.period == k
        after[rows_] = counts[k + 1][rows_]
        p_after[rows_] = e_test(own[rows_], after[rows_], one.days, other.days, pooled=pooled)
        rows_ = data.period == k + 1
        before[rows_] = counts[k][rows_]
        p_before[rows_] = e_test(before[rows_], own[rows_], one.days, other.days, pooled=pooled)
    return Ground(own, before, after, p_before, p_after, outside)
