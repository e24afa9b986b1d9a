"""What 'Street lighting' asks for and returns."""

from __future__ import annotations

from typing import Any

from .. import parameters as p

#: Heights and lumens by words that inventories use; a judgement, stated so that it can be changed.
TYPES = ("*sport* = off; *flood* = 10 m, 15000 lm; *high*mast* = 25 m, 80000 lm; *bollard* = 1 m, 600 lm;"
         " *gas* = 3.5 m, 800 lm; *acorn* = 4.5 m, 3000 lm; *lantern* = 4.5 m, 3000 lm; *post*top* = 4.5 m, 3000 lm;"
         " *orna* = 4.5 m, 3000 lm; *pedestrian* = 4.5 m, 3000 lm; *wall* = 4 m, 2000 lm; *shoebox* = 7 m, 6000 lm;"
         " *cobra* = 8 m, 5000 lm")
CLASSES_EN = ("P1", "P2", "P3", "P4", "P5", "P6")
AUTOMATIC, LUX, FOOT_CANDLES = range(3)


def declare(tool: Any) -> None:
    """Add all parameters and outputs."""
    _lights(tool)
    _values(tool)
    _streets(tool)
    _outages(tool)
    _raster(tool)
    _outputs(tool)
    _numbers(tool)


def _lights(tool: Any) -> None:
    tr, add = tool.tr, tool.addParameter
    add(p.points(tool.INPUT, tr("Street lights"), tr(
        "A point for each light or pole, usually the city's own list.")))
    add(p.points(tool.OTHER_LIGHTS, tr("Street lights of other owners"), tr(
        "Lights of the utility, the state, the campus and so on. Without them streets that others light seem dark:"
        " in Cambridge two thirds of the streets without a light of the city had someone else's."), optional=True))
    add(p.points(tool.PARK_LIGHTS, tr("Lights of parks and paths"), tr(
        "Lower lights, of parks, paths and squares; PARK_HEIGHT and PARK_LUMENS are theirs."), optional=True))
    add(p.flag(tool.ALL_OWNERS, tr("All owners' lights are given"), False, tr(
        "Say yes only if the layers hold the lights of every owner. Streets without a light near by are then dark;"
        " otherwise they are unknown, because someone else's light may stand there.")))


