"""A comparison of two periods is written down as the result of a problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.PyQt.QtWidgets import QComboBox, QVBoxLayout

from ..analysis.problems import register as r
from ..translation import tr
from . import problemsdata as data
from . import problemswords as words
from . import states
from .problemsforms import FormCard, RowForm
from .problemsnew import Task

RESULT = (r.MEASURE, r.VALUE, r.VALUE_FROM, r.VALUE_TO, r.RESULT, r.BASELINE, r.BASE_FROM, r.BASE_TO)


class Comparison(Task):
    """Asks for which problem a comparison tells the result, and writes it there.

    Parameters
    ----------
    link : dict
        ``sentence``, ``before`` and ``after`` as (first day, last day), ``value`` as change in percent, ``report`` as
        path; what is not known may be missing.
    """

    def __init__(self, page: Any, link: dict) -> None:
        super().__init__(page)
        self.link, self.found, self.card = link, None, None
        lines = page.register.lines if page.register else []
        still = [line for line in lines if not line.closed]
        if not still:
            self.column.addWidget(states.Card("calm", tr("No problem to write it down for"), tr(
                "A result belongs to a problem. Write down the problem first, then come back to the comparison."), [
                    states.button(tr("New problem…"), lambda: page.task("problemsnew", "NewProblem"), "new_for_link",
                                  "/mActionAdd.svg")], "card_no_problem"))
            return
        self.problem = QComboBox()
        self.problem.setObjectName("link_problem")
        self.problem.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.problem.setMinimumContentsLength(8)
        self.problem.addItem(tr("Choose a problem"), "")
        for line in still:
            self.problem.addItem(line.title, line.key)
        card = states.Card("calm", tr("For which problem is this the result?"), str(link.get("sentence") or ""),
                           name="card_link")
        self.add_asked(card, self.problem, tr("&Problem"))
        self.column.addWidget(card)
        self.place = QVBoxLayout()
        self.column.addLayout(self.place)
        self.problem.currentIndexChanged.connect(self._chosen)
        key = page.list.current()
        self.problem.setCurrentIndex(max(0, self.problem.findData(key)) if key else int(len(still) == 1))
        self.problem.setFocus()

    def _chosen(self, *_: Any) -> None:
        key = self.problem.currentData()
        states.clear(self.place)
        self.page.hold(None)
        if key:
            self.page.work(tr("Reading the problem"), lambda path: data.read_problem(path, key),
                           lambda found: self._read(key, found), again=self._chosen)

    def _read(self, key: str, found: Any) -> None:
        if states.gone(self) or self.problem.currentData() != key or found is None:
            return
        states.clear(self.place)
        self.found = found
        start, text = self.start(found.row)
        form = RowForm(found.asked[r.PROBLEMS], RESULT)
        was = {name: found.row.get(name) for name in form.fields}
        self.card = FormCard(tr("What came of it"), form, lambda values: self._save(was), self.page.back,
                             name="form_link", words=tr("&Write it down"), text=text)
        form.set_values(start)
        self.place.addWidget(self.card)
        self.card.start.update(was)
        self.page.hold(self.card)

    def start(self, row: dict) -> tuple:
        """Return what is written down for a problem, and a sentence on it; what was measured otherwise is not mixed."""
        index = tr("Recorded incidents, where the days before are 100")
        before, after = (_days(self.link.get(name)) for name in ("before", "after"))
        change = self.link.get("value")
        out = {name: row.get(name) for name in RESULT}
        out.update({r.VALUE_FROM: after[0], r.VALUE_TO: after[1], r.RESULT: self._result()})
        if row.get(r.MEASURE) and row[r.MEASURE] != index:
            out[r.VALUE] = None
            return out, tr("This problem is measured by '{measure}'. The comparison gives a change of {value} %; write"
                           " how much it is now.").format(measure=row[r.MEASURE], value=words.number(change) or "–")
        # the file takes no number below 0, and a change is told beside what it was
        out.update({r.MEASURE: index, r.BASELINE: 100.0, r.BASE_FROM: before[0], r.BASE_TO: before[1], r.VALUE: None
                    if change is None else round(max(0.0, 100.0 + float(change)), 1)})
        return out, tr("The days before count as 100; the value says how much is left, or how much more there is.")

    def _result(self) -> str:
        text, report = str(self.link.get("sentence") or ""), str(self.link.get("report") or "")
        more = " " + tr("Report: {file}").format(file=Path(report).name) if report else ""
        room = r.TEXT_LENGTH - len(more)
        return (text if len(text) <= room else text[:room - 1] + "…") + more

    def _save(self, was: dict) -> None:
        key = self.found.row[r.PROBLEM_ID]
        page = self.page

        def written(row: dict) -> None:
            page.open_problem(key)
            page.tell(states.Card("good", tr("The result is written down"), tr(
                "If the work on it is over, go on to the stage 'Assess', and decide."), [
                    states.button(tr("Close"), lambda: page.tell(None), "close_card")], "card_linked"))

        changes = self.card.changes()
        page.change(r.PROBLEMS, key, changes, {name: was[name] for name in changes}, self.card, done=written)


def _days(given: Any) -> tuple:
    """Return first and last day of a period, None where they are not known."""
    if isinstance(given, dict):
        given = (given.get("from"), given.get("to"))
    pair = tuple(given) if isinstance(given, (list, tuple)) and len(given) >= 2 else (None, None)
    return tuple(str(one)[:10] if one else None for one in pair[:2])
