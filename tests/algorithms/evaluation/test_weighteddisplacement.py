"""The tool: published numbers through Processing, what is refused, and what the words may say."""

from __future__ import annotations

import re

import numpy as np
import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsProcessingException, QgsVectorLayer

from tests.algorithms.evaluation.comparing import YEARS, null, rows_of, vancouver
from tests.algorithms.evaluation.roles import ROLES, count_table, square_layer
from tests.algorithms.samples import Listener

PAPER = [("treated", 207, 110), ("control", 308, 318), ("treated_displacement", 178, 157),
         ("control_displacement", 150, 140)]
FIELDS = {"BEFORE_FIELD": "n_2022", "AFTER_FIELD": "n_2023"}


@pytest.fixture
def wdd(run_tool):
    def run(table, listener=None, **more):
        fields = {} if "INCIDENTS" in more else FIELDS
        given = {"INPUT": table, "OUTPUT": "TEMPORARY_OUTPUT", **fields, **more}
        return run_tool("weighteddisplacement", given, feedback=listener or Listener())

    return run


def test_the_numbers_of_the_paper(wdd, tmp_path):
    """Wheeler and Ratcliffe (2018); the quotient from the POP Center's guide 10."""
    report = tmp_path / "wdd.html"
    result = wdd(count_table(PAPER), REPORT=str(report))
    assert result["WDD"] == -118 and result["LOCAL"] == -107 and result["DISPLACED"] == -11
    assert result["SE"] == pytest.approx(39.59797974644666) and result["Z"] == pytest.approx(-2.979950006429022)
    assert (result["LOW"], result["HIGH"]) == pytest.approx((-195.6106, -40.3894), abs=1e-4)
    assert (result["LOW90"], result["HIGH90"]) == pytest.approx((-183.1329, -52.8671), abs=1e-4)
    assert result["WDQ"] == pytest.approx(0.25818568834908917) and result["NET"] == pytest.approx(130.5)
    assert "118 fewer recorded incidents" in result["SUMMARY"] and "−196 to −40" in result["SUMMARY"]
    page = report.read_text(encoding="utf-8")
    assert "could not be estimated" in page and "one comparison area only" in page
    assert (tmp_path / "wdd_forest.svg").exists()


@pytest.mark.parametrize(("rows", "more", "value", "se"), [
    ([("control", 100, 50), ("treated", 80, 20)], {"BEFORE_TIME": 24, "AFTER_TIME": 12}, -20, 10.723805294763608),
    ([(role, b, a, w) for (role, b, a), w in zip(PAPER, (1.2, 0.9, 1.5, 1.6))],
     {"WEIGHTING": 3, "WEIGHT_FIELD": "size"}, -99.69444444, 35.4280755),
])
def test_time_and_area_weights(wdd, rows, more, value, se):
    result = wdd(count_table(rows, more="&field=size:double"), **more)
    assert result["WDD"] == pytest.approx(value, abs=1e-8) and result["SE"] == pytest.approx(se, abs=1e-7)


def test_comparison_areas_of_another_size_are_scaled(wdd):
    """Three comparison areas of the size of one treated: a third of their change counts, a ninth of their variance."""
    rows = [("treated", 60, 40, 1.0), *[("control", 60, 57, 1.0)] * 3]
    result = wdd(count_table(rows, more="&field=size:double"), WEIGHTING=2, WEIGHT_FIELD="size")
    assert result["WDD"] == pytest.approx(-20 + 9 / 3)
    assert result["SE"] == pytest.approx(np.sqrt(100 + 351 / 9))


def test_types_and_harm(wdd):
    """Wheeler's five types in rows of a table: harm -1721 with its error, and a row a type."""
    table, harm = [], "Motor = 3; Theft=2; burglary = 5; Robbery = 7; Assault = 10"
    for name, control, treated in (("Motor", (133, 91), (130, 74)), ("Theft", (388, 305), (327, 202)), (
            "Burglary", (148, 97), (398, 190)), ("Robbery", (86, 64), (144, 92)), ("Assault", (94, 67), (183, 96))):
        table += [("control", *control, name), ("treated", *treated, name)]
    listener = Listener()
    result = wdd(count_table(table, more="&field=kind:string"), listener, ROW_TYPE_FIELD="kind", HARM_WEIGHTS=harm,
                 OVERDISPERSION=1.0)
    rows = {row["wdd_of"]: row for row in rows_of(result)}
    assert rows["Harm"]["wdd"] == -1721 and rows["Harm"]["wdd_se"] == pytest.approx(304.1036007678962)
    assert rows["Burglary"]["wdd"] == (190 - 398) - (97 - 148) and rows["Burglary"]["wdd_q"] < 0.05
    assert rows["All incidents"]["wdd"] == sum(rows[n]["wdd"] for n in (
        "Motor", "Theft", "Burglary", "Robbery", "Assault"))
    assert "In harm" in result["SUMMARY"]


