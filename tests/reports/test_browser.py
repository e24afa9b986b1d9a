"""The report of every tool, opened in a real browser: alone, on phones, by night, on paper."""

from __future__ import annotations

import functools
import os
import re
import shutil
import struct
import subprocess
import zlib
from collections import Counter
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest

from hotspot_plugin.provider import TOOLS
from hotspot_plugin.reports.html import Report, Shown
from tests.algorithms import samples
from tests.reports import browser

CHECKS = Path(__file__).with_name("page_checks.js").read_text(encoding="utf-8")
#: inches
PAPERS = {"A4": (8.27, 11.69), "Letter": (8.5, 11.0)}
#: the margins of report.css, in millimetres: above and below, left and right
MARGIN_Y, MARGIN_X = 18.0, 16.0


def with_report() -> list:
    """The tools that write a report, without starting QGIS."""
    found = []
    for module, name in TOOLS:
        tool = getattr(import_module(f"hotspot_plugin.algorithms.{module}"), name)()
        tool.initAlgorithm()
        if tool.parameterDefinition("REPORT") is not None:
            found.append(tool.name())
    return found


REPORTS = with_report()
#: Reports that hold nothing to draw: a list of tokens to cut out.
NO_PICTURE = {"communitylayer"}


def absent(what: str) -> None:
    """Skip where a program is missing; the continuous integration has all."""
    reason = os.environ.get("HOTSPOT_NO_BROWSER")
    if os.environ.get("CI") == "true" and not reason:
        pytest.fail(f"{what} is not on this machine, and the continuous integration must have it: make setup")
    pytest.skip(reason or f"{what} is not on this machine")


@pytest.fixture(scope="module")
def chromium():
    if not browser.program():
        absent("Chromium")
    with browser.Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(provider, tmp_path_factory):
    """Give a tool's report on the made-up town, written when it is first asked for."""
    from qgis import processing

    folder = tmp_path_factory.mktemp("reports")
    town = samples.town(folder)

    @functools.lru_cache(None)
    def made(name: str) -> Path:
        place = folder / name
        place.mkdir(exist_ok=True)
        processing.run(f"hotspot:{name}", samples.parameters(name, town, place))
        return place / f"{name}.html"

    return made


