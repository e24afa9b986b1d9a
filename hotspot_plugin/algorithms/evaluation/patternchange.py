"""Test change in spatial pattern: which areas gained or lost a share of the incidents (SPPT)."""

from __future__ import annotations

from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import design_parameters, patternchange_help


class PatternChange(HotspotAlgorithm):
    """Test change in spatial pattern (SPPT)."""

    NAME, GROUP = "patternchange", groups.EVALUATION
    AREAS, INCIDENTS, UNLOCATED = "AREAS", "INCIDENTS", "UNLOCATED"
    AFTER_INCIDENTS, AFTER_UNLOCATED = "AFTER_INCIDENTS", "AFTER_UNLOCATED"
    BEFORE_FIELD, AFTER_FIELD, NAME_FIELD = "BEFORE_FIELD", "AFTER_FIELD", "NAME_FIELD"
    DATE_FIELD, TYPE_FIELD, METHOD, DRAWS, SEED = "DATE_FIELD", "TYPE_FIELD", "METHOD", "DRAWS", "SEED"
    BEFORE_START, BEFORE_END, AFTER_START, AFTER_END = "BEFORE_START", "BEFORE_END", "AFTER_START", "AFTER_END"
    PRESET, AS_OF, FISCAL_START, DAY_START = "PRESET", "AS_OF", "FISCAL_START", "DAY_START"
    OUTPUT, REPORT = "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Test change in spatial pattern (SPPT)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Which areas gained or lost a share of the incidents, and how alike two patterns are (S).")

    def tags(self) -> list:
        return self.tr("sppt,andresen,similarity,s index,proportion,share,displacement,point pattern,stability,"
                       "concentration,crime and place,evaluation").split(",")

    def about(self) -> str:
        return patternchange_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.from_agency(p.areas(self.AREAS, tr("Areas"), tr(
            "Beats, wards, blocks or grid cells that cover the whole place. Where areas overlap, an incident goes to"
            " the first one only.")), "beats_layer"))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Incidents of both periods, or of the earlier one where the later has a layer of its own. Leave it empty"
            " where the areas have the counts in fields."), optional=True))
        self.addParameter(p.field(self.BEFORE_FIELD, tr("Earlier counts"), self.AREAS, tr(
            "Field of the areas with the number of incidents of the earlier period, or of the first kind. Only without"
            " an incident layer."), optional=True))
        self.addParameter(p.field(self.AFTER_FIELD, tr("Later counts"), self.AREAS, tr(
            "Field of the areas with the number of incidents of the later period, or of the second kind."),
            optional=True))
        design_parameters.periods(self, tr("Needed with incidents and 'The four dates below', else empty."))
        self.addParameter(p.points(self.AFTER_INCIDENTS, tr("Incidents of the later period"), tr(
            "Where the later period has a layer of its own, with the same fields."), optional=True))
        self.addParameter(p.any_source(self.UNLOCATED, tr("Unlocated incidents"), tr(
            "Table of the incidents without a place: they belong to no area, and where their share changes the pattern"
            " may seem to."), optional=True))
        self.addParameter(p.any_source(self.AFTER_UNLOCATED, tr("Unlocated incidents of the later period"), tr(
            "Table of the unlocated incidents that belongs to the layer of the later period."), optional=True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INCIDENTS, tr(
            "Type of incident, to see which types changed their pattern. Empty: ctype of prepared incidents, if"
            " there."), kind="any", optional=True))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas in the report. Empty: name, cell_id, zone_id or rank if there is one, else"
            " their number in the layer."), kind="any", optional=True), "beats_field"))
        self.addParameter(p.choice(self.METHOD, tr("How an area is judged"), [
            tr("Chi-square x (N - 1) / N; Fisher's exact test where an expected number is below 1"),
            tr("Chi-square x (N - 1) / N everywhere"), tr("Chi-square"), tr("Chi-square with Yates' correction"),
            tr("Fisher's exact test"), tr("Resampling of the later incidents (Andresen's first form)")],
            0, tr("The first is right for small and large numbers. The last is the oldest; it depends on which period"
                  " is called the earlier one, and knows no p-values.")))
        self.addParameter(p.advanced(p.integer(self.DRAWS, tr("Draws of chance"), 999, tr(
            "How often the incidents are parted between the periods at random, to see what chance does to S."),
            minimum=99, maximum=9999)))
        self.addParameter(p.seed())
        self.addParameter(p.output_polygons(self.OUTPUT, tr("Areas with their change of share"), tr(
            "The areas with counts and shares of both periods, the difference with its interval, p, q and class.")))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("BEFORE", tr("Incidents before"), tr("Of the earlier period, inside the areas.")),
            ("AFTER", tr("Incidents after"), tr("Of the later period, inside the areas.")),
            ("OUTSIDE", tr("Outside the areas"), tr("Located incidents of both periods that lie in no area.")),
            ("UNPLACED", tr("Without a place"), tr("Incidents of both periods without a place.")),
            ("USED", tr("Areas"), tr("Areas that are compared.")),
            ("EMPTY_COUNT", tr("Areas without incidents"), tr("Areas with no incident in either period.")),
            ("GAINED_COUNT", tr("Areas that gained"), tr("Areas whose share rose by more than chance makes.")),
            ("LOST_COUNT", tr("Areas that lost"), tr("Areas whose share fell by more than chance makes.")),
            ("S", tr("S (global)"), tr("Share of all areas that are similar, 0 to 1.")),
            ("S_ROBUST", tr("S (robust)"), tr("The same among areas with an incident in either period.")),
            ("S_GENERAL", tr("S (generalised)"), tr(
                "Similar areas with incidents over the least of both totals and of the areas with incidents.")),
            ("S_CHANCE", tr("S (robust) by chance"), tr(
                "Mean of the robust S with nothing but chance between the periods.")),
            ("S_CHANCE_LOW", tr("S (robust) by chance, lower end"), tr("Lower end of its middle 95 %.")),
            ("S_CHANCE_HIGH", tr("S (robust) by chance, upper end"), tr("Upper end of its middle 95 %.")),
            ("P_VALUE", tr("Probability by chance"), tr(
                "Of differences between the patterns as a whole as large as these, with no change at all.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr("The result in sentences."))

    def execute(self, run) -> dict:
        from . import patternchange_read as reading
        from . import patternchange_report as reporting
        from . import patternchange_words as wording  # they import scipy

        data = reading.read(run)
        result = reading.compare(run, data)
        words = wording.Words(data, result)
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, data.areas, words.columns(), self._style(words.class_names()))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, data, result, words))
        return {**words.numbers(), "SUMMARY": summary}

    def _style(self, names: dict) -> styling.Style:
        colours = {1: styling.HOT_99, 0: styling.GREY, -1: styling.COLD_99}
        # a sign in each changed area: the result does not rest on colour alone
        sign = f"CASE WHEN \"{fields.LOCAL_S}\" > 0 THEN '+' WHEN \"{fields.LOCAL_S}\" < 0 THEN '−' END"
        entries = [(code, colour, names[code]) for code, colour in colours.items()]
        return styling.categories(
            self.tr("Change of share"), fields.LOCAL_S, entries, other=("#ffffff", names[None]), text=sign)
