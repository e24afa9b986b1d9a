"""Profiles of the CPTED score: which indicators speak for which principle, and on what scale.

A profile is a table that can be read, edited and shared: a line for each indicator, and, if
the principles do not weigh the same, a line with only the principle and its weight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

import numpy as np

from ..errors import InputError
from .cptedscore import pairwise_weights

PARAMETER = "PROFILE_FILE"
#: Principles in the order of results.
PRINCIPLES = ("natural_surveillance", "access_control", "territoriality", "maintenance", "activity_support")
VALUE, COUNT, DENSITY, SHARE, DISTANCE, NEAREST, MEAN, RASTER = MEASURES = (
    "value", "count", "density", "share", "distance", "nearest", "mean", "raster")
#: Measures that read a field, and those that read no layer.
WITH_FIELD, WITHOUT_LAYER = {VALUE, NEAREST, MEAN}, {VALUE}
MEASURED, AUDITED = "measured", "audited"
COLUMNS = ("principle", "indicator", "layer", "measure", "field", "filter", "distance", "low", "high", "weight",
           "evidence", "note")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")


@dataclass(frozen=True)
class Indicator:
    """A line of a profile.

    Attributes
    ----------
    principle : int
        Index into :data:`PRINCIPLES`.
    name : str
    layer, measure, field, filter : str
        Name of the layer ("" for a field of the places themselves), one of :data:`MEASURES`, the field that is read,
        and an expression that its features must meet.
    distance : float
        Reach in metres.
    low, high : str
        Anchors of 0 and 100: numbers, or percentiles such as ``"p10"``; low above high where less is better.
    weight : float
        Within the principle.
    audited : bool
        Seen on site; outranks a measured indicator of the same name.
    note : str
    line : int
        Of the file.
    """

    principle: int
    name: str
    layer: str
    measure: str
    field: str
    filter: str
    distance: float
    low: str
    high: str
    weight: float
    audited: bool
    note: str
    line: int


@dataclass(frozen=True)
class Profile:
    """Indicators, and the weights of the principles."""

    indicators: tuple
    principle_weights: np.ndarray

    @property
    def layers(self) -> list:
        """Names of the layers that are asked for, each once."""
        return list(dict.fromkeys(i.layer for i in self.indicators if i.layer))


def parse(names: Sequence[str], columns: dict, lines: Sequence[int], file: str) -> Profile:
    """Read a profile.

    Parameters
    ----------
    names : list of str
        Columns of the table.
    columns : dict of str to sequence of str
        Cells.
    lines : sequence of int
        Line of the file of each row.
    file : str
        Name of the file, for errors.

    Raises
    ------
    InputError
        Names the line and what is wrong with it.
    """
    lower = {str(name).strip().lower(): name for name in names}
    missing = [name for name in ("principle", "indicator", "measure", "low", "high") if name not in lower]
    if missing:
        raise InputError(PARAMETER, "'{file}' has no column {missing}. A profile has the columns {columns}.",
                         file=file, missing=", ".join(missing), columns=", ".join(COLUMNS))
    unknown = [name for name in lower if name and name not in COLUMNS]
    if unknown:
        raise InputError(PARAMETER, "'{file}': the column '{column}' is not known. A profile has the columns"
                         " {columns}.", file=file, column=unknown[0], columns=", ".join(COLUMNS))
    indicators: list = []
    weights = np.ones(len(PRINCIPLES))
    for row, line in enumerate(lines):
        cells = {name: str(columns[lower[name]][row] or "").strip() if name in lower else "" for name in COLUMNS}
        if not any(cells.values()):
            continue
        try:
            principle = PRINCIPLES.index(cells["principle"].lower().replace(" ", "_"))
        except ValueError:
            raise _wrong(file, line, "the principle '{given}' is none of {known}", given=cells["principle"],
                         known=", ".join(PRINCIPLES)) from None
        if not cells["indicator"]:
            weights[principle] = _weight(cells["weight"], file, line)
            continue
        indicators.append(_indicator(cells, principle, file, line))
    if not indicators:
        raise InputError(PARAMETER, "'{file}' holds no indicator. Give at least one line with principle, indicator,"
                         " measure, low and high.", file=file)
    seen: dict = {}
    for indicator in indicators:
        key = (indicator.name, indicator.audited)
        if key in seen:
            raise _wrong(file, indicator.line, "the indicator '{given}' stands in line {other} already",
                         given=indicator.name, other=seen[key])
        seen[key] = indicator.line
    return Profile(tuple(indicators), weights)


def _indicator(cells: dict, principle: int, file: str, line: int) -> Indicator:
    name, measure = cells["indicator"].lower(), cells["measure"].lower()
    if not _NAME.fullmatch(name):
        raise _wrong(file, line, "'{given}' cannot name an indicator: use lower-case letters, digits and _",
                     given=cells["indicator"])
    if measure not in MEASURES:
        raise _wrong(file, line, "the measure '{given}' is none of {known}", given=cells["measure"],
                     known=", ".join(MEASURES))
    if measure in WITH_FIELD and not cells["field"]:
        raise _wrong(file, line, "the measure {given} needs a field", given=measure)
    if (measure in WITHOUT_LAYER) == bool(cells["layer"]):
        text = "the measure {given} reads the places themselves: leave the layer empty" if cells["layer"] else (
            "the measure {given} needs a layer")
        raise _wrong(file, line, text, given=measure)
    if measure in (NEAREST, MEAN) and not cells["distance"]:
        raise _wrong(file, line, "the measure {given} needs a distance", given=measure)
    distance = _number(cells["distance"] or "0", file, line, "distance")
    if distance < 0:
        raise _wrong(file, line, "the distance {given} is below 0", given=cells["distance"])
    for anchor in ("low", "high"):
        text = cells[anchor].lower()
        _number(text[1:] if text.startswith("p") else text, file, line, anchor)
    if cells["low"].lower() == cells["high"].lower():
        raise _wrong(file, line, "low and high are both {given}, which makes no scale", given=cells["low"])
    evidence = cells["evidence"].lower() or MEASURED
    if evidence not in (MEASURED, AUDITED):
        raise _wrong(file, line, "the evidence '{given}' is neither measured nor audited", given=cells["evidence"])
    return Indicator(principle, name, cells["layer"], measure, cells["field"], cells["filter"], distance,
                     cells["low"], cells["high"], _weight(cells["weight"], file, line), evidence == AUDITED,
                     cells["note"], line)


def _weight(text: str, file: str, line: int) -> float:
    weight = _number(text or "1", file, line, "weight")
    if weight < 0:
        raise _wrong(file, line, "the weight {given} is below 0", given=text)
    return weight


def _number(text: str, file: str, line: int, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise _wrong(file, line, "'{given}' is no number for {what}", given=text, what=what)
    return value


def _wrong(file: str, line: int, text: str, **values: object) -> InputError:
    return InputError(PARAMETER, "'{file}', line {line}: " + text + ". Mend this line of the profile.", file=file,
                      line=line, **values)


def parse_pairs(text: str, names: Sequence[str], parameter: str) -> np.ndarray:
    """Read judgements such as ``"maintenance : access_control = 3"`` into a matrix of pairwise comparisons.

    Parameters
    ----------
    text : str
        One judgement for each pair, on lines or parted by semicolons; the number may be a fraction such as 1/3.
    names : list of str
        What is compared.

    Returns
    -------
    (k, k) array

    Raises
    ------
    InputError
        A judgement cannot be read, is given twice, or is missing.
    """
    matrix = np.full((len(names), len(names)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for piece in (p.strip() for p in re.split(r"[;\n]", text) if p.strip()):
        match = re.fullmatch(r"(\w+)\s*[:/>]\s*(\w+)\s*=?\s*(\d+(?:\.\d+)?)(?:\s*/\s*(\d+(?:\.\d+)?))?", piece)
        if not match or match[1] not in names or match[2] not in names or match[1] == match[2]:
            raise InputError(parameter, "'{piece}' is no comparison. Write, for two of {names}: {first} : {second} ="
                             " 3.", piece=piece, names=", ".join(names), first=names[0], second=names[-1])
        value = float(match[3]) / float(match[4] or 1) if float(match[4] or 1) else 0.0
        if not value > 0:
            raise InputError(parameter, "'{piece}': a comparison is a number above 0, such as 3 or 1/3.", piece=piece)
        i, j = names.index(match[1]), names.index(match[2])
        if np.isfinite(matrix[i, j]):
            raise InputError(parameter, "{first} and {second} are compared twice. Keep one of the two.",
                             first=names[i], second=names[j])
        matrix[i, j], matrix[j, i] = value, 1.0 / value
    open_ = np.argwhere(np.isnan(matrix))
    if len(open_):
        i, j = open_[0].tolist()
        raise InputError(parameter, "{first} and {second} are not compared. Give a comparison for each pair.",
                         first=names[i], second=names[j])
    return matrix


def compared_weights(text: str, used: np.ndarray, parameter: str) -> tuple[np.ndarray, float]:
    """Return the weights of the principles by pairwise comparison, and the consistency ratio.

    Parameters
    ----------
    text : str
        See :func:`parse_pairs`.
    used : (p,) array of bool
        Principles of which there are indicators: these are compared.
    """
    names = [name for name, takes_part in zip(PRINCIPLES, used) if takes_part]
    found = pairwise_weights(parse_pairs(text, names, parameter))
    weights = np.zeros(len(PRINCIPLES))
    weights[used] = found.weights * len(names)
    return weights, found.ratio
