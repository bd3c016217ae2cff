#!/bin/sh
# Put Pléiade into the menu of the current user, or take it out.
# Usage: sh packaging/linux/raccourci.sh [--retirer]
set -eu
cd "$(dirname "$0")"
donnees="${XDG_DATA_HOME:-$HOME/.local/share}"
entree="$donnees/applications/pleiade.desktop"
icone="$donnees/icons/hicolor/scalable/apps/pleiade.svg"
if [ "${1:-}" = "--retirer" ]; then
    rm -f "$entree" "$icone"
    printf '%s\n' "Raccourci retiré."
    exit 0
fi
programme="$(cd ../.. && pwd -P)/.venv/bin/pleiade"
[ -x "$programme" ] || { printf '%s\n' "Lancez d’abord : sh packaging/setup.sh" >&2; exit 1; }
mkdir -p "$(dirname "$entree")" "$(dirname "$icone")"
cp pleiade.svg "$icone"
# The Exec key is quoted: the path may hold spaces. A backslash, quote, dollar or percent in it is
# refused rather than escaped twice.
case "$programme" in
    *[\\\"\$\`%\|\&]*) printf '%s\n' "Ce chemin ne convient pas à un raccourci : $programme" >&2; exit 1 ;;
esac
sed "s|@EXEC@|\"$programme\"|" pleiade.desktop.in > "$entree"
if command -v update-desktop-database >/dev/null; then
    update-desktop-database -q "$(dirname "$entree")" || true
fi
printf '%s\n' "Raccourci posé : $entree"
