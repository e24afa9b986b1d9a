#!/usr/bin/env bash
# Makes this machine ready: QGIS and its Python packages from Debian, and .venv with the pinned
# developers' tools. Quick when there is nothing to do.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PACKAGES=(qgis python3-qgis qgis-providers python3-gdal python3-scipy python3-pandas python3-matplotlib
    python3-venv xvfb xauth fonts-dejavu-core zip git debootstrap ca-certificates chromium poppler-utils)

system() {
    local missing=() package
    if ! command -v dpkg-query >/dev/null; then
        qgis_python >/dev/null || die "not a Debian system, and no Python here can import qgis.core: install QGIS 3.22" \
            "or later with scipy, pandas and matplotlib, and name its Python in QGIS_PYTHON"
        return
    fi
    for package in "${PACKAGES[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        say "Installing: ${missing[*]}"
        as_root apt-get -q update
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${missing[@]}"
    fi
}

venv() {
    local python wanted
    wanted=$(sha256sum <"$ROOT/requirements-dev.txt" | cut -c1-16)
    if [ -x "$VENV/bin/python" ] && [ "$(cat "$VENV/.made-from" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    python=$(qgis_python) || die "no Python on this machine can import qgis.core"
    say "Making .venv with $python"
    "$python" -m venv --system-site-packages "$VENV"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check --requirement "$ROOT/requirements-dev.txt"
    printf '%s' "$wanted" >"$VENV/.made-from"
}

system
venv
