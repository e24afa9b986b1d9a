"""A made-up register, made-up reports of residents and areas, for the tests of handouts."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr, osr
from qgis.core import QgsGeometry, QgsVectorLayer, QgsWkbTypes

from hotspot_plugin.analysis.problems import register as r
from hotspot_plugin.layers import writing
from tests.algorithms.samples import save

EAST, NORTH, SIDE = 430_000.0, 5_960_000.0, 1000.0
KINDS = {"text": ogr.OFTString, "date": ogr.OFTDate, "number": ogr.OFTReal, "integer": ogr.OFTInteger,
         "boolean": ogr.OFTInteger}
GEOMETRIES = {"polygon": ogr.wkbPolygon, "point": ogr.wkbPoint}


def square(column: float, row: float = 0.0, side: float = SIDE) -> str:
    """Return a square of the row of areas as WKT."""
    a, b, c, d = EAST + column * SIDE, NORTH + row * SIDE, EAST + column * SIDE + side, NORTH + row * SIDE + side
    return f"POLYGON(({a} {b},{c} {b},{c} {d},{a} {d},{a} {b}))"


def point(column: float, row: float = 0.5) -> str:
    return f"POINT({EAST + column * SIDE} {NORTH + row * SIDE})"


def wards(folder, names=("Elm Park", "Mill End", "Old Town"), **more) -> str:
    """A row of areas a kilometre wide."""
    shapes = [QgsGeometry.fromWkt(square(i)) for i in range(len(names))]
    columns = {"name": np.array(names, object), **{k: np.array(v, object) for k, v in more.items()}}
    return save(folder / "wards.gpkg", shapes, columns, QgsWkbTypes.Type.Polygon)


def register(path, rows: dict, epsg: int = 32630, extra: dict | None = None) -> str:
    """Write a register of rows by table; a row's shape is WKT under ``"shape"``; ``extra`` are more text fields."""
    system = osr.SpatialReference()
    system.ImportFromEPSG(epsg)
    file = gdal.GetDriverByName("GPKG").Create(str(path), 0, 0, 0, gdal.GDT_Unknown)
    for table, columns in r.TABLES.items():
        shape = GEOMETRIES.get(r.SHAPES.get(table, ""), ogr.wkbNone)
        layer = file.CreateLayer(table, system if table in r.SHAPES else None, shape)
        for name, kind in {**columns, **dict.fromkeys((extra or {}).get(table, ()), "text")}.items():
            layer.CreateField(ogr.FieldDefn(name, KINDS[kind]))
        for row in rows.get(table, ()):
            feature = ogr.Feature(layer.GetLayerDefn())
            for name, value in row.items():
                if name == "shape":
                    feature.SetGeometry(ogr.CreateGeometryFromWkt(value))
                else:
                    feature.SetField(name, value)
            assert layer.CreateFeature(feature) == 0
        layer = None
    file = None
    return str(path)


