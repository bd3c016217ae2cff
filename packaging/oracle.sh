#!/bin/sh
# Install the OpenID provider of the tests (npm `oidc-provider`, locked with hashes) into .venv.
# Does nothing when it is there. Node 18 (Debian 12) or newer.
# Usage: sh packaging/oracle.sh [--node]   --node: install Node and npm too, when they are missing
set -eu
cd "$(dirname "$0")/.."
source=tests/components/oracle
cible=.venv/oracle

if [ "${1:-}" = "--node" ] && ! command -v npm >/dev/null && command -v apt-get >/dev/null; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo"
    $sudo apt-get update -q
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        install -y -q --no-install-recommends nodejs npm
fi
empreinte="$(cat "$source/package-lock.json" packaging/oracle.sh | sha256sum | cut -d' ' -f1)"
if [ "$(cat "$cible/empreinte" 2>/dev/null || true)" != "$empreinte" ]; then
    rm -rf "$cible"
    mkdir -p "$cible"
    cp "$source/package.json" "$source/package-lock.json" "$cible/"
    (cd "$cible" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    printf '%s' "$empreinte" > "$cible/empreinte"
fi
