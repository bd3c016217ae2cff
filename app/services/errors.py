"""One family of errors for every national service (design §7).

The screen shows `message` (French, complete sentence), `code` (official code, verbatim) and offers
`remede`. Nothing else than these leaves the services floor. An error travels between processes:
it pickles with all its fields.
"""

from enum import StrEnum


class Remede(StrEnum):
    """What the window may offer to solve an error."""

    AUCUN = ""
    REESSAYER = "reessayer"
    SE_CONNECTER = "se_connecter"
    QUALIFIER_INS = "qualifier_ins"
    CONSENTEMENT = "consentement"
    LIRE_CARTE = "lire_carte"
    COMPLETER_IDENTITE = "completer_identite"
    ETAT_SERVICES = "etat_services"
    SIGNALER = "signaler"


class ClasseErreur(StrEnum):
    """The five classes of `spec/dmp.md` §10: what the outbox does with an error."""

    AUTH = "AUTH"
    RIGHTS = "RIGHTS"
    PATIENT_STATE = "PATIENT_STATE"
    DATA = "DATA"
    TRANSIENT = "TRANSIENT"


class ErreurService(Exception):
    """Base of the family. Raised with French text; never holds a token, matricule or content.

    Args:
        message: complete French sentence for the screen.
        service: short name of the service (`insi`, `dmp`, `psc`, `proxy`).
        code: official code, verbatim.
        remede: what the window offers; by default that of the class of error.
        classe: class of `spec/dmp.md` §10; by default that of the class of error.
        incertain: the request may have been carried out although no readable answer came:
            ask the service before sending again.
        reference: MessageID of the call, for the journal.
    """

    remede_par_defaut = Remede.SIGNALER
    classe_par_defaut = ClasseErreur.DATA
    reessayable = False

    def __init__(self, message: str, *, service: str = "", code: str = "",
                 remede: Remede | None = None, incertain: bool = False,
                 classe: ClasseErreur | None = None, reference: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.service = service
        self.code = code
        self.remede = self.remede_par_defaut if remede is None else remede
        self.classe = self.classe_par_defaut if classe is None else classe
        self.incertain = incertain
        """True when the request may have been carried out although no answer came."""
        self.reference = reference


class Indisponible(ErreurService):
    """Network, TLS, time-out, 5xx, *Busy: retried by itself."""

    remede_par_defaut = Remede.REESSAYER
    classe_par_defaut = ClasseErreur.TRANSIENT
    reessayable = True


class Refuse(ErreurService):
    """Rights, consent, closed DMP, masked document: not retried."""

    remede_par_defaut = Remede.AUCUN
    classe_par_defaut = ClasseErreur.RIGHTS


class Rejete(ErreurService):
    """A functional code says no to this request: not retried, the user decides."""


class SessionExpiree(ErreurService):
    """No session or a dead one: the work waits for the next login."""

    remede_par_defaut = Remede.SE_CONNECTER
    classe_par_defaut = ClasseErreur.AUTH
    reessayable = True


class Invalide(ErreurService):
    """Their answer, or our request, doesn't follow the protocol."""


class Annule(ErreurService):
    """The user gave up waiting."""

    remede_par_defaut = Remede.REESSAYER
    classe_par_defaut = ClasseErreur.TRANSIENT
