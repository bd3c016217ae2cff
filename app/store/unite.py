"""The unit of work: one transaction, and the repositories over it."""

from collections.abc import Callable
from functools import cached_property

from sqlalchemy import Connection

from app.domain.confidentialite import ENTIER, Regard
from app.store.repos.accounts import Comptes
from app.store.repos.agenda import Agenda
from app.store.repos.archives import Archives
from app.store.repos.certificates import Certificats
from app.store.repos.dmp import Dmp
from app.store.repos.documents import Documents
from app.store.repos.episodes import Episodes
from app.store.repos.erasure import Effacement
from app.store.repos.forms import Saisies
from app.store.repos.identity_lists import Listes
from app.store.repos.incoming import Entrants
from app.store.repos.ins_figures import TableauIns
from app.store.repos.letters import Courriers
from app.store.repos.merges import Regroupements
from app.store.repos.observations import Observations
from app.store.repos.outbox import Outbox
from app.store.repos.patients import Patients
from app.store.repos.preparations import Preparations
from app.store.repos.roles import Roles
from app.store.repos.settings import Reglages
from app.store.repos.teams import Equipes
from app.store.repos.trail import Trail
from app.store.repos.verifications import Verifications


class Unite:
    """Repositories over one transaction. Lives in one thread, inside its `with`."""

    def __init__(self, connexion: Connection,
                 regard_de: "Callable[[Unite], Regard] | None" = None,
                 cle: bytes | None = None) -> None:
        self.connexion = connexion
        self._regard_de = regard_de
        self._cle = cle

    @cached_property
    def regard(self) -> Regard:
        """Whose eyes read: the account's, or the program's own (LABEL.04)."""
        return ENTIER if self._regard_de is None else self._regard_de(self)

    def entiere(self) -> "Unite":
        """The same transaction, as the program sees it: for what it must keep itself."""
        return Unite(self.connexion, None, self._cle)

    @cached_property
    def roles(self) -> Roles:
        """Roles of the accounts."""
        return Roles(self.connexion)

    @cached_property
    def patients(self) -> Patients:
        """Patients."""
        return Patients(self.connexion)

    @cached_property
    def agenda(self) -> Agenda:
        """Visits."""
        return Agenda(self.connexion)

    @cached_property
    def observations(self) -> Observations:
        """Notes."""
        return Observations(self.connexion, self.regard)

    @cached_property
    def documents(self) -> Documents:
        """Documents and drafts."""
        return Documents(self.connexion, self.regard)

    @cached_property
    def entrants(self) -> Entrants:
        """Documents that wait to be filed."""
        return Entrants(self.connexion)

    @cached_property
    def saisies(self) -> Saisies:
        """Forms being filled."""
        return Saisies(self.connexion)

    @cached_property
    def outbox(self) -> Outbox:
        """Orders to the outside."""
        return Outbox(self.connexion, self.regard)

    @cached_property
    def episodes(self) -> Episodes:
        """Care episodes."""
        return Episodes(self.connexion)

    @cached_property
    def dmp(self) -> Dmp:
        """Answers of the DMP."""
        return Dmp(self.connexion, self.regard)

    @cached_property
    def comptes(self) -> Comptes:
        """The practice and its professionals."""
        return Comptes(self.connexion)

    @cached_property
    def reglages(self) -> Reglages:
        """Settings."""
        return Reglages(self.connexion)

    @cached_property
    def regroupements(self) -> Regroupements:
        """Merges and splits of files."""
        return Regroupements(self.connexion)

    @cached_property
    def verifications(self) -> Verifications:
        """Verifications with INSi."""
        return Verifications(self.connexion)

    @cached_property
    def listes(self) -> Listes:
        """Work lists of identities."""
        return Listes(self.connexion)

    @cached_property
    def tableau_ins(self) -> TableauIns:
        """Counts of the INS dashboard."""
        return TableauIns(self.connexion)

    @cached_property
    def archives(self) -> Archives:
        """Archives that wait for the mail."""
        return Archives(self.connexion)

    @cached_property
    def certificats(self) -> Certificats:
        """Organisation certificates."""
        return Certificats(self.connexion, self._cle)

    @cached_property
    def equipes(self) -> Equipes:
        """Teams and delegations."""
        return Equipes(self.connexion)

    @cached_property
    def preparations(self) -> Preparations:
        """Documents prepared by an account for another."""
        return Preparations(self.connexion)

    @cached_property
    def effacement(self) -> Effacement:
        """Erasure of whole files."""
        return Effacement(self.connexion)

    @cached_property
    def courriers(self) -> Courriers:
        """Templates, correspondents, the record that fills letters."""
        return Courriers(self.connexion)

    @cached_property
    def trail(self) -> Trail:
        """The trail."""
        return Trail(self.connexion)
