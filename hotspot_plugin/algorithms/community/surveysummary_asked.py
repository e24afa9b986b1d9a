"""Who was asked and who took part, where the survey has a row for everybody who was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import numpy as np

from ...analysis.community import survey as estimation
from ...analysis.community import surveyscale
from ...analysis.community.survey import Estimates
from ...analysis.community.surveysummary import Group
from ...analysis.community.surveyweights import for_response, kish_effect
from ...analysis.errors import InputError
from ...analysis.significance import benjamini_hochberg
from ...layers.reading import Points
from ...reports import formats
from ...translation import tr

#: what says that somebody did not take part
_NO = {"", "0", "no", "n", "false", "f", "none", "null", "refused", "not reached", "nein", "non", "нет", "否", "0.0"}


@dataclass(frozen=True)
class TookPart:
    """Response of the people who were asked.

    Attributes
    ----------
    keep : (n,) array of bool
        Who took part.
    weight : (n,) array
        Weights with which those stand for the others of their cell.
    rates : list of (Group, Estimates, array)
        Response rate by group, each person counting once, and the q of a difference from the others.
    """

    keep: np.ndarray
    weight: np.ndarray
    rates: list[tuple[Group, Estimates, np.ndarray]]

    @property
    def asked(self) -> int:
        """How many were asked."""
        return len(self.keep)


def read(run: Any, survey: Points, weight: np.ndarray, groups: list, design: Callable) -> TookPart:
    """Read who took part, tell the rates, and weight by the inverse of the response rate within cells."""
    tool = run.tool
    name = run.field(tool.RESPONDED_FIELD)
    keep = np.array([surveyscale.plain("" if t is None else t) not in _NO for t in survey.columns[name]], dtype=bool)
    if not keep.any():
        raise InputError(tool.RESPONDED_FIELD, "By '{field}' nobody took part. It must hold yes (or 1, or a date) for"
                         " those who did, and no, 0 or nothing for the others.", field=name)
    fields = run.fields(tool.RESPONSE_CELLS) or run.fields(tool.STRATUM_FIELD)
    cell = np.zeros(len(keep), dtype=np.int64)
    for column in fields:
        texts = np.array([surveyscale.plain("" if t is None else t) for t in survey.columns[column]], dtype=str)
        code = np.unique(texts, return_inverse=True)[1].ravel()
        cell = np.unique(cell * (code.max(initial=0) + 1) + code, return_inverse=True)[1].ravel()
    adjusted = for_response(weight, cell, keep)
    cells = int(cell.max(initial=0)) + 1
    silent = np.bincount(cell, keep, cells) == 0
    if silent.any():
        run.warn(tr("In {count} of {cells} response cells nobody took part; nobody stands for their {people} people."
                    " Make larger cells (RESPONSE_CELLS).").format(
            count=int(silent.sum()), cells=cells, people=formats.number(int(silent[cell].sum()))))
    run.info(tr("{came} of {asked} people asked took part ({rate}); within {cells} response cells those who did stand"
                " for the others (design effect of the weights {before} before, {after} after).").format(
        came=formats.number(int(keep.sum())), asked=formats.number(len(keep)), rate=formats.percent(keep.mean()),
        cells=cells, before=formats.number(kish_effect(weight[keep]), 2),
        after=formats.number(kish_effect(adjusted[keep]), 2)))
    plain, rates = design(np.ones(len(keep))), []
    for group in groups:
        rate = estimation.estimate(plain, keep.astype(float), group.code, len(group.classes), share=True)
        p = estimation.beside_others(plain, keep.astype(float), group.code, len(group.classes), True).p
        rates.append((group, rate, benjamini_hochberg(p)))
    return TookPart(keep, adjusted, rates)