def _values(tool: Any) -> None:
    tr, add = tool.tr, tool.addParameter

    def field(name: str, text: str, help: str, kind: str = "number", advanced: bool = False) -> None:
        of_all = tr("Taken from the other layers too where they have a field of this name.")
        made = p.field(name, text, tool.INPUT, f"{help} {of_all}", kind=kind, optional=True)
        add(p.advanced(made) if advanced else made)

    add(p.distance(tool.HEIGHT, tr("Mounting height"), 8.0, tr(
        "Metres of a light above the ground, where neither HEIGHT_FIELD nor its type says it. 8 m is usual in"
        " streets.")))
    add(p.number(tool.LUMENS, tr("Lumens of a lamp"), 5000.0, tr(
        "What a light sends downwards when new, where no field and no type says it. 5,000 lm is an LED that stands in"
        " for 70 to 100 W of sodium."), minimum=0.0))
    add(p.number(tool.INTENSITY, tr("Intensity in candela"), None, tr(
        "Straight down, when new; instead of LUMENS, where known."), minimum=0.0, optional=True))
    field(tool.HEIGHT_FIELD, tr("Height field"), tr("Mounting height in metres above the ground (not above the sea)."))
    field(tool.LUMENS_FIELD, tr("Lumens field"), tr("Lumens of one lamp, as the luminaire gives them."))
    field(tool.INTENSITY_FIELD, tr("Candela field"), tr("Intensity straight down; goes before lumens."))
    field(tool.WATTS_FIELD, tr("Watts field"), tr("Watts of one lamp; times LUMENS_PER_WATT gives lumens."),
          advanced=True)
    add(p.advanced(p.number(tool.LUMENS_PER_WATT, tr("Lumens per watt"), 100.0, tr(
        "Of the luminaire, for WATTS_FIELD: about 110 for LED, 70 for sodium and 60 for metal halide, after what the"
        " luminaire swallows."), minimum=1.0)))
    field(tool.LAMPS_FIELD, tr("Number of lamps field"), tr(
        "Lamps on the pole; empty counts one. Poles with 0 lamps are left out and told."))
    field(tool.TYPE_FIELD, tr("Type field"), tr("Type of the light or the pole, for the rules in TYPES."), "any")
    add(p.advanced(p.text(tool.TYPES, tr("Heights and lumens by type"), TYPES, tr(
        "Rules '*word* = height, lumens' between semicolons or lines; the first that fits the TYPE_FIELD holds; * is"
        " any letters, - leaves the default, and off is for lights that are usually off, such as those of sports"
        " grounds."), optional=True, multiline=True)))
    field(tool.LED_FIELD, tr("LED field"), tr(
        "Says yes, true, 1 or LED where the light has been changed to LED; for LED_LUMENS, and told."), "any", True)
    add(p.advanced(p.number(tool.LED_LUMENS, tr("Lumens of a LED"), None, tr(
        "Instead of LUMENS for lights that are LED by LED_FIELD. Empty: as LUMENS."), minimum=0.0, optional=True)))
    add(p.advanced(p.distance(tool.PARK_HEIGHT, tr("Height of park lights"), 5.0, tr(
        "Metres, for PARK_LIGHTS, as HEIGHT is for the others."))))
    add(p.advanced(p.number(tool.PARK_LUMENS, tr("Lumens of park lights"), 3000.0, tr(
        "For PARK_LIGHTS, as LUMENS is for the others."), minimum=0.0)))
    add(p.advanced(p.number(tool.MAINTENANCE, tr("Maintenance factor"), 0.8, tr(
        "Share of the output that is left with age and dirt; classes are about maintained light. 1 for values that"
        " have it in them."), minimum=0.1, maximum=1.0)))
    add(p.advanced(p.choice(tool.DISTRIBUTION, tr("How light spreads"), [
        tr("Evenly in all downward directions (candela = lumens / 2 pi)"),
        tr("Less to the sides, by the cosine law (candela = lumens / pi)")], 0, tr(
        "Street luminaires throw more to the sides than straight down, so evenly is nearer to them; the cosine law"
        " suits plain floodlights and panels. Neither is a measured luminaire."))))
    add(p.advanced(p.distance(tool.REACH, tr("Reach of a light"), 0.0, tr(
        "Metres beyond which a light is not counted. 0: five times its height, as EN 13201-3 has it."))))


def _streets(tool: Any) -> None:
    tr, add = tool.tr, tool.addParameter
    add(p.lines(tool.STREETS, tr("Streets"), tr(
        "Street segments to judge, along their centre line. Without them only the raster is made."), optional=True))
    add(p.field(tool.NAME_FIELD, tr("Street name field"), tool.STREETS, tr(
        "Names the streets of the dark gaps, in the layer and the report."), kind="any", optional=True))
    add(p.choice(tool.CLASS, tr("Lighting class"), classes(tr), CLASSES_EN.index("P4"), tr(
        "What a street should have: P classes of EN 13201-2 for streets with walkers and low speed; RP-8 (illuminance"
        " method of 2000, pavement R2 and R3) by kind of road and number of pedestrians.")))
    add(p.advanced(p.number(tool.CLASS_MEAN, tr("Mean of your own class"), 5.0, tr(
        "Lux, where CLASS is your own."), minimum=0.0)))
    add(p.advanced(p.number(tool.CLASS_MIN, tr("Minimum of your own class"), 1.0, tr(
        "Lux, where CLASS is your own."), minimum=0.0)))
    add(p.distance(tool.DISTANCE, tr("Distance to a light"), 30.0, tr(
        "Metres within which a light on record, working or not, makes a stretch of street known. Beyond, nobody's"
        " light is on record: unknown, or dark if all owners' lights are given.")))
    add(p.distance(tool.MIN_GAP, tr("Shortest gap"), 20.0, tr(
        "Metres; shorter gaps are not listed. Stretches that meet at a corner are one gap.")))


