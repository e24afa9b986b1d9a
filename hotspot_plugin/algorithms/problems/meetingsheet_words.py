"""What 'Community meeting handout' tells those who hand it out."""

from __future__ import annotations

from typing import Any

from ...analysis.privacy import personal
from ...reports import formats
from ...translation import tr
from .meetingsheet_read import Data


class Words:
    """The result in words, for inside the agency.

    Parameters
    ----------
    run : Run
    data : Data
    sheets : list of Sheet
        As fitted to the paper.
    languages : list of Language
    """

    def __init__(self, run: Any, data: Data, sheets: list, languages: list) -> None:
        self.run, self.data, self.sheets, self.languages = run, data, sheets, languages
        self.held = [(area.name, entry) for area in data.areas for entry in area.items.held]
        self.missed = list(dict.fromkeys(text for language in languages for text in language.missed))

    def title(self) -> str:
        """Return what the file of all pages is called, in the language of its readers."""
        return self.languages[0].say("all.title")

    def _total(self, part: str) -> int:
        return sum(len(getattr(area.items, part)) for area in self.data.areas)

    def summary(self) -> str:
        """Return the sentences of the result."""
        data, numbers = self.data, self.data.numbers
        count = len(self.sheets)
        first = tr("{count} sheets up to {until} in {languages}") if count > 1 else tr(
            "The sheet of {area}, {since} to {until}, in {languages}")
        parts = [first.format(
            count=formats.number(count), area=self.sheets[0].name, since=formats.date(data.areas[0].since),
            until=formats.date(data.until), languages=", ".join(each.language for each in self.languages)) + tr(
                ": {did} things done, {declined} not done, {next} to come.").format(
                    did=formats.number(self._total("did")), declined=formats.number(self._total("declined")),
                    next=formats.number(self._total("next")))]
        if data.asked:
            voiced = sum(area.said is not None and area.said.voices >= 0 for area in data.areas)
            parts.append(tr("In {voiced} of {count} areas at least {limit} residents said something.").format(
                voiced=formats.number(voiced), count=formats.number(count), limit=data.rules.limit))
        if numbers is not None:
            verdicts = [numbers.verdicts.get(area.name, "none") for area in data.areas]
            parts.append(tr(
                "The numbers are of {period}; beside the year before, {up} areas have more, {down} fewer, beyond what"
                " chance makes in so many.").format(
                    period=formats.period(numbers.span.start, numbers.span.end), up=verdicts.count("up"),
                    down=verdicts.count("down")))
        return " ".join(parts)

    def warnings(self) -> list:
        """Return the doubts."""
        data, out = self.data, []
        numbers = data.numbers
        if numbers is not None and numbers.draft:
            out.append(tr("The pages are marked as a draft: without RELEASES nothing guards their numbers against being"
                          " subtracted from other publications. Give the register of releases to make them final."))
        if self.run.has("COUNTS") and not self.run.tool.record_of_counts:
            out.append(tr("Nothing in COUNTS says whether they are a release or a draft, as in a CSV file: hand out"
                          " only numbers that are in your register of releases."))
        if self.held:
            out.append(tr("Texts held back because something in them points to a person: {count}. The internal report"
                          " says which; mend them and run again.").format(count=len(self.held)))
        if self.missed:
            out.append(tr("Texts that stand on the second page in the main language, with a mark: {count} (first:"
                          " '{first}'). Write them with TEMPLATE, translate them, and give the table as"
                          " PHRASES.").format(count=len(self.missed), first=self.missed[0][:60]))
        private = sum(area.settled + area.refused for area in data.areas)
        if private:
            out.append(tr("Answers on reports that went to fewer than {limit} residents and are not printed: {count};"
                          " the pages say that there are some. Put what all may know into the register, or read them"
                          " and use ANSWERS.").format(count=formats.number(private), limit=data.rules.limit))
        owed = sum(not entry.what for area in data.areas for entry in area.items.declined)
        if owed:
            out.append(tr("Requests declined without a reason: {count}; the pages say that it is owed. Write it down in"
                          " the register.").format(count=owed))
        empty = [area.name for area in data.areas if data.registered and not area.items.did and not area.items.declined
                 and not area.items.next]
        if empty:
            text = tr("Areas of which the register has nothing public in this time: {count} (first: {first}).")
            out.append(text.format(count=len(empty), first=empty[0]))
        if data.unplaced:
            out.append(tr("Public problems without a place, which are on no sheet: {count}. Draw their places.").format(
                count=data.unplaced))
        if data.outside:
            out.append(tr("Reports of residents that lie in no area: {count}.").format(
                count=formats.number(data.outside)))
        if data.undated:
            out.append(tr("Reports of residents without a day, which are not counted: {count}.").format(
                count=formats.number(data.undated)))
        if numbers is not None:
            lost = [area.name for area in data.areas if area.name not in numbers.totals]
            if lost:
                out.append(tr("Areas without numbers: {count} (first: {first}). They are not in the release, or their"
                              " names differ.").format(count=len(lost), first=lost[0]))
        return out

    def no_room(self) -> int:
        """Return how many entries the pages only count."""
        return sum(sheet.left_out() for sheet in self.sheets)

    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        data, numbers = self.data, self.data.numbers
        return {
            "SHEETS": len(self.sheets), "PAGES": sum(len(sheet.pages) for sheet in self.sheets),
            "DID": self._total("did"), "DECLINED": self._total("declined"), "UPCOMING": self._total("next"),
            "VOICED": sum(area.said is not None and area.said.voices >= 0 for area in data.areas),
            "HELD_BACK": len(self.held), "NO_ROOM": self.no_room(), "UNTRANSLATED": len(self.missed),
            "WITHHELD": numbers.withheld if numbers is not None else None,
            "FIRST_DAY": str(numbers.span.start) if numbers is not None else "",
            "LAST_DAY": str(numbers.span.end) if numbers is not None else "",
        }

    def why_held(self, entry: Any) -> str:
        """Return what kind of personal data holds an entry back."""
        return ", ".join(tr(personal.KINDS[kind]) for kind in entry.found)
