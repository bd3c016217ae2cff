#!/bin/sh
# What is handed over for a version: the sources that the installers run, the bill of materials,
# and the digests of both. Usage: sh packaging/livraison.sh [DOSSIER]   (dist by default)
set -eu
cd "$(dirname "$0")/.."
vers="${1:-dist}"
[ -z "$(git status --porcelain --untracked-files=no)" ] || {
    printf '%s\n' "Des fichiers suivis sont modifiés : enregistrez-les avant de livrer." >&2; exit 1; }
version="$(.venv/bin/python -c 'import app; print(app.__version__)')"
mkdir -p "$vers"
.venv/bin/python packaging/nomenclature.py "$vers/pleiade-$version.cdx.json"
# Both installers (packaging/windows/installer.ps1, packaging/setup.sh) are inside, and run there.
git archive --format=zip --prefix="pleiade-$version/" -o "$vers/pleiade-$version.zip" HEAD
( cd "$vers" && sha256sum "pleiade-$version.zip" "pleiade-$version.cdx.json" \
    > "pleiade-$version.sha256" && cat "pleiade-$version.sha256" )
