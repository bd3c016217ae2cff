"""Write docs/securite/tests.md from the tests marked `attaque` and from their last results.

    python packaging/attaques.py [RESULTATS]

RESULTATS is the file that `PLEIADE_ATTAQUES=RESULTATS pytest -m attaque` leaves: one JSON line a
test. Without it the results of the page are kept. `make attaques` does both.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

RACINE = Path(__file__).resolve().parents[1]
PAGE = RACINE / "docs" / "securite" / "tests.md"
#: Boundary of the threat model -> what the names of its test files begin with.
FRONTIERES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Le poste et ses comptes", ("usecases_comptes", "usecases_second", "usecases_garde", "garde_",
                                 "ui_", "usecases_preparations", "usecases_traces", "usecases_mots",
                                 "cli_", "session_psc", "cps", "verrou", "comptes",
                                 "affichage", "identite")),
    ("Données au repos et clés", ("store_vault", "store_mort", "cle_mort", "trousseau",
                                  "usecases_cles", "usecases_export", "effacement",
                                  "usecases_effacement",
                                  "protection", "rien_en_clair", "mort_subite", "sorties")),
    ("Sauvegardes", ("sauvegarde", "usecases_sauvegarde", "disque")),
    ("Contenus reçus", ("documents", "store_search", "import", "rapprochement", "courrier")),
    ("Poste et Proxy e-santé", ("proxy", "services")),
    ("Base partagée d’un centre", ("postgresql", "serveur_absent", "serveur_gele", "concurrence",
                                    "store_postgresql")),
    ("Mises à jour", ("livraison",)),
    ("Structure et services nationaux", ("centre", "certificat", "dmp", "sandbox")),
)
AUTRES = "Autres"
ATTENDU = "à jouer"
_RESULTATS = {"passed": "réussi", "failed": "ÉCHEC"}


@dataclass(frozen=True, slots=True)
class Attaque:
    """One attack: what it tries, what is seen, the test that plays it."""

    titre: str
    tente: str
    constat: str
    fichier: str
    test: str

    @property
    def cle(self) -> str:
        """Name of the test, as in the results."""
        return f"{self.fichier}::{self.test}"

    @property
    def frontiere(self) -> str:
        """Boundary it belongs to."""
        nom = Path(self.fichier).stem.removeprefix("test_").removeprefix("attaques_")
        return next((titre for titre, debuts in FRONTIERES
                     if any(nom.startswith(d) for d in debuts)), AUTRES)


def collecter(racine: Path = RACINE) -> list[Attaque]:
    """Attacks of the test files, in reading order.

    :raises ValueError: a marker that isn't three literal sentences.
    """
    return [attaque for fichier in sorted((racine / "tests").rglob("test_*.py"))
            for attaque in _du_fichier(fichier, racine)]


def _du_fichier(fichier: Path, racine: Path) -> Iterator[Attaque]:
    nom = fichier.relative_to(racine).as_posix()
    for noeud in ast.walk(ast.parse(fichier.read_text(encoding="utf-8"))):
        if not isinstance(noeud, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorateur in noeud.decorator_list:
            if not (isinstance(decorateur, ast.Call)
                    and ast.unparse(decorateur.func) == "pytest.mark.attaque"):
                continue
            textes = {k.arg: k.value for k in decorateur.keywords}
            try:
                titre, tente, constat = (str(ast.literal_eval(v)) for v in (
                    decorateur.args[0], textes["tente"], textes["constat"]))
            except (IndexError, KeyError, ValueError) as erreur:
                raise ValueError(f"{nom}::{noeud.name} : trois phrases littérales attendues"
                                 ) from erreur
            yield Attaque(titre, tente, constat, nom, noeud.name)


def lire_resultats(fichier: Path) -> dict[str, str]:
    """« file::test » -> outcome; a test with parameters holds when each of them holds."""
    resultats: dict[str, str] = {}
    for ligne in fichier.read_text(encoding="utf-8").splitlines():
        brut = json.loads(ligne)
        cle = re.sub(r"\[.*", "", brut["test"])
        if resultats.get(cle) != "failed":
            resultats[cle] = brut["resultat"]
    return resultats


def resultats_de_la_page(page: str) -> dict[str, str]:
    """Results that the page holds already."""
    connus = {v: c for c, v in _RESULTATS.items()}
    return {cle: connus[mot] for mot, cle in re.findall(
        r"\*\*(réussi|ÉCHEC)\*\* · `([^`]+)`", page)}


def date_de_la_page(page: str) -> str:
    """Date of the last run that the page holds, "" when there is none."""
    trouvee = re.search(r"Dernière exécution complète : (\d\d/\d\d/\d{4})", page)
    return trouvee[1] if trouvee else ""


def rendre(attaques: list[Attaque], resultats: dict[str, str], jouee_le: str) -> str:
    """The page."""
    reussis = sum(resultats.get(a.cle) == "passed" for a in attaques)
    lignes = [
        "# Essais d’attaque", "",
        "Page écrite par `make attaques` d’après les tests marqués `attaque` : ne pas la modifier "
        "à la main. Chaque essai dit ce qu’il tente et ce qui est constaté ; tous sont rejoués à "
        "chaque livraison avec les autres tests.", "",
        f"{len(attaques)} essais, {reussis} réussis. Dernière exécution complète : "
        f"{jouee_le or 'aucune'}.", ""]
    for titre in (*(t for t, _ in FRONTIERES), AUTRES):
        siennes = [a for a in attaques if a.frontiere == titre]
        if not siennes:
            continue
        lignes += [f"## {titre}", ""]
        for a in siennes:
            mot = _RESULTATS.get(resultats.get(a.cle, ""), ATTENDU)
            lignes += [f"### {a.titre}", f"- Tenté : {_phrase(a.tente)}",
                       f"- Constaté : {_phrase(a.constat)}", f"- **{mot}** · `{a.cle}`", ""]
    return "\n".join(lignes).rstrip() + "\n"


def _phrase(texte: str) -> str:
    texte = texte.strip().rstrip(".")
    return f"{texte[:1].lower()}{texte[1:]}." if texte[1:2].islower() else f"{texte}."


def main(arguments: list[str]) -> int:
    """Write the page; 1 when a test failed."""
    ancienne = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if arguments:
        resultats, jouee_le = lire_resultats(Path(arguments[0])), f"{date.today():%d/%m/%Y}"
    else:
        resultats, jouee_le = resultats_de_la_page(ancienne), date_de_la_page(ancienne)
    attaques = collecter()
    PAGE.write_text(rendre(attaques, resultats, jouee_le), encoding="utf-8")
    rates = [a.cle for a in attaques if arguments and resultats.get(a.cle) != "passed"]
    for cle in rates:
        print(f"pas réussi : {cle}", file=sys.stderr)
    return 1 if rates else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
