"""A problem opened in the page: what it is, its stage, actions, what was delivered, and what happened so far."""

from __future__ import annotations

from datetime import date
from typing import Any, Callable, Sequence

from qgis.PyQt.QtCore import QDate, QLocale
from qgis.PyQt.QtWidgets import QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from ..analysis.problems import register as r
from ..translation import tr
from . import problemsdata as data
from . import problemswords as words
from . import states, theme
from .days import day_box
from .flow import FlowLayout
from .fold import Fold
from .problemsforms import FormCard, RowForm, back_button, role_choices
from .problemslist import STAGE_ICONS, stage_after

#: What can be changed of a problem, by part of the page.
WHAT = (r.TITLE, r.DESCRIPTION, r.CATEGORY, r.OWNER, r.DUE_ON, r.VISIBLE, r.HYPOTHESIS)
MEASURED = (r.MEASURE, r.BASELINE, r.BASE_FROM, r.BASE_TO, r.TARGET, r.TARGET_ON, r.VALUE, r.VALUE_FROM, r.VALUE_TO,
            r.RESULT)
REVIEW = (r.REVIEW_ON, r.DECISION, r.REASON, r.DECIDED_BY)
ACTION = (r.ACTION, r.OWNER, r.DUE_ON, r.PLACE_ID, r.RESPONSE_KIND, r.COST, r.VISIBLE)
DELIVERY = (r.DELIVERED_ON, r.KIND, r.MINUTES, r.AMOUNT, r.UNIT, r.BY_ROLE, r.ACTION_ID, r.PLACE_ID, r.NOTE)
#: Lines of the journal that are shown before all are asked for.
_FEW = 8


