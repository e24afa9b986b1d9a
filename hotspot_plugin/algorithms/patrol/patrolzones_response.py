"""The response proposed for each patrol zone, and its reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...analysis.patrol import response
from ...analysis.patrol.response import ENVIRONMENT, GUARDIAN, MANAGER, PATROL
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .patrolzones_input import Given
from .patrolzones_people import Heard, wish_text


@dataclass
class Responses:
    """For each zone the rules that it meets, the kind proposed, and the reasons in words."""

    rules: list
    kinds: list
    because: list
    also: list

    def columns(self) -> dict:
        """Return the fields."""
        why = [first + (tr(" Also: {others}").format(others=more) if more else "")
               for first, more in zip(self.because, self.also)]
        return {fields.KIND: np.array(self.kinds, object), fields.KIND_WHY: np.array(why, object)}


def propose(
    given: Given, zone: np.ndarray, found: list, place_share: np.ndarray, dark: np.ndarray, timed: np.ndarray,
    heard: Heard | None, peak_text: Any,
) -> Responses:
    """Apply the rules to each zone.

    Parameters
    ----------
    zone : (i,) array of int
        Zone of each incident, -1 for none.
    found : list of Peak or None
    place_share, dark, timed : (k,) arrays
        Share of the busiest place, share in the dark hours, incidents with a known time.
    peak_text : callable
        Writes a peak.
    """
    k = len(found)
    guarded, hidden = (_share_of(marked, zone, k) for marked in (given.guarded, given.hidden))
    out = Responses([], [], [], [])
    for i, peak in enumerate(found):
        wish, share = heard.wish_of(i) if heard is not None else ("", np.nan)
        evidence = response.Evidence(
            float(place_share[i]), wish, share, float(guarded[i]), float(hidden[i]), float(dark[i]), float(timed[i]),
            *((np.nan,) * 3 if peak is None else (peak.lift, peak.p, peak.days)))
        met = response.rules(evidence)
        texts = [_reason(rule, evidence, peak, heard, i, peak_text) for rule in met]
        kinds = [response.KINDS[rule] for rule in met]
        out.rules.append(met)
        out.kinds.append(kinds[0])
        out.because.append(texts[0][:1].upper() + texts[0][1:] + ".")
        out.also.append("".join(f"{text} ({kind_text(kind)}); " for text, kind in zip(texts[1:], kinds[1:]))[:-2])
    return out


def _share_of(marked: np.ndarray | None, zone: np.ndarray, k: int) -> np.ndarray:
    if marked is None:
        return np.full(k, np.nan)
    inside = zone >= 0
    n = np.bincount(zone[inside], minlength=k)
    held = np.bincount(zone[inside & marked], minlength=k)
    return np.where(n >= response.LEAST_FOR_SHARE, held / np.maximum(n, 1), np.nan)


def _reason(rule: str, evidence: response.Evidence, peak: Any, heard: Heard | None, i: int, peak_text: Any) -> str:
    if rule == response.ONE_PLACE:
        return tr("{share} of the incidents at one place").format(share=formats.percent(evidence.place_share))
    if rule in (response.WISH_PLACE, response.WISH_PATROL):
        return tr("residents asked for {wish} ({most} of {of} voices)").format(
            wish=wish_text(evidence.wish), most=int(heard.wish.most[i]), of=int(heard.wish.of[i]))
    if rule == response.GUARDED:
        return tr("{share} are thefts from homes or vehicles").format(share=formats.percent(evidence.guarded_share))
    if rule == response.HIDDEN:
        return tr("{share} happen where no patrol sees them").format(share=formats.percent(evidence.hidden_share))
    if rule == response.DARK:
        return tr("{share} between {start}:00 and 0{end}:00, night after night").format(
            share=formats.percent(evidence.dark_share), start=response.DARK_HOURS[0], end=response.DARK_HOURS[1])
    if rule == response.ACUTE:
        return tr("peak {peak}, {lift} times an even week").format(
            peak=peak_text(peak), lift=formats.number(peak.lift, 1))
    if rule == response.SPREAD and peak is not None:
        return tr("spread over the week: the fullest window ({peak}) holds only {lift} times its part").format(
            peak=peak_text(peak), lift=formats.number(peak.lift, 2))
    if rule == response.SPREAD:
        return tr("spread over the week: no window holds more than its part")
    if peak is not None:
        return tr("the peak ({peak}, {lift} times an even week) could be chance, and nothing speaks for another"
                  " response").format(peak=peak_text(peak), lift=formats.number(peak.lift, 1))
    return tr("too few known times of day to tell a peak, and nothing speaks for another response")


def kind_text(kind: str) -> str:
    """Return a response as the reader's language has it."""
    return {PATROL: tr("patrol"), MANAGER: tr("place manager"), GUARDIAN: tr("guardian"),
            ENVIRONMENT: tr("environment")}[kind]


def advice(kind: str) -> str:
    """Return what a response means, in a line."""
    return {
        PATROL: tr("Patrol: visits of 12 to 20 minutes in the peak."),
        MANAGER: tr("Place manager: ask who runs the place what they can change."),
        GUARDIAN: tr("Guardian: residents, owners, staff or wardens, who are there when no patrol is."),
        ENVIRONMENT: tr("Environment: change the place - light, repair, sightlines."),
    }[kind]
