"""Group and weigh crime types, run as a user does."""

from __future__ import annotations

import csv
import json
from collections import Counter

import pandas as pd
import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsVectorLayer,
)

from hotspot_plugin.algorithms.data import classifyincidents_read as reading

from .test_prepareincidents import Log, rows

HEADER = "code,group,harm,sensitive,proactive,public_place,is_crime,note\n"
OWN = HEADER + (
    "Burglary,Property,10,no,no,no,yes,\n"
    "drugs,Vice,4,no,yes,,yes,\n"
    "Shoplifting,Property,1,no,company,no,yes,\n"
    '"Rape, attempted",Sexual,100,yes,no,,yes,\n'
)
VANCOUVER = HEADER + (
    "break and enter commercial,Burglary,30,no,no,no,yes,\n"
    "Break and Enter Residential/Other,Burglary,60,no,no,no,yes,\n"
    "Homicide,Violence,1000,yes,no,,yes,\n"
    "Mischief,Mischief,2,no,no,yes,yes,\n"
    "Offence Against a Person,Violence,120,yes,no,,yes,\n"
    "Other Theft,Theft,5,no,company,no,yes,\n"
    "Theft from Vehicle,Vehicle crime,5,no,no,yes,yes,\n"
    "Theft of Bicycle,Theft,5,no,no,yes,yes,\n"
    "Theft of Vehicle,Vehicle crime,20,no,no,yes,yes,\n"
)
TYPES = [" burglary ", "Burglary", "Drugs", "SHOPLIFTING", "Rape, attempted", "Burglarly", None, "Burglary"]
SOURCES = ["call", "Officer", "officer", "shop", "call", "call", "call", None]


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN, encoding="utf-8")
    return str(path)


def layer(types=TYPES, sources=SOURCES, kind="Point?crs=EPSG:4326&", field="kind"):
    made = QgsVectorLayer(f"{kind}field=id:integer&field={field}:string&field=how:string", "town", "memory")
    features = []
    for k, (value, source) in enumerate(zip(types, sources)):
        feature = QgsFeature(made.fields())
        feature.setAttributes([k, value, source])
        if made.isSpatial() and k != 1:  # a row without a place is a row
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(-123 + k / 100, 49)))
        features.append(feature)
    made.dataProvider().addFeatures(features)
    return made


@pytest.fixture
def classify(run_tool, tmp_path):
    """Run the tool; return its results, its rows and the log."""

    def run(log=None, **parameters):
        log = log or Log()
        results = run_tool("classifyincidents", {"OUTPUT": str(tmp_path / "out.gpkg"), **parameters}, feedback=log)
        return results, rows(results["OUTPUT"]), log

    return run


def refused(classify, match, **parameters):
    with pytest.raises(QgsProcessingException, match=match) as caught:
        classify(**parameters)
    return str(caught.value)


# --- what is written -------------------------------------------------------------------------
ALLOWED = {"ALLOW_UNMATCHED": True, "TYPE_FIELD": "kind"}


