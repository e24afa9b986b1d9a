#!/usr/bin/env bash
# Runs the test suite with the QGIS of this machine; arguments go to pytest.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

throw_away_home
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8
cd "$ROOT"
# The limit is far above what the suite needs: it ends a run that hangs.
timeout --signal=INT --kill-after=30 "${TEST_TIMEOUT:-2700}" "$VENV/bin/python" -m pytest "$@"
