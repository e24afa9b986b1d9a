"""Prepare data for publication: counts by area, period and group from which no small number can be worked out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...analysis.errors import InputError
from .. import groups, parameters
from ..base import HotspotAlgorithm
from . import publicrelease_help
from .releasing import Releasing


class PublicRelease(Releasing, HotspotAlgorithm):
    """Prepare data for publication."""

    NAME, GROUP = "publicrelease", groups.PRIVACY
    INCIDENTS, DATE_FIELD, GROUP_FIELD = "INCIDENTS", "DATE_FIELD", "GROUP_FIELD"
    SENSITIVE_FIELD, SENSITIVE_TYPES, SENSITIVE = "SENSITIVE_FIELD", "SENSITIVE_TYPES", "SENSITIVE"
    AREAS, NAME_FIELD, ADDRESSES, MIN_ADDRESSES = "AREAS", "NAME_FIELD", "ADDRESSES", "MIN_ADDRESSES"
    POPULATION, POPULATION_FIELD, MIN_RESIDENTS = "POPULATION", "POPULATION_FIELD", "MIN_RESIDENTS"
    CELL_SIZE, PERIOD, START, END = "CELL_SIZE", "PERIOD", "START", "END"
    EXTRACTED, DELAY, MIN_PUBLIC, ROUNDING = "EXTRACTED", "DELAY", "MIN_PUBLIC", "ROUNDING"
    REGISTER, LICENCE = "REGISTER", "LICENCE"
    OUTPUT, POLYGONS, NOTES, REPORT = "OUTPUT", "POLYGONS", "NOTES", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Prepare data for publication")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Counts by area, period and group for the public; no small number can be worked out of them.")

    def tags(self) -> list:
        return self.tr("open data,privacy,disclosure control,suppression,small numbers,rounding,anonymise,release,"
                       "differencing,k-anonymity,public,transparency").split(",")

    def about(self) -> str:
        return publicrelease_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Incidents as points, all that were recorded in the periods to release.")))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When the incident happened; the month is enough. Empty: dt_from of prepared incidents."), kind="time",
            optional=True))
        self.addParameter(p.field(self.GROUP_FIELD, tr("Group field"), self.INCIDENTS, tr(
            "Group or type of incident, a line for each. Empty: cgroup or ctype of prepared incidents, else no"
            " groups."), kind="any", optional=True))
        self.addParameter(p.field(self.SENSITIVE_FIELD, tr("Mark of sensitive incidents"), self.INCIDENTS, tr(
            "Field that is yes for sensitive incidents. Empty: sensitive of grouped incidents, if there."), kind="any",
            optional=True))
        self.addParameter(p.text(self.SENSITIVE_TYPES, tr("Sensitive groups"), "", tr(
            "Groups that are sensitive as a whole, separated by semicolons; none if no group is."), optional=True))
        self.addParameter(p.flag(self.SENSITIVE, tr("Publish sensitive incidents by year"), True, tr(
            "Sensitive incidents by area and calendar year, apart from all others. Off: they are left out.")))
        self.addParameter(p.areas(self.AREAS, tr("Areas"), tr(
            "Wards, districts or neighbourhoods that stay the same from release to release. Where areas overlap, an"
            " incident counts in the first. Empty: squares with enough addresses or residents."), optional=True))
        self.addParameter(p.field(self.NAME_FIELD, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas; polygons of one name count together. Empty: name if there is such a field,"
            " else the number of the feature."), kind="any", optional=True))
        self.addParameter(p.points(self.ADDRESSES, tr("Addresses"), tr(
            "A point for each address, to leave out areas with few and to make squares."), optional=True))
        self.addParameter(p.integer(self.MIN_ADDRESSES, tr("Fewest addresses"), 8, tr(
            "Addresses that an area or square must hold."), minimum=2))
        self.addParameter(p.points(self.POPULATION, tr("Residents"), tr(
            "Points with a number of residents, such as centres of census blocks."), optional=True))
        self.addParameter(p.field(self.POPULATION_FIELD, tr("Number of residents"), self.POPULATION, tr(
            "Field of that layer with the number of residents."), optional=True))
        self.addParameter(p.integer(self.MIN_RESIDENTS, tr("Fewest residents"), 100, tr(
            "Residents that an area or square must hold; 100 is the least of a census output area in the United"
            " Kingdom."), minimum=2))
        self.addParameter(p.distance(self.CELL_SIZE, tr("Smallest square"), 250.0, tr(
            "Metres; without areas, side of the smallest squares. Squares of up to 32 times the side are made where few"
            " live.")))
        self.addParameter(p.choice(self.PERIOD, tr("Periods"), [
            tr("Months"), tr("Quarters"), tr("Years")], 0, tr(
                "Periods of the calendar. Longer ones show more areas and groups; what is published by month is never"
                " published by year as well.")))
        self.addParameter(p.date(self.START, tr("First day"), tr(
            "Only periods that begin on this day or later."), optional=True))
        self.addParameter(p.date(self.END, tr("Last day"), tr(
            "Only periods that end on this day or earlier."), optional=True))
        self.addParameter(p.date(self.EXTRACTED, tr("Day of the extract"), tr(
            "Day on which the data were taken from the records. Empty: the last day that is recorded fully."),
            optional=True))
        self.addParameter(p.integer(self.DELAY, tr("Delay in days"), 28, tr(
            "Days between the end of a period and the extract before which it is not released."), minimum=0))
        self.addParameter(p.from_agency(p.integer(self.MIN_PUBLIC, tr("Smallest public number"), None, tr(
            "Numbers below it are withheld, 0 as well; 3 or more."), minimum=1, optional=True), "min_public", "10"))
        self.addParameter(p.integer(self.ROUNDING, tr("Rounding"), 5, tr(
            "Published numbers are multiples of it; 1 does not round, and more has to be withheld then."), minimum=1))
        self.addParameter(p.file(self.REGISTER, tr("Register of releases"), tr(
            "File of all that you have published, read and added to; a new file begins with the first release. Empty:"
            " the result is a draft, not for publication."), tr("JSON files (*.json)"), optional=True))
        self.addParameter(p.text(self.LICENCE, tr("Licence"), "", tr(
            "Licence of the public data, for their metadata and notes, e.g. Open Government Licence v3.0."),
            optional=True))
        self.addParameter(p.output_table(self.OUTPUT, tr("Public counts"), tr(
            "Public: a row for each period, area and group and for their totals, with n_public (empty where withheld)"
            " and status. As CSV it can be published as it is.")))
        self.addParameter(p.output_polygons(self.POLYGONS, tr("Public areas"), tr(
            "Public: the areas with the total of the newest period, and a column n_... for each period."),
            optional=True))
        self.addParameter(p.output_file(self.NOTES, tr("Public notes"), tr(
            "Public: the rules and fields as a text to publish with the data."), tr("Text files (*.txt)")))
        self.addParameter(p.report(tr("Internal report (HTML): what was withheld, and how much the answer changes.")))
        self._numbers()

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("RELEASE", tr("Number of the release"), tr(
            "As in the register, 0 for a draft; if nothing is new, the last."))
        add("PERIODS", tr("Number of periods"), tr("Periods in the tables."))
        add("PERIODS_RECENT", tr("Periods too recent"), tr("Periods that were withheld by the delay."))
        add("AREAS_COUNT", tr("Number of areas"), tr("Areas in the tables; those with too few homes are left out."))
        add("FIGURES", tr("Number of figures"), tr("Counts and totals in all tables."))
        add("SHOWN", tr("Figures shown"), tr("Figures that are published."))
        add("WITHHELD_SMALL", tr("Figures withheld as small"), tr("Internal: figures under MIN_PUBLIC."))
        add("WITHHELD_OTHER", tr("Figures withheld with them"), tr("Internal: figures withheld to protect small ones."))
        add("PROOFS", tr("Figures proven safe"), tr("Small figures of new tables, each with its proof."))
        add("CHANGED", tr("Published numbers now different"), tr(
            "Internal: repeated numbers that late records would change."))
        add("INCIDENTS_USED", tr("Incidents counted"), tr("Internal: incidents in all tables."))
        add("SHARE_SHOWN", tr("Share in shown counts"), tr(
            "Internal: share (0 to 1) of the incidents in shown counts of area and group."))
        add("SHARE_TOTALS", tr("Share in shown totals"), tr("Internal: share (0 to 1) in shown totals of areas."))
        add("MEAN_ERROR", tr("Mean error of shown counts"), tr(
            "Internal: mean absolute difference to the true counts."))
        add("RANK_CORRELATION", tr("Rank correlation"), tr("Internal: Spearman's, of true and public totals of areas."))
        add("TOP_COUNT", tr("Busiest areas compared"), tr("Internal: 10, or half of the areas where there are few."))
        add("TOP_KEPT", tr("Busiest areas kept"), tr("Internal: how many of them are so by the public totals."))
        add("HOT", tr("Hot areas"), tr("Internal: by the true totals; empty for fewer than 10 areas."))
        add("HOT_PUBLIC", tr("Hot areas in public"), tr("Internal: by the public totals."))
        add("HOT_BOTH", tr("Hot areas in both"), tr("Internal: by both."))
        self.add_text("FIRST_DAY", tr("First day released"), tr("As year-month-day."))
        self.add_text("LAST_DAY", tr("Last day released"), tr("As year-month-day."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr(
            "Internal: what is shown and withheld, and how much the answer changes."))

    def execute(self, run: Any) -> dict:
        from ...analysis.privacy.publicrelease import utility
        from ...analysis.weights import contiguity
        from ...layers import rings
        from ...provider import version
        from . import publicrelease_read as reading
        from . import publicrelease_report as reporting
        from .publicrelease_files import refuse_company
        from .publicrelease_register import Register
        from .publicrelease_words import Words

        refuse_company(run, [self.OUTPUT, self.POLYGONS])
        if run.has(self.REGISTER):
            self.register = Register(run, self.REGISTER)
        release = reading.read(run, self.register)
        number = 0
        if self.register is not None:
            number = self.register.last + 1 if release.published else self.register.last
            self.register.add(release.published)
        vertices, owner, start = rings.from_wkb([shape.asWkb().data() for shape in release.places.shapes])
        touching = contiguity(vertices, owner, start, n=len(release.names), progress=run.stage(0.85, 0.87))
        measured = release.of("ordinary") or release.tables
        words = Words(release, number, run.text(self.LICENCE), utility(measured, touching, run.stage(0.87, 0.9)))
        summary = run.tell(words)
        public = words.record(self, version(), run.crs_id)
        run.write_table(self.OUTPUT, words.columns())
        run.write_polygons(self.POLYGONS, release.places.shapes, words.area_columns(), words.style())
        for name in (self.OUTPUT, self.POLYGONS):
            run.label(name, words.abstract(), public, words.licence)
        self._notes(run, words)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}

    def _notes(self, run: Any, words: Any) -> None:
        path = run.file(self.NOTES)
        if not path:
            return
        try:
            Path(path).write_text(words.notes(), encoding="utf-8")
        except OSError as error:
            raise InputError(self.NOTES, "The notes cannot be written ({error}). Choose a folder that you may write"
                             " to.", error=error.strerror or error) from error
        run.outputs[self.NOTES] = path
