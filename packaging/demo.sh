#!/bin/sh
# The window on a throw-away file with the bac à sable; without a screen, the guided visit.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec .venv/bin/pleiade demo
fi
.venv/bin/pleiade demo --visite captures
