"""The words of 'Create community input layers', and the form on paper."""

from __future__ import annotations

import secrets

from ...reports import formats
from ...reports.html import Report
from ...translation import tr
from . import inputwords as words
from .communitylayer_file import Data

_SLIPS = 12
_LINE = "………………………………………"


def summary(data: Data) -> str:
    """Return the sentence to read out."""
    return tr("The file '{file}' is ready to take down what residents say: {categories} categories, {languages}"
              " languages, no names.").format(
        file=data.target.name, categories=formats.number(len(data.categories)),
        languages=formats.number(len(data.languages))) if len(data.languages) > 1 else tr(
        "The file '{file}' is ready to take down what residents say: {categories} categories, no names.").format(
        file=data.target.name, categories=formats.number(len(data.categories)))


def build(data: Data, sentence: str) -> Report:
    """Return the form on paper."""
    report = Report(tr("What do you want to tell us about a place?"), tr("Community input"))
    report.paragraph(tr("Please write no names, telephone numbers, addresses of persons or number plates."))
    report.facts([(tr("Place, as on a map"), _LINE), (tr("Day"), "……………"),
                  (tr("Your token"), "………–………–………", tr("from your last slip, or a new one"))])
    # nothing parts a box from its words, nor the words from one another
    box, whole = "☐\u00a0", str.maketrans({" ": "\u00a0", "–": "\u2060–\u2060"})
    for title, values in (
        (tr("What is it about?"), words.category_words(data.categories)),
        (tr("How worried are you?"), words.concerns()),
        (tr("At what time of day?"), words.day_parts()), (tr("What do you wish for?"), words.wishes()),
        (tr("May we use it?"), words.consents()), (tr("Language"), words.language_words(data.languages)),
    ):
        report.heading(title)
        report.paragraph("\u2003 ".join(box + text.translate(whole) for text in values.values()))
    report.heading(tr("In your own words"))
    report.paragraph("\n".join(_LINE * 3 for _ in range(4)))
    report.heading(tr("For the office"))
    report.facts([(tr("How it reached us"), " / ".join(words.sources().values())), (tr("Organisation"), _LINE)])
    report.heading(tr("Slips"))
    report.paragraph(tr("Cut them out and let each person take one. Who brings it again is counted as one voice,"
                        " however often; nobody can tell from it who it is."))
    rows = [[f"{tr('Your token')}: {_token()}" for _ in range(3)] for _ in range(_SLIPS // 3)]
    report.table(["✂", "✂", "✂"], rows, tr("Tokens to give away"), name="slips")
    return report


def _token() -> str:
    """Return a token that nobody can guess; it must not repeat from run to run."""
    raw = secrets.token_hex(6).upper()
    return "-".join(raw[k:k + 4] for k in (0, 4, 8))
