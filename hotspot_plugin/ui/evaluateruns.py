"""What the steps of an evaluation ask of the tools: their parameters, from the answers of the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qgis.core import QgsFeatureRequest, QgsProcessingFeatureSourceDefinition, QgsProcessingUtils
from qgis.PyQt.QtCore import QDate

from ..layers import provenance
from . import runner

#: Days of a month on average, by which the tools turn days into months.
_MONTH = 365.2425 / 12.0
#: Least days of the shorter period for months, and for units of four weeks.
_MONTHLY, _FOUR_WEEKS = 360, 168
#: In the order of the parameter SELECTED_ON of 'evaluationareas'.
AS_RECORDED, NOT_BY_COUNT, BY_COUNT = range(3)


@dataclass
class Answers:
    """What the user has said.

    Attributes
    ----------
    incidents, date_field : str
        Layer (its id) and field.
    areas, role_field : str
        Areas where something was done; with a field of roles also those to compare with.
    selected : bool
        Only the areas that are selected on the map.
    roles : dict of int to list
        Values of the role field by the number of the role (see analysis.evaluation.design.ROLES).
    before, after : (QDate, QDate)
    start : QDate
    chosen : int
        How the areas were chosen.
    measure, notes, problem, dose : str
    candidates : str
        Layer of areas to compare with, "" for cells.
    ring : float
        Metres.
    ground, ground_field : str
        The areas with roles that the later steps stand on.
    plan : str
        File of the plan.
    """

    incidents: str = ""
    date_field: str = ""
    areas: str = ""
    role_field: str = ""
    selected: bool = False
    roles: dict = field(default_factory=dict)
    before: tuple = (QDate(), QDate())
    after: tuple = (QDate(), QDate())
    start: QDate = QDate()
    chosen: int = AS_RECORDED
    measure: str = ""
    notes: str = ""
    problem: str = ""
    dose: str = ""
    candidates: str = ""
    ring: float = 150.0
    ground: str = ""
    ground_field: str = ""
    plan: str = ""

    @property
    def given(self) -> bool:
        """Whether there are areas to compare with among the areas themselves."""
        return bool(self.roles.get(0)) and bool(self.roles.get(1))

    @property
    def rings_given(self) -> bool:
        """Whether the areas around are among them, too."""
        return self.given and bool(self.roles.get(2) or self.roles.get(3))

    def periods(self) -> dict:
        """Return both periods; nothing from the first day of the measure on is before, and nothing earlier after."""
        days = {"BEFORE_START": self.before[0], "BEFORE_END": min(self.before[1], self.start.addDays(-1)),
                "AFTER_START": max(self.after[0], self.start), "AFTER_END": self.after[1]}
        return {name: day_text(day) for name, day in days.items()}

    def months_after(self) -> float:
        """Return the length of the later period."""
        return (max(self.after[0], self.start).daysTo(self.after[1]) + 1) / _MONTH


def day_text(day: QDate) -> str:
    """Return a day as the tools take it."""
    return day.toString("yyyy-MM-dd")


def _incidents(a: Answers) -> dict:
    return {"INCIDENTS": a.incidents, **({"DATE_FIELD": a.date_field} if a.date_field else {})}


def kept(session: Any, stem: str) -> Any:
    """Return the file of a layer that comes into the project: beside the case file, where there is one."""
    return runner.into_project(session.place(stem, ".gpkg"))


def aside(stem: str) -> str:
    """Return a temporary file for a layer that nobody needs to see."""
    return QgsProcessingUtils.generateTempFilename(f"{stem}.gpkg")


def treated(a: Answers) -> Any:
    """Return the areas where something was done as the tools take them."""
    if not a.selected:
        return a.areas
    return QgsProcessingFeatureSourceDefinition(
        a.areas, True, -1, QgsProcessingFeatureSourceDefinition.Flags(),
        QgsFeatureRequest.InvalidGeometryCheck.GeometryAbortOnInvalid)


def of_role(a: Answers, role: int, place: str) -> dict:
    """Return the parameters of QGIS's own tool that takes the areas of one role out of a layer."""
    values = ",".join("'{}'".format(str(value).replace("'", "''")) for value in a.roles.get(role, []))
    name = a.role_field.replace('"', '""')
    return {"INPUT": treated(a), "EXPRESSION": f"to_string(\"{name}\") IN ({values})", "OUTPUT": place}


