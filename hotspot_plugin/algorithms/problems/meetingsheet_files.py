"""The files of a handout: fitted to the paper, then written as HTML and PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...analysis.errors import InputError
from ...layers.writing import OutputError
from ...reports import handout, handout_pdf

_PAPERS = ("", "A4", "letter")


def refuse_nothing(run: Any) -> None:
    """Refuse a run that has nothing to tell."""
    tool = run.tool
    if not any(run.has(name) for name in (tool.REGISTER, tool.COMMUNITY, tool.INCIDENTS, tool.COUNTS)):
        raise InputError(tool.REGISTER, "There is nothing to tell. Give the problem register, residents' reports, or"
                         " public counts or incidents; best all of them.")


def paper_of(run: Any) -> str:
    """Return the paper chosen, or the one that goes with the agency's units."""
    return _PAPERS[run.choice(run.tool.PAPER)] or ("letter" if run.units.us else "A4")


def fit(run: Any, sheets: list, paper: str) -> None:
    """Leave out what the paper has no room for."""
    maker = handout_pdf.Maker(paper, "")
    for sheet in sheets:
        run.check()
        if not maker.fit(sheet):
            raise InputError(
                run.tool.CONTACT, "The page of '{area}' is too full for the paper even with one entry each. Shorten the"
                " contact, the next meeting or the name of the area.", area=sheet.name)


def write(run: Any, sheets: list, paper: str, title: str) -> None:
    """Write what was asked for."""
    tool = run.tool
    _text(run, tool.OUTPUT, run.file(tool.OUTPUT), lambda: handout.html(sheets, title, paper).encode("utf-8"))
    _text(run, tool.PDF, run.file(tool.PDF),
          lambda: handout_pdf.Maker(paper, title).pdf(sheets, run.stage(0.85, 0.9)))
    folder = run.file(tool.FOLDER)
    if not folder:
        return
    progress = run.stage(0.9, 1.0)
    for i, sheet in enumerate(sheets):
        progress(i / len(sheets))
        name, base = sheet.pages[0].title, Path(folder) / sheet.file
        _bytes(run, tool.FOLDER, base.with_suffix(".html"), handout.html([sheet], name, paper).encode("utf-8"))
        pdf = handout_pdf.Maker(paper, name).pdf([sheet], lambda _: run.check())
        _bytes(run, tool.FOLDER, base.with_suffix(".pdf"), pdf)
    _bytes(run, tool.FOLDER, Path(folder) / "index.html", handout.index(sheets, title).encode("utf-8"))
    run.outputs[tool.FOLDER] = folder


def _text(run: Any, name: str, path: str, make: Any) -> None:
    if path:
        _bytes(run, name, Path(path), make())
        run.outputs[name] = path


def _bytes(run: Any, name: str, path: Path, data: bytes) -> None:
    run.check()
    if not data:
        raise OutputError("The PDF could not be made.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise InputError(name, "The file '{file}' cannot be written ({error}). Choose a folder that you may write to.",
                         file=path.name, error=error.strerror or error) from error
