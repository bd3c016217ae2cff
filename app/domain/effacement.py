"""Files that may be erased: what each holds in words, what holds it back, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.accord import compter
from app.domain.dates import formater

#: Days during which what was done on a file makes one look twice.
RECENT_JOURS = 365
#: What a table holds, for people: words of one, of several. Tables left out only serve these.
LIBELLES: dict[str, tuple[str, str]] = {
    "document": ("document", "documents"),
    "observation": ("observation", "observations"),
    "passage": ("rendez-vous ou passage", "rendez-vous et passages"),
    "element_clinique": ("élément du dossier", "éléments du dossier"),
    "brouillon": ("brouillon", "brouillons"),
    "saisie": ("formulaire commencé", "formulaires commencés"),
    "ordre": ("envoi", "envois"),
    "entrant": ("document reçu", "documents reçus"),
    "lien_correspondant": ("correspondant", "correspondants"),
}


@dataclass(frozen=True, slots=True)
class DossierAEffacer:
    """A file whose period is over, as it was read.

    Args:
        nombres: table -> rows that go. retenu: French reasons why it can't go now.
        alertes: French sentences to read before it goes. empreinte: changes when the file does.
    """

    patient_id: int
    nom: str
    naissance: str
    dernier_acte: str
    echeance: str
    regle: str
    nombres: Mapping[str, int]
    retenu: tuple[str, ...] = ()
    alertes: tuple[str, ...] = ()
    empreinte: str = ""

    @property
    def documents(self) -> int:
        """Number of documents."""
        return self.nombres.get("document", 0)

    @property
    def contenu(self) -> str:
        """« 12 documents, 3 observations », or that it only holds an identity."""
        mots = [compter(self.nombres[table], *libelle) for table, libelle in LIBELLES.items()
                if self.nombres.get(table)]
        return ", ".join(mots) or "identité seule"

    @property
    def trace(self) -> str:
        """What the trail keeps: numbers and dates, no name, no care."""
        return (f"{compter(self.documents, 'document')}, dernier acte le "
                f"{formater(self.dernier_acte)}, à garder jusqu’au {formater(self.echeance)}")


@dataclass(frozen=True, slots=True)
class DossiersAEffacer:
    """The files due, the oldest first, and how many there are in all. `annees`: the rule."""

    dossiers: tuple[DossierAEffacer, ...]
    total: int
    annees: int


@dataclass(frozen=True, slots=True)
class BilanEffacement:
    """What came of the gesture. `gardes`: (name, French reason) of those that stayed.

    `sauvegardes`: last day on which the rotation may still hold a backup of them (AAAA-MM-JJ).
    """

    effaces: tuple[int, ...]
    documents: int
    gardes: tuple[tuple[str, str], ...] = ()
    sauvegardes: str = ""
