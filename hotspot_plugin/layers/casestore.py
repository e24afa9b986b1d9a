"""The case file of a project: is it well, what stands in it, and how a row is written so that nothing is lost.

Every function opens the file, does one thing and closes it. All may be called on a thread of
the background; none touches a layer of the open project. What is written is written in one
transaction under a lock that is asked for first: a crash leaves all of it or nothing, and a
file that somebody else is writing is told of at once.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, Callable, Iterable, Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsGeometry,
    QgsRectangle,
    QgsWkbTypes,
)

from ..analysis.community import inputs as i
from ..analysis.problems import register as r
from ..translation import tr
from . import caseinfo, casesql
from .caseform import Asked, Form, plain
from .casehealth import Health, is_case, probe
from .casesql import CaseError
from .sql import quoted, statement

__all__ = ["Asked", "CaseError", "Form", "GEOMETRY", "Health", "KEYS", "change", "count", "crs_of", "extent", "faults",
           "form", "has", "insert", "is_case", "keep", "kept", "probe", "remove", "rows"]

#: Under this name a row has its shape.
GEOMETRY = "geometry"
#: Table -> the field by which a row is found.
KEYS = {**r.KEYS, i.POINT_TABLE: i.INPUT_ID, i.AREA_TABLE: i.INPUT_ID}


# --- reading ---------------------------------------------------------------------------------
def rows(path: str | Path, table: str, columns: Sequence[str] | None = None, where: dict | None = None,
         order: str = "", newest: bool = True, limit: int | None = None, shapes: bool = False) -> list:
    """Return rows as dictionaries: ``fid``, the fields, and with ``shapes`` :data:`GEOMETRY`.

    Parameters
    ----------
    path, table : str
    columns : list of str, optional
        All if None.
    where : dict, optional
        Field -> value, or several of which it is one; None for what is not filled in.
    order : str
        Field; what is not filled in comes last. The order of writing if "".
    newest : bool
        Last written, or largest, first.
    limit : int, optional
    shapes : bool
        With the shape in the file's system, as QgsGeometry or None.

    Returns
    -------
    list of dict
        None, text, number or bool; days as ``"2024-01-31"``.
    """
    with casesql.reading(path) as base:
        kinds, geom = _columns(base, path, table)
        names = ["fid", *(columns if columns is not None else [n for n in kinds if n not in ("fid", geom)])]
        wanted = [*names, geom] if shapes and geom else names
        filters, values = _where(where or {})
        direction = "DESC" if newest else "ASC"
        by = f"{quoted(order)} IS NULL, {quoted(order)} {direction}, " if order else ""
        sql = statement("SELECT $columns FROM $table", columns=wanted, table=table) + filters
        sql += f' ORDER BY {by}"fid" {direction} LIMIT {-1 if limit is None else int(limit)}'
        found = base.execute(sql, values).fetchall()
    out = []
    for row in found:
        record = {name: _read(value, kinds[name]) for name, value in zip(names, row)}
        if shapes:
            record[GEOMETRY] = casesql.from_blob(row[-1]) if geom else None
        out.append(record)
    return out


def count(path: str | Path, table: str, by: str = "", where: dict | None = None) -> Any:
    """Return the number of rows or, with ``by``, value -> number of rows."""
    filters, values = _where(where or {})
    with casesql.reading(path) as base:
        _columns(base, path, table)
        if not by:
            return base.execute(statement("SELECT count(*) FROM $table", table=table) + filters, values).fetchone()[0]
        each = statement("SELECT $by, count(*) FROM $table", by=by, table=table)
        return dict(base.execute(each + filters + " GROUP BY 1", values))


def has(path: str | Path, table: str) -> bool:
    """Whether a table is in the file; lists of one's own, such as that of roles, may have been taken out."""
    with casesql.reading(path) as base:
        return base.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
                            (table,)).fetchone() is not None


def crs_of(path: str | Path, table: str) -> QgsCoordinateReferenceSystem:
    """Return the system of a table's shapes."""
    return Form(path, table).crs


def extent(path: str | Path, table: str, where: dict | None = None) -> QgsRectangle:
    """Return the box of a table's shapes in the file's system; an empty one where there are none."""
    out = QgsRectangle()
    for row in rows(path, table, [], where, shapes=True):
        if row[GEOMETRY] is not None:
            out.combineExtentWith(row[GEOMETRY].boundingBox())
    return out


def form(path: str | Path, table: str) -> dict:
    """Return field -> :class:`Asked`: labels, choices, hints as the form in the file has them."""
    return Form(path, table).asked()