def story() -> dict:
    """Return rows of a register: in the first area much is public, in the second little, in the third nothing."""
    return {
        r.PROBLEMS: [
            {"prob_id": "p1", "title": "Thefts from cars by the station", "visible": "public", "stage": "respond",
             "owner": "beat inspector", "due_on": "2024-12-31"},
            {"prob_id": "p2", "title": "Drug dealing at the arcade", "visible": "internal", "stage": "respond",
             "due_on": "2025-01-31"},
            {"prob_id": "p3", "title": "Noise at the skate park", "visible": "public", "stage": "assess",
             "decision": "stop", "decided_on": "2024-10-20",
             "reason": "The park is quiet since the benches were moved."},
        ],
        r.PLACES: [
            {"place_id": "l1", "prob_id": "p1", "shape": square(0.2, 0.2, 100)},
            {"place_id": "l2", "prob_id": "p2", "shape": square(0.6, 0.6, 100)},
            {"place_id": "l3", "prob_id": "p3", "shape": square(1.3, 0.3, 100)},
        ],
        r.ACTIONS: [
            {"action_id": "a1", "prob_id": "p1", "action": "Six lamps repaired on Station Road", "state": "done",
             "done_on": "2024-10-14", "visible": "public", "owner": "city lighting office"},
            {"action_id": "a2", "prob_id": "p1", "action": "Foot patrol in the evening", "state": "under way",
             "due_on": "2025-03-31", "visible": "public", "owner": "beat officers"},
            {"action_id": "a3", "prob_id": "p1", "action": "Signs that warn drivers", "state": "planned",
             "due_on": "2024-11-15", "visible": "public", "owner": "crime prevention office"},
            {"action_id": "a4", "prob_id": "p1", "action": "Covert watch of the car park", "state": "done",
             "done_on": "2024-10-15", "visible": "internal", "owner": "detectives"},
            {"action_id": "a5", "prob_id": "p2", "action": "Arcade closed at night", "state": "done",
             "done_on": "2024-10-15", "visible": "public", "owner": "beat inspector"},
            {"action_id": "a6", "prob_id": "p1", "action": "Gate at the underpass", "state": "dropped",
             "done_on": "2024-11-02", "visible": "public", "result": "The path is a way to school."},
            {"action_id": "a7", "prob_id": "p1", "action": "Letter to Mrs Jones", "state": "done",
             "done_on": "2024-10-16", "visible": "public", "owner": "beat officers"},
            {"action_id": "a8", "prob_id": "p1", "action": "Older work", "state": "done",
             "done_on": "2024-05-01", "visible": "public"},
        ],
        r.DELIVERIES: [
            *({"deliv_id": f"d{i}", "prob_id": "p1", "action_id": "a2", "deliv_on": f"2024-10-{i + 1:02d}",
               "kind": "patrol", "minutes": 30.0} for i in range(12)),
            {"deliv_id": "d20", "prob_id": "p3", "deliv_on": "2024-10-05", "kind": "talk", "minutes": 20.0},
            {"deliv_id": "d21", "prob_id": "p3", "deliv_on": "2024-10-06", "kind": "talk", "minutes": 20.0},
        ],
        r.MEETINGS: [
            {"meet_id": "m0", "kind": "meeting", "held_on": "2024-06-10", "visible": "public", "shape": point(0.5)},
            {"meet_id": "m1", "kind": "meeting", "held_on": "2024-09-16", "next_on": "2025-01-13", "visible": "public",
             "shape": point(0.5)},
            {"meet_id": "m2", "kind": "interview", "held_on": "2024-10-30", "visible": "internal", "shape": point(0.5)},
            {"meet_id": "m3", "kind": "meeting", "held_on": "2024-10-01", "visible": "internal", "shape": point(1.5)},
        ],
        r.ANSWERS: [
            {"answer_id": "n1", "meet_id": "m1", "theme": "rubbish", "asked": "clear it", "outcome": "done",
             "answered": "The yard behind the shops was cleared.", "answ_on": "2024-10-20", "visible": "public"},
            {"answer_id": "n2", "meet_id": "m1", "theme": "traffic", "asked": "a speed camera", "outcome": "declined",
             "reason": "The road has too few crashes for the rules of the county.", "answ_on": "2024-10-22",
             "visible": "public"},
            {"answer_id": "n3", "meet_id": "m1", "theme": "light", "asked": "light in the lane", "outcome": "declined",
             "answ_on": "2024-10-23", "visible": "public"},
            {"answer_id": "n4", "meet_id": "m1", "theme": "drugs", "asked": "secret", "outcome": "declined",
             "reason": "Secret reason.", "answ_on": "2024-10-24", "visible": "internal"},
        ],
    }


def reports(folder, **more) -> str:
    """Reports of residents: in the first area 24 voices on light and 12 on rubbish, in the second 9 voices."""
    rows = []
    for i in range(24):
        rows += [(0.3, "light", "light", f"v{i}", "2024-10-05")] * (3 if i == 0 else 1)
    rows += [(0.4, "rubbish", "repair", f"v{i}", "2024-10-06") for i in range(12)]
    rows += [(0.4, "drugs", "patrol", f"v{i}", "2024-10-06") for i in range(9)]
    rows += [(1.4, "traffic", "talk", f"w{i}", "2024-10-07") for i in range(9)]
    rows += [(0.4, "traffic", "talk", f"x{i}", "2024-03-07") for i in range(30)]
    n = len(rows)
    columns = {
        "input_id": np.array([f"i{i}" for i in range(n)], object), "category": np.array([x[1] for x in rows], object),
        "wish": np.array([x[2] for x in rows], object), "voice_id": np.array([x[3] for x in rows], object),
        "said_on": np.array([x[4] for x in rows], object), "said": np.array(["Private words"] * n, object),
        "status": np.array(["new"] * n, object), "response": np.array([""] * n, object),
        "done_on": np.array([""] * n, object), "declin_on": np.array([""] * n, object),
        "consent": np.array(["count"] * n, object)}
    for name, values in more.items():
        for row, value in values.items():
            columns.setdefault(name, np.array([""] * n, object))[row] = value
    x = np.array([EAST + row[0] * SIDE for row in rows])
    path = folder / ("said.gpkg" if not more else "said_more.gpkg")
    return save(path, writing.points_from_arrays(x, np.full(n, NORTH + 500.0)), columns)


