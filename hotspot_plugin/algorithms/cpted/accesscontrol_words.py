"""What 'Street permeability' says: sentences, doubts and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.cpted import accesscontrol as analysis
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .accesscontrol_measure import Result
from .accesscontrol_read import Data

#: share of the ground around a street from which its surroundings count as known, and of streets from which it is told
_KNOWN, _FEW = 0.9, 0.05
#: share of the street length outside the largest part from which it is told
_LOOSE = 0.02


class Words:
    """The result in words."""

    def __init__(self, data: Data, result: Result, run: Any) -> None:
        self.data, self.result, self.units = data, result, run.units
        self.length = data.net.length
        self.distance = run.number(run.tool.DISTANCE)

    # --- sentences -------------------------------------------------------------------------
    def radius(self) -> str:
        """Return how far ways count."""
        radius = self.data.radius
        if not np.isfinite(radius):
            return tr("across the whole network")
        if self.data.by_time:
            return tr("within {minutes} minutes").format(minutes=formats.number(radius / 60.0, 0))
        return tr("within {distance}").format(distance=self.units.distance(radius))

    def network(self) -> str:
        """Say how large and how well connected the network is."""
        indices = self.result.indices
        kind = tr("streets and paths") if self.data.path.any() else tr("streets")
        text = tr("{count} {kind} ({length}) meet at {nodes} nodes: {beta} a node (beta)").format(
            count=formats.number(indices.edges), kind=kind, length=self.units.length(float(self.length.sum())),
            nodes=formats.number(indices.nodes), beta=formats.number(indices.beta, 2))
        if np.isfinite(indices.alpha):
            text += tr(", and {alpha} of the circuits that they could make at most (alpha)").format(
                alpha=formats.percent(indices.alpha))
        return text + "."

    def ends(self) -> str:
        """Say how many dead ends there are."""
        ends = self.result.ends
        judged = len(ends.node) - ends.at_edge
        text = tr("{count} of {of} places where streets meet or end ({share}) are dead ends").format(
            count=formats.number(ends.dead_ends), of=formats.number(judged), share=formats.percent(ends.share))
        if ends.at_edge:
            text += tr("; {count} more streets stop where the data end and are not judged").format(
                count=formats.number(ends.at_edge))
        return text + "."

    def busiest(self) -> str:
        """Say how concentrated through-movement is, "" where no way is short enough."""
        if not self.result.through.pairs:
            return ""
        return tr("The busiest tenth of the street length carries {share} of the through-movement {radius}.").format(
            share=formats.percent(self.busiest_share()), radius=self.radius())

    def paths(self) -> str:
        """Say what the paths do, "" without any."""
        if not self.data.path.any():
            return ""
        cut, blind = self.path_counts()
        return tr("Of {count} pieces of path ({length}), {cut} lead through from street to street and {blind} are blind"
                  " alleys.").format(
                      count=formats.number(cut + blind), cut=formats.number(cut), blind=formats.number(blind),
                      length=self.units.length(float(self.length[self.data.path].sum())))

    def barriers(self) -> str:
        """Say how much of the street sides is bounded, "" where that was not asked."""
        if self.result.sides is None:
            return ""
        return tr("{share} of the street sides have a fence or wall within {distance}, with {gaps} gaps between"
                  " them.").format(
                      share=formats.percent(self.bound_share()), distance=self.units.distance(self.distance),
                      gaps=formats.number(int(self.result.sides.gaps.sum())))

    def entries(self) -> str:
        """Say how open the units are, "" without units."""
        if not self.result.units:
            return ""
        rates = np.asarray(self.result.units[fields.ENTRY_100M])
        none = int((rates == 0).sum())
        return tr("The {count} units have {rate} entry points per {length} of edge; {none} of them have none.").format(
            length=self.hundred(), count=formats.number(len(rates)),
            rate=formats.number(self.entry_rate(), 2), none=formats.number(none))

    def summary(self) -> str:
        """Return all sentences."""
        return " ".join(self.sentences())

    def sentences(self) -> list:
        """Return the sentences, the plainest first."""
        found = (self.ends(), self.busiest(), self.paths(), self.barriers(), self.entries(), self.network())
        return [text for text in found if text]

    # --- figures ---------------------------------------------------------------------------
    def hundred(self) -> str:
        """Return the hundred metres that entry points are counted for, in the reader's units."""
        return self.units.distance(100.0)

    def busiest_share(self) -> float:
        """Share of the through-movement on the busiest tenth of the length."""
        return analysis.held_by_busiest(self.result.through.through, self.length)

    def path_counts(self) -> tuple[int, int]:
        """Pieces of path that lead through, and those that do not."""
        way = self.result.ends.way
        return int((way == analysis.CUT_THROUGH).sum()), int((way == analysis.BLIND_ALLEY).sum())

    def bound_share(self) -> float:
        """Share of the street sides with a barrier."""
        sides = self.result.sides
        return float(sides.covered.sum() / sides.length.sum())

    def entry_rate(self) -> float:
        """Entry points of all units per 100 m of their edges."""
        units = self.result.units
        entries = units[fields.ST_IN].sum() + units[fields.PATHS_IN].sum()
        if fields.DOORS in units:
            entries = entries + units[fields.DOORS].sum()
        return float(100.0 * entries / units[fields.FRONT_M].sum())

    def numbers(self) -> dict:
        """Return the numbers that the tool declares."""
        result, indices, ends = self.result, self.result.indices, self.result.ends
        cut, blind = self.path_counts()
        with_paths, sides = bool(self.data.path.any()), result.sides
        return {
            "STREETS": indices.edges, "STREET_KM": float(self.length.sum()) / 1000.0, "NODE_COUNT": indices.nodes,
            "COMPONENTS": indices.components, "DEAD_ENDS": ends.dead_ends, "DEAD_END_SHARE": ends.share,
            "EDGE_ENDS": ends.at_edge, "ALPHA": indices.alpha, "BETA": indices.beta, "GAMMA": indices.gamma,
            "NOT_JOINED": self.data.touches + self.data.crossings,
            "THROUGH_MAX": float(result.through.share.max()), "BUSIEST_SHARE": self.busiest_share(),
            "CUT_THROUGHS": cut if with_paths else None, "BLIND_ALLEYS": blind if with_paths else None,
            "BOUND_SHARE": None if sides is None else self.bound_share(),
            "GAP_COUNT": None if sides is None else int(sides.gaps.sum()),
            "UNIT_ENTRIES": self.entry_rate() if result.units else None,
        }

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the result."""
        out, result = [], self.result
        loose = float(self.length[result.component > 0].sum() / self.length.sum())
        if loose > _LOOSE:
            out.append(tr(
                "{share} of the street length is not connected with the largest of the {parts} parts of the network:"
                " islands, or ends that do not meet. A larger TOLERANCE, or cutting streets where others touch them,"
                " may join them.").format(
                    share=formats.percent(loose), parts=formats.number(result.indices.components)))
        if not np.isfinite(self.data.radius):
            out.append(tr("Ways across the whole network end where the data end: streets in the middle look busier than"
                          " they are. With a radius this touches the edge only."))
        else:
            dim = self.length[result.covered < _KNOWN].sum() / self.length.sum()
            if dim > _FEW:
                out.append(tr(
                    "For {share} of the street length more than a tenth of the ground {radius} lies beyond the data:"
                    " through-movement is too low there (data_sh). Add streets beyond the area, or judge by the streets"
                    " in its middle.").format(share=formats.percent(dim), radius=self.radius()))
        if result.doors is not None and result.doors_far:
            out.append(tr("{count} of {of} entrances lie farther than {distance} from all streets and count for"
                          " none.").format(
                              count=formats.number(result.doors_far), of=formats.number(len(self.data.doors)),
                              distance=self.units.distance(self.distance)))
        if not self.data.path.any():
            out.append(tr("No paths were given: alleys and cut-throughs that people use are not in these figures, and"
                          " some dead ends may not be any on foot."))
        return out
