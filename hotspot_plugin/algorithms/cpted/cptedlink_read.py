"""What 'Relate crime to environment' reads, and the models that it fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis import weights
from ...analysis.cpted import countmodel
from ...analysis.cpted import cptedlink as analysis
from ...analysis.errors import InputError
from ...layers.areas import LINE, POLYGON, Areas
from ...reports import formats
from ...translation import tr
from . import happened
from .cptedscore_words import principle_name

AUTOMATIC, FIELD, NONE = range(3)
#: Share of the places for which a principle must be measured to take part.
KNOWN = 0.8
#: Types that are looked at by themselves, at most.
MOST_TYPES = 12


@dataclass
class Look:
    """One model and what it is of."""

    name: str
    theme: str
    link: analysis.Link


@dataclass
class Data:
    """What was read and fitted.

    Attributes
    ----------
    units : Areas
    names : list of str
    used : (n,) bool array
        Places in the models.
    left : list of (reason, count)
    principles : list of int
        Those in the models.
    dropped : list of (principle, reason)
    controls : list of str
    vif : (k,) array
        Of the principles and controls.
    exposure : (n,) array
    per : str
        What incidents are per, in words.
    seen : Happened
    looks : list of Look
        The first is all incidents.
    skipped : list of (name, count)
        Types with too few incidents.
    counts : (n,) array
        All incidents by place.
    """

    units: Areas
    names: list
    used: np.ndarray
    left: list
    principles: list
    dropped: list
    controls: list
    vif: np.ndarray
    exposure: np.ndarray
    per: str
    seen: Any
    looks: list
    skipped: list
    counts: np.ndarray

    @property
    def terms(self) -> list:
        """Names of the coefficients."""
        return [*(principle_name(p) for p in self.principles), *self.controls]


def read(run: Any) -> Data:
    """Read the places and incidents, and fit the models."""
    tool = run.tool
    found = happened.scores(run, tool.INPUT)
    label = happened.label_field(run, tool.NAME_FIELD, tool.INPUT)
    controls = run.fields(tool.CONTROLS)
    wrong = [name for name in controls if name in found]
    if wrong:
        raise InputError(tool.CONTROLS, "'{field}' is a score and in the model anyway. Choose other fields.",
                         field=wrong[0])
    people = run.field(tool.EXPOSURE_FIELD, tool.INPUT)
    numbers = list(dict.fromkeys([*(f for f in found if f), *controls, *([people] if people else [])]))
    units = run.areas(tool.INPUT, numbers=numbers, texts=[label] if label and label not in numbers else [])
    exposure, per = _exposure(run, units, people)
    principles, dropped = _principles(run, units, found)
    scores = np.column_stack([units.columns[found[p]] for p in principles])
    extra = np.column_stack([units.columns[c] for c in controls]) if controls else np.empty((len(units), 0))
    used, left = _complete(run, exposure, scores, extra)
    flat = [name for k, name in enumerate(controls) if np.ptp(extra[used, k]) == 0]
    if flat:
        raise InputError(tool.CONTROLS, "'{field}' is the same at all places and explains nothing. Leave it out.",
                         field=flat[0])
    still = [k for k in range(len(principles)) if np.ptp(scores[used, k]) > 0]
    dropped += [(principles[k], tr("the same score at all places")) for k in range(len(principles)) if k not in still]
    principles, scores = [principles[k] for k in still], scores[:, still]
    need = 3 + len(principles) + len(controls)
    if not principles or used.sum() < max(need, analysis.LEAST_PLACES):
        raise InputError(tool.INPUT, "There are {count} places with all that the model needs, and {principles}"
                         " principles that differ between them: too few. Score more places, or leave out CONTROLS.",
                         count=int(used.sum()), principles=len(principles))
    seen = happened.read(run, units)
    table = seen.table(len(units))
    data = Data(units, happened.place_names(units, label if label not in numbers else ""), used, left, principles,
                dropped, controls, countmodel.inflation(np.column_stack([scores[used], extra[used]])), exposure, per,
                seen, [], [], table.sum(axis=(1, 2)))
    _fit(run, data, table, scores[used], extra[used])
    return data


def _exposure(run: Any, units: Areas, field: str) -> tuple:
    tool, kind = run.tool, run.choice(run.tool.EXPOSURE)
    if kind == FIELD:
        if not field:
            raise InputError(tool.EXPOSURE_FIELD, "Choose the field that incidents shall be counted per.")
        return units.columns[field], tr("per {field}").format(field=field)
    if field:
        raise InputError(tool.EXPOSURE, "A field is given, but incidents are counted per something else. Choose 'A"
                         " field', or leave EXPOSURE_FIELD empty.")
    if kind == AUTOMATIC and units.kind == LINE:
        return units.lengths_m / 1000.0, tr("per kilometre of street")
    if kind == AUTOMATIC and units.kind == POLYGON:
        return units.areas_m2 / 1e6, tr("per square kilometre")
    return np.ones(len(units)), tr("per place")


def _principles(run: Any, units: Areas, found: list) -> tuple:
    kept, dropped = [], []
    for p, name in enumerate(found):
        if not name:
            continue
        known = float(np.isfinite(units.columns[name]).mean())
        if known >= KNOWN:
            kept.append(p)
        else:
            dropped.append((p, tr("measured at {share} of the places only").format(share=formats.percent(known))
                            if known else tr("not measured")))
    if not kept:
        raise InputError(run.tool.INPUT, "No principle is measured at {share} of the places or more. Score the places"
                         " with more layers first.", share=formats.percent(KNOWN))
    return kept, dropped


def _complete(run: Any, exposure: np.ndarray, scores: np.ndarray, controls: np.ndarray) -> tuple:
    used, left = np.ones(len(exposure), bool), []
    for bad, reason in (
        (~(np.isfinite(exposure) & (exposure > 0)), tr("nothing to count incidents per")),
        (~np.isfinite(scores).all(axis=1), tr("a principle is not measured")),
        (~np.isfinite(controls).all(axis=1), tr("a control has no value")),
    ):
        count = int((bad & used).sum())
        if count:
            left.append((reason, count))
            run.info(tr("{count} of {all} places are left out: {reason}.").format(
                count=formats.number(count), all=formats.number(len(used)), reason=reason))
        used &= ~bad
    return used, left


def _fit(run: Any, data: Data, table: np.ndarray, scores: np.ndarray, controls: np.ndarray) -> None:
    tool, used, seen = run.tool, data.used, data.seen
    near = weights.k_nearest(data.units.centroids[used], min(run.integer(tool.NEIGHBOURS), int(used.sum()) - 1))
    rng = np.random.default_rng(run.integer(tool.SEED))
    wanted = [(tr("all incidents"), tr("all"), table.sum(axis=(1, 2)))]
    least = run.integer(tool.MIN_COUNT)
    if seen.typed and len(seen.types) > 1:
        order = np.argsort(-table[used].sum(axis=(0, 2)), kind="stable").tolist()
        for rank, k in enumerate(order):
            count = int(table[used][:, k].sum())
            if count < least or rank >= MOST_TYPES:
                data.skipped.append((seen.types[k], count))
            else:
                wanted.append((seen.types[k], tr("type"), table[:, k].sum(axis=1)))
    for name, hours in ((tr("by day"), happened.DAY), (tr("by night"), happened.NIGHT)):
        counted = table[:, :, hours].sum(axis=1)
        if counted[used].sum() >= least:
            wanted.append((name, tr("hours"), counted))
    links = []
    for i, (_, _, y) in enumerate(wanted):
        links.append(analysis.link(
            y[used], scores, controls, data.exposure[used], near, rng, run.integer(tool.PERMUTATIONS),
            run.stage(0.45 + 0.4 * i / len(wanted), 0.45 + 0.4 * (i + 1) / len(wanted))))
    if links[0].problem:
        raise InputError(tool.INCIDENTS, "No model can be fitted: {count} incidents at {places} of {all} places. At"
                         " least {least} places with incidents are needed, and principles that do not repeat one"
                         " another.", count=links[0].count, places=links[0].places, all=int(used.sum()),
                         least=analysis.LEAST_PLACES)
    links = analysis.adjusted(links, len(data.principles))
    data.looks = [Look(name, theme, one) for (name, theme, _), one in zip(wanted, links)]
