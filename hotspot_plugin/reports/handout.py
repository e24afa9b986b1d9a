"""One page for the public: what a handout says, as a web page; :mod:`handout_pdf` makes the same a PDF.

Both are made of one :class:`Page`, so that they cannot say different things. What does not fit
the paper is left out by one rule (:meth:`Page.fewer`), for all languages of a sheet alike, and
the page says how much that is.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template

from qgis.PyQt.QtGui import QFont, QFontInfo

from ..translation import tr
from .html import _POLICY, _words

_HERE = Path(__file__).parent
#: millimetres of each paper, and of what stays free around the text
PAPERS = {"A4": (210.0, 297.0), "letter": (215.9, 279.4)}
MARGIN = 10.0
#: millimetres of the map
MAP = (72.0, 51.0)
#: Fonts of one width on all systems: on Linux, Liberation Sans is made to the measure of Arial.
FONTS = ("Arial", "Liberation Sans", "Helvetica Neue", "Helvetica", "DejaVu Sans")
#: points: text, small print, headings, title
BODY, SMALL, HEADING, TITLE = 14.0, 11.0, 16.0, 21.0
_DOCUMENT = Template(
    """<!DOCTYPE html>
<html lang="$lang"$dir>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
@page { size: $paper; margin: ${margin}mm; }
$style</style>
</head>
<body>
<main>
$body</main>
</body>
</html>
"""
)


@dataclass
class Section:
    """A heading with a sentence and a list, from which items may be left out at the end.

    Attributes
    ----------
    key : str
        What the section is, alike in all languages.
    heading, lead : str
    items : list of str
        The most important first.
    more : str
        What stands for items left out, with ``{count}``.
    """

    key: str
    heading: str
    lead: str = ""
    items: list = field(default_factory=list)
    more: str = ""


@dataclass
class Table:
    """A small table: a header, rows of texts that may be left out at the end, and a last row that stays."""

    caption: str
    header: list
    rows: list
    last: list
    more: str


@dataclass
class Page:
    """One page in one language.

    Attributes
    ----------
    language : str
    right_to_left : bool
    agency, title, when : str
    banners : list of str
        What must be seen first, such as that it is a draft.
    sections : list of Section
        The first, with key ``"numbers"``, stands beside the map.
    picture : bytes
        The map as PNG, b"" for none.
    alt, caption : str
        Of the map.
    table : Table or None
    notes : list of str
        Small print.
    contact, foot : str
    shown : dict of str to int
        How many items of each section, and rows of the table (``"table"``), are on the page; shared by the pages
        of a sheet. What is not in it is shown in full.
    """

    language: str
    right_to_left: bool
    agency: str
    title: str
    when: str
    banners: list
    sections: list
    picture: bytes
    alt: str
    caption: str
    table: Table | None
    notes: list
    contact: str
    foot: str
    shown: dict = field(default_factory=dict)

    def items(self, section: Section) -> tuple[list, str]:
        """Return the items of a section that are shown, and what is said of the others."""
        return self._cut(section.key, section.items, section.more)

    def rows(self) -> tuple[list, str]:
        """Return the rows of the table that are shown, and what is said of the others."""
        return self._cut("table", self.table.rows, self.table.more)

    def _cut(self, key: str, entries: list, more: str) -> tuple[list, str]:
        count = min(self.shown.get(key, len(entries)), len(entries))
        left = len(entries) - count
        return entries[:count], more.format(count=left) if left else ""

    def fewer(self) -> bool:
        """Show one item less: the last of the longest list, of equal ones the later on the page; False if none can go.

        A list keeps one item, the table two rows.
        """
        lists = [("table", len(self.rows()[0]) - 1)] if self.table is not None else []
        lists += [(section.key, len(self.items(section)[0])) for section in self.sections]
        key, longest = max(reversed(lists), key=lambda entry: entry[1], default=("", 0))
        if longest < 2:
            return False
        self.shown[key] = longest + (1 if key == "table" else 0) - 1
        return True

    def cut(self) -> list:
        """Return the lists that were shortened, the shortest first."""
        full = {"table": len(self.table.rows)} if self.table is not None else {}
        full.update({section.key: len(section.items) for section in self.sections})
        return sorted((key for key, count in self.shown.items() if count < full.get(key, 0)),
                      key=lambda key: self.shown[key])


@dataclass
class Sheet:
    """The pages of one area, one for each language, which show the same.

    Attributes
    ----------
    name : str
        The area.
    file : str
        Name for a file of its own, without ending.
    pages : list of Page
    """

    name: str
    file: str
    pages: list

    def left_out(self) -> int:
        """Return how many items the page has no room for."""
        page = self.pages[0]
        total = sum(len(section.items) - len(page.items(section)[0]) for section in page.sections)
        return total + (len(page.table.rows) - len(page.rows()[0]) if page.table is not None else 0)


def family() -> str:
    """Return the first of the fonts that this machine has."""
    return next((name for name in FONTS if QFontInfo(QFont(name)).family() == name), QFont().family())


def html(sheets: list, title: str, paper: str = "A4") -> str:
    """Return sheets as one web page, a page of paper for each page; several sheets get a list of links first.

    Parameters
    ----------
    sheets : list of Sheet
    title : str
        Of the whole, where it holds several sheets.
    paper : str
        A key of :data:`PAPERS`.
    """
    first = sheets[0].pages[0]
    several = len(sheets) > 1
    parts = []
    if several:
        links = "".join(f'<li><a href="#sheet-{i}">{escape(sheet.name)}</a></li>\n' for i, sheet in enumerate(sheets))
        parts.append(f'<nav class="index">\n<h1>{escape(title)}</h1>\n<ul>\n{links}</ul>\n</nav>\n')
    for i, sheet in enumerate(sheets):
        for number, page in enumerate(sheet.pages):
            level = 1 if not several and not number else 2
            parts.append(_page(page, level, f"sheet-{i}" if not number else ""))
    style = (_HERE / "handout.css").read_text(encoding="utf-8")
    return _DOCUMENT.substitute(
        lang=escape(first.language), dir=' dir="rtl"' if first.right_to_left else "", policy=_POLICY, style=style,
        title=escape(title if several else first.title), paper=paper if paper == "A4" else "letter",
        margin=f"{MARGIN:g}", body="".join(parts))


def _page(page: Page, level: int, name: str) -> str:
    head, part = f"h{level}", f"h{level + 1}"
    direction = "rtl" if page.right_to_left else "ltr"
    out = [f'<article class="page" lang="{escape(page.language)}" dir="{direction}"'
           f'{f" id={chr(34)}{name}{chr(34)}" if name else ""}>\n<header>\n']
    out += [f'<p class="banner">{escape(text)}</p>\n' for text in page.banners]
    if page.agency:
        out.append(f'<p class="agency">{escape(page.agency)}</p>\n')
    out.append(f'<{head} class="title">{escape(page.title)}</{head}>\n<p class="when">{escape(page.when)}</p>\n'
               "</header>\n")
    for section in page.sections:
        out.append(f"<section>\n<{part}>{escape(section.heading)}</{part}>\n")
        if section.key == "numbers":
            out.append(_numbers(page))
        if section.lead:
            out.append(f"<p>{_words(section.lead)}</p>\n")
        items, more = page.items(section)
        lines = [_words(text) for text in items]
        if more:
            lines[-1] += f' <span class="more">{escape(more)}</span>'
        if lines:
            out.append("<ul>\n" + "".join(f"<li>{line}</li>\n" for line in lines) + "</ul>\n")
        out.append("</section>\n")
    out.append("<footer>\n")
    if page.contact:
        out.append(f'<p class="contact">{escape(page.contact)}</p>\n')
    out.append(f'<p class="small">{_words(" ".join([*page.notes, page.foot]))}</p>\n</footer>\n</article>\n')
    return "".join(out)


def _numbers(page: Page) -> str:
    parts = []
    if page.picture:
        source = f"data:image/png;base64,{base64.b64encode(page.picture).decode('ascii')}"
        parts.append(f'<figure><img src="{source}" alt="{escape(page.alt)}">'
                     f"<figcaption>{escape(page.caption)}</figcaption></figure>\n")
    if page.table is not None:
        parts.append(_table(page))
    return f'<div class="pair">\n{"".join(parts)}</div>\n' if parts else ""


def _table(page: Page) -> str:
    table = page.table
    rows, more = page.rows()

    def line(cells: list, mark: str = "") -> str:
        first, *others = cells
        text = "".join(f'<td class="number">{escape(cell)}</td>' for cell in others)
        return f'<tr{mark}><th scope="row">{escape(first)}</th>{text}</tr>\n'

    head = "".join(f'<th scope="col"{" class=" + chr(34) + "number" + chr(34) if i else ""}>{escape(cell)}</th>'
                   for i, cell in enumerate(table.header))
    body = "".join(line(row) for row in rows)
    if more:
        body += f'<tr class="more"><td colspan="{len(table.header)}">{escape(more)}</td></tr>\n'
    if table.last:
        body += line(table.last, ' class="all"')
    return (f'<div class="table"><table>\n<caption>{escape(table.caption)}</caption>\n<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{body}</tbody>\n</table></div>\n")


def index(sheets: list, title: str) -> str:
    """Return a page with links to the files of each sheet."""
    lines = "".join(
        f'<li><a href="{escape(sheet.file)}.html">{escape(sheet.name)}</a>'
        f' (<a href="{escape(sheet.file)}.pdf">{escape(tr("PDF of {name}").format(name=sheet.name))}</a>)</li>\n'
        for sheet in sheets)
    page = sheets[0].pages[0]
    style = (_HERE / "handout.css").read_text(encoding="utf-8")
    return _DOCUMENT.substitute(
        lang=escape(page.language), dir=' dir="rtl"' if page.right_to_left else "", policy=_POLICY, style=style,
        title=escape(title), paper="A4", margin=f"{MARGIN:g}",
        body=f'<nav class="index">\n<h1>{escape(title)}</h1>\n<ul>\n{lines}</ul>\n</nav>\n')
