#!/bin/sh
# The window on a throw-away file with the bac à sable; without a screen, the guided visit.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec .venv/bin/pleiade demo
fi
printf '%s\n' "Pas d’écran ici : la visite guidée joue seule, ses captures vont dans captures/."
.venv/bin/pleiade demo --visite captures
printf '%s\n' "Captures, documents et journal : $(pwd -P)/captures"
