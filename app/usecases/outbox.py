"""The outbox: what the user decides, and the runner that sends (`spec/dmp.md` §16).

Every order is a row before it is a call. An order whose outcome isn't known is asked for (TD3.1b on
its uniqueId) before it is sent again: killed at any instant, the program sends nothing twice.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.domain.dmp import EtatDmp
from app.domain.outbox import Destination, EtatOrdre, Ordre
from app.domain.outbox_rules import envoi_possible, prochain_essai
from app.domain.patient import Patient
from app.domain.roles import Droit
from app.services.errors import ErreurService, Rejete, Remede, SessionExpiree
from app.store.errors import ChangementInterdit, ConflitVersion, Introuvable
from app.store.unite import Unite
from app.usecases.acces_dmp import existence_du_jour, voie_alimentation
from app.usecases.authentifications import LIBELLES as LIBELLES_VOIES
from app.usecases.authentifications import dmp_possible
from app.usecases.context import Contexte, iso_utc, maintenant_utc
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.reglages_centre import lire as lire_centre
from app.usecases.settings import lire_reglages

journal = logging.getLogger("pleiade.envois")

#: Code written on orders that wait for a qualified identity: they leave by themselves then.
CODE_IDENTITE = "INS-NON-QUALIFIEE"
#: Code of orders that wait for a login.
CODE_SESSION = "PSC-ABSENT"
#: Code of orders that wait for the mail.
CODE_MSSANTE = "MSSANTE-EN-ATTENTE"
#: Seconds between two looks at the outbox when nothing wakes the runner.
PERIODE_S = 5.0
#: Longer than the longest sending: connection, TD0.2 and TD2.1 with their time-outs.
BAIL_S = 240


@exige(Droit.ENVOYER, Droit.CLINIQUE_LIRE, Droit.MESSAGERIE)
def lister_envois(ctx: Contexte, limite: int = 200) -> tuple[Ordre, ...]:
    """Orders, those to solve first, then the queue, then the ended ones, newest first."""
    with ctx.store.lecture() as u:
        return tuple(u.outbox.lister(limite))


@libre("un nombre")
def compter_echecs(ctx: Contexte) -> int:
    """Orders that wait for a decision (red counter of the rail)."""
    with ctx.store.lecture() as u:
        return u.outbox.compter_refuses()


def _changer(ctx: Contexte, ordre_id: int, etat: EtatOrdre, version: int, quoi: str) -> Ordre:
    with ctx.store.ecriture() as u:
        if not u.outbox.visible(ordre_id):  # hidden and missing look the same (LABEL.04)
            raise Introuvable("Cet envoi n’existe pas.")
        ordre = u.outbox.changer(ordre_id, etat, version=version)
        u.trail.ecrire(qui=ctx.qui, quoi=quoi, sur_qui=str(ordre.patient_id),
                       resultat=ordre.etat.value, detail=f"document {ordre.document_id}")
    return ordre


@exige(Droit.ENVOYER)
def retenir(ctx: Contexte, ordre_id: int, version: int) -> Ordre:
    """Hold one order (PROG.03)."""
    return _changer(ctx, ordre_id, EtatOrdre.RETENU, version, "envoi.retenu")


@exige(Droit.ENVOYER)
def retenir_document(ctx: Contexte, document_id: int) -> Ordre:
    """Hold the last order of a document just validated. :raises Introuvable: it has none."""
    ordre = _dernier(ctx, document_id)
    return retenir(ctx, ordre.id, ordre.version)


@exige(Droit.ENVOYER)
def annuler_document(ctx: Contexte, document_id: int) -> Ordre:
    """Cancel it. :raises Introuvable: it has none."""
    ordre = _dernier(ctx, document_id)
    return annuler(ctx, ordre.id, ordre.version)


def _dernier(ctx: Contexte, document_id: int) -> Ordre:
    with ctx.store.lecture() as u:
        u.documents.lire(document_id)
        ordres = u.outbox.par_document(document_id)
    if not ordres:
        raise Introuvable("Cet envoi n’existe plus.")
    return ordres[0]


@dataclass(frozen=True, slots=True)
class Suite:
    """What becomes of a document just validated: a French sentence, and whether its sending can
    still be cancelled."""

    phrase: str
    annulable: bool = False


@exige(Droit.CLINIQUE_ECRIRE)
def suite_de_validation(ctx: Contexte, document_id: int) -> Suite:
    """What the queue holds for a document just validated; nothing is said that isn't so."""
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(document_id)
        ordres = u.outbox.par_document(document_id)
        identite = u.patients.lire(fiche.patient_id).identite
    if not ordres:
        return Suite("Il reste au cabinet.")
    if ordres[0].etat is EtatOrdre.RETENU:
        return Suite("Son envoi est retenu.")
    if not identite.matricule_transmissible:
        return Suite("L’envoi attend la qualification.", True)
    delai = lire_reglages(ctx).delai_envoi_min
    return Suite(f"Envoi au DMP {f'dans {delai} min' if delai else 'maintenant'}.", True)


