"""Street lighting as a user runs it: lux by hand, dark told from unknown, outages at a date, a real city."""

from __future__ import annotations

import csv
import gzip
import json

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsRasterLayer,
    QgsVectorLayer,
)

from hotspot_plugin.analysis.cpted.lightingcoverage import LUX_PER_FOOT_CANDLE
from tests.algorithms.samples import Listener

EAST, NORTH = 430_000.0, 5_960_000.0
#: 1,000 cd at 6 m, counted as far as they reach
BARE = {"INTENSITY": 1000, "HEIGHT": 6, "MAINTENANCE": 1, "REACH": 200}


def layer_of(wkts, crs="EPSG:32630", kind="Point", **columns):
    fields = "".join(f"&field={name}:{'double' if isinstance(values[0], float) else 'string'}"
                     for name, values in columns.items())
    layer = QgsVectorLayer(f"{kind}?crs={crs}{fields}", kind.lower(), "memory")
    features = []
    for i, wkt in enumerate(wkts):
        feature = QgsFeature(layer.fields())
        geometry = QgsGeometry.fromWkt(wkt)
        geometry.translate(EAST, NORTH)
        feature.setGeometry(geometry)
        feature.setAttributes([values[i] for values in columns.values()])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def poles(*x, y=0.0, **columns):
    return layer_of([f"POINT({a} {y})" for a in x], **columns)


def lines(*corners, **columns):
    return layer_of([f"LINESTRING({line})" for line in corners], kind="LineString", **columns)


@pytest.fixture
def light(run_tool, tmp_path):
    def run(layer, listener=None, **more):
        given = {"INPUT": layer, "OUTPUT": str(tmp_path / "lux.tif"), **more}
        if "STREETS" in more:
            given = {"SEGMENTS": "TEMPORARY_OUTPUT", "GAPS": "TEMPORARY_OUTPUT", **given}
        return run_tool("lightingcoverage", given, feedback=listener or Listener())

    return run


def rows_of(layer):
    names = layer.fields().names()
    return [{name: None if str(value) == "NULL" else value for name, value in zip(names, f.attributes())}
            for f in layer.getFeatures()]


def raster_of(result):
    dataset = gdal.Open(result["OUTPUT"])
    band = dataset.GetRasterBand(1)
    values = band.ReadAsArray().astype(float)
    values[values == band.GetNoDataValue()] = np.nan
    return values, dataset.GetGeoTransform(), band.GetUnitType()


def at(result, x, y):
    values, place, _ = raster_of(result)
    return values[int((place[3] - NORTH - y) / place[1]), int((x + EAST - place[0]) / place[1])]


# --- lux -----------------------------------------------------------------------------------------
def test_lux_of_a_pole(light):
    """E = I cos^3 / H^2: 27.777 below, 6.0 in 8 m, 2.48452 in 12 m for 1,000 cd at 6 m."""
    result = light(poles(0.5), CELL_SIZE=1, **BARE | {"REACH": 40})
    assert at(result, 0.5, 0.5) == pytest.approx(1000 * 6 / 36.25**1.5, rel=1e-6)
    result = light(layer_of(["POINT(0.5 0.5)"]), CELL_SIZE=1, **BARE | {"REACH": 40})
    for x, lux in ((0.5, 27.7777778), (8.5, 6.0), (12.5, 2.48452)):
        assert at(result, x, 0.5) == pytest.approx(lux, rel=1e-5)
    assert result["MAXIMUM"] == pytest.approx(27.7777778) and result["SEGMENT_COUNT"] is None
    values, _, unit = raster_of(result)
    assert unit == "lx" and np.isnan(values[0, 0]) and result["ASSUMED_SHARE"] == 1
    assert QgsRasterLayer(result["OUTPUT"], "x").renderer().type() == "singlebandpseudocolor"


def test_foot_candles_and_all_owners(light):
    result = light(layer_of(["POINT(0.5 0.5)"]), CELL_SIZE=1, UNIT=2, ALL_OWNERS=True, **BARE | {"REACH": 40})
    values, _, unit = raster_of(result)
    assert unit == "fc" and values[0, 0] == 0
    assert at(result, 0.5, 0.5) == pytest.approx(27.7777778 / LUX_PER_FOOT_CANDLE, rel=1e-5)
    assert "2.6 fc" in result["SUMMARY"]


