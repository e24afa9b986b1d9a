"""Shared by the tests of the comparison of two periods."""

from __future__ import annotations

import pytest
from qgis.core import QgsProcessingFeedback

from tests.algorithms.evaluation.comparing import MONTHS, area_layer


@pytest.fixture
def compare(run_tool):
    def run(incidents, areas=None, listener=None, **more):
        given = {"INCIDENTS": incidents, "AREAS": areas or area_layer(), "OUTPUT": "TEMPORARY_OUTPUT", **MONTHS}
        return run_tool("compareperiods", {**given, **more}, feedback=listener or QgsProcessingFeedback())

    return run