def picture(wide: int, high: int) -> bytes:
    """Return a grey PNG."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\x80" * wide) * high)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def hardest(tmp_path_factory) -> Path:
    """A report of all that is hard to lay out: wide tables, long words, tall pictures, many rows."""
    long = "THEFT-FROM-MOTOR-VEHICLE/UNSPECIFIED-OR-ATTEMPTED-INCLUDING-PARTS"
    report = Report(f"Wide and long: {long}", f"Somewhere, 2024, {long}")
    report.sentence(f"Recorded {long} rose from 1,247 to 1,327 (+6 %, could be chance).")
    report.warning(f"The values of {long} are made up.")
    report.warning("And few.")
    report.facts([("Incidents", 1_234_567_890), (long, 12, f"note: {long}"), ("Long", "2024-01-01 to 2024-12-31")])
    report.heading("Where")
    report.paragraph(f"See {long}.\n\nsecond")
    report.bullets(["first", long])
    report.table(["Place", "Type", *(f"Week {i}" for i in range(1, 15))],
                 [[f"place {i}", long.replace("-", " ").capitalize(), *(Shown(1000 + j, f"{1000 + j}: more", "more")
                                                                        for j in range(14))] for i in range(12)],
                 "Many columns", "wide")  # fmt: skip
    report.table(["Place", "What", "Share"],
                 [[f"begin{i}x " + "Corner of two streets with long names " * 6 + f"x{i}end", long, Shown(i, f"{i} %")]
                  for i in range(45)], "Many rows", "long")  # fmt: skip
    report.figure(picture(300, 2400), "A tall map", "A map that is far higher than wide", "tall")
    report.figure(picture(2400, 300), "A wide map", "A map that is far wider than high", "wide")
    report.provenance('{"tool": "hotspot:x", "note": "' + long + '", "more": [' + ",".join(map(str, range(200))) + "]}")
    path = tmp_path_factory.mktemp("hardest") / "hardest.html"
    report.write(path)
    return path


@pytest.fixture(params=[*REPORTS, "hardest"])
def page(request, chromium):
    path = request.getfixturevalue("hardest") if request.param == "hardest" else None
    path = path or request.getfixturevalue("pages")(request.param)
    chromium.media()
    chromium.window(1100)
    chromium.open(path)
    return path


def ask(chromium, question: str):
    return chromium.run(CHECKS + ";" + question)


def everything(chromium) -> None:
    """Unfold what is folded away."""
    ask(chromium, "checks.open()")


def test_nothing_is_fetched_and_nothing_refused(page, chromium):
    everything(chromium)
    chromium.window(360, phone=True)
    chromium.media("print")
    assert chromium.requests() == [page.resolve().as_uri()]
    assert chromium.complaints() == []


def test_structure(page, chromium):
    assert ask(chromium, "checks.structure()") == []


def test_every_text_contrasts(page, chromium):
    everything(chromium)
    faults = {}
    for kind, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        chromium.media(kind, scheme)
        faults[kind, scheme] = ask(chromium, "checks.contrast()")
    assert [*faults.items()] == [(key, []) for key in faults]


def test_fits_phones_and_desks(page, chromium):
    everything(chromium)
    faults = {}
    for width in (320, 360, 1100):
        chromium.window(width, phone=width < 400)
        assert chromium.run("innerWidth") == width
        faults[width] = ask(chromium, "checks.fit(false)")
    assert [*faults.items()] == [(key, []) for key in faults]


def test_fits_paper(page, chromium):
    chromium.media("print", "dark")
    faults = {}
    for paper, (wide, high) in PAPERS.items():
        chromium.window((wide - 2 * MARGIN_X / 25.4) * 96)
        for parts in ("folded", "unfolded"):
            if parts == "unfolded":
                everything(chromium)
            height = (high - 2 * MARGIN_Y / 25.4) * 96
            faults[paper, parts] = ask(chromium, f"[...checks.fit(true), ...checks.paper({height})]")
    assert [*faults.items()] == [(key, []) for key in faults]


class Words(HTMLParser):
    """Reads what pdftotext says of each page: its size and its words with their boxes."""

    def __init__(self, text: str):
        super().__init__()
        self.pages: list = []
        self._box: tuple = ()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = {name: float(value) for name, value in attrs if re.fullmatch(r"[\d.]+", value or "")}
        if tag == "page":
            self.pages.append((values["width"], values["height"], []))
        elif tag == "word":
            self._box = (values["xmin"], values["ymin"], values["xmax"], values["ymax"])

    def handle_data(self, data):
        if self._box:
            self.pages[-1][2].append((data, self._box))
            self._box = ()


def printed(path: Path, *options: str) -> str:
    return subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True,
                          encoding="utf-8").stdout  # fmt: skip


def print_out(chromium, page: Path, paper: str) -> Path:
    if shutil.which("pdftotext") is None:
        absent("pdftotext")
    return chromium.pdf(page.with_name(f"{page.stem}_{paper}.pdf"), *PAPERS[paper])


@pytest.mark.parametrize("paper", PAPERS)
def test_prints_without_cuts(page, chromium, paper):
    """All words of the page are on the paper, and every one within the margins."""
    wide, high = (inches * 72.0 for inches in PAPERS[paper])
    file = print_out(chromium, page, paper)
    sheets = Words(printed(file, "-bbox")).pages
    assert sheets
    for width, height, words in sheets:
        assert (width, height) == pytest.approx((wide, high), abs=1.0)
        for word, (left, top, right, bottom) in words:
            inside = left > MARGIN_X / 25.4 * 72 - 1 and right < width - MARGIN_X / 25.4 * 72 + 1
            assert inside and top > 0 and bottom < height, f"'{word}' leaves the paper"
    text = re.sub(r"\s+", "", printed(file, "-raw"))
    missing = [word for word in ask(chromium, "checks.words()") if word not in text]
    assert missing == []


def test_no_row_is_split_between_sheets(hardest, chromium):
    chromium.media()
    chromium.open(hardest)
    sheets = Words(printed(print_out(chromium, hardest, "A4"), "-bbox")).pages
    at = {word: number for number, (_, _, words) in enumerate(sheets) for word, _ in words}
    rows = [(at[f"begin{i}x"], at[f"x{i}end"]) for i in range(45)]
    assert all(begin == end for begin, end in rows) and len(set(rows)) > 2
    heads = Counter(number for number, (_, _, words) in enumerate(sheets) for word, _ in words if word == "Share")
    assert set(heads) >= {begin for begin, _ in rows}  # the header stands above the rows of every sheet


def test_no_header_is_left_alone_at_the_foot_of_a_sheet(chromium, tmp_path):
    """A heading, the caption, the header and the first row of its table are on one sheet, wherever they come to lie."""
    report = Report("Many small tables")
    for i in range(40):
        report.heading(f"Heading{i}x")
        report.table([f"Header{i}x", "Number"], [[f"first{i}x", 1], ["second", 2], ["third", 3]], f"Caption{i}x")
        report.paragraph(" ".join(["filling"] * (i % 7) * 12) or "short")
    path = tmp_path / "small.html"
    report.write(path)
    chromium.open(path)
    sheets = Words(printed(print_out(chromium, path, "A4"), "-bbox")).pages
    at: dict = {}
    for number, (_, _, words) in enumerate(sheets):
        for word, _ in words:
            at.setdefault(word, number)
    assert len(sheets) > 5
    apart = [i for i in range(40) if len({at[f"{part}{i}x"] for part in ("Heading", "Caption", "Header", "first")}) > 1]
    assert apart == []


def test_the_checks_find_faults(chromium, tmp_path):
    """A page with every fault: what the tests above look for is found where it is."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<html><head><link rel=stylesheet href='http://127.0.0.1:9/x.css'></head><body>"
        "<p style='color:#999'>pale</p><p style='color:#000;opacity:.4'>veiled</p>"
        "<div style='width:900px'>wide</div><p style='width:60px;overflow:hidden;white-space:nowrap'>cut off here</p>"
        "<p style='width:30px'>Overflowingword</p>"
        "<table><tr><td>1</td></tr></table><img src='https://example.invalid/a.png'>"
        "<figure><img src='no.png' style='height:3000px;width:20px'></figure></body></html>", encoding="utf-8")
    chromium.media()
    chromium.window(360)
    chromium.open(bad)
    assert {"http://127.0.0.1:9/x.css", "https://example.invalid/a.png"} <= set(chromium.requests())
    assert chromium.complaints()
    assert [fault[:8] for fault in ask(chromium, "checks.contrast()")] == ["'pale' h", "'veiled'"]
    structure = " ".join(ask(chromium, "checks.structure()"))
    for fault in ("language", "title", "main heading", "main part", "caption", "headers", "without words", "not show"):
        assert fault in structure
    fit = " ".join(ask(chromium, "checks.fit(false)"))
    assert "'cut off here' is cut" in fit and "the page is 9" in fit and "'Overflowingword' leaves its p" in fit
    paper = " ".join(ask(chromium, "checks.paper(900)"))
    assert "may be split" in paper and "3000 px high" in paper and "a row may be split" in paper


