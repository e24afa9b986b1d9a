"""SQL statements with names of tables and columns in them, which SQLite takes no parameters for."""

from __future__ import annotations

from string import Template
from typing import Sequence


def quoted(name: str) -> str:
    """Return the name of a table or column so that nothing in it can end it early."""
    return '"' + name.replace('"', '""') + '"'


def statement(template: str, *, columns: Sequence[str] = (), **names: str) -> str:
    """Fill quoted names into a statement; values stay parameters.

    Parameters
    ----------
    template : str
        With ``$name`` for each name, and ``$columns`` and ``$marks`` for a list of columns and as many question marks.
    columns : sequence of str
    names : str
    """
    return Template(template).substitute(
        {key: quoted(name) for key, name in names.items()}, columns=",".join(map(quoted, columns)),
        marks=",".join("?" * len(columns)))