def test_a_street_below_three_poles(light):
    """Mean 10.976, minimum 3.03 at 3 m; every half metre METHODS' 11.1165 and 2.91 (tests of the analysis)."""
    result = light(poles(0, 30, 60), STREETS=lines("0 0,60 0", name=["Main St"]), NAME_FIELD="name", CLASS=0, **BARE)
    (row,) = rows_of(result["SEGMENTS"])
    x = np.arange(1.5, 60, 3)
    lux = (6000 / (36 + (x[:, None] - [0, 30, 60]) ** 2) ** 1.5).sum(axis=1)
    assert row["lux_mean"] == pytest.approx(lux.mean()) == pytest.approx(10.9756, abs=1e-3)
    assert row["lux_min"] == pytest.approx(lux.min()) and row["u0"] == pytest.approx(lux.min() / lux.mean())
    assert row["light_st"] == "lit" and row["known_sh"] == 1 and row["light_cl"] == "P2" and row["meets_cl"] is False
    assert row["name"] == "Main St" and row["light_m"] == pytest.approx(0)
    assert result["GAP_COUNT"] == 0 and result["MEETING"] == 0


def test_lumens_and_where_values_come_from(light, tmp_path):
    lights = layer_of(["POINT(0 0)", "POINT(100 0)", "POINT(200 0)", "POINT(300 0)", "POINT(400 0)"],
                      lm=[2000.0, None, None, None, -5.0], kind_=["Acorn", "acorn 1907", "Sports field", "?", None],
                      lamps=[2.0, None, 1.0, 0.0, 1.0], led=["Yes", "No", "yes", None, "Yes"])
    told = Listener()
    result = light(lights, told, LUMENS_FIELD="lm", TYPE_FIELD="kind_", LAMPS_FIELD="lamps", LED_FIELD="led",
                   LED_LUMENS=4000, CELL_SIZE=1, REPORT=str(tmp_path / "r.html"))
    assert (result["LIGHTS"], result["WORKING"], result["OUT"]) == (4, 3, 0)
    assert result["ASSUMED_SHARE"] == pytest.approx(2 / 3)
    peaks = [2 * 2000 * 0.8 / (2 * np.pi) / 4.5**2, 3000 * 0.8 / (2 * np.pi) / 4.5**2, 0,
             4000 * 0.8 / (2 * np.pi) / 8**2]
    values, place, _ = raster_of(result)
    for x, peak in zip((0, 100, 200, 400), peaks):
        column = int(x + EAST - place[0])
        found = np.nanmax(values[:, column - 3 : column + 3])
        assert found == pytest.approx(peak, rel=0.06), x
    assert any("passed over" in text for text in told.warnings)
    assert any("without a lamp" in text for text in told.infos)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Usually off" in page and "a light meter decides" in page


def test_layers_of_other_owners_and_parks(light):
    told = Listener()
    result = light(poles(0), told, OTHER_LIGHTS=poles(0.2, 100), PARK_LIGHTS=poles(200), CELL_SIZE=1)
    assert result["LIGHTS"] == 3  # the first of the others is the city's own
    assert any("count once" in text for text in told.infos)
    assert at(result, 200.5, 0.5) == pytest.approx(3000 * 0.8 / (2 * np.pi) * 5 / (25 + 0.5) ** 1.5, rel=1e-5)
    assert json.loads(result["PROVENANCE"])["inputs"]["OTHER_LIGHTS"]["used"] == 1


