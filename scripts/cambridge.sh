#!/usr/bin/env bash
# CPTED of Cambridge and the same profile on Vancouver, headless, by qgis_process, into cpted-output/.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

throw_away_home
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 QGIS_PLUGINPATH=$ROOT PYTHONPATH=$ROOT
"$VENV/bin/python" "$ROOT/scripts/cambridge.py" "$@"
