"""Text tables (CSV and kin) read as what they are: text, every row, nothing guessed away.

QGIS's own reader of delimited text leaves out rows whose coordinates are no numbers and
guesses types, so that an id ``0012`` becomes 12. Here every row of the file arrives, as
text, with what was found out about the file told.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsProviderRegistry
from qgis.PyQt.QtCore import QUrl, QUrlQuery

from ..analysis.errors import InputError
from ..analysis.progress import Progress, silent
from .sources import is_limited, layer_of

#: endings of files that are text tables; .gz may follow
ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".psv", ".dat")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tabulator", "|": "bar"}
#: rows looked at to find separator and header
_LOOK = 200


@dataclass(frozen=True)
class TextTable:
    """A table read from a text file.

    Attributes
    ----------
    names : list of str
        Field names; made unique where the file repeats one.
    columns : dict of str to (n,) array of object (str or None)
        Only the columns asked for; an empty cell is "".
    rows : int
        Rows below the header, blank lines not counted.
    lines : (n,) array of int
        Line of the file at which each row ends, from 1.
    separator, encoding : str
    skipped : int
        Lines above the header that are no part of the table.
    ragged : int
        Rows with more or fewer cells than the header; kept, cells beyond the header ignored.
    first_ragged : int
        Line of the first of them, 0 if none.
    fingerprint : str
        SHA-256 of the file's (unpacked) content.
    """

    names: list
    columns: dict
    rows: int
    lines: np.ndarray
    separator: str = ","
    encoding: str = "utf-8"
    skipped: int = 0
    ragged: int = 0
    first_ragged: int = 0
    fingerprint: str = ""
    name: str = ""
    notes: list = field(default_factory=list)

    @property
    def separator_name(self) -> str:
        """The separator in a word."""
        return _SEPARATORS.get(self.separator, repr(self.separator))


@dataclass(frozen=True)
class TextSource:
    """A layer or path that is a text table, with what the layer says of it."""

    path: str
    separator: str = ""
    encoding: str = ""
    x_field: str = ""
    y_field: str = ""
    crs: str = ""


def is_text_table(path: str) -> bool:
    """Whether a file name is that of a text table, packed or not."""
    lower = path.lower().split("|")[0]
    return lower.endswith(ENDINGS + tuple(e + ".gz" for e in ENDINGS))


def find(algorithm: Any, parameters: dict, name: str, context: Any) -> TextSource | None:
    """Return the text file behind a layer parameter, None where the layer itself is to be read.

    A selection, a filter, edits or joined fields make the layer more than its file. Call on
    the thread of the layer (``prepareAlgorithm``).
    """
    if is_limited(parameters, name):
        return None
    layer = layer_of(algorithm, parameters, name, context)
    if layer is None or layer.isEditable() or layer.subsetString() or layer.vectorJoins():
        return None
    if layer.providerType() == "ogr":
        parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
        path = (parts.get("vsiPrefix") or "") + str(parts.get("path") or "") + (parts.get("vsiSuffix") or "")
        return TextSource(path) if is_text_table(path) else None
    return _delimited(layer) if layer.providerType() == "delimitedtext" else None


def _delimited(layer: Any) -> TextSource | None:
    url = QUrl.fromEncoded(layer.source().encode())
    query = QUrlQuery(url)

    def item(key: str) -> str:
        return query.queryItemValue(key, QUrl.ComponentFormattingOption.FullyDecoded)

    if item("type") not in ("", "csv") or item("useHeader").lower() == "no" or item("skipLines") not in ("", "0"):
        return None
    separator = item("delimiter").replace("\\t", "\t")
    return TextSource(
        url.toLocalFile(), separator if len(separator) == 1 else "", item("encoding"), item("xField"), item("yField"),
        item("crs") or (layer.crs().authid() if layer.isSpatial() else ""),
    )


def read_bytes(path: str, parameter: str) -> bytes:
    """Return the content of a file, unpacked from .gz, .zip or a GDAL virtual path.

    Raises
    ------
    InputError
    """
    try:
        if path.startswith("/vsi"):
            return _virtual(path)
        if path.lower().endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                members = [m for m in archive.namelist() if is_text_table(m)]
                if len(members) != 1:
                    raise InputError(
                        parameter, "The archive '{file}' holds {count} text tables; exactly one is needed. Unpack it"
                        " and choose the file.", file=Path(path).name, count=len(members))
                return archive.read(members[0])
        raw = Path(path).read_bytes()
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(parameter, "'{file}' cannot be read: {error}. Choose an existing, undamaged file.",
                         file=Path(path).name, error=error) from error


def _virtual(path: str) -> bytes:
    if path.startswith("/vsigzip/"):
        return gzip.decompress(Path(path[len("/vsigzip/"):]).read_bytes())
    from osgeo import gdal

    handle = gdal.VSIFOpenL(path, "rb")
    if handle is None:
        raise OSError("no such file")
    try:
        gdal.VSIFSeekL(handle, 0, 2)
        size = gdal.VSIFTellL(handle)
        gdal.VSIFSeekL(handle, 0, 0)
        return bytes(gdal.VSIFReadL(1, size, handle) or b"")
    finally:
        gdal.VSIFCloseL(handle)


def read_table(
    path: str,
    parameter: str,
    columns: list | None = None,
    separator: str = "",
    encoding: str = "",
    progress: Progress = silent,
) -> TextTable:
    """Read a text table.

    Parameters
    ----------
    path : str
        Also packed (.gz, .zip with one table) or a GDAL virtual path.
    parameter : str
        The parameter that errors shall name.
    columns : list of str, optional
        Columns to keep; all if None. Names that the file lacks are left to the caller.
    separator, encoding : str
        Found out where "": comma, semicolon, tabulator or bar; UTF-8, UTF-16 by their mark,
        else Windows-1252.

    Raises
    ------
    InputError
        For a file that cannot be read or holds no table.
    """
    raw = read_bytes(path, parameter)
    text, encoding = _decode(raw, encoding, parameter, path)
    fingerprint = hashlib.sha256(raw).hexdigest()
    del raw
    if text[:4].lower() == "sep=" and len(text) > 5:
        separator = separator or text[4]
        text = text.split("\n", 1)[1] if "\n" in text else ""
    separator = separator or _separator(text)
    header, skipped = _header(text, separator)
    names = _unique(header)
    if not any(names) or (len(names) == 1 and "\0" in text[:1000]):
        raise InputError(parameter, "'{file}' holds no table: there is no row of field names.", file=Path(path).name)
    wanted = [k for k, n in enumerate(names) if columns is None or n in columns]
    lists: list[list] = [[] for _ in wanted]
    lines: list[int] = []
    width, ragged, first_ragged = len(names), 0, 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    csv.field_size_limit(2**31 - 1)
    to_skip, size = skipped + 1, max(1, text.count("\n"))
    try:
        for row in reader:
            if not row or (len(row) == 1 and not row[0].strip() and width > 1):
                continue
            if to_skip:
                to_skip -= 1
                continue
            if len(row) != width:
                if any(cell.strip() for cell in row[width:]) or len(row) < width:
                    ragged, first_ragged = ragged + 1, first_ragged or reader.line_num
                row = row + [""] * (width - len(row))
            for keep, k in zip(lists, wanted):
                keep.append(row[k])
            lines.append(reader.line_num)
            if len(lines) % 20_000 == 0:
                progress(min(1.0, reader.line_num / size))
    except csv.Error as error:
        raise InputError(parameter, "'{file}' cannot be read as a table, line {line}: {error}.",
                         file=Path(path).name, line=reader.line_num, error=error) from error
    kept = {}
    for values, k in zip(lists, wanted):
        array = np.empty(len(values), object)
        array[:] = values
        kept[names[k]] = array
    return TextTable(names, kept, len(lines), np.array(lines, np.int64), separator, encoding, skipped, ragged,
                     first_ragged, fingerprint, Path(path).name)


def field_names(path: str, parameter: str, separator: str = "", encoding: str = "") -> list:
    """Return the field names of a text table."""
    text, _ = _decode(read_bytes(path, parameter)[:200_000], encoding, parameter, path, whole=False)
    separator = separator or (text[4] if text[:4].lower() == "sep=" else _separator(text))
    return _unique(_header(text, separator)[0])


def _decode(raw: bytes, encoding: str, parameter: str, path: str, whole: bool = True) -> tuple[str, str]:
    """Return the text and the encoding's name."""
    marks = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
    candidates = [encoding] if encoding else []
    candidates += [name for mark, name in marks if raw.startswith(mark)] or ["utf-8"]
    for name in candidates:
        try:
            return codecs.getincrementaldecoder(name)().decode(raw, whole), name
        except LookupError as error:
            raise InputError("ENCODING", "'{name}' is no text encoding. Write for example utf-8, cp1252 or latin-1.",
                             name=name) from error
        except UnicodeDecodeError:
            if name == encoding:
                raise InputError("ENCODING", "'{file}' is not written in {name}. Leave the encoding empty to have it"
                                 " found out.", file=Path(path).name, name=name) from None
    return raw.decode("cp1252", errors="replace"), "cp1252"