def classes(tr: Any) -> list[str]:
    """Return the lighting classes in words."""
    from ...analysis.cpted.lightstreets import EN_13201, RP_8

    european = [tr("EN 13201 {name}: mean {mean:g} lx, minimum {minimum:g} lx").format(
        name=c.name, mean=c.mean, minimum=c.minimum) for c in EN_13201]
    american = [tr("{name}: mean {mean:g} lx ({feet:.1f} fc), mean to minimum {ratio:g}").format(
        name=c.name, mean=c.mean, feet=c.mean * 0.3048**2, ratio=c.ratio) for c in RP_8]
    return [*european, *american, tr("Your own (CLASS_MEAN, CLASS_MIN)")]


def _outages(tool: Any) -> None:
    tr, add = tool.tr, tool.addParameter
    help_date = tr("Light by light, in the layer of the lights.")
    add(p.advanced(p.field(tool.DATE_FIELD, tr("Out since field"), tool.INPUT, tr(
        "Day on which the light went out.") + " " + help_date, kind="time", optional=True)))
    add(p.advanced(p.field(tool.END_DATE_FIELD, tr("Out until field"), tool.INPUT, tr(
        "Day of the repair; empty while it is out.") + " " + help_date, kind="time", optional=True)))
    add(p.any_source(tool.OUTAGES, tr("Outages"), tr(
        "Points or a table of reported outages with a begin and an end, found to lights by OUTAGE_ID or by the"
        " nearest light."), optional=True))
    for name, text, help, kind in (
        (tool.OUTAGE_FROM, tr("Begin of the outage"), tr("When it was reported or went out."), "time"),
        (tool.OUTAGE_TO, tr("End of the outage"), tr("When it was repaired; empty while it is out."), "time"),
        (tool.OUTAGE_ID, tr("Light of the outage"), tr("Field with the id of the light, as in ID_FIELD."), "any"),
    ):
        add(p.field(name, text, tool.OUTAGES, help, kind=kind, optional=True))
    add(p.field(tool.ID_FIELD, tr("Id of the lights"), tool.INPUT, tr(
        "Field of the lights that OUTAGE_ID speaks of."), kind="any", optional=True))
    add(p.advanced(p.distance(tool.OUTAGE_DISTANCE, tr("Distance of an outage"), 30.0, tr(
        "Metres from the point of an outage to its light. Farther ones are counted and told."))))
    add(p.advanced(p.choice(tool.OUTAGE_TAKES, tr("What an outage puts out"), [
        tr("The nearest light"), tr("All lights within the distance")], 0, tr(
        "All lights suit reports of a whole block in the dark."))))
    add(p.date(tool.AS_OF, tr("State of the night after"), tr(
        "Day for which lights are out or work. Empty: the last day on which an outage begins."), optional=True))


def _raster(tool: Any) -> None:
    tr, add = tool.tr, tool.addParameter
    add(p.areas_or_lines(tool.OBSTACLES, tr("Obstacles"), tr(
        "Buildings, walls or fences (polygons or lines) that cut off light. It takes the longer the more of them"
        " there are near each light."), optional=True))
    add(p.field(tool.OBSTACLE_FIELD, tr("Height of the obstacles"), tool.OBSTACLES, tr(
        "Metres; low ones only shade what is right behind them. Empty values cut all light."), optional=True))
    add(p.advanced(p.distance(tool.OBSTACLE_HEIGHT, tr("Height of all obstacles"), 0.0, tr(
        "Metres, where there is no field. 0: they are higher than every light and cut all of it."))))
    add(p.distance(tool.CELL_SIZE, tr("Cell size"), 5.0, tr("Side of a raster cell in metres."), minimum=0.1))
    add(p.choice(tool.UNIT, tr("Unit"), [
        tr("Lux (words in foot-candles where the agency's units are US)"), tr("Lux"), tr("Foot-candles")], 0, tr(
        "Unit of the raster, the map and the words. Fields are in lux always.")))


