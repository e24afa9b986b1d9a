"""Reports that are imported into a case file: each once, however often its export comes in."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any, Sequence

import numpy as np
from qgis.core import QgsGeometry, QgsPointXY

from ...analysis.community import inputs
from ...analysis.errors import InputError
from ...layers import casestore, writing
from ...reports import formats
from ...translation import tr

#: The numbers of a run without a case file.
NONE = {"CASE_ADDED": 0, "CASE_KNOWN": 0}
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
    known = {row[inputs.INPUT_ID] for table in (inputs.POINT_TABLE, inputs.AREA_TABLE)
             for row in casestore.rows(path, table, [inputs.INPUT_ID])}
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


def _write(run: Any, path: str, new: dict) -> None:
    try:
        casestore.insert(path, {table: rows for table, rows in new.items() if rows}, crs=run.crs,
                         context=run.context.transformContext(), check=False, look=run.check, known=True, fill=False)
    except casestore.CaseError as error:
        raise InputError(run.tool.CASE_FILE, "{words}", words=error.words()) from error
