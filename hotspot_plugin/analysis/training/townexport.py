"""The incidents of a practice town as a records system gives them away: with faults, each of which is written down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import crimetypes as ct
from . import townincidents as ti
from .draws import Stream
from .town import Town

#: fault: what was done
FAULTS = {
    "late": "reported after the export was made, so it is not in it",
    "noplace": "coordinates missing",
    "zero": "coordinates 0, 0",
    "station": "put at the police station for want of a better place",
    "repeat_id": "the same record again under the same number",
    "repeat_noid": "the same record again without a number",
    "midnight": "time of day not known, written as 00:00",
    "hour": "time rounded to the full hour",
    "spelling": "type written otherwise",
    "recoded": "anti-social behaviour recorded as public order since the change of recording",
    "nodate": "date that does not exist",
}
#: shares of the rows
_NO_PLACE, _NO_PLACE_VIOLENCE, _ZERO, _STATION = 0.04, 0.22, 0.015, 0.012
_REPEAT_ID, _REPEAT_NO_ID, _MIDNIGHT, _HOUR, _SPELLING, _NO_DATE = 0.02, 0.008, 0.07, 0.15, 0.05, 0.0015
RECODED = 0.35
SOURCES = ("PHONE", "WEB", "DESK", "ON-VIEW")


@dataclass
class Export:
    """Rows of the export; (m,) arrays.

    Attributes
    ----------
    of : positions in the incidents
    type : position in crimetypes.TYPES as recorded
    x, y : metres from the middle; NaN for none, and for 0, 0 where ``zero`` is set
    begin : minutes as written
    number : whether the row has a case number
    faults : dict of fault to a mask over the rows
    late : positions of the incidents that are not in it
    changed : numpy datetime64[D]
        Day from which recording differs.
    """

    of: np.ndarray
    type: np.ndarray
    x: np.ndarray
    y: np.ndarray
    begin: np.ndarray
    number: np.ndarray
    faults: dict
    late: np.ndarray
    changed: np.datetime64

    def __len__(self) -> int:
        return len(self.of)


def make(stream: Stream, town: Town) -> Export:
    """Spoil the incidents of a town."""
    incidents, settings = town.incidents, town.settings
    last = settings.days * ti.DAY
    late = np.flatnonzero(incidents.report >= last)
    kept = np.flatnonzero(incidents.report < last)
    again = stream.uniform(size=len(kept))
    same = kept[again < _REPEAT_ID]
    unnumbered = kept[again >= 1 - _REPEAT_NO_ID]
    of = np.concatenate([kept, same, unnumbered])
    kind_of_row = np.repeat([0, 1, 2], (len(kept), len(same), len(unnumbered)))
    order = np.lexsort((kind_of_row, of))
    of, kind_of_row = of[order], kind_of_row[order]

    # what is drawn for the incident holds for its repeats too
    def share(limit: object) -> np.ndarray:
        return (stream.uniform(size=len(incidents)) < limit)[of]

    kind, place = incidents.type[of], incidents.place[of]
    x, y = town.places.x[place].copy(), town.places.y[place].copy()
    violence = incidents.type == ct.VIOLENCE
    faults: dict = {}
    faults["noplace"] = share(np.where(violence, _NO_PLACE_VIOLENCE, _NO_PLACE))
    faults["zero"] = share(_ZERO) & ~faults["noplace"]
    faults["station"] = share(_STATION) & ~faults["noplace"] & ~faults["zero"]
    at = [(fx, fy) for what, _, fx, fy in town.fabric.facilities if what == "police station"] or [(0.0, 0.0)]
    x[faults["station"]], y[faults["station"]] = at[0]
    gone = faults["noplace"] | faults["zero"]
    x[gone] = y[gone] = np.nan
    begin = incidents.begin[of].copy()
    faults["midnight"] = share(_MIDNIGHT)
    faults["hour"] = share(_HOUR) & ~faults["midnight"]
    begin[faults["midnight"]] -= begin[faults["midnight"]] % ti.DAY
    begin[faults["hour"]] -= begin[faults["hour"]] % 60
    changed = settings.first_day + int(settings.days * 0.7)
    since = incidents.report[of] >= int((changed - settings.first_day).astype(int)) * ti.DAY
    faults["recoded"] = share(RECODED) & since & (kind == ct.DISORDER)
    kind = np.where(faults["recoded"], ct.ORDER, kind)
    faults["spelling"] = share(_SPELLING)
    faults["nodate"] = share(_NO_DATE)
    faults["repeat_id"], faults["repeat_noid"] = kind_of_row == 1, kind_of_row == 2
    return Export(of, kind, x, y, begin, kind_of_row != 2, faults, late, changed)


def spoiled(export: Export) -> list:
    """Return the names of the faults of every row, separated by commas, "" for none."""
    code = np.zeros(len(export), np.int64)
    names = [name for name in FAULTS if name in export.faults]
    for bit, name in enumerate(names):
        code |= export.faults[name].astype(np.int64) << bit
    texts = {value: ",".join(name for bit, name in enumerate(names) if value >> bit & 1)
             for value in np.unique(code).tolist()}
    return [texts[value] for value in code.tolist()]