def _outputs(tool: Any) -> None:
    tr, add = tool.tr, tool.addParameter
    add(p.output_raster(tool.OUTPUT, tr("Light on the ground"), tr(
        "Raster of the illuminance at the centre of each cell. NoData where no light is on record within reach; 0"
        " there if all owners' lights are given.")))
    add(p.output_lines(tool.SEGMENTS, tr("Streets with light"), tr(
        "The streets with mean, minimum, uniformity, share below the class, and whether they are lit, dark or"
        " unknown."), optional=True))
    add(p.output_lines(tool.GAPS, tr("Dark gaps"), tr(
        "Stretches of street with less light than the minimum of the class, dark apart from unknown."),
        optional=True))
    add(p.report())


def _numbers(tool: Any) -> None:
    tr, add = tool.tr, tool.add_number
    add("LIGHTS", tr("Lights"), tr("Lights or poles on record that are used."))
    add("WORKING", tr("Lights that work"), tr("Lights that give light on the day: neither out nor usually off."))
    add("OUT", tr("Lights out"), tr("Lights that are out on the day."))
    add("ASSUMED_SHARE", tr("Share with assumed output"), tr(
        "Share (0 to 1) of the lights whose output comes from a type or a default and not from a field."))
    add("MAXIMUM", tr("Brightest cell"), tr("Highest value of the raster, in its unit."))
    add("OUTAGES_UNMATCHED", tr("Outages without a light"), tr(
        "Outages of the day that were found to no light; empty without outages."))
    add("SEGMENT_COUNT", tr("Street segments"), tr("Segments judged; this and what follows is empty without streets."))
    add("STREET_KM", tr("Kilometres of street"), tr("Length of all segments."))
    add("NO_LIGHT", tr("Segments without a light"), tr("Segments with no light on record within DISTANCE of them."))
    add("NO_LIGHT_SHARE", tr("Share without a light"), tr(
        "Share (0 to 1) of the street length with no light on record within DISTANCE, parts of segments counted."))
    add("UNKNOWN", tr("Unknown segments"), tr("Segments of which no light is known, and not all owners are given."))
    add("DARK", tr("Dark segments"), tr("Segments known to have no working light within DISTANCE."))
    add("MEAN_LUX", tr("Mean light in lux"), tr("Mean over the known length of all streets."))
    add("BELOW_SHARE", tr("Share below the class"), tr(
        "Share (0 to 1) of the known length with less than the minimum of the class."))
    add("MEETING", tr("Segments that meet the class"), tr("Segments with both the mean and the minimum of the class."))
    add("MEETING_SHARE", tr("Share that meets the class"), tr("Their share (0 to 1) of the length of all streets."))
    add("GAP_COUNT", tr("Number of dark gaps"), tr("Gaps of MIN_GAP or more that are known to be dark."))
    add("GAP_KM", tr("Kilometres of dark gaps"), tr("Length of all these gaps."))
    add("LONGEST_GAP", tr("Longest dark gap"), tr("Metres; the stretches of it that meet at corners together."))
    add("UNKNOWN_KM", tr("Kilometres unknown"), tr(
        "Length of street with no light on record within DISTANCE; 0 if all owners' lights are given."))
    tool.add_text("AS_OF_USED", tr("Day used"), tr("Day whose night is shown; empty without outages."))
    tool.add_text("SUMMARY", tr("Result in sentences"), tr("What was found, in words that can be read out."))
