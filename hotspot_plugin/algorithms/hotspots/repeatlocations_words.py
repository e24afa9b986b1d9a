"""What the repeat locations say: the fields of the list, the sentences to read out, and the doubts."""

from __future__ import annotations

import re

import numpy as np

from ...analysis.hotspots.repeatlocations import Concentration, Makeup, Ranking, commonest, moved
from ...layers import fields
from ...reports import formats
from ...translation import tr
from .repeatlocations_read import BY_ADDRESS, BY_COORDINATES, BY_LAYER, Data

#: share of one type from which it is said to make a place
_ONE_TYPE = 0.9
#: incidents from which that, and the spread over days, is worth saying
_SOME = 10
#: addresses that make a place look like a block or a snap point
_MANY_ADDRESSES = 5
#: share of addresses that name a block, and of incidents that share coordinates, from which it is told
_BLOCKS, _SHARED = 0.2, 0.4
#: metres of rounding from which coordinates are no addresses
_COARSE = 10.0
#: share of the addresses at another place than before from which it is told
_MOVED = 0.25
_FEW = 30
#: "31XX GRANDVIEW HWY", "BLOCK OF MAIN ST", "On or near High Street"
_BLOCK = re.compile(r"(^|\s)\d*XX?(\s|$)|(^|\s)(BLOCK|BLK)(\s|$)|^ON OR NEAR ", re.IGNORECASE)


