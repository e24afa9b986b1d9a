"""The report of an import of community input; it shows counts and columns, never a value of a person."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ...analysis.community import bursts as bursts_module
from ...analysis.community import inputs
from ...analysis.privacy import personal
from ...layers import styling
from ...reports import charts, formats, maps
from ...reports.html import Report
from ...translation import tr
from ..data.prepareincidents_report import small_dots
from . import inputwords
from .importcommunityinput_read import shown
from .importcommunityinput_rows import Imported

_MEANINGS = {
    "X_FIELD": "X or longitude", "Y_FIELD": "Y or latitude", "GEOPOINT_FIELD": "Geopoint", "ID_FIELD": "Identifier",
    "DATE_FIELD": "Day of the report", "CATEGORY_FIELD": "Category", "CONCERN_FIELD": "Concern",
    "DAY_PART_FIELD": "Part of the day", "TEXT_FIELD": "What was said", "WISH_FIELD": "Wish", "SOURCE_FIELD": "Source",
    "ORG_FIELD": "Organisation", "LANG_FIELD": "Language", "CONSENT_FIELD": "Consent", "VOICE_FIELD": "Voice (made a"
                                                                                                      " token)",
    "STATUS_FIELD": "Status", "RESPONSE_FIELD": "Response", "ACK_FIELD": "Acknowledged on", "WORK_FIELD": "Work began"
                                                                                                          " on",
    "DONE_FIELD": "Done on", "DECLINED_FIELD": "Declined on", "UPDATED_FIELD": "Last change", "PHOTO_FIELD": "Photo",
    "PLACE_FIELD": "Address of the place", "PRACTICE_FIELD": "Made for practice",
}
_WHATS = {"all": "all reports", "category": "category", "place": "place (cell of 250 m)", "org": "organisation",
          "wording": "same wording"}


#: more dots than this are small ones of one colour on the report's map
MANY = 2000
#: colours that can be told apart, also with red-green blindness (Tol 2021, muted), then greys
_COLOURS = ("#332288", "#ddcc77", "#cc6677", "#117733", "#88ccee", "#882255", "#44aa99", "#999933", "#aa4499",
            "#5a5a5a",
            "#a0a0a0", "#d0d0d0")


def style(done: Imported) -> styling.Style:
    """Return the look of the reports: a colour for each category, the most frequent first."""
    counts = Counter(v for v in done.mapped[inputs.CATEGORY].values[done.kept] if v is not None)
    if not counts:
        return styling.single("Reports", styling.ACCENT, tr("Report"))
    words = inputwords.categories()
    entries = [(name, colour, words[name]) for (name, _), colour in zip(counts.most_common(), _COLOURS)]
    unsaid = (styling.GREY, tr("not stated")) if sum(counts.values()) < done.kept.sum() else None
    return styling.categories("Reports", inputs.CATEGORY, entries, unsaid)


def build(tool: Any, run: Any, done: Imported, photos: Any) -> Report:
    """Return the report."""
    report = Report(tr("Imported community input"), done.export.name)
    report.sentence(done.summary())
    for text in run.warnings:
        report.warning(text)
    n = done.numbers()
    report.heading(tr("Every row accounted for"))
    rows = [[tr("Rows read"), n["ROWS_IN"]], [tr("Reports in the result"), n["WRITTEN"]]]
    rows += [[tr("Left out: {reason}").format(reason=reason), count] for reason, count in done.reasons()]
    report.table([tr("Rows"), tr("Number")], rows, tr("The lines below the first add up to it."), name="rows")
    _personal(report, done)
    if n["WRITTEN"]:
        layer = run.output_layer(tool.OUTPUT)
        layer = small_dots(layer, n["WRITTEN"], tr("Report")) if n["WRITTEN"] > MANY else layer
        image = maps.map_png([layer], tr("Reports"), units=run.units)
        report.figure(image, tr("Reports in the result"), tr("Map of the reports as dots"), name="map")
    _categories(report, done)
    _time(report, done)
    _repeats(report, done, n)
    _bursts(report, done)
    if photos.copied or photos.refused or photos.linked:
        report.heading(tr("Photos"))
        report.facts([(tr("Copied without what the camera wrote (place, time, owner)"), photos.copied),
                      (tr("Not taken, listed with the reason"), len(photos.refused)),
                      (tr("Only linked to, not fetched"), photos.linked)])
    _columns(report, run, done)
    return report


def _personal(report: Report, done: Imported) -> None:
    report.heading(tr("Personal data"))
    found = done.scan.rows()
    if not found:
        report.paragraph(tr("No e-mail address, phone number, plate, identity or bank number, home address, date of"
                            " birth,"
                            " device, account or announced name was found in any column. What no pattern can find:"
                            " names and descriptions in running text that nothing announces."))
    else:
        voice = done.choices.fields.get("VOICE_FIELD")
        rows = [[shown(c), tr(personal.KINDS[k]), n, tr("made a token") if c == voice and whole else
                 tr("column left out") if whole else tr("replaced by a mark")] for c, k, n, whole in found]
        report.table([tr("Column"), tr("What"), tr("Cells"), tr("What was done")], rows,
                     tr("Counts only. What no pattern can find: names and descriptions in running text that nothing"
                        " announces."), name="personal")
    if done.scan.places:
        report.paragraph(tr("Taken as the address of a place, not of a person: {names}.").format(
            names=", ".join(shown(p) for p in done.scan.places)))


def _categories(report: Report, done: Imported) -> None:
    values = done.mapped[inputs.CATEGORY].values[done.kept]
    names, counts = np.unique(np.array([v or tr("not stated") for v in values], dtype=str), return_counts=True)
    if len(names) > 1:
        order = np.argsort(-counts, kind="stable")
        names = np.array([inputwords.categories().get(n, n) for n in names], object)
        report.heading(tr("What it is about"))
        chart = charts.bar_chart(names[order].tolist(), counts[order].tolist(), "", tr("Reports"))
        report.figure(chart, tr("Reports by category"), tr("Bars of the number of reports in each category"),
                      "categories")
    words = done.safe_words().get(inputs.CATEGORY)
    if words:
        rows = [[word, value] for word, value in sorted(words.items(), key=lambda i: (i[1], i[0]))]
        report.table([tr("Word of the export"), tr("Category")], rows[:60],
                     tr("How words were understood; the saved mapping holds them and can be changed there."),
                     name="words")


def _time(report: Report, done: Imported) -> None:
    known = done.day[done.kept & ~np.isnat(done.day)]
    months, counts = np.unique(known.astype("M8[M]"), return_counts=True)
    if len(months) > 1:
        chart = charts.histogram_by_month(months, counts, "", tr("Reports"))
        report.figure(chart, tr("Reports by month"), tr("Bars of the number of reports in each month"), "months")


def _repeats(report: Report, done: Imported, n: dict) -> None:
    report.heading(tr("Repeats"))
    report.facts([(tr("Same identifier as a later row"), n["REPEATS_ID"]),
                  (tr("Same voice, place and day as an earlier row"), n["REPEATS_VOICE"]),
                  (tr("Alike in place, day, category and words; kept, they may be different people"),
                   done.repeats.alike),
                  (tr("Dropped"), n["REPEATS_DROPPED"])])


def _bursts(report: Report, done: Imported) -> None:
    report.heading(tr("Bursts"))
    if not done.bursts_known:
        report.paragraph(tr("Not looked for: days are not known."))
        return
    if not done.bursts:
        report.paragraph(tr("None found."))
    else:
        rows = []
        for b in done.bursts[:20]:
            chance = tr("same words, no test") if np.isnan(b.p) else formats.p_value(b.p)
            what = f"{tr(_WHATS[b.what])}: {b.group}" if b.what == "category" else tr(_WHATS[b.what])
            rows.append([what, formats.date(b.first), b.days, len(b.rows),
                         None if np.isnan(b.expected) else formats.number(b.expected, 1), chance])
        report.table([tr("Of"), tr("From"), tr("Days"), tr("Reports"), tr("Expected"), tr("Chance")], rows,
                     tr("Chance: of as many reports in any window searched."), name="bursts")
    report.paragraph(tr(
        "Windows of 1, 3 and 7 days of all reports, each category, each place and each organisation were compared"
        " with the"
        " rest; a file without bursts is flagged once in {times} times at most.").format(
        times=formats.number(round(1 / bursts_module.LEVEL))))


def _columns(report: Report, run: Any, done: Imported) -> None:
    report.heading(tr("How the export was read"))
    fields = done.choices.fields
    rows = [[tr(_MEANINGS[role]), shown(name), tr("by its name") if role in done.choices.guessed else tr("chosen")]
            for role, name in fields.items() if role in _MEANINGS and not name.startswith("__")]
    report.table([tr("Meaning"), tr("Column"), tr("How it was found")], rows, tr("What each column was taken for."),
                 name="columns")
    used = set(fields.values())
    rest = [shown(n) for n in done.export.names if n not in used]
    if rest:
        report.paragraph(tr("Columns not taken over: {names}.").format(names=", ".join(rest)))
    facts = [*done.export.facts, (tr("System of the export"), done.choices.system or tr("not told by its columns")),
             (tr("Coordinate system of the input"), done.choices.crs.authid()),
             (tr("Coordinate system of the result"), run.crs.authid())]
    report.table([tr("What"), tr("How")], facts, tr("The export and its coordinates."), name="source")
