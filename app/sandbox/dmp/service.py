"""The service paths of the DMP: checks common to all, then one transaction (`spec/dmp.md` §2)."""

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.appel import Appel, CorpsTropGrand, executer, ou_du_certificat, ouvrir
from app.sandbox.certificats import STRUCTURE_PROXY
from app.sandbox.dmp import carte, mtom, patients, transactions
from app.sandbox.dmp.depots import Depots
from app.sandbox.dmp.transactions import Contexte, Sortie
from app.sandbox.dmp.vihf import controler
from app.sandbox.horloge import Horloge
from app.sandbox.soap import (
    FauteSoap,
    Message,
    bombe,
    controler_adressage,
    enveloppe,
    faute,
    lire_message,
    reponse,
)

BASE = "/si-dmp-server/v2/services"
_MESSAGE_ID = r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_HABILITATIONS = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"
_RECHERCHE = "urn:ihe:iti:2007:RegistryStoredQuery"
_RETRAIT = "urn:ihe:iti:2007:RetrieveDocumentSet"
_DEPOT = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
_EXISTENCE = "urn:hl7-org:v3:PRPA_IN201307UV02"
#: Service -> action -> (transaction, action of the answer). The WSDL's own action of TD0.3 lives
#: beside the one of the messages (`spec/dmp.md` §3).
ACTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "patients": {_EXISTENCE: ("TD0.2", "urn:hl7-org:v3:PRPA_IN201308UV02")},
    "habilitations": {_HABILITATIONS: ("TD0.3", _HABILITATIONS + "Response"),
                      "urn:hl7-org:v3:setAuthorization": ("TD0.3", _HABILITATIONS + "Response")},
    "registry": {_RECHERCHE: ("TD3.1", _RECHERCHE + "Response")},
    "repository": {_RETRAIT: ("TD3.2", _RETRAIT + "Response"),
                   _DEPOT: ("TD2.1", _DEPOT + "Response")},
    "patientsPDQ": {}, "patientsSpecific": {}, "patientCertif": {}}


@dataclass(slots=True)
class _Recu:
    """A request as received: the message, or the fault that reading it gave."""

    message: Message | None = None
    parties: dict[str, bytes] = field(default_factory=dict)
    faute: FauteSoap | None = None
    multipart: bool = False


