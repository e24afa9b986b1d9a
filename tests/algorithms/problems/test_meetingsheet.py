"""The handout of a meeting: what is on the page, and what must never be."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsGeometry,
    QgsPoint,
    QgsProcessingException,
    QgsVectorLayer,
)

from hotspot_plugin.analysis.problems import register as r

from . import handouts
from .handouts import given, holds, lines_between, pdf_text, read


# --- what is on the page --------------------------------------------------------------------------
def test_the_page_tells_the_story(made):
    result, pages, _ = made
    language, direction, lines = pages[0]
    assert (language, direction) == ("en", "ltr") and len(pages) == result["PAGES"] == 6 and result["SHEETS"] == 3
    assert "Since our last meeting: 16 September 2024 to 30 November 2024" in lines
    # 160 and 150 crimes made of 2/3 theft; the sensitive ones, a third of all, are in no number
    assert "Theft|105|100" in lines and "Damage|55|50" in lines and "All together|160|150" in lines
    assert ("About 160 crimes were reported here (July to September 2024). A year before, it was about 150. A gap like"
            " this can be due to chance.") in lines
    # 24 voices on light (one of them three times), 12 on rubbish, 9 on drugs; 30 of last spring are not of this time
    lead, *told = lines_between(lines, "What you told us", "What we did")
    assert lead == "About 25 people told us about this area."
    assert holds(told, ["Bad street light: about 25 people", "Rubbish: about 10 people",
                        "What you wish for: better light (about 25 people)",
                        "What you wish for: repairs (about 10 people)"])
    assert holds(lines_between(lines, "What we did", "What we did not do, and why"), [
        "Rubbish: The yard behind the shops was cleared.", "14 October 2024: Six lamps repaired on Station Road",
        "Foot patrol in the evening: 12 times, about 6 hours in all"])
    assert holds(lines_between(lines, "What we did not do, and why", "What comes next"), [
        "We gave up this plan: Gate at the underpass. The path is a way to school.",
        "Bad street light: we still owe you the reason.",
        "Traffic: The road has too few crashes for the rules of the county."])
    assert holds(lines_between(lines, "What comes next")[:-2], [
        "Signs that warn drivers. This was due by 15 November 2024 and is late. Who: crime prevention office.",
        "Foot patrol in the evening. By 31 March 2025. Who: beat officers."])
    assert "Next meeting: 13 January 2025. Talk to us: Neighbourhood office, 555 0100" in lines
    assert (result["DID"], result["DECLINED"], result["UPCOMING"], result["VOICED"]) == (4, 4, 2, 1)


def test_an_area_with_little_says_so_kindly(made):
    lines = made[1][2][2]
    assert "Since our last meeting: 1 October 2024 to 30 November 2024" in lines  # an interview is no meeting
    assert any("Fewer than 10 people told us" in line for line in lines) and not any("Traffic" in x for x in lines)
    assert "Talks with people here (Noise at the skate park): 2 times" in lines
    assert "We stopped work on this: Noise at the skate park. The park is quiet since the benches were moved." in lines
    empty = made[1][4][2]
    assert "From 1 September 2024 to 30 November 2024" in empty  # 90 days back, as no meeting is known
    for text in ("We have no finished work to report here.", "We did not turn down any request here.",
                 "No next step is fixed yet. Please tell us what you need."):
        assert text in empty


SECRETS = ("Covert", "arcade", "Arcade", "Secret", "Jones", "Private words", "Older work", "detectives", "wards.gpkg",
           "register.gpkg", "speed camera", "Assault", "Drugs")


def test_nothing_internal_leaves(made):
    result = made[0]
    public = [Path(result["OUTPUT"]).read_text(encoding="utf-8"), pdf_text(result["PDF"])]
    public += [path.read_text(encoding="utf-8") for path in Path(result["FOLDER"]).glob("*.html")]
    assert len(public) == 6
    for text in public:
        assert not [word for word in SECRETS if word in text]
    # neither are they in what the PDF says of itself
    assert not [word for word in SECRETS if word.encode() in Path(result["PDF"]).read_bytes()]
    # the text with a name is held back and told inside, by its place and not by its words
    report = Path(result["REPORT"]).read_text(encoding="utf-8")
    assert result["HELD_BACK"] == 1 and "actions a7" in report and "name of a person" in report
    assert "Jones" not in report


def test_numbers_without_a_register_of_releases_are_a_draft(made, run_tool, tmp_path):
    result, pages, listener = made
    assert pages[0][2][0] == "Draft. Not to be handed out." and pages[1][2][0] == "Borrador. No repartir."
    assert any("draft" in text for text in listener.warnings)
    releases = tmp_path / "releases.json"
    texts = []
    for _ in range(2):  # the second run repeats what the register holds
        result = run_tool("meetingsheet", given(tmp_path, RELEASES=str(releases), AREA="elm park"))
        page = read(result["OUTPUT"])[0]
        assert "Draft" not in page[2][0] and "All together|160|150" in page[2], page
        texts.append(page)
    assert texts[0] == texts[1] and json.loads(releases.read_text())["tables"]
    with pytest.raises(QgsProcessingException, match="overlaps 2024-Q3|subtracted"):
        run_tool("meetingsheet", given(tmp_path, RELEASES=str(releases), PERIOD=0))


def test_public_counts_make_the_same_page(made, run_tool, tmp_path):
    run_tool("publicrelease", {
        "INCIDENTS": handouts.crimes(), "DATE_FIELD": "when", "GROUP_FIELD": "kind", "SENSITIVE_FIELD": "secret",
        "AREAS": handouts.wards(tmp_path), "PERIOD": 1, "OUTPUT": str(tmp_path / "counts.csv")})
    result = run_tool("meetingsheet", given(
        tmp_path, INCIDENTS=None, DATE_FIELD=None, GROUP_FIELD=None, SENSITIVE_FIELD=None,
        COUNTS=str(tmp_path / "counts.csv")))
    pages = read(result["OUTPUT"])
    ours, theirs = ([lines_between(lines, "Crime that was reported", "What you told us") for _, _, lines in each]
                    for each in (pages, made[1][::2]))
    assert ours == theirs and len(ours) == 3
    assert "Assault" not in Path(result["OUTPUT"]).read_text(encoding="utf-8")


YEARS = """period,first_day,last_day,area_name,group_name,n_public,status
2023,2023-01-01,2023-12-31,Elm Park,Theft,200,published
2023,2023-01-01,2023-12-31,Elm Park,All groups but sensitive incidents,300,published
2024,2024-01-01,2024-12-31,Elm Park,Theft,205,published
2024,2024-01-01,2024-12-31,Elm Park,Damage,,withheld
2024,2024-01-01,2024-12-31,Elm Park,All groups but sensitive incidents,400,published
2024,2024-01-01,2024-12-31,Elm Park,Stolen goods (sensitive part),20,published
2024,2024-01-01,2024-12-31,Elm Park,Hidden kind,35,published
2024,2024-01-01,2024-12-31,Elm Park,All sensitive groups,55,published
"""


@pytest.mark.parametrize("change, more, message", [
    ("", {}, r"\(SENSITIVE_TYPES\): The table holds sensitive groups by year beside the others"),
    ("Hidden kind>Hate crime", {}, r"\(SENSITIVE_TYPES\): 'Hate crime' reads like a sensitive type"),
    (",205,>,9,", {"SENSITIVE_TYPES": "hidden KIND"}, r"\(COUNTS\): The table shows numbers under 10 \(9\)"),
    ("", {"PERIOD": 0}, r"\(COUNTS\): The table holds no month that ended by 2025-03-31"),
    ("", {"SENSITIVE_TYPES": "Hidden kind"}, ""),
])
def test_counts_by_year_with_sensitive_ones(run_tool, tmp_path, change, more, message):
    old, _, new = change.partition(">")
    (tmp_path / "years.csv").write_text(YEARS.replace(old, new) if old else YEARS, encoding="utf-8")
    settings = {**given(tmp_path, UNTIL="2025-03-31", COUNTS=str(tmp_path / "years.csv"), PERIOD=2, AREA="Elm Park",
                        **dict.fromkeys(("INCIDENTS", "DATE_FIELD", "GROUP_FIELD", "SENSITIVE_FIELD"))), **more}
    if message:
        with pytest.raises(QgsProcessingException, match=message):
            run_tool("meetingsheet", settings)
        return
    result = run_tool("meetingsheet", settings)
    lines = read(result["OUTPUT"])[0][2]
    assert "Kind of crime|2024|2023" in lines and "Theft|205|200" in lines and "All together|400|300" in lines
    # 300 to 400 is beyond chance; why nobody knows
    assert any("That is more, and chance alone does not explain it." in line for line in lines)
    assert not [word for word in ("Hidden", "Stolen", "55", "Damage") if word in " ".join(lines[:14])]
    assert result["WITHHELD"] == 2  # damage in both years


def test_who_did_not_agree_is_not_counted(run_tool, tmp_path):
    folder = tmp_path
    no = dict.fromkeys(range(2, 20), "none")
    result = run_tool("meetingsheet", given(
        folder, INCIDENTS=None, DATE_FIELD=None, GROUP_FIELD=None, SENSITIVE_FIELD=None,
        COMMUNITY=handouts.reports(folder, consent=no), AREA="Elm Park"))
    lines = read(result["OUTPUT"])[0][2]
    # of 24 voices 18 are left, 7 of them on light, which is under 10
    assert lines_between(lines, "What you told us", "What we did") == [
        "About 20 people told us about this area.", "Rubbish: about 10 people",
        "What you wish for: repairs (about 10 people)"]
    assert not any("crimes" in line for line in lines) and result["WITHHELD"] is None


def test_answers_on_reports_are_told_but_for_those_of_the_register(run_tool, tmp_path):
    rows = handouts.story()
    rows[r.ANSWERS] = [{"answer_id": "n9", "meet_id": "m1", "input_id": "i1", "theme": "light", "outcome": "done",
                        "answered": "The lane has light.", "answ_on": "2024-10-20", "visible": "public"}]
    said = handouts.reports(
        tmp_path, status={0: "declined", 1: "done", 2: "done", 3: "declined"},
        response={0: "Lamps need a pole there.", 1: "Repeated in the register.", 2: "Call Ann at 202-555-0143.",
                  3: "Of last year."},
        declin_on={0: "2024-10-09", 3: "2023-10-09"}, done_on={1: "2024-10-09", 2: "2024-10-09"})
    settings = given(
        tmp_path, REGISTER=handouts.register(tmp_path / "other.gpkg", rows), COMMUNITY=said, AREA="Elm Park",
        INCIDENTS=None, DATE_FIELD=None, GROUP_FIELD=None, SENSITIVE_FIELD=None)
    for answers in (True, False):
        result = run_tool("meetingsheet", {**settings, "ANSWERS": answers})
        lines = read(result["OUTPUT"])[0][2]
        assert any("The lane has light." in line for line in lines)
        # answers to one resident are printed when asked for, and never denied
        assert ("Bad street light: Lamps need a pole there." in " ".join(lines)) is answers
        assert ("Some requests were turned down. Ask us about yours." in lines) is not answers
        assert not [w for w in ("Repeated", "Ann", "last year") if w in " ".join(lines)]
        assert result["HELD_BACK"] == (2 if answers else 1)


def test_one_answer_to_many_is_told_once_without_what_few_named(run_tool, tmp_path):
    rows = dict.fromkeys([*range(2, 26), *range(38, 47)], "declined")  # light, and drugs
    said = handouts.reports(tmp_path, status=rows, response=dict.fromkeys(rows, "Passed on to the county."),
                            declin_on=dict.fromkeys(rows, "2024-10-09"))
    result = run_tool("meetingsheet", given(tmp_path, COMMUNITY=said, AREA="Elm Park"))
    lines = " ".join(read(result["OUTPUT"])[0][2])
    assert lines.count("Passed on to the county.") <= 1 and "Drugs" not in lines
    assert result["DECLINED"] == 4  # three of the register, one for all


def test_practice_data_say_so_on_each_page(run_tool, tmp_path):
    rows = handouts.story()
    rows[r.PROBLEMS][0]["practice"] = "yes"
    path = handouts.register(tmp_path / "p.gpkg", rows, extra={r.PROBLEMS: ["practice"]})
    result = run_tool("meetingsheet", given(tmp_path, REGISTER=path, INCIDENTS=None, DATE_FIELD=None, GROUP_FIELD=None,
                                            SENSITIVE_FIELD=None, LANGUAGE2="de"))
    pages = read(result["OUTPUT"])
    assert {page[2][0] for page in pages} == {
        "Practice data. Nothing here is real.", "Übungsdaten. Nichts davon ist echt."}


# --- refusals ----------------------------------------------------------------------------------------
NOTHING = dict.fromkeys(("REGISTER", "COMMUNITY", "INCIDENTS", "DATE_FIELD", "GROUP_FIELD", "SENSITIVE_FIELD"))


@pytest.mark.parametrize("change, message", [
    (NOTHING, r"\(REGISTER\): There is nothing to tell"),
    ({"AREA": "Elm Park; Nowhere"}, r"\(AREA\): There is no area 'Nowhere'. The areas are: Elm Park, Mill End"),
    ({"SINCE": "2024-12-24"}, r"\(SINCE\): The last meeting \(2024-12-24\) lies after the last day"),
    ({"REGISTER": "foreign.gpkg"}, r"\(REGISTER\): 'wards.gpkg' is no problem register: it has no table 'problems'"),
    ({"REGISTER": "text.gpkg"}, r"\(REGISTER\): 'text.gpkg' is no problem register, or cannot be read"),
    ({"REGISTER": "/nowhere/x.gpkg"}, r"\(REGISTER\): There is no file 'x.gpkg'"),
    ({"LANGUAGE2": "qq"}, r"\(LANGUAGE2\): 'qq' is no code of a language"),
    ({"LANGUAGE2": "it"}, r"\(PHRASES\): In the language 'it' \d+ of \d+ phrases are missing"),
    ({"AREAS": None}, r"\(AREAS\): Choose the areas"),
    ({"MIN_PUBLIC": 2}, r"\(MIN_PUBLIC\): A limit of 2 hides no small numbers"),
    ({"CONTACT": "the office in the library " * 120}, r"\(CONTACT\): The page of 'Elm Park' is too full"),
    ({"UNTIL": "2030-01-31"}, r"\(UNTIL\): No quarter between 2028-04-01 and 2030-01-31 can be released"),
    ({"COUNTS": "wards"}, r"\(COUNTS\): Give incidents or public counts, not both"),
    ({"SENSITIVE_FIELD": None}, r"\(SENSITIVE_TYPES\): 'Assault at home' reads like|\(SENSITIVE_TYPES\)"),
])
def test_refusals(run_tool, tmp_path, change, message):
    settings = given(tmp_path)
    (tmp_path / "text.gpkg").write_text("no GeoPackage", encoding="utf-8")
    change = dict(change)
    if change.get("REGISTER") == "foreign.gpkg":
        change["REGISTER"] = settings["AREAS"]
    elif change.get("REGISTER") == "text.gpkg":
        change["REGISTER"] = str(tmp_path / "text.gpkg")
    if change.get("COUNTS"):
        change["COUNTS"] = settings["AREAS"]
    if "SENSITIVE_FIELD" in change and change["SENSITIVE_FIELD"] is None and "REGISTER" not in change:
        layer = settings["INCIDENTS"]
        layer.startEditing()
        index = layer.fields().indexOf("kind")
        for feature in layer.getFeatures():
            if feature["kind"].startswith("Assault"):
                layer.changeAttributeValue(feature.id(), index, "Domestic assault")
        layer.commitChanges()
    settings = {name: value for name, value in {**settings, **change}.items() if value is not None}
    with pytest.raises(QgsProcessingException, match=message):
        run_tool("meetingsheet", settings)
    assert not (tmp_path / "sheet.html").exists()


# --- real data -----------------------------------------------------------------------------------------
def inside(areas, table) -> dict:
    """Count points in polygons one by one, with QGIS's own geometry."""
    system = QgsCoordinateReferenceSystem("EPSG:26910")
    transform = QgsCoordinateTransform(areas.crs(), system, QgsCoordinateTransformContext())
    out = {}
    for feature in areas.getFeatures():
        shape = feature.geometry()
        shape.transform(transform)
        engine, box = QgsGeometry.createGeometryEngine(shape.constGet()), shape.boundingBox()
        engine.prepareGeometry()
        out[feature["name"]] = sum(box.contains(x, y) and engine.contains(QgsPoint(x, y))
                                   for x, y in zip(table.X, table.Y))
    return out


