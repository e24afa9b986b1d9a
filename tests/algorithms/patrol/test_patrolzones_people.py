"""Residents in the patrol zones: what they report, who lives there, and the response proposed."""

from __future__ import annotations

import json
import re

import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer

from tests.algorithms.patrol.zoning import marked, places, polygons, spread


def words(path):
    text = re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8"))
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("&#x27;", "'"))


def record(result):
    return json.loads(result["PROVENANCE"])


@pytest.fixture
def two():
    return polygons(places(2), {"n": [40, 30]})


def reports(zone_reports):
    """A community layer of (zone, category, concern, wish, voice)."""
    at = [(zone * 1000 + 50, 40 + i) for i, (zone, *_) in enumerate(zone_reports)]
    columns = list(zip(*[row[1:] for row in zone_reports]))
    return marked(at, **dict(zip(("category", "concern", "wish", "voice_id"), columns)))


LIGHTS = [(0, "dark street", 4, "light", f"v{i}") for i in range(6)] + [(0, "noise", 2, "patrol", "v6")]
LOUD = [(0, "noise", 5, "patrol", "loud")] * 20


def test_lights_and_not_patrol(plan, two, tmp_path):
    page = tmp_path / "zones.html"
    result, zones = plan(two, COMMUNITY=reports(LIGHTS + LOUD), REPORT=str(page))
    first, second = zones
    # 20 reports of one neighbour are one voice: 6 of 8 wish lights, and not 6 of 27
    assert (first["voices"], first["top_wish"], first["wish_share"]) == (8, "light", 0.75)
    assert (first["top_conc"], first["conc_share"]) == ("dark street", 0.75)
    assert first["conc_mean"] == pytest.approx((6 * 4 + 2 + 5) / 8)
    assert (first["kind"], first["kind_why"]) == ("environment", "Residents asked for lights (6 of 8 voices).")
    assert (second["voices"], second["top_wish"], second["wish_share"]) == (None, "too few voices to say", None)
    assert second["top_conc"] == "too few voices to say" and second["conc_mean"] is None
    asked = "Near Z1, residents asked for lights, not patrol (6 of 8 voices with a wish)."
    assert asked in record(result)["warnings"] and asked in words(page)
    assert "41 to 93 %" in words(page)  # Wilson, as R: prop.test(6, 8, correct = FALSE)
    assert "within 150 m of them" in words(page) and "too few voices to say" in words(page)
    # what residents wish moves no zone
    _, before = plan(two)
    assert [(z["n"], z["area_ha"]) for z in before] == [(z["n"], z["area_ha"]) for z in zones]
    assert before[0]["voices"] is None and before[0]["top_wish"] is None and before[0]["kind"] == "patrol"


def test_who_did_not_agree_is_not_counted(plan, two):
    agreed = ["count"] * 6 + ["none", "quote"]
    at = [(50, 40 + i) for i in range(8)]
    layer = marked(at, category=["noise"] * 8, wish=["light"] * 8, voice_id=[f"v{i}" for i in range(8)],
                   concern=[3] * 7 + [9], consent=agreed)
    result, zones = plan(two, COMMUNITY=layer)
    assert zones[0]["voices"] == 7 and zones[0]["conc_mean"] == 3
    read = record(result)["inputs"]["COMMUNITY"]
    assert (read["used"], read["left_out"][0]["count"]) == (7, 1)
    assert any("not on the scale from 1 to 5" in text for text in record(result)["warnings"])


def test_without_voice_ids_reports_count_and_that_is_told(plan, two):
    layer = reports(LIGHTS + LOUD)
    layer.dataProvider().deleteAttributes([layer.fields().indexOf("voice_id")])
    layer.updateFields()
    result, zones = plan(two, COMMUNITY=layer)
    assert (zones[0]["voices"], zones[0]["top_wish"]) == (27, "patrol")
    assert any("one loud neighbour counts as many" in text for text in record(result)["warnings"])
    assert not any("not patrol (" in text for text in record(result)["warnings"])


def test_four_voices_are_too_few_and_the_agency_may_ask_for_more(plan, two, tmp_path):
    _, zones = plan(two, COMMUNITY=reports(LIGHTS[:4]))
    assert zones[0]["voices"] is None and zones[0]["kind"] == "patrol"
    _, zones = plan(two, COMMUNITY=reports(LIGHTS), MIN_VOICES=8)
    assert zones[0]["top_wish"] == "too few voices to say"
    settings = tmp_path / "agency.json"
    settings.write_text('{"min_internal": 8}', encoding="utf-8")
    _, zones = plan(two, COMMUNITY=reports(LIGHTS), SETTINGS=str(settings))
    assert zones[0]["top_wish"] == "too few voices to say"


