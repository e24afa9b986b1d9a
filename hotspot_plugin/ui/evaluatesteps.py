"""What a careful analyst asks after a comparison: five steps, each answered by a tool, and one report of them all."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from qgis.PyQt.QtCore import QDate
from qgis.PyQt.QtWidgets import QVBoxLayout

from ..translation import tr
from . import evaluateforms as forms
from . import evaluateruns as runs
from . import evaluatestep as steps
from . import evaluatewords as words
from . import states, theme
from .evaluatechain import StepsThatAnswer, chart_of, quiet

DONE, COMPARED, MOVED, SURE, RESIDENTS, REPORT = range(6)
#: Steps whose answers rest on that of a step.
_RESTS = {DONE: (COMPARED, MOVED, SURE, RESIDENTS), COMPARED: (MOVED, SURE, RESIDENTS), MOVED: (SURE,), SURE: (),
          RESIDENTS: ()}


class EvaluateSteps(StepsThatAnswer):
    """The steps of an evaluation below a comparison.

    Parameters
    ----------
    page : Page
        Whose session, ``run_tool`` and ``tell`` are used.
    """

    def __init__(self, page: Any) -> None:
        super().__init__(page)
        self.answers = runs.Answers()
        self.question: dict = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.unit(self))
        heading = states.label(tr("Did it work?"), "evaluate_heading")
        heading.setFont(theme.heading(self.font(), 1.15))
        column.addWidget(heading)
        column.addWidget(states.label(tr(
            "More or fewer incidents alone do not say that the measure made the difference. Five questions do, as far"
            " as it can be known."), "evaluate_words"))
        titles = (tr("What was done, where and when?"), tr("Compared with what?"), tr("Could it have moved?"),
                  tr("How sure are we?"), tr("What do residents say?"))
        names = ("step_done", "step_compared", "step_moved", "step_sure", "step_residents")
        self.steps += [steps.Step(k + 1, 5, title, name) for k, (title, name) in enumerate(zip(titles, names))]
        self.steps.append(steps.Step(0, 5, tr("One report of it all"), "step_report"))
        self._fill()
        for step in self.steps:
            column.addWidget(step)
        self.session.layersChanged.connect(self._layers_changed)
        self.session.projectChanged.connect(self.forget)
        self.session.caseChanged.connect(self._case_changed)
        self.session.dataChanged.connect(self._case_changed)
        self.forget()

    def _fill(self) -> None:
        self.done, self.compared = forms.WhatWasDone(), forms.ComparedWith()
        self.residents, self.reporting = forms.Residents(self.session), forms.ReportForm()
        asked = (
            (self.done, "", tr("Write it down"), self.write_down),
            (self.compared, tr("Areas like these show what would have happened anyway. Only what was recorded before"
                               " the start is looked at, and a plan is written before any answer is computed."),
             tr("Find similar areas"), self.compare),
            (None, tr("Trouble may go round the corner. We count next door, too, and next door to the others."),
             tr("Ask"), self.ask_moved),
            (None, tr("How small a change could have been seen at all? And does another way of asking say the same?"),
             tr("Ask"), self.ask_sure),
            (self.residents, tr("Fewer incidents is one thing, feeling safer another."), tr("Ask"),
             self.ask_residents),
            (self.reporting, tr("All answers, what was planned, what was done and what could be wrong, on a few"
                                " pages."), tr("Write the report"), self.write_report),
        )
        names = ("evaluate_done", "evaluate_compare", "evaluate_moved", "evaluate_sure", "evaluate_residents",
                 "evaluate_report")
        for step, name, (form, text, title, slot) in zip(self.steps, names, asked):
            if text:
                step.body.addWidget(states.label(text))
            if form is not None:
                step.body.addWidget(form)
            button = states.button(title, slot, name, primary=True)
            button.setDefault(False)
            row = states.FlowLayout(spacing=theme.unit(self))
            row.addWidget(button)
            step.body.addLayout(row)
            self.buttons.append(button)
            self.titles.append(title)
        self.waits = [states.label("", f"wait_{k}") for k in range(6)]
        for step, wait in zip(self.steps, self.waits):
            step.body.addWidget(wait)
            wait.hide()
        self.nobody = states.Card("calm", tr("Nobody asked them yet"), tr(
            "There is no survey and no layer of residents' reports in this project. You can begin now: what they say"
            " today is the 'before' of the next evaluation."), [states.button(
                tr("Hear residents"), lambda: self.session.go("community"), "ask_them")], "nobody_asked")
        self.steps[RESIDENTS].body.insertWidget(1, self.nobody)
        self.done.selected.toggled.connect(self._selected)
        self.done.changed.connect(lambda: self._changed(DONE))
        self.compared.changed.connect(lambda: self._changed(COMPARED))
        self.residents.changed.connect(lambda: self._changed(RESIDENTS))

    # --- the question --------------------------------------------------------------------------
    def begin(self, question: dict) -> None:
        """Begin with a comparison; answers of an earlier one are forgotten.

        Parameters
        ----------
        question : dict
            incidents, date_field, areas, role_field, before, after (pairs of QDate), and outcome of the comparison or
            None.
        """
        self.forget()
        self.question = dict(question)
        before, after = question["before"], question["after"]
        self.answers = runs.Answers(
            incidents=question.get("incidents") or "", date_field=question.get("date_field") or "",
            areas=question.get("areas") or "", role_field=question.get("role_field") or "", before=tuple(before),
            after=tuple(after), start=QDate(after[0]))
        layer = self.session.layer(self.answers.areas)
        with quiet(self.done, self.done.areas, self.done.start, self.done.selected):
            self.done.areas.setLayer(layer)
            self.done.start.setDate(self.answers.start)
            self.done.selected.setChecked(False)
        with quiet(self.compared, self.compared.candidates):
            forms.show_none(self.compared.candidates)
        self._look_at_areas()
        self._case_changed()
        self.residents.find()
        self.reporting.question.setText("")
        self.show()
        self.steps[DONE].open()
        self._ready()

    def forget(self, *_: Any) -> None:
        """Begin anew: another project, or another comparison."""
        self._round += 1
        self.question, self.outcomes, self.answers = {}, {}, runs.Answers()
        for step in self.steps:
            step.show_answer()
            step.set_state(steps.NOT_YET)
            step.open(False)
        self.done.marked.hide()
        self.compared.show_given(False, False)
        self._ready()
        self.hide()

    def close_down(self) -> None:
        """Let go of the session; what still runs calls nobody back."""
        self._round += 1
        self._scroller.stop()
        for signal, slot in ((self.session.layersChanged, self._layers_changed),
                             (self.session.projectChanged, self.forget), (self.session.caseChanged, self._case_changed),
                             (self.session.dataChanged, self._case_changed)):
            signal.disconnect(slot)

    def _look_at_areas(self) -> None:
        """Find out in the background which roles the areas have; until then those of the same areas stand."""
        layer, name = self.session.layer(self.answers.areas), self.answers.role_field
        self._look_at_selection()
        if layer is None or not name or layer.fields().indexOf(name) < 0:
            self._roles(self._round, {})
            return
        read, turn = forms.values_job(layer, name), self._round

        def sort(job: Any) -> dict:
            import numpy as np

            from ..analysis.evaluation import design

            values = read(job)
            codes = design.role_codes(np.array(values, object))
            return {k: [v for v, code in zip(values, codes) if code == k] for k in range(len(design.ROLES))}

        self.session.jobs.start(tr("Looking at the roles of the areas"), sort, lambda roles: self._roles(turn, roles),
                                lambda text: self._roles(turn, {}))

    def _look_at_selection(self) -> None:
        layer = self.session.layer(self.answers.areas)
        count = layer.selectedFeatureCount() if layer is not None else 0
        self.done.selected.setText(tr("Only the {count} areas selected on the map").format(count=count))
        self.done.selected.setVisible(count > 0)

    def enterEvent(self, event: Any) -> None:  # noqa: N802
        """The user comes from the map, where another selection may have been made."""
        super().enterEvent(event)
        self._look_at_selection()

    def _selected(self, only: bool) -> None:
        """Areas of the same layer are what the selected ones can be compared with."""
        layer = self.session.layer(self.answers.areas)
        if only and layer is not None and self.compared.candidates.currentLayer() is None:
            self.compared.candidates.setLayer(layer)

    def _roles(self, turn: int, roles: dict) -> None:
        if turn != self._round:
            return
        if self.answers.roles and roles != self.answers.roles:  # other marks than those that were answered for
            self._again(COMPARED, *_RESTS[COMPARED])
        self.answers.roles = roles
        self.done.marked.setVisible(bool(roles.get(0)))
        self.done.marked.setText(tr("Your areas are marked: those where something was done, and those to compare with.")
                                 if self.answers.given else tr("Only the areas marked as those where something was done"
                                                               " are taken."))
        self.compared.show_given(self.answers.given, self.answers.rings_given)

    # --- what changes --------------------------------------------------------------------------
    def _changed(self, step: int) -> None:
        """An answer of the user changed: what rests on it is asked again."""
        if not self.question:
            return
        if step == DONE:
            areas = self.done.areas.currentLayer()
            id = areas.id() if areas is not None else ""
            if id != self.answers.areas:
                given = self.question.get("areas") or ""
                self.answers.areas, self.answers.roles = id, {}
                self.answers.role_field = self.question.get("role_field") or "" if id == given else ""
                self._look_at_areas()
        self._again(step, *_RESTS[step])

    def _again(self, *which: int) -> None:
        """Let steps be asked again, and the report too."""
        for k in (*which, REPORT):
            step = self.steps[k]
            was = step.state
            self.outcomes.pop(k, None)
            if was != steps.NOT_YET:
                step.set_state(steps.NOT_YET, tr("an earlier answer changed") if k != which[0] else "")
                step.show_answer()
        if COMPARED in which:
            self.answers.ground = self.answers.ground_field = self.answers.plan = ""
        self._ready()

    def _layers_changed(self) -> None:
        if not self.question:
            return
        there, a = self.session.layer, self.answers
        if there(a.incidents) is None:
            self.forget()
            self.show()
            self.steps[DONE].show_answer(states.Card("doubt", tr("The incidents are gone"), tr(
                "Their layer was taken out of the project. Add it again and compare once more.")))
            self.steps[DONE].open()
            return
        if a.areas and there(a.areas) is None:
            a.areas = ""
            self._again(DONE, *_RESTS[DONE])
        elif a.ground and there(a.ground) is None:
            self._again(COMPARED, *_RESTS[COMPARED])
        if self.compared.candidates.currentLayer() is None:
            with quiet(self.compared, self.compared.candidates):
                forms.show_none(self.compared.candidates)
        self.residents.find()
        self._ready()

    def _case_changed(self, *_: Any) -> None:
        if not self.question:
            return
        if not self.session.case_works:
            self.done.set_problems([])
            return
        turn = self._round
        self.session.jobs.start(tr("Reading the case file"), self.done.delivered_job(self.session.case),
                                lambda rows: self.done.set_problems(rows) if turn == self._round else None,
                                lambda text: self.done.set_problems([]))

    def _ready(self) -> None:
        """Switch the buttons on that can be pressed now, and say why the others cannot."""
        asked, idle = bool(self.question), not self.page.is_busy()
        someone = self.residents.layers.count() > 0
        first = tr("First answer step {number}.")
        lacks = [
            "" if self.answers.areas else tr("Choose the areas first; draw them, or take hot spots."),
            "" if self._answered(DONE) else first.format(number=1),
            "" if self.answers.ground else first.format(number=2),
            "" if self.answers.ground else first.format(number=2),
            "", "" if self.outcomes.get(MOVED) or self.outcomes.get(SURE) else first.format(number=3),
        ]
        for step, (button, wait, lack) in enumerate(zip(self.buttons, self.waits, lacks)):
            button.setEnabled(asked and idle and not lack)
            again = self._answered(step) and step not in (DONE, REPORT)
            button.setText(tr("Ask again") if again else self.titles[step])
            wait.setText(lack)
            wait.setVisible(bool(lack) and asked)
        self.nobody.setVisible(not someone)
        self.residents.setVisible(someone)
        self.buttons[RESIDENTS].setVisible(someone)

    def _answered(self, step: int) -> bool:
        return self.steps[step].state == steps.ANSWERED

    # --- step 1 --------------------------------------------------------------------------------
    def write_down(self) -> None:
        """Take what the user says; the plan is written with the next step, before anything is computed."""
        a, form = self.answers, self.done
        a.selected = not form.selected.isHidden() and form.selected.isChecked()
        a.start, a.chosen = form.start.date(), form.chosen.currentIndex()
        a.measure, a.notes = form.measure.text().strip(), form.notes.text().strip()
        chosen = form.problem.currentData()
        a.problem, a.dose = (chosen[0], chosen[2]) if chosen else ("", "")
        step = self.steps[DONE]
        if not a.before[0] < a.start <= a.after[1]:
            step.set_state(steps.FAILED)
            step.show_answer(states.Card("doubt", tr("The day does not fit the comparison"), tr(
                "The measure must start after {before} and not later than {after}: choose another day, or compare other"
                " periods.").format(before=runs.day_text(a.before[0]), after=runs.day_text(a.after[1]))))
            return
        self._look_at_areas()  # marks may have been changed since
        self._again(COMPARED, *_RESTS[COMPARED])
        text = tr("The next step writes it into a plan together with the areas, before any of the answers below is"
                  " computed.")
        if a.chosen == runs.BY_COUNT:
            text += " " + tr("Places chosen because much happened there calm down by themselves; the answers allow for"
                             " that.")
        periods = a.periods()
        if a.start != a.after[0] or a.start <= a.before[1]:
            text += " " + tr("Before: {b1} to {b2}, after: {a1} to {a2}, so that neither reaches over the first"
                             " day.").format(b1=periods["BEFORE_START"], b2=periods["BEFORE_END"],
                                             a1=periods["AFTER_START"], a2=periods["AFTER_END"])
        what = a.measure or tr("Something was done")
        self._answer(DONE, words.Finding("good", tr("{what}, since {day}.").format(
            what=what, day=runs.day_text(a.start)), text), [])
        if not self.reporting.question.text():
            self.reporting.question.setText(tr("Did it make a difference: {what}?").format(what=what))
            self.reporting.question.setCursorPosition(0)
        self._ready()
        self.buttons[COMPARED].setFocus()

    # --- step 2 --------------------------------------------------------------------------------
    def compare(self) -> None:
        """Find areas to compare with, and write the plan."""
        a, form, session = self.answers, self.compared, self.session
        self._again(COMPARED, *_RESTS[COMPARED])
        candidates = form.candidates.currentLayer()
        a.candidates = candidates.id() if candidates is not None and not a.given else ""
        a.ring, a.plan = float(form.ring.value()), session.place("plan", ".json")
        layer, tools, files = session.layer(a.areas), [], ["", ""]
        for role in (0, 1) if a.given else (0,) if a.roles.get(0) else ():
            files[role] = runs.aside(("done", "others")[role])
            tools.append(("native:extractbyexpression", lambda _, r=role: runs.of_role(a, r, files[r])))
        tools.append(("evaluationareas", lambda _: runs.evaluationareas(session, a, layer, *files)))
        if a.rings_given:  # the plan of the areas as they were given
            a.ground, a.ground_field = a.areas, a.role_field
            tools.append(("detectableeffect", lambda _: runs.detectableeffect(session, a, a.plan)))
        self._chain(COMPARED, tools, self._compared, self._not_compared)

    def _compared(self, outcomes: list) -> None:
        a = self.answers
        main = next(one for one in outcomes if one.tool.endswith(":evaluationareas"))
        if not a.rings_given:
            a.ground, a.ground_field = main.layers.get("OUTPUT", ""), "role"
        text = tr("The plan was written before any of the answers below was computed ({file}).").format(
            file=Path(a.plan).name)
        if a.after[0] <= QDate.currentDate():
            text += " " + tr("It bears today's date, so everybody sees that the time after had begun.")
        note = states.label(text, "plan_written")
        note.setToolTip(a.plan)
        note.setVisible(Path(a.plan).exists())
        self._answer(COMPARED, words.compared(main), outcomes, note)

    def _not_compared(self, outcome: Any, before: list) -> None:
        a = self.answers
        a.plan = a.plan if Path(a.plan).exists() else ""
        if a.given and not a.selected:  # what the areas say themselves is enough to go on
            a.ground, a.ground_field = a.areas, a.role_field
        else:
            a.ground = a.ground_field = ""
        self._could_not(COMPARED, outcome)

    # --- step 3 --------------------------------------------------------------------------------
    def ask_moved(self) -> None:
        """Ask what changed, next door too."""
        self._again(MOVED, *_RESTS[MOVED])
        self._chain(MOVED, [("weighteddisplacement", lambda _: runs.weighteddisplacement(self.session, self.answers))],
                    self._moved)

    def _moved(self, outcomes: list) -> None:
        found = words.effect(outcomes[0])
        extra = [chart_of([(tr("Where something was done"), found)])] if found is not None else []
        self._answer(MOVED, words.moved(outcomes[0]), outcomes, *extra)

    # --- step 4 --------------------------------------------------------------------------------
    def ask_sure(self) -> None:
        """Ask how small a change could have been seen, and ask another way."""
        self._again(SURE, *_RESTS[SURE])
        self._chain(SURE, [
            ("detectableeffect", lambda _: runs.detectableeffect(self.session, self.answers)),
            ("diffindiff", lambda _: runs.diffindiff(self.session, self.answers))], self._sure, self._half_sure)

    def _sure(self, outcomes: list) -> None:
        before = (self.outcomes.get(MOVED) or [None])[0]
        rows = [(title, words.effect(one)) for title, one in (
            (tr("Step 3"), before), (tr("Another way of asking"), outcomes[-1])) if one is not None]
        rows = [row for row in rows if row[1] is not None]
        self._answer(SURE, words.sure(outcomes[0], outcomes[-1], before), outcomes, *([chart_of(rows)] if rows else []))

    def _half_sure(self, outcome: Any, before: list) -> None:
        if not before:
            self._could_not(SURE, outcome)
            return
        self._answer(SURE, words.sure(before[0], None, None, words.refusal(outcome.text)), before)

    # --- step 5 --------------------------------------------------------------------------------
    def ask_residents(self) -> None:
        """Ask the survey, or what residents reported."""
        a, session, asked = self.answers, self.session, self.residents.asked()
        self._again(RESIDENTS)
        if asked["kind"] == "reports":
            self._ask_reports(asked)
            return
        if "survey" not in asked["kind"] or not asked["questions"]:
            self.steps[RESIDENTS].set_state(steps.FAILED)
            self.steps[RESIDENTS].show_answer(states.Card("doubt", tr("No question is chosen"), tr(
                "Tick at least one question of the survey.")))
            return
        tools, parameters = [], runs.surveychange(session, a, asked)
        if asked["kind"] == "dated survey":
            places = [runs.aside("answers before"), runs.aside("answers after")]
            tools = [("native:extractbyexpression", lambda _, k=k: runs.wave(asked, (a.before, a.after)[k], places[k]))
                     for k in range(2)]
            parameters = {**parameters, "INPUT": places[0], "AFTER_INPUT": places[1]}
        tools.append(("surveychange", lambda _: parameters))
        question = asked["questions"][0].replace("_", " ")
        self._chain(RESIDENTS, tools, lambda found: self._answer(
            RESIDENTS, words.survey(found[-1], question[:1].upper() + question[1:]), found))

    def _ask_reports(self, asked: dict) -> None:
        a, session, tools = self.answers, self.session, []
        there: Any = runs.treated(a)
        if a.roles.get(0):
            there = runs.aside("done")
            tools.append(("native:extractbyexpression", lambda _: runs.of_role(a, 0, there)))
        reports = runs.near(asked, a, there)
        tools.append(("native:extractbylocation", lambda _: reports))
        for period, stem in ((a.before, "worries before"), (a.after, "worries after")):
            tools.append(("communityconcern", lambda _, period=period, stem=stem: runs.communityconcern(
                session, reports["OUTPUT"], there, period, stem)))
        self._chain(RESIDENTS, tools, lambda found: self._answer(
            RESIDENTS, words.concern(found[-2], found[-1]), found))

    # --- the report ----------------------------------------------------------------------------
    def write_report(self) -> None:
        """Write one report from the records of all steps."""
        from ..analysis.evaluation import evaluationreport

        everything = [self.question.get("outcome"), *(one for k in range(REPORT) for one in self.outcomes.get(k, []))]
        records = [str(one.results["PROVENANCE"]) for one in everything if one is not None
                   and one.tool in evaluationreport.TOOLS and one.results.get("PROVENANCE")]
        said = [one for one in self.outcomes.get(RESIDENTS, []) if one.tool.endswith(":communityconcern")]
        told = {"decision": self.reporting.decision.toPlainText().strip(),
                "participation": words.participation(*said) if len(said) == 2 else ""}
        question = self.reporting.question.text().strip() or tr("Did it make a difference?")
        self._chain(REPORT, [("evaluationreport", lambda _: runs.evaluationreport(
            self.session, self.answers, records, question, told))], self._reported)

    def _reported(self, outcomes: list) -> None:
        self._answer(REPORT, words.whole(outcomes[0]), outcomes)
        card = self.steps[REPORT].answer.itemAt(0).widget()
        path = str(outcomes[0].results.get("REPORT") or "")
        card.buttons.addWidget(states.button(tr("Save a copy…"), lambda: self._save(path), "evaluate_save",
                                             "/mActionFileSaveAs.svg"))
        card.buttons.addWidget(states.button(tr("Link to a problem"), lambda: self._link(outcomes[0]), "evaluate_link",
                                             "/mActionLink.svg", tr("Keeps the result with a problem you work on")))
        self.session.show_file(path)

    def _save(self, path: str) -> None:
        target = self.session.ask_save(tr("Save the report"), tr("Web pages (*.html)"), Path(path).name)
        if not target:
            return
        target = target if target.lower().endswith((".html", ".htm")) else target + ".html"
        try:
            shutil.copyfile(path, target)
        except (OSError, shutil.SameFileError) as error:
            self.page.tell_problem(tr("The report cannot be saved there ({error}). Choose another folder.").format(
                error=error), again=lambda: self._save(path))

    def _link(self, outcome: Any) -> None:
        periods = self.answers.periods()
        found = words.effect(self.outcomes[MOVED][0]) if self.outcomes.get(MOVED) else None
        self.session.go("problems", link={
            "kind": "evaluation", "sentence": outcome.summary, "value": found.value if found is not None else None,
            "before": (periods["BEFORE_START"], periods["BEFORE_END"]),
            "after": (periods["AFTER_START"], periods["AFTER_END"]),
            "report": str(outcome.results.get("REPORT") or "")})
