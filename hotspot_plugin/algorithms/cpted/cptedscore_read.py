"""What 'Score CPTED' reads and how it comes to its scores."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.cpted import cptedscore as scoring
from ...analysis.cpted import profile as profiles
from ...analysis.cpted.cptedscore import RankInterval, Scheme, Scores
from ...analysis.cpted.profile import Indicator, Profile
from ...analysis.errors import InputError
from ...layers import tables
from ...layers.areas import Areas
from ...reports import formats
from ...translation import tr
from .cptedscore_measure import Measurer

FOLDER = Path(__file__).resolve().parents[2] / "cptedprofiles"
#: Files of PROFILE's options; the first is the user's own.
SHIPPED = ("", "residential_street.csv", "shopping_street.csv", "park.csv", "car_park.csv", "transit_stop.csv")
AS_GIVEN, EQUAL, PAIRWISE = range(3)
QUARTER, ANYTHING, NO_DOUBT = range(3)


@dataclass
class Data:
    """What was read.

    Attributes
    ----------
    units : Areas
        The places.
    names : list of str
    profile : Profile
    profile_name : str
    found : list of Found
        One for each indicator of the profile.
    """

    units: Areas
    names: list
    profile: Profile
    profile_name: str
    found: list


@dataclass
class Result:
    """The scores.

    Attributes
    ----------
    indicators : list of Indicator
        Those that make the score: an audited and a measured one of one name are one.
    points : (n, k) array
    values : (n, k) array
    anchors : list of (low, high)
    audited : (n, k) array of bool
    scheme : Scheme
    scores : Scores
    interval : RankInterval or None
    consistency : float or None
    of_data : list of str
        Indicators whose anchors are percentiles.
    """

    indicators: list
    points: np.ndarray
    values: np.ndarray
    anchors: list
    audited: np.ndarray
    scheme: Scheme
    scores: Scores
    interval: RankInterval | None
    consistency: float | None
    of_data: list


def read(run: Any) -> Data:
    """Read the profile, the places and every layer, and measure."""
    tool = run.tool
    run.progress(0.0)
    profile, name = _profile(run)
    there = {field.lower(): field for field in run.source_fields(tool.INPUT)}
    wanted = [there[i.field.lower()] for i in profile.indicators
              if i.measure == profiles.VALUE and i.field.lower() in there]
    label = run.field(tool.NAME_FIELD) or there.get("name", "")
    units = run.areas(tool.INPUT, numbers=list(dict.fromkeys(wanted)), texts=[label] if label and label not in wanted
                      else [])
    if not len(units):
        raise InputError(tool.INPUT, "'{layer}' has no place that can be used. Choose a layer with streets, areas or"
                         " points.", layer=units.name)
    names = [str(row + 1) for row in units.rows.tolist()]
    if label and label not in wanted:
        names = [str(text) if text else names[i] for i, text in enumerate(units.columns[label])]
    measurer = Measurer(run, units, _layers(run, profile))
    measurer.plan(profile.indicators)
    found = []
    for i, indicator in enumerate(profile.indicators):
        stage = run.stage(0.1 + 0.5 * i / len(profile.indicators), 0.1 + 0.5 * (i + 1) / len(profile.indicators))
        found.append(measurer.measure(indicator, stage))
        stage(1.0)
    return Data(units, names, profile, name, found)


def _profile(run: Any) -> tuple[Profile, str]:
    tool = run.tool
    choice, own = run.choice(tool.PROFILE), run.file(tool.PROFILE_FILE)
    if choice and own:
        run.info(tr("The profile file is used, and not the profile chosen in the list."))
    if not choice and not own:
        raise InputError(tool.PROFILE_FILE, "No profile is given. Choose a file, or a profile of the list (PROFILE).")
    path = Path(own) if own else FOLDER / SHIPPED[choice]
    table = tables.read_table(str(path), tool.PROFILE_FILE)
    if table.ragged:
        raise InputError(tool.PROFILE_FILE, "'{file}', line {line}: it has not as many cells as the first line. Put"
                         " texts with a comma in \"quotes\".", file=path.name, line=table.first_ragged)
    profile = profiles.parse(table.names, table.columns, table.lines.tolist(), path.name)
    copy = run.file(tool.COPY)
    if copy:
        if Path(copy).resolve() == path.resolve():
            raise InputError(tool.COPY, "This is the profile itself. Choose another file for the copy.")
        try:
            shutil.copyfile(path, copy)
        except OSError as error:
            raise InputError(tool.COPY, "The copy cannot be written ({error}). Choose a folder that you may write to.",
                             error=error.strerror or error) from error
        run.outputs[tool.COPY] = copy
    run.info(tr("Profile '{name}': {count} indicators.").format(name=path.stem, count=len(profile.indicators)))
    return profile, path.stem


def _layers(run: Any, profile: Profile) -> dict:
    """Return the layer given for each name of the profile, by the names stated and by names alike."""
    tool = run.tool
    given = run.several(tool.LAYERS)
    by_name = {layer.name.lower(): layer for layer in given}
    out: dict = {}
    for piece in (p.strip() for p in re.split(r"[;\n]", run.text(tool.LAYER_NAMES)) if p.strip()):
        wanted, equals, name = (part.strip() for part in piece.partition("="))
        if not equals or wanted not in profile.layers:
            raise InputError(tool.LAYER_NAMES, "'{piece}' names no layer of the profile. Write one of {known}, = and"
                             " the name of your layer.", piece=piece, known=", ".join(profile.layers))
        if name.lower() not in by_name:
            raise InputError(tool.LAYER_NAMES, "There is no layer '{name}' among the layers given ({known}).",
                             name=name, known=", ".join(layer.name for layer in given) or tr("none"))
        out[wanted] = by_name[name.lower()]
    for wanted in profile.layers:
        if wanted not in out and wanted.lower() in by_name:
            out[wanted] = by_name[wanted.lower()]
    unused = [layer.name for layer in given if layer not in out.values()]
    if unused:
        run.warn(tr("These layers are not asked for by the profile and play no part: {names}. If one is meant for a"
                    " name of the profile, say so in LAYER_NAMES.").format(names=", ".join(unused)))
    return out


def score(run: Any, data: Data) -> Result:
    """Put the indicators on their scales, weigh them and score."""
    indicators, points, values, anchors, audited, of_data = _points(run, data)
    scheme, consistency = _scheme(run, data, indicators)
    scores = scoring.score(points, scheme)
    run.progress(0.65)
    interval, doubt = None, run.choice(run.tool.DOUBT)
    if doubt != NO_DOUBT and np.isfinite(scores.overall).any():
        interval = scoring.rank_interval(
            points, scheme, np.random.default_rng(run.integer(run.tool.SEED)), run.integer(run.tool.DRAWS),
            scoring.ANY if doubt == ANYTHING else scoring.AROUND, progress=run.stage(0.65, 0.88))
    return Result(indicators, points, values, anchors, audited, scheme, scores, interval, consistency, of_data)


def _points(run: Any, data: Data) -> tuple:
    """Return indicators with points, values, anchors, and where they were audited; one column a name."""
    columns: dict = {}
    of_data = []
    for indicator, found in zip(data.profile.indicators, data.found):
        low, high, relative = scoring.anchors(indicator.low, indicator.high, found.values)
        if relative:
            of_data.append(indicator.name)
        known = np.isfinite(found.values)
        if relative and known.any() and low == high:
            run.warn(tr("{indicator}: all values are alike, so that percentiles make no scale; it is left out.").format(
                indicator=indicator.name))
            known[:] = False
        scaled = scoring.on_scale(found.values, low, high) if known.any() else np.full(len(known), np.nan)
        entry = (indicator, scaled, np.where(known, found.values, np.nan), (low, high), known & indicator.audited)
        other = columns.get(indicator.name)
        columns[indicator.name] = entry if other is None else _merged(entry, other)
    parts = list(columns.values())
    return ([p[0] for p in parts], np.column_stack([p[1] for p in parts]), np.column_stack([p[2] for p in parts]),
            [p[3] for p in parts], np.column_stack([p[4] for p in parts]), of_data)


def _merged(one: tuple, other: tuple) -> tuple:
    """Put an audited and a measured indicator of one name together: what was seen on site comes first."""
    first, second = (one, other) if one[0].audited else (other, one)
    known = np.isfinite(first[1])
    return (first[0], np.where(known, first[1], second[1]), np.where(known, first[2], second[2]), first[3], known)


def _scheme(run: Any, data: Data, indicators: list[Indicator]) -> tuple[Scheme, float | None]:
    tool = run.tool
    principle = np.array([i.principle for i in indicators])
    weights = np.array([i.weight for i in indicators])
    among, consistency = data.profile.principle_weights.copy(), None
    way = run.choice(tool.WEIGHTS)
    if way == EQUAL:
        among[:] = 1.0
    elif way == PAIRWISE:
        used = np.bincount(principle, weights > 0, len(among)) > 0
        among, consistency = profiles.compared_weights(run.text(tool.PAIRS), used, tool.PAIRS)
        told = tr("The comparisons have a consistency ratio of {ratio}.").format(ratio=formats.number(consistency, 3))
        if consistency > scoring.MOST_INCONSISTENT and not run.flag(tool.ALLOW_INCONSISTENT):
            raise InputError(tool.PAIRS, "The comparisons contradict one another (consistency ratio {ratio:.2f}, at"
                             " most {most:.2f}). Look at them again, or tick ALLOW_INCONSISTENT.", ratio=consistency,
                             most=scoring.MOST_INCONSISTENT)
        run.info(told)
    elif run.text(tool.PAIRS).strip():
        raise InputError(tool.WEIGHTS, "Comparisons are given, but the weights are taken from elsewhere. Choose 'By"
                         " pairwise comparison', or leave PAIRS empty.")
    mean = scoring.GEOMETRIC if run.choice(tool.AGGREGATION) else scoring.ARITHMETIC
    return Scheme(principle, weights, among, mean, run.number(tool.FLOOR), run.number(tool.MIN_MEASURED)), consistency
