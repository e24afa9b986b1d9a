"""The layers of a practice town: what stands in which column."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.community import inputs
from ...analysis.training import crimetypes as ct
from ...analysis.training import mesh, towntruth
from ...analysis.training import townfabric as tf
from ...analysis.training import townincidents as ti
from ...analysis.training import townplan as tp
from ...layers import fields as f
from ...layers import geopackage as gp
from ...translation import tr

#: name of a layer to what it holds, in the order in which they are drawn, the first on top
ABOUT = {
    "incidents": "incidents with type and times, as 'Prepare incident data' would leave them",
    "reports": "what residents reported, as community input",
    "premises": "licensed premises with their hours",
    "facilities": "station, hospital, police, schools, stops, car parks",
    "lights": "street lights with height and lumens",
    "addresses": "addresses with their homes",
    "truth_places": "ANSWERS: what was planted, on the map; details in the table truth",
    "streets": "street segments from junction to junction",
    "railway": "railway", "buildings": "buildings", "water": "river", "parks": "parks",
    "beats": "patrol beats", "population": "residents by block", "ground": "use of the ground",
    "boundary": "edge of the town", "survey": "survey of residents, two waves, one row a respondent",
    "truth": "ANSWERS: everything that was planted, one value a row",
    "truth_incidents": "ANSWERS: where each incident came from and when it really happened",
    "export": "the incidents as a records system would give them away, with faults",
    "export_truth": "ANSWERS: the faults of each row of the export",
}


class Maker:
    """Makes the layers of a town around a point of a coordinate system."""

    def __init__(self, town: Any, srs: int, centre: tuple, table: Any) -> None:
        self.town, self.srs = town, srs
        self.cx, self.cy = centre
        self.table = table
        self.names = town.labels()
        # where streets meet at a sharp angle, a sliver of a few square metres can fold over when the plan is bent
        self.proper = mesh.proper(town.plan.xy, town.plan.faces)

    def layer(self, name: str, kind: str, columns: dict, count: int, shapes: Any = None, boxes: Any = None) -> gp.Layer:
        """Return a layer whose every row says that it is for practice."""
        columns = {**columns, inputs.PRACTICE: gp.constant(1, "boolean")}
        title = tr("Practice data: {layer}").format(layer=name)
        return gp.Layer(name, title, f"{tr('Practice data, not a real place:')} {ABOUT[name]}", kind, columns, count,
                        shapes, boxes)

    def points(self, name: str, x: np.ndarray, y: np.ndarray, columns: dict) -> gp.Layer:
        """Return a layer of points; ``columns`` holds arrays or Columns."""
        x, y = np.asarray(x, float) + self.cx, np.asarray(y, float) + self.cy
        return self.layer(name, gp.POINT, _columns(columns), len(x), gp.points(x, y, self.srs),
                          np.column_stack([x, x, y, y]))

    def shapes(self, name: str, parts: list, columns: dict, polygon: bool = True) -> gp.Layer:
        """Return a layer of lines (arrays) or polygons (lists of rings)."""
        centre = np.array([self.cx, self.cy])
        moved = ([[_closed(ring) + centre for ring in part] for part in parts] if polygon
                 else [part + centre for part in parts])
        return self.layer(name, gp.POLYGON if polygon else gp.LINE, _columns(columns), len(parts),
                          gp.shapes(moved, self.srs, polygon), gp.boxes(moved, polygon))

    def same_rings(self, name: str, rings: np.ndarray, columns: dict) -> gp.Layer:
        """Return a layer of polygons with as many corners each."""
        rings = rings + np.array([self.cx, self.cy])
        x, y = rings[:, :, 0], rings[:, :, 1]
        boxes = np.column_stack([x.min(axis=1), x.max(axis=1), y.min(axis=1), y.max(axis=1)])
        return self.layer(name, gp.POLYGON, _columns(columns), len(rings), gp.rings(rings, self.srs), boxes)

    # --- all of them -------------------------------------------------------------------------
    def all(self, export: Any) -> list:
        """Return all layers."""
        out = [self.incidents(), self.reports(), *self.venues(), *self.homes(), self.streets(), *self.nature(),
               *self.ground(), self.survey(), *self.truth()]
        if export is not None:
            out += self.export(export)
        order = list(ABOUT)
        return sorted((layer for layer in out if layer is not None), key=lambda layer: order.index(layer.name))

    def incidents(self) -> gp.Layer:
        """The incidents, in the fields of prepared ones."""
        town, inc = self.town, self.town.incidents
        groups, sensitive, public = _type_table()
        first = town.settings.first_day
        n = len(inc)
        return self.points("incidents", town.places.x[inc.place], town.places.y[inc.place], {
            f.INC_ID: gp.Column("text", lambda a, b: [f"P{k:07d}" for k in range(a + 1, b + 1)]),
            f.DT_FROM: gp.moments(first, inc.begin), f.DT_TO: gp.moments(first, inc.end),
            f.DT_REP: gp.moments(first, inc.report), f.DT_PREC: gp.constant("minute", "text"),
            f.TIME_OK: gp.constant(1, "boolean"), f.CTYPE: gp.of_codes(ct.NAMES, inc.type),
            f.CGROUP: gp.of_codes(groups, inc.type), f.SENSITIVE: gp.of_codes(sensitive, inc.type, "boolean"),
            f.PROACTIVE: gp.of_array(inc.source == 3), f.PUBLIC_PL: gp.of_codes(public, inc.type, "boolean"),
            f.PLACE_KEY: gp.Column("text", lambda a, b: [f"L{k + 1}" for k in inc.place[a:b].tolist()]),
            f.ADDRESS: gp.of_codes(self.names, inc.place), f.SOURCE: gp.of_codes(ti.SOURCES, inc.source),
            "beat": gp.of_codes(town.plan.beat_names, town.places.beat[inc.place]),
        }) if n else None

    def reports(self) -> gp.Layer:
        """Community input."""
        people = self.town.people
        columns = {name: gp.of_array(people.reports[name], kind) for name, kind in inputs.COLUMNS.items()}
        return self.points("reports", people.x, people.y, columns)

    def survey(self) -> gp.Layer:
        """One row a respondent."""
        columns = self.town.people.survey
        return self.layer("survey", gp.TABLE, _columns(columns), len(columns["wave"]))

    def venues(self) -> list:
        """Premises and facilities."""
        fabric = self.town.fabric
        at, kinds = fabric.premises, np.array(list(tf.PREMISES))[fabric.premises_kind]
        opens, closes = (np.array([tf.PREMISES[k][i] for k in kinds.tolist()]) for i in (1, 2))
        premises = self.points("premises", fabric.x[at], fabric.y[at], {
            "name": gp.of_list([f"{self.names[k]} ({kind})" for k, kind in zip(at.tolist(), kinds.tolist())]),
            "kind": kinds, "address": gp.of_codes(self.names, at), "opens": opens, "closes": closes})
        kind, name, x, y = (np.array(c) for c in zip(*fabric.facilities))
        return [premises, self.points("facilities", x, y, {"name": name, "kind": kind})]

    def homes(self) -> list:
        """Buildings, addresses and lights."""
        fabric, plan = self.town.fabric, self.town.plan
        address = gp.of_codes(self.names, np.arange(len(fabric.x)))
        kind = gp.of_codes(tf.BUILDING_KINDS, fabric.kind)
        lights = fabric.lights
        return [
            self.same_rings("buildings", fabric.rings, {"address": address, "kind": kind, "homes": fabric.homes}),
            self.points("addresses", fabric.x, fabric.y, {
                f.PLACE_KEY: gp.Column("text", lambda a, b: [f"L{k + 1}" for k in range(a, b)]), "address": address,
                "street": gp.of_codes(plan.names, fabric.street), "number": fabric.number, "kind": kind,
                "homes": fabric.homes, "residents": fabric.residents}),
            self.points("lights", lights["x"], lights["y"], {
                "height": lights["height"], "lumens": lights["lumens"], "lamps": lights["works"].astype(int),
                "led": lights["led"], "works": lights["works"],
                "street": gp.of_codes(plan.names, plan.street_line[lights["segment"]])}),
        ]

    def streets(self) -> gp.Layer:
        """Street segments."""
        plan = self.town.plan
        ends = np.stack([plan.xy[plan.street_u], plan.xy[plan.street_v]], axis=1)
        length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        return self.shapes("streets", list(ends), {
            "seg_id": np.arange(1, len(ends) + 1), "name": gp.of_codes(plan.names, plan.street_line),
            "class": gp.of_codes(tp.STREET_KINDS, plan.street_kind), "length_m": np.round(length, 1),
            "node_from": plan.street_u, "node_to": plan.street_v}, polygon=False)

    def nature(self) -> list:
        """Railway, river and parks."""
        plan, out = self.town.plan, []
        if plan.rail:
            out.append(self.shapes("railway", [_smooth(plan.xy[plan.rail])], {"name": np.array(["Railway"])}, False))
        if plan.river:
            out.append(self.shapes("water", [[band(_smooth(plan.xy[plan.river]), plan.river_width)]],
                                   {"name": np.array(["River"])}))
        parks = np.flatnonzero((plan.use == tp.PARK) & self.proper)
        if len(parks):
            names = [f"{plan.quarter_names[plan.quarter[k]]} Park" for k in parks.tolist()]
            out.append(self.shapes("parks", [[plan.xy[plan.faces[k]]] for k in parks.tolist()],
                                   {"name": gp.of_list(names), "area_m2": np.round(plan.area[parks], 1)}))
        return out

    def ground(self) -> list:
        """Beats, population, use of the ground, and the edge of the town."""
        plan, fabric = self.town.plan, self.town.fabric
        beats = len(plan.beat_names)
        residents = np.bincount(plan.beat, fabric.block_residents, beats).astype(int)
        lived_in = np.flatnonzero(fabric.block_residents > 0)
        polygons = [[plan.xy[face]] for face in plan.faces]
        whole = np.flatnonzero(self.proper)
        return [
            self.shapes("beats", [[plan.xy[ring] for ring in rings] for rings in plan.beat_rings], {
                "name": gp.of_list(plan.beat_names), "beat_no": np.arange(1, beats + 1), "residents": residents,
                "homes": np.bincount(plan.beat, fabric.block_homes, beats).astype(int)}),
            self.shapes("population", [polygons[k] for k in lived_in.tolist()], {
                "block_no": lived_in + 1, "quarter": gp.of_codes(plan.quarter_names, plan.quarter[lived_in]),
                "residents": fabric.block_residents[lived_in], "homes": fabric.block_homes[lived_in],
                "age_0_17": fabric.block_young[lived_in], "age_65": fabric.block_old[lived_in],
                "lang_other": fabric.block_other[lived_in],
                "beat": gp.of_codes(plan.beat_names, plan.beat[lived_in])}),
            self.shapes("ground", [polygons[k] for k in whole.tolist()], {
                "block_no": whole + 1, "use": gp.of_codes(tp.USES, plan.use[whole]),
                "quarter": gp.of_codes(plan.quarter_names, plan.quarter[whole])}),
            self.shapes("boundary", [[plan.xy[ring] for ring in plan.town_rings]],
                        {"name": gp.of_list([tr("Practice town")]), "residents": np.array([self.town.residents])}),
        ]

    # --- answers -----------------------------------------------------------------------------
    def truth(self) -> list:
        """What was planted."""
        inc, first = self.town.incidents, self.town.settings.first_day
        shapes, columns = towntruth.areas(self.town)
        follows = inc.origin == ti.NEAR_REPEAT
        spot = (inc.origin == ti.HOT_SPOT) | (inc.origin == ti.BUSY_PLACE) | (inc.origin == ti.DISPLACED)
        return [
            self.shapes("truth_places", shapes, columns),
            self.layer("truth", gp.TABLE, _columns(self.table.columns()), len(self.table.rows)),
            self.layer("truth_incidents", gp.TABLE, {
                f.INC_ID: gp.Column("text", lambda a, b: [f"P{k:07d}" for k in range(a + 1, b + 1)]),
                "moment": gp.moments(first, inc.moment), "origin": gp.of_codes(ti.ORIGINS, inc.origin),
                "number": gp.Column("integer", lambda a, b: [
                    n if s else None for n, s in zip(inc.planted[a:b].tolist(), spot[a:b].tolist())]),
                "follows": gp.Column("text", lambda a, b: [
                    f"P{n + 1:07d}" if s else None for n, s in zip(inc.planted[a:b].tolist(), follows[a:b].tolist())]),
            }, len(inc)),
        ]

    def export(self, export: Any) -> list:
        """The dirty export and its faults."""
        from . import practicecity_export as dirty

        columns = {name: gp.Column("text", part) for name, part in dirty.columns(self, export).items()}
        names = dirty.faults(export)
        return [
            self.layer("export", gp.TABLE, columns, len(export)),
            self.layer("export_truth", gp.TABLE, {
                "row": gp.Column("integer", lambda a, b: list(range(a + 1, b + 1))),
                f.INC_ID: gp.Column("text", lambda a, b: [f"P{k + 1:07d}" for k in export.of[a:b].tolist()]),
                "faults": gp.of_list(names)}, len(export)),
        ]


def _columns(columns: dict) -> dict:
    return {name: column if isinstance(column, gp.Column) else gp.of_array(column) for name, column in columns.items()}


def _closed(ring: np.ndarray) -> np.ndarray:
    return ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]])


def _smooth(line: np.ndarray) -> np.ndarray:
    """Cut the corners of a line (Chaikin), its ends staying where they are."""
    for _ in range(2):
        a, b = line[:-1], line[1:]
        cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
        line = np.vstack([line[:1], cut[1:-1], line[-1:]])
    return np.round(line, 2)


def band(line: np.ndarray, width: float) -> np.ndarray:
    """Return the ring of corners around a line, so wide."""
    step = np.gradient(line, axis=0)
    step = step / np.maximum(np.hypot(*step.T), 1e-9)[:, None]
    side = np.column_stack([-step[:, 1], step[:, 0]]) * width / 2
    return np.round(np.vstack([line + side, (line - side)[::-1]]), 2)


def _type_table() -> tuple:
    """Return group, whether sensitive and whether public, of every type, from the plugin's table of types."""
    import csv
    from pathlib import Path

    with open(Path(__file__).parents[2] / "typetables" / "police_uk.csv", encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    truth = {"yes": 1, "no": 0, "": None}
    return ([rows[n]["group"] for n in ct.NAMES], [truth[rows[n]["sensitive"]] for n in ct.NAMES],
            [truth[rows[n]["public_place"]] for n in ct.NAMES])
