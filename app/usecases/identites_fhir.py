"""Identities as FHIR R4 Patient (profile fr-core-patient-ins): Bundle, Patient or NDJSON.

Only what identifies is read; everything else of a resource is left. What comes in is hostile:
bounded, and each member checked before use.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any
from uuid import uuid4

from app.domain.identity import Attribut, Traits
from app.domain.matricule import OIDS_INS
from app.domain.patient import Contact, Patient
from app.usecases.errors import Refus
from app.usecases.identites_csv import LIGNES_MAX, IdentiteLue, decoder, lire_sexe

PROFIL_INS = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins"
PROFIL = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient"
EXT_LIEU = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
EXT_PRENOMS = ("https://hl7.fr/ig/fhir/core/StructureDefinition/"
               "fr-core-patient-birth-list-given-name")
EXT_COG = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code"
SYSTEME_COG = "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM"
SYSTEME_TYPE = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
_URN = "urn:oid:"


def est_fhir(contenu: bytes) -> bool:
    """True when the file begins like JSON."""
    return contenu.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def lire_fhir(contenu: bytes) -> list[IdentiteLue]:
    """Read the Patient resources of a Bundle, of one resource, or of NDJSON.

    :raises Refus: not JSON, no Patient, or too many.
    """
    lues: list[IdentiteLue] = []
    for ressource in _ressources(decoder(contenu)):
        if _texte(ressource, "resourceType") != "Patient":
            continue
        if len(lues) >= LIGNES_MAX:
            raise Refus(f"Ce fichier dépasse {LIGNES_MAX} identités. Partagez-le.")
        lues.append(_ecrivable(_lire(len(lues) + 1, ressource)))
    if not lues:
        raise Refus("Ce fichier FHIR ne contient aucune ressource Patient.")
    return lues


def _ecrivable(lue: IdentiteLue) -> IdentiteLue:
    """Without the halves of characters that JSON lets write (« \\ud800 ») and no file can hold."""
    def net(valeurs: Any) -> Any:
        return replace(valeurs, **{f.name: v.encode("utf-8", "replace").decode("utf-8")
                                   for f in fields(valeurs)
                                   if isinstance(v := getattr(valeurs, f.name), str)})

    nette: IdentiteLue = net(lue)
    return replace(nette, traits=net(lue.traits), contact=net(lue.contact))


def _ressources(texte: str) -> Iterator[dict[str, Any]]:
    try:
        try:
            valeur = json.loads(texte)
        except json.JSONDecodeError:
            # NDJSON: one resource a line.
            yield from (x for x in map(json.loads, filter(str.strip, texte.splitlines()))
                        if isinstance(x, dict))
            return
    except (ValueError, RecursionError) as erreur:  # ValueError: a number without end, too
        raise Refus("Ce fichier n’est pas du JSON lisible.") from erreur
    if isinstance(valeur, list):
        yield from (x for x in valeur if isinstance(x, dict))
    elif isinstance(valeur, dict) and valeur.get("resourceType") == "Bundle":
        yield from (_dict(e.get("resource")) for e in _liste(valeur, "entry"))
    elif isinstance(valeur, dict):
        yield valeur


def _lire(numero: int, r: dict[str, Any]) -> IdentiteLue:
    noms = {_texte(n, "use"): n for n in reversed(_liste(r, "name"))}
    officiel: dict[str, Any] = noms.get("official") or next(
        iter(reversed(noms.values())), {})
    usuel = noms.get("usual") or {}
    prenoms = next((_texte(e, "valueString") for e in _extensions(officiel, EXT_PRENOMS)), "")
    donnes = [g for g in officiel.get("given", ()) if isinstance(g, str)] \
        if isinstance(officiel.get("given"), list) else []
    usuels = usuel.get("given")
    lieu = next((_cog(_dict(e.get("valueAddress"))) for e in _extensions(r, EXT_LIEU)), "")
    matricule, oid = _ins(r)
    adresse = next(iter(_liste(r, "address")), {})
    lignes = adresse.get("line")
    moyens = _liste(r, "telecom")
    return IdentiteLue(
        numero, Traits(
            _texte(officiel, "family"), donnes[0] if donnes else "", _texte(r, "birthDate"),
            lire_sexe(_texte(r, "gender")), lieu, prenoms or " ".join(donnes),
            _texte(usuel, "family"),
            usuels[0] if isinstance(usuels, list) and usuels and isinstance(usuels[0], str)
            else ""),
        Contact(" ".join(x for x in lignes if isinstance(x, str)) if isinstance(lignes, list)
                else "", _texte(adresse, "postalCode"), _texte(adresse, "city"),
                _moyen(moyens, "phone"), _moyen(moyens, "email")), matricule, oid)


def _ins(r: dict[str, Any]) -> tuple[str, str]:
    for identifiant in _liste(r, "identifier"):
        oid = _texte(identifiant, "system").removeprefix(_URN)
        if oid in OIDS_INS:
            return _texte(identifiant, "value").replace(" ", "").upper(), oid
    return "", ""


def _cog(adresse: dict[str, Any]) -> str:
    for extension in _extensions(adresse, EXT_COG):
        return _texte(_dict(extension.get("valueCoding")), "code")
    return _texte(adresse, "district")


def _moyen(moyens: list[dict[str, Any]], systeme: str) -> str:
    return next((_texte(m, "value") for m in moyens if m.get("system") == systeme), "")


def _extensions(r: dict[str, Any], url: str) -> list[dict[str, Any]]:
    return [e for e in _liste(r, "extension") if e.get("url") == url]


def _texte(r: dict[str, Any], nom: str) -> str:
    valeur = r.get(nom)
    return valeur.strip()[:2000] if isinstance(valeur, str) else ""


def _dict(valeur: object) -> dict[str, Any]:
    return valeur if isinstance(valeur, dict) else {}


def _liste(r: dict[str, Any], nom: str) -> list[dict[str, Any]]:
    valeur = r.get(nom)
    return [x for x in valeur if isinstance(x, dict)] if isinstance(valeur, list) else []


# --- Writing ------------------------------------------------------------------------------------

_GENRES = {"M": "male", "F": "female", "I": "unknown"}


def ecrire_fhir(patients: Iterable[Patient], racine: str) -> bytes:
    """A Bundle of Patient; INS of qualifiées only (rule 28), fictive identities left out.

    `racine` is the OID of our patient ids.
    """
    entrees = [{"fullUrl": f"urn:uuid:{uuid4()}", "resource": _ecrire(p, racine)}
               for p in patients if Attribut.FICTIVE not in p.identite.attributs]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entrees}
    return json.dumps(bundle, ensure_ascii=False, indent=1).encode()


def _ecrire(p: Patient, racine: str) -> dict[str, Any]:
    t, i, c = p.identite.traits, p.identite, p.contact
    identifiants: list[dict[str, Any]] = [_identifiant(_URN + racine, str(p.id), "PI")]
    if i.matricule_transmissible:
        genre = "INS-NIA" if i.oid.endswith(".9") else "INS-NIR"
        identifiants.append(_identifiant(_URN + i.oid, i.matricule_ins, genre) | {
            "use": "official"})
    officiel: dict[str, Any] = {"use": "official", "family": t.nom_naissance,
                                "given": [t.premier_prenom]}
    if t.prenoms:
        officiel["extension"] = [{"url": EXT_PRENOMS, "valueString": t.prenoms}]
    noms = [officiel]
    if t.nom_utilise or t.prenom_utilise:
        noms.append({"use": "usual", "family": t.nom_utilise or t.nom_naissance,
                     "given": [t.prenom_utilise or t.premier_prenom]})
    ressource: dict[str, Any] = {
        "resourceType": "Patient", "id": str(p.id),
        "meta": {"profile": [PROFIL_INS if i.matricule_transmissible else PROFIL]},
        "identifier": identifiants, "name": noms, "gender": _GENRES[t.sexe],
        "birthDate": t.date_naissance}
    if t.lieu_naissance:
        ressource["extension"] = [{"url": EXT_LIEU, "valueAddress": {
            "extension": [{"url": EXT_COG, "valueCoding": {
                "system": SYSTEME_COG, "code": t.lieu_naissance}}]}}]
    telecom = [{"system": s, "value": v} for s, v in (("phone", c.telephone),
                                                      ("email", c.courriel)) if v]
    if telecom:
        ressource["telecom"] = telecom
    adresse = {k: v for k, v in (("postalCode", c.code_postal), ("city", c.commune)) if v} | (
        {"line": [c.adresse]} if c.adresse else {})
    if adresse:
        ressource["address"] = [adresse]
    return ressource


def _identifiant(systeme: str, valeur: str, genre: str) -> dict[str, Any]:
    systeme_type = ("http://terminology.hl7.org/CodeSystem/v2-0203" if genre == "PI"
                    else SYSTEME_TYPE)
    return {"type": {"coding": [{"system": systeme_type, "code": genre}]}, "system": systeme,
            "value": valeur}