def test_columns_of_every_row(classify, own, tmp_path):
    results, out, log = classify(INPUT=layer(), TABLE=own, **ALLOWED, UNMATCHED=str(tmp_path / "un.gpkg"))
    assert [r["id"] for r in out] == list(range(8)) and [r["kind"] for r in out] == TYPES
    assert [r["cgroup"] for r in out] == ["Property", "Property", "Vice", "Property", "Sexual", None, None, "Property"]
    assert [r["harm"] for r in out] == [10, 10, 0, 0, 100, None, None, 10]
    assert [r["sensitive"] for r in out] == [False, False, False, False, True, None, None, False]
    assert [r["proactive"] for r in out] == [False, False, True, False, False, None, None, False]
    assert [r["public_pl"] for r in out] == [False, False, None, False, None, None, None, False]
    assert [r["is_crime"] for r in out] == [True] * 5 + [None, None, True]
    assert str(out[1]["point"]) in ("None", "(nan, nan)"), "a GeoPackage keeps no place as an empty point"
    assert out[0]["point"] == (-123, 49), "the layer's own system"
    numbers = {name: results[name] for name in (
        "ROWS", "MATCHED", "UNMATCHED_COUNT", "UNMATCHED_TYPES", "NULL_TYPES", "GROUPS", "HARM_SUM", "HARM_LEFT_OUT",
        "NO_HARM")}
    assert numbers == {"ROWS": 8, "MATCHED": 6, "UNMATCHED_COUNT": 1, "UNMATCHED_TYPES": 1, "NULL_TYPES": 1,
                       "GROUPS": 3, "HARM_SUM": 130, "HARM_LEFT_OUT": 5, "NO_HARM": 0}
    shares = [results[name] for name in ("SENSITIVE_SHARE", "PROACTIVE_SHARE", "COMPANY_SHARE")]
    assert shares == [1 / 8, 1 / 8, 1 / 8]
    (unmatched,) = rows(results["UNMATCHED"])
    assert (unmatched["ctype"], unmatched["n"], unmatched["share"]) == ("Burglarly", 1, 0.125)
    assert unmatched["looks_like"] == "Burglary", "told, not used"
    assert any("'Burglarly' is not in the table; the table has 'Burglary'" in text for text in log.infos)
    assert json.loads(results["PROVENANCE"])["crs"] == "EPSG:4326"


def test_types_of_columns_do_not_depend_on_the_rows(classify, own):
    results, _, _ = classify(INPUT=layer(["x", "y"], ["", ""]), TABLE=own, **ALLOWED)
    names = {f.name(): f.typeName() for f in QgsVectorLayer(results["OUTPUT"], "o", "ogr").fields()}
    assert {n: names[n] for n in ("cgroup", "harm", "sensitive", "proactive", "public_pl", "is_crime")} == {
        "cgroup": "String", "harm": "Real", "sensitive": "Boolean", "proactive": "Boolean", "public_pl": "Boolean",
        "is_crime": "Boolean"}


def test_counted_after_all(classify, own):
    results, out, _ = classify(INPUT=layer(), TABLE=own, COUNT_PROACTIVE=True, **ALLOWED)
    assert [r["harm"] for r in out] == [10, 10, 4, 1, 100, None, None, 10]
    assert results["HARM_LEFT_OUT"] == 0


def test_sources_that_mean_officers(classify, own):
    results, out, log = classify(INPUT=layer(), TABLE=own, SOURCE_FIELD="how", PROACTIVE_VALUES=" OFFICER ; patrol",
                                 **ALLOWED)
    assert [r["proactive"] for r in out] == [False, True, True, False, False, None, None, False]
    assert out[1]["harm"] == 0 and results["PROACTIVE_SHARE"] == 0.25
    assert any("No row has 'patrol' in 'how'; its values are: call (4), Officer (2), shop (1)" in w
               for w in log.warnings)
    assert any("25 % of the rows are officers' own findings" in w for w in log.warnings)


def test_a_table_without_places(classify, own):
    results, out, _ = classify(INPUT=layer(kind="None?"), TABLE=own, **ALLOWED)
    assert not QgsVectorLayer(results["OUTPUT"], "o", "ogr").isSpatial()
    assert len(out) == 8 and out[4]["cgroup"] == "Sexual"


def test_fields_of_prepared_incidents_are_found(classify, own):
    results, _, log = classify(INPUT=layer(field="ctype"), TABLE=own, ALLOW_UNMATCHED=True)
    assert results["MATCHED"] == 6 and any("no field is chosen, so 'ctype' is used" in text for text in log.infos)


def test_classifying_twice_replaces_the_columns(classify, own, tmp_path):
    first = classify(INPUT=layer(), TABLE=own, **ALLOWED)[0]["OUTPUT"]
    results, out, _ = classify(INPUT=first, TABLE=own, COUNT_PROACTIVE=True, OUTPUT=str(tmp_path / "two.gpkg"),
                               **ALLOWED)
    assert [r["harm"] for r in out][:4] == [10, 10, 4, 1] and list(out[0]).count("harm") == 1


