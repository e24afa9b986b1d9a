"""What the tests of problems and handouts share."""

from __future__ import annotations

import pytest

from tests.algorithms.samples import Listener

from . import handouts


@pytest.fixture(scope="session")
def made(provider, tmp_path_factory):
    """The sheets of the story in two languages, with everything that the tool can write."""
    from qgis import processing

    folder = tmp_path_factory.mktemp("handout")
    listener = Listener()
    result = processing.run("hotspot:meetingsheet", handouts.given(
        folder, LANGUAGE2="es", PDF=str(folder / "sheet.pdf"), FOLDER=str(folder / "each"),
        TEMPLATE=str(folder / "phrases.csv"), REPORT=str(folder / "report.html")), feedback=listener)
    return result, handouts.read(result["OUTPUT"]), listener
