"""What the other workstations of the centre just changed, in the words of the trade.

The window asks no table: it hears that the agenda, a patient or the sendings changed, and reads
again what it shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.store.changes import Changements, Ecoute
from app.usecases.context import Contexte
from app.usecases.garde import libre, oublier


class Sujet(StrEnum):
    """What may change."""

    AGENDA = "agenda"
    IDENTITE = "identite"
    SOINS = "soins"
    """Observations, consent, vaccinations."""
    DOCUMENTS = "documents"
    RECEPTION = "reception"
    """What waits to be filed, messages received."""
    PREPARATIONS = "preparations"
    """Documents prepared for a professional: « À valider »."""
    ENVOIS = "envois"
    COMPTES = "comptes"
    REGLAGES = "reglages"


_TABLES: dict[str, Sujet] = {
    "passage": Sujet.AGENDA, "patient": Sujet.IDENTITE, "identite_historique": Sujet.IDENTITE,
    "regroupement": Sujet.IDENTITE, "verification_ins": Sujet.IDENTITE,
    "episode": Sujet.SOINS, "observation": Sujet.SOINS,
    "observation_ancienne": Sujet.SOINS,
    "document": Sujet.DOCUMENTS, "document_suivi": Sujet.DOCUMENTS,
    "document_acces": Sujet.DOCUMENTS, "dmp_fiche": Sujet.DOCUMENTS, "dmp_liste": Sujet.DOCUMENTS,
    "preparation": Sujet.PREPARATIONS,
    "entrant": Sujet.RECEPTION, "document_piece": Sujet.RECEPTION,
    "ordre": Sujet.ENVOIS, "ordre_etape": Sujet.ENVOIS, "envoi_archive": Sujet.ENVOIS,
    "professionnel": Sujet.COMPTES, "role": Sujet.COMPTES, "equipe": Sujet.COMPTES,
    "equipe_membre": Sujet.COMPTES, "delegation": Sujet.COMPTES,
    "reglage": Sujet.REGLAGES, "structure": Sujet.REGLAGES,
    "certificat_structure": Sujet.REGLAGES,
}


@dataclass(frozen=True, slots=True)
class Nouvelle:
    """What changed. `patients` None: any patient may be concerned."""

    sujets: frozenset[Sujet]
    patients: frozenset[int] | None = None

    def concerne(self, patient_id: int | None) -> bool:
        """True when this patient may have changed."""
        return patient_id is not None and (self.patients is None or patient_id in self.patients)


class Veille:
    """Hears the other workstations until `arreter`. `rappel` is called from another thread."""

    def __init__(self, ecoute: Ecoute | None) -> None:
        self._ecoute = ecoute

    @property
    def active(self) -> bool:
        """True when there may be others to hear (a server)."""
        return self._ecoute is not None

    @property
    def branchee(self) -> bool:
        """True while the link is up."""
        return self._ecoute is not None and self._ecoute.branchee.is_set()

    def arreter(self) -> None:
        """Stop; no call comes after."""
        if self._ecoute is not None:
            self._ecoute.arreter()


@libre("dit seulement que quelque chose a changé")
def veiller(ctx: Contexte, rappel: Callable[[Nouvelle], None],
            lien: Callable[[bool], None] | None = None) -> Veille:
    """Begin to hear the other workstations; on a file there is none, nothing is heard.

    :param lien: told that the server of the practice went away (False) or came back (True).
    """

    def entendre(changements: Changements) -> None:
        nouvelle = traduire(changements)
        if Sujet.COMPTES in nouvelle.sujets:
            oublier()  # rights may have been taken away
        if nouvelle.sujets:
            rappel(nouvelle)

    return Veille(ctx.store.ecouter(entendre, lien))


def traduire(changements: Changements) -> Nouvelle:
    """From tables to subjects; a table that isn't known is taken for something received."""
    if changements.tout:
        return Nouvelle(frozenset(Sujet))
    return Nouvelle(frozenset(_TABLES.get(t, Sujet.RECEPTION)
                              for t in changements.tables), changements.patients)
