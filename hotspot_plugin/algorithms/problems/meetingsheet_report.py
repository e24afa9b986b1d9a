"""The internal report of the handouts: what to look at before they leave the building."""

from __future__ import annotations

from typing import Any

from ...reports import formats
from ...reports.html import Report, Shown
from ...translation import tr
from .meetingsheet_words import Words


def build(run: Any, words: Words) -> Report:
    """Return the report."""
    data, sheets = words.data, words.sheets
    report = Report(tr("Before you hand it out (internal)"), tr("{count} sheets, up to {until}").format(
        count=formats.number(len(sheets)), until=formats.date(data.until)))
    report.sentence(words.summary())
    for text in run.warnings:
        report.warning(text)
    report.bullets([
        tr("Read one page aloud. Whoever hands it out must be able to stand behind each line."),
        tr("Check names and places: a search finds phone numbers, addresses and announced names, but no name in running"
           " text that nothing announces."),
        tr("Have the second page read by somebody who speaks that language."),
    ])
    _sheets(report, words)
    _held(report, words)
    _no_room(report, words)
    page = sheets[0].pages[0]
    report.figure(page.picture, tr("Map on the sheet of {area}").format(area=sheets[0].name), page.alt)
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _sheets(report: Report, words: Words) -> None:
    rows = []
    numbers = words.data.numbers
    for area, sheet in zip(words.data.areas, words.sheets):
        items = area.items
        voices = None if area.said is None or area.said.voices < 0 else area.said.voices
        rows.append([
            sheet.name, Shown(str(area.since), formats.date(area.since).replace("-", "\u2011")),
            numbers.totals.get(sheet.name, (-1, -1))[0] if numbers is not None else None, voices, len(items.did),
            len(items.declined), len(items.next), len(items.held), items.hidden, sheet.left_out()])
        if rows[-1][2] == -1:
            rows[-1][2] = None
    report.heading(tr("The sheets"))
    report.table(
        [tr("Area"), tr("Since"), tr("Crimes shown"), tr("Voices shown"), tr("Done"), tr("Not done"), tr("To come"),
         tr("Held back"), tr("Not public"), tr("No room")], rows,
        tr("What is on each sheet; – where the number is not shown"), "sheets", limit=300)


def _held(report: Report, words: Words) -> None:
    if words.held:
        report.heading(tr("Held back"))
        report.table([tr("Area"), tr("Where"), tr("What points to a person")],
                     [[name, entry.source, words.why_held(entry)] for name, entry in words.held],
                     tr("Texts that are on no page; mend them in their table and run again"), "held")


def _no_room(report: Report, words: Words) -> None:
    rows = []
    for sheet in words.sheets:
        page = sheet.pages[0]
        for section in page.sections:
            shown = len(page.items(section)[0])
            rows += [[sheet.name, section.heading, text] for text in section.items[shown:]]
        if page.table is not None:
            rows += [[sheet.name, page.table.caption, f"{row[0]}: {', '.join(row[1:])}"]
                     for row in page.table.rows[len(page.rows()[0]):]]
    if rows:
        report.heading(tr("What had no room"))
        report.table([tr("Area"), tr("Part"), tr("Entry")], rows, tr(
            "Entries that the pages only count: have them at hand at the meeting"), "no_room", limit=100)