@exige(Droit.ENVOYER)
def liberer(ctx: Contexte, ordre_id: int, version: int) -> Ordre:
    """Let a held order go."""
    return _changer(ctx, ordre_id, EtatOrdre.PROGRAMME, version, "envoi.libere")


@exige(Droit.ENVOYER)
def annuler(ctx: Contexte, ordre_id: int, version: int) -> Ordre:
    """Cancel an order that hasn't left. The document stays in the file."""
    return _changer(ctx, ordre_id, EtatOrdre.ANNULE, version, "envoi.annule")


@exige(Droit.ENVOYER)
def reessayer(ctx: Contexte, ordre_id: int, version: int) -> Ordre:
    """Try a refused or waiting order again now, even if the service was being left alone."""
    ctx.services.etats.rearmer()
    return _changer(ctx, ordre_id, EtatOrdre.PROGRAMME, version, "envoi.reessai")


def liberer_pour_identite(u: Unite, patient: Patient) -> None:
    """The identity became qualifiée: orders that waited for it leave (PROG.04)."""
    if patient.identite.matricule_transmissible:
        for ordre in u.outbox.du_patient(patient.id):
            if ordre.etat in (EtatOrdre.RETENU, EtatOrdre.REFUSE) and ordre.code == CODE_IDENTITE:
                u.outbox.changer(ordre.id, EtatOrdre.PROGRAMME, version=ordre.version)


def annuler_pour_opposition(u: Unite, patient_id: int) -> int:
    """The patient opposes: orders not yet sent are cancelled. Returns their number."""
    nombre = 0
    for ordre in u.outbox.du_patient(patient_id):
        if ordre.etat in (EtatOrdre.RETENU, EtatOrdre.PROGRAMME, EtatOrdre.ATTENTE_TECHNIQUE,
                          EtatOrdre.REFUSE):
            u.outbox.changer(ordre.id, EtatOrdre.ANNULE, version=ordre.version)
            nombre += 1
    return nombre


