#!/bin/sh
# What is handed over for a version: the sources that the installers run, the bill of materials, the
# non-regression matrix when the scenarios were played, the digests of all, and their signature.
# Usage: sh packaging/livraison.sh [DOSSIER]   (dist by default)
#   PLEIADE_CLE_SIGNATURE=…  path of the publisher's key, outside the repository (livraison/signer.py)
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
fichiers="pleiade-$version.zip pleiade-$version.cdx.json"
# Of this commit and no other: packaging/matrice.py says which one it judged.
if [ "$(cat dist/matrice.commit 2>/dev/null || true)" = "$(git rev-parse HEAD)" ]; then
    for suffixe in json csv html; do
        cp "dist/matrice.$suffixe" "$vers/pleiade-$version.matrice.$suffixe"
        fichiers="$fichiers pleiade-$version.matrice.$suffixe"
    done
else
    printf '%s\n' "SANS MATRICE de non-régression : lancez « make test » sur cet état avant de livrer." >&2
fi
rm -f "$vers/pleiade-$version.sha256.minisig"
# shellcheck disable=SC2086
( cd "$vers" && sha256sum $fichiers > "pleiade-$version.sha256" && cat "pleiade-$version.sha256" )
if [ -n "${PLEIADE_CLE_SIGNATURE:-}" ]; then
    .venv/bin/python packaging/livraison/signer.py signer "$vers/pleiade-$version.sha256" "$version"
else
    printf '%s\n' "NON SIGNÉE : à ne pas publier (PLEIADE_CLE_SIGNATURE n’est pas donnée)." >&2
fi