# --- unknown is not dark --------------------------------------------------------------------------
def test_unknown_is_not_dark(light):
    streets = lines("0 0,30 0", "0 500,30 500", "0 20,0 120")
    told = Listener()
    result = light(poles(0, 30), told, STREETS=streets)
    first, second, third = rows_of(result["SEGMENTS"])
    assert (first["light_st"], second["light_st"], third["light_st"]) == ("lit", "unknown", "lit")
    assert second["lux_mean"] is None and second["meets_cl"] is None and second["known_sh"] == 0
    assert third["known_sh"] == pytest.approx(0.1, abs=0.02)
    assert (result["UNKNOWN"], result["DARK"], result["NO_LIGHT"]) == (1, 0, 1)
    assert result["UNKNOWN_KM"] == pytest.approx(0.03 + 0.09, abs=0.002)
    assert any("Only one owner" in text for text in told.warnings) and "unknown, not dark" in result["SUMMARY"]
    assert {row["light_st"] for row in rows_of(result["GAPS"])} == {"unknown"}
    result = light(poles(0, 30), STREETS=streets, ALL_OWNERS=True)
    first, second, third = rows_of(result["SEGMENTS"])
    assert second["light_st"] == "dark" and second["lux_mean"] == 0 and second["meets_cl"] is False
    assert (result["UNKNOWN"], result["DARK"], result["UNKNOWN_KM"]) == (0, 1, 0)
    assert {row["light_st"] for row in rows_of(result["GAPS"])} == {"dark"}


def test_what_is_unknown_of_a_street_may_decide(light):
    strong = {"STREETS": lines("0 0,70 0", "0 1,40 1"), "INTENSITY": 10_000, "HEIGHT": 6, "REACH": 200}
    first, second = rows_of(light(poles(10), **strong)["SEGMENTS"])
    assert first["known_sh"] == pytest.approx(4 / 7, abs=0.03) and first["lux_min"] > 1 and first["lux_mean"] > 5
    assert first["meets_cl"] is None and first["light_cl"] is None
    assert second["meets_cl"] is True and second["known_sh"] == 1
    result = light(poles(10), **strong, ALL_OWNERS=True)
    assert [row["meets_cl"] for row in rows_of(result["SEGMENTS"])] == [False, True] and result["MEETING"] == 1


def test_a_street_whose_light_is_out_is_dark_and_known(light):
    lights = layer_of(["POINT(10 0)", "POINT(10 300)"], since=["2024-03-01", None], until=["2024-03-20", None])
    streets = lines("0 0,20 0", "0 300,20 300", name=["Dark Ln", "Lit Ln"])
    given = {"STREETS": streets, "NAME_FIELD": "name", "DATE_FIELD": "since", "END_DATE_FIELD": "until",
             "MIN_GAP": 5}
    result = light(lights, AS_OF="2024-03-19", **given)
    assert [row["light_st"] for row in rows_of(result["SEGMENTS"])] == ["dark", "lit"]
    assert (result["OUT"], result["WORKING"], result["AS_OF_USED"]) == (1, 1, "2024-03-19")
    (gap,) = rows_of(result["GAPS"])
    assert (gap["light_st"], gap["street"], gap["street_row"]) == ("dark", "Dark Ln", 1)
    assert gap["gap_m"] == pytest.approx(20) and gap["lux_min"] == 0
    assert result["SUMMARY"].startswith("In the night after 2024-03-19") and "Dark Ln" in result["SUMMARY"]
    result = light(lights, AS_OF="2024-03-20", **given)  # repaired on that day
    assert result["OUT"] == 0 and result["GAP_COUNT"] == 0
    assert light(lights, **given)["AS_OF_USED"] == "2024-03-01"


def test_outages_by_place_and_by_id(light):
    lights = poles(0, 50, 100, code=["A-1", "a-2", "A-3"])
    begin, end = ["2024-01-05", "2024-01-05", "2024-01-01"], ["2024-02-01", None, "2024-01-03"]
    outages = layer_of(["POINT(3 1)", "POINT(400 0)", "POINT(100 0)"], begin=begin, end=end, code=["A-2", "?", "A-3"])
    fields = {"OUTAGES": outages, "OUTAGE_FROM": "begin", "OUTAGE_TO": "end", "AS_OF": "2024-01-10"}
    told = Listener()
    result = light(lights, told, **fields, CELL_SIZE=1)
    assert (result["OUT"], result["OUTAGES_UNMATCHED"]) == (1, 1)
    assert at(result, 0.5, 0.5) == 0 < at(result, 50.5, 0.5)
    assert any("found to no light" in text for text in told.warnings)
    result = light(lights, **fields, OUTAGE_ID="code", ID_FIELD="code", CELL_SIZE=1)
    assert (result["OUT"], result["OUTAGES_UNMATCHED"]) == (1, 1)
    assert at(result, 50.5, 0.5) == 0 < at(result, 0.5, 0.5)
    result = light(lights, **fields, OUTAGE_TAKES=1, OUTAGE_DISTANCE=60)
    assert result["OUT"] == 2


