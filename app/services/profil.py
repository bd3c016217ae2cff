"""UserInfo of Pro Santé Connect -> who is there and as what (`spec/psc.md` §1.6)."""

from collections.abc import Mapping
from typing import Any

from app.domain.people import ProfilUtilisateur, SituationExercice
from app.services.errors import Invalide


def lire_profil(userinfo: Mapping[str, Any]) -> ProfilUtilisateur:
    """Read the claims.

    Every exercise × activity is one situation; a person without any exercise has none. Empty
    strings, not absent keys, stand for what is unknown, but both are read.

    Raises:
        Invalide: no `SubjectNameID`.
    """
    identifiant = _texte(userinfo, "SubjectNameID")
    if not identifiant:
        raise Invalide("Pro Santé Connect n’a pas donné votre identifiant national.",
                       service="psc", code="SubjectNameID")
    exercices = _liste(_table(userinfo.get("SubjectRefPro")).get("exercices"))
    situations = [_situation(exercice, activite) for exercice in exercices
                  for activite in _liste(exercice.get("activities"))]
    premier = exercices[0] if exercices else {}
    return ProfilUtilisateur(
        subject_name_id=identifiant,
        nom=_texte(userinfo, "family_name") or _texte(premier, "nomDexercice"),
        prenom=_texte(userinfo, "given_name") or _texte(premier, "prenomDexercice"),
        situations=tuple(dict.fromkeys(situations)))


def _situation(exercice: Mapping[str, Any], activite: Mapping[str, Any]) -> SituationExercice:
    return SituationExercice(
        profession=_texte(exercice, "codeProfession"),
        categorie=_texte(exercice, "codeCategorieProfessionnelle"),
        savoir_faire=_texte(exercice, "codeSavoirFaire"),
        secteur=_texte(activite, "codeSecteurDactivite"),
        structure_identifiant=struct_id_nat(activite),
        structure_nom=(_texte(activite, "raisonSocialeSite")
                       or _texte(activite, "enseigneCommercialeSite")))


def struct_id_nat(activite: Mapping[str, Any]) -> str:
    """Struct_IdNat of an activity, "" when nothing identifies the structure.

    `ancienIdentifiantDeLaStructure` already has the form (`4` + RPPS + rank for a cabinet);
    else `1` + FINESS, else `3` + SIRET (`spec/dmp.md` §4; the meaning of prefixes is derived).
    """
    ancien = _texte(activite, "ancienIdentifiantDeLaStructure")
    if ancien:
        return ancien
    for prefixe, cle in (("1", "numeroFinessSite"), ("3", "numeroSiretSite")):
        numero = _texte(activite, cle)
        if numero:
            return prefixe + numero
    return _texte(activite, "identifiantTechniqueDeLaStructure")


def _texte(table: Mapping[str, Any], cle: str) -> str:
    valeur = table.get(cle)
    return valeur.strip() if isinstance(valeur, str) else ""


def _table(valeur: object) -> Mapping[str, Any]:
    return valeur if isinstance(valeur, Mapping) else {}


def _liste(valeur: object) -> list[Mapping[str, Any]]:
    return [v for v in valeur if isinstance(v, Mapping)] if isinstance(valeur, list) else []
