"""What page 'Problems and actions' reads from the case file, and how it says it; no widgets here.

The functions that take a path are for a thread of the background.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Sequence

from qgis.PyQt.QtCore import QDate, QLocale

from ..analysis.problems import register as r
from ..translation import tr

#: Days in which an action counts as due soon.
SOON = 7
#: Lines of the journal that are read for a problem.
JOURNAL_LINES = 200
_OPEN_STATES = r.STATES[:2]
_NEEDED = (r.PROBLEM_ID, r.TITLE, r.STAGE, r.OWNER, r.DUE_ON, r.CATEGORY, r.MADE_ON, r.REVIEW_ON)


@dataclass(frozen=True)
class Line:
    """A problem as the list shows it; ``late`` and ``actions_late`` are days, 0 where nothing is overdue."""

    key: str
    title: str
    stage: str
    owner: str
    due: str
    late: int
    open_actions: int
    actions_late: int
    late_actions: int
    soon_actions: int
    review_late: int = 0

    @property
    def overdue(self) -> bool:
        return bool(self.late or self.late_actions)

    @property
    def closed(self) -> bool:
        return self.stage == "closed"


@dataclass
class Register:
    """What the list shows.

    Attributes
    ----------
    lines : list of Line
        What is overdue first, the longest before; then by the day on which it is due; what is closed last.
    places : dict of int to str
        Key of the problem by the row of a place.
    roles : list of str
    meetings : list of dict
        The last ones first.
    """

    lines: list = field(default_factory=list)
    places: dict = field(default_factory=dict)
    roles: list = field(default_factory=list)
    meetings: list = field(default_factory=list)

    def line(self, key: str) -> Line | None:
        """Return a problem's line by its key."""
        return next((one for one in self.lines if one.key == key), None)


@dataclass
class Opened:
    """A problem with all that belongs to it."""

    row: dict
    places: list
    actions: list
    deliveries: list
    answers: int
    journal: list
    asked: dict
    roles: list


def late_by(due: Any, today: date) -> int:
    """Return by how many days a day has passed, 0 if it has not."""
    day = as_day(due)
    return max(0, (today - day).days) if day is not None else 0


def as_day(value: Any) -> date | None:
    """Return a day as the file keeps it, None where there is none."""
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def read_register(path: str, today: date | None = None) -> Register:
    """Read the list."""
    from ..layers import casestore

    now = today or date.today()
    actions: dict = {}
    for row in casestore.rows(path, r.ACTIONS, [r.PROBLEM_ID, r.DUE_ON], {r.STATE: list(_OPEN_STATES)}):
        actions.setdefault(row[r.PROBLEM_ID], []).append(row[r.DUE_ON])
    lines = [_line(row, actions.get(row[r.PROBLEM_ID], ()), now)
             for row in casestore.rows(path, r.PROBLEMS, list(_NEEDED), newest=False)]
    lines.sort(key=lambda one: (one.closed, -max(one.late, one.actions_late), one.due or "9", one.title))
    places = {row["fid"]: row[r.PROBLEM_ID] for row in casestore.rows(path, r.PLACES, [r.PROBLEM_ID])}
    meetings = casestore.rows(path, r.MEETINGS, [r.MEETING_ID, r.HELD_ON, r.KIND, r.TITLE, r.NEXT_ON], order=r.HELD_ON,
                              limit=20)
    return Register(lines, places, read_roles(path), meetings)


def read_roles(path: str) -> list:
    """Return the roles to choose from."""
    from ..layers import casestore

    if not casestore.has(path, r.ROLES):
        return []
    return [row[r.ROLE] for row in casestore.rows(path, r.ROLES, [r.ROLE], newest=False) if row[r.ROLE]]


def _line(row: dict, due: Sequence, now: date) -> Line:
    closed = row[r.STAGE] == "closed"
    lates = [late_by(day, now) for day in due]
    until = (now + timedelta(days=SOON)).isoformat()
    soon = sum(1 for day in due if day and now.isoformat() <= str(day)[:10] <= until)
    return Line(row[r.PROBLEM_ID], row[r.TITLE] or tr("(without a title)"), row[r.STAGE] or "scan",
                row[r.OWNER] or "", str(row[r.DUE_ON] or "")[:10], 0 if closed else late_by(row[r.DUE_ON], now),
                len(lates), max(lates, default=0), sum(1 for one in lates if one), soon,
                0 if closed else late_by(row[r.REVIEW_ON], now))