def test_reports_near_a_zone_count_within_the_distance_stated(plan, two):
    # 60 m east of the first zone
    near = marked([(160, 50)] * 6, wish=["repair"] * 6, voice_id=list("abcdef"))
    assert plan(two, COMMUNITY=near, DISTANCE=60)[1][0]["voices"] == 6
    result, zones = plan(two, COMMUNITY=near, DISTANCE=59)
    assert zones[0]["voices"] is None
    assert any("No report of residents lies within 59 m" in text for text in record(result)["warnings"])


def test_areas_of_residents_and_other_names_of_fields(plan, two):
    layer = polygons([(120, 0, 50, 50)] * 5, {"number": [1, 2, 3, 4, 5]})
    layer.setName("walks")
    drawn = QgsVectorLayer("Polygon?crs=EPSG:32630&field=wanted:string", "walks", "memory")
    for feature in layer.getFeatures():
        feature.setFields(drawn.fields(), True)
        feature.setAttributes(["Light "])
        drawn.dataProvider().addFeatures([feature])
    result, zones = plan(two, COMMUNITY=drawn, WISH_FIELD="wanted")
    assert (zones[0]["voices"], zones[0]["top_wish"], zones[0]["kind"]) == (5, "light", "environment")
    assert zones[0]["top_conc"] is None


def test_unknown_wishes_are_told_and_count_as_other(plan, two):
    result, zones = plan(two, COMMUNITY=reports([(0, "x", 1, "fireworks", f"v{i}") for i in range(5)]))
    assert zones[0]["top_wish"] == "other"
    assert any("5 wishes are none of" in text and "'fireworks'" in text for text in record(result)["warnings"])


def test_level_wishes_are_both_told(plan, two):
    both = [(0, "x", 1, wish, f"{wish}{i}") for i in range(3) for wish in ("light", "repair")]
    result, zones = plan(two, COMMUNITY=reports(both))
    assert (zones[0]["top_wish"], zones[0]["wish_share"], zones[0]["kind"]) == ("light / repair", 0.5, "patrol")
    assert any("asked for lights or repairs, not patrol" in text for text in record(result)["warnings"])


def test_what_cannot_be_meant_is_refused(run_tool, two):
    def census(young):
        return {"POPULATION": polygons([(0, 0, 100, 100)], {"people": [80], "young": [young]}),
                "POPULATION_FIELD": "people", "GROUP_FIELDS": ["young"]}

    for parameters, message in (
        ({"COMMUNITY": marked([(0, 0)], note=["a"])}, r"COMMUNITY\): The reports have neither a field"),
        (census(90), r"GROUP_FIELDS\): 'young' cannot be a number of residents: it adds up to 90"),
        (census(-5), r"GROUP_FIELDS\): 'young' cannot be a number of residents"),
        (census(0.4), r"GROUP_FIELDS\): 'young' holds shares.*Multiply it by 'people' first"),
        ({"SHIFTS": "06-14,14-22:10"}, "quarter of an hour"),
    ):
        with pytest.raises(QgsProcessingException, match=message):
            run_tool("patrolzones", {"INPUT": two, "OUTPUT": "memory:", **parameters})


def test_groups_inside_against_the_whole(plan, two, tmp_path):
    # half of the first census area lies in the zone: 400 residents, 100 of them young
    census = polygons([(0, 0, 200, 100), (8000, 0, 100, 100)], {"people": [800, 1200], "young": [200, 100]})
    page = tmp_path / "zones.html"
    given = {"POPULATION": census, "POPULATION_FIELD": "people"}
    result, zones = plan(two, **given, GROUP_FIELDS=["young"], REPORT=str(page))
    text = ("'young': 25.0 % of the residents of the zones (100 of 400), 15.0 % of all (300 of 2,000): 1.67 times its"
            " share in the whole area.")
    assert text in record(result)["notes"]
    assert "Groups of residents played no part in the choice." in record(result)["notes"]
    table = (tmp_path / "zones_residents.csv").read_text(encoding="utf-8-sig").splitlines()
    assert table[1].split(",")[1:3] == ["100.0", "0.25"] and float(table[1].split(",")[5]) == pytest.approx(5 / 3)
    # and they do play none
    assert [z["n"] for z in plan(two, **given)[1]] == [z["n"] for z in zones]


def test_few_residents_are_not_compared(plan, two):
    census = polygons([(0, 0, 100, 100), (8000, 0, 100, 100)], {"people": [40, 1200], "young": [20, 100]})
    result, _ = plan(two, POPULATION=census, POPULATION_FIELD="people", GROUP_FIELDS=["young"])
    assert any("too few residents to compare" in text for text in record(result)["notes"])


