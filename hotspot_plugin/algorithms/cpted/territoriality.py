"""Frontage and boundaries: fences, where public meets private land, vacancy, and the mix of uses and owners."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import territoriality_help


class Territoriality(HotspotAlgorithm):
    """Frontage and boundaries (territoriality)."""

    NAME, GROUP = "territoriality", groups.CPTED
    INPUT, BARRIERS, MORE_BARRIERS, DISTANCE = "INPUT", "BARRIERS", "MORE_BARRIERS", "DISTANCE"
    LAND, USE_FIELD, OWNER_FIELD, PUBLIC_VALUES = "LAND", "USE_FIELD", "OWNER_FIELD", "PUBLIC_VALUES"
    UNCOVERED, VACANT_VALUES, VACANT = "UNCOVERED", "VACANT_VALUES", "VACANT"
    MIN_GAP, OUTPUT, REPORT = "MIN_GAP", "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Frontage and boundaries (territoriality)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Fenced frontage, where public meets private land, vacant land, and the mix of uses and owners.")

    def tags(self) -> list:
        return self.tr("cpted,territorial reinforcement,fence,wall,public private,transition,vacant land,abandoned,"
                       "land use mix,entropy,ownership,parcels,frontage,defensible space").split(",")

    def about(self) -> str:
        return territoriality_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.areas_or_lines(self.INPUT, tr("Units"), tr(
            "Parcels, blocks, parks, hot spots or other areas; or street centre lines, whose two sides are the"
            " frontage.")))
        self.addParameter(p.areas_or_lines(self.BARRIERS, tr("Fences or walls"), tr(
            "Lines, or the outlines of polygons, that mark a boundary: fences, walls, hedges."), optional=True))
        self.addParameter(p.areas_or_lines(self.MORE_BARRIERS, tr("More fences or walls"), tr(
            "A second layer of them."), optional=True))
        self.addParameter(p.distance(self.DISTANCE, tr("Distance"), None, tr(
            "Metres inside the edge of an area, or to either side of a centre line, within which a fence counts and at"
            " which the land is looked up. Empty: 3 for areas, 15 for streets. For areas drawn along streets: 12."),
            optional=True))
        self.addParameter(p.areas(self.LAND, tr("Land"), tr(
            "Polygons with the use or the owner of the land, such as parcels or zoning; may be the layer of units."),
            optional=True))
        self.addParameter(p.field(self.USE_FIELD, tr("Use of the land"), self.LAND, tr(
            "Field with the use."), kind="any", optional=True))
        self.addParameter(p.field(self.OWNER_FIELD, tr("Owner of the land"), self.LAND, tr(
            "Field with the owner, or better the kind of owner: names are counted, not shown."), kind="any",
            optional=True))
        self.addParameter(p.text(self.PUBLIC_VALUES, tr("Public land"), "", tr(
            "Values of use or owner that are public, separated by semicolons; * stands for any letters: 'park;"
            " *school*; city'. All other known land counts as private."), optional=True))
        self.addParameter(p.choice(self.UNCOVERED, tr("Land without a polygon is"), [
            tr("Public (parcels leave out the streets)"), tr("Private (the layer holds public land only)"),
            tr("Unknown")], 0, tr("What stands where no polygon of the land does.")))
        self.addParameter(p.text(self.VACANT_VALUES, tr("Vacant land"), "", tr(
            "Values of the use that are vacant or abandoned, separated by semicolons: 'vacant*; derelict'."),
            optional=True))
        self.addParameter(p.any_source(self.VACANT, tr("Vacant or abandoned places"), tr(
            "Points or polygons of vacant lots, abandoned or boarded-up buildings, from a list of their own."),
            optional=True))
        self.addParameter(p.advanced(p.distance(self.MIN_GAP, tr("Least gap"), 1.0, tr(
            "Metres from which an opening between two fences or walls is a gap; narrower ones are flaws of the"
            " drawing."))))
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Units with their boundaries"), tr(
            "The units with their fields and those below; what was not measured has no field.")))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("UNITS", tr("Units measured"), tr("Areas or streets of the result."))
        add("FRONT_KM", tr("Frontage"), tr("Kilometres of frontage: edges of areas, both sides of streets."))
        add("BOUND_SHARE", tr("Share bounded"), tr("Share (0 to 1) of all frontage with a fence or wall."))
        add("GAP_COUNT", tr("Gaps"), tr("Openings between two fences or walls along the same frontage."))
        add("TRANSITION_SHARE", tr("Share of transition"), tr(
            "Share (0 to 1) of the frontage known on both sides where public land meets private land."))
        add("MARKED_SHARE", tr("Share of transition marked"), tr(
            "Share (0 to 1) of that transition with a fence or wall."))
        add("KNOWN_SHARE", tr("Share of land known"), tr("Share (0 to 1) of the land with a known use or owner."))
        add("VACANT_SHARE", tr("Share vacant"), tr("Share (0 to 1) of the known land that is vacant or abandoned."))
        add("VACANT_COUNT", tr("Vacant places"), tr("Vacant or abandoned places in or along a unit, each once."))
        add("USE_CLASSES", tr("Uses"), tr("Uses that occur; a mix of 1 has all of them alike."))
        add("USE_MIX", tr("Mix of uses"), tr("Median mix of the units, 0 one use, 1 all uses alike."))
        add("OWNER_CLASSES", tr("Owners"), tr("Owners, or kinds of owner, that occur."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr("How the boundaries are; it can be read out."))

    def execute(self, run: Any) -> dict:
        from . import territoriality_measure as measuring
        from . import territoriality_read as reading
        from . import territoriality_report as reporting
        from .territoriality_words import Words

        data = reading.read(run)
        result = measuring.measure(run, data)
        words = Words(data, result, run)
        summary = run.tell(words)
        columns = measuring.columns(data, result)
        run.write_areas(self.OUTPUT, data.units, columns, reporting.style(columns))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, data, words, columns))
        return {**words.numbers(), "SUMMARY": summary}
