"""A small made-up town, and settings with which each tool runs on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from hotspot_plugin.layers import writing

#: Tools for which a row without a place is a result and no reason to stop.
KEEPS_ROWS = {"prepareincidents", "checkincidents", "importcommunityinput"}
#: Tools that take no layer.
FROM_NOTHING = {"practicecity"}
CRS = "EPSG:32630"
#: The layer that a tool is about, where it is not INPUT or INCIDENTS.
MAIN = {"agencysettings": "BEATS", "meetingsheet": "AREAS", "datedevents": "EVENTS"}

#: What a tool of the evaluation says of its run.
RECORD = ('{"tool": "hotspot:diffindiff", "parameters": {"START": "2023-01-01"}, "results": {"EFFECT": -12.0,'
          ' "LOW": -30.0, "HIGH": 8.0, "P_VALUE": 0.2, "SUMMARY": "No change is shown."}}')


class Listener(QgsProcessingFeedback):
    """Keeps what the user is told."""

    def __init__(self):
        super().__init__()
        self.infos: list = []
        self.warnings: list = []

    def pushInfo(self, text):  # noqa: N802
        self.infos.append(text)

    def pushWarning(self, text):  # noqa: N802
        self.warnings.append(text)


def save(path: Path, geometries, columns: dict, kind=QgsWkbTypes.Type.Point) -> str:
    """Write a GeoPackage and return its path."""
    fields = writing.new_fields(columns)
    settings = QgsVectorFileWriter.SaveVectorOptions()
    settings.driverName = "GPKG"
    sink = QgsVectorFileWriter.create(
        str(path), fields, kind, QgsCoordinateReferenceSystem(CRS), QgsProject.instance().transformContext(), settings)
    rows = list(zip(*(writing.to_values(c) for c in columns.values())))
    writing.write_features(sink, fields, geometries, rows, len(rows), path.name)
    del sink
    assert QgsVectorLayer(str(path), "x", "ogr").featureCount() == len(rows)
    return str(path)


def incidents(n=900, seed=5):
    """Return x, y and columns of a town of 4 x 4 km with three busy places, two years long."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(500_000, 504_000, n), rng.uniform(5_900_000, 5_904_000, n)
    for k, (px, py, m) in enumerate(((501_000, 5_901_000, 120), (503_000, 5_902_500, 90), (502_000, 5_903_200, 60))):
        rows = slice(k * 130, k * 130 + m)
        x[rows], y[rows] = px + rng.normal(0, 60, m), py + rng.normal(0, 60, m)
    start = np.datetime64("2022-01-01T00:00", "ms")
    when = start + (rng.uniform(0, 730, n) * 86_400_000).astype("m8[ms]")
    columns = {
        "inc_id": np.array([f"A{i:05d}" for i in range(n)], object),
        "dt_from": when,
        "dt_prec": np.array(["minute"] * n, object),
        "time_ok": np.ones(n, bool),
        "ctype": np.array(["Burglary", "Robbery", "Vehicle crime"], object)[rng.integers(0, 3, n)],
        "place_key": np.array([f"{a:.0f}_{b:.0f}" for a, b in zip(x, y)], object),
        "weight": rng.integers(1, 5, n).astype(float),
    }
    return x, y, columns


