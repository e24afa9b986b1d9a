"""The fixed words of a handout in several languages: a table of phrases that an agency can complete.

Rows are phrases by key, columns languages. A language is used only when it has every phrase,
and each phrase keeps the places for values of the English one: a page is never half translated.
"""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Callable
from dataclasses import dataclass, field

from ..errors import InputError

KEY, TEXT, ENGLISH = "key", "text", "en"
#: Languages that are written from right to left.
RIGHT_TO_LEFT = ("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi")


@dataclass
class Phrases:
    """The words of one language.

    Attributes
    ----------
    language : str
        Its code, such as ``"en"`` or ``"es-MX"``.
    table : dict of str to str
        Phrases by key; also texts of the data by the text itself.
    months, short_months : list of str
        Names of the months.
    missed : list of str
        Texts of the data that were asked for and are not in the table.
    """

    language: str
    table: dict
    months: list = field(default_factory=list)
    short_months: list = field(default_factory=list)
    missed: list = field(default_factory=list)

    @property
    def right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return base_of(self.language) in RIGHT_TO_LEFT

    def say(self, key: str, **values: object) -> str:
        """Return a phrase with its values."""
        return self.table[key].format(**values)

    def name(self, text: str) -> str:
        """Return a name, such as that of a place, which needs no translation."""
        return self.table.get(text) or text

    def own(self, text: str, main: Phrases, cut: Callable = str) -> str:
        """Return a text of the data in this language.

        A text that has no translation comes as it is, marked with the code of the main language, and is remembered.

        Parameters
        ----------
        text : str
        main : Phrases
            The language that the data are in.
        cut : callable
            Shortens a text for the page.
        """
        found = self.table.get(text)
        if found:
            return cut(found)
        if self is main or not any(letter.isalpha() for letter in text):
            return cut(text)
        if text not in self.missed:
            self.missed.append(text)
        return self.say("format.other", text=cut(text), language=main.language)

    def day(self, year: int, month: int, day: int) -> str:
        """Write a day with the name of its month."""
        return self.say("format.date", day=day, month=self.months[month - 1], year=year)

    def span(self, year: int, first: int, last: int, short: bool = False) -> str:
        """Write months of a year: "October to December 2024", "Oct–Dec 2024", "2024"."""
        if (first, last) == (1, 12):
            return str(year)
        names = self.short_months if short else self.months
        if first == last:
            return self.say("format.month", month=names[first - 1], year=year)
        if short:
            return f"{names[first - 1]}–{names[last - 1]} {year}"
        return self.say("format.months", first=names[first - 1], last=names[last - 1], year=year)


def base_of(language: str) -> str:
    """Return a language without its region: ``"es"`` of ``"es-MX"``."""
    return language.split("-")[0].lower()


def read(text: str) -> dict:
    """Read a table of phrases: a column of keys and one for each language; empty cells count for nothing.

    Parameters
    ----------
    text : str
        CSV with a header whose first name is ``key``.

    Returns
    -------
    dict of str to dict of str to str
        Language to key to phrase.
    """
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    names = [name for name in (rows[0] if rows else {}) if name and name != KEY]
    return {name: {row[KEY]: row[name] for row in rows if row.get(name)} for name in names}


def places(phrase: str) -> list:
    """Return the names of the places for values in a phrase, sorted.

    Raises
    ------
    ValueError
        A brace stands alone.
    """
    return sorted({name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None})


def choose(shipped: dict, given: dict, language: str, parameter: str) -> dict:
    """Return the phrases of a language by key, those of the agency first.

    Parameters
    ----------
    shipped, given : dict
        As of :func:`read`: of the plugin, and of the agency.
    language : str
    parameter : str
        Name of the parameter with the agency's phrases, for the error.

    Raises
    ------
    InputError
        Phrases are missing, or one lacks or adds a place for a value.
    """
    known = {}
    for source in (shipped, given):
        lower = {name.lower(): table for name, table in source.items()}
        for code in (base_of(language), language.lower()):
            known.update(lower.get(code, {}))
    english = shipped[ENGLISH]
    missing = [key for key in english if not known.get(key)]
    if missing:
        raise InputError(
            parameter, "In the language '{language}' {count} of {all} phrases are missing (first: {key},"
            " \"{phrase}\"). Complete are: {ready}. Run once with one of these and TEMPLATE (LANGUAGE2 = none leaves"
            " out the second page), add a column '{language}' to that table, and give it as PHRASES.",
            language=language, count=len(missing), all=len(english), key=missing[0], phrase=english[missing[0]],
            ready=", ".join(complete(shipped, given)))
    for key, phrase in known.items():
        if key in english:
            _same_places(key, phrase, english[key], language, parameter)
    return known


def complete(shipped: dict, given: dict) -> list:
    """Return the languages that have all phrases."""
    english = shipped[ENGLISH]
    both = {name: {**shipped.get(name, {}), **given.get(name, {})} for name in {**shipped, **given}}
    return sorted(name for name, table in both.items() if all(table.get(key) for key in english))


def _same_places(key: str, phrase: str, english: str, language: str, parameter: str) -> None:
    try:
        found = places(phrase)
    except ValueError:
        found = ["{"]
    if found != places(english):
        raise InputError(
            parameter, "The phrase {key} in '{language}' must hold the places {places} of the English one, with their"
            " braces and no others: \"{english}\".", key=key, language=language,
            places=", ".join(f"{{{name}}}" for name in places(english)) or "(none)", english=english)


def template(shipped: dict, given: dict, texts: list, languages: list) -> list:
    """Return the rows of a table to translate: all phrases, then the texts of the data.

    Parameters
    ----------
    shipped, given : dict
        As of :func:`read`.
    texts : list of str
        Names and texts of the data that a handout may show.
    languages : list of str
        Columns to make, empty ones too.
    """
    columns = [ENGLISH, *[name for name in languages if name != ENGLISH]]
    rows: list = [[KEY, *columns]]
    keys = [*shipped[ENGLISH], *[text for text in dict.fromkeys(texts) if text not in shipped[ENGLISH]]]
    for key in keys:
        cells = [given.get(name, {}).get(key) or shipped.get(name, {}).get(key, "") for name in columns]
        rows.append([key, *cells])
    return rows
