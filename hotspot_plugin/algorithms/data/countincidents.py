"""Count incidents in areas: numbers, sums, types and rates for polygons, cells or streets."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from .countincidents_help import about

EVERY, ONCE = range(2)


class CountIncidents(HotspotAlgorithm):
    """Count incidents in areas."""

    NAME, GROUP = "countincidents", groups.DATA
    INCIDENTS, AREAS, TYPE_FIELD, WEIGHT_FIELD = "INCIDENTS", "AREAS", "TYPE_FIELD", "WEIGHT_FIELD"
    DISTANCE, POPULATION_FIELD, MIN_POPULATION = "DISTANCE", "POPULATION_FIELD", "MIN_POPULATION"
    OVERLAPS, OUTPUT = "OVERLAPS", "OUTPUT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Count incidents in areas")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Counts incidents in polygons, grid cells or along streets, with types, sums and rates.")

    def tags(self) -> list:
        return self.tr("count,points in polygon,aggregate,rate,population,streets,segments,grid,join").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        tr = self.tr
        self.addParameter(parameters.points(self.INCIDENTS, tr("Incidents"), tr("A point for each incident.")))
        self.addParameter(parameters.areas_or_lines(self.AREAS, tr("Areas or streets"), tr(
            "Polygons, such as districts or the cells of a grid, or street lines.")))
        self.addParameter(parameters.field(self.TYPE_FIELD, tr("Type field"), self.INCIDENTS, tr(
            "Adds a column with the number of incidents for each value of this field. The log says which column is"
            " which type."), kind="any", optional=True))
        self.addParameter(parameters.field(self.WEIGHT_FIELD, tr("Weight field"), self.INCIDENTS, tr(
            "Adds 'sum', the sum of this number over the incidents, e.g. harm or loss."), optional=True))
        self.addParameter(parameters.field(self.POPULATION_FIELD, tr("Population field"), self.AREAS, tr(
            "Number of residents of each area; adds a rate per 1,000 residents."), optional=True))
        self.addParameter(parameters.number(self.MIN_POPULATION, tr("Least population for a rate"), 100.0, tr(
            "Areas with fewer residents get no rate: one incident among few residents would top the list."), 0.0))
        self.addParameter(parameters.distance(self.DISTANCE, tr("Distance to a street"), 50.0, tr(
            "For streets: an incident counts for the nearest street if it is not farther than this, in metres.")))
        self.addParameter(parameters.advanced(parameters.choice(self.OVERLAPS, tr("Where areas overlap"), [
            tr("Count in every area that holds the incident"), tr("Count once, in the first area")], EVERY, tr(
            "Every area's own number is right when each counts all it holds, but then they add up to more than all"
            " incidents. An incident on the side between two areas counts for one of them only, whatever you"
            " choose."))))
        self.addParameter(parameters.output_like_input(self.OUTPUT, tr("Counted areas"), tr(
            "The areas with all their fields and n, sum, the types and the rates, drawn by n.")))
        self.add_number("TOTAL", tr("Incidents"), tr("Incidents that were read and have a place."))
        self.add_number("COUNTED", tr("Incidents counted"), tr("Incidents that lie in an area, each taken once."))
        self.add_number("OUTSIDE", tr("Incidents in no area"), tr("Incidents in no area, or too far from any street."))
        self.add_number("SEVERAL", tr("Incidents in several areas"), tr("Incidents where areas overlap."))
        self.add_number("OCCUPIED", tr("Areas with incidents"), tr("Areas that hold at least one incident."))
        self.add_number("NO_RATE", tr("Areas without a rate"), tr(
            "Areas whose population is missing or too small; no value where no population was given."))

    def execute(self, run: Any) -> dict:
        from ...analysis.data import countincidents as counting

        type_field, weight_field = run.field(self.TYPE_FIELD, self.INCIDENTS), run.field(
            self.WEIGHT_FIELD, self.INCIDENTS)
        population_field = run.field(self.POPULATION_FIELD, self.AREAS)
        points = run.points(self.INCIDENTS, [weight_field], [type_field], progress=run.stage(0.0, 0.3))
        areas = run.areas(self.AREAS, numbers=[population_field])
        weights = self._weights(run, points, weight_field)
        incident, area = self._assign(run, points, areas)
        total = len(points)
        outside, several = self._coverage(run, points, incident)
        if several and run.choice(self.OVERLAPS) == ONCE:
            incident, first = np.unique(incident, return_index=True)  # pairs are in the order of the areas
            area = area[first]
        types = points.columns[type_field] if type_field else None
        counted = counting.tally(len(areas), incident, area, weights, types)
        run.progress(0.85)
        columns: dict = {fields.N: counted.n}
        if counted.sum is not None:
            columns[fields.SUM] = counted.sum
        columns.update(counted.types)
        no_rate = self._rates(run, counting, areas, counted.n, columns, population_field)
        self._tell(run, counting, counted, areas, columns)
        run.write_areas(self.OUTPUT, areas, columns, self._style(counting, counted.n))
        return {"TOTAL": total, "COUNTED": total - outside, "OUTSIDE": outside, "SEVERAL": several,
                "OCCUPIED": int((counted.n > 0).sum()), "NO_RATE": no_rate}  # fmt: skip

    def _weights(self, run: Any, points: Any, field: str) -> np.ndarray | None:
        if not field:
            return None
        weights = points.columns[field]
        if np.isinf(weights).any():
            row = int(points.rows[np.argmax(np.isinf(weights))]) + 1
            raise InputError(self.WEIGHT_FIELD, "'{field}' holds infinite values (first: row {row}). Correct them or"
                             " filter these rows.", field=field, row=row)  # fmt: skip
        missing, negative = int(np.isnan(weights).sum()), int((weights < 0).sum())
        if missing:
            run.warn(self.tr("{count} incidents have no number in '{field}': they count in n and add nothing to the"
                             " sum.").format(count=missing, field=field))  # fmt: skip
        if negative:
            run.warn(self.tr("{count} values of '{field}' are below 0 and lower the sum.").format(
                count=negative, field=field))
        return weights

    def _assign(self, run: Any, points: Any, areas: Any) -> tuple:
        """Pairs of incident and area."""
        from ...layers import overlay
        from ...layers.areas import LINE

        progress = run.stage(0.4, 0.8)
        if areas.kind != LINE:
            return overlay.polygon_index(areas).pairs(points.x, points.y, progress)
        distance = run.number(self.DISTANCE)
        if not distance > 0:
            raise InputError(self.DISTANCE, "The distance to a street must be more than 0 m. 50 m is usual.")
        line, away = overlay.assign_nearest(areas, points.x, points.y, distance, progress)
        near = np.flatnonzero(line >= 0)
        if len(near):
            run.info(self.tr("Incidents lie {median:.1f} m from their street (median; farthest {farthest:.1f} m).")
                     .format(median=float(np.median(away[near])), farthest=float(away[near].max())))  # fmt: skip
        return near, line[near]

    def _coverage(self, run: Any, points: Any, incident: np.ndarray) -> tuple:
        """How many incidents are in no area, and in several; both are told."""
        held = np.bincount(incident, minlength=len(points))
        outside, several = int((held == 0).sum()), int((held > 1).sum())
        if outside:
            first = int(points.rows[np.argmax(held == 0)]) + 1
            tell = run.warn if outside > 0.05 * len(points) else run.info
            tell(self.tr("{count} of {total} incidents ({share:.1%}) are in no area (first: row {row}).").format(
                count=outside, total=len(points), share=outside / len(points), row=first))
        if several and run.choice(self.OVERLAPS) == EVERY:
            run.warn(self.tr("Areas overlap: {count} incidents lie in more than one and count in each, so the numbers"
                             " add up to {extra} more than there are incidents.").format(
                                 count=several, extra=int(np.maximum(held - 1, 0).sum())))  # fmt: skip
        elif several:
            run.warn(self.tr("Areas overlap: {count} incidents lie in more than one and count in the first only.")
                     .format(count=several))  # fmt: skip
        return outside, several

    def _rates(self, run: Any, counting: Any, areas: Any, n: np.ndarray, columns: dict, field: str) -> int | None:
        """Add the rates to the columns; return the number of areas without one."""
        from ...layers.areas import LINE

        if areas.kind == LINE:
            columns[fields.PER_KM] = counting.per_unit(n, areas.lengths_m, 1e3)
        else:
            columns[fields.PER_KM2] = counting.per_unit(n, areas.areas_m2, 1e6)
        if not field:
            return None
        population, minimum = areas.columns[field], run.number(self.MIN_POPULATION)
        rate = counting.per_unit(n, population, 1e3, minimum)
        visited = counting.many_visit(rate)
        columns[fields.PER_1000], columns[fields.MANY_VISIT] = rate, visited
        without = int(np.isnan(rate).sum())
        if without:
            run.info(self.tr("{count} areas get no rate per 1,000 residents: their population is missing or below"
                             " {minimum:g}. They hold {held} incidents.").format(
                                 count=without, minimum=minimum, held=int(n[np.isnan(rate)].sum())))  # fmt: skip
        if visited.any():
            run.warn(self.tr("In {count} areas the rate per resident is more than 5 times the median: few live there"
                             " and many visit, so residents are not those at risk. Compare these by number or per km2"
                             " (field many_visit).").format(count=int(visited.sum())))  # fmt: skip
        return without

    def _tell(self, run: Any, counting: Any, counted: Any, areas: Any, columns: dict) -> None:
        replaced = {name.lower() for name in columns} & {name.lower() for name in areas.fields.names()}
        if replaced:
            run.info(self.tr("The areas already had the fields {names}; they are replaced.").format(
                names=", ".join(sorted(replaced))))
        for name, label in counted.names.items():
            what = label or (self.tr("no type recorded") if name == counting.NONE else self.tr("all rarer types"))
            run.info(self.tr("{column} = {what}: {count}").format(
                column=name, what=what, count=int(counted.types[name].sum())))
        run.info(self.tr("{occupied} of {total} areas hold incidents; the busiest holds {most}.").format(
            occupied=int((counted.n > 0).sum()), total=len(areas), most=int(counted.n.max())))

    def _style(self, counting: Any, n: np.ndarray) -> Any:
        entries = [(0.0, 0.0, styling.GREY, self.tr("No incident"))]
        found = counting.count_classes(n)
        shift = len(styling.SEQUENCE) - len(found)
        for (low, high), colour in zip(found, styling.SEQUENCE[shift:]):
            label = self.tr("{low} to {high} incidents") if high > low else self.tr("{low} incidents")
            if low == high == 1:
                label = self.tr("1 incident")
            entries.append((low - 0.5, high + 0.5, colour, label.format(low=low, high=high)))
        return styling.classes("Incidents", fields.N, entries)