def _deposer(ctx: Contexte, ordre: Ordre) -> str:
    """Send one document to the DMP, or ask first when a former try may have reached it.

    :return: by which authentication, as the trail says it.
    :raises ErreurService, Refus: not sent, with the reason.
    """
    from app.documents.xds import entree_depuis_cda

    with ctx.store.lecture(entiere=True) as u:
        fiche = u.documents.lire(ordre.document_id)
        patient = u.patients.lire(ordre.patient_id)
        episode = u.episodes.courant(ordre.patient_id)
        cda = u.documents.contenu(fiche.cda_sha256)
        remplace = None
        if fiche.version_number > 1:
            remplace = u.documents.version_precedente(fiche)
    motif = envoi_possible(patient.identite, episode, None)
    if motif:
        qualifiee = patient.identite.matricule_transmissible
        raise Refus(motif, remede=Remede.AUCUN if qualifiee else Remede.QUALIFIER_INS,
                    code="" if qualifiee else CODE_IDENTITE)
    if patient.identite.matricule_ins.encode() not in cda:
        # Validated before the identity was qualifiée: the DMP wants the INS in the document.
        from app.usecases.attente_identite import refaire_avec_identite

        cda = refaire_avec_identite(ctx, fiche) or cda
    client, acces = voie_alimentation(ctx, patient)
    voie = LIBELLES_VOIES.get(client.strategie, client.strategie)
    if ordre.incertain and client.par_unique_id(acces, fiche.cda_id):
        return voie
    etat: EtatDmp = existence_du_jour(ctx, patient, acces, client)
    motif = envoi_possible(patient.identite, episode, etat)
    if motif:
        raise Refus(motif, code="DMPPatientClosed" if etat.existe else "NF")
    entree = entree_depuis_cda(cda)
    remplacee = ""
    if remplace is not None:
        # The registry names what it holds: a deposit of ours learns it when it is replaced.
        remplacee = remplace.entry_uuid or next(
            (f.entry_uuid for f in client.par_unique_id(acces, remplace.cda_id)), "")
    if remplacee:
        client.alimenter(acces, [(entree, cda)], fiche.titre, remplace=remplacee)
    else:
        client.alimenter(acces, [(entree, cda)], fiche.titre)
    return voie


@libre("envoie ce que ce compte a validé ; chaque accès au DMP est gardé")
def traiter_un(ctx: Contexte, bail_s: int = BAIL_S) -> Ordre | None:
    """Take the next due order of this professional, send it, write what came of it.

    :param bail_s: seconds during which nobody else may take the order.
    :return: the order in its new state, or None when nothing is due.
    """
    maintenant = maintenant_utc()
    with ctx.store.ecriture() as u:
        u.outbox.reprendre_bails_expires(iso_utc(maintenant))
        ordre = u.outbox.prendre(iso_utc(maintenant), auteur_id=ctx.compte_id,
                                bail_s=bail_s)
        if ordre is None:
            return None
        if ordre.destination is not Destination.DMP:
            # Its archive is ready; only the mail may take it, never the DMP.
            return u.outbox.terminer(
                ordre.id, etat=EtatOrdre.ATTENTE_TECHNIQUE, code=CODE_MSSANTE,
                motif="L’archive est prête. Elle partira par la messagerie MSSanté.",
                prochain_essai=iso_utc(maintenant + timedelta(days=1)))
        if not lire_centre(u).dmp_certificat and not dmp_possible(ctx):
            return u.outbox.terminer(
                ordre.id, etat=EtatOrdre.ATTENTE_TECHNIQUE, code=CODE_SESSION,
                remede=Remede.SE_CONNECTER.value, incertain=ordre.incertain,
                motif="Reprise à votre prochaine connexion à Pro Santé Connect.",
                prochain_essai=iso_utc(maintenant + timedelta(minutes=30)))
    try:
        voie = _deposer(ctx, ordre)
    except Rejete as erreur:
        if erreur.code == "XDSDuplicateUniqueIdInRegistry" and (ordre.incertain or ordre.essais):
            return _finir(ctx, ordre, EtatOrdre.ENVOYE)  # the former try had reached the DMP
        return _finir(ctx, ordre, EtatOrdre.REFUSE, erreur)
    except ErreurService as erreur:
        if not erreur.reessayable:
            return _finir(ctx, ordre, EtatOrdre.REFUSE, erreur)
        return _finir(ctx, ordre, EtatOrdre.ATTENTE_TECHNIQUE, erreur)
    except Refus as refus:
        return _finir(ctx, ordre, EtatOrdre.REFUSE, refus)
    return _finir(ctx, ordre, EtatOrdre.ENVOYE, voie=voie)


