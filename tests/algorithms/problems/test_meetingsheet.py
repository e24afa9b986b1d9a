"""The handout of a meeting: what is on the page, what must never be, one page on paper, two languages."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
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
from tests.algorithms.samples import Listener
from tests.reports import browser

from . import handouts

CHECKS = (Path(__file__).parents[2] / "reports" / "page_checks.js").read_text(encoding="utf-8")
#: inches
PAPERS = {"A4": (8.27, 11.69), "letter": (8.5, 11.0)}


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
    out = {"AREAS": handouts.wards(folder), "REGISTER": handouts.register(folder / "register.gpkg", handouts.story()),
           "COMMUNITY": handouts.reports(folder), "INCIDENTS": handouts.crimes(), "DATE_FIELD": "when",
           "GROUP_FIELD": "kind", "SENSITIVE_FIELD": "secret", "UNTIL": "2024-11-30",
           "CONTACT": "Neighbourhood office, 555 0100", "OUTPUT": str(folder / "sheet.html")}
    return {name: value for name, value in {**out, **more}.items() if value is not None}


@pytest.fixture(scope="module")
def made(provider, tmp_path_factory):
    """The story's sheets in two languages, with everything that the tool can write."""
    from qgis import processing

    folder = tmp_path_factory.mktemp("handout")
    listener = Listener()
    result = processing.run("hotspot:meetingsheet", given(
        folder, LANGUAGE2="es", PDF=str(folder / "sheet.pdf"), FOLDER=str(folder / "each"),
        TEMPLATE=str(folder / "phrases.csv"), REPORT=str(folder / "report.html")), feedback=listener)
    return result, read(result["OUTPUT"]), listener


def pdf_text(path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not on this machine")
    return subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True,
                          encoding="utf-8").stdout


# --- what is on the page --------------------------------------------------------------------------
def test_the_page_tells_the_story(made):
    result, pages, _ = made
    language, direction, lines = pages[0]
    assert (language, direction) == ("en", "ltr") and len(pages) == result["PAGES"] == 6 and result["SHEETS"] == 3
    assert "Since our last meeting: 16 September 2024 to 30 November 2024" in lines
    # 160 and 150 crimes made of 2/3 theft; the sensitive ones, a third of all, are in no number
    assert "Theft|105|100" in lines and "Damage|55|50" in lines and "All of these|160|150" in lines
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
        assert "Draft" not in page[2][0] and "All of these|160|150" in page[2], page
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
    result = run_tool("meetingsheet", given(
        tmp_path, REGISTER=handouts.register(tmp_path / "other.gpkg", rows), COMMUNITY=said, AREA="Elm Park",
        INCIDENTS=None, DATE_FIELD=None, GROUP_FIELD=None, SENSITIVE_FIELD=None))
    lines = read(result["OUTPUT"])[0][2]
    assert "Bad street light: Lamps need a pole there." in " ".join(lines)
    assert any("The lane has light." in line for line in lines)
    assert not [w for w in ("Repeated", "Ann", "last year") if w in " ".join(lines)]
    assert result["HELD_BACK"] == 2


def test_practice_data_say_so_on_each_page(run_tool, tmp_path):
    rows = handouts.story()
    rows[r.PROBLEMS][0]["practice"] = "yes"
    path = handouts.register(tmp_path / "p.gpkg", rows, extra={r.PROBLEMS: ["practice"]})
    result = run_tool("meetingsheet", given(tmp_path, REGISTER=path, INCIDENTS=None, DATE_FIELD=None, GROUP_FIELD=None,
                                            SENSITIVE_FIELD=None, LANGUAGE2="de"))
    pages = read(result["OUTPUT"])
    assert {page[2][0] for page in pages} == {
        "Practice data. Nothing here is real.", "Übungsdaten. Nichts davon ist echt."}