# --- words --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", [
    [("treated", 100, 95), ("control", 100, 102)], [("treated", 6, 4), ("control", 7, 5)],
    [("treated", 207, 190), ("control", 308, 310), ("treated_displacement", 178, 181),
     ("control_displacement", 150, 150)],
])
def test_nothing_shown_is_never_no_effect(wdd, tmp_path, rows):
    """Every text of the report, not only the sentence."""
    report = tmp_path / "none.html"
    result = wdd(count_table(rows), REPORT=str(report))
    assert "no difference is shown" in result["SUMMARY"] and "does not show that nothing changed" in result["SUMMARY"]
    page = re.sub(r"<[^>]+>|\s+", " ", report.read_text(encoding="utf-8").split("<body")[1]).lower()
    for claim in ("no effect", "had no impact", "did not work", "no displacement occurred", "proves", "no influence"):
        assert claim not in page, claim
    assert null(rows_of(result)[0]["wdq"])


def test_a_quotient_that_means_nothing_says_why(wdd):
    up = wdd(count_table([("treated", 100, 140), *PAPER[1:]]))
    assert up["WDQ"] is None and "not defined: the treated areas did not fall" in up["SUMMARY"]
    unsure = wdd(count_table([("treated", 100, 95), *PAPER[1:]]))
    assert unsure["WDQ"] is None and "could be chance, and nothing can be a share of it" in unsure["SUMMARY"]


def test_counts_that_vary_more_than_chance_widen_the_interval(wdd):
    """Twenty areas of each role that change very differently; the mean change is the same as in even ones."""
    even = [(role, 20, 20) for role in ("treated", "control") for _ in range(10)]
    wild = [(role, 20, 5 if k % 2 else 35) for role in ("treated", "control") for k in range(10)]
    calm, rough = wdd(count_table(even)), wdd(count_table(wild))
    assert calm["OVERDISPERSION_USED"] == 1.0 and rough["OVERDISPERSION_USED"] > 5
    assert rough["HIGH"] > 2 * calm["HIGH"] > 0 and rough["WDD"] == calm["WDD"] == 0


# --- refusals -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("rows", "more", "words"), [
    (PAPER[1:], {}, "No area has the role 'treated'"),
    (PAPER[:3], {}, "no area with the role 'control_displacement'"),
    ([("treated", 0, 0), ("control", 5, 6)], {}, "treated areas have no incident"),
    ([("treated", 5, 3), ("control", 0, 0)], {}, "comparison areas have no incident"),
    ([("treated", 5, -3), ("control", 5, 6)], {}, "A count is negative"),
    ([("treated", 5.5, 3), ("control", 5, 6)], {}, "no whole number of incidents"),
    ([("treated", None, 3), ("control", 5, 6)], {}, "No area has the role 'treated'"),
    ([("beat", 5, 3), ("control", 5, 6)], {}, "'beat' is no role"),
    (PAPER, {"AFTER_FIELD": ""}, "both needed"), (PAPER, {"AFTER_FIELD": "n_2022"}, "field of the counts before"),
    (PAPER, {"WEIGHTING": 2}, "Choose the field with the sizes"), (PAPER, {"WEIGHTING": 1}, "Only polygons"),
    (PAPER, {"HARM_WEIGHTS": "x = 2"}, "types are not known"),
    (PAPER, {"BEFORE_FIELD": "", "AFTER_FIELD": ""}, "nothing to compare"),
])
def test_bad_input_is_refused_in_words(wdd, rows, more, words):
    with pytest.raises(QgsProcessingException, match=words):
        wdd(count_table(rows), **more)


def test_a_missing_count_is_no_zero(wdd):
    listener = Listener()
    result = wdd(count_table([*PAPER, ("control", None, 40)]), listener)
    assert result["WDD"] == -118, "the area is left out of both periods"
    assert any("1 of 5 areas have no count" in text and "row 5" in text for text in listener.warnings)


