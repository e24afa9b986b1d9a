"""Community meeting handout: one page for each area, as HTML and PDF, in one language or two."""

from __future__ import annotations

from typing import Any

from .. import groups, parameters
from ..base import HotspotAlgorithm
from ..privacy.releasing import Releasing
from . import meetingsheet_help


class MeetingSheet(Releasing, HotspotAlgorithm):
    """Community meeting handout."""

    NAME, GROUP = "meetingsheet", groups.PROBLEMS
    AREAS, NAME_FIELD, CONTACT_FIELD, AREA = "AREAS", "NAME_FIELD", "CONTACT_FIELD", "AREA"
    SINCE, UNTIL, REGISTER = "SINCE", "UNTIL", "REGISTER"
    COMMUNITY, ANSWERS = "COMMUNITY", "ANSWERS"
    INCIDENTS, DATE_FIELD, GROUP_FIELD, COUNTS = "INCIDENTS", "DATE_FIELD", "GROUP_FIELD", "COUNTS"
    SENSITIVE_FIELD, SENSITIVE_TYPES = "SENSITIVE_FIELD", "SENSITIVE_TYPES"
    PERIOD, EXTRACTED, DELAY = "PERIOD", "EXTRACTED", "DELAY"
    MIN_PUBLIC, ROUNDING, RELEASES = "MIN_PUBLIC", "ROUNDING", "RELEASES"
    STREETS, CONTACT, MEETING, PAPER = "STREETS", "CONTACT", "MEETING", "PAPER"
    LANGUAGE, LANGUAGE2, PHRASES = "LANGUAGE", "LANGUAGE2", "PHRASES"
    OUTPUT, PDF, FOLDER, TEMPLATE, REPORT = "OUTPUT", "PDF", "FOLDER", "TEMPLATE", "REPORT"

    def __init__(self) -> None:
        super().__init__()
        self.record_of_counts: dict = {}

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Community meeting handout")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("One page for each area since the last meeting: what you told us, what we did, what we did not"
                       " and why, what comes next.")

    def tags(self) -> list:
        return self.tr("meeting,handout,leaflet,flyer,neighbourhood,beat meeting,you said we did,feedback,PDF,"
                       "community,Spanish,translation,plain language,large print,CAPS").split(",")

    def about(self) -> str:
        return meetingsheet_help.about(self.tr)

    def declare(self) -> None:
        p, tr = parameters, self.tr
        self.addParameter(p.from_agency(p.areas(self.AREAS, tr("Areas"), tr(
            "Beats or neighbourhoods, a page for each."), optional=True), "beats_layer"))
        self.addParameter(p.from_agency(p.field(self.NAME_FIELD, tr("Name of the areas"), self.AREAS, tr(
            "Field that names the areas; polygons of one name are one area. Without it: name if there is such a field,"
            " else the number of the feature."), "any", True), "beats_field"))
        self.addParameter(p.text(self.AREA, tr("Only these areas"), "", tr(
            "Names of areas, separated by semicolons. Empty: a page for each area."), True))
        self.addParameter(p.date(self.SINCE, tr("Last meeting"), tr(
            "First day, included. Empty: the day of the area's last meeting in the register; where there is none, 90"
            " days before the last day."), optional=True))
        self.addParameter(p.date(self.UNTIL, tr("Last day"), tr(
            "Included. Empty: yesterday, so that what happens on the day of the meeting is told at the next one."),
            optional=True))
        self.addParameter(p.file(self.REGISTER, tr("Problem register"), tr(
            "GeoPackage of 'Problem register'. Only what is marked public there is told, and nothing of a problem that"
            " is not public itself."), tr("GeoPackage (*.gpkg)"), optional=True))
        self.addParameter(p.shapes(self.COMMUNITY, tr("Residents' reports"), tr(
            "Community input with category, said_on, voice_id and the like. What residents wrote is never printed; what"
            " the agency answered is."), optional=True))
        self.addParameter(p.flag(self.ANSWERS, tr("Print answers to single residents"), False, tr(
            "Answers on residents' reports (response) are printed where they went to MIN_PUBLIC residents or more. On:"
            " all of them; read them first, as they were written to one resident.")))
        self._counts()
        self.addParameter(p.lines(self.STREETS, tr("Streets"), tr("Drawn on the map, so that people find their way."),
                                  optional=True))
        self.addParameter(p.text(self.CONTACT, tr("Contact"), "", tr(
            "Whom to talk to: a role with a phone number or address, not a person's own."), True))
        self.addParameter(p.field(self.CONTACT_FIELD, tr("Contact of each area"), self.AREAS, tr(
            "Field of the areas with a contact of their own."), "any", True))
        self.addParameter(p.text(self.MEETING, tr("Next meeting"), "", tr(
            "Day, hour and place in words. Empty: the day that the register has."), True))
        self.addParameter(p.text(self.LANGUAGE, tr("Language"), "", tr(
            "Code such as en, es, fr or de; others with PHRASES. Empty: the first of the agency settings, else en."),
            True))
        self.addParameter(p.text(self.LANGUAGE2, tr("Second language"), "", tr(
            "Adds a page in this language, the back of the sheet. Empty: the second of the agency settings, if any;"
            " none: without."), True))
        self.addParameter(p.advanced(p.file(self.PHRASES, tr("Phrases"), tr(
            "CSV table with a column key and one for each language (or key and text, for the second language): other"
            " languages, other words, and translations of names and texts of your data by the text itself."),
            tr("Text tables (*.csv *.tsv *.txt)"), optional=True)))
        self.addParameter(p.choice(self.PAPER, tr("Paper"), [
            tr("As the units of the agency: US letter or A4"), tr("A4"), tr("US letter")], 0, tr(
                "The page fits on this paper.")))
        self.addParameter(p.output_file(self.OUTPUT, tr("Handout as a web page"), tr(
            "Public: all pages as one HTML file that needs no internet, for the web and for screen readers."),
            tr("HTML files (*.html)"), optional=False))
        self.addParameter(p.output_file(self.PDF, tr("Handout as PDF"), tr(
            "Public: all pages for printing; with two languages, front and back."), tr("PDF files (*.pdf)")))
        self.addParameter(p.output_folder(self.FOLDER, tr("A file for each area"), tr(
            "Public: a folder with an HTML and a PDF file for each area, and an index.")))
        self.addParameter(p.output_file(self.TEMPLATE, tr("Phrases to translate"), tr(
            "CSV table of all phrases, names and texts in all languages known, to fill in and give as PHRASES."),
            tr("CSV files (*.csv)")))
        self.addParameter(p.report(tr("Internal report (HTML): what to look at before handing out; what is held back,"
                                      " what had no room.")))
        self._numbers()

    def _counts(self) -> None:
        p, tr, advanced = parameters, self.tr, parameters.advanced
        self.addParameter(p.any_source(self.COUNTS, tr("Public counts"), tr(
            "Table that 'Prepare data for publication' has made of these areas. Instead of incidents."), optional=True))
        self.addParameter(p.points(self.INCIDENTS, tr("Incidents"), tr(
            "Instead of public counts: they are counted and protected here by the same engine."), optional=True))
        self.addParameter(p.field(self.DATE_FIELD, tr("Date field"), self.INCIDENTS, tr(
            "When it happened. Empty: dt_from of prepared incidents."), "time", True))
        self.addParameter(p.field(self.GROUP_FIELD, tr("Group field"), self.INCIDENTS, tr(
            "Kind of crime, a line for each. Empty: cgroup or ctype of prepared incidents."), "any", True))
        self.addParameter(p.field(self.SENSITIVE_FIELD, tr("Mark of sensitive incidents"), self.INCIDENTS, tr(
            "Field that is yes for them; they are in no number. Empty: sensitive of grouped incidents."), "any", True))
        self.addParameter(p.text(self.SENSITIVE_TYPES, tr("Sensitive groups"), "", tr(
            "Groups that are sensitive as a whole, separated by semicolons; none if no group is."), True))
        self.addParameter(p.choice(self.PERIOD, tr("Periods"), [tr("Months"), tr("Quarters"), tr("Years")], 1, tr(
            "Numbers are of the newest whole period, beside the same a year before. As in your other releases.")))
        self.addParameter(p.file(self.RELEASES, tr("Register of releases"), tr(
            "File of all that you have published, as for 'Prepare data for publication'; with incidents. Without it the"
            " pages are marked as a draft."), tr("JSON files (*.json)"), optional=True))
        self.addParameter(advanced(p.date(self.EXTRACTED, tr("Day of the extract"), tr(
            "Day on which the incidents were taken from the records. Empty: the last that is recorded fully."),
            optional=True)))
        self.addParameter(advanced(p.integer(self.DELAY, tr("Delay in days"), 28, tr(
            "Days between the end of a period and the extract before which it is not released."), minimum=0)))
        self.addParameter(advanced(p.from_agency(p.integer(self.MIN_PUBLIC, tr("Smallest public number"), None, tr(
            "Smaller numbers of crimes and of voices are not shown; 3 or more."), minimum=1, optional=True),
            "min_public", "10")))
        self.addParameter(advanced(p.integer(self.ROUNDING, tr("Rounding"), 5, tr(
            "Numbers of crimes and of voices are multiples of it."), minimum=1)))

    def _numbers(self) -> None:
        tr, add = self.tr, self.add_number
        add("SHEETS", tr("Number of areas"), tr("Areas with a page of their own."))
        add("PAGES", tr("Number of pages"), tr("Pages in all languages."))
        add("DID", tr("Things done"), tr("Entries of what was done, over all areas."))
        add("DECLINED", tr("Things not done"), tr("Entries of what was not done."))
        add("UPCOMING", tr("Things to come"), tr("Entries of what comes next."))
        add("VOICED", tr("Areas with voices told"), tr("Areas of which enough residents said something."))
        add("HELD_BACK", tr("Texts held back"), tr("Internal: entries that point to a person and are not printed."))
        add("NO_ROOM", tr("Entries without room"), tr("Entries that the pages only count, for want of room."))
        add("WITHHELD", tr("Numbers not shown"), tr("Of crimes by area and kind in the periods shown."))
        add("UNTRANSLATED", tr("Texts not translated"), tr(
            "Texts of the data that the second page shows in the main language, with a mark."))
        self.add_text("FIRST_DAY", tr("First day of the numbers"), tr("As year-month-day; empty without numbers."))
        self.add_text("LAST_DAY", tr("Last day of the numbers"), tr("As year-month-day; empty without numbers."))
        self.add_text("SUMMARY", tr("Result in sentences"), tr("What the pages hold, for those who hand them out."))

    def prepareAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> bool:  # noqa: N802
        from ...layers import provenance, sources

        ready = super().prepareAlgorithm(parameters, context, feedback)
        layer = sources.layer_of(self, parameters, self.COUNTS, context) if parameters.get(self.COUNTS) else None
        self.record_of_counts = provenance.read(layer) if layer is not None else {}
        return ready

    def execute(self, run: Any) -> dict:
        from . import meetingsheet_files as files
        from . import meetingsheet_languages as languages
        from . import meetingsheet_read as reading
        from . import meetingsheet_report as reporting
        from .meetingsheet_pages import Pages
        from .meetingsheet_words import Words

        files.refuse_nothing(run)
        spoken, given = languages.read(run)
        data = reading.read(run)
        pages = Pages(run, data, spoken)
        sheets = pages.sheets(run.stage(0.7, 0.85))
        paper = files.paper_of(run)
        files.fit(run, sheets, paper)
        words = Words(run, data, sheets, spoken)
        summary = run.tell(words)
        files.write(run, sheets, paper, words.title())
        languages.write_template(run, self.TEMPLATE, given, spoken, pages.texts())
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(), "SUMMARY": summary}
