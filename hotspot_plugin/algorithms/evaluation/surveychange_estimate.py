"""Estimates perceptions before and after: weights, who answered, and the changes of each question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...analysis.community import survey
from ...analysis.community.survey import Design, Estimates
from ...analysis.community.surveyscale import Question, plain
from ...analysis.community.surveysummary import Group, withheld
from ...analysis.community.surveyweights import Margin, rake
from ...analysis.errors import InputError
from ...analysis.evaluation import surveychange as analysis
from ...analysis.evaluation.surveychange import Change, Contrast
from ...analysis.significance import benjamini_hochberg
from ...reports import formats
from ...translation import tr
from ..community import surveysummary_population as people
from .surveychange_read import Data


@dataclass(frozen=True)
class Answered:
    """A question with its results.

    Attributes
    ----------
    question : Question
    absent : Change
        Share without an answer, each respondent counting once.
    mean, share : Change
    """

    question: Question
    absent: Change
    mean: Change
    share: Change

    def measure(self, by_mean: bool) -> Change:
        """Return the mean or the share."""
        return self.mean if by_mean else self.share


@dataclass(frozen=True)
class Class:
    """A class of a group in both waves: its share of the respondents."""

    group: Group
    name: str
    change: Change


@dataclass(frozen=True)
class Back:
    """Who of a panel came back.

    Attributes
    ----------
    rates : (2,) Estimates
    difference : Contrast
    earlier : (2, 2) array
        Mean of the first question before, by role: of who came back, and of who did not.
    """

    rates: Estimates
    difference: Contrast
    earlier: np.ndarray


@dataclass(frozen=True)
class Result:
    """All estimates.

    Attributes
    ----------
    answered : list of Answered
    q_mean, q_share, q_absent : (k,) arrays
    classes : list of Class
    q_classes : (c,) array
    back : Back or None
    raked : list of Raked
    raked_to : list of str
    design : Design
    across : bool
        Units go across the waves.
    """

    answered: list
    q_mean: np.ndarray
    q_share: np.ndarray
    q_absent: np.ndarray
    classes: list
    q_classes: np.ndarray
    back: Back | None
    raked: list
    raked_to: list
    design: Design
    across: bool


def estimate(run: Any, data: Data) -> Result:
    """Estimate everything."""
    n = len(data.wave)
    units, across = _units(data)
    stratum = data.stratum if data.stratum is not None else np.zeros(n, dtype=np.int64)
    # what is sampled in treated and in comparison areas is drawn apart; unless a unit lies in both
    apart = units is None or not len(np.intersect1d(units[data.role == 0], units[data.role == 1]))
    strata = 4 * stratum + 2 * data.role * apart + (0 if across else data.wave)
    weight, margins, raked, raked_to = _weights(run, data)
    base, plain_design = Design(data.weight, strata, units), Design(np.ones(n), strata, units)
    design = Design(weight, strata, units, margins) if margins is not None else base
    if design.lonely:
        run.info(tr("{count} strata have one sampling unit only; it is compared with the mean of all, which makes"
                    " intervals wider rather than narrower.").format(count=design.lonely))
    answered, total = [], len(data.questions)
    for i, question in enumerate(data.questions):
        progress = run.stage(0.35 + 0.45 * i / total, 0.35 + 0.45 * (i + 1) / total)
        absent = analysis.compare(plain_design, (question.answer < 0).astype(float), data.cell, share=True,
                                  limits=(0.0, 1.0), across=across, least=data.least)
        cell = data.cell
        if data.person is not None:
            both = analysis.both_waves(np.where(question.answer >= 0, data.person, -1), data.wave)
            cell = np.where(both, cell, -1)
        common = {"area": data.area, "across": across, "least": data.least, "progress": progress}
        mean, share = (
            analysis.compare(design, values, cell, share=is_share, limits=limits, **common)
            for values, is_share, limits in ((question.value, False, question.scale.limits),
                                             (question.good, True, (0.0, 1.0))))
        answered.append(Answered(question, absent, mean, share))
    classes = _classes(data, base, across)
    return Result(answered, *(_q([getattr(a, name) for a in answered]) for name in ("mean", "share", "absent")),
                  classes, _q([c.change for c in classes]), _back(data, plain_design), raked, raked_to, design, across)


def _q(changes: list) -> np.ndarray:
    """Allow for their number; what is not told takes no part."""
    return benjamini_hochberg(np.array([c.effect.p if c.told else np.nan for c in changes], dtype=float))


def _units(data: Data) -> tuple[np.ndarray | None, bool]:
    """Return the sampling units, and whether they go across the waves."""
    units = data.unit
    if units is None:
        return (None, False) if data.person is None else (data.person, True)
    if data.person is not None:
        return units, True
    both = np.intersect1d(units[data.wave == 0], units[data.wave == 1])
    return units, bool(len(both))


def _classes(data: Data, base: Design, across: bool) -> list:
    """Who answered in each wave and role."""
    found = []
    for group in data.groups:
        among = group.among
        fewest = np.array([_fewest(data, among == k) for k in range(group.real)])
        small = withheld(fewest, group.real, data.least, True) if data.public else np.zeros(group.real, dtype=bool)
        for k in range(group.real):
            y = np.where(among >= 0, among == k, np.nan).astype(float)
            change = analysis.compare(base, y, data.cell, share=True, limits=(0.0, 1.0), across=across,
                                      least=data.least)
            found.append(Class(group, group.classes[k], replace(change, hidden=bool(change.hidden or small[k]))))
    return found


def _fewest(data: Data, inside: np.ndarray) -> int:
    """Fewest respondents of a class in a wave and role; nobody reveals nobody."""
    counts = np.bincount(data.cell[inside], minlength=4)[: 4 if data.compared else 2]
    return int(counts[counts > 0].min(initial=np.iinfo(np.int64).max))


def _back(data: Data, design: Design) -> Back | None:
    """Who of a panel came back."""
    if data.person is None:
        return None
    both = analysis.both_waves(data.person, data.wave)
    back = np.where(data.wave == 0, both, np.nan).astype(float)
    rates, difference = analysis.came_back(design, back, data.role)
    code = np.where(data.wave == 0, 2 * data.role + ~both, -1)
    earlier = survey.estimate(design, data.questions[0].value, code, 4)
    enough = np.where(earlier.n >= data.least, earlier.value, np.nan)
    return Back(rates, difference, enough.reshape(2, 2))


# --- weights -------------------------------------------------------------------------------
def _weights(run: Any, data: Data) -> tuple[np.ndarray, np.ndarray | None, list, list]:
    """Rake each wave to the margins, or the second to the first; return weights, columns, and what was done."""
    tool, alike = run.tool, run.choice(run.tool.RAKE) == 1
    if not alike and not run.has(tool.MARGINS):
        return data.weight, None, [], []
    if alike and run.has(tool.MARGINS):
        raise InputError(tool.RAKE, "Margins are given, and the second wave is to be weighted to the first: it is not"
                         " clear which holds. Leave MARGINS empty, or set RAKE to 0.")
    if not data.groups:
        raise InputError(tool.GROUP_FIELDS, "Choose the groups by which the waves are to be weighted.")
    margins = list(people.margins_of_table(run, {plain(g.name): g for g in data.groups}).values()) if not alike else []
    weight, raked, blocks = data.weight.copy(), [], []
    for rows, first in _strands(data, alike):
        if alike:
            margins = [_as_first(group, data.weight, first) for group in data.groups]
        own = [Margin(m.name, m.classes, m.code[rows], m.target) for m in margins]
        made = rake(data.weight[rows], own, run.number(tool.TRIM) or 0.0, tool.RAKE if alike else tool.MARGINS)
        weight[rows] = made.weight
        raked.append(made)
        columns = np.zeros((len(weight), made.design.shape[1]))
        columns[rows] = made.design
        blocks.append(columns)
    names = [margin.name for margin in margins]
    run.info(tr("Weights: each wave raked to {names}; design effect of the weights up to {kish}, {count} held at the"
                " limit.").format(names=", ".join(names), kish=formats.number(max(r.kish for r in raked), 2),
                                  count=sum(r.trimmed for r in raked)))
    return weight, np.concatenate(blocks, axis=1), raked, names


def _strands(data: Data, alike: bool) -> list:
    """Return the rows that are raked together, and those that they are raked to."""
    if not alike:
        return [(np.flatnonzero(data.wave == w), None) for w in (0, 1)]
    return [(np.flatnonzero(data.cell == c), (data.cell == 2 * (c // 2))) for c in range(4) if (data.cell == c).any()]


def _as_first(group: Group, weight: np.ndarray, first: np.ndarray) -> Margin:
    """Make a margin of who answered before."""
    among = group.among
    known = first & (among >= 0)
    held = np.bincount(among[known], weight[known], group.real)
    if not held.sum() > 0:
        raise InputError("GROUP_FIELDS", "Nobody in the first wave states '{group}', so the second cannot be weighted"
                         " to it. Leave the group out.", group=group.name)
    # who answered in the second wave only stands for nobody of the first: they keep no weight by themselves
    return Margin(group.name, group.classes[: group.real], np.where(among >= 0, among, -1), held / held.sum())
