"""Which authentication a call takes: the user's session, the structure, or the CPS.

One place chooses, so that the gestures only ask « call INSi » or « send »; the journal then says
which one was used (INS/va1.14, SC.INS/PSC.50, SC.DMP/CONF.22).
"""

from dataclasses import dataclass
from pathlib import Path

from app.domain.certificat import UsageCertificat, memes_structures
from app.domain.people import ProfilUtilisateur
from app.domain.roles import Droit
from app.services import certificats as lecture
from app.services.certificats import CleEtCertificat
from app.services.dmp import TRANSACTIONS_CERTIFICAT, ClientDmp
from app.services.errors import Remede
from app.services.insi import ClientInsi
from app.services.insi_authentification import ParCertificat, ParCps
from app.services.transport_direct import (
    CERTIFICAT_STRUCTURE,
    CPS_ASSERTION,
    CPS_DIRECTE,
    TransportDirect,
    contexte_tls,
)
from app.store.errors import Introuvable
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre
from app.usecases.reglages_centre import ReglagesCentre, lire_reglages_centre

PSC_PROXY = "psc_proxy"
LIBELLES = {PSC_PROXY: "Pro Santé Connect", CERTIFICAT_STRUCTURE: "certificat structure",
            CPS_ASSERTION: "carte CPS", CPS_DIRECTE: "carte CPS"}


@dataclass(frozen=True, slots=True)
class AccesInsi:
    """How INSi will be called: the client, and who is at work."""

    client: ClientInsi
    qui: ProfilUtilisateur | str

    @property
    def mode(self) -> str:
        """« certificat structure », « Pro Santé Connect, 8… », as the trail says it."""
        libelle = LIBELLES.get(self.client.strategie, self.client.strategie)
        if isinstance(self.qui, ProfilUtilisateur):
            return f"{libelle}, {self.qui.subject_name_id}"
        return libelle


@libre("un état")
def session_ouverte(ctx: Contexte) -> bool:
    """True while the user's Pro Santé Connect session lives."""
    proxy = ctx.services.proxy
    return proxy is not None and proxy.session is not None


def _certificat(ctx: Contexte, usage: UsageCertificat) -> CleEtCertificat | None:
    """A certificate of the file, still valid and of this structure; None when there is none."""
    with ctx.store.lecture() as u:
        try:
            chaine, cle = u.certificats.secret(usage)
        except Introuvable:
            return None
    paire = lecture.relire(cle, chaine)
    lecture.exiger_valable(paire.certificat)
    if not memes_structures(lecture.decrire(paire.certificat).structure,
                            ctx.structure.identifiant):
        raise Refus("Le certificat importé est celui d’une autre structure. Rien n’a été envoyé. "
                    "Réimportez le vôtre dans Réglages, Certificats et cartes.",
                    code="CERTIFICAT-STRUCTURE")
    return paire


@libre("un état")
def mode_insi(ctx: Contexte) -> str:
    """The strategy of the next INSi call, "" when none is possible now."""
    reglages = lire_reglages_centre(ctx)
    with ctx.store.lecture() as u:
        certifie = any(c.usage is UsageCertificat.INSI for c in u.certificats.lister())
    possibles = {PSC_PROXY: session_ouverte(ctx), CERTIFICAT_STRUCTURE: certifie,
                 CPS_ASSERTION: ctx.services.directs.cps is not None}
    if reglages.insi_mode == "auto":
        return next((mode for mode, possible in possibles.items() if possible), "")
    return reglages.insi_mode if possibles.get(reglages.insi_mode) else ""


@libre("un état")
def refus_insi(ctx: Contexte) -> Refus | None:
    """Why INSi can't be called now, and what to do; None when it can."""
    if mode_insi(ctx):
        return None
    voulu = lire_reglages_centre(ctx).insi_mode
    if voulu == CERTIFICAT_STRUCTURE:
        return Refus("L’appel INSi par certificat demande le certificat INSI-AUTO ou INSI-MANU de "
                     "la structure. Importez-le dans Réglages, Certificats et cartes.",
                     code="CERTIFICAT-ABSENT")
    if voulu == CPS_ASSERTION:
        return Refus("L’appel INSi par carte demande votre CPS et son code. Insérez-la, puis "
                     "ouvrez-la dans Réglages, Certificats et cartes.", code="CPS-ABSENTE")
    return Refus("L’appel INSi attend votre connexion à Pro Santé Connect.",
                 remede=Remede.SE_CONNECTER, code="PSC-ABSENT")


@exige(Droit.IDENTITES)
def acces_insi(ctx: Contexte) -> AccesInsi:
    """The way to INSi now.

    :raises Refus: no session, certificate or card; the sentence says what to do.
    :raises ErreurService: the certificate is out of its time.
    """
    mode = mode_insi(ctx)
    if mode == CERTIFICAT_STRUCTURE:
        return AccesInsi(_insi_par_certificat(ctx), ctx.professionnel.identifiant)
    if mode == CPS_ASSERTION:
        return AccesInsi(_insi_par_cps(ctx), ctx.professionnel.identifiant)
    if refus := refus_insi(ctx):
        raise refus
    return AccesInsi(ctx.services.exiger_insi(), ctx.services.profil)


