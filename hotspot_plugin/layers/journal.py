"""A journal of every change of a GeoPackage, kept by SQL triggers: whichever program writes, it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence

#: What is done to a row, in the journal.
INSERT, UPDATE, DELETE = "insert", "update", "delete"
#: Stands in a journal where a text was taken out by law.
REMOVED = "[removed]"
_NOW = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"


@dataclass(frozen=True)
class Journal:
    """A journal's table and its fields: table, key of the row, change, field, old, new, moment, role."""

    table: str
    of: str
    row: str
    change: str
    field: str
    old: str
    new: str
    at: str
    role: str

    def entry(self, side: str, change: str, table: str, key: str, field: str, old: str, new: str, where: str,
              role: str = "") -> str:
        """Return the statement that makes an entry of a row's ``NEW`` or ``OLD`` side where a condition holds.

        ``role`` is the SQL expression of who wrote, with ``{side}`` for the row; its own field of the role if "".
        """
        who = role.format(side=side) if role else f'{side}."{self.role}"'
        names = ", ".join(f'"{name}"' for name in (self.of, self.row, self.change, self.field, self.old, self.new,
                                                   self.at, self.role))
        return (f'INSERT INTO "{self.table}" ({names}) SELECT \'{table}\', {side}."{key}", \'{change}\', {field},'
                f' {old}, {new}, {_NOW}, {who} WHERE {where};')


def rules(journal: Journal, table: str, key: str, fields: Sequence[str], shape: str = "", role: str = "",
          untold: Sequence[str] = (), forget: bool = False) -> list:
    """Return the triggers of a table.

    A new row makes one entry, a change one for each field, a deletion one for each value that was lost; a shape is
    kept as hexadecimal text when its row is deleted.

    Parameters
    ----------
    journal : Journal
    table : str
    key : str
        Field with the row's key.
    fields : list of str
        All fields, the key among them.
    shape : str
        Column of the geometry, "" for none.
    role : str
        As for :meth:`Journal.entry`.
    untold : list of str
        Fields of which only that they changed is written down, not what they held.
    forget : bool
        Whether a deletion makes one entry without any value: what somebody took back is not to be kept here.
    """
    def entry(side: str, change: str, field: str, old: str, new: str, where: str) -> str:
        return journal.entry(side, change, table, key, field, old, new, where, role)

    changed = [entry("NEW", UPDATE, f"'{name}'", *(("NULL", "NULL") if name in untold else (
        f'OLD."{name}"', f'NEW."{name}"')), f'OLD."{name}" IS NOT NEW."{name}"') for name in fields]
    lost = [entry("OLD", DELETE, f"'{name}'", f'OLD."{name}"', "NULL", f'OLD."{name}" IS NOT NULL') for name in fields]
    if shape:
        changed.append(entry("NEW", UPDATE, f"'{shape}'", "NULL", "NULL", f'OLD."{shape}" IS NOT NEW."{shape}"'))
        lost.append(entry("OLD", DELETE, f"'{shape}'", f'hex(OLD."{shape}")', "NULL", f'OLD."{shape}" IS NOT NULL'))
    if forget:
        lost = [entry("OLD", DELETE, "NULL", "NULL", "NULL", "1")]
    made = [entry("NEW", INSERT, "NULL", "NULL", "NULL", "1")]
    return [f'CREATE TRIGGER "journal_{event}_{table}" AFTER {event} ON "{table}" BEGIN {" ".join(body)} END'
            for event, body in ((INSERT, made), (UPDATE, changed), (DELETE, lost))]


def kept(journal: Journal) -> list:
    """Return the triggers by which entries stay as they are, but for texts that are set to :data:`REMOVED`."""
    facts = (journal.of, journal.row, journal.change, journal.field, journal.at, journal.role)
    same = " AND ".join([f'NEW."{name}" IS OLD."{name}"' for name in facts] + [
        f'(NEW."{name}" IS OLD."{name}" OR NEW."{name}" = \'{REMOVED}\')' for name in (journal.old, journal.new)])
    refuse = "BEGIN SELECT RAISE(ABORT, 'the journal is not changed'); END"
    return [f'CREATE TRIGGER "journal_kept" BEFORE UPDATE ON "{journal.table}" WHEN NOT ({same}) {refuse}',
            f'CREATE TRIGGER "journal_whole" BEFORE DELETE ON "{journal.table}" {refuse}']
