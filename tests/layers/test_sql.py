"""Names in SQL statements cannot break out of them."""

from __future__ import annotations

import sqlite3

from hotspot_plugin.layers import sql


def test_names_are_quoted_and_values_stay_parameters():
    table, column = 'odd"; DROP TABLE x; --', 'a "b" $c'
    base = sqlite3.connect(":memory:")
    base.execute(sql.statement("CREATE TABLE $table ($columns)", table=table, columns=[column, "n"]))
    base.execute(sql.statement("INSERT INTO $table ($columns) VALUES ($marks)", table=table, columns=[column, "n"]),
                 ("x", 1))
    assert base.execute(sql.statement("SELECT * FROM $table", table=table)).fetchall() == [("x", 1)]
    assert [row[0] for row in base.execute("SELECT name FROM sqlite_master")] == [table]
