"""The people of patrol zones: what residents report near them, and who lives there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from qgis.core import QgsGeometry

from ...analysis.community import inputs, voices
from ...analysis.errors import InputError
from ...layers import fields
from ...layers.lengths import within
from ...layers.zones import spatial_index
from ...reports import formats
from ...translation import tr
from ..community import reports as residents

#: Names that a layer of community input has.
CATEGORY, CONCERN, WISH, VOICE = inputs.CATEGORY, inputs.CONCERN, inputs.WISH, inputs.VOICE
#: What stands in place of a concern or wish that too few voices name.
TOO_FEW = "too few voices to say"
#: Residents in all zones below which shares of groups are not compared.
LEAST_RESIDENTS = 100


@dataclass
class Reports(residents.Reports):
    """Reports of residents, and which of them are told.

    Attributes
    ----------
    distance : float
        Metres around a zone within which reports belong to it.
    least : int
        Fewest voices of which anything is told.
    """

    distance: float
    least: int


@dataclass
class Heard:
    """What residents say about each zone; wish and category are None where the layer does not have them."""

    reports: np.ndarray
    voices: np.ndarray
    category: voices.Main | None
    wish: voices.Main | None
    concern: np.ndarray
    least: int

    @property
    def enough(self) -> np.ndarray:
        """(k,) array of bool: zones with voices enough to say anything."""
        return self.voices >= self.least

    def wish_of(self, i: int) -> tuple[str, float]:
        """Return the one main wish of a zone and its share; "" where there is none or several are level."""
        if self.wish is None or len(self.wish.names[i]) != 1:
            return "", np.nan
        return self.wish.names[i][0], float(self.wish.share[i])


@dataclass
class Burden:
    """Residents of the zones and of the whole area, and groups among them.

    Attributes
    ----------
    inside, whole : (1 + groups,) arrays
        All residents, then each group.
    """

    names: list = field(default_factory=list)
    inside: np.ndarray = field(default_factory=lambda: np.zeros(1))
    whole: np.ndarray = field(default_factory=lambda: np.zeros(1))

    def shares(self, i: int) -> tuple[float, float, float]:
        """Return the share of group ``i`` in the zones and in the whole, and their ratio (NaN for few residents)."""
        here = self.inside[i] / self.inside[0] if self.inside[0] > 0 else np.nan
        there = self.whole[i] / self.whole[0] if self.whole[0] > 0 else np.nan
        known = self.inside[0] >= LEAST_RESIDENTS and there > 0
        return float(here), float(there), float(here / there) if known else np.nan


# --- residents' reports --------------------------------------------------------------------
def read_reports(run: Any) -> Reports | None:
    """Read the layer of residents' reports; None without one."""
    tool = run.tool
    if not run.has(tool.COMMUNITY):
        return None
    chosen = {CATEGORY: tool.CATEGORY_FIELD, CONCERN: tool.CONCERN_FIELD, WISH: tool.WISH_FIELD,
              VOICE: tool.VOICE_FIELD}
    names = residents.names_of(run, tool.COMMUNITY, chosen)
    if not names[CATEGORY] and not names[WISH]:
        raise InputError(tool.COMMUNITY, "The reports have neither a field with what they are about ('category') nor"
                         " one with what is wished ('wish'). Choose one of these fields, or another layer.")
    reports = residents.read(run, tool.COMMUNITY, chosen)
    return Reports(**vars(reports), distance=run.number(tool.DISTANCE),
                   least=run.integer(tool.MIN_VOICES) or voices.LEAST_VOICES)


def hear(run: Any, reports: Reports | None, shapes: list, progress: Any) -> Heard | None:
    """Count what residents report in and near each zone; a report near two zones counts for both."""
    if reports is None:
        return None
    zone, row = _near(reports, shapes, progress)
    k, voice, least = len(shapes), reports.voice[row], reports.least
    concern = np.full(k, np.nan)
    if reports.concern is not None:
        concern = voices.mean(zone, voice, reports.concern[row], k, least)
    heard = Heard(
        np.bincount(zone, minlength=k), voices.count(zone, voice, k),
        None if reports.category is None else voices.main(zone, voice, reports.category[row], k, least),
        None if reports.wish is None else voices.main(zone, voice, reports.wish[row], k, least), concern, least)
    if not len(row):
        run.warn(tr("No report of residents lies within {distance} of a zone. Check that both layers cover the same"
                    " ground, or allow a larger distance.").format(distance=run.units.distance(reports.distance)))
    return heard