def evaluationareas(session: Any, a: Answers, layer: Any, taken: str = "", others: str = "") -> dict:
    """Return the parameters for the areas to compare with.

    Parameters
    ----------
    layer : QgsVectorLayer
        The areas as the user gave them, for their record.
    taken, others : str
        Files of the areas where something was done and of those given to compare with, with roles.
    """
    periods = a.periods()
    out = {
        "INPUT": taken or treated(a), "START": day_text(a.start), **_incidents(a),
        "BEFORE_START": periods["BEFORE_START"], "BEFORE_END": periods["BEFORE_END"],
        "RING_DISTANCE": 0.0 if a.rings_given else a.ring,
        "AFTER_MONTHS": round(a.months_after(), 2), "OUTCOME": _name(session, a.incidents),
        "REPORT": session.place("areas compared", ".html"),
        "OUTPUT": aside("balance") if a.rings_given else kept(session, "areas compared"), **_chosen(a, layer, taken),
    }
    if others:
        out.update(CANDIDATES=others, AS_GIVEN=True)
    elif a.candidates:
        out["CANDIDATES"] = a.candidates
    if not a.rings_given:
        out["PLAN_OUT"] = a.plan
    return out


def _chosen(a: Answers, layer: Any, taken: str) -> dict:
    """An extract carries no record: what that of the layer says is handed on."""
    if a.chosen != AS_RECORDED or not taken or layer is None:
        return {"SELECTED_ON": a.chosen}
    record = provenance.read(layer)
    if not record or not provenance.chosen_by_count(record):
        return {"SELECTED_ON": AS_RECORDED}
    days = provenance.days_of_choice(record)
    found = {"SELECTED_FROM": str(days[0]), "SELECTED_TO": str(days[1])} if days else {}
    return {"SELECTED_ON": BY_COUNT, **found}


def _name(session: Any, layer: str) -> str:
    found = session.layer(layer)
    return found.name() if found is not None else ""


def detectableeffect(session: Any, a: Answers, plan: str = "") -> dict:
    """Return the parameters for the smallest change that could be seen; ``plan`` a file to write the plan to."""
    periods = a.periods()
    out = {
        "INPUT": a.ground, "ROLE_FIELD": a.ground_field, **_incidents(a), "BEFORE_START": periods["BEFORE_START"],
        "BEFORE_END": periods["BEFORE_END"], "AFTER_MONTHS": round(a.months_after(), 2),
        "AFTER_START": periods["AFTER_START"], "OUTCOME": _name(session, a.incidents), "OUTPUT": aside("detectable"),
        "REPORT": session.place("smallest change", ".html"),
    }
    return {**out, "PLAN_OUT": plan} if plan else out


def weighteddisplacement(session: Any, a: Answers) -> dict:
    """Return the parameters for what changed, and what happened next door."""
    return {
        "INPUT": a.ground, "ROLE_FIELD": a.ground_field, **_incidents(a), **a.periods(),
        "SELECTED_ON": _later_choice(a), "NOTES": a.notes, **({"PLAN": a.plan} if a.plan else {}),
        "OUTPUT": aside("differences"), "COUNTS": kept(session, "areas before and after"),
        "REPORT": session.place("could it have moved", ".html"),
    }


def _later_choice(a: Answers) -> int:
    """How the areas were chosen, for the tools that judge: areas that were made here carry it in their record."""
    return {NOT_BY_COUNT: 1, BY_COUNT: 2}.get(a.chosen, 0) if a.rings_given else 0


