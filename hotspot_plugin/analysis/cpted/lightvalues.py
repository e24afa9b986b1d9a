"""What each light gives and whether it works: from fields, from its type, or from defaults; and outages."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .lightingcoverage import EVEN, candela_of

#: Where the output of a light is known from, in the order in which it is looked for.
BY_CANDELA, BY_LUMENS, BY_WATTS, BY_TYPE, BY_DEFAULT = range(5)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_YES = {"yes", "y", "true", "t", "1", "led"}
DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Kind:
    """A rule by type: lights whose type matches the pattern have this height and output.

    Attributes
    ----------
    pattern : str
        ``*`` stands for any letters; capitals do not matter.
    height, lumens : float
        NaN leaves the default.
    off : bool
        Usually off at night, as floodlights of sports grounds are.
    """

    pattern: str
    height: float = np.nan
    lumens: float = np.nan
    off: bool = False


def parse_kinds(parameter: str, text: str) -> list[Kind]:
    """Read rules such as ``*acorn* = 4.5 m, 3000 lm`` or ``*sport* = off``, one a line or between semicolons.

    Raises
    ------
    InputError
        For a line that is none of these.
    """
    out = []
    for line in (part.strip() for part in re.split(r"[;\n]", text)):
        if not line:
            continue
        pattern, sign, value = (part.strip() for part in line.partition("="))
        parts = [part.strip().lower() for part in value.split(",")]
        if sign and pattern and parts == ["off"]:
            out.append(Kind(pattern.lower(), off=True))
            continue
        numbers = [number for number in map(_value, parts) if number is not None]
        if not (sign and pattern) or len(parts) != 2 or len(numbers) != 2:
            raise InputError(parameter, "The line '{line}' says no height and lumens. Write for example '*acorn* ="
                             " 4.5 m, 3000 lm', '-' for what shall stay as it is, or '*sport* = off'.", line=line)
        out.append(Kind(pattern.lower(), numbers[0], numbers[1]))
    return out


def _value(text: str) -> float | None:
    if text == "-":
        return np.nan
    found = _NUMBER.match(text)
    if not found or text[found.end():].strip() not in ("", "m", "lm"):
        return None
    return float(found.group()) or None


def match_kinds(kinds: list[Kind], types: np.ndarray) -> np.ndarray:
    """Return the number of the first rule that each type matches, (n,) int, -1 for none or no type."""
    rules = [re.compile(fnmatch.translate(kind.pattern)) for kind in kinds]
    found = {text: next((i for i, rule in enumerate(rules) if rule.match(str(text).strip().lower())), -1)
             for text in set(types.tolist()) if text is not None}
    return np.array([found.get(text, -1) for text in types.tolist()], dtype=np.int64)


def is_yes(texts: np.ndarray) -> np.ndarray:
    """Return which texts mean yes, (n,) bool."""
    return np.array([text is not None and str(text).strip().lower() in _YES for text in texts.tolist()], dtype=bool)


@dataclass(frozen=True)
class Values:
    """What lights give, arrays (n,).

    Attributes
    ----------
    height : float
        Metres.
    candela : float
        Straight down, of all lamps of the pole, after maintenance; 0 where usually off.
    source : int
        BY_CANDELA … BY_DEFAULT.
    height_given : bool
        From a field.
    bad : int
        Values in fields that are no number above 0 and were passed over.
    off : bool
        Usually off, by its type.
    """

    height: np.ndarray
    candela: np.ndarray
    source: np.ndarray
    height_given: np.ndarray
    bad: int
    off: np.ndarray


def resolve(
    n: int,
    height: float,
    lumens: np.ndarray,
    candela: float | None,
    columns: dict,
    kinds: list[Kind],
    kind: np.ndarray,
    maintenance: float,
    lumens_per_watt: float,
    spread: int = EVEN,
) -> Values:
    """Settle what each light gives: candela, else lumens, else watts, else its type, else the default.

    Parameters
    ----------
    n : int
    height : float
        Default, metres.
    lumens : (n,) array of float
        Default of each light.
    candela : float or None
        Default that stands in for the lumens.
    columns : dict
        Fields given, by "height", "candela", "lumens", "watts", "lamps": (n,) arrays of float, NaN for no value.
    kinds, kind
        Rules, and the rule of each light or -1.
    maintenance : float
        Share of the output that is left between cleanings, 0 to 1.
    lumens_per_watt : float
    spread : int
    """
    bad = sum(int((column <= 0).sum()) for name, column in columns.items() if name != "lamps")
    known = {name: np.where(column > 0, column, np.nan) for name, column in columns.items()}
    nothing = np.full(n, np.nan)
    table = np.array([[k.height, k.lumens, k.off] for k in kinds] + [[np.nan, np.nan, 0.0]], float)[kind]
    heights = known.get("height", nothing)
    given = np.isfinite(heights)
    heights = np.where(given, heights, np.where(np.isfinite(table[:, 0]), table[:, 0], height))
    default = candela_of(lumens, spread) if candela is None else np.full(n, float(candela))
    choices = [known.get("candela", nothing), candela_of(known.get("lumens", nothing), spread),
               candela_of(known.get("watts", nothing) * lumens_per_watt, spread), candela_of(table[:, 1], spread),
               default]
    source, output = np.full(n, BY_DEFAULT), default.copy()
    for number in reversed(range(BY_DEFAULT)):
        here = np.isfinite(choices[number])
        output[here], source[here] = choices[number][here], number
    off = table[:, 2] > 0
    output = np.where(off, 0.0, output * known.get("lamps", np.ones(n)) * maintenance)
    return Values(heights, output, source, given, bad, off)


# --- outages -------------------------------------------------------------------------------
def out_on(begin: np.ndarray, end: np.ndarray, day: np.datetime64) -> np.ndarray:
    """Return which outages hold in the night after a day.

    From the day on which it begins until the day before it ends: what is repaired on a day is lit that night. No
    end means not repaired yet; no begin, or an end before it, is no outage.

    Parameters
    ----------
    begin, end : (n,) datetime64 arrays
    day : datetime64[D]
    """
    begin, end = begin.astype("M8[D]"), end.astype("M8[D]")
    return (begin <= day) & (np.isnat(end) | (end > day))  # an end before its begin cannot lie after the day


def same_id(outages: np.ndarray, lights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (outage, light) of the same id; capitals and blanks around do not matter, None has none."""
    known: dict = {}
    for number, name in enumerate(lights.tolist()):
        if name is not None:
            known.setdefault(str(name).strip().lower(), []).append(number)
    pairs = [(k, light) for k, name in enumerate(outages.tolist()) if name is not None
             for light in known.get(str(name).strip().lower(), ())]
    outage, light = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return outage, light


def lights_of(
    outage_x: np.ndarray, outage_y: np.ndarray, x: np.ndarray, y: np.ndarray, distance: float, every: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (outage, light): the nearest light within a distance, or every one there.

    Parameters
    ----------
    outage_x, outage_y, x, y : arrays of float
        Metres.
    distance : float
    every : bool
        All lights within the distance, for reports of a whole block.
    """
    from scipy.spatial import cKDTree

    nothing = np.zeros(0, dtype=np.int64)
    if not len(outage_x) or not len(x):
        return nothing, nothing
    tree = cKDTree(np.column_stack([x, y]))
    places = np.column_stack([outage_x, outage_y])
    if every:
        found = tree.query_ball_point(places, distance)
        count = np.fromiter(map(len, found), np.int64, len(found))
        return np.repeat(np.arange(len(found)), count), np.array([i for f in found for i in f], dtype=np.int64)
    away, light = tree.query(places)
    near = np.flatnonzero(away <= distance)
    return near, light[near]
