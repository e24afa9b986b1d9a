#!/usr/bin/env bash
# Runs one of our Python scripts with PyQGIS, without a display and away from the user's profile.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

throw_away_home
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 PYTHONPATH=$ROOT
"$VENV/bin/python" "$@"
