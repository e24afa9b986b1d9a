"""What 'Street lighting' reads: lights of all owners with their values, outages, streets, obstacles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.cpted import lightvalues as values
from ...analysis.cpted.lightingcoverage import EVEN, LAMBERT, REACH_IN_HEIGHTS, Lights, Shadows
from ...analysis.errors import InputError
from ...analysis.overlay import PolygonIndex
from ...analysis.windows import stray_days
from ...layers.areas import POLYGON, Areas
from ...layers.overlay import line_parts
from ...translation import tr

#: metres within which lights of two layers are the same light
_SAME = 0.5
#: metres above which a mounting height looks like feet or a height above the sea
_TALL = 25.0
_OLD = 365


@dataclass
class Layer:
    """What the report says of one layer of lights."""

    parameter: str
    name: str
    count: int
    twice: int
    no_lamp: int
    height: float
    source: np.ndarray
    led: int
    first: int


@dataclass
class Data:
    """All lights together, arrays (n,), and what was read beside them.

    Attributes
    ----------
    lights : Lights
        Candela 0 for lights that are out or usually off.
    out, off : bool arrays
    source : int array
        Where the output comes from.
    layers : list of Layer
    as_of : datetime64[D] or None
    matched, unmatched, outages, open_long : int or None
        Outages of the day with and without a light, outages read, and those without an end for more than a year.
    streets : Areas or None
    obstacles : Shadows or None
    """

    lights: Lights
    out: np.ndarray
    off: np.ndarray
    source: np.ndarray
    layers: list
    all_owners: bool
    as_of: np.datetime64 | None = None
    outages: int | None = None
    matched: int = 0
    unmatched: int | None = None
    streets: Areas | None = None
    street_names: np.ndarray | None = None
    obstacles: Shadows | None = None
    obstacle_name: str = ""
    doubts: list = field(default_factory=list)


class Reader:
    """Reads layer by layer."""

    def __init__(self, run: Any) -> None:
        self.run, self.tool = run, run.tool
        self.spread = LAMBERT if run.choice(self.tool.DISTRIBUTION) == 1 else EVEN
        self.kinds = values.parse_kinds(self.tool.TYPES, run.text(self.tool.TYPES))
        self.parts: list = []
        self.layers: list = []
        self.doubts: list = []

    def read(self) -> Data:
        """Read everything; refuses what makes no light."""
        run, tool = self.run, self.tool
        for name in (tool.HEIGHT, tool.PARK_HEIGHT):
            if not run.number(name) > 0:
                raise InputError(name, "A light needs a height above 0 m. 8 m is usual in streets, 5 m in parks.")
        if run.has(tool.INTENSITY) and not run.number(tool.INTENSITY) > 0:
            raise InputError(tool.INTENSITY, "The intensity must be above 0 cd. Leave it empty to use lumens.")
        names = [n for n in (tool.INPUT, tool.OTHER_LIGHTS, tool.PARK_LIGHTS) if n == tool.INPUT or run.has(n)]
        for i, name in enumerate(names):
            self._lights_of(name, run.stage(0.2 * i / len(names), 0.2 * (i + 1) / len(names)))
        x, y, height, candela, out, off, source, ids, begin, end = (
            np.concatenate(column) for column in zip(*self.parts))
        reach = run.number(tool.REACH)
        reach = np.full(len(x), reach) if reach else REACH_IN_HEIGHTS * height
        data = Data(Lights(x, y, height, candela, reach, self.spread), out, off, source, self.layers,
                    run.flag(tool.ALL_OWNERS), doubts=self.doubts)
        self._outages(data, ids, begin, end)
        dark = data.out | data.off
        candela[dark] = 0.0
        self._streets(data)
        self._obstacles(data)
        return data

    # --- lights ----------------------------------------------------------------------------
    def _lights_of(self, name: str, progress: Any) -> None:
        run, tool = self.run, self.tool
        park = name == tool.PARK_LIGHTS
        there = run.source_fields(name)

        def chosen(parameter: str) -> str:
            column = run.field(parameter)
            return column if column in there else ""

        numbers = {"height": chosen(tool.HEIGHT_FIELD), "candela": chosen(tool.INTENSITY_FIELD),
                   "lumens": chosen(tool.LUMENS_FIELD), "watts": chosen(tool.WATTS_FIELD),
                   "lamps": chosen(tool.LAMPS_FIELD)}
        texts = {"type": chosen(tool.TYPE_FIELD), "led": chosen(tool.LED_FIELD), "id": chosen(tool.ID_FIELD)}
        since, until = chosen(tool.DATE_FIELD), chosen(tool.END_DATE_FIELD)
        points = run.points(name, list(numbers.values()), list(texts.values()), [since, until], progress=progress)
        total = len(points)
        lamps = points.columns[numbers["lamps"]] if numbers["lamps"] else np.ones(total)
        none = lamps <= 0
        if none.any():
            run.info(tr("{layer}: {count} poles without a lamp are left out.").format(
                layer=points.name, count=int(none.sum())))
        twice = self._twice(points) & ~none
        if twice.any():
            run.info(tr("{layer}: {count} lights stand where a light of another layer stands (within {limit} m) and"
                        " count once.").format(layer=points.name, count=int(twice.sum()), limit=_SAME))
        points = points.take(~none, tr("pole without a lamp"))
        points = points.take(~twice[~none], tr("light of another layer at the same place"))
        n = len(points)
        columns = {key: points.columns[column] for key, column in numbers.items() if column}
        if "lamps" in columns:
            columns["lamps"] = np.where(np.isfinite(columns["lamps"]), columns["lamps"], 1.0)
        kind = np.full(n, -1, dtype=np.int64)
        if texts["type"] and self.kinds:
            kind = values.match_kinds(self.kinds, points.columns[texts["type"]])
        led = values.is_yes(points.columns[texts["led"]]) if texts["led"] else np.zeros(n, dtype=bool)
        lumens = np.full(n, run.number(tool.PARK_LUMENS if park else tool.LUMENS))
        if run.has(tool.LED_LUMENS) and not park:
            lumens[led] = run.number(tool.LED_LUMENS)
        candela = run.number(tool.INTENSITY) if run.has(tool.INTENSITY) and not park else None
        found = values.resolve(n, run.number(tool.PARK_HEIGHT if park else tool.HEIGHT), lumens, candela, columns,
                               self.kinds, kind, run.number(tool.MAINTENANCE), run.number(tool.LUMENS_PER_WATT),
                               self.spread)
        self._doubt(points.name, found, texts["type"], kind)
        nothing = np.full(n, np.datetime64("NaT"), "M8[ms]")
        ids = points.columns[texts["id"]] if texts["id"] else np.full(n, None, object)
        self.layers.append(Layer(
            name, points.name, n, int(twice.sum()), int(none.sum()), float(np.median(found.height)) if n else np.nan,
            np.bincount(found.source[~found.off], minlength=values.BY_DEFAULT + 1), int(led.sum()),
            sum(layer.count for layer in self.layers)))
        self.parts.append((points.x, points.y, found.height, found.candela, np.zeros(n, dtype=bool), found.off,
                           found.source, ids, points.columns[since] if since else nothing,
                           points.columns[until] if until else nothing))

    def _twice(self, points: Any) -> np.ndarray:
        """Whether a light of a layer read before stands at the same place."""
        from scipy.spatial import cKDTree

        if not self.parts:
            return np.zeros(len(points), dtype=bool)
        known = np.concatenate([np.column_stack(part[:2]) for part in self.parts])
        away, _ = cKDTree(known).query(np.column_stack([points.x, points.y]), distance_upper_bound=_SAME)
        return np.isfinite(away)

    def _doubt(self, name: str, found: Any, type_field: str, kind: np.ndarray) -> None:
        if found.bad:
            self.doubts.append(tr("{layer}: {count} values of height, candela, lumens or watts are not above 0 and"
                                  " were passed over.").format(layer=name, count=found.bad))
        tall = found.height_given & (found.height > _TALL)
        if tall.any():
            self.doubts.append(tr("{layer}: {count} heights are above {limit:g} m, the highest {highest:g} m. Are they"
                                  " feet, or metres above the sea?").format(
                layer=name, count=int(tall.sum()), limit=_TALL, highest=float(found.height.max())))
        if type_field and len(kind) and (kind < 0).any():
            self.run.info(tr("{layer}: the type of {count} of {total} lights fits no rule in TYPES; they have the"
                             " default.").format(layer=name, count=int((kind < 0).sum()), total=len(kind)))

    # --- outages ---------------------------------------------------------------------------
    def _outages(self, data: Data, ids: np.ndarray, begin: np.ndarray, end: np.ndarray) -> None:
        run, tool = self.run, self.tool
        rows = self._read_outages() if run.has(tool.OUTAGES) else None
        own = bool(run.field(tool.DATE_FIELD))
        if run.field(tool.END_DATE_FIELD) and not own:
            raise InputError(tool.DATE_FIELD, "The field with the end of an outage needs the one with its begin.")
        given = run.date(tool.AS_OF)
        if rows is None and not own:
            if given is not None:
                raise InputError(tool.AS_OF, "A day says nothing without outages. Give OUTAGES with their fields, or"
                                             " the field of the lights that says since when they are out.")
            return
        starts = np.concatenate([begin, rows.columns[self.since] if rows is not None else begin[:0]])
        starts = starts[~np.isnat(starts)].astype("M8[D]")
        if not len(starts):
            raise InputError(tool.OUTAGE_FROM if rows is not None else tool.DATE_FIELD,
                             "No outage has a begin that can be read as a date. Choose the field with the date.")
        data.as_of = given if given is not None else starts[~stray_days(starts)].max()
        if given is None:
            run.info(tr("The state is that of the night after {day}, the last day on which an outage begins.").format(
                day=data.as_of))
        elif given < starts.min() or given > starts.max():
            self.doubts.append(tr("The outages on record begin from {first} to {last}; what was out on {day} is not"
                                  " fully in them.").format(first=starts.min(), last=starts.max(), day=given))
        if own:
            data.out |= values.out_on(begin, end, data.as_of)
            data.unmatched = 0
            self._doubt_spans(begin, end, data.as_of, bool(run.field(tool.END_DATE_FIELD)))
        if rows is not None:
            self._match(data, rows, ids)

    def _read_outages(self) -> Any:
        run, tool = self.run, self.tool
        self.since, self.until = run.field(tool.OUTAGE_FROM, tool.OUTAGES), run.field(tool.OUTAGE_TO, tool.OUTAGES)
        self.light = run.field(tool.OUTAGE_ID, tool.OUTAGES)
        if not self.since:
            raise InputError(tool.OUTAGE_FROM, "Outages need a begin. Choose the field with the date on which they"
                                               " were reported.")
        if not self.until:
            self.doubts.append(tr("No field says when an outage ended: every light that ever went out counts as out."))
        if self.light and not run.field(tool.ID_FIELD):
            raise InputError(tool.ID_FIELD, "To find lights by their id, choose the field of the lights that holds"
                                            " it, or leave OUTAGE_ID empty.")
        if self.light:
            return run.table(tool.OUTAGES, texts=[self.light], times=[self.since, self.until])
        return run.points(tool.OUTAGES, times=[self.since, self.until], progress=run.stage(0.2, 0.25))

    def _match(self, data: Data, rows: Any, ids: np.ndarray) -> None:
        run, tool = self.run, self.tool
        begin = rows.columns[self.since]
        end = rows.columns[self.until] if self.until else np.full(len(begin), np.datetime64("NaT"), "M8[ms]")
        unknown = int(np.isnat(begin).sum())
        if unknown:
            self.doubts.append(tr("{count} of {total} outages have no begin that can be read and count nowhere."
                                  ).format(count=unknown, total=len(begin)))
        self._doubt_spans(begin, end, data.as_of, bool(self.until))
        holds = np.flatnonzero(values.out_on(begin, end, data.as_of))
        if self.light:
            outage, light = values.same_id(rows.columns[self.light][holds], ids)
        else:
            outage, light = values.lights_of(rows.x[holds], rows.y[holds], data.lights.x, data.lights.y,
                                             run.number(tool.OUTAGE_DISTANCE), run.choice(tool.OUTAGE_TAKES) == 1)
        data.out[light] = True
        data.outages, data.matched = len(begin), len(np.unique(outage))
        data.unmatched = len(holds) - data.matched
        run.info(tr("{count} of {total} outages hold in the night after {day}; {matched} of them were found to a"
                    " light.").format(count=len(holds), total=len(begin), day=data.as_of, matched=data.matched))
        if data.unmatched:
            self.doubts.append(tr("{count} outages of the day were found to no light: they may be lights of other"
                                  " owners, or lie farther than {limit} from one.").format(
                count=data.unmatched, limit=run.units.distance(run.number(tool.OUTAGE_DISTANCE))))

    def _doubt_spans(self, begin: np.ndarray, end: np.ndarray, day: np.datetime64, ends: bool) -> None:
        wrong = end < begin
        if wrong.any():
            self.doubts.append(tr("{count} outages end before they begin and count nowhere.").format(
                count=int(wrong.sum())))
        long = values.out_on(begin, end, day) & np.isnat(end) & (begin.astype("M8[D]") < day - _OLD)
        if ends and long.any():
            self.doubts.append(tr("{count} outages began more than a year before and have no end: out all the time,"
                                  " or never closed in the books?").format(count=int(long.sum())))

    # --- streets and obstacles -------------------------------------------------------------
    def _streets(self, data: Data) -> None:
        run, tool = self.run, self.tool
        if not run.has(tool.STREETS):
            for name in (tool.SEGMENTS, tool.GAPS):
                if run.wants(name):
                    raise InputError(tool.STREETS, "{name} needs streets. Choose the layer of street lines, or leave"
                                                   " that result out.", name=name)
            return
        name = run.field(tool.NAME_FIELD, tool.STREETS)
        data.streets = run.areas(tool.STREETS, texts=[name])
        data.street_names = data.streets.columns[name] if name else None

    def _obstacles(self, data: Data) -> None:
        run, tool = self.run, self.tool
        if not run.has(tool.OBSTACLES):
            return
        height = run.field(tool.OBSTACLE_FIELD, tool.OBSTACLES)
        layer = run.areas(tool.OBSTACLES, numbers=[height])
        vertices, owner, starts = layer.rings() if layer.kind == POLYGON else line_parts(layer)
        tall = np.full(len(layer), run.number(tool.OBSTACLE_HEIGHT) or np.inf)
        if height:
            known = layer.columns[height]
            tall = np.where(np.isfinite(known), known, tall)
            if not np.isfinite(known).all():
                self.doubts.append(tr("{count} of {total} obstacles have no height: {what}.").format(
                    count=int((~np.isfinite(known)).sum()), total=len(layer),
                    what=tr("they cut all light") if not run.number(tool.OBSTACLE_HEIGHT) else tr(
                        "they are taken to be OBSTACLE_HEIGHT high")))
        ends = np.zeros(len(vertices), dtype=bool)
        ends[np.append(starts[1:], len(vertices)) - 1] = True
        here = np.flatnonzero(~ends)
        a, b = vertices[here], vertices[here + 1]
        data.obstacles = Shadows(a[:, 0], a[:, 1], b[:, 0], b[:, 1], tall[owner[here]])
        data.obstacle_name = layer.name
        if layer.kind == POLYGON:
            inside = PolygonIndex(vertices, owner, starts, len(layer)).first(data.lights.x, data.lights.y) >= 0
            if inside.any():
                self.doubts.append(tr("{count} lights lie inside polygons of '{layer}', whose walls keep their light"
                                      " in. Lights on walls should lie on or before the wall.").format(
                    count=int(inside.sum()), layer=layer.name))
