"""Officer-initiated activity check: the hot spots with and without what officers found themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import groups, parameters
from . import enforcementcheck_help
from .findhotspots_search import HotspotSearch


class EnforcementCheck(HotspotSearch):
    """Officer-initiated activity check."""

    NAME, GROUP = "enforcementcheck", groups.HOTSPOTS
    PROACTIVE_FIELD, SOURCE_FIELD, PROACTIVE_VALUES = "PROACTIVE_FIELD", "SOURCE_FIELD", "PROACTIVE_VALUES"
    DRAWS = "DRAWS"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Officer-initiated activity check")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Which hot spots stay, vanish, appear or change rank without the records that officers began"
                       " themselves, beside what chance does.")  # fmt: skip

    def tags(self) -> list:
        return self.tr("officer-initiated,proactive,self-initiated,stop and search,drugs,feedback loop,bias,"
                       "enforcement,over-policing,fairness,hot spot,sensitivity,robustness").split(",")

    def about(self) -> str:
        return enforcementcheck_help.about(self.tr)

    def declare(self) -> None:
        p, tr, add = parameters, self.tr, self.addParameter
        add(p.points(self.INPUT, tr("Incidents"), tr(
            "Points, one an incident, with those that officers began themselves. The fields of prepared and classified"
            " incidents are found without being named.")))
        add(p.field(self.PROACTIVE_FIELD, tr("Found by officers (yes or no)"), self.INPUT, tr(
            "Field that says whether officers found the incident themselves: yes, true, 1 or no, false, 0. Empty:"
            " 'proactive' of classified incidents, unless SOURCE_FIELD is given."), kind="any", optional=True))
        add(p.field(self.SOURCE_FIELD, tr("Source field"), self.INPUT, tr(
            "How the incident became known, e.g. call, online, officer; or its type, where types tell. With it, give"
            " PROACTIVE_VALUES."), kind="any", optional=True))
        add(p.text(self.PROACTIVE_VALUES, tr("Sources that mean officers"), "", tr(
            "Values of the source field that mean that officers began the record, separated by semicolons, e.g."
            " officer; self-initiated, or of the type: Drugs; Possession of weapons."), optional=True))
        self.declare_incidents()
        self.declare_rules()
        self.declare_distance()
        add(p.integer(self.DRAWS, tr("Random removals"), 199, tr(
            "How often as many incidents are removed at random, to see what a smaller number alone does to the hot"
            " spots. 199 tell 1 in 100; more take longer."), 99, 9999))
        add(p.seed())
        add(p.output_polygons(self.OUTPUT, tr("Hot spots compared"), tr(
            "Every hot spot of all incidents, and those that appear without officers' records: what becomes of it, both"
            " ranks, numbers, officers' share, and what chance does.")))
        add(p.output_polygons(self.HOTSPOTS, tr("Hot spots without officers' records"), tr(
            "The ranked hot spots of the other incidents, with the fields of 'Find hot spots', for patrol zones.")))
        add(p.report(tr("Web page with a sentence to read out, the ranks with and without, map and tables.")))
        self._declare_numbers()

    def _declare_numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("SHARE", tr("Share found by officers"), tr(
            "Of the incidents used, 0 to 1; those not known count as reported by others."))
        add("PROACTIVE", tr("Found by officers"), tr("Number of these incidents."))
        add("UNKNOWN", tr("Not known"), tr("Incidents without a usable value; they count as reported by others."))
        add("INCIDENTS", tr("Incidents used"), tr("In the period and the study area, officers' records included."))
        add("HOTSPOTS_WITH", tr("Hot spots of all incidents"), tr("As 'Find hot spots' finds them."))
        add("HOTSPOTS_WITHOUT", tr("Hot spots without officers' records"), tr("By the same rules on the same grid."))
        add("KEPT", tr("Hot spots that stay"), tr(
            "At least half of their area lies in hot spots without officers' records, whatever their rank."))
        add("RANK_CHANGED", tr("Hot spots that change rank"), tr("Of those that stay, beyond chance."))
        add("VANISHED", tr("Hot spots that vanish"), tr("The others of all incidents."))
        add("VANISHED_LOW", tr("Vanish by chance, at least"), tr(
            "Lower end of what 95 % of random removals make vanish; no value if none was made."))
        add("VANISHED_HIGH", tr("Vanish by chance, at most"), tr("Upper end of what 95 % of random removals make"
                                                                 " vanish."))
        add("VANISHED_P", tr("Chance that as many vanish"), tr(
            "Share of random removals in which at least as many vanish."))
        add("APPEARED", tr("Hot spots that appear"), tr("Without officers' records only."))
        add("BEYOND", tr("Changed beyond chance"), tr(
            "Hot spots that vanish, appear or change rank where random removals rarely make them, and whose share of"
            " officers' records differs from elsewhere."))
        add("RANK_CORR", tr("Rank correlation"), tr(
            "Spearman's, of the hot spots that stay, between both searches; 1 is the same order. No value below 3."))
        add("TOP_KEPT", tr("First ten that stay first"), tr(
            "Of the ten first hot spots, those among the ten first without officers' records."))
        self.declare_used()
        self.add_text("SUMMARY", tr("Result in sentences"), tr(
            "Share, what stays and vanishes, what chance does, and the period; it can be read out."))

    def execute(self, run: Any) -> dict:
        from ...analysis.hotspots import enforcementcheck as analysis
        from ...analysis.hotspots import findhotspots
        from . import enforcementcheck_read as reading
        from . import enforcementcheck_report as reporting
        from . import enforcementcheck_words as wording

        incidents, made = reading.read(run)
        grid, settings = self.grid(run, incidents), self.settings(run, incidents)
        ground = findhotspots.prepare(
            incidents.x, incidents.y, incidents.area, grid, settings, run.stage(0.4, 0.45))
        result = analysis.compare(
            ground, made.made, settings, incidents.weight, draws=run.integer(self.DRAWS),
            rng=np.random.default_rng(run.integer(self.SEED)), progress=run.stage(0.45, 0.85))
        words = wording.Words(run, incidents, made, result, settings)
        words.tell()
        new = result.without.places.ordered(result.appears)
        run.write_polygons(self.OUTPUT, self.shapes(result.with_all.places) + self.shapes(new), words.columns(),
                           reporting.style())
        run.write_polygons(self.HOTSPOTS, self.shapes(result.without.places), words.columns_without(),
                           reporting.outlines())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return words.numbers()
