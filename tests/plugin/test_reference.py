"""The reference in docs/ says what the tools say."""

from __future__ import annotations

import pytest

from scripts import reference


@pytest.fixture(scope="module")
def pages(qgis_app) -> dict[str, str]:
    return reference.pages()


def test_reference_is_up_to_date(pages):
    written = {path.name: path.read_text(encoding="utf-8") for path in reference.FOLDER.glob("*.md")}
    stale = sorted(name for name in set(written) | set(pages) if written.get(name) != pages.get(name))
    assert not stale, f"run make docs: {stale}"


def test_every_parameter_and_output_is_explained(pages):
    for name, text in pages.items():
        for line in text.splitlines():
            if line.startswith("| `"):
                assert line.rstrip("| ").count("|") >= 2, f"{name}: {line}"


def test_help_becomes_markdown():
    text = "<p>One <b>two</b> &lt; three.</p><ul><li>a</li><li><i>b</i></li></ul><p>End</p>"
    assert reference.markdown(text) == "One **two** < three.\n\n- a\n- *b*\n\nEnd"