def test_a_treated_area_without_incidents_is_told(wdd):
    listener = Listener()
    result = wdd(count_table([("treated", 40, 30), ("treated", 0, 0), ("control", 40, 41)]), listener)
    assert result["WDD"] == -11
    assert any("1 of 2 treated areas have no incident" in text for text in listener.warnings)
    assert any("one comparison area only" in text for text in listener.warnings)


def test_comparison_areas_of_another_level_are_told(wdd):
    """Everything fell by a fifth everywhere: the difference of numbers is no effect, the net effect by rate is 0."""
    listener = Listener()
    result = wdd(count_table([("treated", 500, 400), ("control", 100, 80)]), listener)
    assert result["WDD"] == -80 and result["NET"] == pytest.approx(0.0)
    assert "but not by rate" in result["SUMMARY"] and "could be chance" in result["SUMMARY"]
    assert any("0.2 times the incidents" in t and "net effect is 0" in t for t in listener.warnings)


def test_areas_chosen_for_their_counts_are_told_where_it_cannot_be_mended(wdd):
    listener = Listener()
    wdd(count_table(PAPER), listener, SELECTED_ON=2)
    assert any("regression to the mean" in text and "Give the incidents" in text for text in listener.warnings)


# --- incidents ----------------------------------------------------------------------------------------
def town(rng, rates, units=26, cut=0.5, cut_from=13):
    """Incidents in four squares of each role, 28 days a unit from 2022-01-02 on; treated ones are cut."""
    start, rows = np.datetime64("2022-01-02"), []
    for k, rate in enumerate(rates):
        for unit in range(units):
            mean = rate * (cut if k == 0 and unit >= cut_from else 1.0)
            for _ in range(rng.poisson(mean)):
                day = start + unit * 28 + int(rng.integers(0, 28))
                rows.append((k * 400 + rng.uniform(1, 399), str(day)))
    return rows


def incident_layer(rows):
    layer = QgsVectorLayer("Point?crs=EPSG:32630&field=dt_from:string&field=ctype:string&field=harm:double", "crimes",
                           "memory")
    features = []
    for i, (x, day) in enumerate(rows):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(430_000.0 + x, 5_960_050.0)))
        feature.setAttributes([day, ("Theft", "Robbery")[i % 3 == 0], 5.0 if i % 3 == 0 else 1.0])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


PERIODS = {"BEFORE_START": "2022-01-02", "BEFORE_END": "2022-12-31", "AFTER_START": "2023-01-01",
           "AFTER_END": "2023-12-30"}


@pytest.fixture(scope="module")
def crimes():
    return incident_layer(town(np.random.default_rng(3), (12.0, 12.0, 8.0, 8.0)))


