"""May the DMP be consulted? Four facts: DMP, INS, Consentement, Authentification
(`spec/dmp.md` §12).

The answer is a local function: no call is made here. `td02_permis` says when the first call, the
test of existence, may leave.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain import dates
from app.domain.consent import EpisodeSoins
from app.domain.dmp import AutorisationDmp, EtatDmp
from app.domain.identity import Identite, StatutIdentite
from app.domain.libelles import preuve_qualification
from app.domain.outbox_rules import envoi_possible


class EtatLigne(StrEnum):
    """State of one of the four conditions."""

    REMPLI = "rempli"
    A_FAIRE = "a_faire"
    EN_COURS = "en_cours"
    BLOQUE = "bloque"


class RemedeDica(StrEnum):
    """What the list may offer on a failing line, most useful first."""

    PATIENT_CONSENT = "patient_consent"
    PATIENT_REFUSE = "patient_refuse"
    QUE_DIRE = "que_dire"
    MODIFIER_CONSENTEMENT = "modifier_consentement"
    BRIS_DE_GLACE = "bris_de_glace"
    QUALIFIER_INS = "qualifier_ins"
    SE_CONNECTER = "se_connecter"
    ETAT_SERVICES = "etat_services"
    REESSAYER = "reessayer"


@dataclass(frozen=True, slots=True)
class FaitsDica:
    """The facts, wherever they come from.

    `etat_dmp` is None until TD0.2 answered; `dmp_en_cours` says that the answer is awaited;
    `dmp_indisponible` is the French reason why it could not be had. `session_expire_le` is ISO
    with offset. `bris_de_glace` says that one is running; `peut_bris_de_glace` that this user may
    start one.
    """

    identite: Identite
    episode: EpisodeSoins | None = None
    etat_dmp: EtatDmp | None = None
    dmp_en_cours: bool = False
    dmp_indisponible: str = ""
    session_ouverte: bool = False
    session_expire_le: str = ""
    session_nom: str = "Pro Santé Connect"
    bris_de_glace: bool = False
    peut_bris_de_glace: bool = True


@dataclass(frozen=True, slots=True)
class LigneDica:
    """One of the four lines. `lettre` is D, I, C or A; `fait` the sentence under the title."""

    lettre: str
    titre: str
    fait: str
    etat: EtatLigne
    remedes: tuple[RemedeDica, ...] = ()


@dataclass(frozen=True, slots=True)
class Dica:
    """The answer: `manque` is the second line of the button, `envoi` the foot of the list."""

    consultable: bool
    lignes: tuple[LigneDica, ...]
    manque: str
    envoi: str
    recueil: bool = False
    """For who only collects the patient's answer: the letter C alone."""

    @property
    def titre(self) -> str:
        """First line of the button: it has two states only."""
        if self.recueil:
            return "Consentement"
        return "DMP consultable" if self.consultable else "DMP non consultable"


#: Word added when a single condition is missing.
_MOTS = {"D": "DMP", "I": "INS", "C": "consentement", "A": "authentification"}


def pour_recueil(dica: Dica) -> Dica:
    """The part of the answer of who collects the consent for a professional, without the right to
    read care: what the patient said, and how to note it. Nothing of the DMP, no emergency access.
    """
    lignes = tuple(replace(x, remedes=tuple(r for r in x.remedes
                                            if r is not RemedeDica.BRIS_DE_GLACE))
                   for x in dica.lignes if x.lettre == "C")
    return Dica(False, lignes, lignes[0].titre if lignes else "", "", recueil=True)


def td02_permis(faits: FaitsDica, *, relaxe: bool = False) -> bool:
    """True when the icon may call TD0.2: I and A hold, and the patient was informed.

    `relaxe` is the setting that replaces "informed" by "not opposed". TD0.2 is no consultation,
    but no DMP request leaves before the patient knows.
    """
    if faits.identite.statut is not StatutIdentite.QUALIFIEE or not faits.session_ouverte:
        return False
    if faits.bris_de_glace:
        return True
    if relaxe:
        return faits.episode is None or not faits.episode.opposition_alimentation
    return faits.episode is not None and bool(faits.episode.informe_le)


def evaluer(faits: FaitsDica) -> Dica:
    """Evaluate the four conditions."""
    lignes = (_ligne_d(faits), _ligne_i(faits), _ligne_c(faits), _ligne_a(faits))
    manquantes = [ligne for ligne in lignes if ligne.etat is not EtatLigne.REMPLI]
    return Dica(not manquantes, lignes, _manque(manquantes), _envoi(faits))


def _manque(manquantes: list[LigneDica]) -> str:
    if not manquantes:
        return "D I C A : 4 sur 4"
    if [ligne.etat for ligne in manquantes] == [EtatLigne.EN_COURS]:
        return "Vérification en cours"
    lettres = [ligne.lettre for ligne in manquantes]
    if len(lettres) == 1:
        return f"Il manque : {lettres[0]} ({_MOTS[lettres[0]]})"
    return f"Il manque : {', '.join(lettres)}"


