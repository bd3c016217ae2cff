#!/bin/sh
# Prepare a Debian 12 machine: system packages, virtual environment, locked Python packages.
# Does only what is missing; may be run again, and mends an interrupted installation.
# Usage: sh packaging/setup.sh [--sans-systeme]
#   --sans-systeme  leave the system packages alone
#   PYTHON=…        another Python 3.11 or newer
set -eu
cd "$(dirname "$0")/.."

dire() { printf '%s\n' "$*"; }
echec() { dire "$*" >&2; exit 1; }

# --- system packages -----------------------------------------------------------------------
if [ "${1:-}" != "--sans-systeme" ] && command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    manquants=""
    for p in $(sed -e 's/#.*//' packaging/paquets-debian.txt); do
        dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q "ok installed" || manquants="$manquants $p"
    done
    if [ -n "$manquants" ]; then
        dire "Paquets du système à installer :$manquants"
        sudo=""
        if [ "$(id -u)" != 0 ]; then
            command -v sudo >/dev/null || echec "Il faut les droits d’administrateur. Lancez en tant que root :
  apt-get install -y --no-install-recommends$manquants"
            sudo="sudo"
        fi
        $sudo apt-get update -q
        # shellcheck disable=SC2086
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
            install -y -q --no-install-recommends $manquants
    fi
fi

# --- virtual environment -------------------------------------------------------------------
if [ -z "${PYTHON:-}" ]; then
    for PYTHON in /usr/bin/python3.11 python3.11 python3; do
        command -v "$PYTHON" >/dev/null && break
    done
fi
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || echec "Python 3.11 ou plus récent est nécessaire (essayé : $PYTHON)."

pip() { .venv/bin/python -m pip --disable-pip-version-check -q "$@"; }
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    # Absent, half made, or made for a Python that is gone.
    rm -rf .venv
    "$PYTHON" -m venv .venv
fi

# --- locked Python packages ----------------------------------------------------------------
racine="$(pwd -P)"
empreinte="$( (cat requirements/dev.txt packaging/construction.txt packaging/setup.sh
               .venv/bin/python -V; dire "$racine") | sha256sum | cut -d' ' -f1)"
if [ "$(cat .venv/empreinte 2>/dev/null || true)" != "$empreinte" ]; then
    dire "Installation des paquets Python verrouillés…"
    rm -f .venv/empreinte
    pip install --require-hashes -r packaging/construction.txt
    # No isolated build: it would fetch build tools that no hash protects.
    pip install --require-hashes --no-build-isolation -r requirements/dev.txt
    # The program is run from here: a path and a launcher, nothing to build.
    site="$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')"
    dire "$racine" > "$site/pleiade.pth"
    cat > .venv/bin/pleiade <<FIN
#!$racine/.venv/bin/python
import sys

from app.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
FIN
    chmod +x .venv/bin/pleiade
    .venv/bin/python -m compileall -q app
    dire "$empreinte" > .venv/empreinte
fi
dire "Prêt : .venv/bin/pleiade"
