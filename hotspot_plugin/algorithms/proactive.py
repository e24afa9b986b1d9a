"""The share of incidents that officers found themselves, read and worded alike in every tool."""

from __future__ import annotations

from typing import Any

from ..layers import fields
from ..reports import formats
from ..translation import tr

#: the tool that shows what these records do to the map
TOOL = "hotspot:enforcementcheck"


def field(run: Any, source: str = "INPUT") -> str:
    """Return the field ``proactive`` of classified incidents if the source has it, else ""."""
    return fields.PROACTIVE if run.has(source) and fields.PROACTIVE in run.source_fields(source) else ""


def marks(columns: dict, name: str) -> Any:
    """Return the Marks (``analysis.proactive``) of incidents from their columns, read as texts; None without field."""
    from ..analysis.proactive import from_truths

    return from_truths(columns[name], name)[0] if name else None


def share(made: Any) -> float | None:
    """Return the share as a declared number; None without marks, or if nothing is known."""
    return made.share if made is not None and made.known else None


def sentence(made: Any) -> str:
    """Say how many of the incidents officers found themselves, and of how many it is not known."""
    if not made.known:
        return tr("Whether officers found the incidents themselves is not known: '{field}' is empty.").format(
            field=made.field)
    text = tr("{share} of the incidents ({n} of {total}) were found by officers themselves ('{field}')").format(
        share=formats.percent(made.share, 1), n=formats.number(made.n), total=formats.number(len(made)),
        field=made.field)
    if made.known < len(made):
        text += tr("; of {count} more it is not known, so it may be up to {most}").format(
            count=formats.number(len(made) - made.known), most=formats.percent(made.most, 1))
    return text + "."


def advice() -> str:
    """Say why many such records matter and which tool shows it."""
    return tr("Such records show where officers look, and a map made of them sends officers there again. 'Officer-"
              "initiated activity check' ({tool}) shows which hot spots stay without them.").format(tool=TOOL)


def tell(run: Any, made: Any) -> None:
    """Print the share, as a warning with the remedy above 10 %; nothing without marks."""
    if made is None:
        return
    if made.much:
        run.warn(sentence(made) + " " + advice())
    else:
        run.info(sentence(made))


def fact(made: Any) -> tuple:
    """Return the tile of a report: name, number, note."""
    return (tr("Found by officers"), formats.percent(made.share, 1) if made.known else tr("not known"),
            tr("of the incidents, by '{field}'").format(field=made.field))
