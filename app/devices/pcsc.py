"""The monitor of card readers: tells when readers and cards come and go, and reads them.

One thread waits for changes; another reads each card, so that a stuck card or driver never keeps
the rest from working. PC/SC may be absent, come later, or be restarted: the monitor waits for it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.devices.apdu import Transmettre
from app.devices.atr import Genre, reconnaitre
from app.devices.events import (
    CarteArrachee,
    CarteCps,
    CarteMuette,
    CarteOccupee,
    CarteVitale1,
    EchangeEchoue,
    ErreurCarte,
    EvenementLecteur,
    LectureIncomplete,
    PasUneVitale,
)
from app.devices.port import Lecture, Rappel
from app.devices.vitale import lire_vitale
from app.devices.winscard import Contexte, EtatLecteur, ServiceAbsent
from app.domain.identity import Beneficiaire

#: A reading that lasts longer is given up.
DELAI_LECTURE_S = 8.0
#: Between two looks for an absent service or reader.
PAUSE_SERVICE_S = 2.0
ATTENTE_MS = 500

SANS_SERVICE = ("Le service des lecteurs de cartes (PC/SC) ne répond pas. "
                "Il sera utilisé dès qu’il sera démarré.")
SANS_COMPOSANT = ("Le composant PC/SC n’est pas installé sur ce poste : les cartes ne peuvent "
                  "pas être lues. La saisie des traits reste possible.")
SANS_LECTEUR = "Aucun lecteur de cartes n’est branché."
SANS_CARTE = "Insérez la carte Vitale du patient."
CPS_A_COTE = "Une carte de professionnel (CPS) est dans ce lecteur."
#: Code of the event that a CPS gives when it leaves: the session may be locked by it.
CPS_RETIREE = "cps_retiree"
LECTURE = "Lecture de la carte Vitale…"
LUE = "Carte Vitale lue."


class LectureOuverte:
    """The open reading of the carte Vitale (`vitale.lire_vitale`)."""

    agree = False
    directe = True

    def lire(self, lecteur: str, transmettre: Transmettre | None) -> list[Beneficiaire]:
        """See `port.Lecture`."""
        if transmettre is None:
            raise CarteMuette
        return lire_vitale(transmettre)


@dataclass(slots=True)
class _Lecteur:
    """What is known of a reader. `generation` changes with each card: late answers are dropped."""

    etat: EtatLecteur = field(default_factory=lambda: EtatLecteur(0))
    vu: bool = False
    generation: int = 0
    en_cours: bool = False
    fin: float = 0.0
    cps: bool = False


class MoniteurCartes:
    """Watches the readers of the workstation.

    Args:
        rappel: called for each event, one at a time, from a thread of the monitor; may also be
            given to `demarrer`.
        lecture: how to read a carte Vitale; the open reading by default.
        lecteur_vitale: name of the reader reserved for the carte Vitale, when it is known: a CPS
            there is a mistake, whereas a CPS in another reader is at its place.
        contexte: makes connections to PC/SC (tests).
    """

    def __init__(self, rappel: Rappel | None = None, *, lecture: Lecture | None = None,
                 lecteur_vitale: str = "", delai_lecture_s: float = DELAI_LECTURE_S,
                 pause_service_s: float = PAUSE_SERVICE_S,
                 contexte: Callable[[], Contexte] = Contexte) -> None:
        self._rappel = rappel
        self._lecture: Lecture = lecture or LectureOuverte()
        self.agree = self._lecture.agree
        self._lecteur_vitale = lecteur_vitale
        self._delai = delai_lecture_s
        self._pause = pause_service_s
        self._fabrique = contexte
        self._lecteurs: dict[str, _Lecteur] = {}
        self._general = ""
        self._fin = threading.Event()
        # Reentrant: a callback may well stop the monitor.
        self._verrou = threading.RLock()
        self._contexte: Contexte | None = None
        self._fil: threading.Thread | None = None
        # Opened by a worker, stopped by the window: one after the other.
        self._vie = threading.Lock()

    # --- life ----------------------------------------------------------------------------

    def demarrer(self, rappel: Rappel | None = None) -> None:
        """Begin to watch; returns at once."""
        self._rappel = rappel or self._rappel
        with self._vie:
            if self._fil is None:
                self._fin.clear()
                self._fil = threading.Thread(target=self._vivre, name="cartes", daemon=True)
                self._fil.start()

    def arreter(self) -> None:
        """Stop; no event comes after."""
        with self._vie:
            self._fin.set()
            fil, self._fil = self._fil, None
        with self._verrou:
            contexte = self._contexte
            for lecteur in self._lecteurs.values():
                lecteur.generation += 1
        if contexte is not None:
            contexte.annuler()
        if fil is not None and fil is not threading.current_thread():
            fil.join(3.0)
        self._lecteurs = {}
        self._general = ""

    def _vivre(self) -> None:
        while not self._fin.is_set():
            try:
                with self._fabrique() as contexte:
                    with self._verrou:
                        self._contexte = contexte
                    self._surveiller(contexte)
            except ServiceAbsent as exc:
                self._tout_perdre()
                message = SANS_SERVICE if exc.installe else SANS_COMPOSANT
                self._annoncer("aucun_service", message,
                               "" if exc.installe else "composant_absent")
            finally:
                with self._verrou:
                    self._contexte = None
            self._fin.wait(self._pause)

    # --- readers -------------------------------------------------------------------------

    def _surveiller(self, contexte: Contexte) -> None:
        while not self._fin.is_set():
            noms = contexte.lecteurs()
            for nom in [n for n in self._lecteurs if n not in noms]:
                self._partir(nom)
            if not noms:
                self._annoncer("aucun_lecteur", SANS_LECTEUR)
                self._fin.wait(min(self._pause, 1.0))
                continue
            for nom in noms:
                self._lecteurs.setdefault(nom, _Lecteur())
            connus = {nom: self._lecteurs[nom].etat.brut for nom in noms}
            for nom, etat in contexte.attendre(connus, ATTENTE_MS).items():
                self._examiner(nom, etat, seul=len(noms) == 1)
            self._abandonner_les_trop_longues()

    def _examiner(self, nom: str, etat: EtatLecteur, *, seul: bool) -> None:
        lecteur = self._lecteurs[nom]
        if etat.absent:
            self._partir(nom)
            return
        avant, lecteur.etat = lecteur.etat, etat
        premier, lecteur.vu = not lecteur.vu, True
        # The counter tells a card swapped between two looks; without one it doesn't move.
        echangee = avant.present and etat.present and etat.numero - avant.numero >= 2
        if avant.present and (not etat.present or echangee):
            self._retirer(nom)
        elif premier and not etat.present:
            self._emettre(EvenementLecteur("aucune_carte", nom, SANS_CARTE))
        if etat.present and (premier or not avant.present or echangee):
            self._inserer(nom, etat, seul=seul)

    def _inserer(self, nom: str, etat: EtatLecteur, *, seul: bool) -> None:
        genre = reconnaitre(etat.atr)
        self._lecteurs[nom].cps = genre is Genre.CPS
        if etat.muette:
            self._echouer(nom, CarteMuette())
        elif genre is Genre.VITALE_1:
            self._echouer(nom, CarteVitale1())
        elif genre is Genre.CPS:
            if nom == self._lecteur_vitale or (seul and not self._lecteur_vitale):
                self._echouer(nom, CarteCps())
            else:
                self._emettre(EvenementLecteur("aucune_carte", nom, CPS_A_COTE, code="carte_cps"))
        else:
            lecteur = self._lecteurs[nom]
            with self._verrou:
                lecteur.generation += 1
                lecteur.en_cours = True
                lecteur.fin = time.monotonic() + self._delai
                generation = lecteur.generation
            self._emettre(EvenementLecteur("lecture", nom, LECTURE))
            threading.Thread(target=self._lire, args=(nom, generation), name=f"lecture {nom}",
                             daemon=True).start()

    def _retirer(self, nom: str) -> None:
        with self._verrou:
            lecteur = self._lecteurs[nom]
            lecteur.generation += 1
            interrompue, lecteur.en_cours = lecteur.en_cours, False
            cps, lecteur.cps = lecteur.cps, False
        if interrompue:
            self._echouer(nom, CarteArrachee())
        self._emettre(EvenementLecteur("aucune_carte", nom, SANS_CARTE,
                                       code=CPS_RETIREE if cps else ""))

    def _partir(self, nom: str) -> None:
        """A reader was unplugged."""
        if self._lecteurs[nom].etat.present or self._lecteurs[nom].en_cours:
            self._retirer(nom)
        with self._verrou:
            self._lecteurs.pop(nom).generation += 1

    def _tout_perdre(self) -> None:
        for nom in list(self._lecteurs):
            self._partir(nom)

    def _abandonner_les_trop_longues(self) -> None:
        for nom, lecteur in self._lecteurs.items():
            with self._verrou:
                depasse = lecteur.en_cours and time.monotonic() > lecteur.fin
                if depasse:
                    lecteur.generation += 1
                    lecteur.en_cours = False
            if depasse:
                self._echouer(nom, CarteMuette())

    # --- reading -------------------------------------------------------------------------

    def _lire(self, nom: str, generation: int) -> None:
        try:
            beneficiaires = tuple(self._essayer(nom))
            fin = EvenementLecteur("carte_lue", nom, LUE, beneficiaires)
        except ErreurCarte as exc:
            fin = _refus(nom, exc)
        except (EchangeEchoue, ServiceAbsent):
            fin = _refus(nom, CarteMuette())
        with self._verrou:
            lecteur = self._lecteurs.get(nom)
            if lecteur is None or lecteur.generation != generation or self._fin.is_set():
                return
            lecteur.en_cours = False
            self._emettre(fin)

    def _essayer(self, nom: str) -> list[Beneficiaire]:
        """Read; a half reading or a busy card is worth a second attempt on a reset card."""
        for reste in (2, 1, 0):
            try:
                return self._une_fois(nom)
            except (LectureIncomplete, CarteOccupee, EchangeEchoue):
                if not reste:
                    raise
                time.sleep(0.15)
        raise CarteMuette

    def _une_fois(self, nom: str) -> list[Beneficiaire]:
        if not self._lecture.directe:
            return self._lecture.lire(nom, None)
        with self._fabrique() as contexte, contexte.carte(nom) as carte:
            return self._lecture.lire(nom, carte.transmettre)

    # --- events --------------------------------------------------------------------------

    def _echouer(self, nom: str, erreur: ErreurCarte) -> None:
        self._emettre(_refus(nom, erreur))

    def _annoncer(self, etat: str, message: str, code: str = "") -> None:
        """A state of the whole workstation, told once."""
        if etat + code != self._general:
            evenement = EvenementLecteur("aucun_lecteur", "", message, code=code)
            if etat == "aucun_service":
                evenement = replace(evenement, etat="aucun_service")
            self._emettre(evenement)
            self._general = etat + code

    def _emettre(self, evenement: EvenementLecteur) -> None:
        with self._verrou:
            if not self._fin.is_set() and self._rappel is not None:
                self._general = ""
                self._rappel(evenement)


def _refus(nom: str, erreur: ErreurCarte) -> EvenementLecteur:
    return EvenementLecteur("illisible", nom, erreur.message, code=erreur.code)


__all__ = ["CarteArrachee", "CarteMuette", "CarteVitale1", "MoniteurCartes", "PasUneVitale"]
