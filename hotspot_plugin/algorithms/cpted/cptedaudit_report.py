"""The words of 'Create CPTED audit form', and the form on paper."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsVectorLayer

from ...analysis.cpted import auditform as a
from ...analysis.cpted.profile import PRINCIPLES
from ...layers import fields, styling
from ...reports import formats, maps
from ...reports.html import Report
from ...translation import tr
from .cptedaudit_file import Data
from .cptedaudit_form import PLACES
from .cptedscore_words import principle_name

#: Places audited twice below which agreement stays uncertain.
_ENOUGH = 20


def summary(data: Data, numbers: dict) -> str:
    """Return the sentence to read out."""
    if not numbers["PLACES"]:
        return tr("The form '{form}' with {items} items is ready; its places are to be drawn.").format(
            form=data.form, items=formats.number(numbers["ITEMS"]))
    return tr("The form '{form}' with {items} items is ready for {places} places, {double} of them for two auditors;"
              " by day and by night that makes {visits} visits.").format(
        form=data.form, items=formats.number(numbers["ITEMS"]), places=formats.number(numbers["PLACES"]),
        double=formats.number(numbers["DOUBLE"]), visits=formats.number(numbers["VISITS"]))


def warnings(data: Data) -> list:
    """Return the doubts to tell."""
    places, double = len(data.keys), int(data.double.sum())
    if places and double < min(_ENOUGH, places):
        return [tr("Only {count} places are for two auditors. Agreement measured on fewer than {enough} stays"
                   " uncertain; raise DOUBLE_SHARE if you can.").format(count=formats.number(double), enough=_ENOUGH)]
    return []


def build(run: Any, data: Data, sentence: str) -> Report:
    """Return the form on paper."""
    report = Report(tr("CPTED audit"), tr("Form '{form}'").format(form=data.form))
    report.sentence(sentence)
    report.facts([(tr("Place"), "………………"), (tr("Your code"), "………………", tr("no names")),
                  (tr("Day and time"), "………………"), (tr("Visit"), tr("day / night"))])
    report.paragraph(tr("Mark 0, 1 or 2; n.a. where it does not apply here; leave it open where you have not seen it."
                        " Do not talk about marks with the other auditor before both are done."))
    when = {a.ANY: "", a.DAY: tr(" (by day)"), a.NIGHT: tr(" (after dark)")}
    for number in range(len(PRINCIPLES)):
        rows = [[item.question + when[item.when], *item.answers, "0   1   2   n.a."]
                for item in data.items if item.principle == number]
        if rows:
            report.heading(principle_name(number).capitalize())
            report.table([tr("Item"), tr("0"), tr("1"), tr("2"), tr("Mark")], rows, tr("Items of {principle}").format(
                principle=principle_name(number)), name=PRINCIPLES[number])
    report.heading(tr("People"))
    report.bullets([tr("Who uses this place? …………………………………………………………"),
                    tr("Who would be pushed out if it were changed? …………………………………………………………")])
    if data.keys:
        report.heading(tr("Where"))
        layer = QgsVectorLayer(f"{run.outputs[run.tool.OUTPUT]}|layername={PLACES}", tr("Places"), "ogr")
        styling.categories("Auditors", fields.DOUBLE, [
            (False, "#7fb2d8", tr("One auditor")), (True, "#b2182b", tr("Two auditors"))]).apply(layer)
        report.figure(maps.map_png([layer], tr("Places to audit"), units=run.units), tr(
            "Places to audit by day and after dark"), tr("Map of the places; {count} are for two auditors").format(
                count=formats.number(int(data.double.sum()))))
    return report