def faults(path: str | Path, table: str, values: dict, geometry: QgsGeometry | None = None, role: str = "") -> dict:
    """Return field -> what to do, for values of a new row that the form would refuse; nothing is written."""
    asked = Form(path, table)
    return asked.faults(asked.new(values, geometry, role), geometry)


def kept(path: str | Path, key: str, default: Any = None) -> Any:
    """Return what was kept in the file under a name, such as the roles of layers."""
    with casesql.reading(path) as base:
        text = caseinfo.read(base).get(caseinfo.KEPT + key)
    try:
        return default if text is None else json.loads(text)
    except ValueError:
        return default


# --- writing ---------------------------------------------------------------------------------
def insert(path: str | Path, rows: dict, role: str = "", crs: QgsCoordinateReferenceSystem | None = None,
           context: QgsCoordinateTransformContext | None = None, check: bool = True,
           look: Callable[[], None] = lambda: None, known: bool = False, fill: bool = True) -> dict:
    """Add rows to one table or several: all of them, or none.

    Keys, days, and what else the form fills in are filled in. What the form refuses is refused.

    Parameters
    ----------
    path : str
    rows : dict of str to list of (QgsGeometry or None, dict)
        For each table shapes and values by field.
    role : str
        Of who writes, for the row and the journal.
    crs : QgsCoordinateReferenceSystem, optional
        System of the shapes; the file's own if None.
    context : QgsCoordinateTransformContext, optional
    check : bool
        False for rows that were checked elsewhere.
    look : callable
        Is called now and then; raises Cancelled to stop, and nothing is added then.
    known : bool
        Whether rows whose key is in the file already are left out instead of refused.
    fill : bool
        False for rows that come from elsewhere: what is not known stays open, as it would not in the form.

    Returns
    -------
    dict of str to list of str
        Keys of the rows added, by table.

    Raises
    ------
    CaseError
    """
    ready = _ready(path)
    prepared = {}
    for table, given in rows.items():
        asked, prepared[table] = Form(ready, table), []
        into = None if crs is None or not asked.spatial or crs == asked.crs else QgsCoordinateTransform(
            crs, asked.crs, context or QgsCoordinateTransformContext())
        for number, (shape, values) in enumerate(given):
            if number % 200 == 0:
                look()
            shape = _placed(shape, into, asked)
            full = asked.new(values, shape, role) if fill else {
                **dict.fromkeys(asked.names), **{name: plain(value) for name, value in values.items()}}
            if check:
                _refuse(asked.faults(full, shape), asked)
            prepared[table].append((shape, full))
        del asked
    out: dict = {}
    with casesql.writing(ready) as base, _writer(base, role):
        if check:
            _refuse_orphans(base, prepared)
        for table, given in prepared.items():
            out[table] = _insert(base, ready, table, given, look, known)
    return out


def change(path: str | Path, table: str, key: str, values: dict, role: str = "", was: dict | None = None,
           geometry: QgsGeometry | None = None, crs: QgsCoordinateReferenceSystem | None = None,
           context: QgsCoordinateTransformContext | None = None) -> dict:
    """Change one row; the days and the role that follow from it are filled in as the form does.

    Parameters
    ----------
    path, table : str
    key : str
        Of the row, in the field :data:`KEYS` [table].
    values : dict
        New values by field.
    role : str
        Of who changes it, for the journal.
    was : dict, optional
        The row as it was read, or what of it the change rests on. Where something of it is different now, somebody
        else changed it, and nothing is written.
    geometry : QgsGeometry, optional
        New shape; the old one stays if None.
    crs, context
        Of the new shape, as for :func:`insert`.

    Returns
    -------
    dict
        The row as it stands now, with ``fid``.

    Raises
    ------
    CaseError
        changed, with the present row; gone; refused, with the fields; or the file cannot be written.
    """
    ready = _ready(path)
    asked = Form(ready, table)
    if geometry is not None:
        into = None if crs is None or crs == asked.crs else QgsCoordinateTransform(
            crs, asked.crs, context or QgsCoordinateTransformContext())
        geometry = _placed(geometry, into, asked)
    asked._feature(values, None)  # refuses a field that is not there before anything is locked
    with casesql.writing(ready) as base, _writer(base, role):
        row, blob, geom, srs = _row(base, ready, table, key)
        _refuse_changed(row, was or {}, asked)
        shape = geometry if geometry is not None else casesql.from_blob(blob)
        full = asked.changed({k: v for k, v in row.items() if k != "fid"}, values, shape, role)
        # what a column should not hold, such as a word among numbers, stays as it is unless it is changed itself
        held = asked.read(row)
        different = [name for name in full if full[name] != held[name]]
        full = {name: value if name in different else row[name] for name, value in full.items()}
        # an old row may hold what newer rules refuse: only what is changed is looked at, and what depends on it
        _refuse({n: hint for n, hint in asked.faults(full, shape).items()
                 if n in different or n in values or n not in asked.faults(
                     {k: v for k, v in row.items() if k != "fid"}, casesql.from_blob(blob), [n])}, asked)
        sets, bound = [f"{quoted(name)} = ?" for name in different], [_bind(full[name]) for name in different]
        if geometry is not None:
            sets.append(f"{quoted(geom)} = ?")
            bound.append(casesql.to_blob(shape, srs))
        if sets:
            base.execute(statement("UPDATE $table SET ", table=table) + ", ".join(sets) + ' WHERE "fid" = ?',
                         [*bound, row["fid"]])
            _touched(base, table, [shape] if geometry is not None else [])
    return {"fid": row["fid"], **full}


