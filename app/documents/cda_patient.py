"""The patient of a CDA document, of today and of older formats (`spec/cda.md` §1.1)."""

from lxml import etree

from app.documents.hl7 import attribut, enfant, enfants, jour, texte
from app.documents.lu import IdentifiantLu, PatientLu
from app.domain import matricule
from app.domain.traits import est_cog

#: INS-C, the dead ancestor of the INS: production, test, demonstration.
_INS_C = frozenset({"1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.6", "1.2.250.1.213.1.4.7"})
_SEXES = {"M": "M", "F": "F", "UN": "I", "U": "I", "I": "I"}


def lire_patient(racine: etree._Element) -> PatientLu:
    """Identity of `recordTarget`. The matricule is taken from an INS OID only."""
    role = enfant(racine, "recordTarget", "patientRole")
    personne = enfant(role, "patient")
    ids = tuple(IdentifiantLu(r, v) for e in enfants(role, "id")
                if (r := attribut(e, "root")) and (v := attribut(e, "extension")))
    ins = next((i for i in ids if i.racine in matricule.OIDS_INS), None)
    noms = _noms(personne)
    lieu = enfant(personne, "birthplace", "place")
    county = texte(enfant(lieu, "addr", "county"))
    sexe = attribut(enfant(personne, "administrativeGenderCode"), "code")
    return PatientLu(
        matricule_ins=ins.valeur if ins else None, oid=ins.racine if ins else None,
        nom_naissance=noms.get("nom_naissance"), prenoms=noms.get("prenoms"),
        premier_prenom=noms.get("premier_prenom"),
        date_naissance=jour(attribut(enfant(personne, "birthTime"), "value"), partiel=True),
        sexe=_SEXES.get((sexe or "").upper()),
        lieu_naissance=county if county and est_cog(county) else None,
        nom_utilise=noms.get("nom_utilise"), prenom_utilise=noms.get("prenom_utilise"),
        naissance_ville=texte(enfant(lieu, "addr", "city")) or texte(enfant(lieu, "name")),
        identifiants=ids)


def _noms(personne: etree._Element | None) -> dict[str, str]:
    """Names by trait. BR = birth, CL = used, SP = used name of old documents.

    Without any qualifier (old documents) the family name counts as the birth name; the given
    name is the civil list, and the first given name stays unknown.
    """
    noms: dict[str, str] = {}
    for nom in enfants(personne, "name"):
        for famille in enfants(nom, "family"):
            quals = (famille.get("qualifier") or "").split()
            champ = "nom_utilise" if {"CL", "SP"} & set(quals) and "BR" not in quals else (
                "nom_naissance")
            _noter(noms, champ, texte(famille))
        sans: list[str] = []
        for prenom in enfants(nom, "given"):
            quals = (prenom.get("qualifier") or "").split()
            if "BR" in quals:
                _noter(noms, "premier_prenom", texte(prenom))
            elif {"CL", "SP"} & set(quals):
                _noter(noms, "prenom_utilise", texte(prenom))
            elif lu := texte(prenom):
                sans.append(lu)
        _noter(noms, "prenoms", " ".join(sans) or None)
    return noms


def _noter(noms: dict[str, str], champ: str, valeur: str | None) -> None:
    """Keep the first value of a trait."""
    if valeur:
        noms.setdefault(champ, valeur)


def remarques_patient(patient: PatientLu) -> list[str]:
    """French warnings on the identity of the document. They never quote the matricule."""
    suite: list[str] = []
    if patient.matricule_ins:
        if matricule.verifier(patient.matricule_ins):
            suite.append("Le matricule INS du document n’est pas valide (forme ou clé).")
        manquants = [libelle for valeur, libelle in (
            (patient.nom_naissance, "nom de naissance"), (patient.prenoms, "prénoms de naissance"),
            (patient.premier_prenom, "1er prénom"), (patient.date_naissance, "date de naissance"),
            (patient.sexe, "sexe"), (patient.lieu_naissance, "lieu de naissance")) if not valeur]
        if manquants:
            suite.append(f"INS présente, mais trait absent : {', '.join(manquants)}.")
    else:
        suite.append("Document sans INS : le patient est à reconnaître par ses traits.")
    if any(i.racine in _INS_C for i in patient.identifiants):
        suite.append("Ancien identifiant INS-C, ignoré.")
    return suite
