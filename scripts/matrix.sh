#!/usr/bin/env bash
# Runs the test suite on the QGIS of other Debian releases: matrix.sh [SUITE...] [-- arguments of pytest]
# Each release lives in a plain folder made once by debootstrap and kept in the user's cache.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

PACKAGES=(qgis python3-qgis qgis-providers python3-gdal python3-scipy python3-pandas python3-matplotlib
    python3-jinja2 python3-pytest fonts-dejavu-core)
ROOTS=${XDG_CACHE_HOME:-$HOME/.cache}/crime-hotspots/roots
DEPS=$CACHE/matrix-deps
STAMP=.crime-hotspots-complete

# Everything below happens in a mount namespace of its own (see the end of this file), so that no mount outlives the
# run, however it ends.
mount_system() {
    mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev"
}

mount_read_only() { # FROM TO
    mkdir -p "$2" && mount --bind "$1" "$2" && mount -o remount,ro,bind "$2"
}

in_root() { # ROOT COMMAND...
    local root=$1
    shift
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
        DEBIAN_FRONTEND=noninteractive http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" "$@"
}

build() { # SUITE
    local suite=$1 root=$ROOTS/$1 wanted=${PACKAGES[*]} options=()
    if [ "$(cat "$root/$STAMP" 2>/dev/null)" = "$wanted" ]; then
        mount_system "$root"
        return
    fi
    if [ ! -x "$root/usr/bin/apt-get" ]; then
        say "Making Debian $suite in $root (a few minutes)"
        rm -rf --one-file-system "$root.part"
        mkdir -p "$ROOTS"
        debootstrap --variant=minbase "$suite" "$root.part" >"$CACHE/debootstrap-$suite.log" 2>&1 ||
            { tail -n 20 "$CACHE/debootstrap-$suite.log" >&2; return 1; }
        mv "$root.part" "$root"
    fi
    mount_system "$root" || return 1
    # The Release file of the unstable suite may have expired on a mirror that is a snapshot.
    [ "$suite" != sid ] || options=(-o Acquire::Check-Valid-Until=false)
    in_root "$root" apt-get -q "${options[@]}" update &&
        in_root "$root" apt-get -q install -y --no-install-recommends "${PACKAGES[@]}" >"$CACHE/apt-$suite.log" 2>&1 ||
        { tail -n 20 "$CACHE/apt-$suite.log" >&2; return 1; }
    in_root "$root" apt-get clean
    printf '%s' "$wanted" >"$root/$STAMP"
}

# Tells a suite that cannot be made (2) from tests that fail (1).
run_suite() { # SUITE ARGUMENTS...
    local suite=$1 root=$ROOTS/$1
    shift
    build "$suite" || return 2
    mount_read_only "$ROOT" "$root/hotspot/main" || return 2
    if [ -d "$ROOT/../shared" ]; then
        mount_read_only "$ROOT/../shared" "$root/hotspot/shared" || return 2
    fi
    if [ -d /tmp/.X11-unix ]; then
        mkdir -p "$root/tmp/.X11-unix"
        mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix" || return 2
    fi
    local scratch=$root/hotspot/scratch
    rm -rf "$scratch"
    mkdir -p "$scratch/run" "$scratch/tmp" "$scratch/settings"
    chmod 700 "$scratch/run"
    # pytest-qgis keeps QGIS's settings in the root of the project, which is read-only here.
    mount --bind "$scratch/settings" "$root/hotspot/main/.qgis-settings" || return 2
    # shellcheck disable=SC2016  # to be expanded inside the root
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/hotspot/scratch \
        TMPDIR=/hotspot/scratch/tmp XDG_RUNTIME_DIR=/hotspot/scratch/run QT_QPA_PLATFORM=offscreen \
        PYTHONPATH=/hotspot/main/.cache/matrix-deps PYTHONDONTWRITEBYTECODE=1 CI="${CI:-}" \
        HOTSPOT_DISPLAY="${HOTSPOT_DISPLAY:-}" \
        HOTSPOT_NO_BROWSER="reports are opened in a browser by the suite of the machine itself" \
        bash -c 'cd /hotspot/main
            python3 -c "from qgis.core import Qgis; print(\"QGIS\", Qgis.QGIS_VERSION)"
            timeout --signal=INT --kill-after=30 "$0" python3 -m pytest -p no:cacheprovider "$@"' \
        "${TEST_TIMEOUT:-2700}" "$@" || return 1
    rm -rf "$scratch"
}

if [ "${1:-}" = --inside ]; then # SUITE ARGUMENTS...
    shift
    status=0
    run_suite "$@" || status=$?
    exit $status
fi

mkdir -p "$CACHE" "$ROOT/.qgis-settings"
suites=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    suites+=("$1")
    shift
done
[ "${1:-}" != -- ] || shift
[ ${#suites[@]} -gt 0 ] || suites=(trixie sid)

# pip inside the folders may not reach the index; pytest-qgis is pure Python.
version=$(grep '^pytest-qgis==' "$ROOT/requirements-dev.txt")
if [ "$(cat "$DEPS/.made-from" 2>/dev/null)" != "$version" ]; then
    rm -rf "$DEPS"
    mkdir -p "$DEPS"
    "$VENV/bin/pip" install --quiet --disable-pip-version-check --no-deps --target "$DEPS" "$version"
    printf '%s' "$version" >"$DEPS/.made-from"
fi

# One display for the desktops of all releases: theirs come without an X server.
display_number=$(mktemp)
Xvfb -displayfd 1 -screen 0 1600x1000x24 -nolisten tcp >"$display_number" 2>/dev/null &
xvfb=$!
trap 'kill $xvfb 2>/dev/null || true; rm -f "$display_number"' EXIT
for _ in $(seq 50); do
    [ -s "$display_number" ] && break
    sleep 0.1
done
[ ! -s "$display_number" ] || export HOTSPOT_DISPLAY=:$(cat "$display_number")

overall=0
summary=()
for suite in "${suites[@]}"; do
    say "== Test suite on Debian $suite"
    status=0
    as_root env "XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}" "HOTSPOT_DISPLAY=${HOTSPOT_DISPLAY:-}" "CI=${CI:-}" \
        "TEST_TIMEOUT=${TEST_TIMEOUT:-2700}" unshare --mount --propagation private \
        "$ROOT/scripts/matrix.sh" --inside "$suite" "$@" || status=$?
    case $status in
        0) summary+=("$suite: passed") ;;
        2) summary+=("$suite: NOT RUN, this Debian release could not be made"); overall=1 ;;
        *) summary+=("$suite: FAILED"); overall=1 ;;
    esac
done
say "== Matrix"
printf '%s\n' "${summary[@]}"
exit $overall
