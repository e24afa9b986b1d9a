"""The values of a problem register in plain words, for forms, reports and legends."""

from __future__ import annotations

from ...analysis.problems import register as r
from ...translation import tr


def stages() -> dict:
    """Return stage -> words."""
    return {"scan": tr("1 Scan: what is going on?"), "analyse": tr("2 Analyse: why here?"),
            "respond": tr("3 Respond: what do we do?"), "assess": tr("4 Assess: did it work?"),
            "closed": tr("Closed")}


def stage_days() -> dict:
    """Return field of a stage's day -> words."""
    words = (tr("Scanning since"), tr("Analysed since"), tr("Responded to since"), tr("Assessed since"),
             tr("Closed on"))
    return dict(zip(r.STAGE_DAYS.values(), words))


def cheers() -> dict:
    """Return field -> question of the CHEERS test."""
    return dict(zip(r.CHEERS, (
        tr("Community: is it felt by people?"), tr("Harm: does it hurt or cost somebody?"),
        tr("Expectation: do people expect us to act?"), tr("Events: can single events be counted?"),
        tr("Recurring: does it happen again and again?"), tr("Similarity: are the events alike?"))))


def visibilities() -> dict:
    """Return visibility -> words."""
    return {"internal": tr("Internal: only within the agency"), "partners": tr("Partners: those who work on it"),
            "public": tr("Public: may be told at a meeting")}


def response_kinds() -> dict:
    """Return kind of response -> words."""
    return {"place": tr("Change the place"), "guardian": tr("Strengthen who looks after people and things"),
            "handler": tr("Reach who can influence the offenders"), "enforcement": tr("Enforce the law"),
            "other": tr("Something else")}


def decisions() -> dict:
    """Return decision -> words."""
    return {"continue": tr("Go on as planned"), "change": tr("Change the response"), "extend": tr("Do more of it"),
            "stop": tr("Stop the response"), "close": tr("Close the problem")}


def states() -> dict:
    """Return state of an action -> words."""
    return {"planned": tr("Planned"), "under way": tr("Under way"), "done": tr("Done"), "dropped": tr("Dropped")}


def delivery_kinds() -> dict:
    """Return kind of what was delivered -> words."""
    return {"patrol": tr("Patrol"), "visit": tr("Visit"), "talk": tr("Talk"), "light": tr("Light"),
            "repair": tr("Repair"), "clean": tr("Cleaning"), "watch": tr("Community watch"), "event": tr("Event"),
            "enforcement": tr("Enforcement"), "other": tr("Something else")}


def partner_kinds() -> dict:
    """Return kind of partner -> words."""
    return {"city": tr("City department"), "neighbourhood": tr("Neighbourhood association"), "housing": tr("Housing"),
            "school": tr("School"), "business": tr("Business"), "health": tr("Health service"),
            "transport": tr("Transport"), "faith": tr("Faith group"), "nonprofit": tr("Non-profit"),
            "police": tr("Police"), "other": tr("Something else")}


def commitment_kinds() -> dict:
    """Return kind of commitment -> words."""
    return {"money": tr("Money"), "hours": tr("Hours of staff or volunteers"), "goods": tr("Goods"),
            "space": tr("Rooms or land"), "information": tr("Information"), "other": tr("Something else")}


def meeting_kinds() -> dict:
    """Return kind of meeting -> words."""
    return {"meeting": tr("Meeting"), "interview": tr("Interview"), "walk": tr("Walk"), "workshop": tr("Workshop"),
            "online": tr("Online")}


def voices() -> dict:
    """Return group of people -> words."""
    return {"resident": tr("Residents"), "business": tr("Businesses"), "youth": tr("Young people"),
            "partner": tr("Partners"), "officer": tr("Officers"), "visitor": tr("Visitors"), "other": tr("Others")}


def outcomes() -> dict:
    """Return outcome -> words."""
    return {"open": tr("Open"), "in work": tr("In work"), "done": tr("Done"), "declined": tr("Declined")}


def changes() -> dict:
    """Return change -> words."""
    return {"insert": tr("New row"), "update": tr("Changed"), "delete": tr("Deleted")}


def roles() -> list:
    """Return the roles to begin with."""
    return [tr("crime analyst"), tr("beat officer"), tr("beat supervisor"), tr("community officer"),
            tr("area commander"), tr("city: streets and light"), tr("city: parks"), tr("city: housing"),
            tr("partner organisation"), tr("neighbourhood association")]


def themes() -> dict:
    """Return what answers are coded by besides the categories of community input."""
    return {"trust": tr("Trust in police and city"), "information": tr("Information and contact"),
            "youth": tr("Young people"), "services": tr("City services")}


def titles() -> dict:
    """Return table -> words."""
    return {r.PROBLEMS: tr("Problems"), r.PLACES: tr("Places"), r.ACTIONS: tr("Actions"),
            r.DELIVERIES: tr("What was delivered"), r.PARTNERS: tr("Partner organisations"),
            r.COMMITMENTS: tr("Commitments of partners"), r.MEETINGS: tr("Meetings and interviews"),
            r.ANSWERS: tr("Asked and answered"), r.ROLES: tr("Roles"), r.JOURNAL: tr("Journal of changes")}
