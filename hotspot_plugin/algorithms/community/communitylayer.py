"""Create community input: a GeoPackage in which is written down what residents say about places."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from .communitylayer_help import about


class CommunityLayer(HotspotAlgorithm):
    """Create community input layers."""

    NAME, GROUP = "communitylayer", groups.COMMUNITY
    CATEGORIES, CATEGORY_FILE, LANGUAGES = "CATEGORIES", "CATEGORY_FILE", "LANGUAGES"
    INPUT, NAME_FIELD, CRS = "INPUT", "NAME_FIELD", "CRS"
    OUTPUT, REPORT = "OUTPUT", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Create community input layers")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Makes a GeoPackage and a project for QGIS and QField in which is kept what residents say about"
                       " places, without names.")

    def tags(self) -> list:
        return self.tr("community,input,survey,meeting,walk,complaint,report,portal,concern,fear of crime,form,qfield,"
                       "field work,resident,participation,voice").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.text(self.CATEGORIES, tr("Categories"), "", tr(
            "What something can be about, a line for each: key, label, group of crime, group of crime; e.g. 'light, Bad"
            " street light' or 'car, Cars broken into, vehicle crime'. Empty: twelve that come with the plugin."),
            True, True))
        self.addParameter(p.file(self.CATEGORY_FILE, tr("File of categories"), tr(
            "The same as a table with the columns key, label and group, several groups parted by |."),
            tr("Text tables (*.csv *.tsv *.txt)"), True))
        self.addParameter(p.from_agency(p.text(self.LANGUAGES, tr("Languages"), "", tr(
            "Languages in which people speak, as codes parted by commas, the main one first: en, es."), True),
            "languages", "en"))
        self.addParameter(p.from_agency(p.areas(self.INPUT, tr("Areas to find one's way"), tr(
            "Beats or districts that are copied into the file, so that the map is not empty where there is no"
            " network."), True), "beats_layer"))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.INPUT, tr(
            "Field with the names that the map shows."), "any", True), "beats_field"))
        self.addParameter(p.advanced(p.crs(self.CRS, tr("Coordinate system"), tr(
            "Empty: EPSG:4326; with areas their metric system."), True)))
        self.addParameter(p.output_file(self.OUTPUT, tr("Input file"), tr(
            "GeoPackage with the layers input_points and input_areas, their forms and the project; a .qgs file of the"
            " same name is written beside it for QField. An existing file is not replaced."),
            tr("GeoPackages (*.gpkg)"), False))
        self.addParameter(p.report(tr("The form on paper, as a web page (HTML) to print, with slips for the token.")))
        for name, text, help in (
            ("CATEGORY_COUNT", tr("Number of categories"), tr("Categories of the form.")),
            ("LANGUAGE_COUNT", tr("Number of languages"), tr("Languages of the form's list.")),
            ("AREA_COUNT", tr("Number of areas"), tr("Areas copied into the file.")),
        ):
            self.add_number(name, text, help)
        self.add_text("PAIRS", tr("Categories and groups of crime"), tr(
            "Text for the parameter PAIRS of 'Compare crime with community concern'."))
        self.add_text("PROJECT", tr("Project file"), tr("Name of the project that lies beside the input file."))
        self.add_text("SUMMARY", tr("Summary"), tr("A sentence to read out."))

    def execute(self, run: Any) -> dict:
        from ...analysis.community import categories
        from . import communitylayer_file as file
        from . import communitylayer_report as reporting

        run.progress(0.0)
        data = file.read(run)
        project = file.write(run, data)
        summary = reporting.summary(data)
        run.info(summary)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(data, summary))
        return {"CATEGORY_COUNT": len(data.categories), "LANGUAGE_COUNT": len(data.languages),
                "AREA_COUNT": len(data.areas), "PAIRS": categories.pairs(data.categories), "PROJECT": project,
                "SUMMARY": summary}
