"""The languages of a handout: its phrases, and numbers and dates as each language writes them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from qgis.PyQt.QtCore import QLocale

from ...analysis.errors import InputError
from ...analysis.problems import phrases as phrases_module
from ...analysis.problems.phrases import Phrases
from ...layers import tables

FILE = Path(__file__).resolve().parents[2] / "phrases" / "handout.csv"
_US_DATE = "{month} {day}, {year}"


class Language(Phrases):
    """Phrases with the numbers and dates of a language."""

    def number(self, value: int) -> str:
        """Write a whole number."""
        return QLocale(self.language.replace("-", "_")).toString(int(value))

    def date(self, day: np.datetime64) -> str:
        """Write a day."""
        year, month, number = str(np.datetime64(day, "D")).split("-")
        return self.day(int(year), int(month), int(number))

    def period(self, span: Any, short: bool = False) -> str:
        """Write a period of the calendar."""
        year, first = str(span.start)[:7].split("-")
        return self.span(int(year), int(first), int(str(span.end)[5:7]), short)


def shipped() -> dict:
    """Return the phrases of the plugin, by language and key."""
    return phrases_module.read(FILE.read_text(encoding="utf-8"))


def read(run: Any) -> tuple[list, dict]:
    """Return the languages of the handout, the main one first, and the phrases that the agency gave."""
    tool = run.tool
    settled = list(run.agency.languages)
    main = run.text(tool.LANGUAGE).strip() or (settled[0] if settled else phrases_module.ENGLISH)
    second = run.text(tool.LANGUAGE2).strip() or next((code for code in settled[1:2] if code != main), "")
    if second.lower() == "none":
        second = ""
    given = _given(run, second or main)
    codes = [main, *([second] if second and second.lower() != main.lower() else [])]
    out = []
    for code, parameter in zip(codes, (tool.LANGUAGE, tool.LANGUAGE2)):
        locale = QLocale(code.replace("-", "_"))
        if locale.language() == QLocale.Language.C:
            raise InputError(parameter, "'{code}' is no code of a language. Write for example en, es, fr or ar.",
                             code=code)
        table = phrases_module.choose(shipped(), given, code, tool.PHRASES)
        if run.units.us and phrases_module.base_of(code) == phrases_module.ENGLISH:
            table["format.date"] = _US_DATE
        names = [[locale.standaloneMonthName(month, form) for month in range(1, 13)]
                 for form in (QLocale.FormatType.LongFormat, QLocale.FormatType.ShortFormat)]
        out.append(Language(code, table, *names))
    return out, given


def _given(run: Any, language: str) -> dict:
    """Return the agency's phrases; a table of key and text is of the language that was asked for."""
    tool = run.tool
    if not run.has(tool.PHRASES):
        return {}
    path = run.file(tool.PHRASES)
    table = tables.read_table(path, tool.PHRASES)
    if phrases_module.KEY not in table.names or len(table.names) < 2:
        raise InputError(
            tool.PHRASES, "'{file}' has no column 'key' beside columns of languages, or none but that. Write a table"
            " with TEMPLATE and fill it in.", file=Path(path).name)
    keys = [str(key).strip() for key in table.columns[phrases_module.KEY]]
    out = {}
    for name in table.names:
        if name != phrases_module.KEY:
            code = language if name == phrases_module.TEXT else name
            out[code] = {key: str(text).strip() for key, text in zip(keys, table.columns[name]) if str(text).strip()}
    return out


def write_template(run: Any, name: str, given: dict, languages: list, texts: list) -> None:
    """Write the table of phrases to translate, where it was asked for."""
    path = run.file(name)
    if not path:
        return
    known = shipped()
    columns = list(dict.fromkeys([*known, *given, *(language.language for language in languages)]))
    try:
        with open(path, "w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(phrases_module.template(known, given, texts, columns))
    except OSError as error:
        raise InputError(name, "The table cannot be written ({error}). Choose a folder that you may write to.",
                         error=error.strerror or error) from error
    run.outputs[name] = path