def remove(path: str | Path, table: str, key: str, role: str = "", was: dict | None = None) -> None:
    """Delete one row, such as that of somebody who takes back the consent; as :func:`change` for the rest."""
    ready = _ready(path)
    asked = Form(ready, table)
    with casesql.writing(ready) as base, _writer(base, role):
        row, *_ = _row(base, ready, table, key)
        _refuse_changed(row, was or {}, asked)
        base.execute(statement("DELETE FROM $table WHERE fid = ?", table=table), (row["fid"],))
        _touched(base, table, [])


def keep(path: str | Path, key: str, value: Any) -> None:
    """Keep a setting of the dock in the file: whatever JSON knows; None takes it away."""
    with casesql.writing(_ready(path)) as base:
        caseinfo.create(base, {})
        caseinfo.write(base, caseinfo.KEPT + key,
                       None if value is None else json.dumps(value, ensure_ascii=False))


# --- parts -----------------------------------------------------------------------------------
def _ready(path: str | Path) -> Path:
    """Return the path of a file that can be written; a form is opened only then, for GDAL waits long for a lock."""
    health = probe(path)
    if not health.writable:
        raise CaseError(health.state, "{words}", words=health.text)
    return Path(path)


class _writer:
    """Tells the journal the role of who writes, for the length of a transaction."""

    def __init__(self, base: sqlite3.Connection, role: str) -> None:
        self.base, self.role = base, role
        self.there = bool(role) and bool(caseinfo.read(base))

    def __enter__(self) -> None:
        if self.there:
            caseinfo.write(self.base, caseinfo.ROLE_NOW, self.role)

    def __exit__(self, kind: Any, *_: Any) -> None:
        if self.there and kind is None:
            caseinfo.write(self.base, caseinfo.ROLE_NOW, None)


def _columns(base: sqlite3.Connection, path: str | Path, table: str) -> tuple[dict, str]:
    """Return the declared type of each column, and the column of the shape, "" for none."""
    kinds = {row[1]: str(row[2]).upper() for row in base.execute(f"PRAGMA table_info({quoted(table)})")}
    if not kinds:
        raise CaseError("damaged", "'{file}' has no table '{table}', or it cannot be read.", file=Path(path).name,
                        table=table)
    shape = base.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)).fetchone()
    return kinds, shape[0] if shape else ""


def _read(value: Any, kind: str) -> Any:
    if kind == "BOOLEAN" and value is not None:
        return bool(value)
    if kind.startswith(("TEXT", "DATE")) and value is not None and not isinstance(value, str):
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)  # SQLite takes all
    return value


def _bind(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _where(where: dict) -> tuple[str, list]:
    parts, values = [], []
    for name, value in where.items():
        if isinstance(value, (list, tuple, set, frozenset)):
            parts.append(f"{quoted(name)} IN ({', '.join('?' * len(value))})")
            values += [_bind(plain(v)) for v in value]
        else:
            parts.append(f"{quoted(name)} IS ?")
            values.append(_bind(plain(value)))
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), values


def _placed(shape: QgsGeometry | None, into: QgsCoordinateTransform | None, asked: Form) -> QgsGeometry | None:
    """Return a shape in the system and of the kind of a table."""
    if not asked.spatial or shape is None or shape.isNull():
        return None
    out = QgsGeometry(shape)
    if into is not None:
        out.transform(into)
    wanted = asked.layer.geometryType()
    fitting = out.coerceToType(asked.layer.wkbType()) if out.type() == wanted else []
    if len(fitting) != 1:
        raise CaseError("refused", "The shape does not fit: give one {kind}.", kind=tr("area") if wanted ==
                        QgsWkbTypes.GeometryType.PolygonGeometry else tr("point"))
    return fitting[0]


