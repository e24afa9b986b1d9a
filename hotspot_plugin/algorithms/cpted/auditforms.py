"""The forms of CPTED audits that come with the plugin, and one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...analysis.cpted import auditform
from ...analysis.errors import InputError
from ...layers import tables

FOLDER = Path(__file__).resolve().parents[2] / "cptedaudits"
#: Files in the order of the options; the first is the user's own.
SHIPPED = ("", "residential_street.csv", "shopping_street.csv", "park.csv", "car_park.csv", "transit_stop.csv")


def read(path: Path, parameter: str) -> tuple:
    """Read the items of a form.

    Parameters
    ----------
    path : Path
    parameter : str
        The parameter that errors shall name.
    """
    table = tables.read_table(str(path), parameter)
    if table.ragged:
        raise InputError(parameter, "'{file}', line {line}: it has not as many cells as the first line. Put texts with"
                         " a comma in \"quotes\".", file=path.name, line=table.first_ragged)
    return auditform.parse(table.names, table.columns, table.lines.tolist(), path.name)


def chosen(run: Any, choice: str, own: str) -> tuple[tuple, Path]:
    """Return the items and the file of the form that a run asks for."""
    given, number = run.file(own), run.choice(choice)
    if not given and not number:
        raise InputError(own, "No form is given. Choose a file, or a form of the list ({choice}).", choice=choice)
    path = Path(given) if given else FOLDER / SHIPPED[number]
    return read(path, own), path


def shipped() -> dict:
    """Return all items of the forms that come with the plugin, by name."""
    return {item.name: item for name in SHIPPED[1:] for item in read(FOLDER / name, "")}