# --- one page ------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def full(provider, tmp_path_factory):
    """A register with far more than a page holds, on both papers."""
    from qgis import processing

    folder = tmp_path_factory.mktemp("full")
    rows = handouts.story()
    for i in range(40):
        long = f"Number {i}: " + "work on the street and in the yards of the houses, with the school " * (i % 4)
        rows[r.ACTIONS].append({"action_id": f"x{i}", "prob_id": "p1", "action": long, "visible": "public",
                                "state": ("done", "planned", "dropped")[i % 3], "owner": "a role with a long name",
                                "done_on": "2024-10-02" if i % 3 != 1 else None, "result": long})
        rows[r.ACTIONS][-1] = {k: v for k, v in rows[r.ACTIONS][-1].items() if v is not None}
    out = {}
    for number, paper in ((1, "A4"), (2, "letter")):
        place = folder / paper
        place.mkdir()
        out[paper] = processing.run("hotspot:meetingsheet", given(
            place, REGISTER=handouts.register(place / "full.gpkg", rows), LANGUAGE2="fr", PAPER=number,
            PDF=str(place / "sheet.pdf"), REPORT=str(place / "report.html"),
            CONTACT="Neighbourhood office in the library on Main Street, open on Tuesday and Friday, 555 0100"))
    return out


@pytest.fixture(scope="module")
def chromium():
    if not browser.program():
        pytest.skip("Chromium is not on this machine")
    with browser.Browser() as opened:
        yield opened


@pytest.mark.parametrize("paper", PAPERS)
def test_one_page_each_in_pdf_and_print(full, chromium, paper, tmp_path):
    result = full[paper]
    wide, high = (inches * 72 for inches in PAPERS[paper])
    data = Path(result["PDF"]).read_bytes()
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", data)
    assert {(round(float(a)), round(float(b))) for a, b in boxes} <= {(round(wide) + i, round(high) + j)
                                                                     for i in (-1, 0, 1) for j in (-1, 0, 1)}
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", data)) == result["PAGES"] == 6
    chromium.media()
    chromium.open(Path(result["OUTPUT"]))
    printed = chromium.pdf(tmp_path / "printed.pdf", *PAPERS[paper])
    texts = [text for text in pdf_text(printed).split("\f") if text.strip()]
    assert len(texts) == 6
    for text, page in zip(texts, read(result["OUTPUT"])):
        whole = re.sub(r"\s+", "", text)
        assert re.sub(r"\s+", "", page[2][-1]) in whole  # each page ends with its own small print


