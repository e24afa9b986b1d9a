"""Check incident data, run as a user does: each fault found, marked and told."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsVectorLayer,
)

from .test_prepareincidents import Log, rows

BOX = "POLYGON((500000 5900000,510000 5900000,510000 5910000,500000 5910000,500000 5900000))"


def town(n=200, **changes):
    """Return a point layer of n incidents in a grid of 10 x 10 km; ``changes`` is {row: {name: value}}."""
    layer = QgsVectorLayer(
        "Point?crs=EPSG:32630&field=id:string&field=date:string&field=end:string&field=rep:string&field=type:string",
        "town", "memory")
    features = []
    for k in range(n):
        change = changes.get(f"r{k}", {})
        feature = QgsFeature(layer.fields())
        day = str(np.datetime64("2023-01-01") + k * 365 // n)
        values = {"id": f"N{k}", "date": f"{day} {k % 24:02d}:{k % 59 + 1:02d}", "end": None, "rep": None,
                  "type": ("Burglary", "Robbery")[k % 2], **change}
        feature.setAttributes([values[name] for name in ("id", "date", "end", "rep", "type")])
        x, y = 500_250 + k % 20 * 500, 5_900_250 + k // 20 * 900
        place = change.get("place", QgsPointXY(x, y))
        if place is not None:
            feature.setGeometry(place if isinstance(place, QgsGeometry) else QgsGeometry.fromPointXY(place))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def boundary():
    layer = QgsVectorLayer("Polygon?crs=EPSG:32630", "boundary", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(BOX))
    layer.dataProvider().addFeatures([feature])
    return layer


FIELDS = {"DATE_FIELD": "date", "END_DATE_FIELD": "end", "REPORT_DATE_FIELD": "rep", "TYPE_FIELD": "type",
          "ID_FIELD": "id", "AS_OF": "2023-12-31"}


@pytest.fixture
def check(run_tool, tmp_path):
    def run(log=None, **parameters):
        log = log or Log()
        results = run_tool("checkincidents", {"OUTPUT": str(tmp_path / "out.gpkg"), **parameters}, feedback=log)
        return results, rows(results["OUTPUT"]), log

    return run


def test_clean_rows_are_clean(check):
    results, out, log = check(INPUT=town(), BOUNDARY=boundary(), **FIELDS)
    assert (results["TOTAL"], results["USABLE"]) == (200, 200)
    assert all(r["qc_ok"] and r["qc_codes"] is None for r in out)
    assert [r["id"] for r in out] == [f"N{k}" for k in range(200)]
    assert log.warnings == []
    summary = results["SUMMARY"].replace("\xa0", " ")
    assert summary == "200 of 200 rows (100.0 %) can be used; dates 2023-01-01 to 2023-12-30."


def test_each_fault_is_found(check):
    faults = {
        "r1": ({"place": None}, "no_place"),
        "r2": ({"place": QgsGeometry.fromWkt("POINT EMPTY")}, "empty_place"),
        "r3": ({"place": QgsPointXY(0, 0)}, "zero_xy"),
        "r4": ({"place": QgsPointXY(510_500, 5_905_000)}, "outside"),
        "r5": ({"place": QgsPointXY(700_000, 5_905_000)}, "outside,far"),
        "r6": ({"place": QgsPointXY(5_905_000, 505_000)}, "outside,swapped"),
        "r7": ({"place": QgsPointXY(-505_000, 5_905_000)}, "outside,wrong_sign"),
        "r8": ({"date": None}, "no_date"),
        "r9": ({"date": "soon"}, "bad_date"),
        "r10": ({"date": "2023-05-05 10:00", "end": "2023-05-04 10:00"}, "reversed"),
        "r11": ({"date": "2024-01-01 10:00"}, "future"),
        "r12": ({"date": "2019-05-05 10:00"}, "backdated"),
        "r13": ({"date": "2023-05-05 10:00", "rep": "2023-05-04"}, "reversed"),
        "r14": ({"id": "N0"}, "repeat_id"),
    }
    layer = town(**{k: change for k, (change, _) in faults.items()})
    results, out, log = check(INPUT=layer, BOUNDARY=boundary(), **FIELDS)
    found = {f"r{k}": r["qc_codes"] for k, r in enumerate(out) if r["qc_codes"]}
    expected = {k: set(codes.split(",")) for k, (_, codes) in faults.items()}
    assert {k: set(v.split(",")) for k, v in found.items()} == expected
    for _, codes in faults.values():
        for code in codes.split(","):
            assert results[code.upper()] == sum(code in c for c in expected.values())
    told_only = {"r12", "r14"}
    assert {f"r{k}" for k, r in enumerate(out) if not r["qc_ok"]} == set(faults) - told_only
    assert results["USABLE"] == 200 - len(faults) + len(told_only)
    assert any("x and y exchanged" in text for text in log.warnings)


def test_swapped_degrees_are_found_in_metres_too(check, run_tool, tmp_path):
    """A point of 53.8 east, 1.5 south, prepared into metres, is recognised by its degrees."""
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=date:string", "degrees", "memory")
    features = []
    for k in range(100):
        feature = QgsFeature(layer.fields())
        feature.setAttributes(["2023-01-01 12:30"])
        place = QgsPointXY(-1.5 + k % 10 / 100, 53.8 + k // 10 / 100)
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(place.y(), place.x()) if k == 50 else place))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    results, out, _ = check(INPUT=layer, DATE_FIELD="date")
    assert (results["SWAPPED"], out[50]["qc_codes"]) == (1, "swapped")
    metres = str(tmp_path / "metres.gpkg")
    run_tool("prepareincidents", {"INPUT": layer, "OUTPUT": metres}, feedback=Log())
    results, out, _ = check(INPUT=metres)
    assert (results["SWAPPED"], out[50]["qc_codes"]) == (1, "swapped")


def test_true_repeats_and_identical_rows(check):
    same = {"date": "2023-03-03 10:10", "type": "Robbery", "place": QgsPointXY(505_000, 5_905_000)}
    layer = town(r1={**same, "id": "A"}, r2={**same, "id": "A"}, r3={**same, "id": "B"})
    results, out, _ = check(INPUT=layer, **FIELDS)
    assert [out[k]["qc_codes"] for k in (1, 2, 3)] == [None, "repeat_id,same_row", None]
    assert (results["SAME_ROW"], results["IDENTICAL"], out[2]["qc_ok"]) == (1, 2, False)
    results, out, _ = check(INPUT=town(r1=same, r2=same), **{**FIELDS, "ID_FIELD": ""})
    assert (results["SAME_ROW"], results["IDENTICAL"], results["USABLE"]) == (0, 1, 200)


def test_known_default_places(check):
    places = QgsVectorLayer("Point?crs=EPSG:32630", "stations", "memory")
    station = QgsFeature()
    station.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(500_260, 5_900_250)))
    places.dataProvider().addFeatures([station])
    results, out, _ = check(INPUT=town(), PLACES=places, **FIELDS)
    assert (results["DEFAULT_PLACE"], out[0]["qc_codes"], out[0]["qc_ok"]) == (1, "default_place", True)


def test_open_order_and_wrong_boundary_are_refused(check):
    with pytest.raises(QgsProcessingException, match="DATE_ORDER"):
        check(INPUT=town(2, r0={"date": "03/04/2023"}, r1={"date": "05/04/2023"}), DATE_FIELD="date")
    far = QgsVectorLayer("Polygon?crs=EPSG:32630", "far", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0,1 0,1 1,0 1,0 0))"))
    far.dataProvider().addFeatures([feature])
    with pytest.raises(QgsProcessingException, match="BOUNDARY.*No incident lies"):
        check(INPUT=town(), BOUNDARY=far, **FIELDS)


def test_a_table_without_places_is_checked_for_dates(check, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("date,type\n2023-01-01,A\nnever,B\n")
    results, out, log = check(INPUT=str(path), DATE_FIELD="date", TYPE_FIELD="type")
    assert (results["BAD_DATE"], results["NO_PLACE"], results["USABLE"]) == (1, 0, 1)
    assert any("no coordinates" in text for text in log.warnings)


def test_rows_that_qgis_leaves_out_are_told(check, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("lon,lat,date\n-1.5,53.8,2020-01-02\nNA,NA,2020-01-03\n")
    layer = QgsVectorLayer(path.as_uri() + "?type=csv&xField=lon&yField=lat&crs=EPSG:4326", "csv", "delimitedtext")
    *_, log = check(INPUT=layer, DATE_FIELD="date")
    assert any("left out 1 of the 2 rows of t.csv" in text for text in log.warnings)


# --- real data -----------------------------------------------------------------------------
@pytest.fixture
def prepared(run_tool, shared_data, tmp_path):
    def run(name, **parameters):
        outputs = {"OUTPUT": str(tmp_path / "p.gpkg"), "UNLOCATED": str(tmp_path / "u.gpkg")}
        run_tool("prepareincidents", {"INPUT_FILE": str(shared_data(name)), **outputs, **parameters}, feedback=Log())
        return {"INPUT": outputs["OUTPUT"], "UNLOCATED": outputs["UNLOCATED"]}

    return run


def test_vancouver(check, prepared, shared_data, tmp_path):
    report = tmp_path / "r.html"
    results, out, log = check(
        **prepared("vancouver/vpd_crime_2023.csv.gz", CRS="EPSG:26910"), REPORT=str(report),
        BOUNDARY=str(shared_data("vancouver/vancouver.gpkg")) + "|layername=neighbourhoods")
    assert results["LOST_TYPES"] == "Offence Against a Person; Homicide"
    assert (results["TOTAL"], results["UNLOCATED_ROWS"]) == (32_646, 4_070)
    assert log.warnings[0].startswith("100 % of 'Offence Against a Person' (4,056 of 4,056) have no usable place")
    assert results["DEFAULT_TIME"] == 1332 and any("exactly 00:00" in text for text in log.warnings)
    text = report.read_text(encoding="utf-8")
    assert "Offence Against a Person" in text and "data:image/png" in text and "data:image/svg" in text
    assert "PACIFIC ST" not in text and "GRANDVIEW" not in text
    names = {r.name for r in tmp_path.iterdir()}
    assert "r_map.png" in names and "r_types.csv" in names


def test_memphis_coordinates_are_rounded_to_a_hundred_metres(check, shared_data):
    results, _, log = check(INPUT=str(shared_data("memphis/memphis.gpkg")) + "|layername=robberies", DATE_FIELD="date",
                            TYPE_FIELD="offense_type", ID_FIELD="uid")
    assert results["COORD_STEP"] == pytest.approx(110.6, abs=1)
    assert any("rounded to 0.001°" in text for text in log.warnings)
    assert results["USABLE"] == 2245


def test_the_rounding_survives_preparing(check, prepared, shared_data, run_tool, tmp_path):
    run_tool("prepareincidents", {"INPUT": str(shared_data("memphis/memphis.gpkg")) + "|layername=robberies",
                                  "OUTPUT": str(tmp_path / "m.gpkg")}, feedback=Log())
    results, *_ = check(INPUT=str(tmp_path / "m.gpkg"))
    assert results["COORD_STEP"] == pytest.approx(110.6, abs=1)


def test_new_york(check, prepared):
    results, out, log = check(**prepared("nyc/nyc_vehicle_thefts_2014_2017.csv.gz"))
    assert results["BACKDATED"] == 62
    assert any("62 rows are older than the series, which begins in 2014-01" in text for text in log.warnings)
    assert results["COMPLETE_TO"] == "2017-12-30"


def test_northumbria_repeats_are_no_error(check, prepared):
    results, out, log = check(**prepared("messy_small/northumbria_asb.tab.gz"))
    assert results["USABLE"] == results["TOTAL"] == 39_706
    assert results["IDENTICAL"] > 14_000 and results["SAME_ROW"] == 0
    assert results["COMPLETE_TO"] == "2022-11-30"


@pytest.mark.parametrize("stop_at", [0, 45, 65])
def test_a_cancelled_run_stops(check, stop_at):
    with pytest.raises(QgsProcessingException, match="cancelled"):
        check(log=Log(stop_at), INPUT=town(), **FIELDS)
