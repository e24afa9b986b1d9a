#!/usr/bin/env bash
# qgis_process, whichever works. Debian's /usr/bin/qgis_process of QGIS 3.22 is a wrapper that adds an option
# that the program refuses, so the program itself comes first.
for program in "${QGIS_PROCESS:-}" qgis_process.bin qgis_process; do
    if [ -n "$program" ] && command -v "$program" >/dev/null; then
        QGIS_OPTS='' exec "$program" "$@"
    fi
done
echo "ERROR: no qgis_process on this machine; 'make setup' installs QGIS on Debian" >&2
exit 127
