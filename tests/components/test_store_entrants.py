"""Documents that wait to be filed, files kept with a document, fate at the source: both engines."""

from typing import Any

import pytest

from app.domain.document import OrigineDocument, RolePiece, Suivi, SuiviSource
from app.domain.entrant import Entrant, EtatEntrant, VerdictEntrant
from app.store.errors import ConflitVersion
from tests.components.test_store_repositories import d as d
from tests.components.test_store_repositories import store as store
from tests.store_outils import Decor, fiche


def entrant(**autres: Any) -> Entrant:
    """A scan that waits."""
    valeurs: dict[str, Any] = {"id": 0, "recu_le": "", "origine": OrigineDocument.SCAN,
                               "nom": "scan.pdf", "mime": "application/pdf", "sha256": ""}
    return Entrant(**(valeurs | autres))


def test_the_same_bytes_wait_once_and_come_back_after_being_put_aside(d: Decor) -> None:
    with d.store.ecriture() as u:
        premier, neuf = u.entrants.ajouter(entrant(), b"%PDF-1", feuille=b"<x/>", joint=b"%PDF-2")
        assert neuf and u.entrants.contenu(premier.sha256) == b"%PDF-1"
        assert u.entrants.contenu(premier.feuille_sha256) == b"<x/>"
        meme, neuf = u.entrants.ajouter(entrant(nom="copie.pdf"), b"%PDF-1")
        assert not neuf and meme.id == premier.id and u.entrants.nombre() == 1
        u.entrants.terminer(premier.id, EtatEntrant.ECARTE, qui="Moi", version=premier.version,
                            motif="Hors sujet")
        assert u.entrants.attente() == []
        assert u.entrants.lire(premier.id).motif == "Hors sujet"
        _, neuf = u.entrants.ajouter(entrant(), b"%PDF-1")
        assert neuf


def test_two_workstations_do_not_file_the_same_line(d: Decor) -> None:
    with d.store.ecriture() as u:
        ligne, _ = u.entrants.ajouter(entrant(verdict=VerdictEntrant.EXACT), b"x")
        u.entrants.modifier(ligne.id, version=ligne.version, patient_id=d.patient)
    with d.store.ecriture() as u, pytest.raises(ConflitVersion):
        u.entrants.terminer(ligne.id, EtatEntrant.CLASSE, qui="Moi", version=ligne.version)


def test_pieces_versions_and_bytes_find_their_document(d: Decor) -> None:
    with d.store.ecriture() as u:
        un = u.documents.ajouter(fiche(d.patient, "1.2.3", "1.2"), cda=b"<v1/>", pdf=None)
        u.documents.ajouter_piece(un.id, RolePiece.FEUILLE, b"<xsl1/>", nom="DOC.XSL")
        u.documents.ajouter_piece(un.id, RolePiece.FEUILLE, b"<autre/>")
        deux = u.documents.ajouter(fiche(d.patient, "1.2.4", "1.2", 2), cda=b"<v2/>", pdf=None)
        image = u.documents.ajouter(fiche(d.patient), cda=None, pdf=None)
        u.documents.ajouter_piece(image.id, RolePiece.FICHIER, b"JPEG", mime="image/jpeg")
        (piece,) = u.documents.pieces(un.id)
        assert (piece.role, piece.nom) == (RolePiece.FEUILLE, "DOC.XSL")
        assert u.documents.contenu(piece.sha256) == b"<xsl1/>"
        assert [v.id for v in u.documents.versions("1.2", d.patient)] == [deux.id, un.id]
        trouve = u.documents.par_empreinte(u.documents.pieces(image.id)[0].sha256)
        assert trouve is not None and trouve.id == image.id
        assert u.documents.par_empreinte("0" * 64) is None
        decrit = u.documents.decrire(image.id, type_code="18748-4", titre="Radio",
                                     date_acte="2026-02-03", auteur="Dr X", version=image.version)
        assert (decrit.titre, decrit.date_acte) == ("Radio", "2026-02-03")


def test_the_fate_at_the_source_is_written_over(d: Decor) -> None:
    with d.store.ecriture() as u:
        un = u.documents.ajouter(fiche(d.patient, "1.2.3", "1.2"), cda=b"<v1/>", pdf=None)
        u.documents.noter_suivi(Suivi(un.id, SuiviSource.REMPLACE, "1.2.9"))
        u.documents.noter_suivi(Suivi(un.id, SuiviSource.SUPPRIME))
        suivi = u.documents.suivis(d.patient)[un.id]
        assert (suivi.etat, suivi.remplacant) == (SuiviSource.SUPPRIME, "")
        assert suivi.verifie_le and u.documents.suivis(d.patient + 1) == {}
