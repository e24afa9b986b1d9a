"""What 'CPTED measures and budget' reads: scored places, what happened, catalogue, costs, and what exists already."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsExpression, QgsExpressionContext, QgsFeature

from ...analysis.cpted import catalogue as catalogues
from ...analysis.cpted.cptedmeasures import Harm, quantities
from ...analysis.errors import InputError
from ...layers import shapes, tables
from ...layers.areas import LINE, POLYGON, Areas
from ...reports import formats
from ...translation import tr
from . import happened

SHIPPED = Path(__file__).resolve().parents[2] / "cptedcatalogue" / "measures.csv"
#: Words of ``where`` for each option of PLACE_KIND.
KINDS = ((), ("street",), ("shopping", "street"), ("housing", "street"), ("park",), ("car park",), ("stop",))
#: Metres that a point counts as, where a measure is counted per length.
POINT_LENGTH = 100.0


@dataclass
class Data:
    """What was read.

    Attributes
    ----------
    units : Areas
    names : list of str
    scores : (n, 5) array
        NaN where a principle was not measured or is not there.
    fields : list of str
        Score field of each principle, "" for none.
    measures : tuple of Measure
        That may be proposed here.
    left : dict
        Reason to number of measures of the catalogue that are not looked at.
    harm : Harm or None
        In a year (in the whole time where years are not known).
    happened : Happened or None
    years : float or None
    weighted : bool
        Harm, and not incidents, is what is counted.
    costs : dict
        Measure to Cost.
    holds : (n, m) array of float
        Whether the measure's condition holds: 1, 0, or NaN where it cannot be told.
    quantity : (n, m) array
    exists : (n, m) bool array
    catalogue : str
    """

    units: Areas
    names: list
    scores: np.ndarray
    fields: list
    measures: tuple
    left: dict
    harm: Harm | None
    happened: Any
    years: float | None
    weighted: bool
    costs: dict
    holds: np.ndarray
    quantity: np.ndarray
    exists: np.ndarray
    catalogue: str


def read(run: Any) -> Data:
    """Read everything."""
    tool = run.tool
    budget = run.number(tool.BUDGET)
    if budget is not None and not run.file(tool.COSTS):
        raise InputError(tool.COSTS, "A budget needs your costs: no amounts come with the plugin. Save an empty table"
                         " with COSTS_TEMPLATE, fill in what a unit of each measure costs where you are, and give it"
                         " here; or leave BUDGET empty to get the proposals alone.")
    counted = run.fields(tool.COUNT_FIELDS)
    if budget is not None and not run.has(tool.INCIDENTS) and not counted:
        raise InputError(tool.INCIDENTS, "A budget needs what happens at the places: give incidents, or fields with"
                         " their numbers (COUNT_FIELDS). Without, leave BUDGET empty.")
    if counted and run.has(tool.INCIDENTS):
        raise InputError(tool.COUNT_FIELDS, "Give incidents or fields with their numbers, and not both.")
    if counted:
        run.info(tr("The numbers of incidents are those of the fields {names}: the result speaks of what they count."
                    ).format(names=", ".join(counted)))
    found = happened.scores(run, tool.INPUT)
    everything, path = _catalogue(run)
    measures, left = _fitting(run, everything)
    costs = _costs(run, everything)
    there = run.source_fields(tool.INPUT)
    label = happened.label_field(run, tool.NAME_FIELD, tool.INPUT)
    per = [m.per for m in measures if m.per in there]
    wanted = list(dict.fromkeys([*(f for f in found if f), *counted, *per]))
    units = run.areas(tool.INPUT, numbers=wanted, texts=[label] if label and label not in wanted else [])
    names = happened.place_names(units, label if label not in wanted else "")
    blank = np.full(len(units), np.nan)
    scores = np.column_stack([units.columns[f] if f else blank for f in found])
    if not np.isfinite(scores).any():
        raise InputError(tool.INPUT, "No place of '{layer}' has a score. Look at what was measured in 'Score CPTED'.",
                         layer=units.name)
    harm, seen, years = _harm(run, units, counted)
    return Data(units, names, scores, found, measures, left, harm, seen, years, bool(seen and seen.harm_field), costs,
                _conditions(run, units, measures), _quantities(units, measures), _existing(run, units, measures),
                path.stem)


# --- catalogue and costs -------------------------------------------------------------------
def _catalogue(run: Any) -> tuple:
    tool = run.tool
    path = Path(run.file(tool.CATALOGUE) or SHIPPED)
    table = tables.read_table(str(path), tool.CATALOGUE)
    if table.ragged:
        raise InputError(tool.CATALOGUE, "'{file}', line {line}: it has not as many cells as the first line. Put texts"
                         " with a comma in \"quotes\".", file=path.name, line=table.first_ragged)
    measures = catalogues.parse(table.names, table.columns, table.lines.tolist(), path.name)
    copy = run.file(tool.CATALOGUE_COPY)
    if copy:
        if Path(copy).resolve() == path.resolve():
            raise InputError(tool.CATALOGUE_COPY, "This is the catalogue itself. Choose another file for the copy.")
        _write(run, tool.CATALOGUE_COPY, copy, [table.names, *zip(*(table.columns[n] for n in table.names))])
    template = run.file(tool.COSTS_TEMPLATE)
    if template:
        if run.file(tool.COSTS) and Path(template).resolve() == Path(run.file(tool.COSTS)).resolve():
            raise InputError(tool.COSTS_TEMPLATE, "This is the file of your costs, which would be lost. Choose another"
                             " file.")
        rows = [(m.key, "", "", tr("for one: {unit}").format(unit=m.unit), m.name) for m in measures]
        _write(run, tool.COSTS_TEMPLATE, template, [("measure", "cost_low", "cost_high", "unit", "name"), *rows])
    run.info(tr("Catalogue '{name}': {count} measures, {known} of them with a published effect.").format(
        name=path.stem, count=len(measures), known=sum(m.known for m in measures)))
    return measures, path


def _write(run: Any, name: str, path: str, rows: list) -> None:
    try:
        with open(path, "w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows(rows)
    except OSError as error:
        raise InputError(name, "The file cannot be written ({error}). Choose a folder that you may write to.",
                         error=error.strerror or error) from error
    run.outputs[name] = path


def _costs(run: Any, measures: tuple) -> dict:
    path = run.file(run.tool.COSTS)
    if not path:
        return {}
    table = tables.read_table(path, run.tool.COSTS)
    return catalogues.parse_costs(table.names, table.columns, table.lines.tolist(), Path(path).name, measures)


def _fitting(run: Any, measures: tuple) -> tuple:
    """Return the measures that may be proposed at such places, and why others may not."""
    tool = run.tool
    kinds = KINDS[run.choice(tool.PLACE_KIND)]
    elsewhere = [m for m in measures if m.where and not set(m.where) & set(kinds)]
    taken = [m for m in measures if m not in elsewhere]
    restrictive = [] if run.flag(tool.ALLOW_RESTRICTIVE) else [m for m in taken if m.restrictive]
    left = {}
    if restrictive:
        left[tr("they take something away from people (ALLOW_RESTRICTIVE is off): {names}").format(
            names=", ".join(m.name for m in restrictive))] = len(restrictive)
    if elsewhere:
        reason = tr("they are for other kinds of place") if kinds else tr(
            "they are for certain kinds of place, and PLACE_KIND does not say what these are")
        left[reason] = len(elsewhere)
    for reason, count in left.items():
        run.info(tr("{count} measures of the catalogue are not proposed: {reason}.").format(count=count, reason=reason))
    out = tuple(m for m in taken if m not in restrictive)
    if not out:
        raise InputError(tool.CATALOGUE, "No measure of the catalogue is for such places. Choose another kind of place"
                         " (PLACE_KIND) or another catalogue.")
    return out, left


# --- the places ----------------------------------------------------------------------------
def _harm(run: Any, units: Areas, counted: list) -> tuple:
    """Return what happens in a year, the incidents, and the years."""
    tool = run.tool
    years = run.number(tool.YEARS)
    if run.has(tool.INCIDENTS):
        seen = happened.read(run, units, run.text(tool.EXCLUDE))
        years = years or seen.years
        counts, harm = seen.table(len(units)), seen.table(len(units), seen.harm)
        types, indoors = seen.types, seen.indoors
        if not len(seen.place):
            raise InputError(tool.INCIDENTS, "None of the incidents is at any of the places. Check that both layers"
                             " cover the same town, and DISTANCE.")
    elif counted:
        seen, types, indoors = None, counted, np.zeros(len(counted), bool)
        counts = np.zeros((len(units), len(counted), 3))
        for k, name in enumerate(counted):
            column = units.columns[name]
            if (np.nan_to_num(column) < 0).any():
                raise InputError(tool.COUNT_FIELDS, "'{field}' holds numbers below 0. Choose fields with numbers of"
                                 " incidents.", field=name)
            counts[:, k, 2] = np.nan_to_num(column)
        harm = counts
    else:
        return None, None, None
    if years is None:
        run.warn(tr("How long the incidents were counted is not known (no dates, and YEARS is empty): numbers are for"
                    " that whole time, and not a year."))
    per = years or 1.0
    return Harm(types, indoors, counts / per, harm / per), seen, years


def _quantities(units: Areas, measures: tuple) -> np.ndarray:
    if units.kind == LINE:
        length, hectares = units.lengths_m, units.lengths_m * 20.0 / 1e4
    elif units.kind == POLYGON:
        length, hectares = np.sqrt(units.areas_m2), units.areas_m2 / 1e4
    else:
        length, hectares = np.full(len(units), POINT_LENGTH), np.full(len(units), (POINT_LENGTH / 100.0) ** 2)
    return quantities(measures, length, hectares, units.columns)


def _conditions(run: Any, units: Areas, measures: tuple) -> np.ndarray:
    holds = np.ones((len(units), len(measures)))
    known: dict = {}
    for m, measure in enumerate(measures):
        if not measure.condition:
            continue
        if measure.condition not in known:
            known[measure.condition] = _evaluate(run, units, measure)
        holds[:, m] = known[measure.condition]
    return holds


def _evaluate(run: Any, units: Areas, measure: Any) -> np.ndarray:
    expression = QgsExpression(measure.condition)
    if expression.hasParserError():
        raise InputError(catalogues.PARAMETER, "Line {line}: the condition {condition} cannot be read. Write it as a"
                         " QGIS expression on fields of the places.", line=measure.line, condition=measure.condition)
    absent = [name for name in expression.referencedColumns() if units.fields.lookupField(name) < 0]
    if absent:
        run.info(tr("'{name}' depends on {condition}, and the places have no field {fields}: it is to be checked on"
                    " site and never chosen.").format(name=measure.name, condition=measure.condition,
                                                      fields=", ".join(absent)))
        return np.full(len(units), np.nan)
    context = QgsExpressionContext()
    context.setFields(units.fields)
    expression.prepare(context)
    out = np.full(len(units), np.nan)
    feature = QgsFeature(units.fields)
    for i, attributes in enumerate(units.attributes):
        feature.setAttributes(attributes)
        context.setFeature(feature)
        value = expression.evaluate(context)
        if isinstance(value, (bool, int, float)) and math.isfinite(value):
            out[i] = float(bool(value))
        if i % 2000 == 0:
            run.check()
    return out


def _existing(run: Any, units: Areas, measures: tuple) -> np.ndarray:
    """Return which measures a place has already."""
    tool = run.tool
    out = np.zeros((len(units), len(measures)), bool)
    if not run.has(tool.EXISTING):
        return out
    field = run.field(tool.EXISTING_FIELD, tool.EXISTING) or next(
        (n for n in run.source_fields(tool.EXISTING) if n.lower() == "measure"), "")
    if not field:
        raise InputError(tool.EXISTING_FIELD, "Choose the field that says which measure of the catalogue each feature"
                         " is.")
    layer = run.areas(tool.EXISTING, texts=[field])
    pairs = shapes.pairs_within(units, layer, run.number(tool.EXISTING_DISTANCE), run.stage(0.45, 0.5))
    said = [str(text or "").strip().lower() for text in layer.columns[field]]
    strange = {text for text in said if text} - {w for m in measures for w in (m.key, m.name.lower(), m.family.lower())}
    for m, measure in enumerate(measures):
        same = np.array([text in (measure.key, measure.name.lower(), measure.family.lower()) for text in said])
        out[pairs.one[same[pairs.other]], m] = True
    if strange:
        run.info(tr("Existing measures that are none of those looked at here: {names}.").format(
            names=", ".join(sorted(strange)[:10])))
    if not out.any():
        run.warn(tr("None of the existing measures is at one of the places and known by its name to the catalogue."))
    else:
        run.info(tr("{count} measures exist already and are not proposed again.").format(
            count=formats.number(int(out.sum()))))
    return out
