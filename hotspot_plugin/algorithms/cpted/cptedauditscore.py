"""Score CPTED audit: marks of auditors by place, how far they agree, and fields for the CPTED score."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .cptedauditscore_help import about


class CptedAuditScore(HotspotAlgorithm):
    """Score CPTED audit."""

    NAME, GROUP = "cptedauditscore", groups.CPTED
    INPUT, PLACES, NAME_FIELD, ID_FIELD, DISTANCE = "INPUT", "PLACES", "NAME_FIELD", "ID_FIELD", "DISTANCE"
    PLACE_FIELD, AUDITOR_FIELD, VISIT_FIELD, DATE_FIELD = "PLACE_FIELD", "AUDITOR_FIELD", "VISIT_FIELD", "DATE_FIELD"
    FROM_DATE, TO_DATE, FORM_FILE = "FROM_DATE", "TO_DATE", "FORM_FILE"
    AUDITOR_WEIGHTS, MIN_KAPPA, MIN_PAIRS = "AUDITOR_WEIGHTS", "MIN_KAPPA", "MIN_PAIRS"
    MIN_SEEN, ALLOW_INCOMPLETE, SEED = "MIN_SEEN", "ALLOW_INCOMPLETE", "SEED"
    OUTPUT, AGREEMENT, REPORT = "OUTPUT", "AGREEMENT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Score CPTED audit")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Turns visits of auditors into marks and scores of places, and says how far the auditors agree.")

    def tags(self) -> list:
        return self.tr("cpted,audit,safety audit,checklist,kappa,inter-rater reliability,agreement,auditors,qfield,"
                       "score,field work").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Audits"), tr(
            "The layer audits of 'Create CPTED audit form', or a table with a row for each visit and a field for each"
            " item: 0, 1, 2, 8 not applicable, 9 not seen.")))
        self.addParameter(p.shapes(self.PLACES, tr("Places"), tr(
            "The layer places of the audit file, or the streets, areas or points that were audited. Empty: points amid"
            " the visits of each place."), True))
        self.addParameter(p.date(self.FROM_DATE, tr("First day"), tr(
            "Only visits from this day on. Empty: all."), True))
        self.addParameter(p.date(self.TO_DATE, tr("Last day"), tr(
            "Only visits up to this day. Empty: all."), True))
        self.addParameter(p.number(self.MIN_KAPPA, tr("Least agreement"), 0.6, tr(
            "Items on which auditors agree less (quadratic kappa) are dropped; -1 drops none."), -1.0, 1.0))
        self.addParameter(p.flag(self.ALLOW_INCOMPLETE, tr("Score places not visited by day and by night"), False, tr(
            "Give the overall score to places with visits by day or by night only as well.")))
        self._advanced()
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Audited places"), tr(
            "The places with a field for each item (0 to 2), aud_score, aud_cl, s_surv, s_acc, s_terr, s_main, s_act,"
            " weakest, seen_sh, visits_st, n_visits, n_auditor, who_uses and pushed_out.")))
        self.addParameter(p.output_table(self.AGREEMENT, tr("Agreement of auditors"), tr(
            "A row for each item over all auditors, and for each two of them: pairs, share alike, kappa with interval,"
            " and whether the item is used."), optional=True))
        self.addParameter(p.report())
        self._numbers()

    def _advanced(self) -> None:
        p, tr = parameters, self.tr
        for parameter in (
            p.text(self.AUDITOR_WEIGHTS, tr("Weights of auditors"), "", tr(
                "How much an auditor counts, such as K01 = 2; K02 = 1. Those not named count 1."), optional=True,
                multiline=True),
            p.integer(self.MIN_PAIRS, tr("Least pairs of marks"), 10, tr(
                "Pairs of marks below which agreement on an item is not tested."), 2),
            p.number(self.MIN_SEEN, tr("Least share seen"), 0.6, tr(
                "Share (0 to 1) of the items that apply which must be seen for an overall score."), 0.01, 1.0),
            p.file(self.FORM_FILE, tr("Form file"), tr(
                "The CSV file of a form of your own, which says what principle an item speaks for. Empty: the forms"
                " that come with the plugin."), tr("Text tables (*.csv *.tsv *.txt)"), optional=True),
            p.distance(self.DISTANCE, tr("Distance to the place"), 50.0, tr(
                "Metres within which a visit without a known place_id belongs to the nearest place.")),
            p.field(self.NAME_FIELD, tr("Name of the places"), self.PLACES, tr(
                "Field that names the places in the report. Empty: name, if there is one, else their key."), "any",
                True),
            p.field(self.ID_FIELD, tr("Key of the places"), self.PLACES, tr(
                "Field of the places that place_id of the audits refers to. Empty: place_id."), "any", True),
            p.field(self.PLACE_FIELD, tr("Place of the visit"), self.INPUT, tr(
                "Field with the key of the place. Empty: place_id."), "any", True),
            p.field(self.AUDITOR_FIELD, tr("Auditor"), self.INPUT, tr(
                "Field with the code of the auditor. Empty: auditor."), "any", True),
            p.field(self.VISIT_FIELD, tr("Day or night"), self.INPUT, tr(
                "Field with day or night. Empty: visit."), "any", True),
            p.field(self.DATE_FIELD, tr("Time of the visit"), self.INPUT, tr(
                "Field with day and time of the visit. Empty: visited."), "time", True),
            p.seed(),
        ):
            self.addParameter(p.advanced(parameter))

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("VISITS_READ", tr("Visits read"), tr("Rows of the audits."))
        add("VISITS_USED", tr("Visits used"), tr("Visits that count: known place, auditor, day or night, and newest."))
        add("PLACES_ALL", tr("Number of places"), tr("Rows of the result."))
        add("AUDITED", tr("Places audited"), tr("Places with at least one visit."))
        add("COMPLETE", tr("Complete audits"), tr("Places visited by day and by night."))
        add("SCORED", tr("Places scored"), tr("Places with an overall score."))
        add("MEAN_SCORE", tr("Mean score"), tr("Of the places scored, 0 to 100."))
        add("AUDITOR_COUNT", tr("Number of auditors"), tr("Auditors whose visits count."))
        add("DOUBLE", tr("Places audited by two"), tr("Places that two auditors judged, both by day or both by night."))
        add("ITEMS", tr("Number of items"), tr("Items of the form found in the audits."))
        add("DROPPED", tr("Items dropped"), tr("Items on which auditors agree too little."))
        add("NOT_TESTED", tr("Items not tested"), tr("Items with too few pairs, or with one and the same mark."))
        add("MEAN_KAPPA", tr("Mean agreement"), tr("Mean quadratic kappa of the items tested."))
        self.add_text("DROPPED_ITEMS", tr("Names of items dropped"), tr("Their field names, separated by commas."))
        self.add_text("SUMMARY", tr("Summary"), tr("Sentences to read out."))

    def execute(self, run: Any) -> dict:
        from . import cptedauditscore_read as reading
        from . import cptedauditscore_report as reporting
        from .cptedauditscore_score import score
        from .cptedauditscore_words import Words

        data = reading.read(run)
        words = Words(run, data, score(run, data))
        summary = run.tell(words)
        if data.layer is not None:
            run.write_areas(self.OUTPUT, data.layer, words.columns(), style=reporting.style())
        else:
            run.write_points(self.OUTPUT, data.x, data.y, words.columns(), style=reporting.style())
        if run.wants(self.AGREEMENT):
            run.write_table(self.AGREEMENT, words.agreement_table())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