class ServiceDmp:
    """State and routes of the DMP."""

    def __init__(self, horloge: Horloge) -> None:
        self.depots = Depots(horloge)
        self._messages: set[str] = set()

    def oublier(self) -> None:
        """Back to the state of the start."""
        self.depots.oublier()
        self._messages.clear()

    def routes(self, etat: Any, *, par_carte: bool = False) -> list[Route]:
        """One route a service path.

        Parameters
        ----------
        par_carte
            Direct authentication: TLS is mutual, by a CPS, and stands for the token.
        """
        def route(service: str) -> Route:
            async def point(requete: Request) -> Response:
                try:
                    appel = await ouvrir(etat, "dmp", requete)
                except CorpsTropGrand:
                    return Response(status_code=413)
                recu = _lire(appel)
                operation = _operation(service, recu.message)

                async def traiter(appel: Appel) -> Response:
                    return self._traiter(appel, service, recu, par_carte)
                return await executer(appel, operation, traiter)
            return Route(f"{BASE}/{service}", point, methods=["POST"])
        return [route(service) for service in ACTIONS]

    def _traiter(self, appel: Appel, service: str, recu: _Recu, par_carte: bool) -> Response:
        sujet, structure, cps = "", "", ""
        if not par_carte and "authorization" not in appel.requete.headers:
            # A proxy without token is a mistake; a structure comes with its certificate alone.
            structure = ou_du_certificat(appel.certificat).replace(STRUCTURE_PROXY, "")
        if par_carte:
            appel.noter(mode="cps_directe")
            try:
                sujet = cps = carte.titulaire(appel)
            except FauteSoap as e:
                return _repondre_faute(appel, e, "")
            appel.noter(sujet=sujet)
        elif structure:
            appel.noter(mode="certificat_structure", structure=structure)
        else:
            claims = appel.etat.edc.controler(appel, "dmp")
            if isinstance(claims, Response):
                return claims
            sujet = str(claims["SubjectNameID"])
            appel.noter(sujet=sujet, mode="api_psc")
        relates_to = "" if recu.message is None else recu.message.message_id
        if appel.panne("relates_to"):
            relates_to = "urn:uuid:00000000-0000-4000-8000-000000000000"
        try:
            if recu.faute is not None or recu.message is None:
                raise recu.faute or FauteSoap("", "Message illisible")
            sortie = self._executer(appel, service, recu, sujet, structure, cps)
        except FauteSoap as e:
            return _repondre_faute(appel, e, relates_to)
        octets = enveloppe(sortie.corps, action=ACTIONS[service][recu.message.action][1],
                           relates_to=relates_to)
        panne = appel.panne("xml_bombe")
        if panne is not None and panne.valeur != "cda":
            octets = bombe(panne.valeur)
        if not sortie.multipart:
            return reponse(octets)
        parties = sortie.parties[:-1] if appel.panne("cid_manquant") else sortie.parties
        return mtom.ecrire(octets, parties, tronque=appel.panne("tronque") is not None)

    def _executer(self, appel: Appel, service: str, recu: _Recu, sujet: str, structure: str,
                  cps: str) -> Sortie:
        message = recu.message
        assert message is not None
        _panne_fault(appel)
        type_ = appel.requete.headers.get("content-type", "")
        if not recu.multipart and "application/soap+xml" not in type_.lower():
            raise FauteSoap("", "Content-Type application/soap+xml attendu")
        controler_adressage(message, "" if recu.multipart else type_,
                            frozenset(ACTIONS[service]), self._messages, _MESSAGE_ID)
        if structure:
            _controler_structure(appel, structure)
        professionnel = appel.etat.psc.professionnels[sujet] if sujet else None
        vihf = controler(appel, message, professionnel, structure, cps)
        appel.noter(sujet=vihf.professionnel)
        appel.noter(patient=vihf.matricule, acces=vihf.acces, structure=vihf.structure,
                    **({} if "signature" in appel.journal else
                       {"signature": vihf.signature or "absente"}))
        dossier = self.depots.dossier(vihf.matricule)
        if dossier is not None and dossier.personne.oid != vihf.oid:
            dossier = None
        contexte = Contexte(appel, message.corps, recu.parties, vihf, dossier, self.depots,
                            appel.etat.horloge.utc(), service)
        return transactions.executer(ACTIONS[service][message.action][0], contexte)


def _controler_structure(appel: Appel, structure: str) -> None:
    """The structure of the client certificate is known, its certificate isn't revoked."""
    assert appel.certificat is not None
    if structure not in appel.etat.psc.structures():
        raise FauteSoap("DMPAccessDenied", "Structure introuvable ou Inactive")
    if appel.certificat.serial_number in appel.etat.certificats_revoques:
        raise FauteSoap("DMPInvalidCertificate", "Certificat révoqué")


def _lire(appel: Appel) -> _Recu:
    type_ = appel.requete.headers.get("content-type", "")
    try:
        if not mtom.est_multipart(type_):
            return _Recu(lire_message(appel.corps))
        paquet = mtom.lire(appel.corps, type_)
        return _Recu(lire_message(paquet.enveloppe), paquet.parties, multipart=True)
    except FauteSoap as e:
        return _Recu(faute=e)


def _operation(service: str, message: Message | None) -> str:
    if message is None:
        return "illisible"
    transaction = ACTIONS[service].get(message.action, ("inconnue", ""))[0]
    if transaction == "TD0.2":
        return patients.motif(message.corps) or "TD0.2"
    return transaction


def _panne_fault(appel: Appel) -> None:
    panne = appel.panne("fault")
    if panne is None:
        return
    valeur = panne.valeur if isinstance(panne.valeur, dict) else {"code": panne.valeur}
    erreur = FauteSoap(str(valeur.get("code") or "DMPAccessDeniedByRightsService"),
                       str(valeur.get("texte") or "Panne demandée au bac à sable"),
                       http=int(valeur.get("http", 500)))
    appel.noter(fault_multipart=bool(valeur.get("multipart", False)))
    raise erreur


def _repondre_faute(appel: Appel, erreur: FauteSoap, relates_to: str) -> Response:
    """A fault; ITI-43 answers are multipart, faults included (`spec/dmp.md` §2)."""
    appel.noter(code=erreur.code or "soap", description=erreur.message)
    octets = faute(erreur, relates_to)
    if appel.operation == "TD3.2" or appel.journal.get("fault_multipart"):
        return mtom.ecrire(octets, [], erreur.http)
    return reponse(octets, erreur.http)