def _near(reports: Reports, shapes: list, progress: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return each pair of a zone and a report in it or near it."""
    geometries = reports.layer.geometries
    index = spatial_index(geometries, progress)
    zone, row = [], []
    for i, shape in enumerate(shapes):
        progress(1.0)
        engine = QgsGeometry.createGeometryEngine(shape.constGet())
        engine.prepareGeometry()
        for j in index.intersects(shape.boundingBox().buffered(reports.distance)):
            if engine.distance(geometries[j].constGet()) <= reports.distance:
                zone.append(i)
                row.append(j)
    return np.array(zone, np.int64), np.array(row, np.int64)


def columns(heard: Heard | None, k: int) -> dict:
    """Return the fields about residents' reports; empty where there are none."""
    empty = np.full(k, np.nan)
    none = np.full(k, None, object)
    if heard is None:
        return {fields.VOICES: np.ma.masked_all(k, np.int64), fields.TOP_CONC: none, fields.CONC_SHARE: empty,
                fields.CONC_MEAN: empty, fields.TOP_WISH: none, fields.WISH_SHARE: empty}
    out = {fields.VOICES: np.ma.masked_array(heard.voices, ~heard.enough)}
    for name, share, main in ((fields.TOP_CONC, fields.CONC_SHARE, heard.category),
                              (fields.TOP_WISH, fields.WISH_SHARE, heard.wish)):
        out[name] = none if main is None else np.array([top_text(main, i) for i in range(k)], object)
        out[share] = empty if main is None else main.share
    return {**out, fields.CONC_MEAN: heard.concern}


def top_text(main: voices.Main, i: int) -> str:
    """Return the thing that most voices of a zone name, or that too few speak."""
    return " / ".join(main.names[i]) or TOO_FEW


def wish_text(wish: str) -> str:
    """Return a wish as one would say it; unknown ones as they are."""
    return {
        "patrol": tr("patrol"), "light": tr("lights"), "repair": tr("repairs"), "talk": tr("somebody to talk to"),
        "enforcement": tr("enforcement"), "other": tr("something else"),
    }.get(wish, wish)


def asked(heard: Heard | None, zone_ids: Any) -> list[str]:
    """Say of which zones residents ask for something else than patrol, one sentence for each wish."""
    if heard is None or heard.wish is None:
        return []
    by_wish: dict = {}
    for i, names in enumerate(heard.wish.names):
        if names and "patrol" not in names:
            by_wish.setdefault(names, []).append(i)
    out = []
    for names, rows in sorted(by_wish.items(), key=lambda item: item[1][0]):
        low, high = (formats.percent(share) for share in (heard.wish.share[rows].min(), heard.wish.share[rows].max()))
        if len(rows) == 1:
            said = tr("{most} of {of} voices with a wish").format(
                most=formats.number(int(heard.wish.most[rows[0]])), of=formats.number(int(heard.wish.of[rows[0]])))
        else:
            said = tr("{low} to {high} of the voices with a wish").format(low=low, high=high)
        out.append(tr("Near {zones}, residents asked for {wish}, not patrol ({said}).").format(
            zones=", ".join(str(zone_ids[i]) for i in rows), said=said,
            wish=tr(" or ").join(wish_text(name) for name in names)))
    return out


# --- who lives there -----------------------------------------------------------------------
def read_population(run: Any, boundary: QgsGeometry | None) -> tuple:
    """Read the population.

    Returns
    -------
    layer : Areas or None
    residents : (p, 1 + groups) array
        Residents and groups of each census area within the boundary.
    groups : list of str
    """
    tool = run.tool
    if not run.has(tool.POPULATION):
        return None, np.empty((0, 1)), []
    field_name = run.field(tool.POPULATION_FIELD, tool.POPULATION)
    if not field_name:
        raise InputError(tool.POPULATION_FIELD, "Choose the field of the population layer that holds the number of"
                         " residents.")
    groups = [name for name in run.fields(tool.GROUP_FIELDS) if name != field_name]
    layer = run.areas(tool.POPULATION, numbers=[field_name, *groups])
    values = np.column_stack([layer.columns[name] for name in [field_name, *groups]])
    if np.nansum(values[:, 0]) <= 0:
        raise InputError(tool.POPULATION_FIELD, "'{field}' holds no residents. Choose the field with their number.",
                         field=field_name)
    _check_groups(run, values, groups, field_name)
    inside = np.ones(len(layer))
    if boundary is not None:
        inside = within(boundary, layer, run.stage(0.1, 0.15))
    return layer, np.nan_to_num(values) * inside[:, None], groups


def _check_groups(run: Any, values: np.ndarray, groups: list, field_name: str) -> None:
    everyone = np.nan_to_num(values[:, 0])
    for i, name in enumerate(groups, 1):
        known = np.isfinite(values[:, i])
        group = np.nan_to_num(values[:, i])
        if group.sum() > everyone.sum() * (1 + 1e-9) or (group < 0).any():
            raise InputError(
                run.tool.GROUP_FIELDS, "'{group}' cannot be a number of residents: it adds up to {sum}, and '{field}'"
                " to {residents}. Choose fields with the number of residents of each group; of a percentage, compute"
                " the number first.", group=name, sum=formats.number(group.sum()), field=field_name,
                residents=formats.number(everyone.sum()))
        if 0 < group.max() <= 1.0 and (group % 1.0 > 0).any():
            raise InputError(
                run.tool.GROUP_FIELDS, "'{group}' holds shares and no numbers of residents. Multiply it by '{field}'"
                " first, and choose the result.", group=name, field=field_name)
        gaps = int((~known & (everyone > 0)).sum())
        if gaps:
            run.warn(tr("'{group}' is empty for {count} of the populated census areas: its shares are too low.").format(
                group=name, count=formats.number(gaps)))


def group_texts(burden: Burden) -> list[str]:
    """Say how each group's share in the zones compares with that in the whole area."""
    out = []
    for i, name in enumerate(burden.names, 1):
        here, there, ratio = burden.shares(i)
        text = tr("'{group}': {share} of the residents of the zones ({n} of {of}), {whole} of all ({m} of"
                  " {all})").format(
            group=name, share=formats.percent(here, 1), n=formats.number(round(burden.inside[i])),
            of=formats.number(round(burden.inside[0])), whole=formats.percent(there, 1),
            m=formats.number(round(burden.whole[i])), all=formats.number(round(burden.whole[0])))
        if np.isfinite(ratio):
            text += tr(": {ratio} times its share in the whole area").format(ratio=formats.number(ratio, 2))
        elif burden.inside[0] < LEAST_RESIDENTS:
            text += tr(": too few residents to compare")
        out.append(text + ".")
    return out