def test_what_had_no_room_is_counted_and_kept_inside(full):
    result = full["letter"]
    lines = read(result["OUTPUT"])[0][2]
    left = sum(int(n) for line in lines for n in re.findall(r"and (\d+) more", line))
    total = sum(int(n) for page in read(result["OUTPUT"])[::2] for line in page[2]
                for n in re.findall(r"and (\d+) more", line))
    assert left > 30 and total == result["NO_ROOM"]
    with open(str(result["REPORT"]).replace(".html", "_no_room.csv"), encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == total
    # both languages show the same entries
    pages = read(result["OUTPUT"])
    assert [re.sub(r"\D", "", x) for x in pages[0][2] if " more)" in x] == [
        re.sub(r"\D", "", x) for x in pages[1][2] if " de plus)" in x]


def test_pdf_and_page_say_the_same(made):
    result, pages, _ = made
    texts = [text for text in pdf_text(result["PDF"]).split("\f") if text.strip()]
    assert len(texts) == len(pages)
    for text, (_, _, lines) in zip(texts, pages):
        words = Counter(re.sub(r"[|•]", " ", text).split())
        ours = Counter(" ".join(lines).replace("|", " ").replace("\u00a0", " ").split())
        # names and numbers of the map are a picture in both
        assert words == ours


def test_the_web_page_is_sound(made, full, chromium):
    for path in (Path(made[0]["OUTPUT"]), Path(made[0]["FOLDER"]) / "elm_park.html",
                 Path(made[0]["FOLDER"]) / "index.html", Path(full["A4"]["OUTPUT"])):
        chromium.media()
        chromium.window(1100)
        chromium.open(path)
        assert chromium.requests() == [path.resolve().as_uri()] and chromium.complaints() == []
        assert chromium.run(CHECKS + ";checks.structure()") == []
        for kind in ("screen", "print"):
            chromium.media(kind)
            assert chromium.run(CHECKS + ";checks.contrast()") == []
        for width in (320, 1100):
            chromium.media()
            chromium.window(width, phone=width < 400)
            assert chromium.run(CHECKS + ";checks.fit(false)") == [], (path.name, width)
        sizes = chromium.run("[...document.querySelectorAll('article li, article section > p')]"
                             ".map(e => parseFloat(getComputedStyle(e).fontSize))")
        assert all(size >= 14 * 96 / 72 - 0.1 for size in sizes)  # large type


# --- languages -------------------------------------------------------------------------------------
def test_spanish_and_what_is_not_translated(made):
    result, pages, listener = made
    language, _, lines = pages[1]
    lines = [re.sub(r" \(y \d+ más\)$", "", line) for line in lines]
    assert language == "es" and "Todos juntos|160|150" in lines
    assert "Desde la última reunión: del 16 de septiembre de 2024 al 30 de noviembre de 2024" in lines
    assert "Mala iluminación: unas 25 personas" in lines and "Theft (en)|105|100" in lines
    assert "Basura: The yard behind the shops was cleared. (en)" in lines
    assert result["UNTRANSLATED"] > 5 and any("TEMPLATE" in text for text in listener.warnings)


def test_an_agency_brings_its_own_language(made, run_tool, tmp_path):
    """The table that TEMPLATE writes, with a column filled in, makes a page from right to left."""
    with open(made[0]["TEMPLATE"], encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"key", "en", "es", "fr", "de"} <= set(rows[0]) and "Theft" in {row["key"] for row in rows}
    path = tmp_path / "arabic.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "ar"])
        writer.writerows([row["key"], "نص " + (row["en"] or "سرقة")] for row in rows)
    story = handouts.story()
    story[r.ANSWERS][0]["answered_ar"] = "تم تنظيف الساحة"
    story[r.ANSWERS][1]["reason_ar"] = "ann.lee@example.org"  # held back in both languages
    register = handouts.register(tmp_path / "ar.gpkg", story, extra={r.ANSWERS: ["answered_ar", "reason_ar"]})
    settings = tmp_path / "agency.json"
    settings.write_text('{"languages": ["en", "ar"], "units": "us", "agency": "Town police"}', encoding="utf-8")
    result = run_tool("meetingsheet", given(tmp_path, AREA="Elm Park", PHRASES=str(path), SETTINGS=str(settings),
                                            REGISTER=register, PDF=str(tmp_path / "a.pdf")))
    first, second = read(result["OUTPUT"])
    assert second[:2] == ("ar", "rtl") and result["UNTRANSLATED"] == 0 and not any("(en)" in x for x in second[2])
    assert any("تم تنظيف الساحة" in line for line in second[2])
    assert result["HELD_BACK"] == 2 and not any("crashes" in line or "ann.lee" in line for line in first[2])
    assert any("September 16, 2024" in line for line in first[2]) and first[2][1] == "Town police"


@pytest.mark.parametrize("table, message", [
    ("key,it\ntitle,{area}\n", "phrases are missing"),
    ("key,es\ntitle,{zona}\n", "must hold the places"),
    ("key,es\ntitle,{area\n", "must hold the places"),
    ("a,b\n1,2\n", "no column 'key'"),
])
def test_phrases_that_cannot_be_used(run_tool, tmp_path, table, message):
    path = tmp_path / "phrases.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(QgsProcessingException, match=message):
        run_tool("meetingsheet", given(tmp_path, PHRASES=str(path), LANGUAGE2=table[4:6] if "key" in table else "es"))


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


# --- words --------------------------------------------------------------------------------------------
def grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid et al. 1975), syllables counted by groups of vowels."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if s.strip()]
    words = re.findall(r"[A-Za-z'’-]+", text)

    def syllables(word: str) -> int:
        count = len(re.findall(r"[aeiouy]+", word.lower()))
        silent = word.lower().endswith("e") and not word.lower().endswith("le") and count > 1
        return max(count - silent, 1)

    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_grade_is_known():
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    assert grade("Considerable institutional responsibilities necessitate interdepartmental coordination.") > 15


def test_plain_words(made):
    """What the tool itself says reads like the eighth grade at most; the register's own texts are the agency's."""
    for page in made[1][::2]:
        fixed = [line for line in page[2] if line.endswith(".") and "|" not in line
                 and not re.search(r"Station|yard|benches|underpass|Signs", line)]
        assert len(fixed) >= 3 and grade(" ".join(fixed)) < 8.0


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
        total = next((line.split("|")[1] for line in lines if line.startswith("All of these|")), "not shown")
        if total != "not shown":
            shown += 1
            total = int(total.replace(",", ""))
            # rounding moves by two at most; a few blocks lie on the line between two areas
            assert total % 5 == 0 and abs(total - counted[name]) <= 4, name
    assert shown >= 18
