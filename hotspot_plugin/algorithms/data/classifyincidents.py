"""Group and weigh crime types: what each incident belongs to and how much it counts."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsWkbTypes

from ...layers import fields
from .. import groups, parameters
from ..base import HotspotAlgorithm
from .classifyincidents_help import about


class ClassifyIncidents(HotspotAlgorithm):
    """Group and weigh crime types."""

    NAME, GROUP = "classifyincidents", groups.DATA
    INPUT, TYPE_FIELD, TABLE, PUBLIC_TABLE = "INPUT", "TYPE_FIELD", "TABLE", "PUBLIC_TABLE"
    SOURCE_FIELD, PROACTIVE_VALUES, COUNT_PROACTIVE = "SOURCE_FIELD", "PROACTIVE_VALUES", "COUNT_PROACTIVE"
    MAX_UNMATCHED, ALLOW_UNMATCHED = "MAX_UNMATCHED", "ALLOW_UNMATCHED"
    OUTPUT, UNMATCHED, TEMPLATE, REPORT = "OUTPUT", "UNMATCHED", "TEMPLATE", "REPORT"

    def __init__(self) -> None:
        super().__init__()
        self.text_source: Any = None

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Group and weigh crime types")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Gives each incident its group, harm and marks (sensitive, found by officers) from a table.")

    def tags(self) -> list:
        return self.tr("crime types,classify,offence,codes,harm index,crime harm,severity,weight,nibrs,ucr,police.uk,"
                       "lookup,join,sensitive,proactive,officer-initiated,category,data preparation").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.any_source(self.INPUT, tr("Incidents"), tr(
            "Points, or a table without places. All rows and fields are kept.")))
        self.addParameter(p.field(self.TYPE_FIELD, tr("Type field"), self.INPUT, tr(
            "Type of crime or call, as a name or a code. Empty: ctype of prepared incidents."), kind="any",
            optional=True))
        self.addParameter(p.from_agency(p.file(self.TABLE, tr("Table of types"), tr(
            "CSV file with the columns code, group, harm, sensitive, proactive, public_place, is_crime and, if you"
            " like, note: one line for each type."), tr("Text tables (*.csv *.tsv *.txt)"), optional=True),
            "type_table"))
        self.addParameter(p.choice(self.PUBLIC_TABLE, tr("Public table"), [
            tr("None: my own table alone"), tr("Categories of data.police.uk"), tr("NIBRS offence codes (FBI)"),
            tr("Classic UCR offences (FBI)"), tr("Example with harm (made-up numbers)")], 0, tr(
            "A table that comes with the plugin. Given together with a table of your own, it only adds the types that"
            " yours does not have.")))
        self.addParameter(p.field(self.SOURCE_FIELD, tr("Source field"), self.INPUT, tr(
            "How the incident became known, e.g. call, online, officer."), kind="any", optional=True))
        self.addParameter(p.text(self.PROACTIVE_VALUES, tr("Sources that mean officers"), "", tr(
            "Values of the source field with which officers mark records that they began themselves, separated by"
            " semicolons, e.g. officer; self-initiated. These rows become proactive whatever their type."),
            optional=True))
        for parameter in (
            p.flag(self.COUNT_PROACTIVE, tr("Count what officers and companies find"), False, tr(
                "Let offences found by officers or by a company's own staff keep their harm. Off, they weigh nothing:"
                " they tell where somebody looked.")),
            p.number(self.MAX_UNMATCHED, tr("Most rows not in the table, per cent"), 5.0, tr(
                "The tool stops where the types of more rows than this are not in the table."), 0.0, 100.0),
            p.flag(self.ALLOW_UNMATCHED, tr("Go on with more of them"), False, tr(
                "Go on whatever the share of types that are not in the table; their fields stay empty.")),
        ):
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.output_like_input(self.OUTPUT, tr("Grouped incidents"), tr(
            "All rows of the input as they are, with cgroup, harm, sensitive, proactive, public_pl and is_crime.")))
        self.addParameter(p.output_table(self.UNMATCHED, tr("Types not in the table"), tr(
            "Table of the types that the table of types does not have: ctype, n, share and looks_like."),
            optional=True))
        self.addParameter(p.output_file(self.TEMPLATE, tr("Table to complete"), tr(
            "CSV file in the form of the table of types with all types of the data, filled in where known. It is"
            " written even if the tool then stops for too many unknown types."), tr("CSV files (*.csv)")))
        self.addParameter(p.report(tr("Report as a web page (HTML): groups, types, what is not in the table and what"
                                      " looks like it.")))
        for name, text, help in _numbers(tr):
            self.add_number(name, text, help)
        self.add_text("SUMMARY", tr("Summary"), tr("One sentence on how many rows were matched and the largest group."))

    def prepareAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> bool:  # noqa: N802
        from ...layers import tables

        self.text_source = tables.find(self, parameters, self.INPUT, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def execute(self, run: Any) -> dict:
        from ...analysis.data.classifyincidents import classify
        from . import classifyincidents_read as reading
        from .classifyincidents_report import Words, build

        table = reading.read_table(run)
        data = reading.read_incidents(run, self._lost(run))
        result = classify(data.types, table, data.initiated, run.flag(self.COUNT_PROACTIVE), run.stage(0.4, 0.6))
        reading.write_template(run, table, result)
        reading.check(run, data, result)
        words = Words(data, table, result)
        for text in words.warnings():
            run.warn(text)
        summary = words.summary()
        for text in [*words.infos(), summary]:
            run.info(text)
        run.progress(0.7)
        spatial = run.source(self.INPUT).wkbType() != QgsWkbTypes.Type.NoGeometry
        run.copy_rows(self.OUTPUT, self.INPUT, {
            fields.CGROUP: result.group, fields.HARM: result.harm, fields.SENSITIVE: result.sensitive,
            fields.PROACTIVE: result.proactive, fields.PUBLIC_PL: result.public_place, fields.IS_CRIME: result.is_crime,
        }, style=words.style() if spatial else None)
        run.write_table(self.UNMATCHED, words.unmatched_columns())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, build(run, data, words))
        return {**words.numbers(), "SUMMARY": summary}

    def _lost(self, run: Any) -> int:
        """Return how many rows of a text file its layer does not show."""
        if self.text_source is None or not self.text_source.x_field:
            return 0
        found = self.text_source
        from ...layers import tables

        rows = tables.read_table(found.path, self.INPUT, [], found.separator, found.encoding).rows
        return max(0, rows - run.source(self.INPUT).featureCount())


def _numbers(tr: Any) -> tuple:
    """Name, title and help of the numbers."""
    return (
        ("ROWS", tr("Rows"), tr("Rows of the input and of the output.")),
        ("MATCHED", tr("Rows matched"), tr("Rows whose type is in the table.")),
        ("UNMATCHED_COUNT", tr("Rows not matched"), tr("Rows with a type that is not in the table.")),
        ("UNMATCHED_TYPES", tr("Types not matched"), tr("Number of types that are not in the table.")),
        ("NULL_TYPES", tr("Rows without a type"), tr("Rows whose type is empty; not among those not matched.")),
        ("GROUPS", tr("Groups"), tr("Number of groups that have rows.")),
        ("SENSITIVE_SHARE", tr("Share of sensitive rows"), tr("Share of all rows whose type is sensitive, 0 to 1.")),
        ("PROACTIVE_SHARE", tr("Share found by officers"), tr("Share of all rows that officers found, 0 to 1.")),
        ("COMPANY_SHARE", tr("Share found by companies"), tr("Share of all rows that company staff found, 0 to 1.")),
        ("HARM_SUM", tr("Sum of harm"), tr("Sum of the field harm; no value where the table states none.")),
        ("HARM_LEFT_OUT", tr("Harm left out"), tr(
            "Harm that offences found by officers or company staff would have had; no value where the table states"
            " none.")),
        ("NO_HARM", tr("Rows without harm"), tr("Rows whose type is in the table, but without a harm there.")),
    )
