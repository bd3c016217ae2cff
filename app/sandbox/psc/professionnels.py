"""The fictive professionals and what UserInfo says of them (`spec/psc.md` §1.6)."""

from dataclasses import dataclass
from typing import Any

from app.sandbox.ressources import lire_json

_OID_PROFESSION = "1.2.250.1.213.1.1.5.5"
_OID_SECTEUR = "1.2.250.1.71.4.2.4"
_UUID_ANNUAIRE = "11111111-2222-3333-4444-555555555555"

#: Members of an activity that the fictive persons leave empty (present, never absent).
_ACTIVITE_VIDE = (
    "codeSectionPharmacien", "codeRole", "numeroSirenSite",
    "numeroFinessetablissementJuridique", "enseigneCommercialeSite", "complementDestinataire",
    "complementPointGeographique", "indiceRepetitionVoie", "mentionDistribution", "telephone2",
    "telecopie", "adresseEMail")


@dataclass(frozen=True, slots=True)
class Professionnel:
    """A fictive professional; `brut` is the entry of professionnels.json."""

    id: str
    nom: str
    prenom: str
    libelle: str
    brut: dict[str, Any]

    @property
    def sub(self) -> str:
        """Subject of the tokens; not portable between realms, as the real one."""
        return f"f:{_UUID_ANNUAIRE}:{self.id}"

    @property
    def professions(self) -> frozenset[str]:
        """Profession codes (TRE_G15) of the exercises."""
        return frozenset(e["profession"] for e in self.brut["exercices"])

    def structures(self) -> frozenset[str]:
        """Every Struct_idNat form by which the professional's structures may be named."""
        ids = set()
        for exercice in self.brut["exercices"]:
            for activite in exercice["activites"]:
                ids |= {activite["ancien"], activite["technique"]}
                if activite["finess"]:
                    ids |= {activite["finess"], "1" + activite["finess"]}
                if activite["siret"]:
                    ids |= {activite["siret"], "3" + activite["siret"]}
        return frozenset(ids - {""})

    def secteurs(self) -> frozenset[str]:
        """Sector codes (TRE_R02) of the activities."""
        return frozenset(a["secteur"] for e in self.brut["exercices"] for a in e["activites"])

    def userinfo(self) -> dict[str, Any]:
        """Claims of UserInfo. A person without exercise gets the identity alone."""
        claims: dict[str, Any] = {
            "sub": self.sub, "preferred_username": self.id, "SubjectNameID": self.id,
            "codeCivilite": self.brut["civilite"], "given_name": self.prenom,
            "family_name": self.nom}
        exercices = self.brut["exercices"]
        if not exercices:
            return claims
        premiere = exercices[0]["activites"][0]
        claims |= {
            "Secteur_Activite": f"{premiere['secteur']}^{_OID_SECTEUR}",
            "SubjectOrganization": premiere["raison_sociale"],
            "SubjectOrganizationID": premiere["technique"],
            "Mode_Acces_Raison": "", "Acces_Regulation_Medicale": "FAUX", "UITVersion": "1.0",
            "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
            "PSI_Locale": "1.2.250.1.213.1.3.1.1", "codeGenreActivite": "GENR01",
            "SubjectRole": [f"{e['profession']}^{_OID_PROFESSION}" for e in exercices],
            "otherIds": [{"identifiant": self.id, "origine": "RPPS", "qualite": 1}],
            "SubjectRefPro": {"exercices": [self._exercice(e) for e in exercices]},
        }
        return claims

    def _exercice(self, exercice: dict[str, Any]) -> dict[str, Any]:
        return {"codeProfession": exercice["profession"], "codeCategorieProfessionnelle": "C",
                "codeCiviliteDexercice": self.brut["civilite"], "nomDexercice": self.nom,
                "prenomDexercice": self.prenom,
                "codeTypeSavoirFaire": exercice.get("type_savoir_faire", ""),
                "codeSavoirFaire": exercice["savoir_faire"],
                "activities": [_activite(a) for a in exercice["activites"]]}


def _activite(a: dict[str, str]) -> dict[str, str]:
    return dict.fromkeys(_ACTIVITE_VIDE, "") | {
        "codeModeExercice": a["mode"], "codeSecteurDactivite": a["secteur"],
        "codeGenreActivite": "GENR01", "numeroSiretSite": a["siret"],
        "numeroFinessSite": a["finess"], "identifiantTechniqueDeLaStructure": a["technique"],
        "raisonSocialeSite": a["raison_sociale"], "numeroVoie": a["numero"],
        "codeTypeDeVoie": a["voie"], "libelleVoie": a["libelle_voie"],
        "bureauCedex": f"{a['code_postal']} {a['ville']}", "codePostal": a["code_postal"],
        "codeCommune": a["commune"], "codePays": "99000", "telephone": a["telephone"],
        "codeDepartement": a["code_postal"][:2], "ancienIdentifiantDeLaStructure": a["ancien"],
        "autoriteDenregistrement": "CNOI/CNOI/CNOI"}


def charger() -> dict[str, Professionnel]:
    """The fictive professionals, by national id, in the order of the file."""
    return {p["id"]: Professionnel(p["id"], p["nom"], p["prenom"], p["libelle"], p)
            for p in lire_json("professionnels.json")["professionnels"]}