def test_an_own_table_wins_over_a_public_one(classify, own):
    types = ["Burglary", "Bicycle theft", "Drugs"]
    results, out, _ = classify(INPUT=layer(types, [""] * 3), TYPE_FIELD="kind", TABLE=own, PUBLIC_TABLE=1)
    assert [r["cgroup"] for r in out] == ["Property", "Theft", "Vice"] and [r["harm"] for r in out] == [10, None, 0]
    assert results["NO_HARM"] == 1


def test_public_tables_state_no_harm(classify):
    results, out, log = classify(INPUT=layer(["13a", "35A", "240 "], [""] * 3), TYPE_FIELD="kind", PUBLIC_TABLE=2)
    assert [r["cgroup"] for r in out] == [f"Crimes against {what}" for what in ("persons", "society", "property")]
    assert [r["harm"] for r in out] == [None] * 3 and results["HARM_SUM"] is None
    assert any("states no harm" in text for text in log.infos)


def test_the_example_warns(classify):
    *_, log = classify(INPUT=layer(["Robbery"], [""]), TYPE_FIELD="kind", PUBLIC_TABLE=4)
    assert any("made up" in text for text in log.warnings)


def test_the_look_has_a_colour_for_each_group(classify, own):
    results, _, _ = classify(INPUT=layer(), TABLE=own, **ALLOWED)
    made = QgsVectorLayer(results["OUTPUT"], "o", "ogr")
    made.loadDefaultStyle()
    labels = [category.label() for category in made.renderer().categories()]
    assert labels == ["Property", "Vice", "Sexual", "Not in the table"]


