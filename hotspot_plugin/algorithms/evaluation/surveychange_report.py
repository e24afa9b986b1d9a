"""The report of perceptions before and after."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.evaluation.surveychange import ALPHA, Change
from ...reports import forest, formats, surveycharts
from ...reports.html import Report, Shown
from ...translation import tr
from ..community.surveysummary_words import spoken
from .surveychange_words import LESS, MORE, NOT_SHOWN, TOO_FEW, Words, level

#: questions in a chart
_CHARTED = 12


def build(run: Any, words: Words) -> Report:
    """Return the report of a run whose table has been written."""
    data = words.data
    report = Report(tr("Perceptions before and after"), " · ".join(part for part in (
        data.layer, tr("{before} → {after}").format(before=data.waves[0], after=data.waves[1]),
        tr("for the public") if data.public else tr("internal")) if part))
    for text in (*words.said(), words.answered_sentence(), words.composition_sentence()):
        if text:
            report.sentence(text)
    for text in run.warnings:
        report.warning(text)
    _facts(report, words)
    _absent(report, words)
    _back(report, words)
    _levels(report, words)
    _effects(report, words)
    _table(report, words)
    _intervals(report, words)
    _composition(report, words)
    _weights(report, words)
    if data.notes:
        report.heading(tr("What else changed"))
        report.paragraph(data.notes)
    report.heading(tr("How to read this"))
    report.bullets(_reading(words))
    report.heading(tr("How it was made"))
    report.bullets([note for note in run.notes if note != words.summary()])
    return report


def _facts(report: Report, words: Words) -> None:
    first = words.result.answered[0]
    change = first.measure(words.by_mean)
    n = change.cells.n
    tiles = []
    if words.says(change, words.q[0]) != TOO_FEW:
        e = change.effect
        unit = tr("marks") if words.by_mean else tr("points")
        name = tr("Against the comparison areas") if change.compared else tr("Change")
        tiles = [
            (name, tr("{effect} {unit}").format(effect=words.moved(e.value), unit=unit),
             tr("95 % interval {interval}").format(interval=words.interval(e))),
            (tr("By chance alone"), f"p {level(e.p)}", tr("more than chance") if words.q[0] < ALPHA else
             tr("could be chance")),
            (tr("Smallest effect that would show"), tr("{value} {unit}").format(
                value=words.moved(e.smallest, sign=False), unit=unit) if np.isfinite(e.smallest)
                else formats.NOTHING, tr("in 8 of 10 such surveys")),
        ]
    few = change.hidden and words.data.public
    tiles.append((tr("Answers"), formats.NOTHING if few else int(n.sum()), "" if few else tr(
        "before {before}, after {after}").format(before=int(n[[0, 2]].sum()), after=int(n[[1, 3]].sum()))))
    if words.data.area is not None:
        tiles.append((tr("Areas"), tr("{treated} treated").format(treated=words.data.area_counts[0]),
                      tr("{control} comparison").format(control=words.data.area_counts[1])))
    report.facts(tiles)


def _cells(change: Change, cells: int, decimals: int = 0) -> list:
    """Shares of the four cells, or of two; none where a cell has too few."""
    if change.hidden:
        return [Shown(None, formats.NOTHING)] * cells
    return [Shown(float(v), formats.percent(v, decimals)) for v in change.cells.value[:cells]]


def _columns(words: Words) -> list:
    names = [tr("Treated before"), tr("Treated after"), tr("Comparison before"), tr("Comparison after")]
    return names[: 4 if words.data.compared else 2]


def _points(change: Change) -> list:
    e = change.effect
    if not (change.told and e.known):
        return [Shown(None, formats.NOTHING), formats.NOTHING]
    return [Shown(100 * e.value, formats.number(100 * e.value, 1, sign=True)), _nowrap(tr("{low} to {high}").format(
        low=formats.number(100 * e.low, 1, sign=True), high=formats.number(100 * e.high, 1, sign=True)))]


def _nowrap(text: str) -> Shown:
    return Shown(text, text.replace(" ", "\u00a0"))


def _q_cell(q: float) -> Shown:
    return Shown(q, formats.p_value(q), "more" if q < ALPHA else "")


def _absent(report: Report, words: Words) -> None:
    """Who did not answer, by wave and role."""
    report.heading(tr("Who did not answer"))
    rows = [[words.title(a), *_cells(a.absent, len(_columns(words)), 1), *_points(a.absent), _q_cell(q)]
            for a, q in zip(words.result.answered, words.result.q_absent)]
    report.table([tr("Question"), *_columns(words), tr("Difference, points"), tr("95 % interval"), tr("q")], rows, tr(
        "Share without an answer, each respondent counting once. Difference: change of the treated less that of the"
        " comparison areas") if words.data.compared else tr("Share without an answer, each respondent counting once"),
        name="no_answer")
    n = [int(v) for v in np.bincount(words.data.cell, minlength=4)[: len(_columns(words))]]
    shown = [None if words.data.public and v < words.data.least else v for v in n]
    report.table([tr("Counted"), *_columns(words)], [[tr("Respondents"), *shown]],
                 tr("Rows that count, by wave and role"), name="respondents")


def _back(report: Report, words: Words) -> None:
    back = words.result.back
    if back is None:
        return
    report.heading(tr("Who came back"))
    rows = []
    for k, name in enumerate((tr("Treated areas"), tr("Comparison areas"))[: 1 + words.data.compared]):
        ends = (formats.number(100 * end, 0) for end in (back.rates.low[k], back.rates.high[k]))
        rows.append([name, int(back.rates.n[k]), Shown(back.rates.value[k], formats.percent(back.rates.value[k])),
                     _nowrap(tr("{low} to {high} %").format(**dict(zip(("low", "high"), ends)))),
                     *(Shown(v, formats.number(v, 2)) for v in back.earlier[k])])
    question = words.title(words.result.answered[0])
    report.table([tr("Role"), tr("Asked before"), tr("Came back"), tr("95 % interval"), tr("Mean before: came back"),
                  tr("Mean before: did not")], rows, tr(
        "The panel, and what was said before to '{question}' by who came back and who did not (without"
        " weights)").format(question=question), name="panel")


def _levels(report: Report, words: Words) -> None:
    """Before and after, as dots."""
    report.heading(tr("Before and after"))
    labels, before, after, texts, strong, rules, told = [], [], [], [], [], [], []
    times = 1.0 if words.by_mean else 100.0
    for a in words.result.answered[:_CHARTED]:
        change = a.measure(words.by_mean)
        if not change.told:
            continue
        c = change.cells
        rules.append(len(labels))
        for k, role in ((0, tr("treated")), (2, tr("comparison")))[: 1 + change.compared]:
            labels.append(tr("{question}, {role}").format(question=words.title(a), role=role))
            for j, out in ((k, before), (k + 1, after)):
                out.append([times * c.value[j], times * c.low[j], times * c.high[j]])
            moved = change.treated if k == 0 else change.control
            texts.append(words.moved(moved.value))
            strong.append(k == 0)
            told.append(f"{labels[-1]}: {words.value(c.value[k])} → {words.value(c.value[k + 1])}")
    if not labels:
        report.paragraph(tr("Too few answered to show any question."))
        return
    scale = words.result.answered[0].question.scale.limits
    about = tr("Mean") if words.by_mean else tr("Per cent who say the answers of the share")
    report.figure(
        surveycharts.before_after(labels, np.array(before), np.array(after), texts, strong, words.data.waves,
                                  scale if words.by_mean else (0.0, 100.0), about, rules[1:]),
        tr("Weighted, with 95 % intervals; on the right the change"), "; ".join(told), name="before_after")


def _effects(report: Report, words: Words) -> None:
    """The effect on each question, as a forest."""
    shown = [(a, q, a.measure(words.by_mean)) for a, q in zip(words.result.answered, words.q)][:_CHARTED]
    shown = [(a, q, c) for a, q, c in shown if words.says(c, q) != TOO_FEW]
    if not shown:
        return
    report.heading(tr("Treated against comparison areas") if words.data.compared else tr("Change"))
    times = 1.0 if words.by_mean else 100.0
    report.figure(
        forest.differences(
            [words.title(a) for a, _, _ in shown],
            *([times * getattr(c.effect, part) for _, _, c in shown] for part in ("value", "low", "high")),
            x_label=words.unit()[:1].upper() + words.unit()[1:], sides=(tr("less"), tr("more")),
            strong=[q < ALPHA for _, q, _ in shown], decimals=2 if words.by_mean else 1),
        tr("Difference of the changes with 95 % intervals; in colour where it is more than chance among all questions")
        if words.data.compared else tr("Change with 95 % intervals; in colour where it is more than chance"),
        "; ".join(f"{words.title(a)}: {words.moved(c.effect.value)}, {words.interval(c.effect)}" for a, _, c in shown),
        name="effects")


def verdict(says: str) -> Shown:
    """Return the class of a result as a cell."""
    text = {MORE: tr("more ▲"), LESS: tr("less ▼"), NOT_SHOWN: tr("not shown"), TOO_FEW: tr("too few answers")}[says]
    return Shown(says, text)


def _table(report: Report, words: Words) -> None:
    """All questions, share and mean, with the smallest effect that would show beside each."""
    rows, r = [], words.result
    for i, a in enumerate(r.answered):
        for by_mean, change, q in ((False, a.share, r.q_share[i]), (True, a.mean, r.q_mean[i])):
            e, says = change.effect, words.says(change, q)
            what = tr("mean") if by_mean else tr("% who say {answers}").format(answers=words.good(a))
            few = change.hidden and words.data.public
            row = [words.title(a), what, None if few else int(change.cells.n.sum())]
            if says == TOO_FEW:
                rows.append([*row, *([Shown(None, formats.NOTHING)] * (6 if change.compared else 5)), verdict(says)])
                continue
            changes = [change.treated, change.control] if change.compared else []
            rows.append([
                *row, *(Shown(c.value, words.moved(c.value, by_mean)) for c in changes),
                Shown(e.value, words.moved(e.value, by_mean)), _nowrap(words.interval(e, by_mean)), _q_cell(q),
                *([] if change.compared else [Shown(e.p, formats.p_value(e.p))]),
                Shown(e.smallest, words.moved(e.smallest, by_mean, sign=False) if np.isfinite(e.smallest)
                      else formats.NOTHING), verdict(says)])
    both = [tr("Treated"), tr("Comparison"), tr("Effect")] if words.data.compared else [tr("Change")]
    report.table([tr("Question"), tr("Measure"), tr("Answers"), *both, tr("95 % interval"), tr("q"),
                  *([] if words.data.compared else [tr("p")]), tr("Smallest that would show"), tr("In words")],
                 rows, tr("Changes in percentage points (shares) and marks (means). q: probability that chance makes"
                          " such an effect, allowing for the number of questions. Smallest: found in 8 of 10 such"
                          " surveys"), name="changes")


def _intervals(report: Report, words: Words) -> None:
    """The first effect by both intervals."""
    change = words.result.answered[0].measure(words.by_mean)
    if change.areas is None or not change.told:
        return
    report.heading(tr("The first effect by both intervals"))
    rows, times = [(tr("Draw of the respondents"), change.people), (tr("How differently areas changed"), change.areas)
                   ], 1.0 if words.by_mean else 100.0
    report.figure(
        forest.differences(
            [name for name, _ in rows], *([times * getattr(c, part) for _, c in rows] for part in (
                "value", "low", "high")), x_label=words.unit()[:1].upper() + words.unit()[1:],
            sides=(tr("less"), tr("more")), decimals=2 if words.by_mean else 1),
        tr("The wider one holds. The first is true of what people in these very areas think; the second also asks"
           " whether areas drift apart by themselves ({df} degrees of freedom)").format(
               df=formats.number(change.areas.df, 0)),
        "; ".join(f"{name}: {words.interval(c)}" for name, c in rows), name="intervals")


def _composition(report: Report, words: Words) -> None:
    if not words.result.classes:
        return
    report.heading(tr("Who answered"))
    rows = []
    for c, q in zip(words.result.classes, words.result.q_classes):
        shares = _cells(c.change, len(_columns(words)))
        rows.append([spoken(c.group.name), c.name, *shares, *_points(c.change), _q_cell(q)])
    caption = tr("Share of the respondents by group, before any raking, of those who state it. Difference: change of"
                 " the treated less that of the comparison areas") if words.data.compared else tr(
        "Share of the respondents by group, before any raking, of those who state it. Difference: change between the"
        " waves")
    report.table([tr("Group"), tr("Class"), *_columns(words), tr("Difference, points"), tr("95 % interval"), tr("q")],
                 rows, caption, name="who_answered")


def _weights(report: Report, words: Words) -> None:
    raked = words.result.raked
    if not raked:
        return
    report.heading(tr("Weights"))
    report.facts([
        (tr("Weighted alike by"), ", ".join(map(spoken, words.result.raked_to)), tr("both waves")),
        (tr("Design effect of the weights"), formats.number(max(r.kish for r in raked), 2), tr("largest of the parts")),
        (tr("Held at the limit"), sum(r.trimmed for r in raked), tr("respondents")),
    ])


def _reading(words: Words) -> list:
    texts = []
    if words.data.compared:
        texts.append(tr("Assumption: without the measure, opinion in the treated areas would have changed by as much as"
                        " in the comparison areas. Two waves cannot show whether it did so before."))
    else:
        texts.append(tr("Without comparison areas a change is not an effect: opinion may have moved as much"
                        " everywhere."))
    texts += [
        tr("“Not shown” says that the answers fit no effect and other effects too; the interval says which. It is no"
           " proof that nothing changed. The smallest effect that would show tells what the survey could have found."),
        tr("Intervals know the draw of people and, where areas are known, how areas drift apart. They do not know other"
           " wording, another way of asking, or what those think who never answer."),
        tr("Nothing is told where a wave and role has fewer than {least} answers, and shares where one has fewer than"
           " 30 only where they are known well enough (relative standard error up to 30 %).").format(
               least=words.data.least),
    ]
    if words.result.across:
        texts.append(tr("People or clusters that were asked in both waves count with both answers together: what they"
                        " always think cancels."))
    return texts
