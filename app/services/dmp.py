"""Client of the DMP: TD0.2, TD0.3, TD3.1, TD3.2, TD2.1 (`spec/dmp.md`).

Each transaction has its file; here they meet the transport, the VIHF and the errors. Whether a
call may leave (consent, opposition, DICA) is decided above, by the use cases.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from lxml import etree

from app.documents.xds import EntreeXds
from app.domain.dmp import EtatDmp, FicheDmp, StatutFiche
from app.services import (
    dmp_autorisation,
    dmp_depot,
    dmp_existence,
    dmp_recherche,
    dmp_recuperation,
    dmp_suites,
    mtom,
    soap,
)
from app.services.appel import Appelant, Journal, Operation, Reprises, Requete
from app.services.dmp_acces import AccesDmp, DocumentRecu
from app.services.dmp_erreurs import erreur_de_faute
from app.services.dmp_recherche import lire_reponse_recherche
from app.services.dmp_suites import Suites
from app.services.errors import ClasseErreur, Indisponible, Invalide, Refuse, Remede
from app.services.logiciel import IdentiteLogiciel
from app.services.meteo import Meteo
from app.services.signature import Signataire, exiger_signataire
from app.services.soap import ReponseSoap
from app.services.transport import Annulation, Reponse, Transport
from app.services.vihf import construire_vihf

__all__ = ["AccesDmp", "ClientDmp", "DocumentRecu", "lire_reponse_recherche"]

T = TypeVar("T")

#: Production address, for wsa:To; the transport knows where the calls really go.
ADRESSE = "https://lps2.dmp.gouv.fr/si-dmp-server/v2/services"

#: Longest waits, in seconds (`spec/dmp.md` §2).
DELAI_TD0_S = 10.0
DELAI_RECHERCHE_S = 60.0
DELAI_RECUPERATION_S = 90.0
DELAI_DEPOT_S = 120.0

#: What the structure certificate may do: see that the DMP exists, send, find again what was sent.
TRANSACTIONS_CERTIFICAT = frozenset({"TD0.2", "TD2.1", "TD3.1b"})

#: From this size an answer is read by `executeur_lourd` (design §2 rule 1).
SEUIL_LOURD = 200_000

Executeur = Callable[..., Any]

#: Threads that walk XML together stall the window: one at a time (desktop.md §5).
_ANALYSE = threading.Semaphore(1)


class ClientDmp:
    """Calls the DMP.

    Args:
        transport: the way out; the API is `dmp`.
        logiciel: who calls; `oid` roots our message ids.
        signataire: software key; None leaves the VIHF unsigned and forbids TD2.1.
        adresse: base address of the services, written in wsa:To.
        meteo: states of the services; that of the transport by default.
        journal: told about every call (`spec/dmp.md` §18).
        permises: transactions that this way of authentication may make; None = all. Others are
            refused here, before anything leaves (`spec/dmp.md` §5).
        executeur_lourd: `f(fonction, *args)` that runs a pure function of module level in
            another process; None reads large answers in the calling thread.
    """

    def __init__(self, transport: Transport, logiciel: IdentiteLogiciel,
                 signataire: Signataire | None = None, *, adresse: str = ADRESSE,
                 meteo: Meteo | None = None, journal: Journal | None = None,
                 reprises: Reprises | None = None, permises: frozenset[str] | None = None,
                 executeur_lourd: Executeur | None = None) -> None:
        self.executeur_lourd = executeur_lourd
        self._logiciel = logiciel
        self._signataire = signataire
        self._adresse = adresse.rstrip("/")
        self._permises = permises
        self._appelant = Appelant(transport, "dmp", meteo=meteo, journal=journal,
                                  reprises=reprises)

    @property
    def strategie(self) -> str:
        """How the caller is authenticated, as the journals name it."""
        return self._appelant.strategie

    def tester_existence(self, acces: AccesDmp, annule: Annulation | None = None) -> EtatDmp:
        """TD0.2: does the DMP exist, is it open, what may this professional.

        Raises:
            Indisponible, Refuse, Rejete, SessionExpiree, Invalide, Annule.
        """
        return self._appeler(
            acces, Operation("TD0.2", "/patients", DELAI_TD0_S), dmp_existence.ACTION,
            lambda: dmp_existence.requete(self._logiciel, acces.matricule_ins, acces.oid),
            lambda reponse, mid: dmp_existence.lire(_lire(reponse, mid), acces.matricule_ins),
            annule)

    def autoriser(self, acces: AccesDmp, annule: Annulation | None = None) -> str:
        """TD0.3 AJOUT: declare oneself authorised. Gives the remark of the DMP, often empty.

        Raises:
            Refuse: in bris de glace (nothing is sent), or blocked by the patient.
            Indisponible, Rejete, SessionExpiree, Invalide, Annule.
        """
        if acces.mode != "normal":
            raise Refuse("En bris de glace, aucune autorisation ne peut être enregistrée.",
                         service="dmp", code="BRIS-DE-GLACE")
        return self._appeler(
            acces, Operation("TD0.3", "/habilitations", DELAI_TD0_S), dmp_autorisation.ACTION,
            dmp_autorisation.requete,
            lambda reponse, mid: dmp_autorisation.lire(_lire(reponse, mid)), annule)

    def chercher(self, acces: AccesDmp, depuis: date | None = None,
                 statuts: Iterable[StatutFiche] = (StatutFiche.APPROVED,),
                 annule: Annulation | None = None) -> list[FicheDmp]:
        """TD3.1 FindDocuments.

        Args:
            acces: whose DMP.
            depuis: earliest date of the act; None asks for everything.
            statuts: availability statuses wanted; Approved always is.
            annule: True gives up.

        Raises:
            Indisponible, Refuse, Rejete, SessionExpiree, Invalide, Annule.
        """
        voulus = tuple(statuts)
        return self._appeler(
            acces, Operation("TD3.1", "/registry", DELAI_RECHERCHE_S), dmp_recherche.ACTION,
            lambda: dmp_recherche.requete_documents(acces.matricule_ins, acces.oid,
                                                    statuts=voulus, depuis=depuis),
            lambda reponse, mid: self._lire_recherche(reponse, mid, ""), annule)

    def par_unique_id(self, acces: AccesDmp, unique_id: str, *, complet: bool = False,
                      annule: Annulation | None = None) -> list[FicheDmp]:
        """TD3.1b: is this document there? Empty when it isn't, or isn't accessible.

        Without `complet` only `unique_id` and `entry_uuid` are known: that is what the
        Alimentation profile may ask, and enough before a resend, a replacement or a deletion.

        Raises:
            Indisponible, Refuse, Rejete, SessionExpiree, Invalide, Annule.
        """
        operation = Operation("TD3.1b", "/registry", DELAI_TD0_S, unique_ids=(unique_id,))
        return self._appeler(
            acces, operation, dmp_recherche.ACTION,
            lambda: dmp_recherche.requete_par_unique_id([unique_id], complet=complet),
            lambda reponse, mid: self._lire_recherche(reponse, mid, unique_id), annule)

    def suites(self, acces: AccesDmp, *, unique_ids: Sequence[str] = (),
               entry_uuids: Sequence[str] = (), annule: Annulation | None = None) -> Suites:
        """What became of documents: those that are still accessible, and what replaced them.

        A document that the answer doesn't hold was deleted, or is no longer accessible.

        Raises:
            Indisponible, Refuse, Rejete, SessionExpiree, Invalide, Annule.
        """
        suites, par_id = Suites(), bool(unique_ids)
        voulus = list(unique_ids) or list(entry_uuids)
        for rang in range(0, len(voulus), dmp_suites.PAR_APPEL):
            lot = voulus[rang:rang + dmp_suites.PAR_APPEL]
            suites = suites.plus(self._suites_d_un_lot(acces, lot, par_id, annule))
        return suites

    def recuperer(self, acces: AccesDmp, unique_id: str, repository_id: str = "",
                  attendu: FicheDmp | None = None,
                  annule: Annulation | None = None) -> DocumentRecu:
        """TD3.2: the bytes of one document, checked against its metadata.

        Args:
            acces: whose DMP.
            unique_id, repository_id: of the document, from TD3.1.
            attendu: its metadata: size and SHA-1 are checked.
            annule: True gives up.

        Raises:
            Refuse: rights, masked document.
            Rejete: not accessible any more.
            Invalide: truncated answer, missing part, wrong size or hash.
            Indisponible, SessionExpiree, Annule.
        """
        operation = Operation("TD3.2", "/repository", DELAI_RECUPERATION_S,
                              unique_ids=(unique_id,))
        return self._appeler(
            acces, operation, dmp_recuperation.ACTION,
            lambda: dmp_recuperation.requete([(repository_id, unique_id)]),
            lambda reponse, mid: dmp_recuperation.lire(_lire(reponse, mid), unique_id, attendu),
            annule)

    def alimenter(self, acces: AccesDmp, documents: Sequence[tuple[EntreeXds, bytes]], titre: str,
                  *, remplace: str = "", annule: Annulation | None = None) -> None:
        """TD2.1: deposit documents in one signed lot. Never retried by itself.

        Args:
            acces: whose DMP; the structure must be that of the documents' author.
            documents: metadata and exact bytes of each document.
            titre: title of the submission.
            remplace: entryUUID of the document that the first one replaces, or empty.
            annule: True gives up; the outcome is then unknown.

        Raises:
            Refuse: no software key (nothing is sent), or rights, or closed DMP.
            Rejete: metadata, duplicate, replacement of an old version.
            Indisponible: nobody answered, or not readably; `incertain` tells that the lot may
                have been taken: ask with `par_unique_id` before sending again.
            SessionExpiree, Annule.
        """
        self._exiger_permise("TD2.1")
        signataire = exiger_signataire(self._signataire)
        lot = dmp_depot.preparer(documents, titre, acces, self._logiciel, signataire,
                                 remplace=remplace, empreinte=self._empreinte)
        operation = Operation("TD2.1", "/repository", DELAI_DEPOT_S, idempotente=False,
                              emetteur=acces.professionnel.identifiant, mode=acces.mode,
                              unique_ids=lot.unique_ids)

        def fabriquer(message_id: str) -> Requete:
            racine = self._enveloppe(acces, dmp_depot.ACTION, "/repository", lot.corps,
                                     message_id)
            return Requete(*mtom.ecrire(racine, lot.parties, dmp_depot.ACTION))

        def lire(reponse: Reponse, message_id: str) -> None:
            try:
                lue = _lire(reponse, message_id)
                if lue.faute is None:
                    dmp_depot.lire(lue)
                    return
            except Invalide as erreur:
                raise Indisponible(
                    "La réponse du DMP au dépôt est illisible\u00a0: Pléiade vérifiera que le "
                    "document est arrivé avant tout nouvel envoi.", service="dmp",
                    code=erreur.code, incertain=True) from erreur
            raise erreur_de_faute(lue.faute)

        self._appelant.appeler(operation, fabriquer, lire, soap.nouvel_identifiant, annule=annule)

    def _suites_d_un_lot(self, acces: AccesDmp, lot: list[str], par_id: bool,
                         annule: Annulation | None) -> Suites:
        return self._appeler(
            acces, Operation("TD3.1", "/registry", DELAI_RECHERCHE_S), dmp_recherche.ACTION,
            lambda: dmp_suites.requete(unique_ids=lot if par_id else (),
                                       entry_uuids=() if par_id else lot),
            lambda reponse, mid: self._lourdement(
                len(reponse.corps), dmp_suites.lire, reponse.corps, reponse.content_type,
                reponse.status, mid), annule)

    # --- Inside -----------------------------------------------------------------------------

    def _appeler(self, acces: AccesDmp, operation: Operation, action: str,
                 corps: Callable[[], etree._Element], lire: Callable[[Reponse, str], T],
                 annule: Annulation | None) -> T:
        self._exiger_permise(operation.transaction)
        complete = Operation(
            operation.transaction, operation.chemin, operation.delai, operation.idempotente,
            emetteur=acces.professionnel.identifiant, mode=acces.mode,
            unique_ids=operation.unique_ids)

        def fabriquer(message_id: str) -> Requete:
            return Requete(self._enveloppe(acces, action, operation.chemin, corps(), message_id),
                           soap.type_contenu(action))

        return self._appelant.appeler(complete, fabriquer, lire, soap.nouvel_identifiant,
                                      annule=annule)

    def _exiger_permise(self, transaction: str) -> None:
        if self._permises is not None and transaction not in self._permises:
            raise Refuse("Le certificat de la structure permet d’envoyer au DMP, pas de le "
                         "consulter\u00a0: la consultation demande votre propre connexion à Pro "
                         "Santé Connect.", service="dmp", code="CERTIFICAT-CONSULTATION",
                         remede=Remede.SE_CONNECTER, classe=ClasseErreur.AUTH)

    def _enveloppe(self, acces: AccesDmp, action: str, chemin: str, corps: etree._Element,
                   message_id: str) -> bytes:
        if not (acces.matricule_ins and acces.oid):
            raise Refuse("Le DMP demande une identité qualifiée.", service="dmp",
                         code="INS-NON-QUALIFIEE", remede=Remede.QUALIFIER_INS)
        vihf = construire_vihf(acces.contexte_vihf(), self._logiciel, self._signataire)
        entetes = soap.entetes_adressage(action, message_id, self._adresse + chemin)
        return soap.enveloppe([*entetes, soap.securite([vihf])], corps)

    def _lire_recherche(self, reponse: Reponse, message_id: str,
                        unique_id: str) -> list[FicheDmp]:
        return self._lourdement(
            len(reponse.corps), lire_reponse_recherche, reponse.corps, reponse.content_type,
            reponse.status, message_id, unique_id)

    def _empreinte(self, contenu: bytes) -> str:
        return self._lourdement(len(contenu), dmp_depot.empreinte_cda, contenu)

    def _lourdement(self, taille: int, fonction: Callable[..., T], *args: object) -> T:
        """Run a pure function, away from this process when it is heavy."""
        if taille > SEUIL_LOURD and self.executeur_lourd is not None:
            resultat: T = self.executeur_lourd(fonction, *args)
            return resultat
        with _ANALYSE:
            return fonction(*args)


def _lire(reponse: Reponse, message_id: str) -> ReponseSoap:
    with _ANALYSE:
        return soap.lire_reponse(reponse.corps, reponse.content_type, reponse.status,
                                 service="dmp", message_id=message_id)
