"""An INS datamatrix scanned: an aid to search and typing, never a proof (`spec/ins.md` §5)."""

from dataclasses import dataclass

from app.documents.datamatrix import DatamatrixInvalide, decoder_ins
from app.domain import matricule, names
from app.domain.identity import COG_INCONNU, Traits
from app.domain.patient import PatientResume
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige


@dataclass(frozen=True, slots=True)
class LectureDatamatrix:
    """What a scan found: one file, candidates, or traits proposed for a creation.

    The matricule is used to search only: a file created from these traits is provisoire.
    """

    patient_id: int | None
    candidats: tuple[PatientResume, ...]
    traits: Traits
    avertissements: tuple[str, ...]


@exige(Droit.IDENTITES)
def lire_datamatrix(ctx: Contexte, texte: str) -> LectureDatamatrix:
    """Read a scanned text and search who it is; the search is traced.

    The matricule is used only when its key is right; a file found by it must have the birth date
    of the code, else it is only a candidate.

    :raises Refus: this isn't an INS datamatrix, or it can't be read.
    """
    try:
        lue = decoder_ins(texte)
    except DatamatrixInvalide as erreur:
        raise Refus(f"{erreur} Cherchez le patient par son nom.") from erreur
    nom, _ = names.normaliser_nom(lue.nom_naissance)
    prenoms, _ = names.normaliser_nom(lue.prenoms)
    traits = Traits(nom, prenoms.split(" ")[0] if prenoms else "", lue.date_naissance, lue.sexe,
                    lue.lieu_naissance if lue.lieu_naissance != COG_INCONNU else "", prenoms)
    avertissements = list(lue.avertissements)
    fautes = matricule.verifier(lue.matricule_ins)
    if fautes:
        avertissements.append(f"{fautes[0]} Le code n’a servi qu’à chercher par les traits.")
    if " " in prenoms:
        avertissements.append("Vérifiez le 1er prénom : le code ne donne que la liste des "
                              "prénoms.")
    with ctx.store.ecriture() as u:
        ids = [] if fautes else u.patients.par_matricule(lue.matricule_ins)
        par_matricule = u.patients.resumes(ids)
        sûrs = [r for r in par_matricule if r.date_naissance == lue.date_naissance]
        proches = u.patients.par_traits(nom, "", lue.date_naissance)
        candidats = {r.id: r for r in (*sûrs, *par_matricule, *proches)}
        u.trail.ecrire(qui=ctx.qui, quoi="datamatrix.lecture",
                       sur_qui=",".join(map(str, candidats)), resultat=str(len(candidats)))
    if par_matricule and not sûrs:
        avertissements.append("Un dossier porte ce matricule avec une autre date de naissance : "
                              "comparez avant tout acte.")
    return LectureDatamatrix(sûrs[0].id if len(sûrs) == 1 else None, tuple(candidats.values()),
                             traits, tuple(avertissements))