def read_problem(path: str, key: str) -> Opened | None:
    """Read a problem with its places, actions, deliveries and journal; None where it has gone."""
    from ..layers import casestore

    mine = {r.PROBLEM_ID: key}
    found = casestore.rows(path, r.PROBLEMS, where=mine)
    if not found:
        return None
    places = casestore.rows(path, r.PLACES, where=mine, order=r.RANK, newest=False)
    actions = casestore.rows(path, r.ACTIONS, where=mine, order=r.DUE_ON, newest=False)
    deliveries = casestore.rows(path, r.DELIVERIES, where=mine, order=r.DELIVERED_ON)
    gone = casestore.rows(path, r.JOURNAL, [r.ROW_ID], {r.CHANGE: "delete", r.FIELD: r.PROBLEM_ID, r.OLD: key},
                          limit=JOURNAL_LINES)
    keys = [key, *(row[r.PLACE_ID] for row in places), *(row[r.ACTION_ID] for row in actions),
            *(row[r.DELIVERY_ID] for row in deliveries), *(row[r.ROW_ID] for row in gone)]
    keys = keys[:900]  # as many values as SQLite takes at once
    journal = casestore.rows(path, r.JOURNAL, where={r.ROW_ID: keys}, limit=JOURNAL_LINES)
    asked = {table: casestore.form(path, table) for table in (r.PROBLEMS, r.ACTIONS, r.DELIVERIES, r.PLACES)}
    actions.sort(key=lambda row: r.STATES.index(row[r.STATE]) // 2 if row[r.STATE] in r.STATES else 0)
    return Opened(found[0], places, actions, deliveries, casestore.count(path, r.ANSWERS, where=mine), journal, asked,
                  read_roles(path))


def read_form(path: str, *tables: str) -> tuple:
    """Return the questions of tables, and the roles."""
    from ..layers import casestore

    return {table: casestore.form(path, table) for table in tables}, read_roles(path)


# --- words ------------------------------------------------------------------------------------
def stage_words() -> dict:
    """Return stage -> a word or two."""
    return {"scan": tr("Scan"), "analyse": tr("Analyse"), "respond": tr("Respond"), "assess": tr("Assess"),
            "closed": tr("Closed")}


def stage_questions() -> dict:
    """Return stage -> what is asked in it."""
    return {"scan": tr("What is going on?"), "analyse": tr("Why here?"), "respond": tr("What do we do?"),
            "assess": tr("Did it work?"), "closed": tr("Work on it has ended.")}


def day_words(value: Any) -> str:
    """Return a day as the user writes it, "" for none."""
    day = as_day(value)
    if day is None:
        return ""
    return QLocale().toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)


def late_words(days: int) -> str:
    """Return how long something is overdue."""
    return tr("overdue by 1 day") if days == 1 else tr("overdue by {days} days").format(days=days)


def due_words(due: Any, now: date) -> str:
    """Return when something is due: in words where it is near or over, "" where no day is set."""
    day = as_day(due)
    if day is None:
        return ""
    left = (day - now).days
    if left < 0:
        return late_words(-left)
    if left == 0:
        return tr("due today")
    if left == 1:
        return tr("due tomorrow")
    return tr("due {day}").format(day=day_words(due)) if left > SOON else tr("due in {days} days").format(days=left)


def action_words(line: Line, short: bool = False) -> str:
    """Return how many actions are open, and how many of them late."""
    if not line.open_actions:
        return tr("no open action")
    if short and line.late_actions:
        return tr("{n} open, {late} overdue").format(n=line.open_actions, late=line.late_actions)
    text = tr("1 open action") if line.open_actions == 1 else tr("{n} open actions").format(n=line.open_actions)
    if line.late_actions:
        text += " (" + tr("{n} overdue").format(n=line.late_actions) + ")"
    return text


def line_words(line: Line, now: date) -> list:
    """Return what is said of a problem below its title, the most pressing first."""
    parts = [] if line.closed else [due_words(line.due, now) or tr("no due day")]
    if line.review_late:
        parts.append(tr("review {late}").format(late=late_words(line.review_late)))
    return [*parts, line.owner or tr("nobody owns it"), action_words(line)]


def count_words(lines: Sequence[Line]) -> str:
    """Return the sentence above the list."""
    still = [one for one in lines if not one.closed]
    late, soon = sum(one.overdue for one in still), sum(one.soon_actions for one in still)
    parts = [tr("1 problem") if len(still) == 1 else tr("{n} problems").format(n=len(still)),
             tr("{n} overdue").format(n=late) if late else tr("none overdue"),
             tr("1 action due within {days} days").format(days=SOON) if soon == 1 else
             tr("{n} actions due within {days} days").format(n=soon, days=SOON)]
    if len(still) < len(lines):
        parts.append(tr("{n} closed").format(n=len(lines) - len(still)))
    return ", ".join(parts)


def state_words() -> dict:
    """Return state of an action -> words."""
    from ..algorithms.problems import registerwords

    return registerwords.states()


def journal_words(entry: dict, asked: dict, name_of: str = "") -> str:
    """Return a line of the journal in plain words; ``name_of`` the row, such as the text of an action."""
    from ..algorithms.problems import registerwords

    table, name = entry[r.TABLE], entry[r.FIELD] or ""
    who = entry[r.ROLE] or tr("somebody")
    when = day_words(entry[r.CHANGED_AT])
    what = registerwords.titles().get(table, table)
    whose = f" ({_value(name_of, None)})" if name_of else ""
    if entry[r.CHANGE] == "insert":
        said = tr("{what}: written down").format(what=what) + whose
    elif entry[r.CHANGE] == "delete":
        said = tr("{what}: deleted").format(what=what) + whose
    elif table in asked and name not in asked[table]:  # of a shape only that it changed is kept
        said = tr("{what}: changed on the map").format(what=what) + whose
    else:
        question = asked.get(table, {}).get(name)
        label = question.label if question else name
        before, after = (_value(entry[k], question) for k in (r.OLD, r.NEW))
        said = tr("{label} {before} → {after}").format(label=label, before=before, after=after)
    return tr("{day}, {role}: {said}").format(day=when, role=who, said=said)


def _value(value: Any, question: Any) -> str:
    if value in (None, ""):
        return tr("(empty)")
    text = str(value)
    if question is not None:
        text = question.choices.get(text, text)
        if question.kind == "date":
            text = day_words(text) or text
    return text if len(text) <= 80 else text[:79] + "…"
