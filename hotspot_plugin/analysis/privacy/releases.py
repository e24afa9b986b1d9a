"""The register of public releases: what was published, and the rules by which nothing can be subtracted from it.

Two tables can be subtracted only where they count the same incidents. So a day is published
once: by one set of areas, one set of groups and one unit of the calendar, with numbers that
stay as they were first published even when late records come in. Sensitive incidents are
published apart from the others, by their own years, and are in no total with them.
The register holds published numbers only; it could itself be published.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .disclosure import ABSENT, OTHER, SHOWN
from .publicrelease import Span

FORMAT, VERSION = "hotspot public releases", 1
#: The two kinds of tables, which have no incident in common.
ORDINARY, SENSITIVE = "ordinary", "sensitive"
#: Two descriptions of an area are of the same one up to so many degrees, and to this share of its size.
_DEGREES, _SIZE = 1e-3, 0.02
#: Share of a period's incidents that late records may have brought into groups which it did not have.
_STRANGE = 0.01


@dataclass(frozen=True)
class Published:
    """The published numbers of one period.

    Attributes
    ----------
    kind : str
        ORDINARY or SENSITIVE.
    span : Span
    areas : dict
        ``names`` and ``places``: for each area longitude, latitude and square kilometres.
    groups : list of str
    values : (areas + 1, groups + 1) int64 array
        As published; -1 withheld, -2 not part of the table. The last row and column are totals.
    limit, base : int
    sensitive : list of str
        Groups that were counted as sensitive when it was made.
    release : int
        Number of the release that first published it, from 1.
    """

    kind: str
    span: Span
    areas: dict
    groups: list
    values: np.ndarray
    limit: int
    base: int
    sensitive: list
    release: int = 0


def public_values(values: np.ndarray, status: np.ndarray) -> np.ndarray:
    """Return the numbers as the register keeps them: why one is withheld is not kept."""
    return np.where(status == SHOWN, values, np.where(status == ABSENT, -2, -1)).astype(np.int64)


def status_of(values: np.ndarray) -> np.ndarray:
    """Return what became of the numbers of a register, where nothing tells small ones from others."""
    return np.where(values >= 0, SHOWN, np.where(values == -2, ABSENT, OTHER)).astype(np.int8)


def read(text: str, parameter: str, name: str) -> list:
    """Return the published tables of a register's text, none of an empty one.

    Raises
    ------
    InputError
        The text is no register, or one of a newer version.
    """
    if not text.strip():
        return []
    try:
        given = json.loads(text)
        if given["format"] != FORMAT:
            raise ValueError("another format")
        version = int(given["version"])
        tables = [_table(entry) for entry in given["tables"]] if version <= VERSION else []
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(
            parameter, "'{name}' is no register of releases, or is damaged ({error}). Choose the register, or a new"
            " file; if it is damaged, take it from a backup: without it, earlier releases cannot be guarded.",
            name=name, error=error) from error
    if version > VERSION:
        raise InputError(parameter, "'{name}' was written by a newer version of the plugin. Update the plugin.",
                         name=name)
    return tables


def _table(entry: dict) -> Published:
    span = Span(str(entry["period"]), np.datetime64(entry["first"], "D"), np.datetime64(entry["last"], "D"))
    values = np.array(entry["values"], dtype=np.int64)
    groups, names = [str(g) for g in entry["groups"]], [str(a) for a in entry["areas"]["names"]]
    places = [[float(v) for v in place] for place in entry["areas"]["places"]]
    if values.shape != (len(names) + 1, len(groups) + 1) or len(places) != len(names) or span.end < span.start:
        raise ValueError("sizes do not agree")
    if entry["kind"] not in (ORDINARY, SENSITIVE):
        raise ValueError("an unknown kind of table")
    return Published(
        entry["kind"], span, {"names": names, "places": places}, groups, values, int(entry["limit"]),
        int(entry["base"]), [str(s) for s in entry["sensitive"]], int(entry["release"]),
    )


def write(tables: list) -> str:
    """Return the text of a register."""
    entries = [{
        "release": t.release, "kind": t.kind, "period": t.span.name, "first": str(t.span.start),
        "last": str(t.span.end), "limit": t.limit, "base": t.base, "groups": t.groups, "sensitive": t.sensitive,
        "areas": t.areas, "values": t.values.tolist(),
    } for t in tables]
    content = {"format": FORMAT, "version": VERSION, "tables": entries}
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def earlier(
    tables: list, kind: str, span: Span, areas: dict, shares: dict, wholly: set, parameter: str
) -> Published | None:
    """Return the table of a period that has been published, None where the period is new.

    Parameters
    ----------
    tables : list of Published
    kind : str
    span : Span
    areas : dict
        As in :class:`Published`.
    shares : dict of str to float
        Groups that the period has now, with the share of its incidents in each.
    wholly : set of str
        Groups all of whose incidents are of this kind now.
    parameter : str
        The parameter of the register, for errors.

    Raises
    ------
    InputError
        Where the days were published by other areas, groups or periods, so that two tables
        of the same incidents would be about.
    """
    for table in tables:
        if table.span.end < span.start or table.span.start > span.end:
            continue
        values = {"now": span.name, "period": table.span.name, "release": table.release}
        if table.kind != kind:
            # what was ordinary and is sensitive now, or the other way round, would be in both kinds of tables
            moved = [g for g in table.groups if g in wholly]
            if moved:
                raise remarked(table, moved[0], parameter)
            continue
        if (table.span.start, table.span.end) != (span.start, span.end):
            raise InputError(
                parameter, "{now} overlaps {period}, which release {release} published: one could be subtracted from"
                " the other. Keep to the periods of that release, or choose START after it.", **values)
        if not same_areas(table.areas, areas):
            raise InputError(
                parameter, "Release {release} published {period} for other areas: the two could be subtracted. Use"
                " the same areas, or choose START after that period; new areas can begin with a new period.", **values)
        if sum(share for group, share in shares.items() if group not in table.groups) > _STRANGE:
            raise InputError(
                parameter, "Release {release} published {period} by other groups: the two could be subtracted. Use"
                " the same groups, or choose START after that period; new groups can begin with a new period.",
                **values)
        return table
    return None


def remarked(table: Published, group: str, parameter: str) -> InputError:
    """Return the refusal of a group whose incidents the table counted on the other side of the line."""
    return InputError(
        parameter, "Incidents of '{group}' were counted as {kind} by release {release} ({period}) and are not now, so"
        " that they would be published twice. Keep the marks of that release for its years.", group=group,
        kind=table.kind, release=table.release, period=table.span.name)


def fallen(table: Published, now: np.ndarray) -> str:
    """Return a group of which clearly fewer incidents are left than were published, "" for none.

    Late records make more of them; fewer are a sign that they are marked otherwise now.

    Parameters
    ----------
    table : Published
    now : (groups,) array of int
        Incidents of the table's period and kind as they are marked now.
    """
    was = table.values[-1, :-1] if table.values[-1, 0] != -2 else table.values[0, :-1]
    lost = (was >= 0) & (now < was - np.maximum(table.limit, 0.1 * was))
    return table.groups[int(np.argmax(lost))] if lost.any() else ""


def same_areas(one: dict, other: dict) -> bool:
    """Whether two descriptions are of the same areas, whatever their order."""
    first, second = (dict(zip(a["names"], a["places"])) for a in (one, other))
    if set(first) != set(second):
        return False
    for name, place in first.items():
        other_place = second[name]
        if max(abs(place[0] - other_place[0]), abs(place[1] - other_place[1])) > _DEGREES:
            return False
        if abs(place[2] - other_place[2]) > _SIZE * max(place[2], other_place[2]):
            return False
    return True