def test_gaps_meet_at_corners(light):
    streets = lines("0 0,100 0", "100 0,100 60", name=["A", "B"])
    result = light(poles(0), STREETS=streets, NAME_FIELD="name", ALL_OWNERS=True, MIN_GAP=100)
    rows = rows_of(result["GAPS"])
    assert [row["gap_id"] for row in rows] == [1, 1] and rows[0]["gap_m"] == rows[1]["gap_m"] > 100
    assert sum(row["stretch_m"] for row in rows) == pytest.approx(rows[0]["gap_m"])
    assert result["LONGEST_GAP"] == pytest.approx(rows[0]["gap_m"]) and result["GAP_COUNT"] == 1
    shapes = [f.geometry() for f in result["GAPS"].getFeatures()]
    assert [shape.length() for shape in shapes] == pytest.approx([row["stretch_m"] for row in rows])
    assert all(shape.constGet().nCoordinates() == 2 for shape in shapes)


def test_obstacles(light):
    wall = layer_of(["LINESTRING(10 -50,10 50)"], kind="LineString", tall=[2.0])
    result = light(poles(0.5), OBSTACLES=wall, CELL_SIZE=1, **BARE | {"REACH": 40})
    assert at(result, 12.5, 0.5) == 0 < at(result, 8.5, 0.5)
    result = light(poles(0.5), OBSTACLES=wall, OBSTACLE_FIELD="tall", CELL_SIZE=1, **BARE | {"REACH": 40})
    # 2 m at 9.5 m from a light of 6 m: the shadow ends at 9.5 * 6 / 4 = 14.25 m
    assert at(result, 13.5, 0.5) == 0 < at(result, 15.5, 0.5)
    house = layer_of(["POLYGON((-5 -5,5 -5,5 5,-5 5,-5 -5))"], kind="Polygon")
    told = Listener()
    light(poles(0.5), told, OBSTACLES=house)
    assert any("inside polygons" in text for text in told.warnings)


# --- refusals ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("given, parameter, words", [
    ({"HEIGHT": 0}, "HEIGHT", "above 0 m"),
    ({"TYPES": "acorn"}, "TYPES", "says no height and lumens"),
    ({"SEGMENTS": "TEMPORARY_OUTPUT"}, "STREETS", "needs streets"),
    ({"AS_OF": "2024-01-01"}, "AS_OF", "A day says nothing without outages"),
    ({"END_DATE_FIELD": "t"}, "DATE_FIELD", "needs the one with its begin"),
    ({"DATE_FIELD": "t"}, "DATE_FIELD", "No outage has a begin"),
    ({"CELL_SIZE": 0.2, "REACH": 9000}, "CELL_SIZE", "at most 50,000,000"),
    ({"CLASS": 15, "CLASS_MEAN": 1, "CLASS_MIN": 2}, "CLASS_MIN", "not above its mean"),
])
def test_refusals(light, given, parameter, words):
    with pytest.raises(QgsProcessingException, match=words) as caught:
        light(poles(0.0, t=["?"]), **given)
    assert f"({parameter})" in str(caught.value)


def test_outages_without_a_begin_are_refused(light):
    with pytest.raises(QgsProcessingException, match="Outages need a begin"):
        light(poles(0), OUTAGES=poles(0, t=["2024-01-01"]))
    with pytest.raises(QgsProcessingException, match="To find lights by their id"):
        light(poles(0), OUTAGES=poles(0, t=["2024-01-01"]), OUTAGE_FROM="t", OUTAGE_ID="t")


def test_streets_elsewhere_and_streets_without_length_are_told(light):
    told = Listener()
    result = light(poles(0), told, STREETS=lines("0 90000,30 90000", "5 90000,5 90000"))
    assert any("same region" in text for text in told.warnings)
    assert any("no length" in text for text in told.warnings) and result["NO_LIGHT"] == result["UNKNOWN"] == 1


def test_a_long_run_is_told_before(light):
    told = Listener()
    far = lines("900 900,901 900")
    light(poles(*range(0, 60, 3)), told, OBSTACLES=far, REACH=800, CELL_SIZE=1)
    assert any("this may take 3 minutes" in text for text in told.warnings)


