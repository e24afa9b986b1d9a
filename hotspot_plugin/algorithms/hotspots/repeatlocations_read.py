"""What 'Repeat locations' reads: incidents of the window and of the one before, and the place of each."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...analysis.data import prepareincidents as preparing
from ...analysis.errors import InputError
from ...analysis.hotspots import places as placing
from ...analysis.hotspots import repeatlocations as analysis
from ...analysis.hotspots import windows as timing
from ...layers import fields
from ...layers.nearest import nearest_feature
from ...layers.reading import Points
from ...translation import tr

AUTOMATIC, BY_ADDRESS, BY_COORDINATES, BY_LAYER = range(4)
#: metres above which a tolerance would make neighbourhoods, not places
MOST_TOLERANCE = 100.0
_COORDINATES = re.compile(r"-?\d+ -?\d+$")
_NAME = "name"
#: coordinates looked at for their precision
_SAMPLE = 100_000


@dataclass
class Data:
    """Incidents that have a place; arrays have one entry each, unless they are of places.

    Attributes
    ----------
    windows : Windows or None
        None without dates.
    place : (n,) int64 array
        Place of each incident.
    now : (n,) bool array
        In the window; the others are in the one before.
    moments : (n,) datetime64 array or None
    kind, address : (n,) int64 array or None
        Numbers into kinds and addresses.
    x, y, names, keys, tie_order : (k,) arrays
        Of the places.
    mode : int
        How places were made.
    only_known : bool
        Places without any incident are not known.
    recorded, located : int
        Records of the window, with or without and with a place.
    steps : list of (words, count)
        What became of the records of the window, in order; the counts add up to recorded.
    dropped : list of (name, count)
        Incidents of the window left out by name or place.
    lost : list of TypeRow
        Types of which too much has no place.
    shared : float
        Share of the incidents of the window that share their exact coordinates with another.
    precision : float
        Metres to which coordinates are rounded; 0 for exact.
    layer, place_layer : str
        Names of the layers of incidents and of places.
    unmatched : list of str
        Names to leave out that no incident has.
    monthly : bool
        Most dates say the month only.
    """

    windows: Any
    place: np.ndarray
    now: np.ndarray
    moments: np.ndarray | None
    kind: np.ndarray | None
    kinds: list
    address: np.ndarray | None
    addresses: list
    x: np.ndarray
    y: np.ndarray
    names: np.ndarray
    keys: np.ndarray
    tie_order: np.ndarray
    mode: int
    only_known: bool
    recorded: int
    located: int
    steps: list
    dropped: list
    lost: list
    shared: float
    precision: float
    layer: str = ""
    place_layer: str = ""
    unmatched: list = field(default_factory=list)
    monthly: bool = False

    @property
    def compared(self) -> bool:
        """Whether there is a window before that the data cover."""
        return self.windows is not None and self.windows.covered

    def details(self) -> tuple:
        """Return moment, type and address of the incidents of the window."""
        return tuple(None if part is None else part[self.now] for part in (self.moments, self.kind, self.address))


class Reader:
    """Reads step by step; what is left out is counted in the account and for the window."""

    def __init__(self, run: Any) -> None:
        self.run, self.tool = run, run.tool
        self.steps: list = []
        self.dropped: list = []
        self.unmatched: list = []
        self.now = np.zeros(0, dtype=bool)
        self.points: Points
        self.places: Any = None

    def leave_out(self, keep: np.ndarray, reason: str, label: str = "") -> None:
        """Keep some of the incidents; count the others."""
        if keep.all():
            return
        count, of_now = int((~keep).sum()), int((~keep & self.now).sum())
        text = tr("{count:,} of {rows:,} incidents are not used: {reason}.").format(
            count=count, rows=len(self.points), reason=reason)
        self.run.info(text)
        if of_now:
            self.steps.append((label or reason, of_now))
        self.points, self.now = self.points.take(keep, reason), self.now[keep]

    # --- what one place is -----------------------------------------------------------------
    def choose(self) -> None:
        """Settle how places are made and which fields are read for it."""
        run, tool = self.run, self.tool
        self.mode = run.choice(tool.PLACE)
        self.address_field = run.field(tool.ADDRESS_FIELD)
        names = run.source_fields(tool.INPUT)
        prepared = fields.PLACE_KEY if fields.PLACE_KEY in names else ""
        self.key_field = ""
        if self.mode == AUTOMATIC:
            if run.has(tool.PLACES):
                self.mode = BY_LAYER
            elif self.address_field or prepared:
                self.mode = BY_ADDRESS
                self.key_field = "" if self.address_field else prepared
            else:
                self.mode = BY_COORDINATES
        elif self.mode == BY_ADDRESS and not self.address_field:
            self.key_field = prepared
            if not prepared:
                raise InputError(tool.ADDRESS_FIELD, "Places by address need the field with the address; the layer"
                                 " has no 'place_key' of prepared incidents either. Choose the field, or make places"
                                 " by coordinates.")
        elif self.mode == BY_LAYER and not run.has(tool.PLACES):
            raise InputError(tool.PLACES, "Places by the nearest feature need a layer of places. Choose it, or make"
                                          " places by coordinates.")
        if self.mode != BY_LAYER and run.has(tool.PLACES):
            run.warn(tr("The place layer is not used, for places are made in another way (PLACE)."))
        if not self.address_field and fields.ADDRESS in names:
            self.address_field = fields.ADDRESS
        tolerance = run.number(tool.TOLERANCE)
        if tolerance > MOST_TOLERANCE:
            raise InputError(tool.TOLERANCE, "Within {tolerance} m lie neighbourhoods, not one place. Choose {most}"
                             " m or less; for areas use 'Find hot spots'.", tolerance=f"{tolerance:g}",
                             most=f"{MOST_TOLERANCE:g}")

    def read(self) -> Data:
        """Read everything."""
        run, tool = self.run, self.tool
        self.choose()
        date = run.field(tool.DATE_FIELD, schema=fields.DT_FROM)
        kind = run.field(tool.TYPE_FIELD, schema=fields.CTYPE)
        window, as_of = run.integer(tool.WINDOW) or 0, run.date(tool.AS_OF)
        if not date and (window or as_of is not None):
            raise InputError(tool.DATE_FIELD, "A window of days needs dates. Choose the field with the date of the"
                             " incidents, or set WINDOW to 0 and leave AS_OF empty to use all rows.")
        self.points = run.points(tool.INPUT, texts=[kind, self.address_field, self.key_field], times=[date],
                                 keep_unlocated=True, progress=run.stage(0.0, 0.35))
        self._refuse_nothing()
        run.progress(0.36)
        recorded, windows, monthly = self._windows(date, window, as_of)
        extra = self._unlocated(date, windows)
        run.progress(0.4)
        located = np.isfinite(self.points.x) & np.isfinite(self.points.y)
        lost = preparing.lost_types(preparing.by_type(self.points.columns[kind][self.now], located[self.now])
                                    ) if kind else []
        run.progress(0.43)
        if extra:
            self.steps.append((tr("no place (table of unlocated incidents)"), extra))
        self.leave_out(located, tr("no place on the map"))
        count_located = int(self.now.sum())
        run.progress(0.45)
        self._drop_by_layer()
        self._drop_by_name()
        place, x, y, names, keys = self._place()
        if not self.now.any():
            raise InputError(tool.INPUT, "No incident of the window is left at a place. Check what is left out, or"
                                         " take a longer window.")
        self.steps.append((tr("used"), int(self.now.sum())))
        run.progress(0.7)
        kind_codes, kinds = numbered(self.points.columns[kind]) if kind else (None, [])
        run.progress(0.71)
        address_codes, addresses = self._addresses()
        run.progress(0.73)
        spots = placing.spots(self.points.x[self.now], self.points.y[self.now])
        here = np.bincount(spots.code)
        order = np.empty(len(x), dtype=np.int64)
        order[np.lexsort((y, x))] = np.arange(len(x))
        return Data(
            windows, place, self.now, self.points.columns[date] if date else None, kind_codes, kinds, address_codes,
            addresses, x, y, names, keys, order if self.mode != BY_LAYER else np.arange(len(x)), self.mode,
            self.mode != BY_LAYER, recorded + extra, count_located, self.steps, self.dropped, lost,
            float(here[here > 1].sum() / here.sum()), self._precision(), self.points.name,
            self.places.name if self.mode == BY_LAYER else "", self.unmatched, monthly,
        )

    def _refuse_nothing(self) -> None:
        points = self.points
        if not (np.isfinite(points.x) & np.isfinite(points.y)).any():
            raise InputError(self.tool.INPUT, "'{layer}' has no point that can be used ({rows} rows read). Choose a"
                             " layer with points, and check its filter and selection.",
                             layer=points.name, rows=len(points))

    def _precision(self) -> float:
        from ...analysis.cellsize import coordinate_precision

        step = len(self.points.x) // _SAMPLE + 1
        return coordinate_precision(self.points.x[::step], self.points.y[::step])

    # --- time ------------------------------------------------------------------------------
    def _windows(self, date: str, window: int, as_of: np.datetime64 | None) -> tuple:
        """Keep the incidents of both windows; return the records of the window, the windows, and if months are all."""
        self.now = np.ones(len(self.points), dtype=bool)
        if not date:
            self.run.info(tr("No dates are used: all rows count, whatever their date."))
            return len(self.points), None, False
        moments, precision = self.points.columns[date], self.points.times[date].precision
        windows = timing.make_windows(moments, precision, as_of, window)
        self.run.progress(0.37)
        monthly = bool(np.mean(precision[~np.isnat(moments)] == "month") > 0.5)
        self.now = windows.holds(moments)
        recorded = int(self.now.sum())
        undated = np.isnat(moments)
        if undated.mean() > 0.05:
            self.run.warn(tr("{count:,} of {rows:,} rows have no date that can be read and count nowhere.").format(
                count=int(undated.sum()), rows=len(moments)))
        self.leave_out(~undated, tr("no date that can be read"))
        self.run.progress(0.38)
        moments = self.points.columns[date]
        earlier = windows.holds_before(moments)
        self.leave_out(self.now | earlier, tr("dated outside the windows"))
        return recorded, windows, monthly

    def _unlocated(self, date: str, windows: Any) -> int:
        """Return how many incidents of the table without places lie in the window."""
        if not self.run.has(self.tool.UNLOCATED):
            return 0
        table = self.run.table(self.tool.UNLOCATED, times=[date])
        return int(windows.holds(table.columns[date]).sum()) if windows is not None else len(table)

    # --- leaving out -----------------------------------------------------------------------
    def _drop_by_layer(self) -> None:
        run, tool = self.run, self.tool
        if not run.has(tool.DROP_PLACES):
            return
        named = _NAME if _NAME in run.source_fields(tool.DROP_PLACES) else ""
        layer = run.areas(tool.DROP_PLACES, texts=[named])
        spots = placing.spots(self.points.x, self.points.y)
        near, _ = nearest_feature(layer, spots.x, spots.y, run.number(tool.DROP_DISTANCE), run.stage(0.45, 0.5))
        near = near[spots.code]
        times = np.bincount(near[(near >= 0) & self.now], minlength=len(layer))
        for number in np.argsort(-times, kind="stable"):
            if times[number]:
                name = layer.columns[named][number] if named else None
                self.dropped.append((str(name or tr("{layer}, row {row}").format(
                    layer=layer.name, row=int(layer.rows[number]) + 1)), int(times[number])))
        if not (near >= 0).any():
            run.warn(tr("No incident lies at any of the {count} places to leave out. Check that both layers show the"
                        " same region.").format(count=len(layer)))
        self.leave_out(near < 0, tr("at a place that is to be left out"))

    def _drop_by_name(self) -> None:
        run, tool = self.run, self.tool
        patterns = [part.strip() for part in re.split(r"[;\n]", run.text(tool.DROP_NAMES)) if part.strip()]
        if self.mode == BY_LAYER:
            self._read_places()
        if not patterns:
            return
        columns = [self.points.columns[name] for name in (self.address_field, self.key_field) if name]
        if self.mode == BY_LAYER and self.place_names is not None:
            names = np.append(self.place_names, None)
            columns.append(names[self.nearest])
        if not columns:
            raise InputError(tool.DROP_NAMES, "Names can only be left out where incidents have an address or places"
                             " have a name. Choose ADDRESS_FIELD or PLACE_FIELD, or give DROP_PLACES as a layer.")
        hits = np.full(len(self.points), -1, dtype=np.int64)
        rules = [re.compile(fnmatch.translate(preparing.clean_address(part) or part.upper())) for part in patterns]
        for column in columns:
            codes, texts = numbered(column)
            clean = [preparing.clean_address(text) for text in texts]
            rule_of = np.array([next((i for i, rule in enumerate(rules) if text and rule.match(text)), -1)
                                for text in clean] + [-1], dtype=np.int64)
            found = rule_of[codes]
            hits = np.where(hits < 0, found, hits)
        for number, part in enumerate(patterns):
            count = int(((hits == number) & self.now).sum())
            if (hits == number).any():
                self.dropped.append((part, count))
            else:
                self.unmatched.append(part)
        keep = hits < 0
        if self.mode == BY_LAYER:
            self.nearest = self.nearest[keep]
        self.leave_out(keep, tr("of a name that is to be left out"))

    # --- places ----------------------------------------------------------------------------
    def _read_places(self) -> None:
        """Find the nearest feature of the place layer for every incident; leave out those far from all."""
        run, tool = self.run, self.tool
        name = run.field(tool.PLACE_FIELD, of=tool.PLACES)
        if not name and _NAME in run.source_fields(tool.PLACES):
            name = _NAME
        self.places = run.areas(tool.PLACES, texts=[name])
        self.place_names = self.places.columns[name] if name else None
        reach = run.number(tool.PLACE_DISTANCE)
        spots = placing.spots(self.points.x, self.points.y)
        near, _ = nearest_feature(self.places, spots.x, spots.y, reach, run.stage(0.5, 0.65))
        self.nearest = near[spots.code]
        keep = self.nearest >= 0
        if not (keep & self.now).any():
            raise InputError(tool.PLACES, "No incident lies within {reach} m of a feature of '{layer}'. Check that"
                             " both layers show the same region, or choose a larger PLACE_DISTANCE.",
                             reach=f"{reach:g}", layer=self.places.name)
        self.nearest = self.nearest[keep]
        self.leave_out(keep, tr("no place of the layer within {reach:g} m").format(reach=reach))

    def _place(self) -> tuple:
        """Return the place of each incident, and position, name and key of each place."""
        run = self.run
        if self.mode == BY_LAYER:
            run.info(tr("Places are the features of '{layer}' ({count:,}).").format(
                layer=self.places.name, count=len(self.places)))
            xy = np.array([_inner_point(geometry) for geometry in self.places.geometries])
            numbers = [tr("feature {row}").format(row=row + 1) for row in self.places.rows.tolist()]
            given = self.place_names if self.place_names is not None else [None] * len(numbers)
            names = np.array([str(name or number) for name, number in zip(given, numbers)], dtype=object)
            return self.nearest, xy[:, 0], xy[:, 1], names, names
        if self.mode == BY_ADDRESS:
            found = self._by_address()
            if found is not None:
                return found
        self.mode = BY_COORDINATES
        tolerance = run.number(self.tool.TOLERANCE)
        run.info(tr("Places are made by coordinates, within {tolerance:g} m of their busiest point.").format(
            tolerance=tolerance))
        spots = placing.spots(self.points.x, self.points.y)
        weights = [np.bincount(spots.code[which], minlength=len(spots)) for which in (self.now, ~self.now)]
        middle = placing.around_busy_points(spots.x, spots.y, weights, tolerance, run.stage(0.5, 0.7))
        middles, number = np.unique(middle, return_inverse=True)
        x, y = spots.x[middles], spots.y[middles]
        keys = np.array([f"{a:.0f} {b:.0f}" for a, b in zip(x.tolist(), y.tolist())], dtype=object)
        return number[spots.code], x, y, np.full(len(x), None, dtype=object), keys

    def _by_address(self) -> tuple | None:
        """Places by address; None where the keys of prepared incidents are mere coordinates."""
        points, run = self.points, self.run
        if self.key_field:
            codes, keys = numbered(points.columns[self.key_field])
            plain = np.array([bool(_COORDINATES.match(key)) for key in keys] + [True])
            if plain[codes].mean() > 0.5:
                run.info(tr("The place keys of these prepared incidents are coordinates, not addresses."))
                return None
            self._leave_out_keyless(codes)
            codes = codes[codes >= 0]
        else:
            texts = preparing.place_keys(points.columns[self.address_field], points.x, points.y, run.stage(0.5, 0.65))
            run.progress(0.66)
            codes, keys = numbered(texts)
        run.progress(0.68)
        run.info(tr("Places are made by address ({field}).").format(field=self.key_field or self.address_field))
        spots = placing.spots(self.points.x, self.points.y)
        # the point of an address is where most of its incidents lie; of equal ones the most western, then southern
        rank = np.empty(len(spots), dtype=np.int64)
        rank[np.lexsort((spots.y, spots.x))] = np.arange(len(spots))
        at = np.empty(len(spots), dtype=np.int64)
        at[rank] = np.arange(len(spots))
        best = at[analysis.commonest(codes, rank[spots.code], len(keys)).value]
        names = np.array(keys, dtype=object)
        return codes, spots.x[best], spots.y[best], names, names

    def _leave_out_keyless(self, codes: np.ndarray) -> None:
        if (codes < 0).all():
            raise InputError(self.tool.INPUT, "The field 'place_key' is empty in all rows. Choose ADDRESS_FIELD, or"
                                              " make places by coordinates (PLACE).")
        self.leave_out(codes >= 0, tr("no place key"))

    def _addresses(self) -> tuple:
        if not self.address_field:
            return None, []
        codes, texts = numbered(self.points.columns[self.address_field])
        clean = np.array([preparing.clean_address(text) for text in texts] + [""], dtype=object)
        again, names = numbered(clean)
        return again[codes], names


def read(run: Any) -> Data:
    """Read everything and leave out, with a count and a reason, what is not used."""
    return Reader(run).read()


def numbered(column: np.ndarray) -> tuple[np.ndarray, list]:
    """Number the texts in alphabetic order, -1 for none; return the numbers and the texts."""
    import pandas as pd

    codes, texts = pd.factorize(np.asarray(column, dtype=object))
    given = [str(text) for text in texts]
    order = sorted((i for i, text in enumerate(given) if text.strip()), key=lambda i: given[i])
    number = np.full(len(given) + 1, -1, dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[codes], [given[i] for i in order]


def _inner_point(geometry: Any) -> tuple:
    """A point of a feature: itself, or one that lies on it."""
    point = geometry.pointOnSurface().asPoint()
    return point.x(), point.y()