class Words:
    """The result in words and columns.

    Parameters
    ----------
    data : Data
    ranking : Ranking
    facts : Concentration
    made_of : Makeup
    least, top : int
        Fewest incidents and number of ranks of the list.
    units : Units
    """

    def __init__(
        self, data: Data, ranking: Ranking, facts: Concentration, made_of: Makeup, least: int, top: int,
        units: formats.Units,
    ) -> None:
        self.data, self.ranking, self.facts, self.made_of = data, ranking, facts, made_of
        self.least, self.top, self.units = least, top, units
        self.listed = ranking.listed
        self.n = ranking.n[self.listed]
        self.names = self.names_of(self.listed)

    # --- the list --------------------------------------------------------------------------
    def names_of(self, places: np.ndarray) -> list:
        """Return the names of places; by coordinates, the commonest address there now, or then."""
        data = self.data
        names = [data.names[i] for i in places]
        if data.mode == BY_COORDINATES and data.address is not None:
            common = self._commonest_address(places, data.now)
            before = self._commonest_address(places, ~data.now)
            common = np.where(common < 0, before, common)
            names = [data.addresses[c] if c >= 0 else None for c in common]
        return [str(name or data.keys[i]) for name, i in zip(names, places)]

    def _commonest_address(self, places: np.ndarray, rows: np.ndarray) -> np.ndarray:
        number = np.full(len(self.ranking.n), -1, dtype=np.int64)
        number[places] = np.arange(len(places))
        owner, address = number[self.data.place[rows]], self.data.address[rows]
        return commonest(owner[owner >= 0], address[owner >= 0], len(places)).value

    def columns(self) -> dict:
        """Return the fields of the list."""
        data, ranking, made_of = self.data, self.ranking, self.made_of
        listed, total, m = self.listed, max(ranking.total, 1), len(self.listed)
        nothing, dated = np.ones(m, dtype=bool), data.windows is not None
        before = np.zeros(m, dtype=bool) if data.compared else nothing
        share = self.n / total
        types = made_of.types
        no_types = np.ma.masked_array(np.zeros(m, dtype=np.int64), nothing)
        daily = dated and not data.monthly
        return {
            fields.RANK: ranking.rank[listed],
            fields.PLACE: np.array(self.names, dtype=object),
            fields.N: self.n,
            fields.N_PREV: np.ma.masked_array(ranking.n_before[listed], before),
            fields.RANK_PREV: np.ma.masked_array(ranking.rank_before[listed],
                                                 before | (ranking.rank_before[listed] == 0)),
            fields.TOP_TYPE: np.array([None] * m if types is None else [
                data.kinds[v] if v >= 0 else None for v in types.value], dtype=object),
            fields.TOP_SHARE: np.full(m, np.nan) if types is None else types.times / np.maximum(self.n, 1),
            fields.N_TYPES: no_types if types is None else types.kinds,
            fields.SHARE: share,
            fields.CUM_SHARE: np.cumsum(share),
            fields.PER_MONTH: self.n / data.windows.months if dated else np.full(m, np.nan),
            fields.DAYS_ACT: np.ma.masked_array(made_of.days, np.full(m, not daily)),
            fields.MONTHS_ACT: np.ma.masked_array(made_of.months, np.full(m, not dated)),
            fields.LATEST: made_of.latest,
            fields.EXP_RANK: ranking.expected,
            fields.P_CHANCE: ranking.p[listed],
            fields.Q_CHANCE: ranking.q[listed],
            fields.N_ADDR: no_types if made_of.addresses is None else made_of.addresses,
            fields.PLACE_KEY: np.array([data.keys[i] for i in listed], dtype=object),
            fields.NOTE: np.array(self.notes(), dtype=object),
        }

    def notes(self) -> list:
        """Return what to look at first at each listed place, None for nothing."""
        made_of, out = self.made_of, []
        for i, n in enumerate(self.n.tolist()):
            found = []
            if made_of.default[i]:
                found.append(tr("default place?"))
            if self._one_type(i):
                found.append(tr("one type"))
            if made_of.addresses is not None and made_of.addresses[i] >= _MANY_ADDRESSES:
                found.append(tr("{count} addresses").format(count=int(made_of.addresses[i])))
            if self.data.windows is not None and not self.data.monthly and n >= _SOME and made_of.days[i] <= 0.2 * n:
                found.append(tr("few days"))
            if not self.ranking.q[self.listed[i]] < 0.05:
                found.append(tr("could be chance"))
            out.append("; ".join(found) or None)
        return out

    def _one_type(self, i: int) -> bool:
        types = self.made_of.types
        return types is not None and self.n[i] >= _SOME and types.times[i] >= _ONE_TYPE * self.n[i]

    # --- numbers ---------------------------------------------------------------------------
    def numbers(self) -> dict:
        """Return the declared numbers and texts."""
        f, data, windows = self.facts, self.data, self.data.windows
        return {
            "RECORDED": data.recorded, "LOCATED": data.located,
            "DROPPED": sum(count for _, count in data.dropped), "INCIDENTS": self.ranking.total,
            "PLACE_COUNT": f.places, "REPEAT_PLACES": f.repeat, "BEYOND_CHANCE": f.beyond,
            "REPEAT_SHARE": f.repeat_share, "LISTED": len(self.listed), "SHARE_TOP": f.share_top,
            "SHARE_TOP_CHANCE": f.share_top_chance, "PLACES_HALF": f.half, "HALF_CHANCE": f.half_chance,
            "SHARE_20": f.share_20, "SHARE_20_CHANCE": f.share_20_chance, "GINI": f.gini,
            "GINI_CHANCE": f.gini_chance, "STILL_TOP": f.still if data.compared else None,
            "START": str(windows.start) if windows else "", "END": str(windows.end) if windows else "",
        }

    # --- sentences -------------------------------------------------------------------------
    def period(self) -> str:
        """Return the window in words."""
        windows = self.data.windows
        if windows is None:
            return tr("all rows, whatever their date")
        return tr("{start} to {end}").format(start=windows.start, end=windows.end)

    def summary(self) -> str:
        """Return the sentences to read out."""
        return " ".join(part for part in (self.counted(), self.headline(), self.half(), self.again()) if part)

    def counted(self) -> str:
        """Say what was counted, with and without a place."""
        data = self.data
        text = tr("{period}: {used} of {recorded} recorded incidents are counted at {places} places.")
        if data.mode == BY_LAYER:
            text = tr("{period}: {used} of {recorded} recorded incidents are counted at the {places} places of"
                      " '{layer}'.")
        return text.format(
            period=self.period(), used=formats.number(self.ranking.total), recorded=formats.number(data.recorded),
            places=formats.number(self.facts.places), layer=data.place_layer)

    def headline(self) -> str:
        """The 80-20 sentence."""
        f = self.facts
        text = tr("The busiest 20 % of the places hold {share} of them (chance alone would give {chance}), the {top}"
                  " busiest hold {share_top} (by chance {chance_top}){verdict}.")
        verdict = "" if f.beyond else tr(", which could be chance")
        return text.format(
            share=formats.percent(f.share_20), chance=formats.percent(f.share_20_chance), top=formats.number(f.top),
            share_top=formats.percent(f.share_top, 1), chance_top=formats.percent(f.share_top_chance, 1),
            verdict=verdict)

    def half(self) -> str:
        """Say at how few places half of it lies, and what is not known."""
        f = self.facts
        out = tr("Half of the incidents lie at {half} places ({part}; by chance alone at {chance}).").format(
            half=formats.number(f.half), part=formats.percent(f.half / max(f.places, 1), 1),
            chance=formats.number(f.half_chance, 0))
        if self.data.only_known:
            out += " " + tr("Places without any incident are not known here and not counted.")
        return out

    def again(self) -> str:
        """Say how many of the busiest were so before."""
        f = self.facts
        if not self.data.compared or not f.still_of:
            return ""
        return tr("Of the {of} busiest of the {days} days before, {still} are among the {top} busiest again.").format(
            of=formats.number(f.still_of), days=formats.number(self.data.windows.days),
            still=formats.number(f.still), top=formats.number(f.top))

    # --- doubts ----------------------------------------------------------------------------
    def warnings(self) -> list:
        """Return what the reader must know before using the list."""
        found = [*self._time(), *self._lost(), self._none(), self._few(), self._blocks(), self._moved(),
                 *self._hints(), self._unmatched()]
        return [text for text in found if text]

    def _time(self) -> list:
        windows, out = self.data.windows, []
        if windows is None:
            return out
        if windows.strays:
            out.append(tr("{count} rows are dated more than a year later than nearly all others and count nowhere."
                          " Check their dates.").format(count=windows.strays))
        if not np.isnat(windows.before) and not windows.covered:
            out.append(tr("The data begin on {first}, so they do not cover the window before ({before} to {end}): its"
                          " numbers and ranks stay empty.").format(
                              first=windows.first, before=windows.before, end=windows.start - np.timedelta64(1, "D")))
        if not windows.complete:
            out.append(tr("The data end on {last}, before the last day {end}: the window is not full.").format(
                last=windows.last, end=windows.end))
        return out

    def _lost(self) -> list:
        return [tr("{share} of '{type}' ({count} of {rows}) have no place: the list does not show these.").format(
            share=formats.percent(row.lost), type=row.name or tr("(no type)"),
            count=formats.number(row.rows - row.located), rows=formats.number(row.rows)) for row in self.data.lost]

    def _none(self) -> str:
        if len(self.listed):
            return ""
        return tr("No place has {least} incidents or more, so the list is empty.").format(least=self.least)

    def _few(self) -> str:
        f = self.facts
        if self.ranking.total < _FEW:
            return tr("Only {count} incidents are counted: one or two more would change the ranks.").format(
                count=self.ranking.total)
        if len(self.listed) and not f.beyond:
            return tr("No place has more incidents than chance alone could make among {places} places: who is first"
                      " here says little.").format(places=formats.number(f.places))
        return ""

    def _blocks(self) -> str:
        """Whether coordinates or addresses stand for many addresses."""
        data = self.data
        if data.mode == BY_LAYER:
            return ""
        blocks = self.block_share()
        if blocks > _BLOCKS:
            return tr("{share} of the addresses name a block or a place near by, not a house (such as '{example}'): a"
                      " place in this list may hold many addresses.").format(
                          share=formats.percent(blocks), example=self._block_example())
        if data.mode == BY_ADDRESS:
            return ""
        if data.precision >= _COARSE:
            return tr("The coordinates are only precise to about {reach}: a place in this list may hold many"
                      " addresses.").format(reach=self.units.distance(data.precision, 0))
        if data.shared > _SHARED:
            return tr("{share} of the incidents share their exact coordinates with another. Where coordinates are"
                      " middles of blocks, snap points or rounded, a place in this list holds many addresses.").format(
                          share=formats.percent(data.shared))
        return ""

    def _moved(self) -> str:
        """Whether the geocoding changed between the windows."""
        data = self.data
        if not data.compared or data.address is None or data.mode == BY_ADDRESS:
            return ""
        share, number = moved(data.address, data.place, data.now)
        if number < _SOME or not share > _MOVED:
            return ""
        return tr("{share} of the {number} addresses with incidents in both windows lie at another place now: the"
                  " geocoding seems to have changed, and numbers and ranks before mislead. Choose a larger TOLERANCE,"
                  " or make places by address.").format(share=formats.percent(share), number=formats.number(number))

    def block_share(self) -> float:
        """Share of the incidents of the window whose address names a block."""
        data = self.data
        if data.address is None:
            return 0.0
        codes = data.address[data.now]
        codes = codes[codes >= 0]
        if not len(codes):
            return 0.0
        times = np.bincount(codes, minlength=len(data.addresses))
        return float(sum(times[i] for i, text in enumerate(data.addresses) if _BLOCK.search(text)) / len(codes))

    def _block_example(self) -> str:
        # a name that is no home: the one with most incidents
        times = np.bincount(np.maximum(self.data.address[self.data.now], 0), minlength=len(self.data.addresses))
        return next(self.data.addresses[i] for i in np.argsort(-times, kind="stable")
                    if _BLOCK.search(self.data.addresses[i]))

    def _hints(self) -> list:
        out = []
        default = np.flatnonzero(self.made_of.default)
        if len(default):
            out.append(tr("{places}: types there are as mixed as everywhere, as at a default place to which a"
                          " geocoder puts unknown addresses. Check, and leave it out by DROP_NAMES or DROP_PLACES."
                          ).format(places=self._ranked(default)))
        far = self._far()
        if len(far):
            out.append(tr("{places}: far from all other incidents, as at coordinates that stand for an unknown place."
                          ).format(places=self._ranked(far)))
        one = [i for i in range(len(self.listed)) if self._one_type(i)]
        if one:
            first, types = one[0], self.made_of.types
            out.append(tr("At {count} of the {of} listed places one type makes 90 % or more of the incidents (rank"
                          " {rank}: {share} {type}): what is to be done there depends on that type.").format(
                              count=formats.number(len(one)), of=formats.number(len(self.listed)),
                              rank=int(self.ranking.rank[self.listed[first]]),
                              share=formats.percent(types.times[first] / self.n[first], 1),
                              type=self.data.kinds[types.value[first]]))
        return out

    def _far(self) -> np.ndarray:
        from ...analysis.data.checkincidents import far_places

        data, used = self.data, np.flatnonzero(self.ranking.n > 0)
        far = np.zeros(len(data.x), dtype=bool)
        far[used] = far_places(np.column_stack([data.x[used], data.y[used]]))
        return np.flatnonzero(far[self.listed])

    def _ranked(self, places: np.ndarray) -> str:
        ranks = [str(int(self.ranking.rank[self.listed[i]])) for i in places[:5]]
        text = tr("Rank {ranks}") if len(ranks) == 1 else tr("Ranks {ranks}")
        return text.format(ranks=", ".join(ranks) + (" …" if len(places) > 5 else ""))

    def _unmatched(self) -> str:
        if not self.data.unmatched:
            return ""
        return tr("These names to leave out match nothing: {names}.").format(names="; ".join(self.data.unmatched[:10]))
