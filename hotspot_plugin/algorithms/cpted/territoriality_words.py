"""What 'Frontage and boundaries' says: sentences, doubts and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...layers import fields
from ...reports import formats
from ...translation import tr
from .territoriality_measure import Result, mix, number_of
from .territoriality_read import Data

#: share of the land without a known use from which it is told, and of units in which land overlaps
_UNKNOWN, _SOME = 0.1, 0.02


class Words:
    """The result in words."""

    def __init__(self, data: Data, result: Result, run: Any) -> None:
        self.data, self.result, self.units = data, result, run.units

    # --- figures ---------------------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the numbers that the tool declares."""
        r, land = self.result, self.data.land
        moved = r.transition
        uses = None if r.uses is None else int((r.uses.sum(axis=0) > 0).sum())
        return {
            "UNITS": len(self.data.units), "FRONT_KM": float(r.length.sum()) / 1000.0,
            "BOUND_SHARE": _share(r.covered, r.length), "GAP_COUNT": None if r.gaps is None else int(r.gaps.sum()),
            "TRANSITION_SHARE": None if moved is None else _share(moved.metres, moved.known),
            "MARKED_SHARE": None if moved is None or r.covered is None else _share(moved.marked, moved.metres),
            "KNOWN_SHARE": None if land is None else min(_share(r.known, r.whole) or 0.0, 1.0),
            "VACANT_SHARE": _share(r.vacant, r.of_vacant), "VACANT_COUNT": r.vacant_in_all,
            "USE_CLASSES": uses,
            "USE_MIX": None if r.uses is None or not uses or uses < 2 else float(np.nanmedian(mix(r.uses))),
            "OWNER_CLASSES": None if r.owners is None else int((r.owners.sum(axis=0) > 0).sum()),
        }

    # --- sentences -------------------------------------------------------------------------
    def sentences(self) -> list:
        """Return the sentences, without those that have nothing to say."""
        n = self.numbers()
        found = [self._bounded(n), self._transition(n), self._vacant(n), self._mix(n)]
        return [text for text in found if text]

    def summary(self) -> str:
        """Return all sentences."""
        return " ".join(self.sentences())

    def kind(self) -> str:
        """Return what the units are."""
        return tr("streets") if self.data.streets else tr("areas")

    def _bounded(self, n: dict) -> str:
        length = self.units.length(float(self.result.length.sum()))
        if n["BOUND_SHARE"] is None:
            return tr("{count} {kind} have {length} of frontage.").format(
                count=formats.number(n["UNITS"]), kind=self.kind(), length=length)
        return tr("{share} of the frontage of {count} {kind} ({length}) has a fence or wall within {distance}, with"
                  " {gaps} gaps.").format(
                      share=formats.percent(n["BOUND_SHARE"]), count=formats.number(n["UNITS"]), kind=self.kind(),
                      length=length, distance=self.units.distance(self.data.distance),
                      gaps=formats.number(n["GAP_COUNT"]))

    def _transition(self, n: dict) -> str:
        if n["TRANSITION_SHARE"] is None:
            return ""
        text = tr("Public land meets private land along {share} of the frontage that is known on both sides").format(
            share=formats.percent(n["TRANSITION_SHARE"]))
        if n["MARKED_SHARE"] is not None:
            text += tr("; {marked} of that is marked by a fence or wall").format(
                marked=formats.percent(n["MARKED_SHARE"]))
        return text + "."

    def _vacant(self, n: dict) -> str:
        out = []
        if n["VACANT_SHARE"] is not None:
            out.append(tr("{share} of the land is vacant or abandoned.").format(
                share=formats.percent(n["VACANT_SHARE"], 1)))
        if n["VACANT_COUNT"] is not None:
            with_any = int((self.result.vacant_places > 0).sum())
            out.append(tr("{count} vacant places lie in or along {units} of the {kind}.").format(
                count=formats.number(n["VACANT_COUNT"]), units=formats.number(with_any), kind=self.kind()))
        return " ".join(out)

    def _mix(self, n: dict) -> str:
        if n["USE_MIX"] is None:
            return ""
        number = number_of(self.result.uses)
        return tr("{several} of the {known} {kind} with known land hold two or more of the {classes} uses; the median"
                  " mix is {mix} (0 one use, 1 all uses alike).").format(
                      several=formats.percent((number > 1).sum() / max((number > 0).sum(), 1)),
                      known=formats.number(int((number > 0).sum())), kind=self.kind(),
                      classes=formats.number(n["USE_CLASSES"]), mix=formats.number(n["USE_MIX"], 2))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        out, n = [], self.numbers()
        if n["KNOWN_SHARE"] is not None and n["KNOWN_SHARE"] < 1.0 - _UNKNOWN:
            out.append(tr("The use of {share} of the land is not known; the shares are of the known land.").format(
                share=formats.percent(1.0 - n["KNOWN_SHARE"])))
        if self.result.overlaps > _SOME * n["UNITS"]:
            text = tr("In {count} of {of} areas pieces of land lie over one another and count more than once.")
            out.append(text.format(
                count=formats.number(self.result.overlaps), of=formats.number(n["UNITS"])))
        if n["USE_CLASSES"] == 1:
            out.append(tr("Only one use occurs, so that there is no mix to measure."))
        return out


def _share(part: np.ndarray | None, whole: np.ndarray | None) -> float | None:
    if part is None or whole is None or not whole.sum() > 0:
        return None
    return float(part.sum() / whole.sum())


#: what a result is coloured by: the first that was measured; with the words of its legend
SHOWN = (fields.BOUND_SH, fields.MARK_SH, fields.TRANS_SH, fields.VAC_SH, fields.USE_MIX, fields.OWN_MIX)
