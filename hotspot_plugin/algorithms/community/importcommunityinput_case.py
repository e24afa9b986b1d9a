"""Reports that are imported into a case file: each once, however often its export comes in."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any, Sequence

import numpy as np
from qgis.core import QgsCoordinateTransform, QgsCsException, QgsGeometry, QgsPointXY

from ...analysis.community import inputs
from ...analysis.errors import InputError
from ...layers import casestore, writing
from ...reports import formats
from ...translation import tr

#: The numbers of a run without a case file.
NONE = {"CASE_ADDED": 0, "CASE_KNOWN": 0}
#: metres within which a report is where it was
_SAME_PLACE = 5.0
_TEXTS = (inputs.SAID, inputs.ORGANISED, inputs.RESPONSE)
#: Fixed, so that a report without an id has the same key in every import.
_SPACE = uuid.UUID("6f1c1d0e-5a43-4b8e-9a55-0c1f6c0b7d21")


def check(run: Any) -> None:
    """Refuse a case file that cannot be added to, before the work is done."""
    tool = run.tool
    if not run.has(tool.CASE_FILE):
        return
    health = casestore.probe(run.file(tool.CASE_FILE))
    if not health.writable:
        raise InputError(tool.CASE_FILE, "{words}", words=health.text)
    if not health.community:
        raise InputError(tool.CASE_FILE, "This file is a register of problems alone and has no layers for residents'"
                         " reports. Make a case file with 'Create a case file'.")
    for text in health.warnings:
        run.warn(text)


def add(run: Any, done: Any, columns: dict, drawn: Sequence[QgsGeometry], index: np.ndarray) -> dict:
    """Add the rows kept at the end of the run; return the declared numbers.

    A report that was drawn goes among the areas, any other among the points, so that none is counted twice.

    Parameters
    ----------
    run : Run
    done : Imported
    columns : dict
        Of the rows kept.
    drawn : list of QgsGeometry
    index : ndarray of int
        Row of each area.
    """
    tool = run.tool
    path, number = run.file(tool.CASE_FILE), formats.number
    practice = inputs.PRACTICE in columns and bool(np.any(columns[inputs.PRACTICE]))
    if (practice or tool.practice) and not casestore.probe(path).practice:
        raise InputError(tool.CASE_FILE, "These reports were made for practice, the case file is a real one. Make one"
                         " for practice with 'Create a case file' and practice areas.")
    kept, shapes = np.flatnonzero(done.kept), dict(zip(index.tolist(), drawn))
    rows = _rows(columns, kept, done)
    there = {row[inputs.INPUT_ID]: (table, row[inputs.SAID_ON]) for table in (inputs.POINT_TABLE, inputs.AREA_TABLE)
             for row in casestore.rows(path, table, [inputs.INPUT_ID, inputs.SAID_ON])}
    others = _tell_apart(run, path, there, rows, kept, done)
    known = set(there)
    last = {row[inputs.INPUT_ID]: k for k, row in enumerate(rows)}  # of rows with one id the last counts
    new: dict = {inputs.POINT_TABLE: [], inputs.AREA_TABLE: []}
    for key, k in last.items():
        if key not in known:
            shape = shapes.get(k) or QgsGeometry.fromPointXY(QgsPointXY(done.x[kept[k]], done.y[kept[k]]))
            new[inputs.AREA_TABLE if k in shapes else inputs.POINT_TABLE].append((shape, rows[k]))
    added = sum(map(len, new.values()))
    numbers = {"CASE_ADDED": added, "CASE_KNOWN": len(set(last) & known)}
    run.at_the_end(lambda: _write(run, path, new))
    run.info(tr("Case file: {added} reports added; {known} are in it already and stay as they are; {repeats} repeats of"
                " an id in this export, of which the last counts.").format(
        added=number(added), known=number(numbers["CASE_KNOWN"]), repeats=number(len(rows) - len(last))))
    if others:
        text = tr("One report has the id of another one of the case file, of another day and another place: it counts"
                  " as a report of its own. Two sources that both number from 1 have such ids.")
        if others > 1:
            text = tr("{count} reports have the ids of others of the case file, of another day and another place: they"
                      " count as reports of their own. Two sources that both number from 1 have such ids.")
        run.warn(text.format(count=number(others)))
    if any(row[inputs.PHOTO] for row in rows):
        for row in rows:
            row[inputs.PHOTO] = None
        run.warn(tr("Photos stay beside the result; they are not added to the case file."))
    return numbers


def _rows(columns: dict, kept: np.ndarray, done: Any) -> list:
    """Return the rows as the file keeps them: what is not known stays open, but nobody has dealt with it yet."""
    cells = [writing.to_values(columns[name]) for name in inputs.COLUMNS]
    rows = [dict(zip(inputs.COLUMNS, values)) for values in zip(*cells)]
    seen: Counter = Counter()
    for k, row in enumerate(rows):
        for name in _TEXTS:
            row[name] = row[name] or ""
        row[inputs.STATUS] = row[inputs.STATUS] or inputs.STATUSES[0]
        if done.ids[kept[k]] is None:
            told = "|".join(str(v) for v in (
                round(float(done.x[kept[k]])), round(float(done.y[kept[k]])), done.day[kept[k]], row[inputs.CATEGORY],
                row[inputs.SAID]))
            row[inputs.INPUT_ID] = str(uuid.uuid5(_SPACE, f"{told}|{seen[told]}"))
            seen[told] += 1
    return rows


def _tell_apart(run: Any, path: str, there: dict, rows: list, kept: np.ndarray, done: Any) -> int:
    """Give reports another key whose id another report of the file has; return how many.

    Sources that number from 1 would else take one another's reports for known, and lose them. An export that comes in
    again may tell another status, another day or a corrected place of a report, but hardly another day and another
    place at once.
    """
    meeting = [k for k, row in enumerate(rows) if row[inputs.INPUT_ID] in there
               and _differ(row[inputs.SAID_ON], there[row[inputs.INPUT_ID]][1])]
    count = 0
    for table in {there[rows[k][inputs.INPUT_ID]][0] for k in meeting}:
        found = [k for k in meeting if there[rows[k][inputs.INPUT_ID]][0] == table]
        wanted = {rows[k][inputs.INPUT_ID] for k in found}
        into = QgsCoordinateTransform(casestore.crs_of(path, table), run.crs, run.context.transformContext())
        shapes = {row[inputs.INPUT_ID]: row[casestore.GEOMETRY]
                  for row in casestore.rows(path, table, [inputs.INPUT_ID], shapes=True)
                  if row[inputs.INPUT_ID] in wanted}
        for k in found:
            run.check()
            row, shape = rows[k], shapes.get(rows[k][inputs.INPUT_ID])
            x, y = float(done.x[kept[k]]), float(done.y[kept[k]])
            if shape is None or _near(shape, into, x, y):
                continue
            told = "|".join(map(str, (row[inputs.INPUT_ID], round(x), round(y), row[inputs.SAID_ON])))
            row[inputs.INPUT_ID] = str(uuid.uuid5(_SPACE, told))
            count += 1
    return count


def _differ(day: Any, other: Any) -> bool:
    """Whether two days are known and not the same."""
    texts = [str(d.toString("yyyy-MM-dd") if hasattr(d, "toString") else d)[:10] if d else "" for d in (day, other)]
    return all(texts) and texts[0] != texts[1]


def _near(shape: QgsGeometry, into: QgsCoordinateTransform, x: float, y: float) -> bool:
    """Whether a report of the file is where another one is."""
    moved = QgsGeometry(shape)
    try:
        moved.transform(into)
    except QgsCsException:  # cannot be told: taken for the same
        return True
    return moved.distance(QgsGeometry.fromPointXY(QgsPointXY(x, y))) <= _SAME_PLACE


def _write(run: Any, path: str, new: dict) -> None:
    try:
        casestore.insert(path, {table: rows for table, rows in new.items() if rows}, crs=run.crs,
                         context=run.context.transformContext(), check=False, look=run.check, known=True, fill=False)
    except casestore.CaseError as error:
        raise InputError(run.tool.CASE_FILE, "{words}", words=error.words()) from error
