#!/bin/sh
# Prepare a Debian 12 machine: system packages, virtual environment, locked Python packages.
# Does only what is missing; may be run again. Usage: sh packaging/setup.sh [--sans-systeme]
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-/usr/bin/python3.11}"

PAQUETS="$(sed -e 's/#.*//' packaging/paquets-debian.txt | tr '\n' ' ')"
if [ "${1:-}" != "--sans-systeme" ] && command -v apt-get >/dev/null; then
    manquants=""
    for p in $PAQUETS; do
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q "ok installed" || manquants="$manquants $p"
    done
    if [ -n "$manquants" ]; then
        echo "Paquets du système à installer :$manquants"
        SUDO=""; [ "$(id -u)" = 0 ] || SUDO=sudo
        $SUDO apt-get update -q
        $SUDO env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
            install -y -q --no-install-recommends $manquants
    fi
fi

[ -x "$PYTHON" ] || PYTHON=python3.11
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
empreinte="$(cat requirements/dev.txt pyproject.toml | sha256sum | cut -d' ' -f1)"
if [ "$(cat .venv/empreinte 2>/dev/null || true)" != "$empreinte" ]; then
    echo "Installation des paquets Python verrouillés…"
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -e .
    .venv/bin/python -m compileall -q app
    echo "$empreinte" > .venv/empreinte
fi
echo "Prêt : .venv/bin/pleiade"
