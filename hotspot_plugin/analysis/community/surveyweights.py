"""Weights that make a sample agree with known margins: raking, with a limit to the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

import numpy as np

from ..errors import InputError
from ..progress import Progress, silent
from .survey import kish_effect

#: shares of margins are met within this
TOLERANCE = 1e-8
_MOST_ROUNDS = 500


def for_response(base: np.ndarray, cell: np.ndarray, took_part: np.ndarray) -> np.ndarray:
    """Let those who took part stand for those of their cell who were asked and did not.

    Parameters
    ----------
    base : (n,) array
        Weights of all who were asked.
    cell : (n,) array of int
        Response cell, within which those who took part are like the others.
    took_part : (n,) array of bool

    Returns
    -------
    (n,) array
        Base weight over the weighted response rate of the cell; 0 for who did not take part, and in cells in which
        nobody did.
    """
    asked, came = np.bincount(cell, base), np.bincount(cell, base * took_part, int(cell.max(initial=0)) + 1)
    factor = np.where(came > 0, asked / np.where(came > 0, came, 1.0), 0.0)
    return base * factor[cell] * took_part


@dataclass(frozen=True)
class Margin:
    """What is known of the population by one variable.

    Attributes
    ----------
    name : str
    classes : list of str
    code : (n,) array of int
        Class of each respondent; -1 for not stated.
    target : (k,) array
        Shares of the population, with the sum 1.
    """

    name: str
    classes: list
    code: np.ndarray
    target: np.ndarray


@dataclass(frozen=True)
class Raked:
    """Weights after raking.

    Attributes
    ----------
    weight : (n,) array
        With the mean of the weights before.
    design : (n, k) array
        One column of 0 and 1 for each class of each margin, for the variance.
    rounds : int
    trimmed : int
        Respondents whose weight was held at the limit.
    gap : float
        Largest distance of a margin from its target that is left, as a share.
    gap_at : (str, str)
        Margin and class of it.
    kish_before, kish_untrimmed, kish : float
        Design effect of the weights before, of raking without a limit, and of the result.
    not_stated : list of (str, int)
        Margins with respondents whose class is not known, and how many.
    """

    weight: np.ndarray
    design: np.ndarray
    rounds: int
    trimmed: int
    gap: float
    gap_at: tuple
    kish_before: float
    kish_untrimmed: float
    kish: float
    not_stated: list


def rake(
    base: np.ndarray, margins: Sequence[Margin], limit: float = 0.0, parameter: str = "MARGINS",
    progress: Progress = silent,
) -> Raked:
    """Rake weights to margins (iterative proportional fitting; Deming and Stephan 1940).

    Respondents whose class of a margin is not stated keep their share of the weights; the stated ones are raked to
    the margin among themselves.

    Parameters
    ----------
    base : (n,) array
        Weights before.
    margins : sequence of Margin
    limit : float
        Largest weight as a multiple of the mean weight; 0 for none. With a limit margins may not be met: the gap that
        is left is told.
    parameter : str
        Parameter that errors name.
    progress : Progress

    Raises
    ------
    InputError
        If a class with people has no respondents, or the margins contradict each other.
    """
    base = np.asarray(base, dtype=float)
    full = []
    for margin in margins:
        held = np.bincount(margin.code[margin.code >= 0], minlength=len(margin.classes))
        empty = [name for name, n, t in zip(margin.classes, held, margin.target) if not n and t > 0]
        if empty:
            raise InputError(
                parameter, "Nobody in the survey is in these classes of '{margin}', so nobody can be weighted to stand"
                " for them: {classes}. Join them with another class in the data and in the margins.",
                margin=margin.name, classes=", ".join(empty[:10]))
        unknown = margin.code < 0
        part = base[unknown].sum() / base.sum()
        code = np.where(unknown, len(margin.classes), margin.code)
        target = np.append(margin.target * (1 - part), part)
        full.append((margin, code, target * base.sum()))
    free, rounds, gap, at = _fit(base, full, 0.0, progress)
    if gap > 1e-4:
        raise InputError(
            parameter, "The margins cannot be met together: after {rounds} rounds '{margin}', class '{value}', is still"
            " {gap} percentage points from its target. Check the margins, or leave one out.",
            rounds=rounds, margin=at[0], value=at[1], gap=round(100 * gap, 2))
    weight, trimmed = free, 0
    if limit > 0 and free.max() > limit * free.mean():
        weight, rounds, gap, at = _fit(base, full, limit, progress)
        trimmed = int((weight >= limit * weight.mean() * (1 - 1e-9)).sum())
    columns = [code[:, None] == np.arange(len(target)) for _, code, target in full]
    design = np.concatenate(columns, axis=1).astype(float) if columns else np.ones((len(base), 1))
    return Raked(weight, design[:, design.any(axis=0)], rounds, trimmed, gap, at, kish_effect(base), kish_effect(free),
                 kish_effect(weight), [(m.name, int((m.code < 0).sum())) for m in margins if (m.code < 0).any()])


def _fit(base: np.ndarray, full: list, limit: float, progress: Progress) -> tuple[np.ndarray, int, float, tuple]:
    weight, total = base.copy(), base.sum()
    cap = limit * total / len(base)
    gap, at, before, rounds = 0.0, ("", ""), np.inf, 0
    while rounds < _MOST_ROUNDS:
        rounds += 1
        progress(0.0)
        for _, code, target in full:
            now = np.bincount(code, weight, len(target))
            weight *= np.where(now > 0, target / np.where(now > 0, now, 1.0), 0.0)[code]
        if limit > 0:
            weight = np.minimum(weight, cap)
            weight *= total / weight.sum()
            weight = np.minimum(weight, cap)
        gap, at = _worst(weight, full, total)
        if gap < TOLERANCE or (limit > 0 and abs(before - gap) < TOLERANCE):
            break
        before = gap
    return weight, rounds, gap, at


def _worst(weight: np.ndarray, full: list, total: float) -> tuple[float, tuple]:
    gap, at = 0.0, ("", "")
    for margin, code, target in full:
        apart = np.abs(np.bincount(code, weight, len(target)) - target)[: len(margin.classes)] / total
        if len(apart) and apart.max() > gap:
            gap, at = float(apart.max()), (margin.name, margin.classes[int(apart.argmax())])
    return gap, at
