"""Chapter 1 INS: what leaves and what is shown (CDA, print, banner); the appli carte Vitale."""

from typing import TYPE_CHECKING

import httpx
import pypdfium2
import pytest
from lxml import etree
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox

from app.domain import matricule
from app.domain.identity import OID_NIR, ModeQualification, StatutIdentite
from app.ui.views.apcv import DialogueApcv
from app.ui.views.dossier import PageDossier
from app.usecases import patients
from tests.scenarios.ins_outils import (
    MATRICULE_ADRUN,
    attendre_statut,
    document_controle,
    id_de,
    identite,
    qualifiee,
)
from tests.scenarios.test_geste_principal import rediger

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

RECUPEREE, QUALIFIEE = StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE
V3 = {"c": "urn:hl7-org:v3"}


def dernier_document(poste: "Poste", patient_id: int) -> tuple[bytes, bytes]:
    """CDA and PDF of the newest document of a file."""
    with poste.ctx.store.lecture() as u:
        fiche = u.documents.lister(patient_id)[0]
        return u.documents.contenu(fiche.cda_sha256), u.documents.contenu(fiche.pdf_sha256)


def texte_pdf(pdf: bytes) -> str:
    """Words of the first page."""
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    return str(page.get_text_range()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.exigence("INS/va1.53", "INS/va1.15",
                      titre="CDA et impression : traits seuls si récupérée, INS si qualifiée")
def test_what_leaves_at_each_status(connecte: "Poste", preuve: "Preuve") -> None:
    """Récupérée: the CDA and the PDF carry traits only. Qualifiée: matricule, OID, its nature and
    the unambiguous labels of rule 32, and the datamatrix."""
    import io

    import zxingcpp

    poste, pilote = connecte, connecte.pilote
    corse = poste.dossier("CORSE")
    attendre_statut(poste, corse, RECUPEREE)
    assert identite(poste, corse).matricule_ins == "180032B02040123"
    rediger(poste, "Pansement refait.", "Valider et retenir")
    cda, pdf = dernier_document(poste, corse)
    preuve.fichier("recuperee.xml", cda)
    preuve.fichier("recuperee.pdf", pdf)
    racines = etree.fromstring(cda).xpath("//c:recordTarget/c:patientRole/c:id/@root",
                                          namespaces=V3)
    assert not set(racines) & matricule.OIDS_INS
    assert b"180032B020401" not in cda and b"CORSE" in cda
    mots = texte_pdf(pdf)
    assert "80 03 2B" not in mots and "180032B" not in mots and "Matricule INS" not in mots
    pilote.capturer("recuperee-document-sans-ins")
    page = poste.application.fenetre.page("dossier")
    assert isinstance(page, PageDossier)
    page.aller("synthese")
    document_controle(poste)
    attendre_statut(poste, corse, QUALIFIEE)
    rediger(poste, "Pansement refait, plaie sèche.", "Valider et retenir")
    cda, pdf = dernier_document(poste, corse)
    preuve.fichier("qualifiee.xml", cda)
    preuve.fichier("qualifiee.pdf", pdf)
    (premier, *_) = etree.fromstring(cda).xpath("//c:recordTarget/c:patientRole/c:id",
                                                namespaces=V3)
    assert (premier.get("root"), premier.get("extension")) == (OID_NIR, "180032B02040123")
    mots = texte_pdf(pdf)
    for libelle in ("Nom de naissance", "1er prénom de naissance", "Date de naissance", "Sexe",
                    "Matricule INS", "(NIR)", "INS à scanner"):
        assert libelle in mots, libelle
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil()
    lus = [code.bytes for code in zxingcpp.read_barcodes(image)]
    assert any(b"S1180032B02040123" in x for x in lus)
    tampon = io.BytesIO()
    image.resize((image.width // 3, image.height // 3)).save(tampon, "PNG")
    preuve.fichier("qualifiee-page.png", tampon.getvalue())


@pytest.mark.exigence("INS/va1.36", titre="Bandeau : quatre traits toujours là, le reste au choix")
def test_banner_and_its_settings(poste: "Poste") -> None:
    """The four traits can't be hidden; the optional ones are switched by the settings and follow
    at once in the banner."""
    pilote = poste.pilote
    poste.ouvrir()
    adrun = qualifiee(poste, "ADRUN ZOE", MATRICULE_ADRUN)
    poste.dossier("ADRUN ZOE")
    attendre_statut(poste, adrun, QUALIFIEE)
    for libelle in ("Nom de naissance", "1er prénom de naissance", "Date de naissance", "Sexe",
                    "Matricule INS"):
        assert pilote.voit(libelle), libelle
    assert pilote.voit("(NIR)") and not pilote.voit("1.2.250.1.213.1.4.8")
    pilote.capturer("bandeau-par-defaut")
    poste.application.fenetre.aller("reglages_identite")
    pilote.attendre(lambda: pilote.voit("MOREAU"), "réglages lus")
    pilote.attendre(lambda: {"OID, bandeau", "Prénoms de naissance, bandeau",
                             "Nom utilisé, bandeau"} <= {
        c.accessibleName() for c in pilote.visibles(QCheckBox)}, "cases")
    noms = {c.accessibleName() for c in pilote.visibles(QCheckBox)}
    assert not any(n.startswith(("Nom de naissance", "1er prénom", "Date de naissance", "Sexe"))
                   for n in noms)
    assert pilote.voit("le sont toujours")
    for trait in ("OID", "Prénoms de naissance"):
        pilote.cocher(f"{trait}, bandeau")
    pilote.cocher("Matricule INS, bandeau")
    pilote.capturer("reglages-du-bandeau")
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: not pilote.bouton("Enregistrer"), "enregistré")
    poste.application.fenetre.aller("dossier")
    poste.assemblage.dossier.actualiser()
    pilote.attendre(lambda: pilote.voit("1.2.250.1.213.1.4.8"), "OID au bandeau")
    assert not pilote.voit("2 75 12 63 220 749 74")
    for court, long in (("N. Nais.", "Nom de naissance"), ("Pr. 1", "1er prénom de naissance"),
                        ("DDN", "Date de naissance"), ("S.", "Sexe")):
        # Narrow window: the short forms of rule 3, the long ones a hover away.
        assert pilote.voit(court) or pilote.voit(long), long
    pilote.capturer("bandeau-choisi")


@pytest.mark.exigence("SC.INS.04", titre="Appli carte Vitale : qualifiée aussitôt")
def test_appli_carte_vitale_qualifies_at_once(connecte: "Poste") -> None:
    """QR code read: the file opens, qualifiée, with « ApCV » in its history; an unknown person is
    created qualified; a physical carte Vitale only gives récupérée."""
    poste, pilote = connecte, connecte.pilote
    adrun = id_de(poste, "ADRUN ZOE")
    with poste.geste("Lire l’appli carte Vitale"):
        pilote.touche(Qt.Key.Key_F4)
        pilote.attendre(lambda: pilote.visibles(DialogueApcv), "dialogue")
        pilote.capturer("apcv-attente-du-code")
        montrer_qr(poste, "ADRUN")
    attendre_statut(poste, adrun, QUALIFIEE)
    assert identite(poste, adrun).mode_qualification is ModeQualification.APCV
    pilote.capturer("apcv-qualifiee")
    poste.assemblage.vigilance.ouvrir_historique(adrun)
    pilote.attendre(lambda: pilote.voit("ppli carte Vitale"), "source dans l’historique")
    pilote.capturer("apcv-historique")
    assert poste.journal("insi") == []  # no other call was needed
    # Unknown to the practice: created, qualified, in the same gesture.
    pilote.touche(Qt.Key.Key_F4)
    pilote.attendre(lambda: pilote.visibles(DialogueApcv), "dialogue")
    montrer_qr(poste, "KERVELLA")
    pilote.attendre(lambda: patients.chercher(poste.ctx, "KERVELLA"), "dossier créé")
    kervella = id_de(poste, "KERVELLA")
    pilote.attendre(lambda: poste.assemblage.dossier.montre(kervella), "dossier ouvert")
    attendre_statut(poste, kervella, QUALIFIEE)
    pilote.attendre(lambda: not pilote.visibles(DialogueApcv), "dialogue fermé")
    pilote.capturer("apcv-nouveau-patient-qualifie")
    # The plastic card: récupérée only.
    laurent = id_de(poste, "ADRDEUX")
    poste.carte("LAURENT")
    attendre_statut(poste, laurent, RECUPEREE)
    pilote.capturer("carte-physique-recuperee")


def montrer_qr(poste: "Poste", utilisateur: str) -> None:
    """The patient shows the code of the appli to the camera."""
    qr = httpx.post(f"{poste.bac.controle}/controle/apcv/qr",
                    json={"scenario": "seul", "utilisateur": utilisateur}).json()["qr"]
    poste.assemblage.apcv.code(qr)
