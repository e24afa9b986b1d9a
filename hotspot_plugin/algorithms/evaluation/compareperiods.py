"""Compare two periods by area: what changed, and whether it is more than chance."""

from __future__ import annotations

from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import compareperiods_help, design_parameters


class ComparePeriods(HotspotAlgorithm):
    """Compare two periods by area."""

    NAME, GROUP = "compareperiods", groups.EVALUATION
    INCIDENTS, AREAS, UNLOCATED = "INCIDENTS", "AREAS", "UNLOCATED"
    AFTER_INCIDENTS, AFTER_UNLOCATED = "AFTER_INCIDENTS", "AFTER_UNLOCATED"
    DATE_FIELD, TYPE_FIELD, NAME_FIELD = "DATE_FIELD", "TYPE_FIELD", "NAME_FIELD"
    BEFORE_START, BEFORE_END, AFTER_START, AFTER_END = "BEFORE_START", "BEFORE_END", "AFTER_START", "AFTER_END"
    PRESET, AS_OF, FISCAL_START, DAY_START = "PRESET", "AS_OF", "FISCAL_START", "DAY_START"
    SELECTED_ON, NOTES, OUTPUT, REPORT = "SELECTED_ON", "NOTES", "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Compare two periods by area")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("What changed between two periods, by area and type, and whether it is more than chance.")

    def tags(self) -> list:
        return self.tr("compare,percent change,compstat,before after,increase,decrease,poisson,e-test,trend,"
                       "evaluation,year to date").split(",")

    def about(self) -> str:
        return compareperiods_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Incidents of both periods, or of the earlier one where the later has a layer of its own. Rows without a"
            " place count for the whole, not for areas.")))
        self.addParameter(p.from_agency(p.areas(self.AREAS, tr("Areas"), tr(
            "Beats, wards, grid cells, hot spots or patrol zones. Where areas overlap, an incident goes to the first"
            " one only.")), "beats_layer"))
        design_parameters.periods(self)
        self.addParameter(p.any_source(self.UNLOCATED, tr("Unlocated incidents"), tr(
            "Table of the incidents without a place, as 'Prepare incident data' leaves it. Without it a change in"
            " geocoding cannot be told from a change in crime."), optional=True))
        self.addParameter(p.points(self.AFTER_INCIDENTS, tr("Incidents of the later period"), tr(
            "Where the later period has a layer of its own, with the same fields. Then only the earlier period is"
            " counted in the first layer."), optional=True))
        self.addParameter(p.any_source(self.AFTER_UNLOCATED, tr("Unlocated incidents of the later period"), tr(
            "Table of the unlocated incidents that belongs to the layer of the later period."), optional=True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When the incident happened. Empty: dt_from of prepared incidents."), kind="time", optional=True))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INCIDENTS, tr(
            "Type of incident, to say which types make the change. Empty: ctype of prepared incidents, if there."),
            kind="any", optional=True))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas in the report. Empty: name, cell_id, zone_id or rank if there is one, else"
            " their number in the layer."), kind="any", optional=True), "beats_field"))
        self.addParameter(p.choice(self.SELECTED_ON, tr("How the areas were chosen"), [
            tr("As the layer's own record says, if it has one"), tr("Not by their incidents (beats, wards, a grid)"),
            tr("For their many incidents in the earlier period"), tr("For their many incidents at another time")],
            0, tr("Areas chosen for a high count have a lower one later by chance alone (regression to the mean). The"
                  " report then says what was to be expected.")))
        self.addParameter(p.text(self.NOTES, tr("Known changes in recording"), "", tr(
            "New systems, rules or reporting ways between the periods, e.g. 'stalking counted since April 2018'."
            " Printed in the report and added to the sentence."), optional=True, multiline=True))
        self.addParameter(p.output_polygons(self.OUTPUT, tr("Compared areas"), tr(
            "The areas with CUR_CNT, PREV_CNT, DIFF_CNT, PERC, its interval, rates, the expected count, z, p, q and"
            " the class in words.")))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("BEFORE", tr("Incidents before"), tr("All records of the earlier period, with and without a place.")),
            ("AFTER", tr("Incidents after"), tr("All records of the later period, with and without a place.")),
            ("CHANGE", tr("Change"), tr("Later minus earlier count, as counted.")),
            ("PERC", tr("Change in per cent"), tr("Of the records a day; empty where there were none before.")),
            ("LOW", tr("Change in per cent, lower end"), tr("Lower end of the exact 95 % interval of PERC.")),
            ("HIGH", tr("Change in per cent, upper end"), tr("Upper end of the exact 95 % interval of PERC.")),
            ("P_VALUE", tr("Probability by chance"), tr("Exact two-sided p-value (E-test) of the change as a whole.")),
            ("LOCATED_BEFORE", tr("Located share before"), tr("Share (0 to 1) of the earlier records with a place.")),
            ("LOCATED_AFTER", tr("Located share after"), tr("Share (0 to 1) of the later records with a place.")),
            ("LOCATED_PERC", tr("Change of located in per cent"), tr("PERC for the records with a place only.")),
            ("AREAS_BEFORE", tr("In the areas before"), tr("Incidents of the earlier period inside the areas.")),
            ("AREAS_AFTER", tr("In the areas after"), tr("Incidents of the later period inside the areas.")),
            ("AREAS_PERC", tr("Change in the areas in per cent"), tr("PERC for the incidents inside the areas.")),
            ("AREAS_EXPECTED", tr("To be expected in the areas"), tr(
                "Later incidents in the areas to be expected had nothing changed: at the earlier rate, for areas chosen"
                " for their many incidents moved towards the mean.")),
            ("AREAS_P", tr("Probability of the change in the areas"), tr(
                "Two-sided p-value for the areas together; for areas chosen for their many incidents after allowing"
                " for regression to the mean.")),
            ("OUTSIDE", tr("Outside the areas"), tr("Located incidents of both periods that lie in no area.")),
            ("MORE_COUNT", tr("Areas with more"), tr("Areas of the class 'more'.")),
            ("FEWER_COUNT", tr("Areas with fewer"), tr("Areas of the class 'fewer'.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Sentence to read out"), tr(
            "The result in sentences: what was recorded, the periods, the interval or that it could be chance, and"
            " the types that make the change."))

    def execute(self, run) -> dict:
        from . import compareperiods_read as comparison
        from . import compareperiods_report as comparereport  # they import scipy
        from . import compareperiods_words as comparewords

        data = comparison.read(run)
        result = comparison.compare(run, data)
        words = comparewords.Words(data, result)
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, data.areas, result.columns(words.class_names()), self._style(words.class_names()))
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, comparereport.build(run, data, result, words))
        return {**result.numbers(data), "SUMMARY": summary}

    def _style(self, names: dict) -> styling.Style:
        colours = {2: styling.HOT_99, 1: styling.HOT_90, 0: styling.GREY, -1: styling.COLD_90, -2: styling.COLD_99}
        return styling.categories(
            self.tr("Change between two periods"), fields.CHG_CODE,
            [(code, colour, names[code]) for code, colour in colours.items()], other=("#ffffff", names[None]),
        )
