"""Texts from outside (titles, names of files, of patients, of accounts) are shown as they are."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractTableModel, Qt
from PySide6.QtWidgets import QApplication

from app.documents.noms import nom_enregistrable
from app.domain.agenda import Passage
from app.domain.document import LigneDocument
from app.domain.entrant import Entrant, LigneEntrant, VerdictEntrant
from app.domain.identity import StatutIdentite
from app.domain.names import defauts_personne, sans_invisibles
from app.domain.outbox import Destination, EtatOrdre, Ordre
from app.domain.patient import PatientResume
from app.domain.people import Professionnel, Structure
from app.domain.roles import Acces
from app.domain.vaccination import VaccinationFaite
from app.ui.infobulle import sure
from app.usecases import comptes, importation, settings
from app.usecases.errors import Refus
from tests.comptes_outils import collegue
from tests.sauvegarde_outils import Cabinet, creer
from tests.unit.ui_outils import ligne, liste

PIEGE = '<b>Urgent</b><img src="//serveur-pirate/x.png">'


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


def _arbres(racine: Path) -> Iterator[tuple[str, ast.AST]]:
    for fichier in sorted((racine / "app" / "ui").rglob("*.py")):
        yield fichier.relative_to(racine).as_posix(), ast.parse(
            fichier.read_text(encoding="utf-8"))


def _fixe(valeur: ast.expr) -> bool:
    """A literal, or a choice among literals."""
    return isinstance(valeur, ast.Constant) or (
        isinstance(valeur, ast.IfExp) and _fixe(valeur.body) and _fixe(valeur.orelse))


@pytest.mark.attaque("HTML dans un titre, un nom de patient ou de fichier",
                     tente="un titre reçu fait d’une image placée sur un serveur, montré en "
                           "infobulle ou en étiquette",
                     constat="montré tel quel : toute infobulle passe par `sure`, toute étiquette "
                             "est en texte simple, aucun serveur n’est appelé")
def test_no_text_is_taken_for_html(racine: Path) -> None:
    fautes, vus = [], 0
    for nom, arbre in _arbres(racine):
        for n in ast.walk(arbre):
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute):
                if n.func.attr == "setToolTip":
                    vus += 1
                    a = n.args[0]
                    if not _fixe(a) and not (isinstance(a, ast.Call)
                                             and ast.unparse(a.func) == "sure"):
                        fautes.append(f"{nom}:{n.lineno} setToolTip without `sure`")
                elif n.func.attr in ("setWhatsThis", "setStatusTip"):
                    fautes.append(f"{nom}:{n.lineno} {n.func.attr}")
            if isinstance(n, ast.Call) and ast.unparse(n.func) in ("QMessageBox", "QErrorMessage"):
                fautes.append(f"{nom}:{n.lineno} {ast.unparse(n.func)}")
            if isinstance(n, ast.ClassDef) and any(ast.unparse(b) == "QLabel" for b in n.bases):
                vus += 1
                if n.name not in ("Icone", "Puce") and "PlainText" not in ast.unparse(n):
                    fautes.append(f"{nom}:{n.lineno} {n.name} guesses the format of its text")
            if isinstance(n, ast.FunctionDef) and n.name == "data" \
                    and "ToolTipRole" in ast.unparse(n):
                vus += 1
                if "sure(" not in ast.unparse(n):
                    fautes.append(f"{nom}:{n.lineno} ToolTipRole without `sure`")
    assert vus > 60 and fautes == []


def test_a_tooltip_shows_what_was_typed() -> None:
    assert sure("Compte rendu < 3 jours & suite") == "Compte rendu < 3 jours & suite"
    assert sure(PIEGE) == ("<span>&lt;b&gt;Urgent&lt;/b&gt;&lt;img src=&quot;"
                           "//serveur-pirate/x.png&quot;&gt;</span>")
    assert sure(None) == sure("") == ""


def _modeles() -> Iterator[QAbstractItemModel]:
    from app.ui.models.a_classer import ModeleEntrants
    from app.ui.models.documents import ModeleDocuments
    from app.ui.models.envois import ModeleEnvois
    from app.ui.models.passages import ModelePassages
    from app.ui.models.vaccinations import ModeleVaccinations

    documents = ModeleDocuments()
    piege: LigneDocument = ligne("1", titre=PIEGE, auteur=PIEGE, type_libelle=PIEGE,
                                 etat_detail=PIEGE)
    documents.definir(liste(piege))
    yield documents
    a_classer = ModeleEntrants()
    a_classer.definir((LigneEntrant(Entrant(
        id=1, recu_le="2026-11-29T08:00:00+01:00", origine=piege.origine, nom=PIEGE,
        mime="text/plain", sha256="", verdict=VerdictEntrant.INCONNU, motif=PIEGE, titre=PIEGE,
        traits=PIEGE)),))
    yield a_classer
    envois = ModeleEnvois()
    envois.definir((Ordre(1, Destination.DMP, 1, 1, 1, EtatOrdre.REFUSE, "2026-11-29T08:00:00",
                          motif=PIEGE, document_titre=PIEGE, patient_nom=PIEGE),),
                   date(2026, 11, 29))
    yield envois
    resume = PatientResume(1, PIEGE, PIEGE, PIEGE, PIEGE, "1975-12-31", "F",
                           StatutIdentite.PROVISOIRE)
    passages = ModelePassages()
    passages.definir((Passage(1, "2026-11-29", "08:00", 1, resume,
                              soins=PIEGE, adresse=PIEGE),), date(2026, 11, 29))
    yield passages
    vaccinations = ModeleVaccinations()
    vaccinations.definir((VaccinationFaite("2026-11-29", PIEGE, vaccinateur=PIEGE, lot=PIEGE),))
    yield vaccinations


def test_the_lists_show_a_hostile_text_as_it_is(qapp: QApplication) -> None:
    bulles = 0
    for modele in _modeles():
        for rang in range(modele.rowCount()):
            for colonne in range(modele.columnCount() if isinstance(modele, QAbstractTableModel)
                                 else 1):
                bulle = modele.index(rang, colonne).data(Qt.ItemDataRole.ToolTipRole)
                if isinstance(bulle, str) and "serveur-pirate" in bulle:
                    bulles += 1
                    assert "<img" not in bulle and "<b>" not in bulle, type(modele).__name__
    assert bulles >= 8


@pytest.mark.attaque("Bidi et caractères invisibles dans un titre ou un nom de fichier reçu",
                     tente="« facture[U+202E]fdp.exe », octet nul, retour à la ligne, espace nul, "
                           "nom de dix mille lettres",
                     constat="les signes qui retournent ou cachent sont retirés, le reste est "
                             "gardé et coupé")
def test_marks_that_lie_leave_the_titles(cabinet: Cabinet) -> None:
    assert sans_invisibles("facture\u202efdp.exe\0\n\u200bsuite  a\u00a0:") == (
        "facturefdp.exe suite a\u00a0:")
    nom = "résu\u0301ltat\u202etxt\u2066" + "x" * 10_000 + ".txt"
    (attente,) = importation.importer(cabinet.ctx, [(nom, b"texte")], None).attente
    assert attente.titre.startswith("résúltattxtxxx") and len(attente.titre) <= 300
    with cabinet.ctx.store.lecture() as u:
        assert not {"\u202e", "\u2066"} & set(u.entrants.attente(1)[0].nom)


@pytest.mark.attaque("Nom hostile proposé à l’enregistrement d’un fichier reçu",
                     tente="dossiers, extension d’un programme, nom réservé de Windows, fichier "
                           "caché, bidi",
                     constat="un nom simple, avec l’extension de ce que les octets sont")
@pytest.mark.parametrize(("nom", "octets", "attendu"), [
    ("../../.bashrc", b"texte", "bashrc.txt"),
    ("C:\\Users\\x\\Startup\\lance.bat", b"texte", "lance bat.txt"),
    ("facture.pdf.exe", b"%PDF-1.4", "facture pdf exe.pdf"),
    ("facture\u202efdp.exe", b"\xff\xd8\xff", "facturefdp exe.jpg"),
    ("con.txt", b"texte", "_con.txt"), ("résultat du 3.PDF", b"%PDF-1.4", "résultat du 3.pdf"),
    ("", b"<a/>", "document.xml"), ("a/b\0c:d.xml", b"<a/>", "bc-d.xml"),
])
def test_a_sender_does_not_choose_what_is_written(nom: str, octets: bytes, attendu: str) -> None:
    assert nom_enregistrable(nom, octets) == attendu


@pytest.mark.attaque("Compte au nom d’une collègue",
                     tente="créer ou renommer un compte avec des lettres cyrilliques semblables, "
                           "un caractère invisible, un retour à la ligne, du HTML, 10 000 lettres",
                     constat="refusé : lettres latines, cent au plus")
@pytest.mark.parametrize("nom", ["INFIRMI\u0415RE", "INFIRMIERE\u200b", "INFIR\nMIERE", PIEGE,
                                 "X" * 10_000, "\u202eEREIMRIFNI", "=cmd()"])
def test_an_account_can_t_look_like_a_colleague_s(cabinet: Cabinet, nom: str) -> None:
    qui = Professionnel("899700000999", nom, "LINE", "60")
    with pytest.raises(Refus, match=r"alphabet latin|100 caractères"):
        comptes.inviter(cabinet.ctx, qui, Acces(("salarie",)))
    with pytest.raises(Refus, match=r"alphabet latin|100 caractères"):
        comptes.modifier_identite(cabinet.ctx, cabinet.ctx.compte_id, qui)
    with pytest.raises(Refus, match="identifiant"):
        comptes.inviter(cabinet.ctx, replace(qui, nom="DUPONT", identifiant="8\n9"),
                        Acces(("salarie",)))


def test_real_names_are_names() -> None:
    for nom in ("N’GUYEN-LÊ", "d'Été", "ŁUKASIEWICZ", "MÜLLER, Dr.", "Zoé 2", "Þórr", ""):
        assert defauts_personne(nom) == []


@pytest.mark.attaque("Se donner la profession ou le nom d’une collègue",
                     tente="un titulaire change sa propre profession dans les réglages pour lire "
                           "ce qu’une infirmière garde à « ma profession »",
                     constat="refusé et tracé : ces attributs sont ceux du compte, donnés par un "
                             "administrateur")
def test_nobody_gives_herself_another_profession(cabinet: Cabinet) -> None:
    ctx = collegue(cabinet, "titulaire", profession="70")
    lus = settings.lire_reglages(ctx)
    for champ, valeur in (("profession", "60"), ("nom", "INFIRMIERE"), ("prenom", "LINE"),
                          ("identifiant", "899700000016")):
        voulu = replace(lus, professionnel=replace(lus.professionnel, **{champ: valeur}))
        for base in (None, lus):
            with pytest.raises(Refus, match="gérer les comptes"):
                settings.enregistrer_reglages(ctx, voulu, base)
    settings.enregistrer_reglages(ctx, replace(
        lus, structure=Structure("10B0000000", "CABINET RENOMMÉ")), lus)
    assert settings.lire_reglages(ctx).professionnel.profession == "70"
    ctx.store.fermer()
