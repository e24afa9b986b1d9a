"""What 'Group and weigh crime types' reads: the table of types, the incidents' types and sources."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.data import typetable
from ...analysis.data.classifyincidents import Classified, Distinct, marked_rows
from ...analysis.data.typetable import COMPANY, NOTE, OFFICER, TypeTable
from ...analysis.errors import InputError
from ...layers import fields, tables
from ...reports import formats
from ...translation import tr

FOLDER = Path(__file__).resolve().parents[2] / "typetables"
#: the files of PUBLIC_TABLE's options; the first option is none
PUBLIC = ("", "police_uk.csv", "nibrs.csv", "ucr.csv", "example_harm.csv")
EXAMPLE = 4


@dataclass(frozen=True)
class Incidents:
    """The columns that matter, one value a row."""

    types: np.ndarray
    type_field: str
    initiated: np.ndarray | None
    name: str


def read_table(run: Any) -> TypeTable:
    """Read the own table, the public one, or both: the own one's types come first."""
    own, public = run.file("TABLE"), run.choice("PUBLIC_TABLE")
    if not own and not public:
        raise InputError("TABLE", "No table of types is given. Choose a CSV file, or a public table (PUBLIC_TABLE)."
                         " To make a file of your own, choose any public table and name a file for TEMPLATE.")
    found = read_file(run, own) if own else None
    if public:
        path = FOLDER / PUBLIC[public]
        shipped = _parse(tables.read_table(str(path), "PUBLIC_TABLE"), "PUBLIC_TABLE")
        if public == EXAMPLE:
            run.warn(tr("The harm of this table is made up to show how harm is written: do not use it for a decision."))
        return found.extended(shipped) if found else shipped
    return found


def read_file(run: Any, path: str) -> TypeTable:
    """Read a table of types from the file that the parameter TABLE names."""
    raw = tables.read_bytes(path, "TABLE")
    name = Path(path).name
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in raw[:4096] and not marked:
        raise InputError("TABLE", "'{name}' is no text table. Save the sheet as a CSV file in UTF-8 and choose that.",
                         name=name)
    if not marked:
        _check_utf8(raw, name)
    table = tables.read_table(path, "TABLE")
    if table.ragged:
        raise InputError(
            "TABLE", "'{name}', line {line}: it has not as many cells as the first line ({count}, separated by"
            " {separator}s). Use one separator throughout, and put a text that holds it into quotation marks.",
            name=name, line=table.first_ragged, count=len(table.names), separator=table.separator_name)
    if table.separator != ",":
        run.info(tr("{name}: read as separated by {separator}s, decimal commas included.").format(
            name=name, separator=table.separator_name))
    run.info(tr("{name}: {rows} types (SHA-256 {fingerprint} …).").format(
        name=name, rows=table.rows, fingerprint=table.fingerprint[:16]))
    return _parse(table, "TABLE")


