"""Shared by the tests of patrol planning."""

from __future__ import annotations

import pytest

from tests.algorithms.patrol.zoning import rows


@pytest.fixture
def plan(run_tool):
    """Return a function that makes zones and returns the results and the rows of the zones."""

    def run(layer, **parameters):
        result = run_tool("patrolzones", {"INPUT": layer, "OUTPUT": "memory:", **parameters})
        return result, rows(result["OUTPUT"])

    return run
