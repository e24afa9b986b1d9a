"""A report is one page that needs nothing else, and is honest about what it leaves beside it."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from hotspot_plugin.reports import formats
from hotspot_plugin.reports.html import Report, Shown

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Reader(HTMLParser):
    """Collects tags and text, and checks that they nest."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.style = [], [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("path",):
            assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text.append(data)

    def first(self, tag):
        return next(attrs for name, attrs in self.tags if name == tag)


def full_report() -> Report:
    report = Report("Robbery <b>July</b> & more", "Somewhere")
    report.facts([("Before", 1234), ("After", "+5 %", "note")])
    report.heading("Where")
    report.paragraph("One.\n\nTwo <script>alert(1)</script>")
    report.bullets(["first", "second"])
    report.table(["Area", "Count"], [["A", 12345], ["B", None]], "Counts", name="areas")
    report.figure(PNG, "The map", 'A map of "it"', name="map")
    report.figure("<svg onload='alert(1)'/>", "The chart", "A chart", name="chart")
    report.figure(None, "By month", "Bars")
    report.warning("Few incidents")
    report.sentence("Recorded robbery rose from 247 to 327.")
    report.provenance('{"tool": "hotspot:x", "note": "</pre><script>"}')
    return report


def test_the_page_needs_no_network_and_no_script():
    text = full_report().html()
    page = Reader(text)
    assert {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags} == set()
    assert "alert(1)" not in "".join(f"{attrs}" for _, attrs in page.tags)
    for _, attrs in page.tags:
        for name, value in attrs.items():
            assert not name.startswith("on")
            if name in ("src", "href"):
                assert value.startswith("data:image/")
    assert not re.search(r"url\(|@import|https?:", page.style)
    policy = next(a for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'")


def test_the_page_is_told_its_language_and_suits_phones_print_and_dark_screens():
    page = Reader(full_report().html())
    assert page.first("html")["lang"] == "en"
    assert any(attrs.get("name") == "viewport" for tag, attrs in page.tags if tag == "meta")
    for part in ("prefers-color-scheme: dark", "@media print", "max-width: 40rem"):
        assert part in page.style


def test_sentence_then_warnings_then_the_rest():
    text = full_report().html()
    order = [text.index(part) for part in ("<h1>", "rose from 247", "Few incidents", "1,234", "How this was made")]
    assert order == sorted(order)
    # the word says it, not only the colour
    assert re.search(r'class="word"><svg.*</svg>Warning</p>', text)


def test_a_per_cent_sign_stays_on_the_line_of_its_number():
    report = Report("x")
    report.sentence("Up by +32 % (95 % interval)")
    assert "+32\u00a0% (95\u00a0% interval)" in report.html()


def test_several_warnings_are_counted_and_not_repeated():
    report = Report("x")
    for text in ("one", "two", "one"):
        report.warning(text)
    assert "2 warnings" in report.html() and report.html().count("<li>one</li>") == 1


def test_figures_have_texts_for_those_who_cannot_see_them():
    pictures = [attrs for tag, attrs in Reader(full_report().html()).tags if tag == "img"]
    assert [picture["alt"] for picture in pictures] == ['A map of "it"', "A chart"]
    assert "needs matplotlib" in full_report().html()


def test_numbers_stand_right_with_separators():
    text = full_report().html()
    assert '<td class="number">12,345</td>' in text
    assert '<td>A</td>' in text and '<td class="number">–</td>' in text


def test_pictures_and_tables_lie_beside_the_page(tmp_path):
    files = full_report().write(tmp_path / "deep" / "week 3.html")
    assert [file.rsplit("/", 1)[-1] for file in files] == [
        "week 3.html", "week 3_map.png", "week 3_chart.svg", "week 3_areas.csv"
    ]
    assert (tmp_path / "deep" / "week 3_map.png").read_bytes() == PNG
    raw = (tmp_path / "deep" / "week 3_areas.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # Excel takes a file without it for the local code page
    assert raw.decode("utf-8-sig").splitlines() == ["Area,Count", "A,12345", "B,"]


def test_csv_has_the_values_and_no_formulas(tmp_path):
    report = Report("x")
    rows = [["=1+1", Shown(0.25, "25 %"), np.int64(3)], ["+32 %", Shown(None, "–"), float("nan")], ["-a", 1.5, True]]
    report.table(["a", "b", "c"], rows, "Texts")
    report.write(tmp_path / "r.html")
    with open(tmp_path / "r_table.csv", encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["a", "b", "c"], ["'=1+1", "0.25", "3"], ["+32 %", "", ""], ["'-a", "1.5", "True"]
        ]


def test_long_tables_are_cut_on_the_page_only(tmp_path):
    report = Report("x")
    report.table(["n"], [[i] for i in range(80)], "Rows", limit=10)
    report.write(tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert text.count("<tr>") == 11 and "The first 10 of 80 rows; all of them are in r_table.csv." in text
    assert len((tmp_path / "r_table.csv").read_text(encoding="utf-8-sig").splitlines()) == 81


def test_names_of_parts_never_collide(tmp_path):
    report = Report("x")
    for _ in range(2):
        report.figure(PNG, "c", "a", name="map")
    report.table(["a"], [[1]], "One", name="map")
    names = sorted(file.rsplit("/", 1)[-1] for file in report.write(tmp_path / "r.html"))
    assert names == ["r.html", "r_map.png", "r_map_2.png", "r_map_3.csv"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567, "1,234,567"), (-3, "−3"), (0.0321, "0.032"), (3.14159, "3.14"), (31.4159, "31.4"), (314.159, "314"),
     (None, "–"), (float("nan"), "–"), (float("inf"), "∞"), (np.float64(2.5), "2.50"), (0, "0")],
)
def test_number(value, text):
    assert formats.number(value) == text


def test_number_with_sign_and_share_and_p():
    assert formats.number(5, sign=True) == "+5" and formats.number(0, sign=True) == "0"
    assert formats.number(-0.001, 1) == formats.number(0.001, 1, sign=True) == "0.0"  # no sign before nothing
    assert formats.percent(0.324, sign=True) == "+32 %"
    assert formats.percent(0.8138, 1) == "81.4 %"
    assert [formats.p_value(p) for p in (0.0001, 0.0321, 0.5, None)] == ["< 0.001", "0.032", "0.50", "–"]
    assert formats.month(np.datetime64("2017-07")) == "July 2017"
