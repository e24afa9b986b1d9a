#!/usr/bin/env bash
# Times the tools beside their peers, which live in an environment of their own.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

place=$CACHE/bench-venv
wanted=$(sha256sum <"$ROOT/benchmarks/requirements.txt" | cut -c1-16)
if [ "$(cat "$place/.made-from" 2>/dev/null)" != "$wanted" ]; then
    say "Making the environment of the peers"
    "$(qgis_python)" -m venv --system-site-packages "$place"
    "$place/bin/pip" install --quiet --disable-pip-version-check --requirement "$ROOT/benchmarks/requirements.txt"
    printf '%s' "$wanted" >"$place/.made-from"
fi
throw_away_home
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 PYTHONPATH=$ROOT
cd "$ROOT"
"$place/bin/python" benchmarks/run.py "$@"
