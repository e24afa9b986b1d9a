"""One self-contained web page that a tool leaves: reads offline, prints, hides nothing.

No script, no font, no image is fetched: a content security policy in the page forbids it.
All texts are escaped, so a type or place name in the data cannot become markup.
"""

from __future__ import annotations

import base64
import csv
import json
import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Sequence

from ..translation import tr
from . import formats

_HERE = Path(__file__).parent
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_NUMERIC = re.compile(r"^[<>≤≥=~+\-\u2212 ]*\d[\d.,'\u00a0\u202f\s]*(\s?%)?$")
#: columns from which a table is set smaller, and much smaller, so that it fits the page and the paper
_BROAD, _WIDE = 9, 12
_PAGE = Template(
    """<!DOCTYPE html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="$policy">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="$maker">
<title>$title</title>
<style>
$style</style>
</head>
<body>
$practice<main>
<header>
<p class="brand">$maker</p>
<h1>$title</h1>
$subtitle$lead</header>
$warnings$body$provenance</main>
<footer><p>$footer</p></footer>
</body>
</html>
"""
)
_ICON = (
    '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M12 3 1.8 21h20.4z" '
    'fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/><path d="M12 9.5v5.2m0 2.2v.9" '
    'stroke="currentColor" stroke-width="2.2"/></svg>'
)


@dataclass(frozen=True)
class Shown:
    """A table cell whose text on the page differs from its value in the CSV file.

    ``mark`` "more" or "fewer" colours it; the text must say the same, for not all see colours.
    """

    value: Any
    text: str
    mark: str = ""