def town(folder: Path) -> dict:
    """Make the town's layers and return their paths by name."""
    x, y, columns = incidents()
    out = {"incidents": save(folder / "incidents.gpkg", writing.points_from_arrays(x, y), columns)}
    edges = np.arange(0, 4000, 250.0)
    cells, counts = [], []
    for a in edges:
        for b in edges:
            left, low = 500_000 + a, 5_900_000 + b
            cells.append(QgsGeometry.fromWkt(
                f"POLYGON(({left} {low},{left + 250} {low},{left + 250} {low + 250},{left} {low + 250},{left} {low}))"))
            counts.append(int(((x >= left) & (x < left + 250) & (y >= low) & (y < low + 250)).sum()))
    polygon = QgsWkbTypes.Type.Polygon
    out["cells"] = save(folder / "cells.gpkg", cells, {"n": np.array(counts)}, polygon)
    best = np.argsort(counts)[::-1][:12]
    out["areas"] = save(folder / "areas.gpkg", [cells[i] for i in best],
                        {"rank": np.arange(1, 13), "n": np.array(counts)[best]}, polygon)
    # the busiest cells as 'Score CPTED' leaves them, and the same a year later
    for name, gain in (("scored", 0.0), ("rescored", 12.0)):
        points = np.clip(np.arange(60.0).reshape(12, 5) + gain, 0, 100)
        out[name] = save(folder / f"{name}.gpkg", [cells[i] for i in best], {
            "name": np.array([f"Place {i + 1}" for i in range(12)], object), "score": points.mean(axis=1),
            **{field: points[:, i] for i, field in enumerate(("s_surv", "s_acc", "s_terr", "s_main", "s_act"))},
            "meas_sh": np.full(12, 0.9), "need_rank": np.arange(1, 13), "need_low": np.arange(1, 13),
            "need_high": np.arange(1, 13) + 1}, polygon)
    middle = range(8)
    out["roles"] = save(folder / "roles.gpkg", [cells[best[k]] for k in middle], {
        "name": np.array([f"Place {k + 1}" for k in middle], object),
        "role": np.array(["treated", "control", "treated_displacement", "control_displacement"] * 2, object)}, polygon)
    busy = np.argsort(counts)[::-1][:40]
    out["trial"] = save(folder / "trial.gpkg", [cells[i] for i in busy], {
        "role": np.array(["treated"] * 2 + ["control"] * 38, object)}, polygon)
    some = np.random.default_rng(2).uniform(0, 100, (2, len(cells)))
    out["linked"] = save(folder / "linked.gpkg", cells, {
        "s_surv": some[0], "s_main": some[1], "k": np.arange(float(len(cells))) % 7}, polygon)
    (folder / "costs.csv").write_text(
        "measure,cost_low,cost_high\nbetter_lighting,2000,4000\nbright_lighting,3000,5000\n", encoding="utf-8")
    out["costs"] = str(folder / "costs.csv")
    whole = QgsGeometry.fromWkt("POLYGON((500000 5900000,504000 5900000,504000 5904000,500000 5904000,500000 5900000))")
    out["boundary"] = save(folder / "boundary.gpkg", [whole], {"name": np.array(["Town"])}, polygon)
    streets = [QgsGeometry.fromWkt(f"LINESTRING({500_000 + a} 5900000,{500_000 + a} 5904000)")
               for a in range(0, 4001, 200)]
    out["streets"] = save(folder / "streets.gpkg", streets, {"id": np.arange(len(streets))},
                          QgsWkbTypes.Type.LineString)
    # two auditors judge each of the busiest cells by day and by night
    centres = np.array([(c.x(), c.y()) for c in (cells[i].centroid().asPoint() for i in best)])
    row = np.arange(48)
    marks = (row // 4) % 3
    out["audits"] = save(folder / "audits.gpkg", writing.points_from_arrays(*centres[row // 4].T), {
        "place_id": np.array([str(i // 4 + 1) for i in row], object),
        "auditor": np.array([f"K{i % 2 + 1}" for i in row], object),
        "visit": np.where(row // 2 % 2 == 0, "day", "night").astype(object),
        "visited": np.datetime64("2024-05-01T12:00", "ms") + row * np.timedelta64(1, "D"),
        "sightlines": marks, "door_state": np.where(row % 16 == 0, (marks + 1) % 3, marks), "condition": 2 - marks,
        "who_uses": np.array(["walkers"] * 48, object), "pushed_out": np.array(["nobody"] * 48, object)})
    # every tenth incident is near somebody who reports twice
    near = slice(0, None, 10)
    voice = np.arange(len(x[near])) // 2
    out["reports"] = save(folder / "reports.gpkg", writing.points_from_arrays(x[near], y[near]), {
        "category": np.where(voice % 3 == 0, "noise", "dark street").astype(object),
        "concern": voice % 5 + 1,
        "wish": np.where(voice % 4 == 0, "patrol", "light").astype(object),
        "voice_id": np.array([f"v{i}" for i in voice], object),
    })
    # lights out near every thirtieth incident, for two weeks
    dark = slice(0, None, 30)
    begun = np.datetime64("2022-03-01T00:00", "ms") + np.arange(len(x[dark])) * np.timedelta64(18, "D")
    out["events"] = save(folder / "events.gpkg", writing.points_from_arrays(x[dark] + 30, y[dark]), {
        "begun": begun, "ended": begun + np.timedelta64(14, "D")})
    return out


def main(tool: str, given: dict) -> str:
    """Return the parameter of the layer that a tool is about; skip what is about layers where there is none."""
    if tool in FROM_NOTHING:
        pytest.skip("takes no layer")
    return MAIN.get(tool) or ("INPUT" if "INPUT" in given else "INCIDENTS")


def parameters(tool: str, town: dict, folder: Path) -> dict:
    """Return settings with which a tool runs on the town, all outputs asked for."""
    report = {"REPORT": str(folder / f"{tool}.html")}
    out = {"OUTPUT": str(folder / f"{tool}.gpkg")}
    made = {
        "lightingcoverage": {"INPUT": town["incidents"], "STREETS": town["streets"], "OBSTACLES": town["areas"],
                             "OUTPUT": str(folder / "lux.tif"), "SEGMENTS": str(folder / "segments.gpkg"),
                             "GAPS": str(folder / "gaps.gpkg"), **report},
        "cptedscore": {"INPUT": town["cells"], "LAYERS": town["incidents"], "MIN_MEASURED": 0.05, "DRAWS": 100,
                       "LAYER_NAMES": "graffiti = incidents; litter = incidents",
                       "INDICATORS": str(folder / "indicators.gpkg"), "COPY": str(folder / "profile.csv"), **report},
        "cptedmeasures": {"INPUT": town["scored"], "INCIDENTS": town["incidents"], "PLACE_KIND": 3, "BUDGET": 60_000,
                          "COSTS": town["costs"], "PROPOSALS": str(folder / "proposals.gpkg"),
                          "CATALOGUE_COPY": str(folder / "catalogue.csv"),
                          "COSTS_TEMPLATE": str(folder / "template.csv"), **report},
        "cptedcompare": {"BEFORE": town["scored"], "INPUT": town["rescored"], "ID_FIELD": "name",
                         "DONE": town["incidents"], "DONE_FIELD": "ctype", "TABLE_OUT": str(folder / "all.gpkg"),
                         **report},
        "cptedlink": {"INPUT": town["linked"], "INCIDENTS": town["incidents"], "PERMUTATIONS": 99, "CONTROLS": "k",
                      "MODELS_OUT": str(folder / "models.gpkg"), **report},
        "surveysummary": {"INPUT": town["reports"], "QUESTIONS": "concern", "GROUP_FIELDS": "category;wish",
                          "AREAS": town["areas"], "AREA_NAME": "rank", "POPULATION": town["cells"],
                          "POPULATION_FIELD": "n", "TABLE": str(folder / "survey.gpkg"),
                          "WEIGHTS": str(folder / "weights.gpkg"), **report},
        "agencysettings": {"BEATS": town["boundary"], "BEATS_FIELD": "name", "SHIFTS": "06-14, 14-22, 22-06",
                           "USE": False, "OUTPUT": str(folder / "agency.json")},
        "prepareincidents": {"INPUT": town["incidents"], "DATE_FIELD": "dt_from", "TYPE_FIELD": "ctype",
                             "ID_FIELD": "inc_id", "UNLOCATED": str(folder / "unlocated.gpkg"), **report},
        "checkincidents": {"INPUT": town["incidents"], "BOUNDARY": town["boundary"], **report},
        "classifyincidents": {"INPUT": town["incidents"], "PUBLIC_TABLE": 4, "TEMPLATE": str(folder / "types.csv"),
                              "UNMATCHED": str(folder / "unmatched.gpkg"), **report},
        "analysisgrid": {"INPUT": town["boundary"], "CELL_SIZE": 250},
        "countincidents": {"INCIDENTS": town["incidents"], "AREAS": town["cells"], "TYPE_FIELD": "ctype"},
        "kerneldensity": {"INPUT": town["incidents"], "OUTPUT": str(folder / "kde.tif")},
        "gistar": {"INPUT": town["cells"], "FIELD": "n"},
        "findhotspots": {"INPUT": town["incidents"], "HOTSPOTS": str(folder / "hotspots.gpkg"), **report},
        "enforcementcheck": {"INPUT": town["incidents"], "SOURCE_FIELD": "ctype", "PROACTIVE_VALUES": "Robbery",
                             "DRAWS": 99, "HOTSPOTS": str(folder / "without.gpkg"), **report},
        "repeatlocations": {"INPUT": town["incidents"], "PLACE": 2, "TOLERANCE": 25, "MIN_COUNT": 2, **report},
        "hotspotprofile": {"INPUT": town["areas"], "INCIDENTS": town["incidents"], "FACILITIES": town["streets"],
                           "POPULATION": town["cells"], "POPULATION_FIELD": "n", "WINDOW": 730,
                           "TABLE": str(folder / "table.gpkg"), "PAGES": 2, **report},
        "crimesummary": {"INPUT": town["incidents"], "AREAS": town["areas"], **report},
        "incidentseries": {"INPUT": town["incidents"], "TYPE_FIELD": "ctype", **report},
        "patrolzones": {"INPUT": town["areas"], "INCIDENTS": town["incidents"], "STREETS": town["streets"],
                        "COMMUNITY": town["reports"], "POPULATION": town["cells"], "POPULATION_FIELD": "n", **report},
        "maintenance": {"INPUT": town["cells"], "REPORTS": town["reports"], "CATEGORY_FIELD": "category",
                        "ALL_REPORTS": town["incidents"], "AUDIT_FIELD": "", "TABLE": str(folder / "kinds.gpkg"),
                        **report},
        "communityconcern": {"INPUT": town["reports"], "AREAS": town["cells"], "POPULATION_FIELD": "n",
                             "MIN_POPULATION": 5, "MIN_VOICES": 2, "TABLE": str(folder / "parts.gpkg"),
                             "SURFACE": str(folder / "concern.tif"), "SURFACE_SE": str(folder / "error.tif"),
                             "SURFACE_VOICES": str(folder / "voices.tif"), **report},
        "concordance": {"INCIDENTS": town["incidents"], "SECOND": town["reports"], "CELL_SIZE": 1000, "MIN_VOICES": 2,
                        "BOUNDARY": town["boundary"], "ENVIRONMENT": town["linked"], "SCORE_FIELD": "s_surv",
                        "PAIRS": "noise = burglary, robbery; dark street =", "PERMUTATIONS": 99,
                        "PLACES": str(folder / "places.gpkg"), "PAIRS_OUT": str(folder / "pairs.gpkg"), **report},
        "cptedauditscore": {"INPUT": town["audits"], "PLACES": town["areas"], "ID_FIELD": "rank",
                            "AGREEMENT": str(folder / "agreement.gpkg"), **report},
        "communitylayer": {"INPUT": town["areas"], "NAME_FIELD": "rank", **report},
        "importcommunityinput": {"INPUT": town["reports"], "REFUSED": str(folder / "refused.gpkg"),
                                 "SAVE_MAPPING": str(folder / "map.json"), **report},
        "casefile": {"INPUT": town["areas"], "NAME_FIELD": "rank"},
        "problemregister": {"INPUT": town["areas"], "BASE_FROM": "2022-01-01", "BASE_TO": "2023-12-31"},
        "cptedaudit": {"INPUT": town["cells"], "COPY": str(folder / "form.csv"), **report},
        "accesscontrol": {"INPUT": town["streets"], "UNITS": town["areas"], "ENTRANCES": town["incidents"],
                          "RADIUS": 5000, "NODES": str(folder / "nodes.gpkg"),
                          "BARRIERS": town["cells"], "GAPS": str(folder / "gaps.gpkg"),
                          "OUTPUT_UNITS": str(folder / "units.gpkg"), **report},
        "territoriality": {"INPUT": town["areas"], "BARRIERS": town["streets"], "LAND": town["cells"],
                           "USE_FIELD": "n", "PUBLIC_VALUES": "1*", "VACANT_VALUES": "2*; 3*", **report},
        "compareperiods": {"INCIDENTS": town["incidents"], "AREAS": town["cells"], "BEFORE_START": "2022-01-01",
                           "BEFORE_END": "2022-12-31", "AFTER_START": "2023-01-01", "AFTER_END": "2023-12-31",
                           **report},
        "patternchange": {"INCIDENTS": town["incidents"], "AREAS": town["cells"], "BEFORE_START": "2022-01-01",
                          "BEFORE_END": "2022-12-31", "AFTER_START": "2023-01-01", "AFTER_END": "2023-12-31",
                          "DRAWS": 99, **report},
        "weighteddisplacement": {"INPUT": town["roles"], "INCIDENTS": town["incidents"], "BEFORE_START": "2022-01-01",
                                 "BEFORE_END": "2022-12-31", "AFTER_START": "2023-01-01", "AFTER_END": "2023-12-31",
                                 "HARM_FIELD": "weight", "COUNTS": str(folder / "counts.gpkg"), **report},
        "evaluationareas": {"INPUT": town["areas"], "INCIDENTS": town["incidents"], "START": "2023-01-01",
                            "RING_DISTANCE": 50, "EXCLUSION": 10, "PLAN_OUT": str(folder / "areas_plan.json"),
                            "SCREENED": str(folder / "screened.gpkg"), **report},
        "evaluationreport": {"QUESTION": "Did it help?", "INPUT": town["roles"], "RECORDS": RECORD,
                             "NUMBERS": str(folder / "evaluation.json"), **report},
        "surveychange": {"INPUT": town["reports"], "QUESTIONS": "concern", "WAVE_FIELD": "category", "BEFORE": "noise",
                         "AFTER": "dark street", "AREA_FIELD": "wish", "TREATED": "patrol", "COMPARE": 1, **out,
                         **report},
        "syntheticcontrol": {"INPUT": town["trial"], "INCIDENTS": town["incidents"], "START": "2023-01-01", "DRAWS": 49,
                             "SERIES": str(folder / "series.gpkg"), **report},
        "diffindiff": {"INPUT": town["trial"], "INCIDENTS": town["incidents"], "START": "2023-01-01", "UNIT": 1,
                       "AREAS": str(folder / "changed_areas.gpkg"), **report},
        "datedevents": {"EVENTS": town["events"], "START_FIELD": "begun", "END_FIELD": "ended", "RINGS": "200; 600",
                        "INCIDENTS": town["incidents"], "PLACEBOS": 99, "PLACES": str(folder / "events_used.gpkg"),
                        **report},
        "interruptedseries": {"INPUT": town["trial"], "INCIDENTS": town["incidents"], "START": "2023-01-01", "UNIT": 1,
                              **report},
        "hotspottracking": {"INPUT": town["areas"], "EARLIER": town["scored"],
                            "COUNT_FIELD": "", "TRACKS": str(folder / "tracks.gpkg"), **report},
        "practicecity": {"SIZE": 0, "YEARS": 1, "OUTPUT": str(folder / "practice.gpkg"),
                         "DIRTY_CSV": str(folder / "dirty.csv"), **report},
        "detectableeffect": {"INPUT": town["roles"], "INCIDENTS": town["incidents"], "SHARE_BEFORE": 42,
                             "SHARE_AFTER": 50, "PLAN_OUT": str(folder / "plan.json"), **report},
        "publicrelease": {"INCIDENTS": town["incidents"], "ADDRESSES": town["incidents"], "CELL_SIZE": 500,
                          "PERIOD": 2, "EXTRACTED": "2024-02-15", "POLYGONS": str(folder / "public_areas.gpkg"),
                          "NOTES": str(folder / "notes.txt"), "REGISTER": str(folder / "register.json"), **report},
        "meetingsheet": {"AREAS": town["boundary"], "INCIDENTS": town["incidents"], "STREETS": town["streets"],
                         "UNTIL": "2024-01-31", "EXTRACTED": "2024-02-15", "LANGUAGE2": "es",
                         "RELEASES": str(folder / "releases.json"), "OUTPUT": str(folder / "sheet.html"),
                         "PDF": str(folder / "sheet.pdf"), "TEMPLATE": str(folder / "phrases.csv"),
                         "FOLDER": str(folder / "sheets"), **report},
        "visibility": {"INPUT": town["streets"], "OBSTACLES": town["areas"], "SPACING": 500,
                       "VIEWPOINTS": str(folder / "viewpoints.gpkg"), "LINES": str(folder / "seen_lines.gpkg")},
        "naturalsurveillance": {"INPUT": town["streets"], "WINDOWS": town["areas"], "ACTIVE": town["incidents"],
                                "LIGHTS": town["incidents"], "SPACING": 50, "FACADE_SPACING": 25,
                                "POSITIONS": str(folder / "positions.gpkg"), **report},
    }
    return {**out, **made[tool]}
