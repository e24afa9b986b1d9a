"""The population beside a survey: residents by area and group, and margins to weight to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis import people as people_of
from ...analysis.community import surveyscale
from ...analysis.community.surveysummary import Group, Heard
from ...analysis.community.surveyweights import Margin
from ...analysis.errors import InputError
from ...layers import overlay
from ...layers.areas import Areas
from ...reports import formats
from ...translation import tr

#: respondents under which an area is joined with other small ones for raking
_FEW = 5
_VARIABLE, _VALUE, _TARGET = (("variable", "field", "margin"), ("value", "class", "category"),
                              ("population", "target", "count", "share", "people"))


@dataclass
class People:
    """Residents of the classes of groups.

    Attributes
    ----------
    counts : dict of str to (k,) array
        By name of the group: residents of its real classes, NaN where it is not known.
    total : float
    """

    counts: dict
    total: float

    def knows(self, group: Group) -> bool:
        """Whether there are numbers of the group."""
        return group.name in self.counts

    def of(self, group: Group) -> np.ndarray:
        """Residents of the real classes of a group."""
        return self.counts[group.name]


def read(run: Any, areas: Areas | None, row: np.ndarray, area: Group | None, groups: list) -> People:
    """Read the population layer: residents by area, and by the classes of groups that its fields hold."""
    tool = run.tool
    total_field = run.field(tool.POPULATION_FIELD, of=tool.POPULATION)
    wanted = _group_counts(run, groups)
    if not total_field and not wanted:
        raise InputError(tool.POPULATION_FIELD, "Choose the field with the number of residents, or say in GROUP_COUNTS"
                         " which fields hold the residents of which group.")
    columns = list(dict.fromkeys([total_field, *(name for fields in wanted.values() for _, name in fields.values())]))
    layer = run.areas(tool.POPULATION, numbers=[name for name in columns if name])
    for name in (name for name in columns if name):
        people_of.refuse_others(layer.columns[name], tool.POPULATION, name)
    inside = np.ones(len(layer), dtype=bool)
    counts: dict = {}
    if areas is not None and area is not None:
        middles = [geometry.pointOnSurface().asPoint() for geometry in layer.geometries]
        spots = np.array([(p.x(), p.y()) for p in middles]).reshape(-1, 2)
        held = overlay.assign_points(areas, spots[:, 0], spots[:, 1], run.stage(0.26, 0.28))
        inside = held >= 0
        _tell_fit(run, layer, areas, inside, total_field)
        if total_field:
            people = np.nan_to_num(layer.columns[total_field][inside])
            counts[area.name] = np.bincount(row[held[inside]], people, area.real)
    for i, group in enumerate(groups):
        if group.name in wanted:
            living = {label: float(np.nansum(layer.columns[column][inside]))
                      for label, (_, column) in wanted[group.name].items()}
            groups[i] = group = _with_unheard(run, group, wanted[group.name], living)
            counts[group.name] = np.array([living[surveyscale.plain(label)] for label in group.classes[: group.real]])
    total = float(np.nansum(layer.columns[total_field][inside])) if total_field else float(
        max((np.nansum(values) for values in counts.values()), default=0.0))
    if not total > 0:
        raise InputError(tool.POPULATION, "Nobody lives in the areas by this layer. Choose the field with the number"
                         " of residents, and check that the layer lies on the areas.")
    return People(counts, total)


def _tell_fit(run: Any, layer: Areas, areas: Areas, inside: np.ndarray, total_field: str) -> None:
    if not inside.any():
        raise InputError(run.tool.POPULATION, "No feature of '{layer}' lies in the areas. Check both layers.",
                         layer=layer.name)
    if not inside.all():
        lost = float(np.nansum(layer.columns[total_field][~inside])) if total_field else 0.0
        run.info(tr("{count} features of '{layer}' with {people} residents lie outside all areas and are not"
                    " counted.").format(count=int((~inside).sum()), layer=layer.name,
                                        people=formats.number(lost, 0)))
    sizes = np.median(layer.areas_m2), np.median(areas.areas_m2)
    if sizes[0] > 1.5 * sizes[1]:
        run.warn(tr("The features of '{layer}' are larger than the areas; each counts as a whole for the area at its"
                    " middle. Give a finer layer for areas as small as these.").format(layer=layer.name))


def _group_counts(run: Any, groups: list) -> dict:
    """Read lines such as 'age: 18-34 = pop_young; 35+ = pop_old'; returns group -> class -> field."""
    tool, out = run.tool, {}
    fields = run.source_fields(tool.POPULATION)
    by_name = {group.name: group for group in groups}
    for line in (line.strip() for line in run.text(tool.GROUP_COUNTS).splitlines()):
        if not line:
            continue
        name, colon, rest = line.partition(":")
        name = name.strip()
        if not colon or name not in by_name:
            raise InputError(
                tool.GROUP_COUNTS, "'{line}' does not begin with the name of a group and a colon. The groups are"
                " {groups}. Write 'age: 18-34 = field of the young; 35+ = field of the others'.", line=line,
                groups=", ".join(by_name) or "none (choose GROUP_FIELDS)")
        group, found = by_name[name], {}
        classes = {surveyscale.plain(label): label for label in group.classes[: group.real]}
        for part in (part for part in re.split(r"[;；]", rest) if part.strip()):
            label, sign, column = (bit.strip() for bit in part.rpartition("="))
            if not sign or column not in fields:
                raise InputError(tool.GROUP_COUNTS, "'{part}' must be: class of '{group}' = field of the population"
                                 " layer. Its fields are: {fields}.", part=part.strip(), group=name,
                                 fields=", ".join(fields))
            found[surveyscale.plain(label)] = label, column
        unknown = [label for label in classes if label not in found]
        if unknown:
            raise InputError(
                tool.GROUP_COUNTS, "The survey has classes of '{group}' without a field of residents: {classes}. Add"
                " 'class = field' for each (a class that is no group can be named in MISSING_CODES: '{group}: value').",
                group=name, classes=", ".join(classes[label] for label in unknown[:8]))
        out[name] = found
    return out


def _with_unheard(run: Any, group: Group, wanted: dict, total: dict) -> Group:
    """Add the classes of which nobody answered, and tell them."""
    classes = [surveyscale.plain(label) for label in group.classes[: group.real]]
    new = [label for key, (label, _) in wanted.items() if key not in classes]
    for label in new:
        people = total[surveyscale.plain(label)]
        if people > 0:
            run.warn(tr("Nobody of '{group}: {label}' answered, though {people} of them live here.").format(
                group=group.name, label=label, people=formats.number(people, 0)))
    code = np.where(group.code >= group.real, group.code + len(new), group.code)
    return Group(group.name, [*group.classes[: group.real], *new, *group.classes[group.real :]], code,
                 group.real + len(new))


def margin_of_heard(run: Any, each: Heard) -> Margin | None:
    """Return a margin of the population layer; classes with few respondents are joined, so that none weighs much."""
    group, known = each.group, np.isfinite(each.share)
    n = np.bincount(group.code, minlength=len(group.classes))[: group.real]
    nobody = known & (each.share <= 0) & (n > 0)
    if nobody.any():
        run.warn(tr("By the population layer nobody lives in {count} classes of '{group}' that have respondents"
                    " ({names}). Their {n} respondents keep their weight; check the layer.").format(
            count=int(nobody.sum()), group=group.name, n=int(n[nobody].sum()),
            names=", ".join(group.classes[k] for k in np.flatnonzero(nobody)[:4])))
    known &= ~nobody
    small = known & (n < _FEW)
    keep = np.flatnonzero(known & ~small)
    if len(keep) + bool(n[small].sum()) < 2:
        run.warn(tr("'{group}' has too few respondents in its classes to weight to it.").format(group=group.name))
        return None
    classes, target = [group.classes[i] for i in keep], each.share[keep]
    number = np.full(len(group.classes), -1, dtype=np.int64)
    number[keep] = np.arange(len(keep))
    if small.any():
        run.info(tr("Weights: {count} classes of '{group}' with fewer than {few} respondents count as one.").format(
            count=int(small.sum()), group=group.name, few=_FEW))
        if n[small].sum():
            number[np.flatnonzero(small)] = len(classes)
            classes, target = [*classes, tr("(small classes together)")], np.append(target, each.share[small].sum())
    code = number[group.code]
    return Margin(group.name, classes, code, target / target.sum())


def margins_of_table(run: Any, by_name: dict) -> dict:
    """Read the table of margins: variable, value, population."""
    tool = run.tool
    have = {name.casefold(): name for name in run.source_fields(tool.MARGINS)}
    chosen = [next((have[name] for name in names if name in have), "") for names in (_VARIABLE, _VALUE, _TARGET)]
    if not all(chosen):
        raise InputError(
            tool.MARGINS, "The table needs the columns variable, value and population: the name of a group field (or"
            " 'area'), one of its values, and the residents or their share. Its columns are: {fields}.",
            fields=", ".join(have.values()) or "none")
    table = run.table(tool.MARGINS, texts=chosen[:2], numbers=chosen[2:])
    rows: dict = {}
    for variable, value, target in zip(*(table.columns[name] for name in chosen)):
        if variable is None or value is None:
            continue
        if not (np.isfinite(target) and target >= 0):
            raise InputError(tool.MARGINS, "The number of '{variable}', '{value}' is missing or negative.",
                             variable=variable, value=value)
        inner = rows.setdefault(surveyscale.plain(variable), {})
        inner[surveyscale.plain(value)] = inner.get(surveyscale.plain(value), 0.0) + float(target)
    out = {}
    for variable, targets in rows.items():
        if variable not in by_name:
            raise InputError(tool.MARGINS, "'{variable}' is no group of this run. The groups are {groups}: add the"
                             " field to GROUP_FIELDS, or leave its rows out.", variable=variable,
                             groups=", ".join(g.name for g in by_name.values()) or "none")
        out[variable] = _margin(by_name[variable], targets)
    if not out:
        raise InputError(tool.MARGINS, "'{layer}' has no rows. Give one row for each class of each margin.",
                         layer=table.name)
    return out


def _margin(group: Group, targets: dict) -> Margin:
    classes = group.classes[: group.real]
    keys = [surveyscale.plain(label) for label in classes]
    lacking = [label for key, label in zip(keys, classes) if key not in targets]
    if lacking:
        raise InputError(
            "MARGINS", "The margin of '{group}' lacks classes that the survey has: {classes}. Add a row for each.",
            group=group.name, classes=", ".join(lacking[:8]))
    empty = [key for key, target in targets.items() if key not in keys and target > 0]
    if empty:
        raise InputError(
            "MARGINS", "Nobody in the survey is in these classes of '{group}', so nobody can be weighted to stand for"
            " them: {classes}. Join them with another class in the data and in the margins.",
            group=group.name, classes=", ".join(empty[:8]))
    none = [label for key, label in zip(keys, classes) if targets[key] <= 0]
    if none:
        raise InputError(
            "MARGINS", "The margin of '{group}' gives nobody to classes that have respondents: {classes}. Their"
            " respondents would count nowhere. Correct the numbers, or make these respondents 'not stated'.",
            group=group.name, classes=", ".join(none[:8]))
    target = np.array([targets[key] for key in keys])
    if not target.sum() > 0:
        raise InputError("MARGINS", "The numbers of '{group}' are all 0.", group=group.name)
    code = np.where(group.code < group.real, group.code, -1)
    return Margin(group.name, classes, code, target / target.sum())
