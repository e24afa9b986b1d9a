# Sourced by the other scripts: where we are, and how to become root.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=$ROOT/.venv
CACHE=$ROOT/.cache
PLUGIN=hotspot_plugin

say() { printf '%s\n' "$*"; }
die() { printf 'ERROR: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root rights: run it as root, or install sudo"
    fi
}

# PyQGIS belongs to one interpreter; the python3 that comes first on PATH may be another one.
qgis_python() {
    local candidate
    for candidate in "${QGIS_PYTHON:-}" /usr/bin/python3 python3; do
        if [ -n "$candidate" ] && "$candidate" -c 'import qgis.core' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# A place to run QGIS in that leaves the user's own profile and settings alone.
throw_away_home() {
    local place
    place=$(mktemp -d "${TMPDIR:-/tmp}/crime-hotspots.XXXXXX")
    mkdir -p "$place/home" "$place/profile" "$place/run" "$CACHE/matplotlib"
    chmod 700 "$place/run"
    export HOME=$place/home QGIS_CUSTOM_CONFIG_PATH=$place/profile XDG_RUNTIME_DIR=$place/run
    export MPLCONFIGDIR=$CACHE/matplotlib
    # shellcheck disable=SC2064  # expanded now: the place must be known when the trap runs
    trap "rm -rf '$place'" EXIT
}
