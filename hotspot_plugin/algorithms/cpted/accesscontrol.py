"""Street permeability: how streets connect, where they end, who passes, and who can come in where."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import accesscontrol_help


class AccessControl(HotspotAlgorithm):
    """Street permeability (access control)."""

    NAME, GROUP = "accesscontrol", groups.CPTED
    INPUT, SPLIT, TOLERANCE, LEVEL_FIELD = "INPUT", "SPLIT", "TOLERANCE", "LEVEL_FIELD"
    FROM_FIELD, TO_FIELD, BOUNDARY, EDGE_DISTANCE = "FROM_FIELD", "TO_FIELD", "BOUNDARY", "EDGE_DISTANCE"
    PATHS, CLASS_FIELD, PATH_VALUES = "PATHS", "CLASS_FIELD", "PATH_VALUES"
    COST, RADIUS, RADIUS_MINUTES, SPEED_FIELD = "COST", "RADIUS", "RADIUS_MINUTES", "SPEED_FIELD"
    MINUTES_FIELD, WALK_SPEED = "MINUTES_FIELD", "WALK_SPEED"
    UNITS, EDGE_STRIP, ENTRANCES, BARRIERS = "UNITS", "EDGE_STRIP", "ENTRANCES", "BARRIERS"
    MORE_BARRIERS, DISTANCE, MIN_GAP = "MORE_BARRIERS", "DISTANCE", "MIN_GAP"
    OUTPUT, NODES, OUTPUT_UNITS = "OUTPUT", "NODES", "OUTPUT_UNITS"
    GAPS, REPORT = "GAPS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Street permeability (access control)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Dead ends, through-movement, entry points, alleys, and gaps in fences and walls.")

    def tags(self) -> list:
        return self.tr("cpted,connectivity,betweenness,dead end,cul-de-sac,street network,through movement,alley,"
                       "cut-through,fence,wall,gap,entry points,alpha beta gamma,space syntax").split(",")

    def about(self) -> str:
        return accesscontrol_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.lines(self.INPUT, tr("Streets"), tr(
            "Street centre lines. For through-movement right up to the edge of your area, give streets as far beyond it"
            " as the radius.")))
        self.addParameter(p.choice(self.COST, tr("Ways are measured by"), [
            tr("Length"), tr("Time, from a speed field"), tr("Time, from a field of minutes")], 0, tr(
                "What the shortest way is shortest in. Length suits people on foot.")))
        self.addParameter(p.distance(self.RADIUS, tr("Radius"), 1000.0, tr(
            "Metres along the streets up to which ways count: 1,000 for local movement. 0: ways across the whole"
            " network.")))
        self.addParameter(p.lines(self.PATHS, tr("Paths"), tr(
            "Footpaths and alleys that join the streets, as a layer of their own."), optional=True))
        self.addParameter(p.areas(self.UNITS, tr("Units"), tr(
            "Blocks, parcels, estates or other areas whose entry points are counted."), optional=True))
        self.addParameter(p.points(self.ENTRANCES, tr("Entrances"), tr(
            "Doors and gates as points: counted for the nearest street within the distance below, and for units."),
            optional=True))
        self.addParameter(p.areas_or_lines(self.BARRIERS, tr("Fences or walls"), tr(
            "Lines, or the outlines of polygons, that people do not cross."), optional=True))
        self.addParameter(p.areas_or_lines(self.MORE_BARRIERS, tr("More fences or walls"), tr(
            "A second layer of them."), optional=True))
        self.addParameter(p.distance(self.DISTANCE, tr("Distance from the street"), 15.0, tr(
            "Metres from the centre line, to either side, within which entrances, fences and walls belong to a street:"
            " half of the street and its front gardens.")))
        self.addParameter(p.distance(self.EDGE_STRIP, tr("Edge strip of units"), 3.0, tr(
            "Metres inside the edge of a unit: a street comes in where it crosses this strip, and a fence in it stands"
            " on the edge. Where units are drawn along centre lines, half the width of a street: 12."), minimum=0.1))
        self.addParameter(p.areas(self.BOUNDARY, tr("Area of the data"), tr(
            "Area in which all streets are drawn. Empty: the ground between the streets. Near its edge"
            " through-movement is too low, and ends are not judged."), optional=True))
        for parameter in self._details():
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.output_lines(self.OUTPUT, tr("Streets with permeability"), tr(
            "Every street or path between two junctions, with its fields and those below.")))
        self.addParameter(p.output_points(self.NODES, tr("Junctions and ends"), tr(
            "Every node of the network, with how many streets meet there."), optional=True))
        self.addParameter(p.output_polygons(self.OUTPUT_UNITS, tr("Units with entry points"), tr(
            "The units with their fields, entry points, and fences along the edge."), optional=True))
        self.addParameter(p.output_lines(self.GAPS, tr("Gaps in fences and walls"), tr(
            "Every gap as a line along its frontage, with its metres; of streets beside the centre line."),
            optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _details(self) -> list:
        p, tr = parameters, self.tr
        return [
            p.choice(self.SPLIT, tr("Where streets are joined"), [
                tr("Where their ends meet"), tr("Also where an end touches another street"),
                tr("Also where streets cross")], 0, tr(
                    "A clean layer has a line for each block side. Others are cut; the level field keeps bridges apart."
                    " What is left without a joint is counted and told.")),
            p.distance(self.TOLERANCE, tr("Tolerance of ends"), 1.0, tr(
                "Metres within which street ends meet. 0: equal coordinates only.")),
            p.field(self.LEVEL_FIELD, tr("Level field"), self.INPUT, tr(
                "Number of the level, e.g. layer of OpenStreetMap: 1 a bridge, -1 a tunnel, empty 0. Streets of"
                " different levels are not cut where they cross."), optional=True),
            p.field(self.FROM_FIELD, tr("Node at the begin"), self.INPUT, tr(
                "Number or name of the node at which the line begins, if the layer has it."), kind="any",
                optional=True),
            p.field(self.TO_FIELD, tr("Node at the end"), self.INPUT, tr(
                "Number or name of the node at which the line ends."), kind="any", optional=True),
            p.field(self.CLASS_FIELD, tr("Class of the street"), self.INPUT, tr(
                "Field that tells paths from streets, where both are in one layer."), kind="any", optional=True),
            p.text(self.PATH_VALUES, tr("Classes that are paths"), "", tr(
                "Values of that field, separated by semicolons; * stands for any letters: 'footway; path; *alley*'."),
                optional=True),
            p.field(self.SPEED_FIELD, tr("Speed field"), self.INPUT, tr(
                "Kilometres an hour, for ways by time."), optional=True),
            p.field(self.MINUTES_FIELD, tr("Minutes field"), self.INPUT, tr(
                "Minutes that the line takes, for ways by time."), optional=True),
            p.number(self.RADIUS_MINUTES, tr("Radius in minutes"), 10.0, tr(
                "Minutes up to which ways by time count. 0: the whole network."), minimum=0.0),
            p.number(self.WALK_SPEED, tr("Speed on paths"), 5.0, tr(
                "Kilometres an hour on paths that have no time of their own."), minimum=0.1),
            p.distance(self.EDGE_DISTANCE, tr("Edge of the data"), 30.0, tr(
                "Metres from the edge of the data within which a street that stops is not judged: it may go on beyond."
                " 0 judges all.")),
            p.distance(self.MIN_GAP, tr("Least gap"), 1.0, tr(
                "Metres from which an opening between two fences or walls is a gap; narrower ones are flaws of the"
                " drawing.")),
        ]

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("STREETS", tr("Streets"), tr("Streets and paths between two nodes."))
        add("STREET_KM", tr("Length of streets"), tr("Kilometres of streets and paths."))
        add("NODE_COUNT", tr("Nodes"), tr("Junctions, corners and ends."))
        add("COMPONENTS", tr("Connected parts"), tr("Parts of the network that no street connects."))
        add("DEAD_ENDS", tr("Dead ends"), tr("Nodes at which one street stops and nothing leads on."))
        add("DEAD_END_SHARE", tr("Share of dead ends"), tr("Dead ends over the nodes that are judged (0 to 1)."))
        add("EDGE_ENDS", tr("Ends at the edge of the data"), tr("Ends that are not judged."))
        add("ALPHA", tr("Alpha index"), tr("Circuits over the most that a plane network can have, 0 to 1."))
        add("BETA", tr("Beta index"), tr("Streets a node: 1 in a tree, near 2 in a grid."))
        add("GAMMA", tr("Gamma index"), tr("Streets over the most that a plane network can have, 0 to 1."))
        add("NOT_JOINED", tr("Touches and crossings without a joint"), tr("Bridges, tunnels or missing junctions."))
        add("THROUGH_MAX", tr("Busiest street"), tr("Highest share of the ways within the radius on one street."))
        add("BUSIEST_SHARE", tr("Share on the busiest tenth"), tr(
            "Share (0 to 1) of the through-movement on the busiest tenth of the street length."))
        add("CUT_THROUGHS", tr("Cut-throughs"), tr("Paths that lead from street to street; empty without paths."))
        add("BLIND_ALLEYS", tr("Blind alleys"), tr("Paths that do not; empty without paths."))
        add("BOUND_SHARE", tr("Share of street sides bounded"), tr(
            "Share (0 to 1) of the street sides with a fence or wall; empty without them."))
        add("GAP_COUNT", tr("Gaps along streets"), tr("Openings between two fences or walls on the same side."))
        add("UNIT_ENTRIES", tr("Entry points per 100 m"), tr("Of all units together; empty without units."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr("How the network connects; it can be read out."))

    def execute(self, run: Any) -> dict:
        from . import accesscontrol_measure as measuring
        from . import accesscontrol_read as reading
        from . import accesscontrol_report as reporting
        from .accesscontrol_words import Words

        data = reading.read(run)
        result = measuring.measure(run, data)
        words = Words(data, result, run)
        summary = run.tell(words)
        reporting.write(run, data, result, words)
        return {**words.numbers(), "SUMMARY": summary}
