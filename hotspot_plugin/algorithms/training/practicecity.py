"""Create practice data: a made-up town whose truth is known."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .practicecity_help import about

#: incidents a year by SIZE; the last is INCIDENTS_YEAR
SIZES = (150, 2_500, 20_000, 150_000, 2_000_000)


class PracticeCity(HotspotAlgorithm):
    """Create practice data."""

    NAME, GROUP = "practicecity", groups.TRAINING
    SIZE, INCIDENTS_YEAR, YEARS, START, SEED = "SIZE", "INCIDENTS_YEAR", "YEARS", "START", "SEED"
    EFFECT, DISPLACED, TREND, CRS, CENTRE = "EFFECT", "DISPLACED", "TREND", "CRS", "CENTRE"
    DIRTY, OUTPUT, DIRTY_CSV, REPORT, LOAD = "DIRTY", "OUTPUT", "DIRTY_CSV", "REPORT", "LOAD"
    #: output: layer of the GeoPackage
    LAYERS = {"INCIDENTS": "incidents", "BEATS": "beats", "STREETS": "streets", "LIGHTS": "lights",
              "POPULATION": "population", "BOUNDARY": "boundary", "REPORTS": "reports", "SURVEY": "survey",
              "TRUTH": "truth", "TRUTH_PLACES": "truth_places", "EXPORT": "export"}

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Create practice data")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Makes a town that does not exist, with incidents, residents' reports and an intervention, and"
                       " writes down every truth that was planted.")

    def tags(self) -> list:
        return self.tr("practice,training,exercise,learn,example,sample,demo,synthetic,simulation,simulate,test data,"
                       "benchmark,truth,city,town,village,teach,workshop").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr, add = parameters, self.tr, self.addParameter
        add(p.choice(self.SIZE, tr("Size of the town"), [
            tr("Village (150 incidents a year)"), tr("Small town (2,500)"), tr("City (20,000)"),
            tr("Big city (150,000)"), tr("Metropolis (2 million)"), tr("By the number of incidents a year")], 1, tr(
                "How many incidents are recorded a year; residents, streets and hot spots follow from it.")))
        add(p.integer(self.INCIDENTS_YEAR, tr("Incidents a year"), 5000, tr(
            "Where the size is chosen by it: 100 to 2,500,000."), 100, 2_500_000))
        add(p.integer(self.YEARS, tr("Years"), 2, tr(
            "Length of the data. The intervention begins with the last year; of a single year with its day 184."), 1,
            10))
        add(p.date(self.START, tr("First day"), tr("Empty: 2023-01-01."), True))
        add(p.seed())
        add(p.flag(self.DIRTY, tr("Make the dirty export too"), True, tr(
            "The same incidents as a records system would give them away, with faults, as the table export.")))
        add(p.advanced(p.number(self.EFFECT, tr("Effect of the intervention"), 0.6, tr(
            "What the rate of the types that it works on is multiplied by in the treated hot spots: 0.6 prevents 40 %;"
            " 1 has no effect."), 0.05, 1.0)))
        add(p.advanced(p.number(self.DISPLACED, tr("Displacement"), 0.25, tr(
            "Share (0 to 1) of what is prevented that happens in a ring of 150 m around instead."), 0.0, 1.0)))
        add(p.advanced(p.number(self.TREND, tr("Trend a year"), 0.0, tr(
            "Change of all rates a year, as a share: 0.05 is 5 % more each year."), -0.5, 0.5)))
        add(p.advanced(p.crs(self.CRS, tr("Coordinate system"), tr(
            "A projected system in metres with an EPSG number. Empty: EPSG:32631, whose middle lies in the sea."),
            True)))
        add(p.advanced(p.text(self.CENTRE, tr("Middle of the town"), "500000, 100000", tr(
            "Easting and northing in that system. The usual one lies in the Gulf of Guinea, 600 km from the coast, so"
            " that"
            " the town is nowhere."))))
        add(p.advanced(p.flag(self.LOAD, tr("Open the layers afterwards"), True, tr(
            "Adds the main layers to the project, where one is open."))))
        add(p.output_file(self.OUTPUT, tr("Practice data"), tr(
            "GeoPackage with all layers, their looks, and a project. An existing file is not replaced."),
            tr("GeoPackages (*.gpkg)"), False))
        add(p.output_file(self.DIRTY_CSV, tr("Dirty export as a text table"), tr(
            "The dirty export as a CSV file with semicolons, decimal commas and an old code page, as exports are."),
            tr("Text tables (*.csv)")))
        add(p.report(tr("Welcome page (HTML): map, exercises, and where the answers are.")))
        self._numbers()

    def _numbers(self) -> None:
        from qgis.core import QgsProcessingOutputVectorLayer

        tr = self.tr
        for name, layer in self.LAYERS.items():
            self.addOutput(QgsProcessingOutputVectorLayer(f"{name}_LAYER", tr("Layer {name}").format(name=layer)))
            self.output_help[f"{name}_LAYER"] = tr("Layer {name} of the GeoPackage, for the next step of a"
                                                   " model.").format(
                name=layer)
        for name, text, help in (
            ("COUNT", tr("Incidents"), tr("Incidents recorded in the whole period.")),
            ("RESIDENTS", tr("Residents"), tr("Residents of the town.")),
            ("HOT_SPOTS", tr("Hot spots planted"), tr("Details in the table truth.")),
            ("TREATED", tr("Hot spots treated"), tr("Hot spots in which the intervention works.")),
            ("NEAR_REPEATS", tr("Near repeats planted"), tr("Burglaries that followed another one.")),
            ("PREVENTED", tr("Incidents prevented"), tr("By the intervention, those that moved next door included.")),
            ("MOVED", tr("Incidents moved next door"), tr("Of those prevented.")),
            ("STATEMENTS", tr("Reports of residents"), tr("Rows of the layer reports.")),
            ("EXPORT_ROWS", tr("Rows of the dirty export"), tr("0 where none was made.")),
            ("TRUTHS", tr("Truths"), tr("Rows of the table truth.")),
        ):
            self.add_number(name, text, help)
        self.add_text("INTERVENTION", tr("First day of the intervention"), tr("Written as 2024-01-01."))
        self.add_text("DIGEST", tr("Digest"), tr(
            "Fingerprint of the numbers: the same seed and settings give the same one on every version of QGIS."))
        self.add_text("SUMMARY", tr("Summary"), tr("A sentence to read out."))

    def execute(self, run: Any) -> dict:
        from . import practicecity_make as making
        from . import practicecity_report as reporting

        run.progress(0.0)
        made = making.make(run)
        making.write(run, made)
        words = reporting.Words(run, made)
        summary = run.tell(words)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, made, summary))
        return {**words.results(), "SUMMARY": summary}
