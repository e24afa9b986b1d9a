"""The file of a problem register: tables, forms in tabs, relations, looks, journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

from qgis.core import QgsWkbTypes

from ...analysis.problems import register as r
from ...layers import casefile, forms, journal, styling
from ...translation import tr
from . import registerwords as words
from .problemregister_form import SHORT, Questions

_KINDS = {"polygon": QgsWkbTypes.Type.MultiPolygon, "point": QgsWkbTypes.Type.Point}
_LONG = (r.DESCRIPTION, r.HYPOTHESIS, r.RESULT, r.REASON, r.NOTE, r.NOTES, r.ASKED, r.ANSWERED, r.OFFERS)
_SHORT = (r.TITLE, r.NAME, r.PAYER, r.VENUE, r.CONTACT, r.UNIT)
#: Fields with texts of which some may be left open.
TEXTS = (*_LONG, *_SHORT, r.MEASURE, r.ACTION, r.PROMISE, r.WEBSITE, r.CRIME_GROUP)
_COLOURS = {"scan": "#99c0143c", "analyse": "#99f0b429", "respond": "#997fb2d8", "assess": "#991f5f9e",
            "closed": "#998c8c8c"}
JOURNAL = journal.Journal(r.JOURNAL, r.TABLE, r.ROW_ID, r.CHANGE, r.FIELD, r.OLD, r.NEW, r.CHANGED_AT, r.ROLE)
_LATE = "if(\"{due}\" < to_date(now()) and \"{state}\" in ({open}), '{late}: ', '')"


def tables() -> list:
    """Return all tables of a register; the roles and the journal come last."""
    lengths = {**dict.fromkeys(_LONG, r.TEXT_LENGTH), **dict.fromkeys(_SHORT, SHORT)}
    out = []
    for name, columns in r.TABLES.items():
        limits = {} if name == r.JOURNAL else {f: n for f, n in lengths.items() if f in columns}
        kind = _KINDS[r.SHAPES[name]] if name in r.SHAPES else QgsWkbTypes.Type.NoGeometry
        out.append(casefile.Table(name, columns, kind, limits))
    return [*out[:-1], casefile.Table(r.ROLES, {r.ROLE: "text"}), out[-1]]


def rules(role: str = "") -> list:
    """Return the triggers of the journal; ``role`` as for :meth:`journal.Journal.entry`."""
    out = []
    for name, key in r.KEYS.items():
        out += journal.rules(JOURNAL, name, key, list(r.TABLES[name]), "geom" if name in r.SHAPES else "", role)
    return out + journal.kept(JOURNAL)


def make(run: Any, target: Path, crs: Any, rows: dict, categories: Sequence, languages: Sequence[str],
         parameter: str) -> str:
    """Make a register with its first rows; return the name of the project beside it."""
    design = design_of(categories, languages, practice=run.tool.practice)
    return casefile.make(target, design, crs, rows, run, parameter).name


def design_of(categories: Sequence, languages: Sequence[str], role: str = "", practice: bool = False
              ) -> casefile.Design:
    """Return the tables, forms, relations and rules of a register."""
    titles = words.titles()

    def dress(layers: dict, relations: dict) -> dict:
        return _dress(layers, relations, categories, languages)

    return casefile.Design(
        tr("Problem register"), r.PROJECT, tables(), dress,
        [casefile.Link(link_id(*link), titles[link[0]], *link, parent, r.KEYS[parent],
                       r.STAGE if link == (r.PLACES, r.PROBLEM_ID) else "")
         for link, parent in r.LINKS.items()],
        rules(role), order=(r.PROBLEMS, r.PARTNERS, r.MEETINGS, r.PLACES),
        groups=((tr("What is done"), (r.ACTIONS, r.DELIVERIES, r.COMMITMENTS, r.ANSWERS)),
                (tr("Lists and journal"), (r.ROLES, r.JOURNAL))),
        closed=(r.JOURNAL,), practice=practice)


def link_id(child: str, field: str) -> str:
    """Return the id of a relation."""
    return f"register_{child}_{field}"


# --- forms in tabs -------------------------------------------------------------------------------
def _dress(layers: dict, relations: dict, categories: Sequence, languages: Sequence[str]) -> dict:
    questions, titles = Questions(layers, categories, languages), words.titles()

    def rows(table: str, field: str) -> forms.Related:
        return forms.Related(relations[link_id(table, field)], titles[table])

    for table, look in _looks().items():  # a look sets aliases, and those come before widgets
        look.apply(layers[table])
    for table, tabs in _tabs(rows).items():
        asked = getattr(questions, table)()
        layer = layers[table]
        forms.apply(layer, asked, tabs)
        layer.setDisplayExpression(_shown(table))
    forms.apply(layers[r.ROLES], [forms.free_text(r.ROLE, tr("Role (no name)"), SHORT, 2, lines=False)],
                [(tr("Role"), [forms.Group("", [r.ROLE])])])
    layers[r.ROLES].setDisplayExpression(f'"{r.ROLE}"')
    return {table: tr("Form") for table in layers}


def _tabs(rows: Any) -> dict:
    """Return the tabs of each table; ``rows`` makes the list of related rows of a table."""
    group = forms.Group
    written = group("", [r.ROLE, r.MADE_ON])
    return {
        r.PROBLEMS: [
            (tr("Problem"), [group("", [r.TITLE, r.STAGE, r.OWNER, r.DUE_ON, r.CATEGORY, r.CRIME_GROUP, r.DESCRIPTION,
                                        r.VISIBLE, r.ROLE])]),
            (tr("Scan"), [group(tr("Is it a problem? (CHEERS)"), r.CHEERS), rows(r.PLACES, r.PROBLEM_ID)]),
            (tr("Analyse"), [group("", [r.HYPOTHESIS]), group(tr("Before, and what is aimed at"), [
                r.MEASURE, r.BASELINE, r.BASE_FROM, r.BASE_TO, r.TARGET, r.TARGET_ON]),
                group(tr("Its incidents"), [r.FILTER_LAYER, r.FILTER])]),
            (tr("Respond"), [group("", [r.RESPONSE_KIND, r.COST, r.PAYER]), rows(r.ACTIONS, r.PROBLEM_ID),
                             rows(r.COMMITMENTS, r.PROBLEM_ID)]),
            (tr("Delivered"), [rows(r.DELIVERIES, r.PROBLEM_ID)]),
            (tr("Assess"), [group(tr("Now"), [r.VALUE, r.VALUE_FROM, r.VALUE_TO, r.RESULT]), group(tr("Review"), [
                r.REVIEW_ON, r.DECISION, r.REASON, r.DECIDED_ON, r.DECIDED_BY])]),
            (tr("Asked"), [rows(r.ANSWERS, r.PROBLEM_ID)]),
            (tr("Days"), [group(tr("Filled in by themselves"), [*r.STAGE_DAYS.values(), r.MADE_ON])]),
        ],
        r.PLACES: [(tr("Place"), [group("", [r.PROBLEM_ID, r.NAME, r.RANK, r.NOTE, r.PHOTO, r.ROLE, r.MADE_ON])]),
                   (tr("Delivered here"), [rows(r.DELIVERIES, r.PLACE_ID)])],
        r.ACTIONS: [
            (tr("Action"), [group("", [r.PROBLEM_ID, r.PLACE_ID, r.ACTION, r.RESPONSE_KIND, r.OWNER, r.PARTNER_ID,
                                       r.START_ON, r.DUE_ON, r.COST, r.PAYER])]),
            (tr("How far"), [group("", [r.STATE, r.DONE_ON, r.SPENT, r.RESULT, r.VISIBLE]), written]),
            (tr("Delivered"), [rows(r.DELIVERIES, r.ACTION_ID)])],
        r.DELIVERIES: [
            (tr("What was delivered"), [group("", [
                r.DELIVERED_ON, r.KIND, r.MINUTES, r.AMOUNT, r.UNIT, r.BY_ROLE, r.PARTNER_ID])]),
            (tr("For what"), [group("", [r.PROBLEM_ID, r.ACTION_ID, r.PLACE_ID, r.NOTE, r.PHOTO]), written])],
        r.PARTNERS: [
            (tr("Organisation"), [group("", [r.NAME, r.KIND, r.OFFERS, r.CONTACT, r.WEBSITE, r.AGREED_ON, r.UNTIL_ON,
                                             r.VISIBLE]), written]),
            (tr("Commitments"), [rows(r.COMMITMENTS, r.PARTNER_ID)]),
            (tr("Actions"), [rows(r.ACTIONS, r.PARTNER_ID)])],
        r.COMMITMENTS: [(tr("Commitment"), [group("", [
            r.PROBLEM_ID, r.PARTNER_ID, r.PROMISE, r.KIND, r.AMOUNT, r.UNIT, r.GIVEN, r.AGREED_ON, r.UNTIL_ON,
            r.NOTE]), written])],
        r.MEETINGS: [
            (tr("Meeting or interview"), [group("", [r.KIND, r.TITLE, r.HELD_ON, r.VENUE, r.PRESENT, r.RESIDENTS,
                                                     r.LANG, r.OWNER, r.NOTES, r.NEXT_ON, r.VISIBLE]), written]),
            (tr("Asked and answered"), [rows(r.ANSWERS, r.MEETING_ID)])],
        r.ANSWERS: [
            (tr("Asked"), [group("", [r.MEETING_ID, r.PROBLEM_ID, r.THEME, r.ASKED_BY, r.ASKED])]),
            (tr("Answered"), [group("", [r.OUTCOME, r.ANSWERED, r.REASON, r.ANSWERED_ON, r.OWNER, r.DUE_ON,
                                         r.VISIBLE]), written])],
        r.JOURNAL: [(tr("Change"), [group("", list(r.TABLES[r.JOURNAL]))])],
    }


def _shown(table: str) -> str:
    """Return the expression by which a row is listed."""
    late = tr("overdue").replace("'", "''")

    def overdue(due: str, state: str, still: Sequence[str]) -> str:
        return _LATE.format(due=due, state=state, late=late, open=", ".join(f"'{s}'" for s in still))

    return {
        r.PROBLEMS: overdue(r.DUE_ON, r.STAGE, r.STAGES[:-1]) + f" || \"{r.TITLE}\"",
        r.PLACES: f'"{r.NAME}"',
        r.ACTIONS: overdue(r.DUE_ON, r.STATE, r.STATES[:2]) + f" || \"{r.ACTION}\"",
        r.DELIVERIES: f"format_date(\"{r.DELIVERED_ON}\", 'yyyy-MM-dd') || ' ' || \"{r.KIND}\" ||"
                      f" coalesce(', ' || \"{r.MINUTES}\" || ' min', '')",
        r.PARTNERS: f'"{r.NAME}"',
        r.COMMITMENTS: f'"{r.PROMISE}"',
        r.MEETINGS: f"format_date(\"{r.HELD_ON}\", 'yyyy-MM-dd') || ' ' || coalesce(nullif(\"{r.TITLE}\", ''),"
                    f' "{r.KIND}")',
        r.ANSWERS: overdue(r.DUE_ON, r.OUTCOME, r.OUTCOMES[:2]) + f" || left(\"{r.ASKED}\", 80)",
        r.JOURNAL: f"\"{r.CHANGED_AT}\" || ' ' || \"{r.TABLE}\" || ' ' || \"{r.CHANGE}\" || coalesce(' ' ||"
                   f' "{r.FIELD}", \'\')',
    }[table]


def _looks() -> dict:
    stages, kinds = words.stages(), words.meeting_kinds()
    return {
        r.PLACES: styling.categories("Form", r.STAGE, [(s, c, stages[s]) for s, c in _COLOURS.items()],
                                     (styling.GREY, tr("Without a problem")), text=f'"{r.NAME}"'),
        r.PARTNERS: styling.single("Form", "#2e8b57", tr("Partner organisation"), text=f'"{r.NAME}"'),
        r.MEETINGS: styling.categories("Form", r.KIND, [
            (kind, "#7a4fa3" if kind != "interview" else "#c08bd8", text) for kind, text in kinds.items()]),
    }