def _refuse(found: dict, asked: Form) -> None:
    if found:
        name, hint = next(iter(found.items()))
        raise CaseError("refused", "This cannot be saved yet. {label} {hint}", fields=found, label=asked.label(name),
                        hint=hint)


def _refuse_orphans(base: sqlite3.Connection, prepared: dict) -> None:
    """Refuse rows of a problem, action or place that is neither in the file any more nor among what is added."""
    for (table, name), parent in r.LINKS.items():
        key = KEYS[parent]
        wanted = {values.get(name) for _, values in prepared.get(table, ())} - {None, ""}
        for value in wanted - {values.get(key) for _, values in prepared.get(parent, ())}:
            if base.execute(statement("SELECT 1 FROM $table WHERE $key = ?", table=parent, key=key),
                            (value,)).fetchone() is None:
                raise CaseError("gone", "What this belongs to was deleted by somebody else in the meantime. Nothing was"
                                        " written.")


def _refuse_changed(row: dict, was: dict, asked: Form) -> None:
    different = [name for name, value in was.items() if name in row and plain(value) != row[name]]
    if different:
        what = "; ".join(f"{asked.label(n)}: {_shown(was[n])} → {_shown(row[n])}" for n in different[:3])
        raise CaseError("changed", "Somebody else changed this in the meantime ({what}). Nothing was written. Look at"
                        " it again, then repeat your change.", row=row, what=what)


def _shown(value: Any) -> str:
    text = str(plain(value) if value not in (None, "") else "–")
    return text if len(text) <= 40 else text[:39] + "…"


def _insert(base: sqlite3.Connection, path: Path, table: str, given: Iterable, look: Callable[[], None],
            known: bool) -> list:
    _, geom = _columns(base, path, table)
    key, srs, out, shapes = KEYS.get(table), _srs(base, table), [], []
    keys = base.execute(statement("SELECT $key FROM $table", table=table, key=key)) if key else ()
    there = {row[0] for row in keys}
    for number, (shape, values) in enumerate(given):
        if number % 200 == 0:
            look()
        if key and values[key] in there:
            if known:
                continue
            raise CaseError("refused", "A row with the key {key} is in the file already.", key=values[key],
                            fields={key: tr("This key is in the file already.")})
        names, bound = list(values), [_bind(v) for v in values.values()]
        if geom and shape is not None:
            names, bound = [geom, *names], [casesql.to_blob(shape, srs), *bound]
            shapes.append(shape)
        cursor = base.execute(statement("INSERT INTO $table ($columns) VALUES ($marks)", table=table, columns=names),
                              bound)
        out.append(values[key] if key else cursor.lastrowid)
        if key:
            there.add(values[key])
    _touched(base, table, shapes)
    return out


def _srs(base: sqlite3.Connection, table: str) -> int:
    found = base.execute("SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (table,)).fetchone()
    return int(found[0]) if found else 0


def _row(base: sqlite3.Connection, path: Path, table: str, key: str) -> tuple[dict, bytes | None, str, int]:
    kinds, geom = _columns(base, path, table)
    names = list(kinds)
    found = base.execute(statement("SELECT $columns FROM $table WHERE $key IS ?", table=table, key=KEYS.get(
        table, "fid"), columns=names), (key,)).fetchone()
    if found is None:
        raise CaseError("gone", "This was deleted by somebody else in the meantime. Nothing was written.")
    row = {name: _read(value, kinds[name]) for name, value in zip(names, found)}
    blob = row.pop(geom, None) if geom else None
    return row, blob, geom, _srs(base, table)


def _touched(base: sqlite3.Connection, table: str, shapes: Sequence[QgsGeometry]) -> None:
    """Tell the GeoPackage's own list that a table changed, and how far it reaches."""
    base.execute("UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE table_name = ?",
                 (table,))
    box = QgsRectangle()
    for shape in shapes:
        if not shape.isEmpty():
            box.combineExtentWith(shape.boundingBox())
    if shapes and not box.isNull():
        base.execute(
            "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, ?1), ?1), min_y = min(coalesce(min_y, ?2), ?2),"
            " max_x = max(coalesce(max_x, ?3), ?3), max_y = max(coalesce(max_y, ?4), ?4) WHERE table_name = ?5",
            (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum(), table))
