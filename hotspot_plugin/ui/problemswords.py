"""What an opened problem says of itself, in sentences."""

from __future__ import annotations

from datetime import date
from typing import Any

from qgis.PyQt.QtCore import QLocale

from ..analysis.problems import register as r
from ..translation import tr
from . import problemsdata as data


def sentence(text: str) -> str:
    """Return words as a sentence."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def stage_title(stage: str) -> str:
    """Return the stage with its number."""
    name = data.stage_words().get(stage, stage)
    if stage not in r.STAGES or stage == "closed":
        return name
    return tr("Stage {n} of {all}: {stage}").format(n=r.STAGES.index(stage) + 1, all=len(r.STAGES) - 1, stage=name)


def number(value: Any) -> str:
    """Return a number as the user writes it; what is none, as another program may have left it, as it is."""
    if isinstance(value, str):
        return value
    return "" if value is None else QLocale().toString(float(value), "f", 0 if float(value).is_integer() else 1)


def span(first: Any, last: Any) -> str:
    """Return two days as a span, "" where one is missing."""
    return tr("{first} to {last}").format(first=data.day_words(first), last=data.day_words(last)) if (
        first and last) else ""


def facts(found: data.Opened) -> list:
    """Return owner, due day, subject, places and who may read it, a line for each."""
    row, asked = found.row, found.asked[r.PROBLEMS]
    lines = [tr("Owner: {role}").format(role=row[r.OWNER] or tr("nobody yet")),
             tr("Due: {day}").format(day=data.day_words(row[r.DUE_ON]) or tr("no day set"))]
    if row[r.CRIME_GROUP]:
        lines.append(tr("Kind of crime: {group}").format(group=row[r.CRIME_GROUP]))
    for name in (r.CATEGORY, r.VISIBLE):
        if row[name] and name in asked:
            lines.append(f"{asked[name].label.rstrip('?')}: {asked[name].choices.get(row[name], row[name])}")
    if row[r.HYPOTHESIS]:
        lines.append(tr("Why here: {text}").format(text=row[r.HYPOTHESIS]))
    if found.places:
        for place in found.places[:5]:
            source = place[r.SOURCE]
            lines.append(tr("Place: {name} (from '{layer}', row {row})").format(
                name=place[r.NAME], layer=source, row=place[r.SOURCE_KEY]) if source else tr("Place: {name}").format(
                    name=place[r.NAME]))
        if len(found.places) > 5:
            lines.append(tr("and {n} more places").format(n=len(found.places) - 5))
    else:
        lines.append(tr("It has no place on the map."))
    if found.answers:
        lines.append(tr("Asked and answered: {n}").format(n=found.answers))
    return lines


def action(row: dict, today: date) -> str:
    """Return how far an action is, who does it, and until when."""
    state, still = row[r.STATE], row[r.STATE] in ("planned", "under way")
    parts = [data.state_words().get(state, state or "")]
    if still:
        parts.append(data.due_words(row[r.DUE_ON], today) or tr("no due day"))
    elif row[r.DONE_ON] and state == "done":
        parts.append(tr("on {day}").format(day=data.day_words(row[r.DONE_ON])))
    parts.append(row[r.OWNER] or tr("nobody owns it"))
    if row[r.RESULT]:
        parts.append(row[r.RESULT])
    return " · ".join(part for part in parts if part)


def linked(found: data.Opened) -> list:
    """Return the actions that are measures of the CPTED proposals."""
    return [row for row in found.actions if row[r.MEASURE_ID]]


def measures(rows: list) -> str:
    """Return in a sentence what measures are linked, how far they are, and what they cost by their plan."""
    if not rows:
        return tr("No CPTED measure is linked. Proposals for the place become actions here.")
    names = data.state_words()
    counts = [(sum(row[r.STATE] == state for row in rows), names[state]) for state in r.STATES]
    parts = ", ".join(tr("{n} {state}").format(n=n, state=state.lower()) for n, state in counts if n)
    text = tr("1 measure is linked: {parts}.") if len(rows) == 1 else tr("{n} measures are linked: {parts}.")
    costs = [row[r.COST] for row in rows if isinstance(row[r.COST], (int, float)) and row[r.STATE] != "dropped"]
    text = text.format(n=len(rows), parts=parts)
    if costs:
        text += " " + tr("By their plan they cost up to {cost} in your money.").format(cost=number(round(sum(costs))))
        if len(costs) < sum(row[r.STATE] != "dropped" for row in rows):
            text += " " + tr("What others cost is not known.")
    return text


def delivery(row: dict, actions: dict) -> str:
    """Return a delivery in a line."""
    from ..algorithms.problems import registerwords

    amount = []
    if row[r.MINUTES] is not None:
        amount.append(tr("{n} minutes").format(n=number(row[r.MINUTES])))
    if row[r.AMOUNT] is not None:
        amount.append(f"{number(row[r.AMOUNT])} {row[r.UNIT] or ''}".strip())
    parts = [data.day_words(row[r.DELIVERED_ON]), registerwords.delivery_kinds().get(row[r.KIND], row[r.KIND]),
             ", ".join(amount), row[r.BY_ROLE], actions.get(row[r.ACTION_ID], ""), row[r.NOTE]]
    return " · ".join(str(part) for part in parts if part)


def measured(row: dict) -> list:
    """Return what was before, is aimed at, and is now."""
    lines = [row[r.MEASURE] or ""]
    for text, value, first, last in (
        (tr("Before: {value}"), r.BASELINE, r.BASE_FROM, r.BASE_TO), (tr("Aim: {value}"), r.TARGET, "", r.TARGET_ON),
        (tr("Now: {value}"), r.VALUE, r.VALUE_FROM, r.VALUE_TO),
    ):
        if row[value] is not None:
            days = span(row[first], row[last]) if first else (
                tr("until {day}").format(day=data.day_words(row[last])) if row[last] else "")
            lines.append(text.format(value=number(row[value])) + (f" ({days})" if days else ""))
    if row[r.RESULT]:
        lines.append(row[r.RESULT])
    return [line for line in lines if line]


def decided(found: data.Opened, today: date) -> list:
    """Return the next review and the last decision."""
    row, asked = found.row, found.asked[r.PROBLEMS]
    lines = []
    if row[r.REVIEW_ON]:
        lines.append(tr("Next review: {day}").format(day=data.day_words(row[r.REVIEW_ON])) + (
            f" ({data.late_words(data.late_by(row[r.REVIEW_ON], today))})" if row[r.STAGE] != "closed" and data.late_by(
                row[r.REVIEW_ON], today) else ""))
    if row[r.DECISION]:
        choices = asked[r.DECISION].choices if r.DECISION in asked else {}
        who = ", ".join(part for part in (data.day_words(row[r.DECIDED_ON]), row[r.DECIDED_BY]) if part)
        lines.append(tr("Decided: {what}").format(what=choices.get(row[r.DECISION], row[r.DECISION])) + (
            f" ({who})" if who else ""))
        lines.append(tr("Why: {text}").format(text=row[r.REASON]) if row[r.REASON] else "")
    return [line for line in lines if line]


def journal(found: data.Opened) -> list:
    """Return what happened, the newest first; stamps that a change leaves by itself are left out."""
    named = {row[r.ACTION_ID]: row[r.ACTION] for row in found.actions}
    named.update({row[r.PLACE_ID]: row[r.NAME] for row in found.places})
    named.update({entry[r.ROW_ID]: entry[r.OLD] for entry in found.journal if entry[r.CHANGE] == "delete"
                  and entry[r.FIELD] in (r.ACTION, r.NAME, r.NOTE)})
    out, gone = [], set()
    for entry in found.journal:
        row = entry[r.ROW_ID]
        if entry[r.CHANGE] == "delete":  # an entry for each value that was lost: one line is enough
            if row in gone:
                continue
            gone.add(row)
        elif entry[r.FIELD] in (r.ROLE, r.MADE_ON, r.FILTER, r.FILTER_LAYER):
            continue
        out.append(data.journal_words(entry, found.asked, named.get(row) or ""))
    return out
