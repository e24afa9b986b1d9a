"""What 'Compare crime with community concern' reads, counts and compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.core import QgsWkbTypes

from ...analysis.community import concordance as analysis
from ...analysis.community import inputs, voices
from ...analysis.community import pairs as pairing
from ...analysis.errors import InputError
from ...analysis.proactive import from_truths
from ...layers import fields
from ...layers.areas import POINT
from ...layers.overlay import polygon_index
from ...reports import formats
from ...translation import tr
from . import concordance_areas, reports
from .concordance_areas import Ground

#: What tells that a layer is of residents' voices.
_OF_VOICES = (inputs.VOICE, inputs.CONCERN, inputs.CONSENT)


@dataclass
class Counted:
    """One layer as places with a kind, or as numbers of the areas.

    Attributes
    ----------
    x, y : (m,) arrays
        Metres; empty where the areas bring the number.
    kind : (m,) object array of str or None, or None
        Group or category.
    voice : (m,) int array or None
        Number of the resident, None where each row is one.
    count : str
        Field of the areas, "" for places.
    name : str
        As the layer calls itself.
    first, last : datetime64[D] or None
    worry : (m,) array or None
        How much it concerns them, 1 to 5.
    area : (m,) int array or None
        The area of each row, -1 for none.
    """

    x: np.ndarray
    y: np.ndarray
    kind: np.ndarray | None
    voice: np.ndarray | None
    count: str
    name: str
    first: Any = None
    last: Any = None
    worry: np.ndarray | None = None
    area: np.ndarray | None = None

    def numbers(self, areas: Any, chosen: frozenset | None = None) -> np.ndarray:
        """Return the number in each area, of all kinds or of those chosen; a voice once an area."""
        if self.count:
            return areas.columns[self.count]
        keep = self.area >= 0
        if chosen is not None:
            keep &= np.isin(self.kind.astype(str), sorted(chosen))
        if self.voice is None:
            return np.bincount(self.area[keep], minlength=len(areas)).astype(float)
        return voices.count(self.area[keep], self.voice[keep], len(areas)).astype(float)


@dataclass(frozen=True)
class Compared:
    """Both layers of one pair beside each other.

    Attributes
    ----------
    pair : Pair
    first, second : Layer
    kind : (n,) array of int
        The class.
    link : Association or None
    """

    pair: pairing.Pair
    first: analysis.Layer
    second: analysis.Layer
    kind: np.ndarray
    link: analysis.Association | None


@dataclass(frozen=True)
class Data:
    """All that was read and compared; ``looks[0]`` is all together, ``besides`` the concern that no crime goes with."""

    ground: Ground
    first: Counted
    second: Counted
    of_voices: bool
    labels: tuple
    named: bool
    looks: list
    besides: analysis.Layer | None
    matched: pairing.Matched | None
    environment: analysis.Environment | None
    least: int
    beyond: float
    lowest: float

    @property
    def areas(self) -> Any:
        """The areas."""
        return self.ground.areas

    @property
    def main(self) -> Compared:
        """All together."""
        return self.looks[0]


def read(run: Any) -> Data:
    """Read both layers and the areas, and compare them."""
    tool = run.tool
    use_areas = concordance_areas.are_given(run)
    counts = [run.field(name, tool.AREAS) if use_areas else "" for name in (tool.FIRST_COUNT, tool.SECOND_COUNT)]
    for name, field, parameter in zip((tool.INCIDENTS, tool.SECOND), counts, (tool.FIRST_COUNT, tool.SECOND_COUNT)):
        if run.has(name) == bool(field):
            raise InputError(name, "Give a layer, or a field of the areas with the number ({parameter}): one of the"
                             " two.", parameter=parameter)
    least = run.integer(tool.MIN_VOICES) or voices.LEAST_VOICES
    areas = names = None
    if use_areas:
        areas, names = concordance_areas.given(run, counts)
    elif run.has(tool.RESIDENTS_FIELD):
        raise InputError(tool.RESIDENTS_FIELD, "This is a field of AREAS, and none are given.")
    first = _first(run, counts[0])
    second, of_voices = _second(run, counts[1])
    side, ground_m2 = 0.0, None
    if areas is None:
        areas, names, side, ground_m2 = concordance_areas.made(run, (first.x, first.y), (second.x, second.y), least)
    for field, name in zip(counts, (tool.FIRST_COUNT, tool.SECOND_COUNT)):
        if field:
            _check_numbers(name, field, areas.columns[field])
    ground = concordance_areas.exposure(run, areas, names, side, ground_m2)
    for name, one in ((tool.INCIDENTS, first), (tool.SECOND, second)):
        _place(run, name, one, ground)
    matched = _pairs(run, first, second)
    labels = _labels(run, first, second, of_voices)
    beyond = run.number(tool.BEYOND)
    pairs = matched.pairs if matched else [pairing.Pair("", None, None)]
    rng, xy = np.random.default_rng(run.integer(tool.SEED)), areas.centroids
    looks = []
    for i, pair in enumerate(pairs):
        stage = run.stage(0.6 + 0.3 * i / len(pairs), 0.6 + 0.3 * (i + 1) / len(pairs))
        a = analysis.judge(first.numbers(areas, pair.groups), ground.exposure, least, beyond, stage)
        b = analysis.judge(second.numbers(areas, pair.categories), ground.exposure, least, beyond, stage)
        link = analysis.associate(a.rates.ratio, b.rates.ratio, xy, rng, run.integer(tool.PERMUTATIONS), stage)
        looks.append(Compared(pair, a, b, analysis.classify(a.state, b.state), link))
    besides = None
    if matched and of_voices:
        others = frozenset(str(v) for v in second.kind if v is not None) - pairs[0].categories
        if others:
            besides = analysis.judge(second.numbers(areas, others), ground.exposure, least, beyond)
    for parameter, one in zip((tool.INCIDENTS, tool.SECOND), (looks[0].first, looks[0].second)):
        if not np.nansum(one.rates.count) > 0:
            raise InputError(parameter, "Nothing of this layer is counted in an area. Check that the layers show the"
                             " same ground, and PAIRS.")
    named = run.has(tool.NAME_FIRST) or run.has(tool.NAME_SECOND)
    return Data(ground, first, second, of_voices, labels, named, looks, besides, matched,
                concordance_areas.scores(run, areas), least, beyond, run.number(tool.LOWEST) / 100.0)


def _check_numbers(parameter: str, field: str, values: np.ndarray) -> None:
    known = values[np.isfinite(values)]
    if not len(known) or (known < 0).any() or (np.abs(known - np.round(known)) > 1e-6).any():
        raise InputError(parameter, "'{field}' does not hold whole numbers of 0 or more. Choose the field with the"
                         " number counted, not a rate or a share.", field=field)


def _no_places(field: str) -> Counted:
    return Counted(np.zeros(0), np.zeros(0), None, None, field, field)


def _first(run: Any, count: str) -> Counted:
    tool = run.tool
    if count:
        return _no_places(count)
    there = run.source_fields(tool.INCIDENTS)
    group = run.field(tool.TYPE_FIELD, tool.INCIDENTS) or next(
        (n for n in (fields.CGROUP, fields.CTYPE) if n in there), "")
    date = run.field(tool.DATE_FIELD, tool.INCIDENTS, fields.DT_FROM)
    mark = fields.PROACTIVE if fields.PROACTIVE in there else ""
    texts = [name for name in dict.fromkeys((group, mark)) if name]
    points = run.points(tool.INCIDENTS, texts=texts, times=[date] if date else [], progress=run.stage(0.0, 0.2))
    if mark:
        made = from_truths(points.columns[mark], mark)[0].made
        if made.all():
            raise InputError(tool.INCIDENTS, "Officers found all of these themselves, which says where officers were."
                             " Take what others reported.")
        if made.any():
            run.info(tr("{count} of {all} incidents are not counted: officers found them themselves.").format(
                count=formats.number(int(made.sum())), all=formats.number(len(points))))
            points = points.take(~made, tr("found by officers themselves"))
    kind = reports.blank(points.columns[group]) if group else None
    return Counted(points.x, points.y, kind, None, "", points.name, *_days(points.columns.get(date)))


def _second(run: Any, count: str) -> tuple[Counted, bool]:
    tool = run.tool
    if count:
        return _no_places(count), count.lower() == fields.VOICES
    there = run.source_fields(tool.SECOND)
    if run.has(tool.VOICE_FIELD) or any(name in there for name in _OF_VOICES):
        said = reports.read(run, tool.SECOND, {
            inputs.CATEGORY: tool.CATEGORY_FIELD, inputs.VOICE: tool.VOICE_FIELD, inputs.SAID_ON: tool.SECOND_DATE,
            inputs.CONCERN: ""})
        layer, where = said.layer, said.layer.centroids
        if layer.kind != POINT:
            run.info(tr("Reports that are drawn as lines or areas count where their middle lies."))
        return Counted(where[:, 0], where[:, 1], said.category, said.voice, "", layer.name, *_days(said.day),
                       worry=said.concern), True
    kind = run.field(tool.CATEGORY_FIELD, tool.SECOND) or (inputs.CATEGORY if inputs.CATEGORY in there else "")
    date = run.field(tool.SECOND_DATE, tool.SECOND, fields.DT_FROM) or (
        inputs.SAID_ON if inputs.SAID_ON in there else "")
    texts, times = [kind] if kind else [], [date] if date else []
    if QgsWkbTypes.geometryType(run.source(tool.SECOND).wkbType()) == POINT:
        layer = run.points(tool.SECOND, texts=texts, times=times, progress=run.stage(0.2, 0.3))
        where = layer.xy
    else:
        layer = run.areas(tool.SECOND, texts=texts, times=times)
        where = layer.centroids
        run.info(tr("Lines and areas of the second layer count where their middle lies."))
    return Counted(where[:, 0], where[:, 1], reports.blank(layer.columns[kind]) if kind else None, None, "", layer.name,
                   *_days(layer.columns.get(date))), False


def _days(values: np.ndarray | None) -> tuple:
    if values is None:
        return None, None
    days = values[~np.isnat(values)].astype("M8[D]")
    return (days.min(), days.max()) if len(days) else (None, None)


def _place(run: Any, name: str, one: Counted, ground: Ground) -> None:
    """Give each row its area, and tell how many have none."""
    if one.count:
        return
    one.area = polygon_index(ground.areas).first(one.x, one.y, run.stage(0.48, 0.5))
    outside = int((one.area < 0).sum())
    if outside == len(one.x):
        raise InputError(name, "None of the {count} rows of '{layer}' lies in an area. Check that both layers cover the"
                         " same ground and have the right coordinate reference system.", count=outside, layer=one.name)
    if outside:
        tell = run.warn if outside > 0.05 * len(one.x) else run.info
        tell(tr("{name}: {count} of {all} ({share}) lie in no area and are not counted.").format(
            name=one.name, count=formats.number(outside), all=formats.number(len(one.x)),
            share=formats.percent(outside / len(one.x), 1)))


def _pairs(run: Any, first: Counted, second: Counted) -> pairing.Matched | None:
    """Match categories with groups; None where all is set beside all."""
    text = run.text(run.tool.PAIRS)
    table = pairing.parse(text)
    if first.kind is None or second.kind is None:
        if table:
            raise InputError(run.tool.PAIRS, "Pairs need the group of each incident and the category of each report."
                             " Choose TYPE_FIELD and CATEGORY_FIELD, or leave the pairs empty.")
        return _about_crime(run, second)
    known = [{str(v) for v in one.kind[one.area >= 0] if v is not None} for one in (second, first)]
    matched = pairing.match(table or pairing.DEFAULT, sorted(known[0]), sorted(known[1]))
    for field, one, found in zip((run.tool.CATEGORY_FIELD, run.tool.TYPE_FIELD), (second, first), known):
        if not found:
            raise InputError(field, "The field is empty in all rows of '{layer}' that lie in an area. Choose another"
                             " one.", layer=one.name)
    if not matched.pairs:
        categories, groups = (", ".join(sorted(names)[:12]) or "–" for names in known)
        raise InputError(run.tool.PAIRS, "No category of concern goes with a group of crime. Categories: {categories};"
                         " groups: {groups}. Write the pairs as 'category = group, group'.",
                         categories=categories, groups=groups)
    for names, what in (
        (matched.without, tr("Not compared, as they go with no crime: {names}.")),
        (matched.unknown, tr("Not compared, as the table of pairs does not have them: {names}.")),
        (matched.unmatched, tr("Not compared, as their groups are not in the data: {names}.")),
        (matched.left, tr("Groups that no concern is about, and that are not counted: {names}.")),
    ):
        if names:
            run.info(what.format(names=", ".join(names)))
    _tell_compared(run, first, second, matched)
    return matched


def _tell_compared(run: Any, first: Counted, second: Counted, matched: pairing.Matched) -> None:
    """Tell how many rows are compared, those without a group or category among the others."""
    together = matched.pairs[0]
    here = [one.kind[one.area >= 0].astype(str) for one in (first, second)]
    counts = [int(np.isin(kind, sorted(of)).sum()) for kind, of in zip(here, (together.groups, together.categories))]
    run.info(tr("Compared: {first} of {incidents} incidents and {second} of {reports} reports in the areas.").format(
        first=formats.number(counts[0]), incidents=formats.number(len(here[0])), second=formats.number(counts[1]),
        reports=formats.number(len(here[1]))))
    strange = int(np.isin(here[1], matched.unknown).sum())
    if strange > 0.05 * len(here[1]):
        run.warn(tr("{count} of {all} reports are of categories that the table of pairs does not have ({names}). Say in"
                    " PAIRS which groups they go with.").format(
                        count=formats.number(strange), all=formats.number(len(here[1])),
                        names=", ".join(matched.unknown[:8])))


def _about_crime(run: Any, second: Counted) -> pairing.Matched | None:
    """Without groups of crime: leave out the categories that go with no crime at all."""
    if second.kind is None or second.voice is None:
        return None
    names = sorted({str(v) for v in second.kind[second.area >= 0] if v is not None})
    matched = pairing.match(pairing.DEFAULT, names, ["crime"])
    about = [name for name in names if pairing.DEFAULT.get(name.casefold())]
    if not about:
        run.warn(tr("No category of concern is known to be about crime: all of it is set beside all incidents."))
        return None
    left = [name for name in names if name not in about]
    if left:
        run.info(tr("Not compared, as they go with no crime: {names}.").format(names=", ".join(left)))
    run.warn(tr("The groups of the incidents are not known, so all concern about crime is set beside all incidents."))
    return pairing.Matched([pairing.Pair("", frozenset(about), None)], left, [], [], matched.unmatched)


def _labels(run: Any, first: Counted, second: Counted, of_voices: bool) -> tuple:
    tool = run.tool
    return (run.text(tool.NAME_FIRST).strip() or (tr("recorded crime") if of_voices else first.name),
            run.text(tool.NAME_SECOND).strip() or (tr("concern") if of_voices else second.name))