class ProblemView(QWidget):
    """One problem."""

    def __init__(self, page: Any, found: data.Opened, today: date, opened: Sequence[str] | None = None) -> None:
        super().__init__()
        self.page, self.found, self.today = page, found, today
        self.row, self.key = found.row, found.row[r.PROBLEM_ID]
        health = page.session.health
        self.can = health is not None and health.writable
        self.setObjectName("problem")
        gap = theme.unit(self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(gap)
        top = FlowLayout(spacing=gap)
        self.to_list = back_button(page.back)
        top.addWidget(self.to_list)
        self.column.addLayout(top)
        title = states.label(self.row[r.TITLE] or tr("(without a title)"), "problem_title")
        title.setFont(theme.heading(self.font(), 1.2))
        self.column.addWidget(title)
        self.folds: dict = {}
        self.forms: dict = {}
        self._stage()
        self._what()
        self._actions()
        self._measures()
        self._delivered()
        self._measured()
        self._review()
        self._journal()
        for name, fold in self.folds.items():
            fold.open(name in opened if opened is not None else name in ("what", "actions") or (
                name == "measures" and bool(words.linked(found))))

    def opened_parts(self) -> list:
        """Return the names of the parts that are not folded away."""
        return [name for name, fold in self.folds.items() if fold.is_open()]

    # --- parts ---------------------------------------------------------------------------------
    def _fold(self, name: str, title: str) -> Any:
        fold = self.folds[name] = Fold(title, f"fold_{name}")
        self.column.addWidget(fold)
        return fold.body

    def _lines(self, body: Any, lines: Sequence[str], name: str) -> QLabel:
        out = states.label("\n".join(line for line in lines if line), name)
        out.setVisible(bool(out.text()))
        body.addWidget(out)
        return out

    def _flow(self, body: Any, buttons: Sequence[QWidget]) -> None:
        flow = FlowLayout(spacing=theme.unit(self))
        for one in buttons:
            flow.addWidget(one)
        body.addLayout(flow)

    def _writes(self, text: str, slot: Callable, name: str, icon: str = "", tip: str = "") -> Any:
        out = states.button(text, slot, name, icon, tip)
        out.setEnabled(self.can)
        return out

    def _place_for_form(self, name: str, body: Any) -> None:
        self.forms[name] = QVBoxLayout()
        body.addLayout(self.forms[name])

    def open_form(self, name: str, card: FormCard) -> None:
        """Show a form in a part, in place of another one that is open."""
        self.close_form()
        self.forms[name].addWidget(card)
        self.page.hold(card)
        self.page.ensureWidgetVisible(card)

    def close_form(self) -> None:
        """Take the open form away."""
        for place in self.forms.values():
            states.clear(place)
        self.page.hold(None)

    # --- stage ---------------------------------------------------------------------------------
    def _stage(self) -> None:
        row, stage = self.row, self.row[r.STAGE] or "scan"
        lines = [data.stage_questions().get(stage, "")]
        began = data.as_day(row.get(r.STAGE_DAYS.get(stage, "")))
        if began is not None:
            lines.append(tr("Since {day} ({days} days).").format(day=data.day_words(began), days=max(
                0, (self.today - began).days)))
        due = data.due_words(row[r.DUE_ON], self.today) if stage != "closed" else ""
        late = bool(data.late_by(row[r.DUE_ON], self.today)) and stage != "closed"
        lines.append(words.sentence(due) if due else "")
        card = states.Card("doubt" if late else "quiet", words.stage_title(stage), " ".join(
            line for line in lines if line), name="card_stage")
        self.since = day_box("stage_day", empty=False)
        self.since.setDate(QDate.currentDate())
        self.since.setMaximumDate(QDate.currentDate())
        self.since.setAccessibleName(tr("Day on which the stage began"))
        buttons: list = []
        ahead, behind = stage_after(stage, 1), stage_after(stage, -1)
        names = data.stage_words()
        if ahead:
            buttons.append(self._writes(
                tr("Close the problem") if ahead == "closed" else tr("Go on to: {stage}").format(stage=names[ahead]),
                lambda: self._go(ahead), "stage_forward", STAGE_ICONS[ahead], tr("The day beside it is written down")))
        if behind:
            buttons.append(self._writes(
                tr("Open it again") if stage == "closed" else tr("Back to: {stage}").format(stage=names[behind]),
                lambda: self._go(behind), "stage_back", "/mActionUndo.svg"))
        label = QLabel(tr("&Day:"))
        label.setBuddy(self.since)
        label.setMinimumHeight(self.since.sizeHint().height())
        for one in (label, self.since, *buttons):
            card.buttons.addWidget(one)
        self.since.setEnabled(self.can)
        self.column.addWidget(card)

    def _go(self, stage: str) -> None:
        day = self.since.date().toString("yyyy-MM-dd")
        before = r.STAGES.index(self.row[r.STAGE] or "scan")
        values = {r.STAGE: stage}
        if r.STAGES.index(stage) > before:
            values[r.STAGE_DAYS[stage]] = day
        self.page.change(r.PROBLEMS, self.key, values, {r.STAGE: self.row[r.STAGE]}, told=tr(
            "Now in the stage '{stage}'.").format(stage=data.stage_words()[stage]), again=lambda: self._go(stage))

    # --- what it is ----------------------------------------------------------------------------
    def _what(self) -> None:
        row, body = self.row, self._fold("what", tr("What it is"))
        body.addWidget(states.label(row[r.DESCRIPTION] or tr("Not described yet."), "problem_text"))
        self._lines(body, words.facts(self.found), "problem_facts")
        buttons = [self._writes(tr("&Change…"), lambda: self._change("what", WHAT, tr("What it is")), "change_what",
                                "/mActionToggleEditing.svg")]
        page = self.page
        if self.found.places:
            buttons.append(states.button(tr("Show on the &map"), page.map.show_layers, "show_places",
                                         "/mActionZoomToLayer.svg"))
        form = states.button(tr("Open the &full form"), lambda: page.map.open_form(row["fid"]), "full_form",
                             "/mActionFormView.svg", tr("The form of the layer, with every question"))
        form.setEnabled(page.map.can_open_form())
        if not form.isEnabled():
            form.setToolTip(tr("Show the register on the map first; its form comes along."))
        self._flow(body, [*buttons, form])
        self._place_for_form("what", body)

    def _change(self, part: str, names: Sequence[str], title: str, start: dict | None = None) -> None:
        roles = role_choices(self.found.roles, self.page.session.role)
        form = RowForm(self.found.asked[r.PROBLEMS], names, {r.OWNER: roles, r.DECIDED_BY: roles})
        was = {name: self.row.get(name) for name in form.fields}
        card = FormCard(title, form, lambda values: self.page.change(
            r.PROBLEMS, self.key, card.changes(), {k: was[k] for k in card.changes()}, card, tr("Saved.")),
            self.close_form, self.page.drafts, self.page.draft(f"{part}-{self.key}"), {**was, **(start or {})},
            name=f"form_{part}")
        card.start.update(was)
        self.open_form(part, card)

    # --- actions -------------------------------------------------------------------------------
    def _actions(self) -> None:
        actions = self.found.actions
        still = [row for row in actions if row[r.STATE] in ("planned", "under way")]
        late = sum(1 for row in still if data.late_by(row[r.DUE_ON], self.today))
        title = tr("Actions: {n} open").format(n=len(still))
        body = self._fold("actions", title + (", " + tr("{n} overdue").format(n=late) if late else ""))
        if not actions:
            body.addWidget(states.label(tr("Nothing is planned yet. Say who does what, and until when."), "no_action"))
        for row in actions:
            body.addWidget(ActionRow(self, row))
        self._flow(body, [self._writes(tr("Add an ac&tion…"), self.add_action, "add_action", "/mActionAdd.svg")])
        self._place_for_form("actions", body)

    def _measures(self) -> None:
        from .problemsmeasures import show_linked

        show_linked(self, self._fold("measures", tr("CPTED measures: {n} linked").format(
            n=len(words.linked(self.found)))))

    def _choices(self) -> dict:
        roles = role_choices(self.found.roles, self.page.session.role)
        places = {row[r.PLACE_ID]: row[r.NAME] for row in self.found.places}
        actions = {row[r.ACTION_ID]: row[r.ACTION] for row in self.found.actions}
        return {r.OWNER: roles, r.BY_ROLE: roles, r.PLACE_ID: places, r.ACTION_ID: actions}

    def add_action(self) -> None:
        """Ask for a new action."""
        form = RowForm(self.found.asked[r.ACTIONS], ACTION, self._choices())
        card = FormCard(tr("New action"), form, lambda values: self.page.insert({r.ACTIONS: [(None, {
            r.PROBLEM_ID: self.key, **_given(values)})]}, card, tr("The action is planned.")), self.close_form,
            self.page.drafts, self.page.draft(f"action-{self.key}"), {
                r.OWNER: self.row[r.OWNER], r.VISIBLE: "internal"}, name="form_actions")
        self.open_form("actions", card)

    def change_action(self, row: dict, names: Sequence[str] = (*ACTION, r.STATE, r.RESULT), title: str = "",
                      start: dict | None = None) -> None:
        """Ask for what is different about an action."""
        form = RowForm(self.found.asked[r.ACTIONS], names, self._choices())
        was = {name: row.get(name) for name in (*form.fields, *(start or {}))}
        card = FormCard(title or tr("Change the action"), form, lambda values: self.page.change(
            r.ACTIONS, row[r.ACTION_ID], {**card.changes(), **(start or {})}, was, card, tr("Saved.")),
            self.close_form, self.page.drafts, self.page.draft(f"action-{row[r.ACTION_ID]}"),
            {name: was[name] for name in form.fields}, text=row[r.ACTION], name="form_actions")
        self.open_form("actions", card)

    def set_state(self, row: dict, state: str) -> None:
        """Say how far an action is; why it was dropped is asked."""
        if state == "dropped":
            self.change_action(row, (r.RESULT,), tr("Why is it dropped?"), {r.STATE: "dropped"})
            return
        self.page.change(r.ACTIONS, row[r.ACTION_ID], {r.STATE: state}, {r.STATE: row[r.STATE]}, told=tr(
            "The action is: {state}.").format(state=data.state_words()[state]),
            again=lambda: self.set_state(row, state))

    # --- deliveries ----------------------------------------------------------------------------
    def _delivered(self) -> None:
        deliveries = self.found.deliveries
        minutes = sum(row[r.MINUTES] for row in deliveries if isinstance(row[r.MINUTES], (int, float)))
        title = tr("Delivered: {n}").format(n=len(deliveries))
        body = self._fold("delivered", title + (", " + tr("{n} minutes").format(
            n=QLocale().toString(round(minutes))) if minutes else ""))
        named = {row[r.ACTION_ID]: row[r.ACTION] for row in self.found.actions}
        if not deliveries:
            body.addWidget(states.label(tr("Nothing was logged yet. What is not written down cannot be shown to have"
                                           " worked."), "no_delivery"))
        self._lines(body, [words.delivery(row, named) for row in deliveries[:_FEW]], "deliveries")
        if len(deliveries) > _FEW:
            body.addWidget(states.label(tr("and {n} before").format(n=len(deliveries) - _FEW), "more_deliveries"))
        self._flow(body, [self._writes(tr("&Log a delivery…"), self.log_delivery, "log_delivery", "/mActionAdd.svg", tr(
            "What was done, when, how long, and by which role"))])
        self._place_for_form("delivered", body)

    def log_delivery(self, action: str = "") -> None:
        """Ask for what was delivered."""
        form = RowForm(self.found.asked[r.DELIVERIES], DELIVERY, self._choices())
        card = FormCard(tr("What was delivered?"), form, lambda values: self.page.insert({r.DELIVERIES: [(None, {
            r.PROBLEM_ID: self.key, **_given(values)})]}, card, tr("Logged.")), self.close_form, self.page.drafts,
            self.page.draft(f"delivery-{self.key}"), {
                r.DELIVERED_ON: self.today.isoformat(), r.KIND: "patrol", r.BY_ROLE: self.page.session.role,
                r.ACTION_ID: action or None}, name="form_delivered")
        self.folds["delivered"].open()
        self.open_form("delivered", card)

    # --- measured, decided ---------------------------------------------------------------------
    def _measured(self) -> None:
        body = self._fold("measured", tr("Before, aim and now"))
        self._lines(body, words.measured(self.row) or [tr("Nothing was measured yet.")], "measured")
        self._flow(body, [
            self._writes(tr("&Write down numbers…"), lambda: self._change("measured", MEASURED, tr(
                "Before, aim and now")), "change_measured", "/mActionToggleEditing.svg"),
            states.button(tr("Com&pare periods"), lambda: self.page.session.go("compare"), "compare",
                          "/mActionMeasure.svg", tr("Count before and after; its result can be written down here"))])
        self._place_for_form("measured", body)

    def _review(self) -> None:
        row = self.row
        late = data.late_by(row[r.REVIEW_ON], self.today) if row[r.STAGE] != "closed" else 0
        body = self._fold("review", tr("Review and decision") + (" – " + data.late_words(late) if late else ""))
        said = words.decided(self.found, self.today) or [tr("No review is set, nothing decided.")]
        self._lines(body, said, "decided")
        self._flow(body, [self._writes(tr("&Review or decide…"), lambda: self._change("review", REVIEW, tr(
            "Review and decision")), "change_review", "/mActionToggleEditing.svg")])
        self._place_for_form("review", body)

    # --- journal -------------------------------------------------------------------------------
    def _journal(self) -> None:
        body = self._fold("journal", tr("What happened so far"))
        said = words.journal(self.found)
        shown = self._lines(body, said[:_FEW], "journal")
        if len(said) > _FEW:
            more = states.button(tr("Show all {n}").format(n=len(said)), None, "all_journal")

            def all_of_it() -> None:
                shown.setText("\n".join(said))
                more.hide()

            more.clicked.connect(lambda: all_of_it())
            self._flow(body, [more])


class ActionRow(QWidget):
    """An action: what, how far, who, until when; and what can be done with it."""

    def __init__(self, view: ProblemView, row: dict) -> None:
        super().__init__()
        self.setObjectName("action")
        gap = theme.unit(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, gap // 2)
        column.setSpacing(max(2, gap // 4))
        still = row[r.STATE] in ("planned", "under way")
        late = data.late_by(row[r.DUE_ON], view.today) if still else 0
        what, _, why = (row[r.ACTION] or "").partition(" – ") if row[r.MEASURE_ID] else (row[r.ACTION] or "", "", "")
        title = states.label(what, "action_title")
        font = title.font()
        font.setBold(still)
        title.setFont(font)
        column.addWidget(title)
        if why:
            column.addWidget(states.label(why, "action_why"))
        said = states.label(words.action(row, view.today), "action_words")
        palette = said.palette()
        palette.setColor(said.foregroundRole(), theme.colour("problem" if late else "quiet"))
        said.setPalette(palette)
        column.addWidget(said)
        flow = FlowLayout(spacing=gap)
        column.addLayout(flow)
        state = row[r.STATE]
        steps = {"planned": [("under way", tr("Begin"), "/mActionStart.svg")], "under way": [
            ("done", tr("Done"), "/mIconSuccess.svg")]}.get(state, [])
        for after, text, icon in steps:
            one = view._writes(text, lambda after=after: view.set_state(row, after), f"action_{after}", icon)
            one.setAccessibleName(tr("{what}: {action}").format(what=text, action=row[r.ACTION]))
            flow.addWidget(one)
        more = QToolButton()
        more.setObjectName("action_more")
        more.setText(tr("More"))
        more.setAccessibleName(tr("{what}: {action}").format(what=tr("More"), action=row[r.ACTION]))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setFocusPolicy(view.to_list.focusPolicy())
        more.setEnabled(view.can)
        menu = QMenu(more)
        key = row[r.ACTION_ID]
        words_of = {"planned": tr("Plan it again"), "under way": tr("Begin"), "done": tr("Done"),
                    "dropped": tr("Drop it…")}
        for after in r.STATES:
            if after != state and after not in [step[0] for step in steps]:
                self._add(menu, words_of[after], lambda after=after: view.set_state(row, after), f"state_{after}")
        self._add(menu, tr("Log a delivery…"), lambda: view.log_delivery(key), "deliver")
        self._add(menu, tr("Change…"), lambda: view.change_action(row), "change")
        more.setMenu(menu)
        flow.addWidget(more)

    @staticmethod
    def _add(menu: QMenu, text: str, slot: Callable, name: str) -> None:
        action = menu.addAction(text)
        action.setObjectName(name)
        action.triggered.connect(lambda checked=False: slot())


def _given(values: dict) -> dict:
    """Return the answers that were given: what is left open is filled in by the form in the file."""
    return {name: value for name, value in values.items() if value is not None}