def crimes(n=(160, 40, 4), year=(150, 90, 4), seed=3) -> QgsVectorLayer:
    """Thefts and damage in each area in the third quarters of 2024 and 2023 and to 2024-12-31, and sensitive ones."""
    rng = np.random.default_rng(seed)
    rows = []
    for start, counts in (("2024-07-01", n), ("2023-07-01", year), ("2024-10-01", (60, 60, 60))):
        for area, count in enumerate(counts):
            for k in range(count):
                day = np.datetime64(start) + int(rng.integers(0, 92))
                rows.append((area + rng.uniform(0.01, 0.99), rng.uniform(0.01, 0.99), str(day),
                             ("Theft", "Theft", "Damage")[k % 3], "no"))
            rows += [(area + 0.5, 0.5, str(np.datetime64(start) + k), "Assault at home", "yes") for k in range(20)]
    layer = QgsVectorLayer("Point?crs=EPSG:32630&field=when:string&field=kind:string&field=secret:string", "crimes",
                           "memory")
    fields = layer.fields()
    points = writing.points_from_arrays(np.array([EAST + row[0] * SIDE for row in rows]),
                                        np.array([NORTH + row[1] * SIDE for row in rows]))
    writing.write_features(layer.dataProvider(), fields, points, ((*row[2:],) for row in rows), len(rows), "crimes")
    layer.updateExtents()
    return layer


# --- what comes out --------------------------------------------------------------------------------
class Reader(HTMLParser):
    """Reads a handout: for each page its language, direction and lines."""

    def __init__(self, text: str):
        super().__init__()
        self.pages: list = []
        self._line: list | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "article":
            given = dict(attrs)
            self.pages.append((given["lang"], given["dir"], []))
        if tag in ("p", "li", "h1", "h2", "h3", "tr", "caption", "figcaption"):
            self._line = []

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._line is not None:
            self._line.append("|")
        if tag in ("p", "li", "h1", "h2", "h3", "tr", "caption", "figcaption") and self._line is not None:
            text = " ".join("".join(self._line).split()).strip("|")
            if self.pages and text:
                self.pages[-1][2].append(text)
            self._line = None

    def handle_data(self, data):
        if self._line is not None:
            self._line.append(data)


def read(path) -> list:
    return Reader(Path(path).read_text(encoding="utf-8")).pages


def lines_between(lines, start, end=""):
    after = lines[lines.index(start) + 1:]
    return after[:after.index(end)] if end else after


def holds(lines, entries) -> bool:
    """Whether lines are the first of these entries, and count the others; how many fit depends on the fonts."""
    *first, last = lines
    text, left = re.fullmatch(r"(.*?)(?: \(and (\d+) more\))?", last).groups()
    return [*first, text] == entries[:len(lines)] and len(lines) + int(left or 0) == len(entries)


def given(folder, **more) -> dict:
    out = {"AREAS": wards(folder), "REGISTER": register(folder / "register.gpkg", story()),
           "COMMUNITY": reports(folder), "INCIDENTS": crimes(), "DATE_FIELD": "when",
           "GROUP_FIELD": "kind", "SENSITIVE_FIELD": "secret", "UNTIL": "2024-11-30",
           "CONTACT": "Neighbourhood office, 555 0100", "OUTPUT": str(folder / "sheet.html")}
    return {name: value for name, value in {**out, **more}.items() if value is not None}


def pdf_text(path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not on this machine")
    return subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True,
                          encoding="utf-8").stdout
