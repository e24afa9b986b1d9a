"""Public releases as a user makes them: an attacker with any two of them learns no small number."""

from __future__ import annotations

import calendar
import csv
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
)
from scipy.optimize import linprog

from tests.algorithms.samples import Listener

EAST, NORTH, SIDE = 430_000.0, 5_960_000.0, 1000.0
INTERNAL = ("internal", "true", "left out")
KINDS = ("Assault", "Burglary", "Theft")


def point_layer(rows, fields=("when", "kind", "secret"), name="crimes"):
    """Rows are (x, y, values...), in metres from the corner of the town."""
    layer = QgsVectorLayer("Point?crs=EPSG:32630&" + "&".join(f"field={f}:string" for f in fields), name, "memory")
    features = []
    for x, y, *values in rows:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST + x, NORTH + y)))
        feature.setAttributes(list(values))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def wards(names="ABC", side=SIDE, merged=()):
    """A row of squares; names that are in ``merged`` are one area."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630&field=name:string", "wards", "memory")
    features = []
    for i, name in enumerate(names):
        feature = QgsFeature(layer.fields())
        a, b = EAST + i * side, EAST + (i + 1) * side
        feature.setGeometry(QgsGeometry.fromWkt(
            f"POLYGON(({a} {NORTH},{b} {NORTH},{b} {NORTH + side},{a} {NORTH + side},{a} {NORTH}))"))
        feature.setAttributes(["+".join(merged) if name in merged else name])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def world(seed, months=3, areas=3, kinds=KINDS, mean=9.0, secret=0.1):
    """Incidents of a small town as rows, with counts around the limit."""
    rng = np.random.default_rng(seed)
    rows = []
    for month in range(1, months + 1):
        for area in range(areas):
            for kind in kinds:
                for _ in range(rng.poisson(rng.gamma(1.0, mean))):
                    x, y = rng.uniform(5, SIDE - 5, 2)
                    day = rng.integers(calendar.monthrange(2023, month)[1]) + 1
                    rows.append((area * SIDE + x, y, f"2023-{month:02d}-{day:02d}", kind,
                                 "yes" if rng.random() < secret else "no"))
    return rows


@pytest.fixture
def publish(run_tool, tmp_path):
    number = iter(range(100))

    def run(rows, areas, listener=None, **more):
        given = {"INCIDENTS": rows if isinstance(rows, QgsVectorLayer) else point_layer(rows), "DATE_FIELD": "when",
                 "GROUP_FIELD": "kind", "SENSITIVE_FIELD": "secret", "AREAS": areas, "EXTRACTED": "2024-06-30",
                 "REGISTER": str(tmp_path / "register.json"), "OUTPUT": str(tmp_path / f"out{next(number)}.csv")}
        given = {name: value for name, value in {**given, **more}.items() if value is not None}
        return run_tool("publicrelease", given, feedback=listener or Listener())

    return run


def table_of(result):
    with open(result["OUTPUT"], encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- the attack --------------------------------------------------------------------------------
def areas_in(name, names):
    return [i for i, n in enumerate(names) if name == "All areas" or n in name.split("+")]


def attack(releases, rows, names, kinds, limit, base, months=12):
    """Yield (row, least, largest) of each number of the tables that is small in truth.

    Atoms are all that any table can tell apart: ward, month, kind, sensitive or not. Each
    published number is two inequalities over them. Written without the code of the tool.
    """
    atoms = [(a, m, k, s) for a in range(len(names)) for m in range(1, months + 1) for k in kinds for s in (0, 1)]
    truth = dict.fromkeys(atoms, 0)
    for x, _, when, kind, mark in rows:
        truth[int(x // SIDE), int(when[5:7]), kind, int(mark == "yes")] += 1
    truth = np.array([truth[atom] for atom in atoms])
    sums, lower, upper, hidden = [], [], [], {}
    for row in (r for release in releases for r in release if r["status"] != "too recent"):
        first, last = int(row["first_day"][5:7]), int(row["last_day"][5:7])
        inside = areas_in(row["area_name"], names)
        group = row["group_name"]
        secret = group == "All sensitive groups" or group.endswith(" (sensitive part)")
        kind = group.replace(" (sensitive part)", "")
        pattern = np.array([a in inside and first <= m <= last and s == secret and (
            group.startswith("All ") or k == kind) for a, m, k, s in atoms], dtype=float)
        assert pattern.any(), row
        if row["status"] == "published":
            n = int(row["n_public"])
            sums.append(pattern)
            lower.append(max(limit, n - base // 2))
            upper.append(n - base // 2 + base - 1)
        else:
            assert row["n_public"] == ""
            if pattern @ truth < limit:
                hidden[tuple(pattern)] = row
    assert hidden
    sums = np.array(sums)
    limits = {"A_ub": np.vstack([sums, -sums]), "b_ub": np.concatenate([upper, -np.array(lower)])}
    for pattern, row in hidden.items():
        low = linprog(pattern, bounds=(0, None), method="highs", **limits)
        high = linprog(-np.array(pattern), bounds=(0, None), method="highs", **limits)
        yield row, low.fun, np.inf if high.status == 3 else -high.fun


SECOND = {
    "late records": {},
    "longer periods": {"PERIOD": 1},
    "years": {"PERIOD": 2},
    "fewer areas": {"names": "AB"},
    "nested areas": {"merged": ("A", "B")},
    "other groups": {"GROUP_FIELD": ""},
    "another limit": {"MIN_PUBLIC": 5, "ROUNDING": 1},
    "other marks": {"SENSITIVE_FIELD": None, "SENSITIVE_TYPES": "Assault"},
}


@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_two_releases_of_a_register_give_a_small_number_away(publish, second, seed):
    """The second release is made in a way that differencing would want; it is refused, or tells nothing more."""
    base = [5, 1][seed - 1]
    rows = world(seed, months=12, areas=3, mean=7.0)
    first = publish(rows, wards(), ROUNDING=base, SENSITIVE=second != "other marks")
    given = {"ROUNDING": base, **SECOND[second]}
    areas = wards(given.pop("names", "ABC"), merged=given.pop("merged", ()))
    tables = [table_of(first)]
    try:
        tables.append(table_of(publish([*rows, *world(seed + 50, months=12, mean=1.0)], areas, **given)))
    except QgsProcessingException as refused:
        assert "subtracted" in str(refused) or "twice" in str(refused)
    assert len(tables) == (2 if second in ("late records", "another limit") else 1)
    for row, low, high in attack(tables, rows, "ABC", KINDS, 10, base):
        assert low < 1e-6 and high > 9 - 1e-6, (row, low, high)


def test_the_attacker_succeeds_where_there_is_no_register(publish):
    """So the attack is one: 60, 4 and 40 thefts in wards, of which 4 and 40 are withheld; then two wards in one."""
    rows = [(ward * SIDE + 100, 100, f"2023-01-{i % 31 + 1:02d}", "Theft", "no")
            for ward, n in enumerate((60, 4, 40)) for i in range(n)]
    tables = [table_of(publish(rows, wards(), REGISTER=None, ROUNDING=1)),
              table_of(publish(rows, wards(merged=("A", "B")), REGISTER=None, ROUNDING=1))]
    assert [(low, high) for _, low, high in attack(tables[:1], rows, "ABC", KINDS, 10, 1)] == [(0, 44)]
    assert [(low, high) for _, low, high in attack(tables, rows, "ABC", KINDS, 10, 1)] == [(4, 4)]
    publish(rows, wards(), ROUNDING=1)
    with pytest.raises(QgsProcessingException, match="other areas: the two could be subtracted"):
        publish(rows, wards(merged=("A", "B")), ROUNDING=1)


def test_a_later_period_is_added_and_the_attack_still_fails(publish):
    rows = world(5, months=4)
    early = [row for row in rows if row[2] < "2023-03"]
    tables = [table_of(publish(early, wards(), EXTRACTED="2023-04-01")), table_of(publish(rows, wards()))]
    assert {row["period"] for row in tables[0]} == {"2023-01", "2023-02"}
    assert {row["period"] for row in tables[1]} >= {"2023-01", "2023-04"}
    assert tables[1][: len(tables[0])] == tables[0]
    for row, low, high in attack(tables, rows, "ABC", KINDS, 10, 5):
        assert low < 1e-6 and high > 9 - 1e-6, row


# --- what is counted ---------------------------------------------------------------------------
def test_published_numbers_are_the_rounded_counts_of_the_rows(publish):
    rows = world(7)
    table = table_of(publish(rows, wards(), SENSITIVE=True))
    shown = [row for row in table if row["status"] == "published"]
    assert len(shown) > 20
    for row in shown:
        inside = areas_in(row["area_name"], "ABC")
        secret = row["group_name"] == "All sensitive groups" or row["group_name"].endswith("part)")
        n = sum(int(x // SIDE) in inside and row["first_day"] <= when <= row["last_day"]
                and (row["group_name"].startswith("All ") or kind == row["group_name"].split(" (")[0])
                and (mark == "yes") == secret for x, _, when, kind, mark in rows)
        assert n >= 10 and int(row["n_public"]) == (n + 2) // 5 * 5, row
    assert len(table) == 3 * 16  # three months of (3 + 1) areas x (3 + 1) groups; the year is not over


def test_sensitive_incidents_come_by_year_and_in_no_total_with_others(publish):
    rows = world(8, months=12, secret=0.3)
    result = publish(rows, wards())
    table = table_of(result)
    secret = [row for row in table if "sensitive part" in row["group_name"] or "All sensitive" in row["group_name"]]
    assert {row["period"] for row in secret} == {"2023"}
    (total,) = [row for row in table if row["period"] == "2023-05" and row["area_name"] == "All areas"
                and row["group_name"] == "All groups but sensitive incidents"]
    n = sum(when[:7] == "2023-05" and mark == "no" for _, _, when, _, mark in rows)
    assert abs(int(total["n_public"]) - n) <= 2
    assert result["INCIDENTS_USED"] == len(rows)
    off = table_of(publish(rows, wards(), SENSITIVE=False, REGISTER=None))
    assert not [row for row in off if "sensitive part" in row["group_name"]]


def test_an_unknown_mark_is_sensitive_and_a_telling_name_asks_for_one(publish):
    rows = [(*row[:4], "") for row in world(9)]
    with pytest.raises(QgsProcessingException, match="No whole period"):
        publish(rows, wards())  # all sensitive, and the year is not over
    told = [(*row[:3], "Sexual assault", "no") for row in world(9)]
    with pytest.raises(QgsProcessingException, match="reads like a sensitive type"):
        publish(told, wards(), SENSITIVE_FIELD=None)
    publish(told, wards(), SENSITIVE_FIELD=None, SENSITIVE_TYPES="none")


def test_recent_periods_wait(publish):
    result = publish(world(10), wards(), EXTRACTED="2023-04-20")
    late = [row for row in table_of(result) if row["status"] == "too recent"]
    assert [row["period"] for row in late] == ["2023-03"] and result["PERIODS_RECENT"] == 1
    assert not [row for row in table_of(result) if row["period"] == "2023-03" and row["n_public"]]


def test_the_rows_of_the_report_add_up(publish, tmp_path):
    rows = [*world(11), (99_000.0, 0.0, "2023-02-01", "Theft", "no"), (10.0, 10.0, "", "Theft", "no")]
    publish(rows, wards(), REPORT=str(tmp_path / "r.html"), EXTRACTED="2023-04-20")
    with open(tmp_path / "r_internal_records.csv", encoding="utf-8-sig") as file:
        *parts, total = ([int(row[1])] for row in list(csv.reader(file))[1:])
    assert sum(p[0] for p in parts) == total[0] == len(rows)


def test_utility_numbers_are_those_of_the_tables(publish):
    rows = [row for row in world(12) if row[4] == "no"]
    result = publish(rows, wards())
    table = table_of(result)

    def total(row):
        inside = areas_in(row["area_name"], "ABC")
        return sum(int(x // SIDE) in inside and row["first_day"] <= when <= row["last_day"]
                   and (row["group_name"] == "All groups" or kind == row["group_name"])
                   for x, _, when, kind, _ in rows)

    cells = [row for row in table if row["area_name"] != "All areas" and row["group_name"] != "All groups"]
    shown = [row for row in cells if row["status"] == "published"]
    assert result["SHARE_SHOWN"] == pytest.approx(sum(map(total, shown)) / len(rows))
    assert result["MEAN_ERROR"] == pytest.approx(np.mean([abs(total(r) - int(r["n_public"])) for r in shown]))
    wholes = [row for row in table if row["area_name"] != "All areas" and row["group_name"] == "All groups"]
    assert result["SHARE_TOTALS"] == pytest.approx(
        sum(total(r) for r in wholes if r["status"] == "published") / len(rows))
    assert result["SHOWN"] == sum(row["status"] == "published" for row in table)
    small = sum(total(row) < 10 for row in table)
    assert (result["WITHHELD_SMALL"], result["PROOFS"]) == (small, small)
    assert result["FIGURES"] == len(table) == result["SHOWN"] + small + result["WITHHELD_OTHER"]


# --- what leaves the building -------------------------------------------------------------------
def test_public_layers_carry_rules_and_no_internal_number(publish, tmp_path):
    rows = [*world(13), *[(99_000.0, 0.0, "2023-02-01", "Theft", "no")] * 4321]
    result = publish(rows, wards(), OUTPUT=str(tmp_path / "counts.gpkg"), POLYGONS=str(tmp_path / "areas.gpkg"),
                     NOTES=str(tmp_path / "notes.txt"), LICENCE="CC BY 4.0")
    for name in ("OUTPUT", "POLYGONS"):
        layer = QgsVectorLayer(result[name], "public", "ogr")
        told = layer.metadata()
        text = told.abstract() + " ".join(told.history())
        assert "CC BY 4.0" in told.licenses() and "numbers under 10 are withheld" in text
        record = json.loads(told.history()[-1])
        assert record["inputs"] == {} and record["results"] == {} and record["warnings"] == []
        assert set(record["parameters"]) == {"PERIOD", "MIN_PUBLIC", "ROUNDING", "DELAY", "RELEASE"}
        for secret in (str(len(rows)), "4321", "4,321", str(result["INCIDENTS_USED"]), "crimes", *INTERNAL):
            assert secret not in text, secret
        raw = Path(result[name]).read_bytes()
        assert b"4321" not in raw and b"4,321" not in raw and b"INCIDENTS_USED" not in raw
    notes = Path(result["NOTES"]).read_text(encoding="utf-8")
    assert "CC BY 4.0" in notes and "Withheld does not mean 0" in notes and "4321" not in notes


def test_the_areas_hold_the_totals_of_the_table(publish, tmp_path):
    result = publish(world(14), wards(), POLYGONS=str(tmp_path / "areas.gpkg"))
    table = table_of(result)
    layer = QgsVectorLayer(result["POLYGONS"], "public", "ogr")
    assert layer.featureCount() == 3
    for feature in layer.getFeatures():
        for month in ("2023-01", "2023-02", "2023-03"):
            (row,) = [r for r in table if r["period"] == month and r["area_name"] == feature["area_name"]
                      and r["group_name"].startswith("All groups")]
            value = feature["n_" + month.replace("-", "_")]
            assert (str(value) if row["n_public"] else "NULL") == (row["n_public"] or str(value))
        assert feature["period"] == "2023-03"


def test_without_a_register_it_is_a_draft(publish, tmp_path):
    listener = Listener()
    result = publish(world(15), wards(), listener, REGISTER=None, OUTPUT=str(tmp_path / "counts.gpkg"))
    assert result["RELEASE"] == 0 and "Draft, not for publication" in result["SUMMARY"]
    assert "Draft, not for publication" in QgsVectorLayer(result["OUTPUT"], "x", "ogr").metadata().abstract()
    assert any("nothing guards it" in text for text in listener.warnings)


def test_a_file_with_other_tables_is_refused(publish, tmp_path):
    publish(world(16), wards(), REGISTER=None, OUTPUT=str(tmp_path / "case.gpkg"))
    with pytest.raises(QgsProcessingException, match="also holds 'case'"):
        publish(world(16), wards(), OUTPUT=f"ogr:dbname='{tmp_path / 'case.gpkg'}' table=\"public\" (geom)")


# --- the register ------------------------------------------------------------------------------
class CancelAt(QgsProcessingFeedback):
    def __init__(self, percent):
        super().__init__()
        self.progressChanged.connect(lambda value: self.cancel() if value >= percent else None)


def test_a_run_that_fails_leaves_the_register_as_it_was(publish, tmp_path):
    register = tmp_path / "register.json"
    publish(world(17, months=2), wards(), EXTRACTED="2023-03-31")
    before = register.read_bytes()
    for percent in (10, 60):
        with pytest.raises(QgsProcessingException, match="cancelled"):
            publish(world(17), wards(), CancelAt(percent))
    with pytest.raises(QgsProcessingException):
        publish(world(17), wards(), REPORT=str(tmp_path))  # a folder
    assert register.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if "register" in p.name] == ["register.json"]
    assert publish(world(17), wards())["RELEASE"] == 2
    assert register.read_bytes() != before


def test_two_runs_do_not_use_a_register_at_once(publish, tmp_path, monkeypatch):
    from hotspot_plugin.algorithms.privacy import publicrelease_register as module

    monkeypatch.setattr(module, "_WAIT", 0.3)
    lock = tmp_path / "register.json.lock"
    lock.touch()
    with pytest.raises(QgsProcessingException, match="Another run is using the register"):
        publish(world(18), wards())
    assert lock.exists() and not (tmp_path / "register.json").exists()
    monkeypatch.setattr(module, "_WAIT", 10.0)
    threading.Timer(0.5, lock.unlink).start()  # the other run ends
    assert publish(world(18), wards())["RELEASE"] == 1 and not lock.exists()


def test_a_register_that_somebody_else_changed_is_not_written_over(publish, tmp_path, monkeypatch):
    from hotspot_plugin.algorithms.privacy import publicrelease_register as module

    publish(world(19, months=2), wards(), EXTRACTED="2023-03-31")
    register = tmp_path / "register.json"
    commit = module.Register.commit

    def meanwhile(self):
        register.write_bytes(register.read_bytes() + b"\n")
        commit(self)

    monkeypatch.setattr(module.Register, "commit", meanwhile)
    with pytest.raises(QgsProcessingException, match="changed while this release was made"):
        publish(world(19), wards())
    assert len(json.loads(register.read_text())["tables"]) == 2


# --- refusals ----------------------------------------------------------------------------------
@pytest.mark.parametrize("more, text", [
    ({"MIN_PUBLIC": 2}, "hides no small numbers"),
    ({"ROUNDING": 20}, "coarser than the limit"),
    ({"AREAS": None}, "Points are never released"),
    ({"SENSITIVE_TYPES": "Arson"}, "is none of the groups"),
    ({"DATE_FIELD": "kind"}, "no incident has a date|No incident has a date"),
    ({"EXTRACTED": "2023-01-10"}, "No whole period"),
    ({"START": "2023-03-02"}, "No whole period"),
    ({"CELL_SIZE": 10, "AREAS": None, "ADDRESSES": point_layer}, "point to single homes"),
    ({"POPULATION": point_layer}, "Choose the field with the number"),
])
def test_refusals_name_the_remedy(publish, more, text):
    made = {name: value(world(20)) if callable(value) else value for name, value in more.items()}
    areas = made.pop("AREAS") if "AREAS" in made else wards()
    with pytest.raises(QgsProcessingException, match=text):
        publish(world(20), areas, **made)


def test_points_and_small_areas_are_refused(publish):
    with pytest.raises(QgsProcessingException):
        publish(world(21), point_layer(world(21)))
    with pytest.raises(QgsProcessingException, match="are smaller than 10 ha"):
        publish(world(21), wards("ABCDEF", side=300.0))


def test_areas_with_few_homes_are_left_out_with_all_their_incidents(publish):
    homes = [(a * SIDE + 50 + 10 * i, 50) for a, n in enumerate((8, 7, 30)) for i in range(n)]
    rows = [row for row in world(22) if row[4] == "no"]
    result = publish(rows, wards(), ADDRESSES=point_layer(homes, ()))
    assert {row["area_name"] for row in table_of(result)} == {"A", "C", "All areas"}
    assert result["INCIDENTS_USED"] == sum(not SIDE <= x < 2 * SIDE for x, *_ in rows)


def test_squares_are_made_of_addresses(publish, tmp_path):
    rng = np.random.default_rng(1)
    homes = [(*rng.uniform(0, 3 * SIDE, 2),) for _ in range(600)]
    result = publish(world(23), None, ADDRESSES=point_layer(homes, ()), POLYGONS=str(tmp_path / "areas.gpkg"))
    assert result["AREAS_COUNT"] > 5
    for feature in QgsVectorLayer(result["POLYGONS"], "x", "ogr").getFeatures():
        box = feature.geometry().boundingBox()
        assert sum(box.xMinimum() <= EAST + x < box.xMaximum() and box.yMinimum() <= NORTH + y < box.yMaximum()
                   for x, y in homes) >= 8


# --- real data ---------------------------------------------------------------------------------
def test_precincts_of_memphis(run_tool, shared_data, tmp_path):
    source = shared_data("memphis/memphis.gpkg")
    whole = QgsVectorLayer(str(source), "m", "ogr")
    names = {name.lower(): name for name in (s.split("!!::!!")[1] for s in whole.dataProvider().subLayers())}
    crimes = next(v for k, v in names.items() if "robber" in k)
    areas = next(v for k, v in names.items() if "precinct" in k)
    layer = QgsVectorLayer(f"{source}|layername={crimes}", "c", "ogr")
    date = next(f.name() for f in layer.fields() if "date" in f.name().lower())
    result = run_tool("publicrelease", {
        "INCIDENTS": f"{source}|layername={crimes}", "DATE_FIELD": date, "AREAS": f"{source}|layername={areas}",
        "EXTRACTED": "2020-03-01", "SENSITIVE_TYPES": "none", "REGISTER": str(tmp_path / "r.json"),
        "OUTPUT": str(tmp_path / "out.csv")}, feedback=Listener())
    table = table_of(result)
    assert result["PERIODS"] == 12 and result["SHARE_SHOWN"] > 0.8
    whole = sum(int(row["n_public"]) for row in table if row["area_name"] == "All areas")
    assert abs(whole - result["INCIDENTS_USED"]) <= 2 * 12
