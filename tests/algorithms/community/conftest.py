"""Shared by the tests of community input."""

from __future__ import annotations

import pytest

from tests.algorithms.data.test_prepareincidents import Log, rows


@pytest.fixture
def bring(run_tool, tmp_path):
    """Run the tool; return its results, the reports and the rows left out as lists of dicts, and the log."""

    def run(path=None, log=None, **parameters):
        log = log or Log()
        given = {} if path is None else {"INPUT": str(path)}
        outputs = {"OUTPUT": str(tmp_path / "out.gpkg"), "REFUSED": str(tmp_path / "refused.gpkg")}
        results = run_tool("importcommunityinput", {**given, **outputs, **parameters}, feedback=log)
        assert results["ROWS_IN"] == results["WRITTEN"] + results["LEFT_OUT"]
        kept, left = rows(results["OUTPUT"]), rows(results["REFUSED"])
        assert len(kept) == results["WRITTEN"]
        assert len([r for r in left if r["left_out"] != "photo"]) == results["LEFT_OUT"]
        assert all(r["reason"] for r in left)
        return results, kept, left, log

    return run
