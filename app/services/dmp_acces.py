"""Values of the DMP client: with whose rights it calls, and what it gives back."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.people import Professionnel, SituationExercice, Structure
from app.services.vihf import ContexteVihf


@dataclass(frozen=True, slots=True)
class AccesDmp:
    """Who opens whose DMP, and how.

    Args:
        professionnel: the connected one; a DMP order never leaves with another's identity.
        structure: the practice; its identifier serves when the situation has none.
        secteur: code TRE_R02.
        situation: situation d'exercice chosen at login, or None.
        matricule_ins, oid: of a qualified identity, as kept with it.
        mode: `normal`, `bris_de_glace` or `centre_15`.
        motif: of the bris de glace.
        connecte_le: login time, aware, when known.
        connexion_secrete: see `ContexteVihf`.
        profil: how the caller is authenticated, a key of `vihf.PROFILS`.
    """

    professionnel: Professionnel
    structure: Structure
    secteur: str
    situation: SituationExercice | None
    matricule_ins: str
    oid: str
    mode: str = "normal"
    motif: str = ""
    connecte_le: datetime | None = None
    connexion_secrete: bool = False
    profil: str = "psc"

    @property
    def structure_identifiant(self) -> str:
        """Struct_IdNat that the VIHF and the submission carry: that of the situation."""
        if self.situation is not None and self.situation.structure_identifiant:
            return self.situation.structure_identifiant
        return self.structure.identifiant

    def contexte_vihf(self) -> ContexteVihf:
        """What the VIHF says."""
        situation = self.situation
        return ContexteVihf(
            identifiant=self.professionnel.identifiant, nom=self.professionnel.nom,
            prenom=self.professionnel.prenom,
            profession=(situation.profession if situation and situation.profession
                        else self.professionnel.profession),
            savoir_faire=(situation.savoir_faire if situation
                          else self.professionnel.savoir_faire),
            structure=self.structure_identifiant, secteur=self.secteur,
            matricule_ins=self.matricule_ins, oid=self.oid, mode_acces=self.mode,
            motif=self.motif, connecte_le=self.connecte_le,
            connexion_secrete=self.connexion_secrete, profil=self.profil)


@dataclass(frozen=True, slots=True)
class DocumentRecu:
    """A document of TD3.2: its bytes, untouched, and their media type."""

    contenu: bytes
    mime_type: str
    unique_id: str = ""