def _finir(ctx: Contexte, ordre: Ordre, etat: EtatOrdre,
           erreur: ErreurService | Refus | None = None, voie: str = "") -> Ordre:
    """Write the outcome and its trace."""
    essai = ""
    incertain = ordre.incertain
    if etat is EtatOrdre.ATTENTE_TECHNIQUE:
        assert isinstance(erreur, ErreurService)
        essai = iso_utc(prochain_essai(ordre.essais, maintenant_utc(), random.random()))
        if isinstance(erreur, SessionExpiree):
            essai = iso_utc(maintenant_utc() + timedelta(minutes=30))
        incertain = incertain or erreur.incertain
    try:
        fini = _ecrire_fin(ctx, ordre, etat, erreur, essai, voie,
                           incertain=incertain and etat is not EtatOrdre.ENVOYE)
    except (ConflitVersion, ChangementInterdit):
        # The lease ran out and another workstation has the order: it asks the DMP what arrived.
        journal.warning("ordre %s : bail perdu, repris ailleurs", ordre.id)
        with ctx.store.lecture(entiere=True) as u:
            return u.outbox.lire(ordre.id)
    journal.info("ordre %s : %s %s", ordre.id, etat.value, fini.code)
    return fini


def _ecrire_fin(ctx: Contexte, ordre: Ordre, etat: EtatOrdre,
                erreur: ErreurService | Refus | None, essai: str, voie: str, *,
                incertain: bool) -> Ordre:
    with ctx.store.ecriture() as u:
        fini = u.outbox.terminer(
            ordre.id, version=ordre.version, etat=etat,
            motif="" if erreur is None else erreur.message,
            code="" if erreur is None else erreur.code,
            remede="" if erreur is None else erreur.remede.value,
            prochain_essai=essai, incertain=incertain)
        u.trail.ecrire(qui=ctx.qui, quoi="dmp.depot", sur_qui=str(ordre.patient_id),
                       resultat=fini.code or etat.value,
                       detail=f"document {ordre.document_id}" + (f" ; {voie}" if voie else ""))
    return fini


@libre("réveille la file de ce compte")
def relancer_en_attente(ctx: Contexte) -> int:
    """The connection works again: waiting orders become due now (PROG.07)."""
    with ctx.store.ecriture() as u:
        return u.outbox.avancer_en_attente(iso_utc(maintenant_utc()), auteur_id=ctx.compte_id)


class Expediteur:
    """The background runner of the outbox: one thread, woken by events or every PERIODE_S.

    `au_changement(ordre)` is called from that thread after each order.
    """

    def __init__(self, ctx: Contexte, au_changement: Callable[[Ordre], None]) -> None:
        self._ctx = ctx
        self._au_changement = au_changement
        self._reveil = threading.Event()
        self._fin = threading.Event()
        self._fil: threading.Thread | None = None
        self._connecte = False

    def demarrer(self) -> None:
        """Start the thread."""
        self._fil = threading.Thread(target=self._boucle, name="envois", daemon=True)
        self._fil.start()

    def reveiller(self) -> None:
        """Look now: something was validated, a login succeeded, the network is back."""
        self._reveil.set()

    def arreter(self, delai_s: float = 3.0) -> None:
        """Ask the thread to end; a call on its way is left, its order stays leased (uncertain)."""
        self._fin.set()
        self._reveil.set()
        if self._fil is not None:
            self._fil.join(delai_s)

    def _boucle(self) -> None:
        from app.store.errors import ErreurStore

        while not self._fin.is_set():
            try:
                self._un_tour()
            except ErreurStore as erreur:
                journal.error("boîte d’envoi : %s", erreur.message)
            self._reveil.wait(PERIODE_S)
            self._reveil.clear()

    def _un_tour(self) -> None:
        connecte = dmp_possible(self._ctx)
        if connecte and not self._connecte:
            relancer_en_attente(self._ctx)
        self._connecte = connecte
        while not self._fin.is_set():
            ordre = traiter_un(self._ctx)
            if ordre is None:
                return
            self._au_changement(ordre)


def ajouter_ordre_dmp(u: Unite, *, document_id: int, patient_id: int, auteur_id: int,
                      delai_min: int, retenir_envoi: bool) -> Ordre:
    """Put a validated document in the outbox (PROG.02)."""
    return u.outbox.ajouter(
        Destination.DMP, document_id, patient_id, auteur_id,
        iso_utc(maintenant_utc() + timedelta(minutes=delai_min)),
        etat=EtatOrdre.RETENU if retenir_envoi else EtatOrdre.PROGRAMME)
