"""The forms of a problem register: questions and checks of each table."""

from __future__ import annotations

from typing import Any, Sequence

from ...analysis.problems import register as r
from ...layers import forms
from ...translation import tr
from ..community import inputwords
from . import registerwords as words

#: Letters of a text of one line.
SHORT = 120
#: Variable of QGIS or QField that holds the role of whoever works with it.
ROLE_VARIABLE = "my_role"
#: What finds the incidents of a problem: those in its places, wherever the layer of places is in the same project.
INCIDENTS = f"overlay_intersects('{r.PLACES}', filter:=\"{r.PROBLEM_ID}\" = '{{key}}')"
_INCIDENTS = ("'" + INCIDENTS.replace("'", "''").replace("{key}", f"' || \"{r.PROBLEM_ID}\" || '") + "'")
#: QGIS evaluates to NULL what it cannot read; nothing of the filter itself is worked out here.
_READABLE = f"length(trim(coalesce(\"{r.FILTER}\", ''))) = 0 or eval('if(true, 1, ' || \"{r.FILTER}\" || ')') = 1"


class Questions:
    """The questions of all tables.

    Parameters
    ----------
    layers : dict
        Layers by table.
    categories : list of Category
    languages : list of str
    """

    def __init__(self, layers: dict, categories: Sequence, languages: Sequence[str]) -> None:
        self.layers = layers
        self.categories = inputwords.category_words(categories)
        self.languages = inputwords.language_words(languages)

    # --- what several tables have ----------------------------------------------------------
    def _role(self, field: str, label: str, **more: Any) -> forms.Question:
        return forms.from_layer(field, label, self.layers[r.ROLES], r.ROLE, r.ROLE, allow_null=not more.get("required"),
                                **more)

    def _writer(self) -> list:
        default = f'coalesce(@{ROLE_VARIABLE}, "{r.ROLE}")'
        return [self._role(r.ROLE, tr("Your role, for the journal"), default=default, on_update=True, reuse=True,
                           required=True),
                forms.day(r.MADE_ON, tr("Written down on"), default=forms.TODAY)]

    def _problem(self, required: bool, **more: Any) -> forms.Question:
        return forms.from_layer(r.PROBLEM_ID, tr("Problem"), self.layers[r.PROBLEMS], r.PROBLEM_ID, r.TITLE,
                                allow_null=not required, required=required, **more)

    def _place(self) -> forms.Question:
        return forms.from_layer(r.PLACE_ID, tr("Place"), self.layers[r.PLACES], r.PLACE_ID, r.NAME, allow_null=True,
                                only=f"\"{r.PROBLEM_ID}\" = current_value('{r.PROBLEM_ID}')")

    def _partner(self, required: bool = False) -> forms.Question:
        return forms.from_layer(r.PARTNER_ID, tr("Partner organisation"), self.layers[r.PARTNERS], r.PARTNER_ID, r.NAME,
                                allow_null=not required, required=required)

    @staticmethod
    def _visible() -> forms.Question:
        return forms.one_of(r.VISIBLE, tr("Who may read it?"), words.visibilities(), tr("Choose who may read it."),
                            default="'internal'")

    @staticmethod
    def _amount(field: str, label: str, **more: Any) -> forms.Question:
        return forms.number(field, label, check=f'"{field}" is null or "{field}" >= 0',
                            hint=tr("It is a number from 0."), digits=2, **more)

    @staticmethod
    def _span(first: str, last: str, label_first: str, label_last: str) -> list:
        return [forms.day(first, label_first),
                forms.day(last, label_last, check=f'"{last}" is null or "{first}" is null or "{last}" >= "{first}"',
                          hint=tr("The last day is not before the first."))]

    # --- problems ----------------------------------------------------------------------------
    def problems(self) -> list:
        """Return the questions of a problem."""
        stages = list(r.STAGES)
        return [
            forms.key(r.PROBLEM_ID, tr("Key")),
            forms.free_text(r.TITLE, tr("Problem in a few words"), SHORT, 3, lines=False,
                            hint=tr("Say what happens and where.")),
            forms.one_of(r.CATEGORY, tr("What is it about?"), self.categories, tr("Choose what it is about."), False),
            forms.one_line(r.CRIME_GROUP, tr("Group of crime, as in your incidents"), default=forms.EMPTY),
            forms.free_text(r.DESCRIPTION, tr("What happens, to whom, when?"), r.TEXT_LENGTH),
            forms.one_of(r.STAGE, tr("Stage"), words.stages(), tr("Choose the stage."), default="'scan'"),
            self._visible(),
            self._role(r.OWNER, tr("Who owns it (role)?")),
            forms.day(r.DUE_ON, tr("Due on")),
            *(forms.tick(field, text, default="false") for field, text in words.cheers().items()),
            forms.free_text(r.HYPOTHESIS, tr("Why does it happen here and not elsewhere?"), r.TEXT_LENGTH),
            forms.one_line(r.FILTER_LAYER, tr("Name of the layer of incidents"), default="'incidents'"),
            forms.long_text(r.FILTER, tr("Which of them belong to it (QGIS expression)?"), default=_INCIDENTS,
                            check=_READABLE, hint=tr(
                                "QGIS cannot read this expression. Build it with 'Select by expression' on the layer of"
                                " incidents and paste it here.")),
            forms.free_text(r.MEASURE, tr("What is measured?"), SHORT * 2, lines=False),
            self._amount(r.BASELINE, tr("How much was it before?")),
            *self._span(r.BASE_FROM, r.BASE_TO, tr("Counted from"), tr("Counted to")),
            forms.number(
                r.TARGET, tr("How much shall it be, in as many days?"), digits=2,
                check=f"\"{r.TARGET}\" is null or (\"{r.BASELINE}\" is not null and"
                      f" length(coalesce(\"{r.MEASURE}\", '')) > 0)",
                hint=tr("Say what is measured and how much it was before; then set a target.")),
            forms.day(r.TARGET_ON, tr("By when?")),
            forms.one_of(r.RESPONSE_KIND, tr("Main kind of response"), words.response_kinds(), tr("Choose a kind."),
                         False),
            self._amount(r.COST, tr("Cost, in your money")),
            forms.free_text(r.PAYER, tr("Who pays (organisation)?"), SHORT, lines=False),
            self._amount(r.VALUE, tr("How much is it now?")),
            *self._span(r.VALUE_FROM, r.VALUE_TO, tr("Counted from"), tr("Counted to")),
            forms.free_text(r.RESULT, tr("What came of it?"), r.TEXT_LENGTH),
            forms.day(r.REVIEW_ON, tr("Next review on")),
            forms.one_of(r.DECISION, tr("What was decided?"), words.decisions(), tr("Choose a decision."), False),
            forms.day(r.DECIDED_ON, tr("Decided on"), on_update=True, default=forms.kept_when_copied(
                f'if("{r.DECISION}" is null, NULL, coalesce("{r.DECIDED_ON}", {forms.TODAY}))')),
            self._role(r.DECIDED_BY, tr("Who decided (role)?")),
            forms.free_text(
                r.REASON, tr("Why?"), r.TEXT_LENGTH,
                check=f"\"{r.DECISION}\" is null or length(trim(coalesce(\"{r.REASON}\", ''))) >= 3",
                hint=tr("Say why this was decided.")),
            *(forms.day(field, words.stage_days()[field], on_update=True,
                        default=forms.began(field, r.STAGE, stage, stages[:stages.index(stage)]))
              for stage, field in r.STAGE_DAYS.items()),
            *self._writer(),
        ]

    def places(self) -> list:
        """Return the questions of a place."""
        return [
            forms.key(r.PLACE_ID, tr("Key")), self._problem(True),
            forms.free_text(r.NAME, tr("Name of the place"), SHORT, 1, lines=False),
            forms.number(r.RANK, tr("Rank")), forms.hidden(r.SOURCE, tr("Taken from the layer")),
            forms.hidden(r.SOURCE_KEY, tr("Its row there")), forms.free_text(r.NOTE, tr("Note"), r.TEXT_LENGTH),
            forms.photo(r.PHOTO, tr("Photo (no faces, no plates)")), *self._writer(),
        ]

    # --- actions and deliveries ----------------------------------------------------------------
    def actions(self) -> list:
        """Return the questions of an action."""
        return [
            forms.key(r.ACTION_ID, tr("Key")), self._problem(True), self._place(),
            forms.free_text(r.ACTION, tr("What is to be done?"), SHORT * 2, 3, lines=False, hint=tr("Say what to do.")),
            forms.one_of(r.RESPONSE_KIND, tr("Kind of response"), words.response_kinds(), tr("Choose a kind."), False),
            forms.hidden(r.MEASURE_ID, tr("Measure of the catalogue")),
            self._role(r.OWNER, tr("Who does it (role)?"), required=True), self._partner(),
            forms.one_of(r.STATE, tr("How far is it?"), words.states(), tr("Choose how far it is."),
                         default="'planned'"),
            *self._span(r.START_ON, r.DUE_ON, tr("Begins on"), tr("Due on")),
            forms.day(r.DONE_ON, tr("Done on"), on_update=True, default=forms.began(
                r.DONE_ON, r.STATE, "done", [s for s in r.STATES if s != "done"])),
            self._amount(r.COST, tr("Cost, in your money")), self._amount(r.SPENT, tr("Spent so far")),
            forms.free_text(r.PAYER, tr("Who pays (organisation)?"), SHORT, lines=False),
            forms.free_text(
                r.RESULT, tr("What came of it?"), r.TEXT_LENGTH,
                check=f"\"{r.STATE}\" <> 'dropped' or length(trim(coalesce(\"{r.RESULT}\", ''))) >= 3",
                hint=tr("Say why it was dropped.")),
            self._visible(), *self._writer(),
        ]

    def deliveries(self) -> list:
        """Return the questions of something delivered."""
        action = forms.from_layer(r.ACTION_ID, tr("Action"), self.layers[r.ACTIONS], r.ACTION_ID, r.ACTION,
                                  allow_null=True, only=f"\"{r.PROBLEM_ID}\" = current_value('{r.PROBLEM_ID}')")
        of_action = (f"attribute(get_feature('{r.ACTIONS}', '{r.ACTION_ID}', \"{r.ACTION_ID}\"), '{{field}}')")
        return [
            forms.key(r.DELIVERY_ID, tr("Key")), self._problem(True, default=of_action.format(field=r.PROBLEM_ID)),
            action, self._place(),
            forms.day(r.DELIVERED_ON, tr("Day"), default=forms.TODAY, required=True,
                      check=f'"{r.DELIVERED_ON}" <= {forms.TODAY}', hint=tr("This day has not come yet.")),
            forms.one_of(r.KIND, tr("What was delivered?"), words.delivery_kinds(), tr("Choose what was delivered.")),
            self._amount(r.MINUTES, tr("Minutes, of all who took part")),
            self._amount(r.AMOUNT, tr("Or an amount")),
            forms.free_text(
                r.UNIT, tr("Of what (lamps, bags, talks …)?"), SHORT, lines=False,
                check=f"\"{r.AMOUNT}\" is null or length(trim(coalesce(\"{r.UNIT}\", ''))) > 0",
                hint=tr("Say what was counted.")),
            self._role(r.BY_ROLE, tr("By whom (role)?"), required=True), self._partner(),
            forms.free_text(r.NOTE, tr("Note"), r.TEXT_LENGTH), forms.photo(r.PHOTO, tr("Photo (no faces, no plates)")),
            *self._writer(),
        ]

    # --- partners ----------------------------------------------------------------------------------
    def partners(self) -> list:
        """Return the questions of a partner organisation."""
        return [
            forms.key(r.PARTNER_ID, tr("Key")),
            forms.free_text(r.NAME, tr("Organisation"), SHORT, 2, lines=False),
            forms.one_of(r.KIND, tr("What is it?"), words.partner_kinds(), tr("Choose what it is.")),
            forms.free_text(r.OFFERS, tr("What does it offer?"), r.TEXT_LENGTH),
            forms.free_text(r.CONTACT, tr("Role of the contact (no name)"), SHORT, lines=False),
            forms.free_text(r.WEBSITE, tr("Web page of the organisation"), SHORT * 2, lines=False),
            *self._span(r.AGREED_ON, r.UNTIL_ON, tr("Agreed on"), tr("Until")), self._visible(), *self._writer(),
        ]

    def commitments(self) -> list:
        """Return the questions of what a partner has promised."""
        return [
            forms.key(r.COMMITMENT_ID, tr("Key")), self._problem(True), self._partner(True),
            forms.free_text(r.PROMISE, tr("What was promised?"), SHORT * 2, 3, lines=False),
            forms.one_of(r.KIND, tr("Kind"), words.commitment_kinds(), tr("Choose a kind.")),
            self._amount(r.AMOUNT, tr("How much?")),
            forms.free_text(r.UNIT, tr("Of what (money, hours …)?"), SHORT, lines=False),
            self._amount(r.GIVEN, tr("Given so far")),
            *self._span(r.AGREED_ON, r.UNTIL_ON, tr("Agreed on"), tr("Until")),
            forms.free_text(r.NOTE, tr("Note"), r.TEXT_LENGTH), *self._writer(),
        ]

    # --- meetings ------------------------------------------------------------------------------------
    def meetings(self) -> list:
        """Return the questions of a meeting or interview."""
        return [
            forms.key(r.MEETING_ID, tr("Key")),
            forms.one_of(r.KIND, tr("What was it?"), words.meeting_kinds(), tr("Choose what it was."),
                         default="'meeting'"),
            forms.free_text(r.TITLE, tr("Subject"), SHORT, lines=False),
            forms.day(r.HELD_ON, tr("Day"), default=forms.TODAY, required=True),
            forms.free_text(r.VENUE, tr("Where (hall, street corner, online)?"), SHORT, lines=False),
            forms.number(r.PRESENT, tr("How many were present?")),
            forms.number(r.RESIDENTS, tr("How many of them residents?"), check=(
                f'"{r.RESIDENTS}" is null or "{r.PRESENT}" is null or "{r.RESIDENTS}" <= "{r.PRESENT}"'),
                hint=tr("There cannot be more residents than people present.")),
            forms.one_of(r.LANG, tr("Language"), self.languages, tr("Choose a language."), False,
                         default=f"'{next(iter(self.languages))}'", reuse=True),
            self._role(r.OWNER, tr("Who held it (role)?")), forms.free_text(r.NOTES, tr("Notes"), r.TEXT_LENGTH),
            forms.day(r.NEXT_ON, tr("Next one on"), check=f'"{r.NEXT_ON}" is null or "{r.NEXT_ON}" >= "{r.HELD_ON}"',
                      hint=tr("The next one is not before this one.")),
            self._visible(), *self._writer(),
        ]

    def answers(self) -> list:
        """Return the questions of what was asked and answered."""
        done = f"\"{r.OUTCOME}\" in ('done', 'declined')"
        return [
            forms.key(r.ANSWER_ID, tr("Key")),
            forms.from_layer(r.MEETING_ID, tr("Meeting"), self.layers[r.MEETINGS], r.MEETING_ID, r.TITLE,
                             allow_null=True),
            self._problem(False), forms.hidden(r.INPUT_ID, tr("Report of a resident")),
            forms.one_of(r.THEME, tr("Theme"), {**self.categories, **words.themes()}, tr("Choose a theme.")),
            forms.one_of(r.ASKED_BY, tr("Who asked?"), words.voices(), tr("Choose who asked."), False,
                         default="'resident'"),
            forms.free_text(r.ASKED, tr("What was asked or said?"), r.TEXT_LENGTH, 3),
            forms.one_of(r.OUTCOME, tr("What became of it?"), words.outcomes(), tr("Choose how far it is."),
                         default="'open'"),
            forms.free_text(r.ANSWERED, tr("What was answered?"), r.TEXT_LENGTH, check=(
                f"\"{r.OUTCOME}\" <> 'done' or length(trim(coalesce(\"{r.ANSWERED}\", ''))) >= 3"),
                hint=tr("Say what was done.")),
            forms.free_text(r.REASON, tr("If not, why not?"), r.TEXT_LENGTH, check=(
                f"\"{r.OUTCOME}\" <> 'declined' or length(trim(coalesce(\"{r.REASON}\", ''))) >= 3"),
                hint=tr("Say why it is not done.")),
            self._role(r.OWNER, tr("Who sees to it (role)?")), forms.day(r.DUE_ON, tr("Due on")),
            forms.day(r.ANSWERED_ON, tr("Answered on"), on_update=True, default=forms.kept_when_copied(
                f'if({done}, coalesce("{r.ANSWERED_ON}", {forms.TODAY}), NULL)')),
            self._visible(), *self._writer(),
        ]

    @staticmethod
    def journal() -> list:
        """Return the fields of the journal, which is read only."""
        labels = (tr("Table"), tr("Key of the row"), tr("What was done"), tr("Field"), tr("Before"), tr("After"),
                  tr("When (UTC)"), tr("Role"))
        return [forms.one_line(field, label) for field, label in zip(r.TABLES[r.JOURNAL], labels)]
