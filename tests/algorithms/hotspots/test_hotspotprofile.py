"""Profile hot spots as a user runs it: known hot spots, the city beside them, what must not be told."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProcessingException, QgsProcessingFeedback, QgsVectorLayer

from tests.algorithms.samples import Listener

EAST, NORTH = 430_000.0, 5_960_000.0
FIELDS = ("when", "until", "kind", "block", "sensitive")


def points(rows, names=FIELDS):
    """Rows are (x, y, values ...); x None has no place."""
    fields = "&".join(f"field={name}:string" for name in names)
    layer = QgsVectorLayer(f"Point?crs=EPSG:32630&{fields}", "calls", "memory")
    features = []
    for x, y, *values in rows:
        feature = QgsFeature(layer.fields())
        if x is not None:
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(EAST + x, NORTH + y)))
        feature.setAttributes([*values, *[None] * (len(names) - len(values))])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def squares(*boxes, names=None, size=200.0, field="name:string"):
    """Squares by their lower left corners."""
    layer = QgsVectorLayer(f"Polygon?crs=EPSG:32630&field={field}", "spots", "memory")
    features = []
    for i, (x, y) in enumerate(boxes):
        a, b = EAST + x, NORTH + y
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(
            f"POLYGON(({a} {b},{a + size} {b},{a + size} {b + size},{a} {b + size},{a} {b}))"))
        feature.setAttributes([(names or "ABCDEF")[i]])
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    layer.updateExtents()
    return layer


def when(count, hours, start="2024-01-01", days=366):
    """Times over the days, at the given hours in turn."""
    day = np.datetime64(start) + np.arange(count) * days // max(count, 1)
    return [f"{d}T{hours[i % len(hours)]:02d}:{(7 * i) % 60:02d}" for i, d in enumerate(day.astype(str))]


def night_bar(count=60):
    """Nearly all at one address, at night, assaults."""
    return [(100.0, 100.0, t, None, "Assault", "1 Bar St", "no") for t in when(count, (22, 23, 0, 1))]


def estate(count=60):
    """Forty addresses in turn, at all hours, burglaries."""
    return [(1000.0 + 4.5 * (i % 40), 50.0 + (i % 40), t, None, "Burglary", f"{i % 40 + 10} Estate", "no")
            for i, t in enumerate(when(count, tuple(range(24))))]


def calm(count=240):
    rng = np.random.default_rng(1)
    return [(float(a), float(b), t, None, ("Burglary", "Assault", "Theft")[i % 3], f"{i} Side St", "no")
            for i, (a, b, t) in enumerate(zip(rng.uniform(0, 4000, count), rng.uniform(600, 4000, count),
                                              when(count, tuple(range(24)))))]


SPOTS = ((0, 0), (1000, 0), (3000, 0))


@pytest.fixture
def profile(run_tool):
    def run(rows, spots=None, listener=None, **more):
        given = {"INPUT": spots if spots is not None else squares(*SPOTS),
                 "INCIDENTS": points(rows) if isinstance(rows, list) else rows, "TYPE_FIELD": "kind",
                 "DATE_FIELD": "when", "END_DATE_FIELD": "until", "PLACE_FIELD": "block", "AS_OF": "2024-12-31",
                 "OUTPUT": "TEMPORARY_OUTPUT", "TABLE": "TEMPORARY_OUTPUT"}
        given = {name: value for name, value in {**given, **more}.items() if value is not None}
        return run_tool("hotspotprofile", given, feedback=listener or QgsProcessingFeedback())

    return run


def rows_of(layer):
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "out", "ogr")
    names = layer.fields().names()
    return [dict(zip(names, f.attributes())) for f in layer.getFeatures()]


def spots_of(result):
    return {row["hotspot"]: row for row in rows_of(result["OUTPUT"])}


def table_of(result, spot, theme):
    return {row["value"]: row for row in rows_of(result["TABLE"]) if row["hotspot"] == spot and row["theme"] == theme}


def null(value):
    return value is None or str(value) == "NULL"


# --- the matrix and the fields ---------------------------------------------------------------
def test_known_hot_spots_get_their_boxes(profile):
    result = profile(night_bar() + estate() + calm())
    bar, homes, empty = (spots_of(result)[name] for name in "ABC")
    assert (bar["matrix"], homes["matrix"]) == ("hotpoint, acute", "dispersed, diffused")
    assert (bar["n"], bar["places"], bar["place1_sh"], bar["hr6_share"]) == (60, 1, 1.0, 1.0)
    assert bar["repeat_sh"] == pytest.approx(59 / 60) and homes["repeat_sh"] == pytest.approx(20 / 60)
    assert bar["hr6_p"] < 1e-20 and homes["hr6_p"] == 1.0
    assert (bar["top_type"], bar["n_types"], bar["top_share"]) == ("Assault", 1, 1.0)
    assert (bar["months_act"], bar["tenure"]) == (12, "long-standing")
    assert (bar["peak_days"], bar["peak_n"]) == ("every day", 60) and bar["peak_share"] == 1.0
    assert "who owns or runs" in bar["first_look"] and "20:00 to 02:00" in bar["first_look"]
    assert "40 places share" in homes["first_look"]
    # a polygon without incidents stays, and says nothing
    assert (empty["n"], empty["matrix"]) == (0, "too few to say") and null(empty["top_type"]) and null(empty["tenure"])
    assert null(empty["place1_sh"]) and null(empty["hr6_share"]) and "No incident" in empty["first_look"]
    assert (result["HOTSPOT_COUNT"], result["HOTPOINTS"], result["ACUTE"], result["DISPERSED"]) == (3, 1, 1, 1)
    assert (result["INSIDE"], result["INCIDENT_COUNT"], result["TOO_FEW"]) == (120, 360, 1)
    assert "held 120 of 360 recorded incidents" in result["SUMMARY"] and "95 % interval 28.7 %" in result["SUMMARY"]
    assert (result["START"], result["END"]) == ("2024-01-01", "2024-12-31")


def test_types_beside_the_city(profile):
    result = profile(night_bar() + estate() + calm())
    rows = table_of(result, "A", "type")
    # 60 of 60 are assaults here, in the city 60 + 80 of 360
    row = rows["Assault"]
    assert (row["n"], row["n_of"], row["in_share"]) == (60, 60, 1.0)
    assert row["city_share"] == pytest.approx(140 / 360) and row["lq"] == pytest.approx(360 / 140)
    assert row["lq_low"] < row["lq"] == pytest.approx(row["lq_high"]) and row["lq_q"] < 1e-20
    assert spots_of(result)["A"]["over_type"] == "Assault"
    for spot in "AB":
        assert sum(r["n"] for r in table_of(result, spot, "type").values()) == 60
        for theme in ("hour", "weekday", "month"):
            found = table_of(result, spot, theme)
            assert sum(r["n"] for r in found.values()) == pytest.approx(60), theme
            assert sum(r["in_share"] for r in found.values()) == pytest.approx(1), theme
            assert sum(r["city_share"] for r in found.values()) == pytest.approx(1), theme
    assert list(table_of(result, "A", "hour")) == [f"{hour:02d}" for hour in range(24)]
    assert not table_of(result, "C", "type")


def test_rows_without_a_type_are_a_line_of_their_own(profile):
    rows = [(100.0, 100.0, t, None, None, "1 Bar St", "no") for t in when(5, (12,))]
    result = profile(night_bar() + rows + calm())
    assert table_of(result, "A", "type")["(no type)"]["n"] == 5
    assert spots_of(result)["A"]["n_types"] == 1


def test_overlapping_polygons_count_in_each(profile):
    result = profile(night_bar() + calm(), squares((0, 0), (50, 50)))
    found = spots_of(result)
    assert found["A"]["n"] == found["B"]["n"] == 60 and result["INSIDE"] == 60


def test_the_order_of_rows_does_not_matter(profile):
    rows = night_bar() + estate() + calm()
    assert rows_of(profile(rows)["TABLE"]) == rows_of(profile(rows[::-1])["TABLE"])


def test_own_fields_stay_and_names_are_made_unique(profile):
    listener = Listener()
    result = profile(night_bar() + estate(), squares(*SPOTS, names=["X", "X", "Y"]), listener)
    rows = rows_of(result["OUTPUT"])
    assert [(r["name"], r["hotspot"]) for r in rows] == [("X", "X"), ("X", "X (2)"), ("Y", "Y")]
    assert any("share 2 names" in text for text in listener.infos)


# --- time ------------------------------------------------------------------------------------
def test_spans_are_spread_and_long_ones_tell_only_the_weekday(profile):
    short = [(100.0, 100.0, "2024-03-04T22:00", "2024-03-05T02:00", "Theft", "1 Bar St", "no")] * 30
    days = [(100.0, 100.0, "2024-03-08T12:00", "2024-03-10T12:00", "Theft", "1 Bar St", "no")] * 10
    weeks = [(100.0, 100.0, "2024-03-01T12:00", "2024-03-20T12:00", "Theft", "1 Bar St", "no")] * 5
    result = profile(short + days + weeks + calm())
    hours, week = table_of(result, "A", "hour"), table_of(result, "A", "weekday")
    assert [hours[h]["n"] for h in ("22", "23", "00", "01", "02")] == pytest.approx([7.5] * 4 + [0.0])
    assert hours["22"]["n_of"] == 30 and spots_of(result)["A"]["peak_n"] == 30
    # Monday 22:00 to Tuesday 02:00, and Friday noon to Sunday noon
    assert [week[d]["n"] for d in ("Mon", "Tue", "Fri", "Sat", "Sun")] == pytest.approx([15, 15, 2.5, 5, 2.5])
    assert week["Mon"]["n_of"] == pytest.approx(40) and spots_of(result)["A"]["n"] == 45


def test_few_known_times_say_nothing_of_hours(profile, tmp_path):
    result = profile(night_bar(29) + calm(), REPORT=str(tmp_path / "r.html"))
    row = spots_of(result)["A"]
    assert row["time_cl"] == "too few to say" and null(row["peak_from"])
    assert row["matrix"] == "hotpoint, too few times" and null(row["hr6_share"]) and row["peak_n"] == 29
    assert "Only 29 incidents have a known time" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_shifts(profile):
    result = profile(night_bar() + calm(), SHIFTS="06-14,14-22,22-06")
    shifts = table_of(result, "A", "shift")
    assert {name: row["n"] for name, row in shifts.items()} == {"06:00-14:00": 0, "14:00-22:00": 0, "22:00-06:00": 60}
    assert spots_of(result)["A"]["peak_from"] == "22:00"
    with pytest.raises(QgsProcessingException, match="SHIFTS"):
        profile(night_bar() + calm(), SHIFTS="early")


def test_the_window_counts(profile):
    old = [(100.0, 100.0, t, None, "Theft", "1 Bar St", "no") for t in when(40, (12,), "2022-01-01", 300)]
    rows = old + night_bar() + calm()
    listener = Listener()
    result = profile(rows, None, listener)
    assert spots_of(result)["A"]["n"] == 100 and result["START"] == "2024-01-01"
    assert any("40 incidents are dated before 2024-01-01" in text for text in listener.warnings)
    assert spots_of(result)["A"]["months_act"] == 12
    listener = Listener()
    result = profile(rows, None, listener, WINDOW=366)
    assert spots_of(result)["A"]["n"] == 60 and result["START"] == "2024-01-01"
    assert any("40 of" in text and "outside the window" in text for text in listener.infos)


def test_without_dates(profile, tmp_path):
    with pytest.raises(QgsProcessingException, match=r"DATE_FIELD.*WINDOW to 0"):
        profile(night_bar() + calm(), DATE_FIELD=None, END_DATE_FIELD=None)
    result = profile(night_bar() + calm(), DATE_FIELD=None, END_DATE_FIELD=None, AS_OF=None,
                     REPORT=str(tmp_path / "r.html"))
    row = spots_of(result)["A"]
    assert row["matrix"].startswith("hotpoint") and null(row["months_act"]) and null(row["hr6_share"])
    assert result["TIMED"] is None and not table_of(result, "A", "hour")
    with pytest.raises(QgsProcessingException, match="earliest one too"):
        profile(night_bar() + calm(), DATE_FIELD=None)


def test_months_only(profile):
    rows = [(100.0, 100.0, f"2024-{m:02d}", None, "Theft", "1 Bar St", "no") for m in range(1, 13)] * 4
    listener = Listener()
    result = profile(rows + [(2000.0, 2000.0, "2024-05", None, "Theft", "x", "no")], None, listener)
    row = spots_of(result)["A"]
    assert row["months_act"] == 12 and row["time_cl"] == "too few to say" and not table_of(result, "A", "weekday")
    assert any("month only" in text for text in listener.warnings)


# --- places ----------------------------------------------------------------------------------
def test_sensitive_types_are_counted_but_never_named(profile, tmp_path):
    homes = [(120.0, 120.0, t, None, "Domestic", "7 Secret Court", mark)
             for mark, hours in (("yes", (20,)), (None, (21,))) for t in when(20, hours)]
    listener = Listener()
    result = profile(night_bar() + homes + calm(), None, listener, REPORT=str(tmp_path / "r.html"))
    # not classified incidents: the field is found by its name
    assert spots_of(result)["A"]["n"] == 100 and table_of(result, "A", "type")["Domestic"]["n"] == 40
    assert list(table_of(result, "A", "place")) == ["1 BAR ST"]
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "1 BAR ST" in page and "SECRET" not in page.upper()
    assert not any("victims' homes" in text for text in listener.warnings)


def test_places_are_not_named_where_the_busiest_is_sensitive(profile, tmp_path):
    homes = [(120.0, 120.0, t, None, "Domestic", "7 Secret Court", "yes") for t in when(90, (20,))]
    result = profile(homes + night_bar(30) + calm(), REPORT=str(tmp_path / "r.html"))
    row = spots_of(result)["A"]
    assert row["place1_sh"] == pytest.approx(0.75) and row["space_cl"] == "hotpoint"
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "SECRET" not in page.upper() and "Most at" not in page


def test_without_marks_of_sensitive_types_it_is_told(profile):
    listener = Listener()
    rows = [row[:-1] for row in night_bar() + calm()]
    profile(points(rows, FIELDS[:-1]), None, listener)
    assert any("victims' homes" in text and "Group and weigh" in text for text in listener.warnings)


def test_places_by_coordinates_within_the_tolerance(profile):
    rows = [(100.0 + 3 * (i % 3), 100.0, t, None, "Theft", None, "no") for i, t in enumerate(when(30, (12,)))]
    assert spots_of(profile(rows + calm(), PLACE_FIELD=None))["A"]["places"] == 1
    assert spots_of(profile(rows + calm(), PLACE_FIELD=None, TOLERANCE=0))["A"]["places"] == 3
    with pytest.raises(QgsProcessingException, match="neighbourhoods"):
        profile(rows, TOLERANCE=500)


# --- surroundings ----------------------------------------------------------------------------
def test_facilities_near_incidents(profile, tmp_path):
    bars = points([(100.0, 110.0, "bar", "The Crown"), (2000.0, 2000.0, "bar", "Far Away"),
                   (190.0, 230.0, "school", "St Mary")], ("sort", "name"))
    result = profile(night_bar() + estate() + calm(), FACILITIES=bars, FACILITY_KIND="sort", DISTANCE=50,
                     REPORT=str(tmp_path / "r.html"))
    bar, homes = spots_of(result)["A"], spots_of(result)["B"]
    assert (bar["fac_n"], bar["fac_kind"], bar["fac_sh"]) == (2, "bar", 1.0)
    assert homes["fac_n"] == 0 and homes["fac_sh"] == 0 and null(homes["fac_kind"])
    row = table_of(result, "A", "facility")["bar"]
    assert row["n"] == 60 and row["lq"] == pytest.approx(1 / row["city_share"])
    assert "The Crown (60)" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_facilities_are_not_named_for_sensitive_types(profile, tmp_path):
    homes = [(120.0, 120.0, t, None, "Domestic", "7 Secret Court", "yes") for t in when(90, (20,))]
    shelter = points([(121.0, 120.0, "shelter", "Safe House")], ("sort", "name"))
    result = profile(homes + night_bar(2) + calm(), FACILITIES=shelter, FACILITY_KIND="sort", DISTANCE=50,
                     REPORT=str(tmp_path / "r.html"))
    assert spots_of(result)["A"]["fac_sh"] == 1.0
    assert "Safe House" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_residents_and_rates(profile):
    census = squares((0, 0), (1000, 0), (3000, 3000), size=400, names=[400, 40, 600], field="people:integer")
    result = profile(night_bar() + estate() + calm(), POPULATION=census, POPULATION_FIELD="people")
    bar, homes = spots_of(result)["A"], spots_of(result)["B"]
    # a quarter of each census square lies in the hot spot
    assert bar["residents"] == 100 and bar["per_1000"] == pytest.approx(600)
    assert homes["residents"] == 10 and null(homes["per_1000"])
    with pytest.raises(QgsProcessingException, match="POPULATION_FIELD"):
        profile(night_bar() + calm(), POPULATION=census)


def test_few_voices_are_not_told(profile, tmp_path):
    def said(count, x, wish, voice=None):
        return [(x, 100.0, "noise", wish, voice or f"v{x}{i}") for i in range(count)]

    voices = points(said(6, 90.0, "light") + said(9, 1090.0, "patrol", voice="one loud neighbour"),
                    ("category", "wish", "voice_id"))
    result = profile(night_bar() + estate() + calm(), COMMUNITY=voices, REPORT=str(tmp_path / "r.html"))
    bar, homes = spots_of(result)["A"], spots_of(result)["B"]
    assert (bar["voices"], bar["top_conc"], bar["top_wish"]) == (6, "noise", "light")
    assert null(homes["voices"]) and homes["top_wish"] == "too few voices to say"
    assert table_of(result, "A", "wish")["light"]["n_of"] == 6 and not table_of(result, "B", "wish")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "6 residents reported; most about noise; most wish light" in page and "fewer than 5 voices" in page
    few = spots_of(profile(night_bar() + calm(), COMMUNITY=voices, MIN_VOICES=7))
    assert null(few["A"]["voices"])


def test_scores_are_averaged(profile):
    scored = squares((0, 0), (90, 90), (1000, 0), names=[2, 4, 5], size=80, field="score:integer")
    result = profile(night_bar() + estate(), CPTED=scored, CPTED_FIELD="score")
    assert spots_of(result)["A"]["cpted"] == pytest.approx(3) and null(spots_of(result)["C"]["cpted"])


def test_the_boundary_is_the_city(profile):
    listener = Listener()
    city = squares((0, 0), size=1500)
    result = profile(night_bar() + estate() + calm(), None, listener, BOUNDARY=city)
    outside = 360 - result["INCIDENT_COUNT"]
    assert outside > 100 and any(f"{outside} of 360" in text and "boundary" in text for text in listener.infos)
    with pytest.raises(QgsProcessingException, match="BOUNDARY"):
        profile(night_bar(), BOUNDARY=squares((50_000, 0)))


# --- doubts and refusals ---------------------------------------------------------------------
def test_types_without_a_place_are_told(profile, tmp_path):
    masked = [(None, None, t, None, "Sexual offence", "x", "yes") for t in when(20, (12,))]
    listener = Listener()
    result = profile(night_bar() + masked + calm(), None, listener, REPORT=str(tmp_path / "r.html"))
    assert result["INCIDENT_COUNT"] == 300
    assert any("100 % of 'Sexual offence' (20 of 20)" in text for text in listener.warnings)
    with open(tmp_path / "r_records.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert sum(int(row[1]) for row in rows[:-1]) == int(rows[-1][1]) == 320


def test_polygons_elsewhere_are_refused(profile):
    with pytest.raises(QgsProcessingException, match=r"INPUT.*any of the 1 polygons of 'spots'"):
        profile(night_bar(), squares((70_000, 0)))


def test_blocks_and_short_windows_are_told(profile):
    listener = Listener()
    profile(night_bar() + calm(), None, listener, AS_OF="2024-12-31", WINDOW=90)
    assert any("Twelve or more are needed" in text for text in listener.warnings)
    listener = Listener()
    profile(night_bar() * 4, None, listener)
    assert any("share their exact coordinates" in text for text in listener.warnings)


# --- the report ------------------------------------------------------------------------------
def test_one_sheet_a_hot_spot(profile, tmp_path):
    path = tmp_path / "r.html"
    profile(night_bar(80) + estate() + calm(), REPORT=str(path))
    page = path.read_text(encoding="utf-8")
    # the polygon without incidents has none; the busiest comes first
    assert re.findall(r'<section class="sheet" aria-label="Hot spot (\w+)">', page) == ["A", "B"]
    for word in ("Place", "Target", "Offender", "manager", "guardian", "handler", "Look first", "To find out"):
        assert word in page, word
    assert page.count("do not say who offends") == 2 and "was not checked (no population layer)" in page
    assert "hotpoint" in page and "Internal" in page and "<script" not in page
    assert (tmp_path / "r_map_A.png").exists() and (tmp_path / "r_week_A.svg").exists()
    profile(night_bar(80) + estate() + calm(), REPORT=str(path), PAGES=1)
    page = path.read_text(encoding="utf-8")
    assert page.count('class="sheet"') == 1 and "1 of the 3 hot spots have a sheet" in page


def test_names_cannot_become_markup(profile, tmp_path):
    rows = [(100.0, 100.0, t, None, "<b>Theft</b>", "1 <i>St</i>", "no") for t in when(40, (12,))]
    profile(rows + calm(), squares((0, 0), names=["<x>'\""]), REPORT=str(tmp_path / "r.html"))
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<b>Theft" not in page and "<x>" not in page and "&lt;b&gt;Theft" in page


def test_us_units(profile, tmp_path):
    settings = tmp_path / "agency.json"
    settings.write_text('{"units": "us"}', encoding="utf-8")
    profile(night_bar() + calm(), FACILITIES=points([(100.0, 110.0, "bar")], ("name",)), SETTINGS=str(settings),
            REPORT=str(tmp_path / "r.html"))
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "9.9 acres" in page and "164\u00a0ft" in page.replace(" ft", "\u00a0ft")


class CancelAt(QgsProcessingFeedback):
    def __init__(self, percent):
        super().__init__()
        self.percent = percent
        self.progressChanged.connect(lambda value: self.cancel() if value >= self.percent else None)


@pytest.mark.parametrize("percent", [50, 78, 93])
def test_cancelled(profile, tmp_path, percent):
    path = tmp_path / "r.html"
    with pytest.raises(QgsProcessingException, match="cancelled"):
        profile(night_bar() + estate() + calm(), None, CancelAt(percent), REPORT=str(path))
    assert not path.exists()


# --- real data -------------------------------------------------------------------------------
def test_vehicle_thefts_of_new_york_near_licensed_premises(run_tool, shared_data, tmp_path):
    """Spans from last seen to missed; facilities in US survey feet, incidents in degrees."""
    import gzip

    rows = []
    with gzip.open(shared_data("nyc/nyc_vehicle_thefts_2014_2017.csv.gz"), "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows.append((float(row["longitude"]), float(row["latitude"]), row["date_start"], row["date_end"],
                         row["location_category"]))
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=start:string&field=end:string&field=kind:string", "nyc", "memory")
    features = []
    for x, y, *values in rows:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        feature.setAttributes(values)
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    context = str(shared_data("nyc/nyc_context.gpkg"))
    boroughs = QgsVectorLayer(f"{context}|layername=bor", "boroughs", "ogr")
    assert boroughs.isValid()
    result = run_tool("hotspotprofile", {
        "INPUT": boroughs, "INCIDENTS": layer, "DATE_FIELD": "start", "END_DATE_FIELD": "end", "TYPE_FIELD": "kind",
        "FACILITIES": f"{context}|layername=liq", "DISTANCE": 50, "OUTPUT": "TEMPORARY_OUTPUT",
        "TABLE": "TEMPORARY_OUTPUT"})
    found = rows_of(result["OUTPUT"])
    assert result["INSIDE"] == sum(r["n"] for r in found) > 0.99 * len(rows)
    # 22 % of the spans are longer than a day and 8 % have no end
    assert 0.6 * len(rows) < result["TIMED"] < 0.85 * len(rows)
    near = {r["hotspot"]: r["fac_sh"] for r in found}
    assert max(near.values()) > 2 * min(near.values())
    for row in found:
        assert sum(r["n"] for r in table_of(result, row["hotspot"], "type").values()) == row["n"]


def test_precincts_of_memphis_hold_its_people_and_robberies(run_tool, shared_data):
    """634,612 residents and 2,245 robberies in all, by the description of the data."""
    path = str(shared_data("memphis/memphis.gpkg"))
    listener = Listener()
    result = run_tool("hotspotprofile", {
        "INPUT": f"{path}|layername=precincts", "INCIDENTS": f"{path}|layername=robberies", "DATE_FIELD": "date",
        "TYPE_FIELD": "offense_type", "POPULATION": f"{path}|layername=population", "POPULATION_FIELD": "population",
        "OUTPUT": "TEMPORARY_OUTPUT"}, feedback=listener)
    found = rows_of(result["OUTPUT"])
    assert 0.97 * 634_612 < sum(row["residents"] for row in found) <= 634_612
    assert 0.99 * 2_245 < sum(row["n"] for row in found) <= 2_245
    assert all(row["per_1000"] == pytest.approx(1000 * row["n"] / row["residents"], rel=1e-3) for row in found)
    assert any("precise to about" in text for text in listener.warnings)