def _ligne_d(faits: FaitsDica) -> LigneDica:
    etat = faits.etat_dmp
    if faits.dmp_en_cours:
        return LigneDica("D", "DMP", "Vérification…", EtatLigne.EN_COURS)
    if faits.dmp_indisponible:
        return LigneDica("D", "DMP indisponible", faits.dmp_indisponible, EtatLigne.A_FAIRE,
                         (RemedeDica.ETAT_SERVICES, RemedeDica.REESSAYER))
    if etat is None:
        return LigneDica("D", "DMP non vérifié", _pourquoi_non_verifie(faits), EtatLigne.A_FAIRE,
                         (RemedeDica.REESSAYER,) if td02_permis(faits) else ())
    if not etat.existe:
        return LigneDica("D", "Pas de DMP", "Ce patient n’a pas de DMP.", EtatLigne.BLOQUE)
    if not etat.ouvert:
        motif = f" : {etat.motif_fermeture}" if etat.motif_fermeture else ""
        return LigneDica("D", "DMP fermé", f"Le DMP de ce patient est fermé{motif}.",
                         EtatLigne.BLOQUE)
    if etat.autorisation is AutorisationDmp.INTERDIT:
        return LigneDica("D", "Accès bloqué par le patient",
                         "Le patient vous a retiré l’accès à son DMP.", EtatLigne.BLOQUE)
    return LigneDica("D", "DMP accessible",
                     f"Existe et ouvert, vérifié à {heure(etat.verifie_le)}", EtatLigne.REMPLI)


def _pourquoi_non_verifie(faits: FaitsDica) -> str:
    if faits.identite.statut is not StatutIdentite.QUALIFIEE:
        return "Non vérifié tant que l’INS n’est pas qualifiée."
    if not faits.session_ouverte:
        return "Non vérifié tant que vous n’êtes pas authentifié."
    if not td02_permis(faits):
        return "Non vérifié : informez d’abord le patient."
    return "Non vérifié."


def _ligne_i(faits: FaitsDica) -> LigneDica:
    if faits.identite.statut is StatutIdentite.QUALIFIEE:
        return LigneDica("I", "INS qualifiée", preuve_qualification(faits.identite),
                         EtatLigne.REMPLI)
    return LigneDica("I", "INS non qualifiée",
                     "Contrôlez un document d’identité et interrogez INSi.",
                     EtatLigne.A_FAIRE, (RemedeDica.QUALIFIER_INS,))


def _ligne_c(faits: FaitsDica) -> LigneDica:
    episode = faits.episode
    bris = (RemedeDica.BRIS_DE_GLACE,) if faits.peut_bris_de_glace else ()
    if faits.bris_de_glace:
        return LigneDica("C", "Bris de glace en cours",
                         "Accès en urgence, motivé et tracé ; le patient en est informé.",
                         EtatLigne.REMPLI)
    if episode is None or episode.consentement_consultation is None:
        return LigneDica("C", "Consentement à enregistrer",
                         "Informez le patient, puis notez sa réponse. Elle vaut pour toute "
                         "l’équipe.", EtatLigne.A_FAIRE,
                         (RemedeDica.PATIENT_CONSENT, RemedeDica.PATIENT_REFUSE,
                          RemedeDica.QUE_DIRE, *bris))
    note = _note(episode)
    if episode.consentement_consultation:
        return LigneDica("C", "Le patient consent", note, EtatLigne.REMPLI,
                         (RemedeDica.MODIFIER_CONSENTEMENT,))
    return LigneDica("C", "Le patient refuse la consultation", note, EtatLigne.BLOQUE,
                     (RemedeDica.MODIFIER_CONSENTEMENT, *bris))


def _note(episode: EpisodeSoins) -> str:
    par = f" par {episode.informe_par}" if episode.informe_par else ""
    if episode.recueilli_par:
        par = f" par {episode.recueilli_par} pour {episode.informe_par}"
    le = f" le {dates.formater(episode.informe_le)[:10]}" if episode.informe_le else ""
    return f"Noté{le}{par}, vaut pour toute l’équipe"


def _ligne_a(faits: FaitsDica) -> LigneDica:
    if faits.session_ouverte:
        fin = heure(faits.session_expire_le)
        return LigneDica("A", "Authentification",
                         faits.session_nom + (f", session jusqu’à {fin}" if fin else ""),
                         EtatLigne.REMPLI)
    return LigneDica("A", "Authentification", "Vous n’êtes pas authentifié.",
                     EtatLigne.A_FAIRE, (RemedeDica.SE_CONNECTER,))


def _envoi(faits: FaitsDica) -> str:
    motif = envoi_possible(faits.identite, faits.episode, faits.etat_dmp)
    return f"Envoi vers le DMP : {'autorisé' if not motif else motif[0].lower() + motif[1:]}"


def heure(horodatage: str) -> str:
    """HH:MM of an ISO date-time, in local time; empty when it can't be read."""
    try:
        instant = datetime.fromisoformat(horodatage)
    except ValueError:
        return ""
    return (instant.astimezone() if instant.tzinfo else instant).strftime("%H:%M")
