"""Compare two CPTED scores: what improved between two scorings of the same places."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import groups, parameters
from ..base import HotspotAlgorithm


class CptedCompare(HotspotAlgorithm):
    """Compare two CPTED scores."""

    NAME, GROUP = "cptedcompare", groups.CPTED
    BEFORE, AFTER, ID_FIELD, ID_FIELD_AFTER = "BEFORE", "INPUT", "ID_FIELD", "ID_FIELD_AFTER"
    DISTANCE, LEAST = "DISTANCE", "LEAST"
    DONE, DONE_FIELD, DONE_DISTANCE = "DONE", "DONE_FIELD", "DONE_DISTANCE"
    PHOTO_BEFORE, PHOTO_AFTER, NOTE_BEFORE, NOTE_AFTER = "PHOTO_BEFORE", "PHOTO_AFTER", "NOTE_BEFORE", "NOTE_AFTER"
    OUTPUT, TABLE_OUT, REPORT = "OUTPUT", "TABLE_OUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Compare two CPTED scores")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("What improved between two scorings of the same places, beyond what other weights could make.")

    def tags(self) -> list:
        return self.tr("cpted,compare,before and after,change,improvement,score,photos,evaluation,"
                       "monitoring").split(",")

    def about(self) -> str:
        return self.tr(
            "<p>Two scorings of the same places by 'Score CPTED': what improved and what got worse, by principle, with"
            " what was done there and photos or notes of before and after.</p>"
            "<p><b>Same places.</b> By a field that names them (ID_FIELD), else by where they are: areas that share at"
            " least half of their ground, lines that run along one another for at least half of their length within"
            " DISTANCE, points within DISTANCE; each must be the other's best. Places of one scoring only are counted"
            " and listed.</p>"
            "<p><b>What counts as better.</b> The score rises by at least LEAST points, and either the rank intervals"
            " (need_low to need_high: the ranks that other weights would give) of before and after lie apart, or no"
            " principle fell. With the same weights both times the change of an arithmetic score lies between the"
            " smallest and the largest change of a principle (chg_low, chg_high), so that then no weights of the"
            " principles could make it a loss. What rises by as much without either is 'perhaps better'. Ranks are"
            " compared as shares of the places scored, and only where 95 % of the places are in both scorings: a place"
            " falls in rank too when all others improve.</p>"
            "<p><b>Not comparable</b> is a place that was not scored both times, where a principle was measured only"
            " once, or where the share measured differs by more than 10 %: other indicators were measured, and their"
            " scores are of different things. Keep one profile for all scorings that you compare.</p>"
            "<p><b>Means</b> come with Student's interval, differences with Welch's; they take places for independent"
            " samples of such places, which neighbours are not quite: true intervals are wider.</p>"
            "<p><b>Fields.</b> score_bef, score_aft, chg, chg_low, chg_high, d_surv, d_acc, d_terr, d_main, d_act,"
            " rank_move, verd_code, verdict, meas_bef, meas_aft, done, photo_bef, photo_aft, note_bef, note_aft.</p>"
            "<p><b>What this cannot say.</b> That a measure caused the change, that crime or fear changed, or what"
            " people lost; compare crime with 'Compare two periods by area' beside places without measures. Places that"
            " were chosen for their low scores rise somewhat by themselves where measuring is uncertain.</p>")

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.shapes(self.AFTER, tr("Scored places, after"), tr(
            "The later scoring, with the same profile.")))
        self.addParameter(p.shapes(self.BEFORE, tr("Scored places, before"), tr(
            "The earlier scoring, by 'Score CPTED'.")))
        self.addParameter(p.field(self.ID_FIELD, tr("Place field, before"), self.BEFORE, tr(
            "Field that names each place once. Empty: places are matched by where they are."), "any", True))
        self.addParameter(p.field(self.ID_FIELD_AFTER, tr("Place field, after"), self.AFTER, tr(
            "The same in the later layer. Empty: the field of the same name."), "any", True))
        self.addParameter(p.shapes(self.DONE, tr("What was done"), tr(
            "Measures carried out between the two scorings, e.g. from the activity log."), optional=True))
        self.addParameter(p.field(self.DONE_FIELD, tr("Measure field"), self.DONE, tr(
            "Field that says what was done. Empty: measure, if there is such a field."), "any", True))
        for name, text, of in ((self.PHOTO_BEFORE, tr("Photo before"), self.BEFORE),
                               (self.PHOTO_AFTER, tr("Photo after"), self.AFTER),
                               (self.NOTE_BEFORE, tr("Note before"), self.BEFORE),
                               (self.NOTE_AFTER, tr("Note after"), self.AFTER)):
            self.addParameter(p.advanced(p.field(name, text, of, tr(
                "Field that is carried into the result and the report."), "any", True)))
        self.addParameter(p.advanced(p.number(self.LEAST, tr("Least change"), 5.0, tr(
            "Points of the score (0 to 100) below which a change is none."), 0.1, 100.0)))
        self.addParameter(p.advanced(p.distance(self.DISTANCE, tr("Distance between the same places"), 10.0, tr(
            "Metres within which points, or lines along one another, are the same place."))))
        self.addParameter(p.advanced(p.distance(self.DONE_DISTANCE, tr("Distance to what was done"), 25.0, tr(
            "Metres from a place within which something done counts as there."))))
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Compared places"), tr(
            "The places of the later scoring with what changed.")))
        self.addParameter(p.output_table(self.TABLE_OUT, tr("All places"), tr(
            "A row for each place of either scoring, matched or not."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _numbers(self) -> None:
        tr = self.tr
        for name, text, help in (
            ("MATCHED", tr("Places in both"), tr("Places that are in both scorings.")),
            ("ONLY_BEFORE", tr("Only before"), tr("Places of the earlier scoring alone.")),
            ("ONLY_AFTER", tr("Only after"), tr("Places of the later scoring alone.")),
            ("BETTER", tr("Better"), tr("Beyond what other weights could make.")),
            ("PERHAPS_BETTER", tr("Perhaps better"), tr("Higher, but perhaps not with other weights.")),
            ("SAME", tr("No clear change"), tr("Changed by less than LEAST.")),
            ("PERHAPS_WORSE", tr("Perhaps worse"), tr("Lower, but perhaps not with other weights.")),
            ("WORSE", tr("Worse"), tr("Beyond what other weights could make.")),
            ("NOT_COMPARABLE", tr("Not comparable"), tr("Not scored both times, or other things were measured.")),
            ("MEAN_CHANGE", tr("Mean change"), tr("In points, of the places compared.")),
            ("MEAN_LOW", tr("Mean change, lower end"), tr("Of the 95 % interval.")),
            ("MEAN_HIGH", tr("Mean change, upper end"), tr("Of the 95 % interval.")),
            ("DONE_DIFFERENCE", tr("Change where something was done"), tr(
                "Points more than elsewhere; empty without DONE.")),
        ):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Summary"), tr("Sentences to read out."))

    def execute(self, run: Any) -> dict:
        from ...analysis.cpted import cptedcompare as analysis
        from . import cptedcompare_read as reading
        from . import cptedcompare_report as reporting
        from .cptedcompare_words import Words

        data = reading.read(run)
        least = run.number(self.LEAST)
        before, after = data.before.scoring, data.after.scoring
        # a place without a partner is compared with nothing
        partner = analysis.Scoring(*(_taken(v, data.first) for v in (
            before.overall, before.principles, before.measured, before.low, before.high)))
        change = analysis.compare(partner, after, least, data.use_ranks)
        run.progress(0.75)
        words = Words(data, change, least)
        summary = run.tell(words)
        run.write_areas(self.OUTPUT, data.after.units, words.columns(), style=reporting.style())
        if run.wants(self.TABLE_OUT):
            run.write_table(self.TABLE_OUT, words.table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}


def _taken(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    out = np.full((len(first), *values.shape[1:]), np.nan)
    out[first >= 0] = values[first[first >= 0]]
    return out
