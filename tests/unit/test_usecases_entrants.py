"""Files from outside: kept once, in the right file, in « À classer » when in doubt, never lost."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cda_fictifs as f
import pytest
from PIL import Image

from app.domain import statuts
from app.domain.document import EtatDocument, EtatLigne, OrigineDocument, RolePiece
from app.domain.entrant import VerdictEntrant
from app.domain.identity import OID_NIR_TEST, Identite, Traits
from app.domain.patient import Patient
from app.usecases import affichage, classement, importation, suites_documents
from app.usecases.context import Contexte
from app.usecases.documents import documents_du_patient
from app.usecases.errors import Refus
from tests.identite_outils import contexte

PAT = Traits("PAT-TROIS", "DOMINIQUE", "1979-03-28", "F", "51215", "DOMINIQUE MARIE-LOUISE")
QUALIFIEE = statuts.controler_document(statuts.recuperer(
    Identite(PAT), PAT, "279035121518989", OID_NIR_TEST, (), "2026-01-01T08:00:00+01:00"), "CN")
AUTRE = Identite(Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", "ZOE"))
LOT = "IHE_XDM/SUBSET01/"
XSL = (b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
       b'<xsl:template match="/"><p>Page du producteur</p></xsl:template></xsl:stylesheet>')


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


def ajouter(ctx: Contexte, identite: Identite) -> Patient:
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(identite, auteur="T", cause="C")


@pytest.fixture
def pat(ctx: Contexte) -> Patient:
    return ajouter(ctx, QUALIFIEE)


def version(numero: int, id: str, corps: str | None = None) -> bytes:
    texte = f.cda(corps).replace('versionNumber value="3"', f'versionNumber value="{numero}"')
    return texte.replace("1.2.250.1.999.1.1.1.7", id).encode()


def archive(**fichiers: bytes) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as z:
        for nom, octets in fichiers.items():
            z.writestr(LOT + nom.replace("_", "."), octets)
    return tampon.getvalue()


def image(genre: str = "JPEG", pages: int = 1) -> bytes:
    tampon = io.BytesIO()
    vues = [Image.new("RGB", (60, 80), c) for c in ("red", "green", "blue")[:pages]]
    vues[0].save(tampon, genre, **({"save_all": True, "append_images": vues[1:]}
                                   if pages > 1 else {}))
    return tampon.getvalue()


# --- Into the open file -------------------------------------------------------------------------

def test_values_of_the_list_come_from_the_cda(ctx: Contexte, pat: Patient) -> None:
    bilan = importation.importer(ctx, [("cr.xml", version(1, "1.2.1"))], pat.id)
    (classe,) = bilan.classes
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(classe.document_id or 0)
    assert (fiche.type_code, fiche.titre) == ("11506-3", "Compte rendu")
    assert fiche.date_acte == "2026-03-31"  # serviceEvent/low, not effectiveTime (2026-04-01)
    assert fiche.auteur == "Camille DÉMO" and fiche.origine is OrigineDocument.IMPORT
    (ligne,) = documents_du_patient(ctx, pat.id).lignes
    assert not ligne.lu and ligne.date == "2026-03-31"


def test_without_an_act_the_creation_date_is_taken(ctx: Contexte, pat: Patient) -> None:
    sans = version(1, "1.2.1").replace(f.ACTE.encode(), b"")
    bilan = importation.importer(ctx, [("cr.xml", sans)], pat.id)
    with ctx.store.lecture() as u:
        assert u.documents.lire(bilan.classes[0].document_id or 0).date_acte == "2026-04-01"


def test_the_same_document_twice_is_said_and_kept_once(ctx: Contexte, pat: Patient) -> None:
    un = version(1, "1.2.1")
    importation.importer(ctx, [("cr.xml", un)], pat.id)
    bilan = importation.importer(ctx, [("copie.xml", un)], pat.id)
    assert not bilan.classes and "Déjà au dossier" in bilan.deja[0].raison
    assert len(documents_du_patient(ctx, pat.id).lignes) == 1


def test_a_newer_version_replaces_and_an_older_one_goes_behind(ctx: Contexte,
                                                               pat: Patient) -> None:
    for numero in (2, 3, 1):
        bilan = importation.importer(ctx, [("v.xml", version(numero, f"1.2.{numero}"))], pat.id)
        assert bilan.classes
    assert "plus récente" in bilan.classes[0].raison
    etats = {x.version_number: x.etat for x in documents_du_patient(ctx, pat.id).lignes}
    assert etats == {1: EtatLigne.REMPLACE, 2: EtatLigne.REMPLACE, 3: EtatLigne.AU_DOSSIER}


@pytest.mark.parametrize("second", [
    (2, "1.2.1"),  # same id, other bytes
    (1, "1.2.2"),  # same set and version, other id
])
def test_a_conflict_overwrites_nothing_and_waits(ctx: Contexte, pat: Patient,
                                                 second: tuple[int, str]) -> None:
    importation.importer(ctx, [("un.xml", version(1, "1.2.1"))], pat.id)
    bilan = importation.importer(ctx, [("deux.xml", version(*second))], pat.id)
    assert not bilan.classes and len(bilan.attente) == 1
    (ligne,) = classement.lister(ctx)
    assert ligne.entrant.verdict is VerdictEntrant.CONFLIT and ligne.entrant.motif
    with pytest.raises(Refus, match="Rien n’a été remplacé"):
        classement.classer(ctx, ligne.entrant.id, pat.id)
    with ctx.store.lecture() as u:
        (fiche,) = u.documents.lister(pat.id)
        assert u.documents.contenu(fiche.cda_sha256) == version(1, "1.2.1")
    assert len(classement.lister(ctx)) == 1


def test_a_document_of_somebody_else_waits_with_its_own_patient(ctx: Contexte,
                                                                pat: Patient) -> None:
    autre = ajouter(ctx, AUTRE)
    bilan = importation.importer(ctx, [("cr.xml", version(1, "1.2.1"))], autre.id)
    assert not bilan.classes and "identité" in bilan.attente[0].raison.lower()
    assert documents_du_patient(ctx, autre.id).lignes == ()
    (ligne,) = classement.lister(ctx)
    assert ligne.propose is not None and ligne.propose.id == pat.id
    assert ligne.entrant.traits == "PAT-TROIS DOMINIQUE"


def test_what_says_nothing_goes_where_it_was_dropped(ctx: Contexte, pat: Patient) -> None:
    bilan = importation.importer(ctx, [
        ("plaie_jambe.jpg", image()), ("radio.tif", image("TIFF", 3)), ("note.txt", b"INR \xe9"),
        ("lettre.rtf", rb"{\rtf1\ansi Bonjour \'e9t\'e9}"), ("bilan.pdf", f.PDF)], pat.id)
    assert len(bilan.classes) == 5 and not bilan.illisibles
    lignes = {x.titre: x for x in documents_du_patient(ctx, pat.id).lignes}
    jambe = affichage.afficher_local(ctx, lignes["plaie jambe"])
    assert jambe.pdf and jambe.original == image() and jambe.descriptible
    from app.documents.pages import nombre_pages
    radio = affichage.afficher_local(ctx, lignes["radio"])
    assert radio.pdf and nombre_pages(radio.pdf) == 3
    assert "INR é" in affichage.afficher_local(ctx, lignes["note"]).html
    assert "Bonjour été" in affichage.afficher_local(ctx, lignes["lettre"]).html
    again = importation.importer(ctx, [("autre nom.jpg", image())], pat.id)
    assert again.deja and not again.classes


@pytest.mark.parametrize(("nom", "octets"), [
    ("vide.pdf", b""), ("abime.jpg", b"\xff\xd8\xff" + b"x" * 40), ("x.exe", b"MZ\x00\x01"),
    ("mal.xml", b"<ClinicalDocument"), ("x.zip", b"PK\x03\x04abc"), ("n.txt", b"a\x00b"),
    ("bombe.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 30)])
def test_a_bad_file_is_said_and_the_others_go_on(ctx: Contexte, pat: Patient, nom: str,
                                                 octets: bytes) -> None:
    bilan = importation.importer(ctx, [(nom, octets), ("bon.pdf", f.PDF)], pat.id)
    assert len(bilan.classes) == 1 and bilan.illisibles[0].titre == nom
    assert bilan.illisibles[0].raison.endswith(".")


def test_missing_files_and_whole_folders(ctx: Contexte, pat: Patient, tmp_path: Path) -> None:
    dossier = tmp_path / "lot"
    dossier.mkdir()
    (dossier / "a.pdf").write_bytes(f.PDF)
    (dossier / ".cache").write_bytes(b"x")
    bilan = importation.importer_fichiers(ctx, [str(dossier), str(tmp_path / "rien.pdf")], pat.id)
    assert len(bilan.classes) == 1 and "ne peut pas être lu" in bilan.illisibles[0].raison
    for i in range(importation.FICHIERS_MAX + 1):
        (dossier / f"{i}.pdf").write_bytes(b"x")
    with pytest.raises(Refus, match="plusieurs fois"):
        importation.importer_fichiers(ctx, [str(dossier)], pat.id)


# --- One line for a CDA and its PDF; the producer's sheet -----------------------------------------

@pytest.mark.parametrize("fichiers", [
    [("IHE_XDM.ZIP", archive(DOC0001_XML=version(1, "1.2.1", f.corps_n3()),
                             DOC0001_PDF=f.PDF))],
    [("IHE_XDM.ZIP", archive(DOC0001_XML=version(1, "1.2.1", f.corps_n3()))),
     ("20260401_CR_PAT-TROIS.pdf", f.PDF)],
    [("a.pdf", f.PDF), ("a.xml", version(1, "1.2.1", f.corps_n3()))],
])
def test_a_cda_and_its_pdf_make_one_line(ctx: Contexte, pat: Patient,
                                         fichiers: list[tuple[str, bytes]]) -> None:
    bilan = importation.importer(ctx, fichiers, None)
    (attente,) = bilan.attente
    classement.classer(ctx, attente.entrant_id or 0, pat.id, accepte=True)
    (ligne,) = documents_du_patient(ctx, pat.id).lignes
    montre = affichage.afficher_local(ctx, ligne)
    assert montre.pdf == f.PDF and "Plaie propre" in montre.html


def test_another_pdf_beside_an_n1_is_kept_apart(ctx: Contexte, pat: Patient) -> None:
    joint = f.PDF + b"% autre\n%%EOF\n"
    importation.importer(ctx, [("a.xml", version(1, "1.2.1")), ("a.pdf", joint)], pat.id)
    (ligne,) = documents_du_patient(ctx, pat.id).lignes
    montre = affichage.afficher_local(ctx, ligne)
    assert montre.pdf == f.PDF and montre.pdf_joint == joint


def test_each_version_keeps_its_own_sheet(ctx: Contexte, pat: Patient) -> None:
    pi = b'<?xml-stylesheet type="text/xsl" href="./DOC0001.XSL"?><ClinicalDocument'
    for numero in (1, 2):
        cda = version(numero, f"1.2.{numero}", f.corps_n3()).replace(b"<ClinicalDocument", pi, 1)
        feuille = XSL.replace(b"producteur", f"producteur v{numero}".encode())
        bilan = importation.importer(
            ctx, [("x.zip", archive(DOC0001_XML=cda, DOC0001_XSL=feuille))], None)
        classement.classer(ctx, bilan.attente[0].entrant_id or 0, pat.id, accepte=True)
    deux = next(x for x in documents_du_patient(ctx, pat.id).lignes if x.version_number == 2)
    montre = affichage.afficher_local(ctx, deux)
    assert [(v.numero, v.courante) for v in montre.versions] == [(2, True), (1, False)]
    assert montre.feuille_annoncee
    assert "producteur v2" in affichage.presenter_producteur(ctx, montre).html
    un = affichage.afficher_version(ctx, montre.versions[1].document_id)
    assert "producteur v1" in affichage.presenter_producteur(ctx, un).html
    with ctx.store.lecture() as u:
        assert u.documents.pieces(deux.document_id or 0)[0].role is RolePiece.FEUILLE


# --- « À classer » ------------------------------------------------------------------------------

def test_filing_is_one_gesture_and_can_be_undone(ctx: Contexte, pat: Patient) -> None:
    importation.importer(ctx, [("cr.xml", version(1, "1.2.1"))], None,
                         OrigineDocument.MSSANTE)
    (ligne,) = classement.lister(ctx)
    assert ligne.entrant.verdict is VerdictEntrant.EXACT
    assert ligne.propose is not None and ligne.propose.id == pat.id
    detail = classement.detailler(ctx, ligne.entrant.id)
    assert detail.document.pdf == f.PDF and detail.propositions[0].patient.id == pat.id
    assert detail.propositions[0].sure
    fiche = classement.classer(ctx, ligne.entrant.id, pat.id)
    assert fiche.origine is OrigineDocument.MSSANTE and classement.nombre(ctx) == 0
    classement.annuler_classement(ctx, ligne.entrant.id)
    assert classement.nombre(ctx) == 1
    assert documents_du_patient(ctx, pat.id).lignes[0].etat is EtatLigne.SUPPRIME
    again = classement.classer(ctx, ligne.entrant.id, pat.id)
    assert again.id == fiche.id and again.etat is EtatDocument.VALIDE


def test_another_identity_must_be_accepted_and_another_ins_never_is(ctx: Contexte,
                                                                   pat: Patient) -> None:
    autre = ajouter(ctx, AUTRE)
    zoe = Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", "ZOE")
    ins = ajouter(ctx, statuts.controler_document(statuts.recuperer(
        Identite(zoe), zoe, "275126322074974", OID_NIR_TEST, (), "2026-01-01T08:00:00+01:00"),
        "CN"))
    importation.importer(ctx, [("cr.xml", version(1, "1.2.1"))], None)
    (ligne,) = classement.lister(ctx)
    with pytest.raises(Refus, match="diffère"):
        classement.classer(ctx, ligne.entrant.id, autre.id)
    with pytest.raises(Refus, match="autre"):
        classement.classer(ctx, ligne.entrant.id, ins.id, accepte=True)
    assert classement.nombre(ctx) == 1
    classement.classer(ctx, ligne.entrant.id, autre.id, accepte=True)
    assert len(documents_du_patient(ctx, autre.id).lignes) == 1


def test_a_scan_takes_what_the_user_says(ctx: Contexte, pat: Patient) -> None:
    importation.importer(ctx, [("scan_0001.pdf", f.PDF)], None, OrigineDocument.SCAN)
    (ligne,) = classement.lister(ctx)
    assert ligne.entrant.verdict is VerdictEntrant.SANS_IDENTITE and ligne.propose is None
    fiche = classement.classer(ctx, ligne.entrant.id, pat.id, type_code="57833-6",
                               titre="Ordonnance de kiné", date_acte="2026-02-03",
                               auteur="Dr EXEMPLE")
    assert (fiche.type_code, fiche.titre, fiche.date_acte, fiche.auteur, fiche.origine) == (
        "57833-6", "Ordonnance de kiné", "2026-02-03", "Dr EXEMPLE", OrigineDocument.SCAN)


def test_a_cda_keeps_its_own_values_whatever_is_typed(ctx: Contexte, pat: Patient) -> None:
    importation.importer(ctx, [("cr.xml", version(1, "1.2.1"))], None)
    (ligne,) = classement.lister(ctx)
    fiche = classement.classer(ctx, ligne.entrant.id, pat.id, titre="Faux", type_code="X")
    assert (fiche.titre, fiche.type_code) == ("Compte rendu", "11506-3")


def test_put_aside_needs_a_reason_and_can_be_undone(ctx: Contexte, pat: Patient) -> None:
    importation.importer(ctx, [("pub.pdf", f.PDF)], None)
    (ligne,) = classement.lister(ctx)
    with pytest.raises(Refus):
        classement.ecarter(ctx, ligne.entrant.id, " ")
    classement.ecarter(ctx, ligne.entrant.id, "Publicité")
    assert classement.lister(ctx) == ()
    (aside,) = classement.lister_ecartes(ctx)
    assert aside.entrant.motif == "Publicité" and aside.entrant.traite_le
    assert classement.detailler(ctx, aside.entrant.id).document.pdf == f.PDF
    classement.remettre(ctx, ligne.entrant.id)
    assert classement.nombre(ctx) == 1 and classement.lister_ecartes(ctx) == ()
    with pytest.raises(Refus, match="n’est plus écarté"):
        classement.remettre(ctx, ligne.entrant.id)
    assert classement.nombre(ctx) == 1


def test_a_notice_of_deletion_files_nothing(ctx: Contexte, pat: Patient) -> None:
    from app.documents.fichiers import DocumentRecu
    from app.documents.reader import lire

    (lu,) = lire(version(1, "1.2.1"))
    recu = DocumentRecu("x.zip", "text/xml", lu.contenu, replace(lu, action="D"))
    bilan = importation._importer_un(ctx, recu, pat.id, OrigineDocument.MSSANTE,
                                      importation._InsRecues(ctx))
    assert "suppression" in bilan.attente[0].raison
    assert documents_du_patient(ctx, pat.id).lignes == ()


def test_a_local_deletion_keeps_its_trace_and_comes_back(ctx: Contexte, pat: Patient) -> None:
    importation.importer(ctx, [("cr.xml", version(1, "1.2.1"))], pat.id)
    with ctx.store.lecture() as u:
        (fiche,) = u.documents.lister(pat.id)
    suites_documents.supprimer_localement(ctx, fiche.id, "Supprimé à la source")
    assert documents_du_patient(ctx, pat.id).lignes[0].etat is EtatLigne.SUPPRIME
    assert suites_documents.retablir(ctx, fiche.id).etat is EtatDocument.VALIDE
    suites_documents.supprimer_localement(ctx, fiche.id, "x")
    bilan = importation.importer(ctx, [("cr.xml", version(1, "1.2.1"))], pat.id)
    assert bilan.classes[0].document_id == fiche.id


def test_what_comes_in_leaves_its_line_in_the_trail(ctx: Contexte, pat: Patient) -> None:
    """Filed, put in waiting, filed later: each says who, and on whom once it is known."""
    importation.importer(ctx, [("a.xml", version(1, "1.2.250.1.999.1.1.1.70"))], pat.id)
    importation.importer(ctx, [("b.txt", b"sans identite")], None)
    with ctx.store.lecture() as u:
        lignes = {x.quoi: x for x in u.trail.lister(20)}
    assert lignes["document.import"].sur_qui == str(pat.id)
    assert lignes["document.attente"].resultat == "sans_identite"
    assert {x.qui for x in (lignes["document.import"], lignes["document.attente"])} == {ctx.qui}