def _separator(text: str) -> str:
    """Return the separator that splits the first rows most evenly."""
    head = "\n".join(text[:100_000].splitlines()[:_LOOK])
    best, best_score = ",", (0.0, 0)
    for candidate in _SEPARATORS:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=candidate) if row)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        score = (count / sum(widths.values()) if width > 1 else 0.0, width)
        # an even split wins; among even ones the one with more columns
        if (round(score[0], 1), score[1]) > (round(best_score[0], 1), best_score[1]):
            best, best_score = candidate, score
    return best


def _header(text: str, separator: str) -> tuple[list, int]:
    """Return the cells of the header and the number of rows above it (titles of a report)."""
    head = io.StringIO("\n".join(text[:200_000].splitlines()[:_LOOK]), newline="")
    rows = [row for row in csv.reader(head, delimiter=separator) if row and any(cell.strip() for cell in row)]
    if not rows:
        return [], 0
    width = Counter(map(len, rows)).most_common(1)[0][0]
    for k, row in enumerate(rows[:20]):
        if len(row) >= width or len([c for c in row if c.strip()]) > width / 2:
            return row, k
    return rows[0], 0


def _unique(header: list) -> list:
    names: list[str] = []
    for k, cell in enumerate(header):
        name = cell.strip().lstrip("\ufeff") or f"field_{k + 1}"
        base, count = name, 2
        while name in names:
            name, count = f"{base}_{count}", count + 1
        names.append(name)
    return names
