#!/usr/bin/env bash
# The main job on real data, headless, by qgis_process, into demo-output/.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

throw_away_home
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 QGIS_PLUGINPATH=$ROOT PYTHONPATH=$ROOT
"$VENV/bin/python" "$ROOT/scripts/demo.py" "$@"