@pytest.mark.parametrize("name", REPORTS)
def test_pictures_and_tables_lie_beside(pages, name):
    """For slides and spreadsheets: each picture and table of the page as a file, maps as PNG."""
    text = pages(name).read_text(encoding="utf-8")
    beside = [path for path in pages(name).parent.iterdir()
              if path.name.startswith(f"{name}_") and path.suffix != ".pdf"]
    kinds = Counter(path.suffix for path in beside)
    # small tables of many sheets share a file, which they name
    shared = re.findall(r'<table[^>]* data-file="([^"]+)"', text)
    assert kinds[".csv"] == text.count("<table") - len(shared) + len(set(shared)) > 0
    assert all((pages(name).parent / f"{name}_{file}.csv").exists() for file in shared)
    assert kinds[".png"] == text.count('src="data:image/png') and kinds[".svg"] == text.count('src="data:image/svg')
    assert kinds[".png"] + kinds[".svg"] > 0 or name in NO_PICTURE
    for path in beside:
        data = path.read_bytes()
        if path.suffix == ".csv":
            lines = data.decode("utf-8-sig").splitlines()
            assert lines[0].strip(",") and len(lines) > 1, path.name
        else:
            assert data.startswith(b"\x89PNG" if path.suffix == ".png" else b"<?xml"), path.name
