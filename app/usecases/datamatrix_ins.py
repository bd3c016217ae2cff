"""An INS datamatrix scanned: an aid to search and typing, never a proof (`spec/ins.md` §5)."""

from dataclasses import dataclass, replace

from app.devices.scan_clavier import retablir
from app.documents.datamatrix import DatamatrixInvalide, decoder_ins
from app.domain import matricule, names
from app.domain.identity import COG_INCONNU, Identite, Traits
from app.domain.patient import PatientResume
from app.domain.rapprochement import Accord
from app.domain.roles import Droit
from app.usecases import places
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.rapprochement import Issue, Rapprochement, rapprocher


@dataclass(frozen=True, slots=True)
class LectureDatamatrix:
    """What a scan found: one file, candidates, or traits proposed for a creation.

    The matricule is used to search only: a file created from these traits is provisoire. `lieu` is
    the display form of the birthplace.
    """

    patient_id: int | None
    traits: Traits
    rapprochement: Rapprochement
    lieu: str = ""
    avertissements: tuple[str, ...] = ()

    @property
    def candidats(self) -> tuple[PatientResume, ...]:
        """Files that may be the right one, the surest first."""
        return tuple(c.patient for c in self.rapprochement.candidats)


@exige(Droit.IDENTITES)
def lire_datamatrix(ctx: Contexte, texte: str) -> LectureDatamatrix:
    """Read a scanned text and search who it is, matricule, OID and traits together; traced.

    The matricule is used only when its key is right. One file is chosen when nothing contradicts
    it and no other one may be.

    :raises Refus: this isn't an INS datamatrix, or it can't be read.
    """
    try:
        lue = decoder_ins(retablir(texte.strip()) or texte)
    except DatamatrixInvalide as erreur:
        raise Refus(f"{erreur} Cherchez le patient par son nom.") from erreur
    nom, _ = names.normaliser_nom(lue.nom_naissance)
    prenoms, _ = names.normaliser_nom(lue.prenoms)
    cog = lue.lieu_naissance if lue.lieu_naissance != COG_INCONNU else ""
    traits = Traits(nom, prenoms.split(" ")[0] if prenoms else "", lue.date_naissance, lue.sexe,
                    cog, prenoms)
    avertissements = list(lue.avertissements)
    fautes = matricule.verifier(lue.matricule_ins)
    if fautes:
        avertissements.append(f"{fautes[0]} Le code n’a servi qu’à chercher par les traits.")
    if " " in prenoms:
        avertissements.append("Vérifiez le 1er prénom : le code ne donne que la liste des "
                              "prénoms.")
    # The first given name isn't in the code: the list alone is compared.
    trouve = rapprocher(ctx, Identite(
        replace(traits, premier_prenom=""), matricule_ins="" if fautes else lue.matricule_ins,
        oid="" if fautes else lue.oid), motif="datamatrix.lecture")
    if trouve.issue is Issue.DISCORDANT:
        avertissements.append(trouve.message)
    return LectureDatamatrix(_seul(trouve), traits, trouve,
                             places.libelle_complet(cog) if cog else "", tuple(avertissements))


def _seul(trouve: Rapprochement) -> int | None:
    """The file to open by itself: the recognised one, or the only one that nothing contradicts."""
    if trouve.patient_id is not None:
        return trouve.patient_id
    accordes = [c for c in trouve.candidats if c.accord is not Accord.DISCORDANT]
    seul = trouve.issue is Issue.A_CONFIRMER and len(accordes) == 1
    return accordes[0].patient.id if seul else None
