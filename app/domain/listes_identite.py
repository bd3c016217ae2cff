"""Work lists of the identitovigilance: which ones, and what a line says (`spec/ins.md` §2)."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.patient import PatientResume


class ListeIdentite(StrEnum):
    """The lists, in the order of the screen: what endangers a patient first."""

    VERIFICATION_KO = "verification_ko"
    DOUBLONS = "doublons"
    A_QUALIFIER = "a_qualifier"
    A_VERIFIER = "a_verifier"
    NIA = "nia"
    HOMONYMES = "homonymes"
    DOUTEUSES = "douteuses"
    TRANSITOIRES = "transitoires"


#: Title, and what to do there.
LISTES: dict[ListeIdentite, tuple[str, str]] = {
    ListeIdentite.VERIFICATION_KO: (
        "Vérification KO", "INSi ne confirme plus ces identités : leur matricule est retiré. "
        "Contrôlez un document d’identité, puis interrogez INSi."),
    ListeIdentite.DOUBLONS: (
        "Doublons probables", "Deux dossiers pour une personne ? Comparez-les, puis fusionnez-les "
        "ou notez qu’ils sont homonymes."),
    ListeIdentite.A_QUALIFIER: (
        "À qualifier", "Ces identités n’ont pas encore leurs deux preuves : document d’identité "
        "et INSi."),
    ListeIdentite.A_VERIFIER: (
        "À vérifier", "INSi n’a pas confirmé ces identités depuis quatre ans."),
    ListeIdentite.NIA: (
        "Matricules NIA", "Matricules d’attente, vérifiés à chaque venue jusqu’au NIR."),
    ListeIdentite.HOMONYMES: (
        "Homonymes", "D’autres patients portent les mêmes traits : vigilance à l’accueil."),
    ListeIdentite.DOUTEUSES: (
        "Douteuses", "Appels INSi et envois sont bloqués jusqu’à la levée du doute."),
    ListeIdentite.TRANSITOIRES: (
        "Procédure transitoire", "Qualifiées sans document contrôlé ici : demandez un document "
        "à la prochaine venue."),
}


@dataclass(frozen=True, slots=True)
class LigneListe:
    """A line: the patient, what is known, since when (ISO or empty).

    `autre` is the second file of a probable duplicate.
    """

    patient: PatientResume
    detail: str = ""
    depuis: str = ""
    autre: PatientResume | None = None


@dataclass(frozen=True, slots=True)
class PageListe:
    """The first lines of a list and how many there are in all."""

    liste: ListeIdentite
    lignes: tuple[LigneListe, ...]
    total: int