def _check_utf8(raw: bytes, name: str) -> None:
    for number, line in enumerate(raw.split(b"\n"), 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(
                "TABLE", "'{name}', line {line}: the letters are not written in UTF-8, so codes with other than plain"
                " letters would not match. Save the file anew as 'CSV UTF-8'.", name=name, line=number) from None


def _parse(table: tables.TextTable, parameter: str) -> TypeTable:
    return typetable.parse(table.columns, table.lines.tolist(), parameter, table.name, table.separator)


def read_incidents(run: Any, lost: int) -> Incidents:
    """Read the types and, where they matter, the sources; ``lost`` rows of the file are none of the layer."""
    field = run.field("TYPE_FIELD", schema=fields.CTYPE)
    if not field:
        raise InputError("TYPE_FIELD", "Choose the field that holds the type of crime or call. The fields are:"
                         " {fields}.", fields=", ".join(run.source_fields("INPUT")) or "-")
    marks = [mark.strip() for mark in run.text("PROACTIVE_VALUES").split(";") if mark.strip()]
    source = run.field("SOURCE_FIELD", schema=fields.SOURCE if marks else None)
    if marks and not source:
        raise InputError("SOURCE_FIELD", "PROACTIVE_VALUES is given, but no field to look for these values in. Choose"
                         " the field that says how incidents became known, or empty PROACTIVE_VALUES.")
    data = run.table("INPUT", texts=[field, source], progress=run.stage(0.0, 0.4))
    types = data.columns[field]
    if not len(types):
        raise InputError("INPUT", "'{name}' has no rows. Choose another layer, or remove its filter.", name=data.name)
    if lost:
        run.warn(tr("The file behind '{name}' has {lost} more rows than the layer shows: QGIS leaves out rows whose"
                    " coordinates are no numbers. Prepare the file with 'Prepare incident data', or add it to QGIS"
                    " without geometry, to classify all.").format(name=data.name, lost=lost))
    initiated = None
    if source:
        initiated, absent, found = marked_rows(data.columns[source], marks)
        if not marks:
            raise InputError(
                "PROACTIVE_VALUES", "State which values of '{field}' mean that officers began the record themselves,"
                " separated by semicolons. Its values are: {values}.", field=source, values=listed(found, 12))
        if absent:
            run.warn(tr("No row has {absent} in '{field}'; its values are: {values}.").format(
                absent=", ".join(f"'{a}'" for a in absent), field=source, values=listed(found, 12)))
    return Incidents(types, field, initiated, data.name)


def listed(found: Distinct, most: int) -> str:
    """Return the commonest values with their numbers."""
    order = np.argsort(-found.counts, kind="stable")[:most]
    text = ", ".join(f"{found.names[k]} ({formats.number(int(found.counts[k]))})" for k in order)
    return (text or tr("none")) + (" …" if len(found.names) > most else "")


def check(run: Any, data: Incidents, result: Classified) -> None:
    """Refuse what would mislead: no type at all, or too many that the table does not know."""
    rows, blank = len(result), result.types.blank
    if blank == rows:
        raise InputError("TYPE_FIELD", "'{field}' is empty in all {rows} rows. Choose the field that holds the type.",
                         field=data.type_field, rows=rows)
    limit = run.number("MAX_UNMATCHED")
    share = result.unmatched / rows
    if 100.0 * share > limit and not run.flag("ALLOW_UNMATCHED"):
        kinds = result.unmatched_types
        names = ", ".join(f"{result.types.names[k]} ({formats.number(int(result.types.counts[k]))})" for k in kinds[:6])
        written = tr(" The table to complete is {file}.").format(file=Path(run.file("TEMPLATE")).name) \
            if run.file("TEMPLATE") else ""
        raise InputError(
            "TABLE", "{count} of {rows} rows ({share:.1%}; at most {limit:g} % are allowed) are of types that the table"
            " does not have (number of types: {kinds}): {names}{more}. Complete the table (TEMPLATE writes one to fill"
            " in), choose the table of these codes, or set ALLOW_UNMATCHED.{written}",
            count=result.unmatched, rows=rows, share=share, limit=limit, kinds=len(kinds), names=names,
            more=" …" if len(kinds) > 6 else "", written=written)


def write_template(run: Any, table: TypeTable, result: Classified) -> None:
    """Write a table with all types of the data, filled in where the table knows them."""
    path = run.file("TEMPLATE")
    if not path:
        return
    run._refuse_replacing("TEMPLATE")
    given = run.file("TABLE")
    if given and Path(path).resolve() == Path(given).resolve():
        raise InputError("TEMPLATE", "This is the file of TABLE, which would be lost. Choose another one.")
    try:
        # with a byte order mark, without which Excel takes UTF-8 for the local code page
        with open(path, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*typetable.COLUMNS, NOTE])
            for k in np.argsort(-result.types.counts, kind="stable"):
                writer.writerow(_template_row(table, result, int(k)))
    except OSError as error:
        raise InputError("TEMPLATE", "The table cannot be written ({error}). Choose a folder that you may write to.",
                         error=error.strerror or error) from error
    run.outputs["TEMPLATE"] = path


def _template_row(table: TypeTable, result: Classified, k: int) -> list:
    entry, name = int(result.entry[k]), result.types.names[k]
    if entry < 0:
        return [name, "", "", "", "", "", "", tr("to be completed; {count} rows").format(
            count=int(result.types.counts[k]))]
    words = {1: "yes", 0: "no"}
    harm = table.harm[entry]
    return [
        name, table.groups[entry], "" if math.isnan(harm) else f"{harm:g}", words[int(table.sensitive[entry])],
        {OFFICER: "yes", COMPANY: "company"}.get(int(table.detected[entry]), "no"),
        words.get(int(table.public_place[entry]), ""), words.get(int(table.is_crime[entry]), ""), table.notes[entry],
    ]
