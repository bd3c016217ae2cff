#!/bin/sh
# Everything that must hold before a change lands. Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
export QT_QPA_PLATFORM=offscreen PYTEST_QT_API=pyside6 LC_ALL=C.UTF-8 QT_LOGGING_RULES="*.debug=false"
# A developer's own settings must not decide of the result.
unset PLEIADE_DOSSIER DISPLAY WAYLAND_DISPLAY http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
# Thousands of small synced writes: a slow disk would be all that is measured. In memory, where
# there is room.
libre() { df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }'; }
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(libre)" -gt 3000000 ]; then
    TMPDIR="$(mktemp -d /dev/shm/pl.XXXX)"
    chmod 755 "$TMPDIR"
    export TMPDIR
    a_effacer="$TMPDIR"
fi
memoire="$(mktemp -d)"
trap 'rm -rf "$memoire" ${a_effacer:+"$a_effacer"}' EXIT
sh packaging/oracle.sh --node
.venv/bin/ruff check app tests packaging migrations
.venv/bin/mypy
.venv/bin/lint-imports
[ $# -gt 0 ] || .venv/bin/python packaging/audit/controler.py
# Two workers; the parts that own a machine-wide server stay on one of them. The scenarios run by
# themselves: their windows would slow down the widgets' tests that share a process with them.
# A worker that dies can leave pytest waiting for it: every part has an end.
deux() {
    partie="$1"
    shift
    timeout -k 30 1500 .venv/bin/python -m pytest -q -n 2 --dist loadgroup -o cache_dir="$memoire/$partie" "$@"
}
if [ $# -gt 0 ]; then
    deux choix "$@"
    exit
fi
# Every part is played, whatever the one before gave: one run tells everything that fails. The few
# tests that fail are judged again alone (rejouer.py).
rate=0
juger() { .venv/bin/python packaging/rejouer.py "$@" || rate=1; }
deux regles --ignore-glob='*/test_ui_*.py' tests/components tests/unit || juger "$memoire/regles"
# Each file of widgets in a process of its own: windows of one must not weigh on the next. One that
# dies (a fault of Qt) is named, and doesn't stop the others.
# shellcheck disable=SC2016
ls tests/unit/test_ui_*.py | xargs -P 2 -n 1 sh -c '
    timeout -k 30 900 .venv/bin/python -X faulthandler -m pytest -q -p no:cacheprovider "$1" || {
        echo "Échec : $1, code $?" >&2; echo "$1" >> "$0/fenetres"; }' "$memoire"
# shellcheck disable=SC2046
[ ! -s "$memoire/fenetres" ] || juger "$memoire/fenetres.cache" $(cat "$memoire/fenetres")
# The matrix of this version (MIN.UPG.01) is written even when a scenario fails: it says which.
preuves="${PLEIADE_PREUVES:-dist/preuves}"
mkdir -p "$preuves"
rm -f "$preuves/resultats.jsonl"
PLEIADE_PREUVES="$(cd "$preuves" && pwd -P)"
export PLEIADE_PREUVES
deux scenarios tests/scenarios || juger "$memoire/scenarios"
.venv/bin/python packaging/matrice.py "$preuves" dist || rate=1
exit "$rate"