class Report:
    """A report under construction.

    The sentence to read out and the warnings stand at the top whatever the order of the
    calls; everything else appears in the order in which it was added.

    Parameters
    ----------
    title : str
    subtitle : str
        What, where and when, in one line.

    Attributes
    ----------
    issuer : str
        The agency that the report is of, "" for none.
    practice : bool
        Whether it is about practice data, which it then says on every page.
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        self.title, self.subtitle = title, subtitle
        self.made = datetime.now()
        self.issuer = ""
        self.practice = False
        self._sentences: list[str] = []
        self._warnings: list[str] = []
        self._body: list[tuple[str, Any]] = []
        self._tables: list[tuple[str, list, list]] = []
        self._figures: list[tuple[str, bytes]] = []
        self._provenance = ""
        self._names: set[str] = set()

    # --- what a tool adds -------------------------------------------------------------------
    def sentence(self, text: str) -> None:
        """Add the sentence that can be read out as it stands."""
        self._sentences.append(text)

    def warning(self, text: str) -> None:
        """Add something that the reader must know before using the result."""
        if text not in self._warnings:
            self._warnings.append(text)

    def heading(self, text: str) -> None:
        """Start a section."""
        self._body.append(("html", f"<h2>{escape(text)}</h2>\n"))

    def paragraph(self, text: str) -> None:
        """Add a paragraph; empty lines in the text separate further paragraphs."""
        for block in re.split(r"\n\s*\n", text.strip()):
            lines = "<br>\n".join(_words(line) for line in block.splitlines())
            self._body.append(("html", f"<p>{lines}</p>\n"))

    def bullets(self, texts: Sequence[str]) -> None:
        """Add a list."""
        if texts:
            items = "".join(f"<li>{_words(text)}</li>\n" for text in texts)
            self._body.append(("html", f"<ul>\n{items}</ul>\n"))

    def facts(self, pairs: Sequence[Sequence[Any]]) -> None:
        """Add key figures as tiles: (label, value) or (label, value, note)."""
        tiles = []
        for label, value, *note in pairs:
            text = value if isinstance(value, str) else formats.number(value)
            small = f'<dd class="note">{_words(str(note[0]))}</dd>' if note and note[0] else ""
            tiles.append(f"<div><dt>{escape(str(label))}</dt><dd>{_words(text)}</dd>{small}</div>\n")
        self._body.append(("html", f'<dl class="facts">\n{"".join(tiles)}</dl>\n'))

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[Any]], caption: str, name: str = "table",
        limit: int = 50,
    ) -> None:
        """Add a table; all its rows also go into a CSV file beside the report.

        Parameters
        ----------
        header : list of str
        rows : list of lists
            Numbers, texts, None, or :class:`Shown` where page and CSV differ.
        caption : str
            What the table is about, which those who hear the page are told before its cells.
        name : str
            Ending of the CSV file's name; made unique within the report.
        limit : int
            Rows shown on the page; the file has all.
        """
        name = self._unique(name)
        rows = [list(row) for row in rows]
        self._tables.append((name, list(header), rows))
        self._body.append(("table", (name, list(header), rows, caption, limit)))

    def figure(self, image: str | bytes | None, caption: str, alt: str, name: str = "map") -> None:
        """Add a picture (PNG bytes or SVG text), which also goes into a file beside the report.

        Parameters
        ----------
        image : bytes, str or None
            None is what ``charts`` gives where matplotlib is missing: the report then says so.
        caption : str
        alt : str
            What the picture shows, for those who cannot see it.
        name : str
            Ending of the picture's file name; made unique within the report.
        """
        if image is None:
            text = tr("The chart “{caption}” is not shown: it needs matplotlib, which this QGIS does not have.")
            self._body.append(("html", f'<p class="quiet">{escape(text.format(caption=caption))}</p>\n'))
            return
        data = image.encode("utf-8") if isinstance(image, str) else bytes(image)
        png = data.startswith(b"\x89PNG")
        self._figures.append((self._unique(name) + (".png" if png else ".svg"), data))
        # As an image a drawing can neither run a script nor clash with another one's ids.
        source = f"data:image/{'png' if png else 'svg+xml'};base64,{base64.b64encode(data).decode('ascii')}"
        picture = f'<img src="{source}" alt="{escape(alt)}">'
        self._body.append(("html", f"<figure>\n{picture}\n<figcaption>{_words(caption)}</figcaption>\n</figure>\n"))

    def provenance(self, json_text: str) -> None:
        """Add how the result was made, folded away; laid out if it is JSON."""
        try:
            self._provenance = json.dumps(json.loads(json_text), indent=2, ensure_ascii=False)
        except ValueError:
            self._provenance = json_text

    # --- out --------------------------------------------------------------------------------
    def write(self, path: str | Path) -> list[str]:
        """Write the page, and its pictures and tables beside it.

        Parameters
        ----------
        path : str or Path
            File of the page; ``x.html`` leaves ``x_map.png`` and ``x_table.csv`` beside it.

        Returns
        -------
        list of str
            All files written, the page first.

        Raises
        ------
        OSError
            If a file cannot be written, e.g. because it is open in a spreadsheet.
        """
        page = Path(path)
        page.parent.mkdir(parents=True, exist_ok=True)
        files = [page]
        page.write_text(self.html(page.stem), encoding="utf-8")
        for name, data in self._figures:
            files.append(page.with_name(f"{page.stem}_{name}"))
            files[-1].write_bytes(data)
        for name, header, rows in self._tables:
            files.append(page.with_name(f"{page.stem}_{name}.csv"))
            # with a byte order mark, without which Excel takes UTF-8 for the local code page
            with open(files[-1], "w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow([_csv_cell(cell) for cell in header])
                writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
        return [str(file) for file in files]

    def html(self, stem: str = "report") -> str:
        """Return the page as text; ``stem`` is the file name that its tables go beside."""
        body = "".join(part if kind == "html" else _table(stem, *part) for kind, part in self._body)
        provenance = ""
        if self._provenance:
            provenance = (
                f'<details class="provenance">\n<summary>{escape(tr("How this was made, to repeat or check it"))}'
                f"</summary>\n<pre>{escape(self._provenance)}</pre>\n</details>\n"
            )
        maker = tr("Crime Hotspots for QGIS")
        footer = tr("{maker}, {date}").format(maker=maker, date=self.made.strftime("%Y-%m-%d %H:%M"))
        if self.issuer:
            footer = tr("{agency}. {footer}").format(agency=self.issuer, footer=footer)
        return _PAGE.substitute(
            lang=escape(formats.language()),
            policy=_POLICY,
            maker=escape(maker),
            title=escape(self.title),
            style=(_HERE / "report.css").read_text(encoding="utf-8"),
            subtitle=f'<p class="subtitle">{escape(self.subtitle)}</p>\n' if self.subtitle else "",
            lead="".join(f'<p class="lead">{_words(text)}</p>\n' for text in self._sentences),
            warnings=self._warning_box(),
            practice=self._practice_band(),
            body=body,
            provenance=provenance,
            footer=escape(footer),
        )

    def _warning_box(self) -> str:
        if not self._warnings:
            return ""
        count = len(self._warnings)
        word = tr("Warning") if count == 1 else tr("{count} warnings").format(count=count)
        items = "".join(f"<li>{_words(text)}</li>\n" for text in self._warnings)
        return (
            f'<aside class="warning" role="note">\n<p class="word">{_ICON}{escape(word)}</p>\n'
            f"<ul>\n{items}</ul>\n</aside>\n"
        )

    def _practice_band(self) -> str:
        if not self.practice:
            return ""
        text = escape(tr("Practice data – not a real place"))
        mark = escape(tr("Practice data"))
        return f'<p class="practice" role="note" data-mark="{mark}">{text}</p>\n'

    def _unique(self, name: str) -> str:
        base = re.sub(r"[^\w-]+", "_", name).strip("_") or "part"
        name, index = base, 2
        while name in self._names:
            name, index = f"{base}_{index}", index + 1
        self._names.add(name)
        return name


def _words(text: str) -> str:
    """Escape a text, and keep each per cent sign on the line of its number."""
    return escape(text).replace(" %", "\u00a0%")


def _table(stem: str, name: str, header: list, rows: list, caption: str, limit: int) -> str:
    right = [_right_aligned([row[i] for row in rows if i < len(row)]) for i in range(len(header))]
    styles = [' class="number"' if numeric else "" for numeric in right]
    head = "".join(f'<th scope="col"{style}>{escape(str(text))}</th>' for text, style in zip(header, styles))
    lines = []
    for row in rows[:limit]:
        cells = [f"<td{_classes(cell, numeric)}>{escape(_text(cell))}</td>" for cell, numeric in zip(row, right)]
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    more = ""
    if len(rows) > limit:
        text = tr("The first {shown} of {count} rows; all of them are in {file}.").format(
            shown=formats.number(limit), count=formats.number(len(rows)), file=f"{stem}_{name}.csv"
        )
        more = f'<p class="quiet">{escape(text)}</p>\n'
    label = escape(caption)
    wide = ' class="wide"' if len(header) >= _WIDE else ' class="broad"' if len(header) >= _BROAD else ""
    return (
        f'<div class="table" role="region" aria-label="{label}" tabindex="0">\n<table{wide}>\n'
        f"<caption>{label}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(lines)}</tbody>\n</table>\n"
        f"</div>\n{more}"
    )


def _classes(cell: Any, numeric: bool) -> str:
    names = ["number"] if numeric else []
    if isinstance(cell, Shown) and cell.mark:
        names.append(cell.mark)
    return f' class="{" ".join(names)}"' if names else ""


def _right_aligned(cells: list) -> bool:
    # the word of a mark does not make a number a text
    values = [(cell.value if cell.mark else cell.text) if isinstance(cell, Shown) else cell for cell in cells]
    values = [value for value in values if not (value is None or value in ("", formats.NOTHING))]
    return bool(values) and all(formats.is_number(v) or bool(_NUMERIC.match(str(v))) for v in values)


def _text(cell: Any) -> str:
    if isinstance(cell, Shown):
        return cell.text
    if isinstance(cell, bool):
        return tr("yes") if cell else tr("no")
    return formats.number(cell) if cell is None or formats.is_number(cell) else str(cell)


def _csv_cell(cell: Any) -> Any:
    value = cell.value if isinstance(cell, Shown) else cell
    if formats.is_missing(value):
        return ""
    if hasattr(value, "item"):
        value = value.item()
    # A text that starts like a formula would be run by the spreadsheet that opens the file.
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMERIC.match(value):
        return "'" + value
    return value
