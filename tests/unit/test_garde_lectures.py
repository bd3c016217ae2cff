"""The gate comes first: nothing reads the patient file in front of it."""

import ast
import inspect
from pathlib import Path

import pytest

import app.ui
from app.ui.controllers import etat_dossier
from app.usecases.errors import Refus
from tests.comptes_outils import collegue
from tests.sauvegarde_outils import creer
from tests.unit.test_usecases_garde import AVEC

#: Repositories that hold what concerns a patient.
_SOINS = frozenset({"patients", "documents", "observations", "courriers", "dmp", "episodes",
                    "saisies", "agenda", "entrants", "archives", "regroupements", "listes"})
#: Gestures without a right that read some of it, and why each gives nothing away.
LIBRES = {
    "attente_identite.refaire_avec_identite": "par l’expéditeur, sur un document validé",
    "consult_dmp.bandeau_local": "sur un patient déjà lu ; compte ce que le regard laisse voir",
    "rapprochement.verification_recue_utile": "rend une règle, aucun contenu",
    "suites_documents.nouvelles": "ce que le regard laisse voir",
    "verification.programmer_dues": "tâche de fond, ne rend qu’un nombre",
    "classement.nombre": "rend un nombre",
}


def _unites(arbre: ast.AST) -> bool:
    return any(isinstance(n, ast.Attribute) and n.attr in ("lecture", "ecriture")
               and isinstance(n.value, ast.Attribute) and n.value.attr == "store"
               for n in ast.walk(arbre))


def test_no_window_reads_the_store_itself() -> None:
    racine = Path(str(app.ui.__file__)).parent
    fautifs = [str(f.relative_to(racine)) for f in sorted(racine.rglob("*.py"))
               if _unites(ast.parse(f.read_text(encoding="utf-8")))]
    assert fautifs == [], "a use case behind the gate reads for it"


def test_gestures_without_a_right_that_read_the_file_are_counted() -> None:
    lisent = set()
    for nom, geste in AVEC.items():
        if geste.__garde__.droits:
            continue
        arbre = ast.parse(inspect.getsource(geste))
        depots = {n.attr for n in ast.walk(arbre) if isinstance(n, ast.Attribute)
                  and isinstance(n.value, ast.Name) and n.value.id == "u"}
        if _unites(arbre) and depots & _SOINS:
            lisent.add(nom)
    assert lisent == set(LIBRES)


@pytest.mark.attaque("Relire un dossier ouvert après la perte de ses droits",
                     tente="rafraîchir l’écran d’un dossier par son numéro, sans aucun rôle",
                     constat="la garde refuse avant que le magasin ne soit lu")
def test_reading_again_is_refused_before_the_store_is_read(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cabinet = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    ctx = collegue(cabinet)
    for numero in (1, 99_999):  # the same answer, whether the patient exists or not
        for geste in (etat_dossier.relire, etat_dossier.ouvrir):
            with pytest.raises(Refus) as refus:
                geste(ctx, numero)
            assert refus.value.code.startswith("DROIT-")
    ctx.store.fermer()
    cabinet.ctx.fermer()