def test_vancouver(run_tool, tmp_path, shared_data):
    """22 neighbourhoods at once; the totals are the city's rows, rounded, or not shown."""
    import pandas as pd

    from hotspot_plugin.layers import writing
    from tests.algorithms.samples import save

    table = pd.concat([pd.read_csv(shared_data(f"vancouver/vpd_crime_{year}.csv.gz")) for year in (2023, 2024)])
    table = table[(table.X > 0) & table.MONTH.between(7, 9)].reset_index(drop=True)
    when = pd.to_datetime(table[["YEAR", "MONTH", "DAY"]]).to_numpy().astype("M8[ms]")
    points = writing.points_from_arrays(table.X.to_numpy(), table.Y.to_numpy())
    with mock.patch("tests.algorithms.samples.CRS", "EPSG:26910"):
        crimes = save(tmp_path / "crimes.gpkg", points, {"dt_from": when, "ctype": table.TYPE.to_numpy(object)})
    areas = f"{shared_data('vancouver/vancouver.gpkg')}|layername=neighbourhoods"
    result = run_tool("meetingsheet", {
        "AREAS": areas, "NAME_FIELD": "name",
        "INCIDENTS": crimes, "SENSITIVE_TYPES": "none", "SINCE": "2024-09-01", "UNTIL": "2024-12-31",
        "EXTRACTED": "2024-12-31", "OUTPUT": str(tmp_path / "v.html"), "PDF": str(tmp_path / "v.pdf")})
    pages = read(result["OUTPUT"])
    assert result["SHEETS"] == result["PAGES"] == len(pages) == 22
    assert (result["FIRST_DAY"], result["LAST_DAY"]) == ("2024-07-01", "2024-09-30")
    counted = inside(QgsVectorLayer(areas, "areas", "ogr"), table[table.YEAR == 2024])
    shown = 0
    for _, _, lines in pages:
        name = next(line for line in lines if line.endswith(": what you said, what we did")).split(":")[0]
        total = next((line.split("|")[1] for line in lines if line.startswith("All together|")), "not shown")
        if total != "not shown":
            shown += 1
            total = int(total.replace(",", ""))
            # rounding moves by two at most; a few blocks lie on the line between two areas
            assert total % 5 == 0 and abs(total - counted[name]) <= 4, name
    assert shown >= 18
