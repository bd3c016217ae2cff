"""DMP: what is sent in each transaction, what is understood, every way it has of saying no."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from documents_valeurs import ADRUN, CABINET, INFIRMIERE, document
from lxml import etree
from services_outils import (
    ACCES,
    LOGICIEL,
    MATRICULE,
    OID,
    VITE,
    Envoi,
    TransportScript,
    faute,
    repondre,
    signataire,
    soap12,
)

from app.documents.cda import rendre_cda_n1
from app.documents.xds import EntreeXds, entree_depuis_cda
from app.domain.dmp import AutorisationDmp, StatutFiche, VisibiliteDmp
from app.services import mtom
from app.services.appel import TraceAppel
from app.services.dmp import AccesDmp, ClientDmp
from app.services.dmp_recherche import date_xds, lire_reponse_recherche
from app.services.errors import (
    Annule,
    ClasseErreur,
    ErreurService,
    Indisponible,
    Invalide,
    Refuse,
    Rejete,
    Remede,
    SessionExpiree,
)
from app.services.transport import Reponse
from app.services.xades import empreinte_cda

NS = {"s": "http://www.w3.org/2003/05/soap-envelope", "h": "urn:hl7-org:v3",
      "a": "http://www.w3.org/2005/08/addressing", "z": "urn:si-dmp-habilitations",
      "q": "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0", "x": "urn:ihe:iti:xds-b:2007",
      "r": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
      "xop": "http://www.w3.org/2004/08/xop/include",
      "saml": "urn:oasis:names:tc:SAML:2.0:assertion", "d": "http://www.w3.org/2000/09/xmldsig#"}
URN = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"


def _client(*suite: object, cle: bool = True) -> tuple[ClientDmp, TransportScript]:
    transport = TransportScript(suite)  # type: ignore[arg-type]
    return ClientDmp(transport, LOGICIEL, signataire() if cle else None, reprises=VITE), transport


# --- TD0.2 ----------------------------------------------------------------------------------

def _existence(autorisation: str = "VALIDE", statut: str = "active", *, ack: str = "AA",
               requete: str = "OK", matricule: str = MATRICULE, detail: str = "",
               patient: bool = True, issue: str = "") -> str:
    ligne = (f'<p:attentionLine><p:keyWordText code="AUTORISATION"/><p:value code="{autorisation}"'
             '/></p:attentionLine>') if autorisation else ""
    personne = (f'<p:subject1><p:patient><p:id root="{OID}" extension="{matricule}"/>'
                f'<p:statusCode code="{statut}"/><p:patientPerson><p:name><p:family>SECRET'
                "</p:family></p:name></p:patientPerson><p:subjectOf><p:administrativeObservation>"
                '<p:code code="RATTACHEMENT_ENS"/><p:value value="true"/>'
                "</p:administrativeObservation></p:subjectOf></p:patient></p:subject1>"
                ) if patient else ""
    return (f'<p:PRPA_IN201308UV02 xmlns:p="urn:hl7-org:v3">{ligne}'
            '<p:attentionLine><p:keyWordText code="STATUT_MT"/><p:value value="true"/>'
            f'</p:attentionLine><p:acknowledgement typeCode="{ack}">{detail}</p:acknowledgement>'
            "<p:controlActProcess><p:subject><p:registrationEvent>"
            f"{personne}</p:registrationEvent></p:subject>{issue}"
            f'<p:queryAck><p:queryResponseCode code="{requete}"/></p:queryAck>'
            "</p:controlActProcess></p:PRPA_IN201308UV02>")


def test_td02_request() -> None:
    client, transport = _client(repondre(_existence()))
    client.tester_existence(ACCES)
    envoi = transport.recus[0]
    assert (envoi.api, envoi.chemin, envoi.delai) == ("dmp", "/patients", 10)
    action = "urn:hl7-org:v3:PRPA_IN201307UV02"
    assert envoi.content_type == f'application/soap+xml; charset=UTF-8; action="{action}"'
    racine = envoi.racine
    assert racine.findtext("s:Header/a:Action", namespaces=NS) == action
    assert envoi.message_id.startswith("urn:uuid:")
    assert (racine.findtext("s:Header/a:To", namespaces=NS) or "").endswith("/services/patients")
    assert racine.find("s:Header/{*}Security/saml:Assertion/d:Signature", NS) is not None
    corps = racine.find("s:Body/h:PRPA_IN201307UV02", NS)
    assert corps is not None and corps.get("ITSVersion") == "XML_1.0"
    assert [etree.QName(e).localname for e in corps] == [
        "id", "creationTime", "interactionId", "processingCode", "processingModeCode",
        "acceptAckCode", "receiver", "sender", "controlActProcess"]
    valeur = corps.find(".//h:patientIdentifier/h:value", NS)
    assert valeur is not None
    assert (valeur.get("root"), valeur.get("extension")) == (OID, MATRICULE)
    raison = corps.find(".//h:reasonCode", NS)
    assert raison is not None and raison.get("code") == "TEST_EXST"
    assert corps.find("h:id", NS).get("root") == "1.2.250.1.999.1.1.1.1"  # type: ignore[union-attr]


@pytest.mark.parametrize("autorisation", list(AutorisationDmp))
def test_td02_states(autorisation: AutorisationDmp) -> None:
    client, _ = _client(repondre(_existence(autorisation.value), prefixe="env"))
    etat = client.tester_existence(ACCES)
    assert (etat.existe, etat.ouvert, etat.autorisation) == (True, True, autorisation)
    assert etat.rattache_mes is True and etat.medecin_traitant is True
    assert datetime.fromisoformat(etat.verifie_le).tzinfo is not None
    assert "SECRET" not in repr(etat)


@pytest.mark.parametrize("mot", ["", "AUTRE_MOT"])
def test_td02_unknown_authorisation_gives_no_right(mot: str) -> None:
    client, _ = _client(repondre(_existence(mot)))
    assert client.tester_existence(ACCES).autorisation is AutorisationDmp.NON_EXISTE


def test_td02_no_dmp() -> None:
    detail = ('<p:acknowledgementDetail><p:code code="DMPNotFound"/><p:text>Pas de DMP</p:text>'
              "</p:acknowledgementDetail>")
    for corps in (_existence(requete="NF", patient=False),
                  _existence(ack="AE", requete="AE", patient=False, detail=detail)):
        client, _ = _client(repondre(corps))
        etat = client.tester_existence(ACCES)
        assert (etat.existe, etat.ouvert) == (False, False)


def test_td02_closed() -> None:
    issue = ('<p:reasonOf><p:detectedIssueEvent><p:code code="FERMETURE_DEMANDE_PATIENT"/>'
             "<p:text>Fermé à la demande du patient</p:text></p:detectedIssueEvent></p:reasonOf>")
    client, _ = _client(repondre(_existence(statut="terminated", issue=issue)))
    etat = client.tester_existence(ACCES)
    assert (etat.existe, etat.ouvert) == (True, False)
    assert etat.motif_fermeture == "Fermé à la demande du patient"


def test_td02_never_uses_the_answer_for_another_patient() -> None:
    client, _ = _client(repondre(_existence(matricule="275126322074974")))
    with pytest.raises(Invalide, match="autre patient"):
        client.tester_existence(ACCES)


@pytest.mark.parametrize(("code", "texte", "genre", "classe"), [
    ("DMPAccessDenied", "refus", Refuse, ClasseErreur.RIGHTS),
    ("DMPInvalidRequest", "champ", Rejete, ClasseErreur.DATA),
    ("X", "Impossible d'effectuer un test d'existence : Structure introuvable ou Inactive",
     Refuse, ClasseErreur.AUTH),
])
def test_td02_refusals(code: str, texte: str, genre: type[ErreurService],
                       classe: ClasseErreur) -> None:
    detail = (f'<p:acknowledgementDetail><p:code code="{code}"/><p:text>{texte}</p:text>'
              "</p:acknowledgementDetail>")
    client, _ = _client(repondre(_existence(ack="AE", requete="AE", patient=False, detail=detail)))
    with pytest.raises(ErreurService) as leve:
        client.tester_existence(ACCES)
    erreur = leve.value
    assert (type(erreur), erreur.code, erreur.classe) == (genre, code, classe)


def test_no_call_without_a_matricule() -> None:
    client, transport = _client(repondre(_existence()))
    with pytest.raises(Refuse) as leve:
        client.tester_existence(replace(ACCES, matricule_ins=""))
    assert leve.value.remede is Remede.QUALIFIER_INS and transport.recus == []


# --- TD0.3 ----------------------------------------------------------------------------------

def _habilitation(statut: str, contexte: str = "") -> str:
    return (f'<o:setAuthorizationResponse xmlns:o="urn:si-dmp-habilitations"><o:output><o:status>'
            f"{statut}</o:status><o:context>{contexte}</o:context></o:output>"
            "</o:setAuthorizationResponse>")


def test_td03() -> None:
    client, transport = _client(repondre(_habilitation("DMPOk", "déjà présente")))
    assert client.autoriser(ACCES) == "déjà présente"
    envoi = transport.recus[0]
    assert envoi.chemin == "/habilitations"
    assert envoi.racine.findtext("s:Body/z:setAuthorization/z:action", namespaces=NS) == "AJOUT"


def test_td03_refused_and_never_in_bris_de_glace() -> None:
    client, transport = _client(repondre(_habilitation("DMPAccessDenied", "bloqué")))
    with pytest.raises(Refuse, match="bloqué"):
        client.autoriser(ACCES)
    with pytest.raises(Refuse) as leve:
        client.autoriser(replace(ACCES, mode="bris_de_glace", motif="urgence"))
    assert leve.value.code == "BRIS-DE-GLACE" and len(transport.recus) == 1


# --- TD3.1 ----------------------------------------------------------------------------------

def _classification(schema: str, code: str, libelle: str) -> str:
    return (f'<r:Classification classificationScheme="urn:uuid:{schema}" '
            f'nodeRepresentation="{code}"><r:Slot name="codingScheme"><r:ValueList><r:Value>s'
            f'</r:Value></r:ValueList></r:Slot><r:Name><r:LocalizedString value="{libelle}"/>'
            "</r:Name></r:Classification>")


def _slot(nom: str, valeur: str) -> str:
    return (f'<r:Slot name="{nom}"><r:ValueList><r:Value>{valeur}</r:Value></r:ValueList></r:Slot>')


def objet(unique_id: str = "1.2.3", *, statut: str = "Approved", visibilite: str = "",
          contenu: bytes = b"", urn: str = "urn:oasis:names:tc:ebxml-regrep:StatusType:") -> str:
    """An ExtrinsicObject as the registry gives it."""
    auteur = ('<r:Classification classificationScheme="urn:uuid:93606bcf-9494-43ec-9b4e-'
              'a7748d1a838d" nodeRepresentation="">'
              + _slot("authorPerson", "810000000099^MARTIN^Paul^^^^^^&amp;1.2.250.1.71.4.2.1&amp;"
                      "ISO^D^^^IDNPS")
              + _slot("authorInstitution", "Maison de santé^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^"
                      "IDNST^^^1750000001")
              + _slot("authorSpecialty", "G15_10/SM26^Médecine générale^1.2.250.1.213.1.1.4.5")
              + "</r:Classification>")
    visible = _classification("f4f85eac-e6cb-4883-b524-f2705394840f", visibilite, "x") \
        if visibilite else ""
    return (f'<r:ExtrinsicObject id="urn:uuid:e-{unique_id}" lid="urn:uuid:l-{unique_id}" '
            f'mimeType="text/xml" status="{urn}{statut}" '
            'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
            + _slot("creationTime", "20260115083000") + _slot("serviceStartTime", "20260114")
            + _slot("hash", hashlib.sha1(contenu).hexdigest().upper())
            + _slot("size", str(len(contenu)))
            + _slot("repositoryUniqueId", "1.2.250.1.213.4.1.1.1.2")
            + '<r:Name><r:LocalizedString value="CR  de consultation"/></r:Name>'
            + '<r:VersionInfo versionName="2"/>' + auteur
            + _classification("41a5887f-8865-4c09-adf7-e362475b143a", "10", "Comptes rendus")
            + _classification("f0306f51-975f-434e-a61c-c59651d33983", "11488-4", "CR")
            + _classification("a09d5840-386c-46f2-b5ad-9c3699a4309d",
                              "urn:ihe:iti:xds-sd:pdf:2008", "PDF")
            + _classification("f4f85eac-e6cb-4883-b524-f2705394840f", "N", "Normal") + visible
            + '<r:ExternalIdentifier identificationScheme="urn:uuid:58a6f841-87b3-4a3e-92fd-'
            f'a8ffeff98427" value="{MATRICULE}^^^&amp;{OID}&amp;ISO^NH"/>'
            '<r:ExternalIdentifier identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-'
            f'8640a32e42ab" value="{unique_id}"/></r:ExtrinsicObject>')


def liste(*objets: str, statut: str = "Success", erreurs: str = "") -> str:
    """An AdhocQueryResponse."""
    bloc = f"<e:RegistryErrorList>{erreurs}</e:RegistryErrorList>" if erreurs else ""
    return (f'<k:AdhocQueryResponse xmlns:k="{NS["q"]}" xmlns:e="urn:oasis:names:tc:ebxml-regrep:'
            f'xsd:rs:3.0" status="{URN}{statut}">{bloc}<r:RegistryObjectList xmlns:r="{NS["r"]}">'
            f'{"".join(objets)}</r:RegistryObjectList></k:AdhocQueryResponse>')


def _erreur_xds(code: str, contexte: str = "contexte", severite: str = "Error") -> str:
    return (f'<e:RegistryError errorCode="{code}" codeContext="{contexte}" '
            f'severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:{severite}"/>')


def _criteres(envoi: Envoi) -> dict[str, str]:
    return {str(s.get("name")): s.findtext("r:ValueList/r:Value", namespaces=NS) or ""
            for s in envoi.racine.iterfind(".//r:AdhocQuery/r:Slot", NS)}


def test_td31_request() -> None:
    client, transport = _client(repondre(liste()))
    assert client.chercher(ACCES, datetime(2024, 1, 15, tzinfo=UTC),
                           (StatutFiche.ARCHIVED,)) == []
    envoi = transport.recus[0]
    assert (envoi.chemin, envoi.delai) == ("/registry", 60)
    requete = envoi.racine.find("s:Body/q:AdhocQueryRequest/r:AdhocQuery", NS)
    assert requete is not None
    assert requete.get("id") == "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
    option = envoi.racine.find(".//q:ResponseOption", NS)
    assert option is not None and option.get("returnType") == "LeafClass"
    assert _criteres(envoi) == {
        "$XDSDocumentEntryPatientId": f"'{MATRICULE}^^^&{OID}&ISO^NH'",
        "$XDSDocumentEntryStatus": "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved',"
                                   "'urn:asip:ci-sis:2010:StatusType:Archived')",
        "$XDSDocumentEntryServiceStartTimeFrom": "20240115000000"}


def test_td31_dates() -> None:
    client, transport = _client(repondre(liste()))
    client.chercher(ACCES)
    client.chercher(ACCES, date(2024, 7, 1))
    assert "$XDSDocumentEntryServiceStartTimeFrom" not in _criteres(transport.recus[0])
    local = datetime(2024, 7, 1).astimezone(UTC).strftime("%Y%m%d%H%M%S")
    assert _criteres(transport.recus[1])["$XDSDocumentEntryServiceStartTimeFrom"] == local


def test_td31_answer() -> None:
    client, _ = _client(repondre(liste(
        objet("1.2.3", visibilite="INVISIBLE_PATIENT", contenu=b"abc"),
        objet("1.2.4", statut="Archived", urn="urn:asip:ci-sis:2010:StatusType:"),
        objet("1.2.5", visibilite="MASQUE_INCONNU"))))
    un, deux, trois = client.chercher(ACCES)
    assert (un.unique_id, un.entry_uuid, un.logical_id) == (
        "1.2.3", "urn:uuid:e-1.2.3", "urn:uuid:l-1.2.3")
    assert (un.titre, un.type_code, un.type_libelle, un.class_code) == (
        "CR de consultation", "11488-4", "CR", "10")
    assert (un.format_code, un.mime_type) == ("urn:ihe:iti:xds-sd:pdf:2008", "text/xml")
    assert (un.date_creation, un.date_acte) == ("2026-01-15T08:30:00Z", "2026-01-14")
    assert (un.auteur_nom, un.auteur_id) == ("MARTIN Paul", "810000000099")
    assert (un.auteur_structure, un.auteur_structure_id, un.auteur_specialite) == (
        "Maison de santé", "1750000001", "Médecine générale")
    assert un.visibilites == {VisibiliteDmp.INVISIBLE_PATIENT}
    assert (un.hash_sha1, un.taille) == (hashlib.sha1(b"abc").hexdigest(), 3)
    assert (un.version_metadonnees, un.repository_id) == ("2", "1.2.250.1.213.4.1.1.1.2")
    assert un.patient_ins == MATRICULE
    assert (deux.statut, trois.visibilites) == (StatutFiche.ARCHIVED, frozenset())


def test_td31_poor_entries() -> None:
    pauvre = ('<r:ExtrinsicObject id="urn:uuid:1"><r:ExternalIdentifier identificationScheme="'
              'urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab" value="1.2"/>'
              + _slot("size", "beaucoup") + _slot("creationTime", "20261399000000")
              + "</r:ExtrinsicObject>")
    sans_identifiant = '<r:ExtrinsicObject id="urn:uuid:2"/>'
    client, _ = _client(repondre(liste(pauvre, sans_identifiant)))
    seule, = client.chercher(ACCES)
    assert (seule.unique_id, seule.taille, seule.date_creation, seule.auteur_nom) == (
        "1.2", None, "", "")


def test_td31b_by_unique_id() -> None:
    client, transport = _client(repondre(liste('<r:ObjectRef id="urn:uuid:e1"/>')),
                                repondre(liste(objet())), repondre(liste()))
    fiche, = client.par_unique_id(ACCES, "1.2.3")
    assert (fiche.unique_id, fiche.entry_uuid) == ("1.2.3", "urn:uuid:e1")
    assert client.par_unique_id(ACCES, "1.2.3", complet=True)[0].titre == "CR de consultation"
    assert client.par_unique_id(ACCES, "1.2.3") == []
    retours = [e.racine.find(".//q:ResponseOption", NS).get(  # type: ignore[union-attr]
        "returnType") for e in transport.recus]
    assert retours == ["ObjectRef", "LeafClass", "ObjectRef"]
    assert _criteres(transport.recus[0]) == {"$XDSDocumentEntryUniqueId": "('1.2.3')"}
    assert transport.recus[0].racine.find(".//r:AdhocQuery", NS).get(  # type: ignore[union-attr]
        "id") == "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"


@pytest.mark.parametrize(("dtm", "iso"), [
    ("20260115083000", "2026-01-15T08:30:00Z"), ("202601150830", "2026-01-15T08:30:00Z"),
    ("20260115", "2026-01-15"), ("202601", "2026-01"), ("2026", "2026"), ("", ""), ("x", ""),
    ("20260115093000+0100", "2026-01-15T08:30:00Z"), ("20260115083000.123", "2026-01-15T08:30:00Z"),
    ("20260115033000-0500", "2026-01-15T08:30:00Z"), ("20260115083000Z", "2026-01-15T08:30:00Z"),
    ("20261315083000", ""), ("20260115083000+9999", ""), ("123456789", "")])
def test_xds_dates(dtm: str, iso: str) -> None:
    assert date_xds(dtm) == iso


def test_heavy_answers_are_read_elsewhere() -> None:
    ailleurs: list[str] = []

    def executeur(fonction: object, *args: object) -> object:
        ailleurs.append(fonction.__name__)  # type: ignore[attr-defined]
        return fonction(*args)  # type: ignore[operator]

    client, _ = _client(repondre(liste(*(objet(f"1.2.{n}") for n in range(150)))),
                        repondre(liste(objet())))
    client.executeur_lourd = executeur
    assert len(client.chercher(ACCES)) == 150
    assert ailleurs == ["lire_reponse_recherche"]
    assert len(client.chercher(ACCES)) == 1
    assert ailleurs == ["lire_reponse_recherche"]


def test_a_list_is_read_in_another_process() -> None:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    bonne = soap12(liste(objet(), objet("1.2.4")), "urn:uuid:1")
    autre = soap12(liste(statut="Failure", erreurs=_erreur_xds("XDSTooManyResults")), "urn:uuid:1")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executeur:
        fiches = executeur.submit(lire_reponse_recherche, bonne.corps, bonne.content_type, 200,
                                  "urn:uuid:1").result(60)
        futur = executeur.submit(lire_reponse_recherche, autre.corps)
        with pytest.raises(Rejete) as leve:
            futur.result(60)
    assert [f.unique_id for f in fiches] == ["1.2.3", "1.2.4"]
    assert leve.value.code == "XDSTooManyResults" and leve.value.service == "dmp"


# --- Every way of saying no -----------------------------------------------------------------

@pytest.mark.parametrize(("code", "genre", "classe", "remede"), [
    ("XDSUnknownPatientId", Refuse, ClasseErreur.PATIENT_STATE, Remede.QUALIFIER_INS),
    ("XDSPatientIdDoesNotMatch", Rejete, ClasseErreur.DATA, Remede.SIGNALER),
    ("XDSTooManyResults", Rejete, ClasseErreur.DATA, Remede.AUCUN),
    ("XDSRegistryBusy", Indisponible, ClasseErreur.TRANSIENT, Remede.REESSAYER),
    ("XDSRegistryError", Rejete, ClasseErreur.DATA, Remede.SIGNALER),
    ("DMPAccessDeniedByRightsService", Refuse, ClasseErreur.RIGHTS, Remede.AUCUN),
    ("DMPPatientClosed", Refuse, ClasseErreur.PATIENT_STATE, Remede.AUCUN),
    ("CodeInconnu42", Rejete, ClasseErreur.DATA, Remede.SIGNALER),
])
def test_registry_errors(code: str, genre: type[ErreurService], classe: ClasseErreur,
                         remede: Remede) -> None:
    for prefixe in ("", "urn:oasis:names:tc:ebxml-regrep:ErrorCode:"):
        client, transport = _client(repondre(liste(
            statut="Failure", erreurs=_erreur_xds(prefixe + code, "le détail du service"))))
        with pytest.raises(ErreurService) as leve:
            client.chercher(ACCES)
        erreur = leve.value
        assert (type(erreur), erreur.code, erreur.classe, erreur.remede) == (
            genre, code, classe, remede)
        assert "le détail du service" in erreur.message
        assert erreur.service == "dmp" and erreur.reference == transport.recus[-1].message_id
        assert len(transport.recus) == (4 if genre is Indisponible else 1)


def test_busy_thrice_then_success() -> None:
    occupe = repondre(liste(statut="Failure", erreurs=_erreur_xds("XDSRegistryBusy")))
    client, transport = _client(occupe, occupe, occupe, repondre(liste(objet())))
    assert len(client.chercher(ACCES)) == 1
    identifiants = [e.message_id for e in transport.recus]
    assert len(set(identifiants)) == 4
    vihf = [e.racine.find(".//saml:Assertion", NS).get("ID")  # type: ignore[union-attr]
            for e in transport.recus]
    assert len(set(vihf)) == 4


def test_warnings_do_not_stop_a_search() -> None:
    client, _ = _client(repondre(liste(objet(), erreurs=_erreur_xds("X", "y", "Warning"))))
    assert len(client.chercher(ACCES)) == 1


@pytest.mark.parametrize(("corps", "genre", "code", "remede"), [
    (faute("DMPInvalidCertificate", "Not a valid signature certificate"), Refuse,
     "DMPInvalidCertificate", Remede.SIGNALER),
    (faute("DMPAccessDeniedByRightsService", "accès"), Refuse, "DMPAccessDeniedByRightsService",
     Remede.AUCUN),
    (faute("XDSDocumentUniqueIdError", "inconnu"), Rejete, "XDSDocumentUniqueIdError",
     Remede.AUCUN),
    (faute("FailedAuthentication", "vihf"), SessionExpiree, "FailedAuthentication",
     Remede.SE_CONNECTER),
    (faute("DMPAutre", "PS et Structure non liés"), Refuse, "DMPAutre", Remede.SIGNALER),
    (faute("DMPAutre", "mystère"), Rejete, "DMPAutre", Remede.SIGNALER),
    (faute("", "panne", code="Receiver"), Indisponible, "Receiver", Remede.REESSAYER),
    (faute("", "", code="MustUnderstand"), Invalide, "MustUnderstand", Remede.SIGNALER),
    (faute("", "champ absent"), Rejete, "Sender", Remede.SIGNALER),
])
def test_every_fault_at_every_call(corps: str, genre: type[ErreurService], code: str,
                                   remede: Remede) -> None:
    for status in (500, 200):
        client, _ = _client(repondre(corps, status=status))
        for appel in (lambda c: c.tester_existence(ACCES), lambda c: c.autoriser(ACCES),
                      lambda c: c.chercher(ACCES), lambda c: c.recuperer(ACCES, "1.2.3"),
                      lambda c: c.alimenter(*_depot())):
            client._appelant.meteo.rearmer()
            with pytest.raises(ErreurService) as leve:
                appel(client)
            erreur = leve.value
            assert (type(erreur), erreur.code, erreur.remede) == (genre, code, remede)
            assert "DMP" in erreur.message and erreur.message.rstrip()[-1] in ".)!?…s"


def test_a_fault_in_multipart() -> None:
    def tour(envoi: Envoi) -> Reponse:
        simple = soap12(faute("DMPAccessDeniedByRightsService", "masqué"), envoi.message_id)
        return Reponse(500, *reversed(mtom.ecrire(simple.corps, [], "urn:a")))  # type: ignore

    client, _ = _client(tour)
    with pytest.raises(Refuse, match="masqué"):
        client.recuperer(ACCES, "1.2.3")


# --- TD3.2 ----------------------------------------------------------------------------------

CDA = b'<?xml version="1.0"?>\r\n<ClinicalDocument xmlns="urn:hl7-org:v3"/>\r\n\x00\xff'


def _recuperation(contenu: bytes = CDA, *, unique_id: str = "1.2.3", statut: str = "Success",
                  erreurs: str = "", href: str = "cid:doc%3A1@dmp", coupe: int = 0,
                  partie: bool = True, document_xml: str = "") -> object:
    inclusion = document_xml or f'<xop:Include xmlns:xop="{NS["xop"]}" href="{href}"/>'
    bloc = (f"<w:DocumentResponse><w:RepositoryUniqueId>1</w:RepositoryUniqueId>"
            f"<w:DocumentUniqueId>{unique_id}</w:DocumentUniqueId><w:mimeType>text/xml"
            f"</w:mimeType><w:Document>{inclusion}</w:Document></w:DocumentResponse>"
            ) if unique_id else ""
    liste_erreurs = f"<e:RegistryErrorList>{erreurs}</e:RegistryErrorList>" if erreurs else ""
    corps = (f'<w:RetrieveDocumentSetResponse xmlns:w="{NS["x"]}"><e:RegistryResponse '
             f'xmlns:e="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" status="{URN}{statut}">'
             f"{liste_erreurs}</e:RegistryResponse>{bloc}</w:RetrieveDocumentSetResponse>")

    def tour(envoi: Envoi) -> Reponse:
        simple = soap12(corps, envoi.message_id)
        parties = [mtom.Partie("doc:1@dmp", contenu)] if partie else []
        octets, genre = mtom.ecrire(simple.corps, parties, "urn:a")
        return Reponse(200, genre, octets[:len(octets) - coupe] if coupe else octets)

    return tour


def test_td32() -> None:
    client, transport = _client(_recuperation())
    recu = client.recuperer(ACCES, "1.2.3")
    assert (recu.contenu, recu.mime_type, recu.unique_id) == (CDA, "text/xml", "1.2.3")
    demande = transport.recus[0].racine.find(".//x:DocumentRequest", NS)
    assert demande is not None
    assert [e.text for e in demande] == ["1.2.250.1.213.4.1.1.1.2", "1.2.3"]
    assert transport.recus[0].chemin == "/repository"


def test_td32_checks_size_and_hash() -> None:
    fiche = lire_reponse_recherche(soap12(liste(objet(contenu=CDA))).corps)[0]
    client, _ = _client(_recuperation())
    assert client.recuperer(ACCES, "1.2.3", attendu=fiche).contenu == CDA
    for faux, code in ((replace(fiche, taille=1), "TAILLE"),
                       (replace(fiche, hash_sha1="0" * 40), "EMPREINTE")):
        with pytest.raises(Invalide, match="n’est pas ouvert") as leve:
            client.recuperer(ACCES, "1.2.3", attendu=faux)
        assert leve.value.code == code and leve.value.remede is Remede.REESSAYER
    inconnus = replace(fiche, taille=None, hash_sha1="")
    assert client.recuperer(ACCES, "1.2.3", attendu=inconnus).contenu == CDA


@pytest.mark.parametrize("tour", [
    _recuperation(coupe=30), _recuperation(coupe=3), _recuperation(partie=False),
    _recuperation(href="cid:autre"), _recuperation(href="http://exemple/doc"),
    _recuperation(unique_id="9.9"), _recuperation(unique_id=""), _recuperation(b""),
    _recuperation(document_xml="!!!"),
], ids=["truncated", "no-final-boundary", "missing-part", "other-cid", "not-a-cid",
        "other-document", "no-document", "empty", "bad-base64"])
def test_td32_damaged_answers(tour: object) -> None:
    client, transport = _client(tour)
    with pytest.raises(Invalide) as leve:
        client.recuperer(ACCES, "1.2.3")
    assert "DMP" in leve.value.message and len(transport.recus) == 1


def test_td32_inline_base64() -> None:
    client, _ = _client(_recuperation(document_xml="PGEv\nPg==", partie=False))
    assert client.recuperer(ACCES, "1.2.3").contenu == b"<a/>"


def test_td32_partial_success_and_errors() -> None:
    erreur = _erreur_xds("XDSDocumentUniqueIdError", "9.9")
    client, _ = _client(_recuperation(statut="PartialSuccess", erreurs=erreur))
    assert client.recuperer(ACCES, "1.2.3").contenu == CDA
    for statut in ("PartialSuccess", "Failure"):
        client, _ = _client(_recuperation(unique_id="", statut=statut, erreurs=erreur))
        with pytest.raises(Rejete, match="plus accessible"):
            client.recuperer(ACCES, "1.2.3")


# --- TD2.1 ----------------------------------------------------------------------------------

DOCUMENT = document()
CDA_PRODUIT = rendre_cda_n1(DOCUMENT, b"%PDF-1.4 essai")
ACCES_DEPOT = AccesDmp(INFIRMIERE, CABINET, "SA07", None, ADRUN.matricule_ins, ADRUN.oid)


def _depot() -> tuple[AccesDmp, list[tuple[EntreeXds, bytes]], str]:
    return ACCES_DEPOT, [(entree_depuis_cda(CDA_PRODUIT), CDA_PRODUIT)], "Compte rendu"


def _enregistre(statut: str = "Success", erreurs: str = "") -> str:
    bloc = f"<e:RegistryErrorList>{erreurs}</e:RegistryErrorList>" if erreurs else ""
    return (f'<e:RegistryResponse xmlns:e="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" '
            f'status="{URN}{statut}">{bloc}</e:RegistryResponse>')


def test_td21_request() -> None:
    client, transport = _client(repondre(_enregistre()))
    client.alimenter(*_depot())
    envoi = transport.recus[0]
    assert (envoi.chemin, envoi.delai) == ("/repository", 120)
    lu = mtom.lire(envoi.corps, envoi.content_type)
    assert lu.parties["doc01@lgc"] == CDA_PRODUIT
    racine = etree.fromstring(lu.racine)
    liste_objets = racine.find("s:Body/x:ProvideAndRegisterDocumentSetRequest/{*}"
                               "SubmitObjectsRequest/r:RegistryObjectList", NS)
    assert liste_objets is not None
    assert [(etree.QName(o).localname, o.get("id")) for o in liste_objets][:3] == [
        ("RegistryPackage", "SubmissionSet01"), ("ExtrinsicObject", "Document01"),
        ("ExtrinsicObject", "Signature01")]
    liens = [(str(a.get("associationType")).rpartition(":")[2], a.get("sourceObject"),
              a.get("targetObject")) for a in liste_objets.iterfind("r:Association", NS)]
    assert liens == [("HasMember", "SubmissionSet01", "Document01"),
                     ("HasMember", "SubmissionSet01", "Signature01"),
                     ("signs", "Signature01", "SubmissionSet01")]
    pieces = {d.get("id"): d.find("xop:Include", NS).get("href")  # type: ignore[union-attr]
              for d in racine.iterfind(".//x:Document", NS)}
    assert pieces == {"Document01": "cid:doc01@lgc", "Signature01": "cid:sig01@lgc"}


def test_td21_signs_what_it_sends() -> None:
    client, transport = _client(repondre(_enregistre()))
    client.alimenter(*_depot())
    lu = mtom.lire(transport.recus[0].corps, transport.recus[0].content_type)
    signature = etree.fromstring(lu.parties["sig01@lgc"])
    references = {r.get("URI"): r.findtext("d:DigestValue", namespaces=NS)
                  for r in signature.iterfind(".//d:Manifest/d:Reference", NS)}
    racine = etree.fromstring(lu.racine)
    lot = racine.find(".//r:RegistryPackage/r:ExternalIdentifier[@identificationScheme="
                      "'urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8']", NS)
    assert lot is not None
    assert references == {f"urn:oid:{lot.get('value')}": "AA==",
                          f"urn:oid:{DOCUMENT.id}": empreinte_cda(CDA_PRODUIT)}
    source = racine.find(".//r:RegistryPackage/r:ExternalIdentifier[@identificationScheme="
                         "'urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832']", NS)
    assert source is not None and source.get("value") == LOGICIEL.oid


def test_td21_names_the_connected_professional_and_the_structure_of_the_vihf() -> None:
    acces = replace(ACCES_DEPOT, professionnel=replace(INFIRMIERE, identifiant="899700000016",
                                                       nom="D^URAND"),
                    situation=ACCES.situation)
    client, transport = _client(repondre(_enregistre()))
    client.alimenter(acces, *_depot()[1:])
    racine = transport.recus[0].racine
    auteurs = racine.findall(".//r:RegistryPackage/r:Classification[@classificationScheme="
                             "'urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d']", NS)
    assert len(auteurs) == 2
    fentes = {s.get("name"): s.findtext(".//r:Value", namespaces=NS) for s in auteurs[0]}
    assert fentes["authorPerson"] == ("899700000016^D\\S\\URAND^Camille^^^^^^&1.2.250.1.71.4.2.1"
                                      "&ISO^D^^^IDNPS")
    assert fentes["authorInstitution"] == (
        "CABINET^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499700000016007")
    assert fentes["authorSpecialty"] == "G15_60^Infirmier^1.2.250.1.213.1.1.4.5"
    structure = racine.find(".//saml:Attribute[@Name='Identifiant_Structure']", NS)
    assert structure is not None and "".join(structure.itertext()) == "499700000016007"


def test_td21_replacement() -> None:
    client, transport = _client(repondre(_enregistre()))
    client.alimenter(*_depot(), remplace="urn:uuid:ancien")
    racine = transport.recus[0].racine
    lien = racine.findall(".//r:Association", NS)[-1]
    assert (lien.get("associationType"), lien.get("sourceObject"), lien.get("targetObject")) == (
        "urn:ihe:iti:2007:AssociationType:RPLC", "Document01", "urn:uuid:ancien")


def test_td21_guards() -> None:
    client, transport = _client(repondre(_enregistre()))
    acces, documents, titre = _depot()
    with pytest.raises(Rejete, match="matricule INS de ce patient"):
        client.alimenter(replace(acces, matricule_ins=MATRICULE), documents, titre)
    with pytest.raises(Invalide, match="métadonnées"):
        client.alimenter(acces, [(documents[0][0], documents[0][1] + b" ")], titre)
    with pytest.raises(Invalide, match="Aucun document"):
        client.alimenter(acces, [], titre)
    sans_cle, _ = _client(repondre(_enregistre()), cle=False)
    with pytest.raises(Refuse, match="clé de signature"):
        sans_cle.alimenter(acces, documents, titre)
    assert transport.recus == []


@pytest.mark.parametrize(("code", "genre"), [
    ("XDSDuplicateUniqueIdInRegistry", Rejete), ("XDSRegistryMetadataError", Rejete),
    ("XDSNonIdenticalHash", Rejete), ("XDSReplaceFailed", Rejete),
    ("XDSRepositoryBusy", Indisponible), ("XDSUnknownPatientId", Refuse)])
def test_td21_refusals(code: str, genre: type[ErreurService]) -> None:
    client, transport = _client(repondre(_enregistre("Failure", _erreur_xds(code))))
    with pytest.raises(ErreurService) as leve:
        client.alimenter(*_depot())
    assert type(leve.value) is genre and leve.value.code == code and not leve.value.incertain
    assert len(transport.recus) == 1


def test_td21_the_known_error_is_told_first() -> None:
    erreurs = _erreur_xds("XDSRepositoryError", "général") + _erreur_xds("XDSReplaceFailed", "x")
    client, _ = _client(repondre(_enregistre("Failure", erreurs)))
    with pytest.raises(Rejete) as leve:
        client.alimenter(*_depot())
    assert leve.value.code == "XDSReplaceFailed"


def test_td21_taken_in_part() -> None:
    client, _ = _client(repondre(_enregistre("PartialSuccess", _erreur_xds("XDSMissingDocument"))))
    with pytest.raises(Rejete) as leve:
        client.alimenter(*_depot())
    assert leve.value.incertain


@pytest.mark.parametrize("tour", [
    Indisponible("Le DMP ne répond pas.", incertain=True),
    Reponse(504, "", b""), Reponse(502, "", b""), Reponse(500, "text/html", b"<html/>"),
    Reponse(200, "text/html", b"<html/>"),
    Reponse(200, "multipart/related; boundary=B", b"--B\r\n\r\n<e/>"),
    Reponse(200, "application/soap+xml", b"<tronqu"),
    soap12(_enregistre(), "urn:uuid:autre"), soap12(_enregistre()), soap12("<autre/>"),
], ids=["time-out", "504", "502", "500", "html", "multipart", "xml", "relates-to", "no-relates-to",
        "body"])
def test_td21_unknown_outcome(tour: object) -> None:
    client, transport = _client(tour)
    with pytest.raises(Indisponible) as leve:
        client.alimenter(*_depot())
    assert leve.value.incertain and leve.value.reessayable
    assert len(transport.recus) == 1


@pytest.mark.parametrize("tour", [
    Indisponible("Le Proxy e-santé est injoignable."), Reponse(503, "text/html", b"<html/>"),
    Annule("x"), SessionExpiree("x")])
def test_td21_known_not_to_have_been_taken(tour: object) -> None:
    client, _ = _client(tour)
    with pytest.raises(ErreurService) as leve:
        client.alimenter(*_depot())
    assert not leve.value.incertain


# --- Journal --------------------------------------------------------------------------------

def test_every_call_is_traced_without_the_patient() -> None:
    traces: list[TraceAppel] = []
    client, _ = _client(repondre(liste(objet())))
    client._appelant.journal = traces.append
    client.chercher(replace(ACCES, mode="bris_de_glace", motif="Inconscient"))
    trace, = traces
    assert (trace.transaction, trace.resultat, trace.emetteur, trace.mode, trace.strategie) == (
        "TD3.1", "ok", "899700000016", "bris_de_glace", "psc_proxy")
    assert MATRICULE not in repr(trace)
    assert all(a != b for a, b in pairwise((trace.message_id, trace.debut)))