def test_incidents_are_counted_in_the_roles(wdd, crimes, tmp_path):
    """Sums by hand; history gives overdispersion and a check of the time before; harm has its row."""
    report = tmp_path / "town.html"
    outputs = {"COUNTS": str(tmp_path / "c.gpkg"), "REPORT": str(report)}
    result = wdd(square_layer(4, ROLES), INCIDENTS=crimes, **outputs, **PERIODS)
    counted = np.zeros((16, 2), int)
    for feature in crimes.getFeatures():
        column = int((feature.geometry().asPoint().x() - 430_000) // 100)
        counted[column, int(feature["dt_from"] >= "2023-01-01")] += 1
    areas = rows_of({"OUTPUT": str(tmp_path / "c.gpkg")})
    assert [(r["PREV_CNT"], r["CUR_CNT"]) for r in areas] == [tuple(row) for row in counted]
    change = (counted[:, 1] - counted[:, 0]).reshape(4, 4).sum(axis=1)
    assert result["WDD"] == change[0] - change[1] + change[2] - change[3]
    assert result["HIGH"] < 0 and result["LOCAL_HIGH"] < 0
    rows = {row["wdd_of"]: row for row in rows_of(result)}
    assert set(rows) == {"All incidents", "Theft", "Robbery", "Harm"}
    assert rows["All incidents"]["tr_bef"] == counted[:4, 0].sum()
    page = report.read_text(encoding="utf-8")
    assert "13 units of 28 days before" in page and "does not prove it" in page


def test_unequal_periods_are_weighted(wdd, crimes):
    result = wdd(square_layer(4, ROLES), INCIDENTS=crimes, **{**PERIODS, "AFTER_END": "2023-07-01"})
    row = rows_of(result)[0]
    change = [row[f"{role}_aft"] - row[f"{role}_bef"] * 182 / 364 for role in ("tr", "co", "td", "cd")]
    assert result["WDD"] == pytest.approx(change[0] - change[1] + change[2] - change[3])


def test_periods_of_a_preset_and_the_police_day(wdd, crimes):
    """The year to 31 December against the last, as the dates say; history is read to its beginning."""
    same = wdd(square_layer(4, ROLES), INCIDENTS=crimes, PRESET=4, AS_OF="2023-12-31", DAY_START=6)
    dates = wdd(square_layer(4, ROLES), INCIDENTS=crimes, BEFORE_START="2022-01-01", BEFORE_END="2022-12-31",
                AFTER_START="2023-01-01", AFTER_END="2023-12-31")
    assert (same["WDD"], same["SE"]) == (dates["WDD"], dates["SE"])


def test_areas_chosen_for_their_count_do_not_sell_luck(wdd):
    """Pure noise: of 64 alike squares the four busiest are called treated. The plain difference finds a fall."""
    rng, plain, guarded = np.random.default_rng(11), 0, 0
    for _ in range(6):
        rows = []
        for i in range(64):
            for year in (2022, 2023):
                rows += [(i % 16 * 100 + 50.0, i // 16 * 100 + 50.0, f"{year}-{m:02d}-15") for m in (
                    1 + rng.integers(0, 12, rng.poisson(20)))]
        layer = incident_layer([])
        features = []
        for x, y, day in rows:
            feature = QgsFeature(layer.fields())
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(430_000 + x, 5_960_000 + y)))
            feature.setAttributes([day, "Theft", None])
            features.append(feature)
        layer.dataProvider().addFeatures(features)
        layer.updateExtents()
        before = np.zeros(64)
        for x, y, day in rows:
            before[int(y // 100) * 16 + int(x // 100)] += day < "2023"
        order = np.argsort(-before)
        roles = np.full(64, None, object)
        roles[order[:6]], roles[order[20:40]] = "treated", "control"
        years = {**YEARS, **{k: v.replace("2024", "2023x").replace("2023-", "2022-").replace("2023x", "2023")
                             for k, v in YEARS.items()}}
        result = wdd(square_layer(1, roles, columns=16), INCIDENTS=layer, SELECTED_ON=2, WEIGHTING=1,
                     OVERDISPERSION=1.0, **years)
        plain += result["AS_COUNTED"]
        guarded += result["WDD"]
    assert plain / 6 < -20, "luck makes a fall"
    assert abs(guarded) < 0.35 * abs(plain)


def test_what_was_planned_before_and_what_was_chosen_after(wdd, run_tool, crimes, tmp_path):
    """The plan is of today, so after the period; other areas, other periods and a mended file are told."""
    path, outputs = tmp_path / "plan.json", {"OUTPUT": "TEMPORARY_OUTPUT", "PLAN_OUT": str(tmp_path / "plan.json")}
    given = {"INPUT": square_layer(4, ROLES), "INCIDENTS": crimes, "BEFORE_START": "2022-01-02",
             "BEFORE_END": "2022-12-31", "AFTER_START": "2023-01-01", "OUTCOME": "all recorded crime"}
    assert run_tool("detectableeffect", {**given, **outputs})["PLAN_OUT"] == str(path)
    with pytest.raises(QgsProcessingException, match="a plan that can be replaced is none"):
        run_tool("detectableeffect", {**given, **outputs})

    def page(layer, **more):
        report = tmp_path / "r.html"
        wdd(layer, INCIDENTS=crimes, PLAN=str(path), REPORT=str(report), **{**PERIODS, **more})
        return report.read_text(encoding="utf-8")

    asked = page(square_layer(4, ROLES))
    assert "Areas and periods are as planned" in asked and "all recorded crime" in asked
    assert "with its results at hand" in asked
    assert "Chosen after it: other areas or roles." in page(square_layer(4, ROLES[:2]))
    assert "later period of 6.0 instead of 12.0 months" in page(square_layer(4, ROLES), AFTER_END="2023-07-01")
    path.write_text(path.read_text(encoding="utf-8").replace("all recorded", "grave"), encoding="utf-8")
    assert "was changed after it was written" in page(square_layer(4, ROLES))
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match="no plan of an evaluation"):
        page(square_layer(4, ROLES))


def test_a_plan_from_before_counts_as_such():
    from hotspot_plugin.algorithms.evaluation import design_plan
    from hotspot_plugin.analysis.evaluation.compareperiods import Period

    after = Period(np.datetime64("2023-01-01"), np.datetime64("2023-12-31"))
    for day, when in (("2022-12-31T23:00:00", "before"), ("2023-01-01T00:00:00", "during"), (
            "2024-01-01T00:00:00", "after")):
        assert design_plan.Plan(np.datetime64(day), {}, True).when(after) == when


def test_the_dose_is_told_and_a_measure_in_the_comparison_areas_too(wdd):
    rows, listener = [("treated", 60, 40, 100.0), ("treated", 60, 41, 0.0), ("control", 60, 57, 30.0)], Listener()
    wdd(count_table(rows, more="&field=hours:double"), listener, DOSE_FIELD="hours")
    assert any("comparison areas got 30.0 of the measure" in text and "1 of 2 treated areas" in text
               for text in listener.warnings)


def test_overlapping_roles_count_once(wdd, crimes):
    layer = square_layer(4, ROLES)
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt("POLYGON((430000 5960000,430800 5960000,430800 5960100,430000 5960100,"
                                            "430000 5960000))"))
    feature.setAttributes(["treated_displacement"])
    layer.dataProvider().addFeatures([feature])
    listener = Listener()
    alone = wdd(square_layer(4, ROLES), INCIDENTS=crimes, **PERIODS)
    result = wdd(layer, listener, INCIDENTS=crimes, **PERIODS)
    assert result["WDD"] == alone["WDD"] and any("more than one role" in text for text in listener.warnings)


