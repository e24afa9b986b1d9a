"""Reads the treated and the comparison areas for 'Synthetic control' and has the weights found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...analysis.evaluation import syntheticcontrol as analysis
from ...translation import tr
from . import panel_read
from .panel_read import Source

#: Units before the start below which nothing is computed.
_LEAST_BEFORE = 4
#: Comparison areas below which nothing is computed: a placebo needs some of its own.
_LEAST_DONORS = 3
AS_PUBLISHED = 1


@dataclass(frozen=True)
class Data:
    """What is compared.

    Attributes
    ----------
    source : Source
    treated : (k, m) array
        Incidents of each treated area per unit of ``length``.
    donors : (d, m) array
    donor_rows : (d,) array of int
        Rows of the areas.
    length : (m,) array
        Length of each unit over the mean length: counts are divided by it.
    dropped : int
        Comparison areas not drawn.
    published : bool
    notes : str
    """

    source: Source
    treated: np.ndarray
    donors: np.ndarray
    donor_rows: np.ndarray
    length: np.ndarray
    dropped: int
    published: bool
    notes: str

    @property
    def before(self) -> np.ndarray:
        """(m,) array of bool."""
        return self.source.panel.before

    @property
    def after(self) -> np.ndarray:
        """(m,) array of bool."""
        return self.source.panel.later


@dataclass(frozen=True)
class Result:
    """The synthetic control and its placebos."""

    own: analysis.Synthetic
    placebos: analysis.Placebos


def read(run: Any) -> Data:
    """Read the panel and refuse what cannot be compared."""
    tool = run.tool
    source = panel_read.read(run)
    panel = source.panel
    rows, size = np.flatnonzero(panel.control), int(panel.treated.sum())
    if int(panel.before.sum()) < _LEAST_BEFORE:
        raise InputError(
            tool.INCIDENTS if run.has(tool.INCIDENTS) else tool.SERIES_FIELDS, "There are {count} units of time before"
            " the start. Weights need at least {least}, better 20: give a longer time before, or a shorter unit"
            " (UNIT).", count=int(panel.before.sum()), least=_LEAST_BEFORE)
    if len(rows) < max(_LEAST_DONORS, size + 2):
        raise InputError(
            tool.ROLE_FIELD, "There are {count} comparison areas for {size} treated ones. At least {least} are needed,"
            " to be weighed and to serve as placebos; better 20 or more. Mark more areas as control, or use 'Weighted"
            " displacement difference'.", count=len(rows), size=size, least=max(_LEAST_DONORS, size + 2))
    dropped = max(len(rows) - run.integer(tool.DONORS), 0)
    if dropped:
        keep = run.integer(tool.DONORS)
        if keep < size + 2:
            raise InputError(tool.DONORS, "At least {least} comparison areas are needed beside {size} treated ones.",
                             least=size + 2, size=size)
        rng = np.random.default_rng(run.integer(tool.SEED))
        rows = np.sort(rng.permutation(rows)[:keep])
        run.info(tr("{count} of the {all} comparison areas were drawn at random.").format(
            count=keep, all=keep + dropped))
    length = panel.days / panel.days.mean()
    rates = panel.counts / length
    treated = rates[panel.treated]
    if not treated[:, panel.before].any():
        raise InputError(tool.ROLE_FIELD, "The treated areas have no incident before the start: nothing can fall, and"
                                          " what they would have had cannot be told. Take larger areas or a longer"
                                          " time.")
    return Data(source, treated, rates[rows], rows, length, dropped,
                run.choice(tool.METHOD) == AS_PUBLISHED, run.text(tool.NOTES).strip())


def compare(run: Any, data: Data) -> Result:
    """Have the weights found, and the placebos."""
    own, placebos = analysis.placebos(
        data.treated, data.donors, data.before, data.after,
        np.random.default_rng(run.integer(run.tool.SEED)), run.integer(run.tool.DRAWS), run.stage(0.6, 0.88),
        noisy=not data.published)
    return Result(own, placebos)
