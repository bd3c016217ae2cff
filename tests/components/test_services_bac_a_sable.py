"""INSi and DMP for real: our clients, through the proxy, against doubles that share no code."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from services_outils import VITE, attendu_avant

from app.cli.serveurs import BacASable, NavigateurSimule
from app.documents.cda import rendre_cda_n1
from app.documents.model import DocumentClinique, Paragraphe, patient_document
from app.documents.oids import CategorieOid, nouvel_oid, racine_patients
from app.documents.types import type_document
from app.documents.xds import entree_depuis_cda
from app.domain.dmp import AutorisationDmp, EtatDmp
from app.domain.identity import OID_NIR, Beneficiaire, Identite, StatutIdentite, Traits
from app.domain.people import Professionnel, ProfilUtilisateur, Structure
from app.services.appel import TraceAppel
from app.services.dmp import AccesDmp, ClientDmp
from app.services.errors import (
    Annule,
    ErreurService,
    Indisponible,
    Invalide,
    Refuse,
    Rejete,
    Remede,
    SessionExpiree,
)
from app.services.insi import ClientInsi, IdentiteLogiciel
from app.services.meteo import Meteo
from app.services.proxy_client import ProxyClient
from app.services.signature import Signataire

RACINE = "1.2.250.1.999.1.1"
LOGICIEL = IdentiteLogiciel(nom="Pléiade", version="0.1.0", instance=RACINE, idam="NUMAUTOR0000",
                            homologation_dmp="BAC-A-SABLE-0000", oid=RACINE)
ZOE = Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", prenoms="ZOE")
MATRICULE = "275126322074974"


class Maison:
    """The clients of one connected professional."""

    def __init__(self, bac: BacASable) -> None:
        pki = Path(bac.bac.etat["pki"])
        self.bac = bac
        self.proxy = ProxyClient(bac.proxy.etat["url"], bac.bac.etat["ca"], meteo=Meteo())
        self.proxy.connecter_navigateur(NavigateurSimule(bac).ouvrir)
        self.profil: ProfilUtilisateur = self.proxy.profil()
        signataire = Signataire((pki / "installation.key").read_bytes(),
                                (pki / "installation.pem").read_bytes())
        self.traces: list[TraceAppel] = []
        self.insi = ClientInsi(self.proxy, LOGICIEL, signataire, journal=self.traces.append,
                               reprises=VITE)
        self.dmp = ClientDmp(self.proxy, LOGICIEL, signataire, journal=self.traces.append,
                             reprises=VITE)
        situation = self.profil.situations[0]
        self.professionnel = Professionnel(self.profil.subject_name_id, self.profil.nom,
                                           self.profil.prenom, situation.profession)
        self.structure = Structure(situation.structure_identifiant, situation.structure_nom,
                                   situation.secteur)
        self.situation = situation

    def acces(self, matricule: str = MATRICULE, mode: str = "normal", motif: str = "") -> AccesDmp:
        return AccesDmp(self.professionnel, self.structure, self.situation.secteur, self.situation,
                        matricule, OID_NIR, mode, motif)

    def panne(self, service: str, operation: str, genre: str, valeur: Any = None,
              fois: int = 1) -> None:
        httpx.post(f"{self.bac.controle}/controle/pannes", json={
            "service": service, "operation": operation, "type": genre, "valeur": valeur,
            "fois": fois}).raise_for_status()

    def journal(self, service: str) -> list[dict[str, Any]]:
        lu = httpx.get(f"{self.bac.controle}/controle/journal", params={"service": service})
        return list(lu.json() if isinstance(lu.json(), list) else lu.json()["appels"])

    def document(self, matricule: str = MATRICULE) -> tuple[DocumentClinique, bytes]:
        modele = type_document("compte-rendu-soins")
        instant = datetime.now(timezone(timedelta(hours=1))).replace(microsecond=0)
        identite = Identite(ZOE, StatutIdentite.QUALIFIEE, matricule, OID_NIR)
        doc = DocumentClinique(
            id=nouvel_oid(RACINE, CategorieOid.DOCUMENT),
            set_id=nouvel_oid(RACINE, CategorieOid.ENSEMBLE), type_code=modele.type_code,
            type_libelle=modele.libelle, code_system=modele.code_system, titre="Passage du jour",
            date_creation=instant, date_acte=instant,
            patient=patient_document(identite, "7", racine_patients(RACINE)),
            auteur=self.professionnel, structure=self.structure,
            corps=(Paragraphe("Plaie propre."),))
        return doc, rendre_cda_n1(doc, b"%PDF-1.4 essai de depot")


@pytest.fixture(scope="module")
def connectee(servers: BacASable) -> Iterator[list[Maison]]:
    """One login for many tests: the proxy limits the logins of an address."""
    maisons = [Maison(servers)]
    yield maisons
    for maison in maisons:
        maison.proxy.fermer()


@pytest.fixture
def maison(servers: BacASable, connectee: list[Maison]) -> Maison:
    """A connected house, no fault, an empty journal."""
    for chemin in ("pannes", "journal"):
        httpx.delete(f"{servers.controle}/controle/{chemin}").raise_for_status()
    if connectee[-1].proxy.session is None:
        connectee.append(Maison(servers))
    maison = connectee[-1]
    maison.traces.clear()
    maison.proxy.meteo.rearmer()
    return maison


# --- Session --------------------------------------------------------------------------------

def test_who_is_connected(maison: Maison) -> None:
    session = maison.proxy.session
    assert session is not None
    assert session.subject_name_id == maison.profil.subject_name_id == "899700000016"
    assert session.expire_le > datetime.now(UTC)
    assert maison.situation.profession == "60"
    assert maison.proxy.jeton_psc()[0].count(".") == 2
    maison.proxy.deconnecter()
    with pytest.raises(SessionExpiree):
        maison.insi.par_traits(ZOE, "ZOE", avec_cog=False, emetteur=maison.profil)


def _appareil(bac: BacASable, **decision: Any) -> None:
    httpx.post(f"{bac.controle}/controle/psc/appareil", json=decision).raise_for_status()


def test_ciba(servers: BacASable) -> None:
    client = ProxyClient(servers.proxy.etat["url"], servers.bac.etat["ca"])
    _appareil(servers, decision="approuver", delai_s=0.1)  # short: the telephone's
    session = client.connecter_ciba("899700000016", "07", "MOBILE")
    assert session.subject_name_id == "899700000016"
    assert client.connecter_ciba("899700000016", "08", "MOBILE") == session
    assert client.profil().nom == "MOREAU"
    client.deconnecter()
    _appareil(servers, decision="refuser", delai_s=0.1)  # short: the telephone's
    with pytest.raises(Refuse) as refus:
        client.connecter_ciba("899700000016", "09", "CARD")
    assert refus.value.remede is Remede.SE_CONNECTER
    with pytest.raises(Rejete):
        client.connecter_ciba("899799999999", "09", "CARD")
    client.fermer()


def test_ciba_given_up(servers: BacASable) -> None:
    client = ProxyClient(servers.proxy.etat["url"], servers.bac.etat["ca"])
    _appareil(servers, decision="ignorer")
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with attendu_avant(), pytest.raises(Annule):
        client.connecter_ciba("899700000024", "07", "MOBILE", stop.is_set)
    assert client.session is None
    client.fermer()


# --- INSi -----------------------------------------------------------------------------------

def test_the_official_identities(maison: Maison) -> None:
    reponse = maison.insi.par_traits(ZOE, "ZOE", avec_cog=False, emetteur=maison.profil)
    assert (reponse.code, reponse.recuperable, reponse.automatique) == ("00", True, True)
    assert reponse.identite is not None
    assert (reponse.identite.matricule_ins, reponse.identite.oid) == (MATRICULE, OID_NIR)
    assert reponse.identite.traits.prenoms == "ZOE"
    assert maison.journal("insi")[-1]["signature"].endswith("rsa-sha256")


@pytest.mark.parametrize(("traits", "essais"), [
    (Traits("DE VINCI", "LEONARDO", "2014-02-01", "M", "63220"),
     [("LEONARDO", False, "02"), ("LEONARDO", True, "00")]),
    (Traits("TCHITCHI", "OLA", "1936-06-21", "F", "63220"),
     [("OLA", False, "01"), ("CATARINA", False, "00")]),
    (Traits("HOUILLES", "PIERRE", "1993-01-27", "M", ""),
     [("PIERRE", False, "01"), ("PIERRE PAUL JACQUES", False, "01")]),
    (Traits("D'ARTAGNAN DE L'HERAULT", "PIERRE-ALAIN", "2001-06-17", "M", "63220"),
     [("PIERRE-ALAIN", False, "00")]),
])
def test_the_scenarios_of_the_cnda(maison: Maison, traits: Traits,
                                   essais: list[tuple[str, bool, str]]) -> None:
    for prenom, avec_cog, code in essais:
        assert maison.insi.par_traits(traits, prenom, avec_cog=avec_cog,
                                      emetteur=maison.profil).code == code


@pytest.mark.parametrize(("nom", "prenom", "ne_le", "sexe", "recuperable", "automatique"), [
    ("JOURZERO", "MARIE", "1948-00-00", "F", False, False),
    ("SANSLISTE", "HENRI", "1962-11-05", "M", False, False),
    ("LUNAIRE", "FATIMA", "1942-19-01", "F", True, False),
    ("HERMANN", "GATIEN", "1981-03-24", "M", True, True),
    ("ECETINSI", "PIERRE-ALAIN", "2009-07-14", "M", True, True),
])
def test_the_odd_ones(maison: Maison, nom: str, prenom: str, ne_le: str, sexe: str,
                      recuperable: bool, automatique: bool) -> None:
    reponse = maison.insi.par_traits(Traits(nom, prenom, ne_le, sexe, ""), prenom,
                                     avec_cog=False, emetteur=maison.profil)
    assert (reponse.code, reponse.recuperable, reponse.automatique) == (
        "00", recuperable, automatique)
    if not automatique:
        assert reponse.alertes


def test_by_card(maison: Maison) -> None:
    carte = Beneficiaire("ADRUN", "ZOE", "19751231", MATRICULE)
    reponse = maison.insi.par_carte(carte, emetteur=maison.profil)
    assert reponse.identite is not None and reponse.identite.matricule_ins == MATRICULE


def test_verification(maison: Maison) -> None:
    identite = Identite(ZOE, StatutIdentite.QUALIFIEE, MATRICULE, OID_NIR)
    assert maison.insi.verifier(identite, emetteur=maison.profil) is True
    faux = Identite(Traits("ADRUN", "ZOE", "1975-12-30", "F", "63220", prenoms="ZOE"),
                    StatutIdentite.QUALIFIEE, MATRICULE, OID_NIR)
    assert maison.insi.verifier(faux, emetteur=maison.profil) is False


# --- DMP ------------------------------------------------------------------------------------

def test_the_main_job(maison: Maison) -> None:
    acces = maison.acces()
    etat = maison.dmp.tester_existence(acces)
    assert etat.existe and etat.ouvert
    if etat.autorisation in (AutorisationDmp.NON_EXISTE, AutorisationDmp.EXPIRE):
        maison.dmp.autoriser(acces)
    assert maison.dmp.tester_existence(acces).autorisation is AutorisationDmp.VALIDE
    fiches = maison.dmp.chercher(acces)
    assert fiches and all(f.unique_id and f.entry_uuid and f.type_code for f in fiches)
    assert {f.patient_ins for f in fiches} == {MATRICULE}
    for fiche in fiches[:3]:
        recu = maison.dmp.recuperer(acces, fiche.unique_id, fiche.repository_id, fiche)
        assert hashlib.sha1(recu.contenu).hexdigest() == fiche.hash_sha1
        assert b"ClinicalDocument" in recu.contenu
    assert len(maison.dmp.chercher(acces, date(2999, 1, 1))) == 0

    doc, cda = maison.document()
    assert maison.dmp.par_unique_id(acces, doc.id) == []
    maison.dmp.alimenter(acces, [(entree_depuis_cda(cda), cda)], "Passage du jour")
    reference, = maison.dmp.par_unique_id(acces, doc.id)
    assert reference.entry_uuid.startswith("urn:uuid:")
    assert maison.dmp.recuperer(acces, doc.id).contenu == cda
    with pytest.raises(Rejete) as refus:
        maison.dmp.alimenter(acces, [(entree_depuis_cda(cda), cda)], "Passage du jour")
    assert refus.value.code == "XDSDuplicateUniqueIdInRegistry"
    depot = next(a for a in maison.journal("dmp") if a["operation"] == "TD2.1")
    assert depot["statut"] == 200
    assert {t.resultat for t in maison.traces[:-1]} == {"ok"}
    assert not any(MATRICULE in repr(t) for t in maison.traces)


def _autorise(maison: Maison) -> EtatDmp:
    acces = maison.acces()
    maison.dmp.autoriser(acces)
    return maison.dmp.tester_existence(acces)


@pytest.mark.parametrize(("operation", "genre", "valeur", "attendu", "code"), [
    ("TD0.2", "http", 503, Indisponible, "HTTP 503"),
    ("TD0.2", "html", 503, Indisponible, "HTTP 503"),
    ("TD0.2", "html", 200, Indisponible, "HTTP 200"),
    ("TD0.2", "coupure", "avant", Indisponible, None),
    ("TD0.2", "fault", "DMPInvalidCertificate", Refuse, "DMPInvalidCertificate"),
    ("TD0.2", "relates_to", None, Invalide, ""),
    ("TD0.2", "autre_patient", None, Invalide, ""),
    ("TD0.2", "xml_bombe", "entites", Invalide, ""),
    ("TD0.2", "xml_bombe", "externe", Invalide, ""),
    ("TD0.2", "xml_bombe", "profondeur", Invalide, ""),
    ("TD0.2", "xml_invalide", None, Invalide, ""),
    ("TD0.2", "jeton_expire", None, SessionExpiree, None),
    ("TD0.3", "code", "DMPAccessDenied", Refuse, "DMPAccessDenied"),
    ("TD3.1", "fault", "DMPAccessDeniedByRightsService", Refuse, "DMPAccessDeniedByRightsService"),
    ("TD3.1", "code", "XDSTooManyResults", Rejete, "XDSTooManyResults"),
    ("TD3.1", "code", "CodeDeDemain", Rejete, "CodeDeDemain"),
    ("TD3.1", "occupe", None, Indisponible, "XDSRegistryBusy"),
    ("TD3.1", "coupure", "milieu", Indisponible, None),
    ("TD3.2", "tronque", None, Invalide, ""),
    ("TD3.2", "cid_manquant", None, Invalide, "PARTIE-ABSENTE"),
    ("TD3.2", "hash_faux", "contenu", Invalide, None),
    ("TD3.2", "fault", {"code": "XDSDocumentUniqueIdError", "multipart": True}, Rejete,
     "XDSDocumentUniqueIdError"),
    ("TD2.1", "coupure", "apres", Indisponible, None),
    ("TD2.1", "coupure", "avant", Indisponible, None),
    ("TD2.1", "html", 503, Indisponible, "HTTP 503"),
    ("TD2.1", "relates_to", None, Indisponible, ""),
    ("TD2.1", "occupe", None, Indisponible, "XDSRepositoryBusy"),
    ("TD2.1", "code", "XDSRegistryMetadataError", Rejete, "XDSRegistryMetadataError"),
    ("TD2.1", "fault", "DMPInvalidCertificate", Refuse, "DMPInvalidCertificate"),
])
def test_every_fault_of_the_panel(maison: Maison, operation: str, genre: str, valeur: Any,
                                  attendu: type[ErreurService], code: str | None) -> None:
    _autorise(maison)
    acces = maison.acces()
    fiche = maison.dmp.chercher(acces)[0]
    doc, cda = maison.document()
    appels = {"TD0.2": lambda: maison.dmp.tester_existence(acces),
              "TD0.3": lambda: maison.dmp.autoriser(acces),
              "TD3.1": lambda: maison.dmp.chercher(acces),
              "TD3.2": lambda: maison.dmp.recuperer(acces, fiche.unique_id, attendu=fiche),
              "TD2.1": lambda: maison.dmp.alimenter(acces, [(entree_depuis_cda(cda), cda)], "T")}
    maison.panne("dmp", operation, genre, valeur, fois=-1)
    with attendu_avant(), pytest.raises(ErreurService) as leve:
        appels[operation]()
    erreur = leve.value
    assert type(erreur) is attendu, erreur.message
    assert erreur.message.endswith((".", ")", "…")) and not erreur.message.isascii()
    assert erreur.remede or attendu is Refuse or code == "XDSTooManyResults" \
        or code == "XDSDocumentUniqueIdError"
    if code is not None:
        assert erreur.code == code
    httpx.delete(f"{maison.bac.controle}/controle/pannes").raise_for_status()
    if operation == "TD2.1":
        present = bool(maison.dmp.par_unique_id(acces, doc.id))
        # Never « surely not sent » when the document is there.
        assert erreur.incertain or not present
    maison.proxy.meteo.rearmer()
    if maison.proxy.session is not None:
        assert maison.dmp.tester_existence(acces).existe


def test_busy_thrice_then_success(maison: Maison) -> None:
    _autorise(maison)
    maison.panne("dmp", "TD3.1", "occupe", fois=3)
    assert maison.dmp.chercher(maison.acces())
    assert [a["operation"] for a in maison.journal("dmp")].count("TD3.1") == 4


@pytest.mark.parametrize(("genre", "valeur", "attendu"), [
    ("http", 503, Indisponible), ("html", 503, Indisponible), ("coupure", "apres", Indisponible),
    ("fault", {"code": "desir_550", "texte": "IDAM"}, Refuse), ("fault", "insi_900", Rejete),
    ("relates_to", None, Invalide), ("xml_bombe", "entites", Invalide),
    ("xml_invalide", None, Invalide), ("code", "77", Rejete)])
def test_every_fault_of_insi(maison: Maison, genre: str, valeur: Any,
                             attendu: type[ErreurService]) -> None:
    maison.panne("insi", "recherche_traits", genre, valeur, fois=-1)
    with attendu_avant(), pytest.raises(ErreurService) as leve:
        maison.insi.par_traits(ZOE, "ZOE", avec_cog=False, emetteur=maison.profil)
    assert type(leve.value) is attendu, leve.value.message
    assert leve.value.message.endswith((".", ")")) and leve.value.remede


def test_a_slow_dmp_can_be_given_up(maison: Maison) -> None:
    maison.panne("dmp", "TD0.2", "delai", 8)
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with attendu_avant(), pytest.raises(Annule):
        maison.dmp.tester_existence(maison.acces(), stop.is_set)


def test_bris_de_glace(maison: Maison) -> None:
    acces = maison.acces(mode="bris_de_glace", motif="Patient inconscient")
    assert maison.dmp.chercher(acces)
    with pytest.raises(Refuse):
        maison.dmp.autoriser(acces)
    assert {t.mode for t in maison.traces} == {"bris_de_glace"}
