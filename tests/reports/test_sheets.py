"""Sheets nest, escape what they are given, and carry their style with them."""

from __future__ import annotations

import re

import pytest

from hotspot_plugin.reports.html import Shown
from hotspot_plugin.reports.sheets import THREE, TWO, SheetReport
from tests.reports.test_html import Reader


def sheet():
    report = SheetReport("Places", "2024")
    report.sheet("Hot <spot> 1", "clustered")
    report.look("Look first:", "50 % at one place")
    report.row(TWO)
    report.cell()
    report.note("small")
    report.close()
    report.small_table(["Type", "Times city"], [["<b>Theft</b>", Shown(2.0, "▲ 2.0", "more")]], "Types", "types")
    report.close()
    report.row(THREE)
    report.panel("Offender", "a handler", [("Ask", ["Who & why?"]), ("Nothing", [])], lines=2)
    report.close()
    report.close()
    return report


def test_a_sheet_is_a_section_of_the_page():
    page = sheet().html()
    Reader(page)  # all tags nest
    assert '<section class="sheet" aria-label="Hot &lt;spot&gt; 1">' in page and "<b>Theft" not in page
    assert "Who &amp; why?" in page and "<h4>Nothing" not in page and page.count('class="line"') == 2
    assert '<td class="number more">▲ 2.0</td>' in page and '<th scope="col" class="number">Times city</th>' in page


def test_the_style_of_sheets_comes_along_and_begins_a_page():
    style = re.search(r"<style>(.*?)</style>", sheet().html(), re.S).group(1)
    assert "break-before: page" in style and ".panel" in style and "http" not in style


def test_a_box_left_open_is_an_error():
    report = sheet()
    report.sheet("Second")
    with pytest.raises(ValueError, match="1 boxes"):
        report.html()


def test_small_tables_of_all_sheets_are_one_file(tmp_path):
    report = sheet()
    report.sheet("Second")
    report.small_table(["Type", "Times city"], [["Fraud", 1.5]], "Types", "types")
    report.close()
    assert [name.rsplit("/", 1)[1] for name in report.write(tmp_path / "r.html")] == ["r.html", "r_types.csv"]
    assert (tmp_path / "r_types.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "Sheet,Type,Times city", "Hot <spot> 1,<b>Theft</b>,2.0", "Second,Fraud,1.5"]
