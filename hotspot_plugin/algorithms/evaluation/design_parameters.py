"""Parameters that the tools of the evaluation share."""

from __future__ import annotations

from typing import Any

from ...translation import tr
from .. import parameters as p

#: In the order of the parameter SELECTED_ON of tools with comparison areas.
UNKNOWN, NOT_BY_COUNT, ON_BEFORE, BOTH_ON_BEFORE, OTHER_TIME = range(5)


def periods(tool: Any, dates_help: str = "") -> None:
    """Add PRESET, AS_OF, the four dates, FISCAL_START and DAY_START; ``dates_help`` says when dates are needed."""
    tool.addParameter(p.choice(tool.PRESET, tr("Which periods"), [
        tr("The four dates below"), tr("Last 28 days against the 28 before"),
        tr("Last 28 days against the same 28 last year"),
        tr("Last 7 days against the mean of the 8 weeks before"), tr("Year to date against last year to date"),
        tr("Fiscal year to date against the last to the same date")],
        0, tr("Periods that end on AS_OF, or the four dates. With any but the first choice leave the four dates"
              " empty.")))
    tool.addParameter(p.date(tool.AS_OF, tr("Last day of the later period"), tr(
        "For periods chosen in PRESET only. Empty: the last day that is recorded fully; the log says which."),
        optional=True))
    needed = dates_help or tr("Needed with 'The four dates below', else empty.")
    for name, text, help in (
        (tool.BEFORE_START, tr("Earlier period, first day"), tr("First day of the earlier period, included.")),
        (tool.BEFORE_END, tr("Earlier period, last day"), tr("Last day of the earlier period, included.")),
        (tool.AFTER_START, tr("Later period, first day"), tr("First day of the later period, included.")),
        (tool.AFTER_END, tr("Later period, last day"), tr("Last day of the later period, included.")),
    ):
        tool.addParameter(p.date(name, text, f"{help} {needed}", optional=True))
    fiscal = p.integer(tool.FISCAL_START, tr("First month of the fiscal year"), None, tr(
        "1 to 12: 4 (April) as in Britain, Canada and India, 7 (July) as in most states of the USA and in"
        " Australia, 10 (October) as in the federal government of the USA."), minimum=1, maximum=12, optional=True)
    tool.addParameter(p.advanced(p.from_agency(fiscal, "fiscal_start", tr("4"))))
    tool.addParameter(p.day_start())


def role_field(tool: Any, parent: str) -> None:
    """Add ROLE_FIELD."""
    tool.addParameter(p.field(tool.ROLE_FIELD, tr("Role of the areas"), parent, tr(
        "Field that says treated, control, treated_displacement or control_displacement; an area with an empty role"
        " takes no part. Empty: the field 'role', if there is one."), kind="any", optional=True))


def selected_on(tool: Any) -> None:
    """Add SELECTED_ON for tools with comparison areas."""
    tool.addParameter(p.choice(tool.SELECTED_ON, tr("How the areas were chosen"), [
        tr("As the layer's own record says, if it has one"), tr("Not by their incidents"),
        tr("Treated areas for their many incidents in the earlier period"),
        tr("Treated and comparison areas for their many incidents in the earlier period"),
        tr("For their many incidents at another time")],
        0, tr("Areas chosen for a high count have a lower one later by chance alone (regression to the mean). The"
              " result then allows for that.")))


def panel(tool: Any) -> None:
    """Add INPUT with roles and its counts through time: INCIDENTS, START, UNIT ..., or SERIES_FIELDS, FIRST_AFTER."""
    tool.addParameter(p.any_source(tool.INPUT, tr("Areas with their role"), tr(
        "Areas of which a field says whether they are treated or compared with. With counts in fields a table without"
        " places will do.")))
    role_field(tool, tool.INPUT)
    tool.addParameter(p.from_agency(p.field(tool.NAME_FIELD, tr("Name of the areas"), tool.INPUT, tr(
        "Field that names the areas in the report. Empty: name, cell_id, zone_id or rank if there is one, else their"
        " number in the layer."), kind="any", optional=True), "beats_field"))
    tool.addParameter(p.points(tool.INCIDENTS, tr("Incidents"), tr(
        "Incidents of the whole time, before and after. They are counted in the areas; where areas overlap, the treated"
        " one goes first. Leave it empty where the areas have the counts in fields."), optional=True))
    tool.addParameter(p.field(tool.DATE_FIELD, tr("Date field"), tool.INCIDENTS, tr(
        "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
    tool.addParameter(p.date(tool.START, tr("First day of what is evaluated"), tr(
        "The first day that counts as after. Needed with incidents."), optional=True))
    tool.addParameter(p.date(tool.FULL_FROM, tr("In full effect from"), tr(
        "Where it took time to be put in place: units of time between the start and this day are left out."),
        optional=True))
    tool.addParameter(p.choice(tool.UNIT, tr("Unit of time"), [
        tr("Month"), tr("28 days, counted from the start"), tr("7 days, counted from the start"), tr("Quarter")],
        0, tr("Only whole units are taken. A month or quarter in which it started is left out, units of days begin with"
              " the start. Their lengths are allowed for.")))
    for name, text, help in (
            (tool.FROM, tr("First day used"), tr("Empty: the first day of the incidents.")),
            (tool.UNTIL, tr("Last day used"), tr("Empty: the last day that is recorded fully; the log says which."))):
        tool.addParameter(p.advanced(p.date(name, text, help, optional=True)))
    tool.addParameter(p.day_start())
    tool.addParameter(p.field(tool.SERIES_FIELDS, tr("Counts in order of time"), tool.INPUT, tr(
        "Instead of incidents: one field of the areas for each unit of time, in order of time and of equal lengths."),
        optional=True, multiple=True))
    tool.addParameter(p.integer(tool.FIRST_AFTER, tr("First field after the start"), None, tr(
        "Which of these fields is the first after the start, counted from 1."), minimum=2, optional=True))
