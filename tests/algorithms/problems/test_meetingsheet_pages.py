"""The pages of a handout: one of paper for each area, the same in PDF and HTML, in plain words of several languages."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from qgis.core import QgsProcessingException

from hotspot_plugin.analysis.problems import register as r
from tests.reports import browser

from . import handouts
from .handouts import given, pdf_text, read

CHECKS = (Path(__file__).parents[2] / "reports" / "page_checks.js").read_text(encoding="utf-8")
#: inches
PAPERS = {"A4": (8.27, 11.69), "letter": (8.5, 11.0)}


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
