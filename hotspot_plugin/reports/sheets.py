"""Reports with a sheet for each place: columns side by side, and a page of paper for each."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, Sequence

from ..translation import tr
from .html import Report, _text, _words

_HERE = Path(__file__).parent
#: rows of columns side by side, as the style sheet knows them: two, the first of two wider, three
TWO, WIDER, THREE = "two", "wider", "three"


class SheetReport(Report):
    """A report whose parts can stand side by side, and whose sheets begin on a page of their own.

    What is opened (:meth:`sheet`, :meth:`row`, :meth:`cell`) must be closed with :meth:`close`.
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__(title, subtitle)
        self._open: list[str] = []
        #: name of the file to its header and rows
        self._collected: dict[str, tuple[list, list]] = {}
        self._place = ""

    # --- boxes ------------------------------------------------------------------------------
    def sheet(self, title: str, subtitle: str = "") -> None:
        """Open a sheet; on paper it begins a page."""
        self._place = title
        self._begin("section", f'class="sheet" aria-label="{escape(title)}"')
        self._raw(f"<h2>{escape(title)}</h2>\n")
        if subtitle:
            self._raw(f'<p class="subtitle">{_words(subtitle)}</p>\n')

    def row(self, columns: str) -> None:
        """Open a row of columns (TWO, WIDER, THREE); each thing or cell added until it is closed is one of them."""
        self._begin("div", f'class="row {columns}"')

    def cell(self) -> None:
        """Open a cell of a row that holds several things."""
        self._begin("div", "")

    def close(self) -> None:
        """Close what was opened last."""
        self._raw(f"</{self._open.pop()}>\n")

    # --- parts ------------------------------------------------------------------------------
    def look(self, label: str, text: str) -> None:
        """Add a box with what to do first."""
        self._raw(f'<div class="look"><p><strong>{escape(label)}</strong> {_words(text)}</p></div>\n')

    def note(self, text: str) -> None:
        """Add a line in small letters."""
        self._raw(f'<p class="quiet">{_words(text)}</p>\n')

    def panel(self, title: str, who: str, parts: Sequence[tuple[str, Sequence[str]]], lines: int = 0) -> None:
        """Add a framed box: a title, who is meant, headed lists, and empty lines to write on."""
        lists = "".join(
            f"<h4>{escape(head)}</h4>\n<ul>\n{''.join(f'<li>{_words(text)}</li>' for text in texts)}\n</ul>\n"
            for head, texts in parts if texts)
        blank = '<div class="line"></div>' * lines
        self._raw(f'<div class="panel">\n<h3>{escape(title)}</h3>\n<p class="who">{escape(who)}</p>\n{lists}'
                  f'{blank}\n</div>\n')

    def small_table(
        self, header: Sequence[str], rows: Sequence[Sequence[Any]], caption: str, name: str, kind: str = ""
    ) -> None:
        """Add a table of few rows; those of one name on all sheets go into one CSV file beside the report.

        Parameters
        ----------
        header, rows, caption : as in :meth:`~hotspot_plugin.reports.html.Report.table`
        name : str
            Ending of the CSV file's name; on sheets its first column is their title.
        kind : str
            Class of the table; without one, numbers stand to the right.
        """
        first, place = ([tr("Sheet")], [self._place]) if self._open else ([], [])
        self._collected.setdefault(name, ([*first, *header], []))[1].extend([*place, *row] for row in rows)

        def line(cells: Sequence[Any], tag: str) -> str:
            out = []
            for i, cell in enumerate(cells):
                mark = getattr(cell, "mark", "")
                names = " ".join(name for name in ("number" if i and not kind else "", mark) if name)
                shown = _words(_text(cell))
                head = tag == "th" or (kind and i == 0)
                scope = ' scope="col"' if tag == "th" else ' scope="row"' if head else ""
                name = f' class="{names}"' if names else ""
                out.append(f"<{'th' if head else 'td'}{scope}{name}>{shown}</{'th' if head else 'td'}>")
            return f"<tr>{''.join(out)}</tr>\n"

        body = "".join(line(row, "td") for row in rows)
        kind = f' class="{kind}"' if kind else ""
        self._raw(f'<div class="table"><table{kind} data-file="{escape(name)}">\n<caption>{_words(caption)}</caption>\n'
                  f"<thead>{line(header, 'th')}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n")

    # --- out --------------------------------------------------------------------------------
    def write(self, path: str | Path) -> list[str]:
        """Write the page, its pictures and tables, and the tables of all sheets."""
        kept = list(self._tables)
        self._tables += [(name, header, rows) for name, (header, rows) in self._collected.items()]
        try:
            return super().write(path)
        finally:
            self._tables = kept

    def html(self, stem: str = "report") -> str:
        """Return the page as text, with the style of sheets."""
        if self._open:
            raise ValueError(f"{len(self._open)} boxes of the report are open")
        style = (_HERE / "sheets.css").read_text(encoding="utf-8")
        return super().html(stem).replace("</style>", f"{style}</style>", 1)

    def _begin(self, tag: str, attributes: str) -> None:
        self._open.append(tag)
        self._raw(f"<{tag}{' ' if attributes else ''}{attributes}>\n")

    def _raw(self, html: str) -> None:
        self._body.append(("html", html))
