"""What a case file says of itself: a small table of keys and values, by which it is told from other files."""

from __future__ import annotations

import sqlite3
from typing import Any

from .sql import statement

TABLE, KEY, VALUE = "case_info", "key", "value"
#: Version of the way in which case files are laid out; a file with a higher one was made by a newer plugin.
FORMAT = 1
#: What stands under the key ``kind``.
CASE = "crime hotspots case file"
KIND, VERSION, PLUGIN, MADE, PRACTICE = "kind", "version", "plugin", "made", "practice"
#: Stands in the table within a transaction only: the role of who is writing, for the journal.
ROLE_NOW = "role_now"
#: SQL expression of that role, NULL where another program writes.
ROLE_OF_WRITER = statement("(SELECT $value FROM $table WHERE $key = 'role_now')", value=VALUE, table=TABLE, key=KEY)
#: Keys of what the dock keeps begin with it.
KEPT = "dock."


def create(base: sqlite3.Connection, facts: dict) -> None:
    """Make the table and fill it; within the caller's transaction."""
    base.execute(f'CREATE TABLE IF NOT EXISTS "{TABLE}" ("fid" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,'
                 f' "{KEY}" TEXT NOT NULL UNIQUE, "{VALUE}" TEXT)')
    base.execute(
        "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES"
        " (?, 'attributes', ?, ?, 0)", (TABLE, TABLE, "What this file is, and settings of it"))
    for key, value in facts.items():
        write(base, key, value)


def read(base: sqlite3.Connection) -> dict:
    """Return all keys and values; nothing where there is no such table."""
    there = base.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (TABLE,)).fetchone()
    if not there:
        return {}
    return dict(base.execute(statement("SELECT $columns FROM $table", columns=(KEY, VALUE), table=TABLE)))


def write(base: sqlite3.Connection, key: str, value: Any) -> None:
    """Set a value; None takes it away. Within the caller's transaction."""
    base.execute(statement("DELETE FROM $table WHERE $key = ?", table=TABLE, key=KEY), (key,))
    if value is not None:
        base.execute(statement("INSERT INTO $table ($columns) VALUES ($marks)", table=TABLE, columns=(KEY, VALUE)),
                     (key, str(value)))