# --- the response proposed -------------------------------------------------------------------
NIGHTS = [f"2024-01-{day:02d} {hour:02d}:{minute:02d}" for day in range(1, 29) for hour, minute in ((21, 20), (2, 40))]
WEEKEND = [f"2024-01-{day:02d} 23:{minute:02d}" for day in (5, 6, 12, 13, 19, 20) for minute in range(5, 45, 4)]
ALL_DAY = [f"2024-01-{day:02d} {hour:02d}:25" for day in range(1, 15) for hour in range(1, 24, 3)]


@pytest.mark.parametrize("whens, kind, why", [
    (NIGHTS, "environment", "100 % between 20:00 and 06:00, night after night"),
    (WEEKEND, "patrol", "Peak Fri-Sat"),
    (ALL_DAY, "guardian", "Spread over the week"),
    (WEEKEND[:29], "patrol", "Too few known times of day"),
])
def test_times_propose(plan, whens, kind, why):
    incidents = marked(spread(len(whens)), when=whens)
    result, zones = plan(polygons(places(1)), INCIDENTS=incidents, DATE_FIELD="when")
    assert zones[0]["kind"] == kind and zones[0]["kind_why"].startswith(why)
    assert result["NOT_PATROL"] == (kind != "patrol")


def test_types_propose_guardians_and_the_peak_is_named_too(plan):
    kinds = ["Theft from Vehicle"] * 40 + ["Robbery"] * 20
    incidents = marked(spread(60), when=WEEKEND, ctype=kinds)
    result, zones = plan(polygons(places(1)), INCIDENTS=incidents, DATE_FIELD="when")
    assert zones[0]["kind"] == "guardian"
    assert re.match(r"67 % are thefts from homes or vehicles\. Also: peak Fri-Sat, .* times an even week \(patrol\)",
                    zones[0]["kind_why"])
    assert any("Thefts from homes or vehicles" in n and "Robbery" not in n for n in record(result)["notes"])
    _, zones = plan(polygons(places(1)), INCIDENTS=incidents, DATE_FIELD="when", GUARDIAN_TYPES="robbery")
    assert zones[0]["kind"] == "patrol"


def test_shifts_of_a_police_day(plan, tmp_path):
    # 02:00 to 05:00 on Saturdays and Sundays, which are the nights of Friday and Saturday
    whens = [f"2024-01-{day:02d} {hour:02d}:15" for day in (6, 7, 13, 14, 20, 21) for hour in (2, 3, 4)] * 2
    incidents = marked(spread(len(whens)), when=whens)
    area = polygons(places(1), {"n": [36]})
    given = {"INCIDENTS": incidents, "DATE_FIELD": "when"}

    def told(**more):
        result, zones = plan(area, **given, **more)
        return (zones[0]["peak_days"], zones[0]["peak_from"], zones[0]["peak_to"]), record(result)["notes"]

    # the night shift begins on the evening before, by the calendar too
    assert told(SHIFTS="06-14,14-22,22-06")[0] == ("Fri-Sat", "22:00", "06:00")
    peak, notes = told(SHIFTS="00-08, 08-16, 16-24")
    assert peak == ("Sat-Sun", "00:00", "08:00") and not any("Days begin at" in note for note in notes)
    peak, notes = told(SHIFTS="00-08, 08-16, 16-24", DAY_START=6)
    assert peak == ("Fri-Sat", "00:00", "08:00")
    assert "Days begin at 06:00: a peak that begins before 06:00 is in the night after the day named." in notes
    # without shifts any window of the hours asked for
    peak, _ = told(PEAK_HOURS=3)
    assert peak == ("Sat-Sun", "02:00", "05:00")
    _, notes = told(SHIFTS="08-20")
    assert any(n.startswith("100.0 % of the incidents with a known time lie in none of the shifts") for n in notes)


def test_us_units_in_words_and_metres_in_fields(plan, two, tmp_path):
    settings = tmp_path / "agency.json"
    settings.write_text('{"units": "us"}', encoding="utf-8")
    page = tmp_path / "zones.html"
    result, zones = plan(two, SETTINGS=str(settings), BUDGET_KIND=0, BUDGET=2, REPORT=str(page))
    assert "2 patrol zones of 4.9 acres held" in result["SUMMARY"] and "hectare" not in result["SUMMARY"]
    assert result["ZONE_AREA"] == pytest.approx(2.0) and zones[0]["area_ha"] == pytest.approx(1.0)
    assert "Area, acres" in words(page)
