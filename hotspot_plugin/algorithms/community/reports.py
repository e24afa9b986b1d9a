"""What residents report, read alike by every tool that listens to them.

A field is the one chosen, else the one that a layer of community input has by its name. Rows
of residents who did not agree to be counted are left out, and their number is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

import numpy as np

from ...analysis.community import inputs, voices
from ...analysis.errors import InputError
from ...layers.areas import Areas
from ...reports import formats
from ...translation import tr

_NUMBERS = (inputs.CONCERN,)
_TIMES = (inputs.SAID_ON,)
#: Read wherever the layer has them, whether or not a tool lets one choose the field.
_ALWAYS = (inputs.CONSENT, inputs.PRACTICE)
_YES = {"1", "true", "yes", "t"}


@dataclass
class Reports:
    """Reports of residents; what the layer does not tell is None.

    Attributes
    ----------
    layer : Areas
        The reports used, with their geometry.
    voice : (n,) array of int
        Number of the resident.
    by_voice : bool
        Whether the layer tells which reports are of one voice.
    category, wish, day_part, organisation : (n,) object array of str or None, or None
        Wishes and parts of the day in lower case, unknown wishes as "other".
    concern : (n,) array or None
        1 to 5, NaN where not stated.
    day : (n,) datetime64[D] array or None
        NaT where not stated.
    not_agreed : int
        Rows left out because the resident did not agree to be counted.
    practice : bool
        Whether some of it was made for practice.
    """

    layer: Areas
    voice: np.ndarray
    by_voice: bool
    category: np.ndarray | None
    wish: np.ndarray | None
    day_part: np.ndarray | None
    organisation: np.ndarray | None
    concern: np.ndarray | None
    day: np.ndarray | None
    not_agreed: int
    practice: bool

    def __len__(self) -> int:
        return len(self.layer)


def names_of(run: Any, parameter: str, chosen: Mapping[str, str]) -> dict:
    """Return the field of each thing that is to be read, "" where there is none.

    Parameters
    ----------
    parameter : str
        The layer.
    chosen : dict
        Field of community input -> the parameter that names it; "" where only the name counts.
    """
    there = run.source_fields(parameter)
    return {name: (run.field(field, parameter) if field else "") or (name if name in there else "")
            for name, field in {**dict.fromkeys(_ALWAYS, ""), **chosen}.items()}


def read(run: Any, parameter: str, chosen: Mapping[str, str], numbers: Sequence[str] = ()) -> Reports:
    """Read reports of residents.

    Parameters
    ----------
    parameter, chosen
        As in :func:`names_of`; with ``inputs.VOICE`` among them.
    numbers : sequence of str
        Fields with further numbers, which stay in ``layer.columns``.

    Raises
    ------
    InputError
        No resident agreed to be counted.
    """
    names = names_of(run, parameter, chosen)
    texts = [field for name, field in names.items() if field and name not in (*_NUMBERS, *_TIMES)]
    layer = run.areas(
        parameter, numbers=[*(names.get(name, "") for name in _NUMBERS), *numbers], texts=texts,
        times=[names.get(name, "") for name in _TIMES])
    layer, refused = _agreed(run, parameter, layer, names[inputs.CONSENT])
    columns = layer.columns

    def texts_of(name: str) -> np.ndarray | None:
        return blank(columns[names[name]]) if names.get(name) else None

    voice, by_voice = _voices(run, layer, names[inputs.VOICE])
    wish, part = texts_of(inputs.WISH), texts_of(inputs.DAY_PART)
    concern = _concern(run, columns[names[inputs.CONCERN]]) if names.get(inputs.CONCERN) else None
    day = columns[names[inputs.SAID_ON]].astype("M8[D]") if names.get(inputs.SAID_ON) else None
    practice = bool(names[inputs.PRACTICE]) and any(
        str(v).strip().lower() in _YES for v in columns[names[inputs.PRACTICE]])
    return Reports(layer, voice, by_voice, texts_of(inputs.CATEGORY), None if wish is None else _wishes(run, wish),
                   None if part is None else lower(part), texts_of(inputs.ORGANISED), concern, day, refused, practice)


def blank(values: np.ndarray) -> np.ndarray:
    """Return texts without spaces around them, None for none."""
    out = np.empty(len(values), object)
    out[:] = [text if (text := str("" if v is None else v).strip()) else None for v in values]
    return out


def lower(values: np.ndarray) -> np.ndarray:
    """Return texts in lower case, None for none."""
    out = np.empty(len(values), object)
    out[:] = [None if v is None else v.lower() for v in values]
    return out


def _agreed(run: Any, parameter: str, layer: Areas, field: str) -> tuple[Areas, int]:
    if not field:
        return layer, 0
    refused = np.array([str(v or "").strip().lower() == "none" for v in layer.columns[field]], bool)
    if refused.all():
        raise InputError(parameter, "No resident in '{layer}' agreed to be counted ({field} is 'none' throughout)."
                         " Use reports whose authors agreed.", layer=layer.name, field=field)
    if refused.any():
        run.info(tr("{count} of {rows} reports are left out, as their authors did not agree to be counted.").format(
            count=formats.number(int(refused.sum())), rows=formats.number(len(layer))))
        layer = layer.take(~refused, tr("the resident did not agree to be counted"))
    return layer, int(refused.sum())


def _voices(run: Any, layer: Areas, field: str) -> tuple[np.ndarray, bool]:
    if not field:
        run.warn(tr("The reports do not say which are of the same resident (voice_id): each counts as a voice, so one"
                    " loud neighbour counts as many."))
        return np.arange(len(layer)), False
    voice, without = voices.number_voices(layer.columns[field])
    if without:
        run.info(tr("{count} of {rows} reports have no voice id: each of them counts as a voice.").format(
            count=formats.number(without), rows=formats.number(len(layer))))
    return voice, True


def _concern(run: Any, values: np.ndarray) -> np.ndarray:
    least, most = min(inputs.CONCERNS), max(inputs.CONCERNS)
    off = np.isfinite(values) & ((values < least) | (values > most))
    if off.any():
        run.warn(tr("{count} answers are not on the scale from {least} to {most} (first: {first}) and count as not"
                    " stated.").format(count=formats.number(int(off.sum())), least=least, most=most,
                                       first=formats.number(float(values[off][0]), 0)))
    return np.where(off, np.nan, values)


def _wishes(run: Any, given: np.ndarray) -> np.ndarray:
    out, unknown = lower(given), {}
    for i, wish in enumerate(out):
        if wish is not None and wish not in inputs.WISHES:
            unknown[given[i]] = unknown.get(given[i], 0) + 1
            out[i] = "other"
    if unknown:
        run.warn(tr("{count} wishes are none of {wishes} (first: '{first}') and count as 'other'.").format(
            count=formats.number(sum(unknown.values())), wishes=", ".join(inputs.WISHES), first=next(iter(unknown))))
    return out