def test_heights_above_the_sea_are_doubted(light):
    told = Listener()
    light(poles(0, 30, h=[41.0, 8.0]), told, HEIGHT_FIELD="h")
    assert any("feet, or metres above the sea" in text for text in told.warnings)


# --- real cities -------------------------------------------------------------------------------------
def test_cambridge(run_tool, shared_data, tmp_path):
    """Two thirds of the streets without a light of the city have someone else's.

    157 of 2,643 segments have no city light within 30 m, and 18.11 % of the street length is that far from one; with
    the lights of others and of parks 38 and 6.38 % (GEOS: lines less the union of circles of 256 corners).
    """
    place = f"{shared_data('cambridge_ma/cambridge_ma.gpkg')}|layername="
    given = {"INPUT": place + "street_lights", "STREETS": place + "street_centerlines", "CELL_SIZE": 20,
             "OUTPUT": str(tmp_path / "lux.tif"), "SEGMENTS": "TEMPORARY_OUTPUT"}
    city = run_tool("lightingcoverage", given)
    assert (city["LIGHTS"], city["SEGMENT_COUNT"], city["NO_LIGHT"], city["UNKNOWN"]) == (6117, 2643, 157, 157)
    assert city["NO_LIGHT_SHARE"] == pytest.approx(0.18109, abs=2e-4) and city["DARK"] == 0
    others = {"OTHER_LIGHTS": place + "street_lights_not_city", "PARK_LIGHTS": place + "park_lights"}
    every = run_tool("lightingcoverage", {**given, **others})
    assert every["NO_LIGHT"] == 38 and every["NO_LIGHT_SHARE"] == pytest.approx(0.06376, abs=2e-4)
    assert 3 < every["MEAN_LUX"] < 5
    owned = run_tool("lightingcoverage", {**given, **others, "ALL_OWNERS": True})
    assert (owned["UNKNOWN"], owned["DARK"], owned["UNKNOWN_KM"]) == (0, 38, 0)


def test_chicago_alley_lights(run_tool, shared_data, tmp_path):
    """How many alley lights are out on a day, against the plain count of the dates in the file."""
    path = shared_data("chicago/alley_lights_out_2012-04_2013-07.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["x_coord"] and row["y_coord"]]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

    def day(text):
        if not text:
            return np.datetime64("NaT", "D")
        number, month, year = text.split("-")
        return np.datetime64(f"20{year}-{months.index(month) + 1:02d}-{int(number):02d}")

    chosen = np.datetime64("2012-08-15")
    # the end of a repair is a day of light; an end before the begin counts nowhere
    out = {(row["x_coord"], row["y_coord"]) for row in rows
           if day(row["Created Date"]) <= chosen
           and not (day(row["Completed Date"]) <= chosen and not np.isnat(day(row["Completed Date"])))}
    lights = QgsVectorLayer("Point?crs=EPSG:3435", "lights", "memory")
    outages = QgsVectorLayer("Point?crs=EPSG:3435&field=begin:string&field=end:string", "outages", "memory")
    for layer, given in ((lights, {(row["x_coord"], row["y_coord"]) for row in rows}), (outages, rows)):
        features = []
        for row in given:
            feature = QgsFeature(layer.fields())
            x, y = row if layer is lights else (row["x_coord"], row["y_coord"])
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(float(x), float(y))))
            if layer is outages:
                feature.setAttributes([row["Created Date"], row["Completed Date"]])
            features.append(feature)
        assert layer.dataProvider().addFeatures(features)[0]
        layer.updateExtents()
    result = run_tool("lightingcoverage", {
        "INPUT": lights, "OUTAGES": outages, "OUTAGE_FROM": "begin", "OUTAGE_TO": "end", "AS_OF": str(chosen),
        "OUTAGE_DISTANCE": 1, "CELL_SIZE": 50, "OUTPUT": str(tmp_path / "lux.tif")})
    assert result["OUTAGES_UNMATCHED"] == 0 and 100 < result["OUT"]
    assert result["OUT"] == pytest.approx(len(out), abs=2)  # lights within a metre of one another