def test_the_report_lists_groups_and_what_is_missing(classify, own, tmp_path):
    results, _, _ = classify(INPUT=layer(), TABLE=own, REPORT=str(tmp_path / "r.html"), **ALLOWED)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    for text in (results["SUMMARY"].replace(" %", "\u00a0%"), "Types that are not in the table", "Burglarly",
                 "company staff", "weigh nothing"):
        assert text in page
    with open(tmp_path / "r_groups_table.csv", encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert sum(int(row["Rows"]) for row in table) == results["MATCHED"]
    assert sum(float(row["Harm"]) for row in table) == results["HARM_SUM"]


# --- refusals --------------------------------------------------------------------------------
def test_too_many_unmatched_are_refused_with_their_names(classify, own, tmp_path):
    given = {"INPUT": layer(), "TABLE": own, "TYPE_FIELD": "kind", "TEMPLATE": str(tmp_path / "todo.csv")}
    text = refused(classify, r"1 of 8 rows \(12.5%; at most 5 %", **given)
    assert "TABLE" in text and "Burglarly (1)" in text and "ALLOW_UNMATCHED" in text and "todo.csv" in text
    with open(tmp_path / "todo.csv", encoding="utf-8-sig", newline="") as file:
        found = {row["code"]: row for row in csv.DictReader(file)}
    assert found["Burglarly"]["group"] == "" and "1 rows" in found["Burglarly"]["note"]
    assert found["SHOPLIFTING"]["proactive"] == "company" and found["Rape, attempted"]["harm"] == "100"
    assert classify(**given, MAX_UNMATCHED=12.5)[0]["UNMATCHED_COUNT"] == 1
    # as it stands it is not complete, and is told so
    refused(classify, "line 6: 'Burglarly' has no group", **{**given, "TABLE": str(tmp_path / "todo.csv"),
                                                             "TEMPLATE": None})


def test_a_completed_template_is_a_table(classify, own, tmp_path):
    path = tmp_path / "todo.csv"
    classify(INPUT=layer(), TABLE=own, TEMPLATE=str(path), **ALLOWED)
    path.write_text(path.read_text(encoding="utf-8-sig").replace("Burglarly,,", "Burglarly,Property,"),
                    encoding="utf-8-sig")
    results, _, _ = classify(INPUT=layer(), TABLE=str(path), TYPE_FIELD="kind")
    assert results["MATCHED"] == 7 and results["UNMATCHED_COUNT"] == 0


@pytest.mark.parametrize("content, words", [
    ("code;group;harm\nA;B;1\n", "lacks the column"),
    ("code,harm\nA,1\n", r"lacks the column\(s\) group"),
    (HEADER + "A,G,1,no,no,no,yes,\nB,G\n", "line 3: it has not as many cells"),
    (HEADER + "A,G,1,no,no,no,yes,\na,G,1,no,no,no,yes,\n", "line 3: the code 'a' stands in line 2"),
    (HEADER + "A,G,-2,no,no,no,yes,\n", "line 2.*0 or more"),
    (HEADER + "A,G,much,no,no,no,yes,\n", "line 2.*no number"),
    (HEADER + "A,G,2,maybe,no,no,yes,\n", "line 2: 'maybe' in sensitive"),
    (HEADER + "A,G,2,no,no,no,yes,\nB;G;2;no;no;no;yes;\n", "line 3: it has not as many cells.*comma"),
    (HEADER, "no types below"),
    ("", "holds no table"),
])
def test_a_malformed_table_is_refused_with_line_and_remedy(classify, tmp_path, content, words):
    path = tmp_path / "bad.csv"
    path.write_text(content, encoding="utf-8")
    text = refused(classify, words, INPUT=layer(), TYPE_FIELD="kind", TABLE=str(path))
    assert "(TABLE)" in text and "bad.csv" in text


def test_the_wrong_encoding_is_refused(classify, tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes((HEADER + "A,G,1,no,no,no,yes,\nZ\u00fcndeln,G,1,no,no,no,yes,\n").encode("cp1252"))
    refused(classify, r"TABLE.*old.csv', line 3.*UTF-8", INPUT=layer(), TYPE_FIELD="kind", TABLE=str(path))
    path.write_bytes(b"PK\x03\x04\0\0\0\0 a workbook")
    refused(classify, "TABLE.*no text table.*CSV", INPUT=layer(), TYPE_FIELD="kind", TABLE=str(path))


def test_semicolons_and_decimal_commas_of_other_spreadsheets_are_read(classify, tmp_path):
    path = tmp_path / "excel.csv"
    text = HEADER.replace(",", ";") + "Z\u00fcndeln;Feuer;1,5;nein\n".replace("nein", "no;no;;yes;")
    path.write_bytes(text.encode("utf-8-sig"))
    _, out, log = classify(INPUT=layer(["Zu\u0308ndeln"], [""]), TYPE_FIELD="kind", TABLE=str(path))
    assert out[0]["cgroup"] == "Feuer" and out[0]["harm"] == 1.5
    assert any("semicolon" in text for text in log.infos)


@pytest.mark.parametrize("parameters, words", [
    ({"TYPE_FIELD": "kind"}, "TABLE.*No table of types is given"),
    ({"TYPE_FIELD": "kind", "TABLE": "nowhere.csv"}, "TABLE.*cannot be read"),
    ({"PUBLIC_TABLE": 1}, "TYPE_FIELD.*The fields are: id, kind, how"),
    ({"PUBLIC_TABLE": 1, "TYPE_FIELD": "none"}, "none"),
    ({"PUBLIC_TABLE": 1, "TYPE_FIELD": "kind", "SOURCE_FIELD": "how"}, r"PROACTIVE_VALUES.*call \(4\), Officer \(2\)"),
    ({"PUBLIC_TABLE": 1, "TYPE_FIELD": "kind", "PROACTIVE_VALUES": "officer"}, "SOURCE_FIELD.*no field"),
])
def test_what_is_missing_is_named(classify, parameters, words):
    refused(classify, words, INPUT=layer(), **parameters)


def test_only_empty_types_are_refused(classify, own):
    refused(classify, "TYPE_FIELD.*empty in all 2 rows", INPUT=layer([None, "  "], ["", ""]), TABLE=own,
            TYPE_FIELD="kind")
    refused(classify, "INPUT.*no rows", INPUT=layer([], []), TABLE=own, TYPE_FIELD="kind")


def test_the_template_never_replaces_what_is_read(classify, own, tmp_path):
    refused(classify, "TEMPLATE.*would be lost", INPUT=layer(), TABLE=own, TEMPLATE=own, **ALLOWED)
    path = tmp_path / "incidents.csv"
    path.write_text("id,kind\n1,Burglary\n", encoding="utf-8")
    refused(classify, "TEMPLATE.*would be lost", INPUT=str(path), TABLE=own, TEMPLATE=str(path), **ALLOWED)
    assert path.read_text(encoding="utf-8") == "id,kind\n1,Burglary\n"


def test_rows_that_qgis_does_not_show_are_told(classify, own, tmp_path):
    path = tmp_path / "places.csv"
    path.write_text("kind,lon,lat\nBurglary,-123,49\nDrugs,NA,NA\n", encoding="utf-8")
    shown = QgsVectorLayer(f"file://{path}?delimiter=,&xField=lon&yField=lat&crs=EPSG:4326", "places", "delimitedtext")
    results, _, log = classify(INPUT=shown, TABLE=own, TYPE_FIELD="kind")
    assert results["ROWS"] == shown.featureCount()
    if shown.featureCount() < 2:
        assert any("1 more rows than the layer shows" in text for text in log.warnings)


@pytest.mark.parametrize("at", [0.0, 20.0, 50.0])
def test_a_run_can_be_cancelled(classify, own, at):
    refused_log = Log(stop_at=at)
    with pytest.raises(QgsProcessingException, match="cancelled"):
        classify(log=refused_log, INPUT=layer(TYPES * 500, SOURCES * 500), TABLE=own, **ALLOWED)


# --- real data -------------------------------------------------------------------------------
def test_vancouver(shared_data, classify, tmp_path):
    path = shared_data("vancouver/vpd_crime_2023.csv.gz")
    (tmp_path / "van.csv").write_text(VANCOUVER, encoding="utf-8")
    results, out, log = classify(INPUT=str(path), TABLE=str(tmp_path / "van.csv"), TYPE_FIELD="TYPE")
    known = pd.read_csv(path)
    counts = known["TYPE"].value_counts()
    collisions = counts[counts.index.str.startswith("Vehicle Collision")].sum()
    assert results["ROWS"] == len(known) == len(out)
    assert results["UNMATCHED_COUNT"] == collisions == 1161 and results["UNMATCHED_TYPES"] == 2
    assert [r["TYPE"] for r in out] == known["TYPE"].tolist()
    held = Counter(r["cgroup"] for r in out)
    assert held["Theft"] == counts["Other Theft"] + counts["Theft of Bicycle"] and held[None] == collisions
    harm = {"Break and Enter Commercial": 30, "Break and Enter Residential/Other": 60, "Homicide": 1000, "Mischief": 2,
            "Offence Against a Person": 120, "Theft from Vehicle": 5, "Theft of Bicycle": 5, "Theft of Vehicle": 20}
    assert results["HARM_SUM"] == sum(counts[name] * value for name, value in harm.items())
    assert results["HARM_LEFT_OUT"] == 5 * counts["Other Theft"]
    assert results["SENSITIVE_SHARE"] == (counts["Homicide"] + counts["Offence Against a Person"]) / len(known)
    told = "1,161 rows (3.2 %) are of types that are not in the table (number of types: 2)"
    assert any(told in text for text in log.warnings)


def test_memphis(shared_data, classify, tmp_path):
    """One type with a name of its own: refused by the public tables, matched by an own one; degrees stay degrees."""
    path = f"{shared_data('memphis/memphis.gpkg')}|layername=robberies"
    text = refused(classify, r"2245 of 2245 rows \(100.0%", INPUT=path, TYPE_FIELD="offense_type", PUBLIC_TABLE=1)
    assert "personal robbery (2,245)" in text
    (tmp_path / "own.csv").write_text(HEADER + "Personal Robbery,Robbery,365,no,no,yes,yes,\n", encoding="utf-8")
    results, out, _ = classify(INPUT=path, TYPE_FIELD="offense_type", TABLE=str(tmp_path / "own.csv"))
    assert results["MATCHED"] == 2245 and results["HARM_SUM"] == 2245 * 365
    assert {r["cgroup"] for r in out} == {"Robbery"} and all(-91 < r["point"][0] < -89 for r in out)


def test_kansas_city_has_nibrs_codes(shared_data, classify):
    path = str(shared_data("messy_small/kansas_city_frauds.csv.gz"))
    results, out, _ = classify(INPUT=path, TYPE_FIELD="offense_code", PUBLIC_TABLE=2)
    assert results["MATCHED"] == len(out) == 6 and {r["cgroup"] for r in out} == {"Crimes against property"}


def test_cincinnati_has_a_type_of_its_own(shared_data, classify, tmp_path):
    """1,102 of 8,723 rows are AGGRAVATED BURGLARY, which no public table has: refused, then completed by one line."""
    path = shared_data("messy_small/cincinnati_burglary.csv.gz")
    given = {"INPUT": str(path), "TYPE_FIELD": "offense", "PUBLIC_TABLE": 3}
    refused(classify, r"1102 of 8723 rows \(12.6%.*AGGRAVATED BURGLARY \(1,102\)", **given)
    own = tmp_path / "own.csv"
    own.write_text(HEADER + 'aggravated burglary,"Part I, property",,no,no,no,yes,\n', encoding="utf-8")
    results, out, _ = classify(**given, TABLE=str(own))
    assert results["MATCHED"] == len(out) == len(pd.read_csv(path)) and {r["cgroup"] for r in out} == {
        "Part I, property"}


@pytest.mark.parametrize("file, field", [
    ("medellin_homicides.csv", "modalidad"), ("san_francisco_robbery.csv", "offense_type"),
    ("bronx_shootings.csv", "murder"), ("aggravated_assaults.xlsx|layername=Austin", "location_category"),
    ("tempe_opioid_calls.csv", "narcan_given"),
])
def test_messy_files_keep_every_row(shared_data, classify, tmp_path, file, field):
    """With a template that is completed by machine, every type of every file is matched."""
    name, _, sheet = file.partition("|")
    source = str(shared_data(f"messy_small/{name}")) + (f"|{sheet}" if sheet else "")
    todo = tmp_path / "todo.csv"
    first, _, _ = classify(INPUT=source, TYPE_FIELD=field, PUBLIC_TABLE=1, TEMPLATE=str(todo), ALLOW_UNMATCHED=True)
    with open(todo, encoding="utf-8-sig", newline="") as file_in:
        found = list(csv.reader(file_in))
    assert len(found) - 1 == first["UNMATCHED_TYPES"]
    with open(todo, "w", encoding="utf-8", newline="") as file_out:
        csv.writer(file_out).writerows([found[0], *([row[0], "All", "1", *row[3:]] for row in found[1:])])
    results, out, _ = classify(INPUT=source, TYPE_FIELD=field, TABLE=str(todo))
    assert results["ROWS"] == first["ROWS"] == len(out) == results["MATCHED"] + results["NULL_TYPES"]
    assert results["UNMATCHED_COUNT"] == 0 and results["HARM_SUM"] == results["MATCHED"]


def test_every_option_has_its_file(provider):
    options = provider.algorithm("classifyincidents").parameterDefinition("PUBLIC_TABLE").options()
    assert len(options) == len(reading.PUBLIC)
    assert all((reading.FOLDER / name).is_file() for name in reading.PUBLIC[1:])