@pytest.mark.parametrize(("more", "words"), [
    ({"AFTER_START": "2022-12-01"}, "overlap"), ({"AFTER_END": None}, "date is missing"),
    ({"BEFORE_TIME": 2}, "follow from their dates"), ({"HISTORY_START": "2022-06-01"}, "history starts"),
    ({"BEFORE_FIELD": "n", "AFTER_FIELD": "m"}, "not clear which")])
def test_contradicting_settings_are_refused(wdd, crimes, more, words):
    with pytest.raises(QgsProcessingException, match=words):
        wdd(square_layer(4, ROLES), INCIDENTS=crimes, **{**PERIODS, **more})


def test_vancouver(wdd, shared_data):
    """Theft of and from vehicles in two neighbourhoods against three, 2023 and 2024: sums by hand from the file."""
    incidents = vancouver(shared_data("vancouver/vpd_crime_2023.csv.gz"))
    later = vancouver(shared_data("vancouver/vpd_crime_2024.csv.gz"))
    areas = QgsVectorLayer(f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods", "areas", "ogr")
    assert areas.featureCount() == 22
    roles = QgsVectorLayer("Polygon?crs=EPSG:4326&field=role:string&field=name:string", "roles", "memory")
    features = []
    for i, area in enumerate(areas.getFeatures()):
        feature = QgsFeature(roles.fields())
        feature.setGeometry(area.geometry())
        feature.setAttributes(["treated" if i < 4 else "control" if i < 12 else None, f"Area {i}"])
        features.append(feature)
    roles.dataProvider().addFeatures(features)
    listener = Listener()
    result = wdd(roles, listener, INCIDENTS=incidents, AFTER_INCIDENTS=later, WEIGHTING=1, **YEARS)
    rows = {row["wdd_of"]: row for row in rows_of(result)}
    assert len(rows) == 12 and result["OVERDISPERSION_USED"] > 1.0
    every = rows["All incidents"]
    for name in ("tr_bef", "co_aft"):
        assert every[name] == sum(row[name] for key, row in rows.items() if key not in ("All incidents", "Harm"))
    assert null(rows["Homicide"]["wdd"]) and "none in" in rows["Homicide"]["wdd_word"]


def test_the_quotient_does_not_say_more_than_the_surroundings(wdd):
    """The interval of the quotient may leave out 0 while the change around the treated areas could be chance."""
    result = wdd(count_table([("treated", 381, 221), ("control", 338, 282), ("treated_displacement", 203, 229),
                              ("control_displacement", 190, 193)]), OVERDISPERSION=1.0)
    assert result["DISPLACED_LOW"] < 0 < result["DISPLACED_HIGH"] and result["WDQ"] < 0
    assert "could be chance" in result["SUMMARY"].partition("quotient")[2]
    assert "some incidents moved" not in result["SUMMARY"]


def test_types_that_miss_the_line_by_themselves_are_explained(wdd, tmp_path):
    report, rows = tmp_path / "wdd.html", [(*row, "Theft") for row in PAPER] + [(*row, "Assault") for row in PAPER]
    wdd(count_table(rows, more="&field=kind:string"), ROW_TYPE_FIELD="kind", REPORT=str(report))
    assert "the words of the table decide" in report.read_text(encoding="utf-8")
