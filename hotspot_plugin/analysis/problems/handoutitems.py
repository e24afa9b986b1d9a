"""Which entries of a problem register stand on a handout, and in which part of it.

Only what is marked public is taken, and of a problem that is not public nothing is: an action
that may be known must not name a place that may not. A text in which something points to a
person is held back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from ..privacy import personal
from ..privacy.personalpatterns import ADDRESS
from . import register as r

#: Kinds of entries: finished, delivered so often, answered; declined, given up, stopped; to come, overdue.
DONE, TIMES, ANSWERED = "done", "times", "answered"
DECLINED, DROPPED, STOPPED = "declined", "dropped", "stopped"
OPEN, LATE = "open", "late"
PUBLIC = "public"
_ENDED = ("done", "dropped")
#: A house by its number: a problem there is somebody's home or shop, whoever the text is about.
_HOUSE = re.compile(
    r"\b\d{1,5}[a-zA-Z]?,? (?:[A-ZÀ-Þ][\w'’.-]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|"
    r"Close|Court|Ct|Place|Pl|Way|Terrace|Crescent|Square|Sq|Row|Gardens|Grove|Hill|Walk|Parkway|Highway|Hwy)\b"
    r"|\b\w+(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|laan|straat) \d"
    r"|\b(?:Calle|Avenida|Plaza|Rue|Avenue|Via|Rua|Ulica) (?:[\w'’.-]+ ){1,4}\d", re.UNICODE)


@dataclass
class Entry:
    """Something that a handout says.

    Attributes
    ----------
    kind : str
        What is said of it.
    what : str
        The text; may be empty where ``word`` says it.
    row : dict
        The row that it is of, in which translations of its texts are looked for.
    named : str
        Field of ``what`` in that row.
    day : datetime64[D] or None
        Done, answered or due on.
    who : str
        Role of the owner.
    topic : str
        Category or theme of what was asked for; several, parted by semicolons, where one answer was given to all.
    count, minutes : float
        Deliveries of it.
    source : str
        Table and key, for the agency.
    reported : bool
        Whether it answers a report, and is not of the register.
    """

    kind: str
    what: str
    row: dict = field(default_factory=dict)
    named: str = ""
    day: np.datetime64 | None = None
    who: str = ""
    topic: str = ""
    count: float = 0.0
    minutes: float = 0.0
    source: str = ""
    reported: bool = False

    @property
    def found(self) -> list:
        """Kinds of what points to a person in the texts and their translations."""
        translated = [str(value) for name, value in self.row.items()
                      if self.named and name.startswith(self.named[:6]) and "_" in name and value]
        texts = [self.what, self.who, self.topic, *translated]
        out = {hit.kind for text in texts for hit in personal.find(personal.plain(text))}
        out |= {ADDRESS for text in texts if _HOUSE.search(text)}
        return sorted(out)


@dataclass
class Items:
    """Entries of one area by the part of the page.

    Attributes
    ----------
    did, declined, next : list of Entry
        In the order of the page: newest first, what is to come by its day.
    held : list of Entry
        Held back, as something in them points to a person.
    hidden : int
        Entries of the time that are not marked public.
    """

    did: list
    declined: list
    next: list
    held: list
    hidden: int


def text(row: dict, name: str) -> str:
    """Return a text of a row on one line, "" where there is none."""
    return " ".join(str(row.get(name) or "").split())


def is_public(row: dict, problems: dict) -> bool:
    """Whether a row may be read by all: it says so itself, where it can, and its problem says so."""
    own = r.VISIBLE not in row or text(row, r.VISIBLE) == PUBLIC
    key = text(row, r.PROBLEM_ID)
    return bool(own and (not key or text(problems.get(key, {}), r.VISIBLE) == PUBLIC))


def items(tables: dict, chosen: set, meetings: set, since: np.datetime64, until: np.datetime64) -> Items:
    """Return what a handout says of one area.

    Parameters
    ----------
    tables : dict of str to list of dict
        Rows of each table of the register, days as datetime64[D] or None.
    chosen : set of str
        Keys of the problems of the area.
    meetings : set of str
        Keys of the meetings of the area.
    since, until : datetime64[D]
        First and last day.
    """
    finder = _Finder(tables, chosen, meetings, since, until)
    finder.actions()
    finder.deliveries()
    finder.answers()
    finder.problems()
    return finder.out


class _Finder:
    """Goes through the tables; what is done there is told once."""

    def __init__(
        self, tables: dict, chosen: set, meetings: set, since: np.datetime64, until: np.datetime64
    ) -> None:
        self.tables, self.chosen, self.meetings, self.since, self.until = tables, chosen, meetings, since, until
        self.known = {text(row, r.PROBLEM_ID): row for row in tables[r.PROBLEMS]}
        self.out = Items([], [], [], [], 0)
        self.told: set = set()

    def _here(self, table: str) -> list:
        return [row for row in self.tables[table] if text(row, r.PROBLEM_ID) in self.chosen]

    def _within(self, day: np.datetime64 | None) -> bool:
        return day is not None and bool(self.since <= day <= self.until)

    def _add(self, part: list, row: dict, entry: Entry) -> None:
        if not is_public(row, self.known):
            self.out.hidden += 1
        elif entry.found:
            self.out.held.append(entry)
        else:
            part.append(entry)

    def _to_come(self, day: np.datetime64 | None) -> str:
        return LATE if day is not None and day <= self.until else OPEN

    def actions(self) -> None:
        """Add what was done, given up, or is to come."""
        for row in self._here(r.ACTIONS):
            state, key = text(row, r.STATE), text(row, r.ACTION_ID)
            entry = Entry(DONE, text(row, r.ACTION), row, r.ACTION, row.get(r.DONE_ON), text(row, r.OWNER),
                          source=f"{r.ACTIONS} {key}")
            if state == "done" and self._within(entry.day):
                self._add(self.out.did, row, entry)
                self.told.add(key)
            elif state == "dropped" and self._within(entry.day):
                entry.kind, entry.topic, entry.what, entry.named = DROPPED, entry.what, text(row, r.RESULT), r.RESULT
                self._add(self.out.declined, row, entry)
            elif state not in _ENDED:
                entry.day = row.get(r.DUE_ON)
                entry.kind = self._to_come(entry.day)
                self._add(self.out.next, row, entry)

    def deliveries(self) -> None:
        """Add what was delivered, once for each action, or for each kind where it belongs to no action."""
        actions = {text(row, r.ACTION_ID): row for row in self.tables[r.ACTIONS]}
        groups: dict = defaultdict(list)
        for row in self._here(r.DELIVERIES):
            if self._within(row.get(r.DELIVERED_ON)):
                action = text(row, r.ACTION_ID)
                action = action if action in actions else ""
                groups[action, text(row, r.PROBLEM_ID), "" if action else text(row, r.KIND)].append(row)
        for (action, problem, kind), rows in groups.items():
            if action in self.told:
                continue
            minutes = sum(float(row.get(r.MINUTES) or 0.0) for row in rows)
            owner = actions[action] if action else self.known.get(problem, {})
            named = r.ACTION if action else r.TITLE
            self._add(self.out.did, owner if action else {r.PROBLEM_ID: problem}, Entry(
                TIMES, text(owner, named), owner, named, max(row[r.DELIVERED_ON] for row in rows), topic=kind,
                count=len(rows), minutes=minutes, source=f"{r.DELIVERIES} {text(rows[0], r.DELIVERY_ID)}"))

    def answers(self) -> None:
        """Add what was asked and answered, of the problems and at the meetings of the area."""
        for row in self.tables[r.ANSWERS]:
            if text(row, r.PROBLEM_ID) not in self.chosen and text(row, r.MEETING_ID) not in self.meetings:
                continue
            outcome, day = text(row, r.OUTCOME), row.get(r.ANSWERED_ON)
            entry = Entry(ANSWERED, text(row, r.ANSWERED), row, r.ANSWERED, day, text(row, r.OWNER),
                          text(row, r.THEME), source=f"{r.ANSWERS} {text(row, r.ANSWER_ID)}")
            if outcome == "done" and self._within(day) and (entry.what or entry.topic):
                self._add(self.out.did, row, entry)
            elif outcome == "declined" and self._within(day):
                entry.kind, entry.what, entry.named = DECLINED, text(row, r.REASON), r.REASON
                self._add(self.out.declined, row, entry)
            elif outcome in ("open", "in work") and entry.what:
                entry.day = row.get(r.DUE_ON)
                entry.kind = self._to_come(entry.day)
                self._add(self.out.next, row, entry)

    def problems(self) -> None:
        """Add problems on which work was stopped, and those due of which nothing else is to come."""
        busy = {text(entry.row, r.PROBLEM_ID) for entry in self.out.next}
        for row in self._here(r.PROBLEMS):
            key, day = text(row, r.PROBLEM_ID), row.get(r.DUE_ON)
            if text(row, r.DECISION) == "stop" and self._within(row.get(r.DECIDED_ON)):
                self._add(self.out.declined, row, Entry(
                    STOPPED, text(row, r.REASON), row, r.REASON, row.get(r.DECIDED_ON), topic=text(row, r.TITLE),
                    source=f"{r.PROBLEMS} {key}"))
            elif text(row, r.STAGE) != "closed" and key not in busy and day is not None:
                self._add(self.out.next, row, Entry(
                    self._to_come(day), text(row, r.TITLE), row, r.TITLE, day, text(row, r.OWNER),
                    source=f"{r.PROBLEMS} {key}"))


def ordered(found: Items) -> Items:
    """Put entries in the order of the page, those that say the same once."""
    never, always = np.datetime64("9999-12-31", "D"), np.datetime64("0001-01-01", "D")

    def once(entries: list) -> list:
        seen: dict = {}
        for entry in entries:
            asked = entry.kind in (ANSWERED, DECLINED) and entry.what
            key = (entry.kind, entry.what.casefold(), "" if asked else entry.topic.casefold())
            first = seen.setdefault(key, entry)
            if asked and entry.topic and entry.topic not in first.topic.split(";"):
                first.topic = f"{first.topic};{entry.topic}" if first.topic else entry.topic
        return list(seen.values())

    def newest(entries: list) -> list:
        # what the agency put into its register comes before answers that went to residents
        return once(sorted(entries, key=lambda e: (not e.reported, e.day or always, e.what), reverse=True))

    upcoming = once(sorted(found.next, key=lambda e: (e.day or never, e.what)))
    return Items(newest(found.did), newest(found.declined), upcoming, found.held, found.hidden)


def last_meeting(tables: dict, keys: set, until: np.datetime64) -> np.datetime64 | None:
    """Return the day of the last meeting before a day, of those with the keys; None without any."""
    kinds = ("meeting", "workshop", "online", "")
    days = [row[r.HELD_ON] for row in tables[r.MEETINGS]
            if text(row, r.MEETING_ID) in keys and text(row, r.KIND) in kinds and row.get(r.HELD_ON) is not None
            and row[r.HELD_ON] <= until]
    return max(days, default=None)


def next_meeting(tables: dict, keys: set, until: np.datetime64) -> np.datetime64 | None:
    """Return the first day after a day for which a public meeting of those with the keys is announced."""
    days = [row.get(name) for row in tables[r.MEETINGS] for name in (r.NEXT_ON, r.HELD_ON)
            if text(row, r.MEETING_ID) in keys and text(row, r.VISIBLE) == PUBLIC]
    return min((day for day in days if day is not None and day > until), default=None)
