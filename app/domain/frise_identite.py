"""The history of an identity as a story: what changed at each step, in French (rules 16 and 21)."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain import dates, matricule
from app.domain.identity import Identite, StatutIdentite
from app.domain.justificatifs import libelle_justificatif
from app.domain.libelles import ATTRIBUTS, STATUTS, TRAITS
from app.domain.patient import LigneHistorique


@dataclass(frozen=True, slots=True)
class EtapeIdentite:
    """One step. `changements` are short French sentences; `degrade` when trust was lost."""

    horodatage: str
    auteur: str
    cause: str
    statut: StatutIdentite
    statut_avant: StatutIdentite | None
    changements: tuple[str, ...]
    degrade: bool = False


_RANG = {StatutIdentite.PROVISOIRE: 0, StatutIdentite.RECUPEREE: 1, StatutIdentite.VALIDEE: 1,
         StatutIdentite.QUALIFIEE: 2}


def raconter(historique: Sequence[LigneHistorique], *,
             matricules: bool = True) -> tuple[EtapeIdentite, ...]:
    """Steps of a history (oldest first), the newest first.

    `matricules` False hides their values: the account lacks the right « INS ».
    """
    etapes = []
    avant: Identite | None = None
    for ligne in historique:
        apres = ligne.identite
        etapes.append(EtapeIdentite(
            ligne.horodatage, ligne.auteur, ligne.cause, apres.statut,
            None if avant is None else avant.statut,
            _changements(avant, apres, matricules),
            avant is not None and _RANG[apres.statut] < _RANG[avant.statut]))
        avant = apres
    return tuple(reversed(etapes))


def _changements(avant: Identite | None, apres: Identite, matricules: bool) -> tuple[str, ...]:
    if avant is None:
        t = apres.traits
        return (f"Dossier créé : {t.nom_naissance} {t.premier_prenom}, "
                f"{dates.formater(t.date_naissance)}.",)
    faits = []
    if avant.statut is not apres.statut:
        faits.append(f"Statut : {STATUTS[avant.statut].lower()}, puis "
                     f"{STATUTS[apres.statut].lower()}.")
    for trait, libelle in TRAITS.items():
        a, b = getattr(avant.traits, trait, ""), getattr(apres.traits, trait, "")
        if a != b:
            a, b = (dates.formater(x) if trait == "date_naissance" else x for x in (a, b))
            faits.append(f"{libelle} : {a or 'vide'}, puis {b or 'vide'}.")
    if (avant.matricule_ins, avant.oid) != (apres.matricule_ins, apres.oid):
        faits.append(_matricule(apres, matricules))
    elif avant.date_insi != apres.date_insi and apres.date_insi:
        faits.append("Confirmée par INSi.")
    if avant.justificatif != apres.justificatif and apres.justificatif:
        faits.append(f"Document contrôlé : {libelle_justificatif(apres.justificatif)}.")
    poses, retires = apres.attributs - avant.attributs, avant.attributs - apres.attributs
    faits += [f"Attribut posé : {ATTRIBUTS[a].lower()}." for a in sorted(poses)]
    faits += [f"Attribut retiré : {ATTRIBUTS[a].lower()}." for a in sorted(retires)]
    return tuple(faits)


def _matricule(identite: Identite, montrer: bool) -> str:
    if not identite.matricule_ins:
        return "Matricule INS retiré."
    if not montrer:
        return "Matricule INS reçu."
    return (f"Matricule INS : {matricule.formater(identite.matricule_ins)} "
            f"({matricule.nature(identite.oid)}).")
