"""The settings field by field, for two people who change them at once."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from app.domain.people import Professionnel, Structure
from app.usecases.concurrence import Champ, Lu, dernier_auteur
from app.usecases.settings import MODULES_MSS, Reglages, lire_dans

if TYPE_CHECKING:
    from app.store.unite import Unite

#: Values that are made of several fields.
_COMPOSES: dict[str, type] = {"structure": Structure, "professionnel": Professionnel}


def _oui_non(valeur: Any) -> str:
    return "Oui" if valeur else "Non"


CHAMPS: dict[str, Champ] = {
    "structure.raison_sociale": Champ("Nom du cabinet"),
    "structure.identifiant": Champ("Identifiant de la structure"),
    "structure.secteur": Champ("Secteur d’activité"),
    "structure.adresse": Champ("Adresse du cabinet"),
    "structure.code_postal": Champ("Code postal"),
    "structure.commune": Champ("Commune"),
    "structure.telephone": Champ("Téléphone du cabinet"),
    "structure.courriel": Champ("Courriel du cabinet"),
    "professionnel.identifiant": Champ("Numéro RPPS"),
    "professionnel.nom": Champ("Nom du professionnel"),
    "professionnel.prenom": Champ("Prénom du professionnel"),
    "professionnel.profession": Champ("Profession"),
    "professionnel.savoir_faire": Champ("Savoir-faire"),
    "professionnel.civilite": Champ("Civilité"),
    "profils": Champ("Profils d’activité", lambda v: ", ".join(v)),
    "module_mss": Champ("Messagerie", lambda v: dict(MODULES_MSS).get(v, v)),
    "delai_envoi_min": Champ("Délai d’envoi", lambda v: f"{v} min"),
    "mention_rgpd": Champ("Mention au pied des documents", long=True),
    "theme": Champ("Thème"),
    "taille_texte": Champ("Taille du texte", lambda v: f"{v} %"),
    "proxy_url": Champ("Adresse du Proxy e-santé"),
    "proxy_ca": Champ("Autorité du Proxy e-santé"),
    "cle_installation": Champ("Clé de l’installation"),
    "certificat_installation": Champ("Certificat de l’installation"),
    "dica_strict": Champ("Interroger le DMP seulement si D, I, C, A", _oui_non),
    "avis_dmp_jours": Champ("Rappel de l’avis sur le DMP", lambda v: f"{v} jours"),
    "racine_oid": Champ("Racine des identifiants"),
    "idam": Champ("Numéro d’autorisation INSi"),
    "homologation_dmp": Champ("Numéro d’homologation DMP"),
}


def aplatir(reglages: Reglages) -> dict[str, Any]:
    """One value a field."""
    valeurs: dict[str, Any] = {}
    for champ in fields(reglages):
        valeur = getattr(reglages, champ.name)
        if champ.name in _COMPOSES:
            valeurs |= {f"{champ.name}.{f.name}": getattr(valeur, f.name)
                        for f in fields(_COMPOSES[champ.name])}
        else:
            valeurs[champ.name] = valeur
    return valeurs


def relever(modele: Reglages, valeurs: Mapping[str, Any]) -> Reglages:
    """The settings again."""
    simples = {code: v for code, v in valeurs.items() if "." not in code}
    composes = {nom: classe(**{f.name: valeurs[f"{nom}.{f.name}"] for f in fields(classe)})
                for nom, classe in _COMPOSES.items()}
    return replace(modele, **simples, **composes)


def lire(u: "Unite", compte_id: int) -> Lu:
    """The settings now; nobody else changes them until the unit ends."""
    u.comptes.reserver_structure()
    return Lu(aplatir(lire_dans(u, compte_id)), 0, dernier_auteur(u, "reglages.modification"))