def unit_of_time(a: Answers) -> int:
    """Return months, four weeks or weeks (in the order of the parameter UNIT): at least six of each period."""
    periods = {name: QDate.fromString(day, "yyyy-MM-dd") for name, day in a.periods().items()}
    shorter = min(periods["BEFORE_START"].daysTo(periods["BEFORE_END"]),
                  periods["AFTER_START"].daysTo(periods["AFTER_END"])) + 1
    return 0 if shorter >= _MONTHLY else 1 if shorter >= _FOUR_WEEKS else 2


def diffindiff(session: Any, a: Answers) -> dict:
    """Return the parameters for another way to ask the same."""
    periods = a.periods()
    return {
        "INPUT": a.ground, "ROLE_FIELD": a.ground_field, **_incidents(a), "START": periods["AFTER_START"],
        "FROM": periods["BEFORE_START"], "UNTIL": periods["AFTER_END"], "UNIT": unit_of_time(a), "NOTES": a.notes,
        "SELECTED_ON": _later_choice(a), **({"PLAN": a.plan} if a.plan else {}), "OUTPUT": aside("another way"),
        "REPORT": session.place("asked another way", ".html"),
    }


def surveychange(session: Any, a: Answers, asked: dict) -> dict:
    """Return the parameters for a survey; ``asked`` is what the form of the step says."""
    out = {"INPUT": asked["layer"], "QUESTIONS": asked["questions"], "SCALE": asked["scale"],
           "MISSING_CODES": asked["missing"], "NOTES": a.notes, "OUTPUT": aside("survey"),
           "REPORT": session.place("what residents say", ".html")}
    for name, key in (("WAVE_FIELD", "wave"), ("WEIGHT_FIELD", "weight"), ("AREA_FIELD", "area")):
        if asked.get(key):
            out[name] = asked[key]
    if asked.get("treated"):
        out["TREATED"] = "; ".join(asked["treated"])
    elif asked.get("spatial") and a.ground:
        out.update(AREAS=a.ground, AREA_ROLE=a.ground_field)
        out.pop("AREA_FIELD", None)  # people are matched by where they live
    return out


def wave(asked: dict, period: tuple, place: str) -> dict:
    """Return the parameters of QGIS's own tool that takes the answers of one period out of a survey."""
    name = asked["date"].replace('"', '""')
    first, last = (f"to_date('{day_text(day)}')" for day in period)
    within = f"to_date(\"{name}\") >= {first} AND to_date(\"{name}\") <= {last}"
    return {"INPUT": asked["layer"], "EXPRESSION": within, "OUTPUT": place}


def near(asked: dict, a: Answers, place: str) -> dict:
    """Return the parameters of QGIS's own tool that takes the reports from the areas where something was done."""
    return {"INPUT": asked["layer"], "PREDICATE": [0], "INTERSECT": place, "OUTPUT": aside("reports there")}


def communityconcern(session: Any, reports: str, areas: str, period: tuple, stem: str) -> dict:
    """Return the parameters for the concern of one period."""
    return {"INPUT": reports, "AREAS": areas, "AS_OF": day_text(period[1]), "WINDOW": period[0].daysTo(period[1]) + 1,
            "HALF_LIFE": 0.0, "OUTPUT": aside("concern"), "REPORT": session.place(stem, ".html")}


def evaluationreport(session: Any, a: Answers, records: list, question: str, told: dict) -> dict:
    """Return the parameters for the one report; ``told`` has decision and participation."""
    out = {"QUESTION": question, "RECORDS": "\n".join(records), "MEASURE": a.measure, "DOSE": a.dose,
           "DOUBTS": a.notes, "DECISION": told.get("decision", ""), "PARTICIPATION": told.get("participation", ""),
           "OUTPUT": aside("changes"), "REPORT": session.place("evaluation", ".html")}
    if a.ground:
        out.update(INPUT=a.ground, ROLE_FIELD=a.ground_field)
    if a.plan:
        out["PLAN"] = a.plan
    if a.problem and session.case:
        out.update(REGISTER=session.case, PROBLEM=a.problem)
    return out
