"""The sheets: every area's data put into the words of each language, as pages for HTML and PDF alike."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np

from ...analysis.problems import handoutitems as kinds
from ...analysis.problems import meetingsheet as analysis
from ...analysis.problems.handoutitems import Entry
from ...reports.handout import Page, Section, Sheet, Table
from .meetingsheet_map import Maps
from .meetingsheet_read import Area, Data

#: things that residents named and wishes that a page tells
_TOPICS, _WISHES = 4, 2
#: minutes from which hours are told
_HOURS = 90.0


class Pages:
    """Makes the sheets.

    Parameters
    ----------
    run : Run
    data : Data
    languages : list of Language
        The main one first.
    """

    def __init__(self, run: Any, data: Data, languages: list) -> None:
        self.run, self.data, self.languages = run, data, languages
        self.main = languages[0]
        numbers = data.numbers
        values = [numbers.totals.get(name, (-1, -1))[0] if numbers is not None else -1 for name in data.names]
        self.maps = [Maps(run, [language.name(name) for name in data.names], data.shapes, np.array(values),
                          language.number, data.streets) for language in languages]
        self.today = np.datetime64("today", "D")

    def sheets(self, progress: Any) -> list:
        """Return a sheet for each area."""
        out: list = []
        taken: set = set()
        for i, area in enumerate(self.data.areas):
            progress(i / len(self.data.areas))
            name = base = _file_name(area.name) or f"area_{area.index + 1}"
            while name in taken:
                name = f"{base}_{len(taken) + 1}"
            taken.add(name)
            pages = [self._page(area, language, maps) for language, maps in zip(self.languages, self.maps)]
            out.append(Sheet(area.name, name, pages))
        return out

    def texts(self) -> list:
        """Return the names and texts of the data that pages show, for a table to translate."""
        out = [area.name for area in self.data.areas]
        if self.data.numbers is not None:
            out += self.data.numbers.names()
        for area in self.data.areas:
            for entry in (*area.items.did, *area.items.declined, *area.items.next):
                out += [text for text in (entry.what, entry.who, self._topic_text(entry)) if text]
            out += [area.contact] if area.contact else []
        meeting = self.run.text(self.run.tool.MEETING).strip()
        return [text for text in dict.fromkeys([*out, meeting]) if text]

    # --- a page -----------------------------------------------------------------------------
    def _page(self, area: Area, language: Any, maps: Maps) -> Page:
        data, say = self.data, language.say
        name = language.name(area.name)
        numbers = data.numbers
        sections = [self._numbers(area, language)] if numbers is not None else [Section("numbers", say(
            "map.heading"))]
        if area.said is not None:
            sections.append(self._told(area, language))
        if data.registered or data.asked:
            sections += [self._did(area, language), self._declined(area, language), self._next(area, language)]
        banners = [say("banner.practice")] if data.practice else []
        if numbers is not None and numbers.draft:
            banners.append(say("banner.draft"))
        notes = [say("note.numbers")] if numbers is not None else []
        notes += [say("note.told")] if data.asked else []
        agency, day = self.run.agency.agency, language.date(self.today)
        caption = say("map.caption") if numbers is not None else say("map.caption.plain", area=name)
        return Page(
            language.language, language.right_to_left, agency, say("title", area=name),
            say("when" if area.of_meeting else "when.period", since=language.date(area.since),
                until=language.date(data.until)),
            banners, sections, maps.draw(area.index), say("map.alt", area=name), caption,
            self._table(area, language), notes, self._contact(area, language),
            say("foot", agency=agency, date=day) if agency else day)

    def _contact(self, area: Area, language: Any) -> str:
        parts = []
        meeting = self.run.text(self.run.tool.MEETING).strip()
        if meeting:
            parts.append(language.say("meeting.text", text=analysis.without_stop(language.own(meeting, self.main))))
        elif area.next_meeting is not None:
            parts.append(language.say("meeting.next", date=language.date(area.next_meeting)))
        if area.contact:
            parts.append(language.say("contact", contact=language.own(area.contact, self.main)))
        return " ".join(parts)

    # --- numbers ------------------------------------------------------------------------------
    def _numbers(self, area: Area, language: Any) -> Section:
        numbers, say = self.data.numbers, language.say
        heading = say("numbers.heading")
        if area.name not in numbers.totals:
            return Section("numbers", heading, say("numbers.no_area"))
        now, before = numbers.totals[area.name]
        verdict = numbers.verdicts[area.name]
        if verdict == analysis.NONE:
            parts = [say("numbers.none")]
        else:
            parts = [say("numbers.now", now=language.number(now), period=language.period(numbers.span))]
            if verdict == analysis.NO_BEFORE:
                parts.append(say("numbers.no_before"))
            else:
                parts += [say("numbers.before", before=language.number(before)), say(f"numbers.{verdict}")]
        if numbers.span.end < area.since:
            parts.append(say("numbers.old"))
        return Section("numbers", heading, " ".join(parts))

    def _table(self, area: Area, language: Any) -> Table | None:
        numbers, say = self.data.numbers, language.say
        if numbers is None or not numbers.groups.get(area.name):
            return None
        compared = numbers.before is not None

        def cells(name: str, now: int, before: int) -> list:
            values = [now, before] if compared else [now]
            return [name, *(language.number(v) if v >= 0 else say("numbers.hidden") for v in values)]

        periods = [numbers.span, numbers.before] if compared else [numbers.span]
        rows = [cells(language.own(group, self.main), now, before) for group, now, before in numbers.groups[area.name]]
        base = numbers.rules.base
        caption = say("numbers.caption", base=base) if base > 1 else say("numbers.caption.exact")
        return Table(caption, [say("numbers.kind"), *(language.period(span, True) for span in periods)], rows,
                     cells(say("numbers.all"), *numbers.totals[area.name]),
                     say("numbers.more", count="{count}"))

    # --- what was said and done ---------------------------------------------------------------
    def _told(self, area: Area, language: Any) -> Section:
        said, say = area.said, language.say
        if said.voices < 0:
            return Section("told", say("told.heading"), say("told.few", limit=self.data.rules.limit))
        lead = say("told.lead", count=language.number(said.voices))
        lines = [say("told.item", what=self._word(language, "category", name), count=language.number(n))
                 for name, n in said.topics[:_TOPICS]]
        lines += [say("told.wish", what=self._word(language, "wish", name), count=language.number(n))
                  for name, n in said.wishes[:_WISHES]]
        if not lines:
            lead += " " + say("told.small", limit=self.data.rules.limit)
        return Section("told", say("told.heading"), lead, lines, say("more", count="{count}"))

    def _did(self, area: Area, language: Any) -> Section:
        lines = [self._done(entry, language) for entry in area.items.did]
        return self._section("did", language, lines, area.settled)

    def _done(self, entry: Entry, language: Any) -> str:
        say, what = language.say, self._text(entry, language)
        if entry.kind == kinds.TIMES:
            if entry.topic:
                what = f"{self._word(language, 'kind', entry.topic)} ({what})" if what else self._word(
                    language, "kind", entry.topic)
            if entry.count > 1:
                count = language.number(entry.count)
                if entry.minutes >= _HOURS:
                    return say("did.hours", what=what, count=count, hours=language.number(round(entry.minutes / 60)))
                return say("did.times", what=what, count=count)
        elif entry.kind == kinds.ANSWERED and entry.topic:
            topic = self._topics(language, entry)
            return say("did.answer", topic=topic, what=what) if what else say("did.settled", topic=topic)
        return say("did.item", date=language.date(entry.day), what=what)

    def _declined(self, area: Area, language: Any) -> Section:
        lines = []
        for entry in area.items.declined:
            what = self._text(entry, language)
            if entry.kind in (kinds.DROPPED, kinds.STOPPED):
                topic = language.own(analysis.shortened(analysis.without_stop(entry.topic)), self.main)
                lines.append(language.say(f"not.{entry.kind}", topic=topic, what=what) if what else
                             language.say(f"not.{entry.kind}.owed", topic=topic))
            elif entry.topic:
                topic = self._topics(language, entry)
                lines.append(language.say("not.item", topic=topic, what=what) if what else
                             language.say("not.owed", topic=topic))
            elif what:
                lines.append(what)
        return self._section("not", language, lines, area.refused)

    def _next(self, area: Area, language: Any) -> Section:
        lines = []
        for entry in area.items.next:
            values = {"what": analysis.without_stop(self._text(entry, language))}
            key = "next.late" if entry.kind == kinds.LATE else "next"
            if entry.day is not None:
                values["date"] = language.date(entry.day)
            if entry.who:
                values["who"] = analysis.without_stop(language.own(entry.who, self.main))
            if entry.kind == kinds.LATE:
                key = "next.late" if entry.who else "next.late.date"
            else:
                key = {(True, True): "next.item", (True, False): "next.date", (False, True): "next.who"}.get(
                    (entry.day is not None, bool(entry.who)), "next.only")
            lines.append(language.say(key, **values))
        return self._section("next", language, lines)

    def _section(self, key: str, language: Any, lines: list, private: int = 0) -> Section:
        """Return a section; answers that are not printed are spoken of, so that nobody reads that there were none."""
        lead = "" if lines else language.say(f"{key}.none")
        if private:
            lead = language.say(f"{key}.private")
        return Section(key, language.say(f"{key}.heading"), lead, lines, language.say("more", count="{count}"))

    # --- words of the data ----------------------------------------------------------------------
    def _text(self, entry: Entry, language: Any) -> str:
        """Return the text of an entry, in the language where its row or the table has it so."""
        if not entry.what:
            return ""
        code = language.language.lower()
        translated = ""
        if language is not self.main:
            for suffix in (code, code.split("-")[0]):
                for name in (f"{entry.named}_{suffix}", f"{entry.named[: 9 - len(suffix)]}_{suffix}"):
                    translated = translated or kinds.text(entry.row, name)
        if translated:
            return analysis.shortened(translated)
        return language.own(entry.what, self.main, analysis.shortened)

    @staticmethod
    def _topic_text(entry: Entry) -> str:
        return entry.topic if entry.kind in (kinds.DROPPED, kinds.STOPPED) else ""

    def _topics(self, language: Any, entry: Entry) -> str:
        """Return what was asked for, in words."""
        return ", ".join(self._word(language, "category", topic) for topic in entry.topic.split(";") if topic)

    def _word(self, language: Any, prefix: str, value: str) -> str:
        found = language.table.get(f"{prefix}.{value.strip().lower()}")
        return found if found else language.own(value, self.main)


def _file_name(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_").lower()[:60]