def _insi_par_certificat(ctx: Contexte) -> ClientInsi:
    reglages = lire_reglages_centre(ctx)
    paire = _certificat(ctx, UsageCertificat.INSI)
    assert paire is not None
    structure = lecture.decrire(paire.certificat)

    def faire() -> tuple[TransportDirect, ClientInsi]:
        transport = _transport(ctx, {"insi": reglages.insi_certificat_url}, CERTIFICAT_STRUCTURE,
                               reglages, paire)
        return transport, ClientInsi(ParCertificat(transport, structure.structure),
                                     ctx.services.logiciel, meteo=ctx.services.etats)

    return ctx.services.directs.client(
        ("insi_certificat", structure.empreinte, reglages.insi_certificat_url,
         reglages.ca_services), faire)


def _insi_par_cps(ctx: Contexte) -> ClientInsi:
    reglages = lire_reglages_centre(ctx)
    cps = ctx.services.directs.cps
    assert cps is not None

    def faire() -> tuple[TransportDirect, ClientInsi]:
        transport = _transport(ctx, {"insi": reglages.insi_cps_url}, CPS_ASSERTION, reglages)
        return transport, ClientInsi(
            ParCps(transport, cps.signataire, cps.identifiant, cps.porteur),
            ctx.services.logiciel, meteo=ctx.services.etats)

    return ctx.services.directs.client(
        ("insi_cps", cps.signataire, cps.identifiant, reglages.insi_cps_url,
         reglages.ca_services), faire)


@libre("un état")
def dmp_possible(ctx: Contexte) -> bool:
    """True when something authenticates the user at the DMP now: a session, or the open card."""
    cps = ctx.services.directs.cps
    return session_ouverte(ctx) or (cps is not None and cps.tls is not None)


@exige(Droit.CLINIQUE_LIRE, Droit.ENVOYER)
def dmp_par_cps(ctx: Contexte) -> ClientDmp | None:
    """The client of the DMP by the user's card: mutual TLS and assertions, its two keys.

    None when Pro Santé Connect is there (it comes first), or no card is open.

    :raises Refus: the card is somebody else's.
    :raises ErreurService: this workstation can't open TLS with a key in a card.
    """
    cps = ctx.services.directs.cps
    if session_ouverte(ctx) or cps is None or cps.tls is None:
        return None
    if cps.identifiant != ctx.professionnel.identifiant:
        raise Refus(f"La carte ouverte est celle de {cps.nom}. Rien n’a été envoyé. Insérez la "
                    "vôtre.", remede=Remede.SE_CONNECTER, code="CPS-TITULAIRE")
    reglages, tls = lire_reglages_centre(ctx), cps.tls

    def faire() -> tuple[TransportDirect, ClientDmp]:
        ca = Path(reglages.ca_services) if reglages.ca_services else None
        contexte = contexte_tls(ca)
        tls.equiper(contexte)
        transport = TransportDirect({"dmp": reglages.dmp_cps_url}, CPS_DIRECTE, contexte,
                                    meteo=ctx.services.etats, carte=tls)
        return transport, ClientDmp(
            transport, ctx.services.logiciel, cps.signataire, adresse=reglages.dmp_cps_url,
            meteo=ctx.services.etats, executeur_lourd=ctx.services.executeur)

    return ctx.services.directs.client(
        ("dmp_cps", tls, cps.signataire, reglages.dmp_cps_url, reglages.ca_services), faire)


def _transport(ctx: Contexte, adresses: dict[str, str], strategie: str,
               reglages: ReglagesCentre, paire: CleEtCertificat | None = None
               ) -> TransportDirect:
    ca = Path(reglages.ca_services) if reglages.ca_services else None
    return TransportDirect(adresses, strategie, contexte_tls(ca, paire),
                           meteo=ctx.services.etats)


@exige(Droit.ENVOYER)
def dmp_par_certificat(ctx: Contexte) -> ClientDmp | None:
    """The client that feeds the DMP with the structure's certificates; None when not wanted.

    :raises Refus: wanted, but a certificate is missing.
    :raises ErreurService: a certificate is out of its time: orders wait.
    """
    reglages = lire_reglages_centre(ctx)
    if not reglages.dmp_certificat:
        return None
    connexion = _certificat(ctx, UsageCertificat.DMP)
    sceau = _certificat(ctx, UsageCertificat.SIGNATURE)
    if connexion is None or sceau is None:
        raise Refus("L’envoi au DMP par certificat demande deux certificats de la structure : "
                    "connexion (ORG AUTH_CLI) et signature (ORG SIGN). Importez-les dans "
                    "Réglages, Certificats et cartes.", remede=Remede.SIGNALER,
                    code="CERTIFICAT-ABSENT")

    def faire() -> tuple[TransportDirect, ClientDmp]:
        transport = _transport(ctx, {"dmp": reglages.dmp_certificat_url}, CERTIFICAT_STRUCTURE,
                               reglages, connexion)
        return transport, ClientDmp(
            transport, ctx.services.logiciel, sceau.signataire(),
            adresse=reglages.dmp_certificat_url, meteo=ctx.services.etats,
            permises=TRANSACTIONS_CERTIFICAT)

    return ctx.services.directs.client(
        ("dmp", lecture.decrire(connexion.certificat).empreinte,
         lecture.decrire(sceau.certificat).empreinte, reglages.dmp_certificat_url,
         reglages.ca_services), faire)
