"""French words of the « Précision » column of the trail.

The trail keeps codes, which don't change when a label does; the screen says them in words. A detail
is cut into segments (« , », « ; », « ou », « → »): one that is a code is translated, a sentence is
left as it is.
"""

import re
from collections.abc import Callable

from app.domain.certificat import LIBELLES as CERTIFICATS
from app.domain.confidentialite import LIBELLES_CATEGORIES, LIBELLES_NIVEAUX
from app.domain.dossier_clinique import ROLES_CORRESPONDANT
from app.domain.equipes import LIBELLES as GESTES
from app.domain.justificatifs import JUSTIFICATIFS
from app.domain.libelles import ATTRIBUTS, ORIGINES, PROFESSIONS, STATUTS, TRAITS
from app.domain.listes_identite import LISTES
from app.domain.roles import LIBELLES_DROITS, ROLES
from app.domain.verification import CauseVerification

_CAUSES = {CauseVerification.QUATRE_ANS: "non vérifiée depuis quatre ans",
           CauseVerification.NIA: "matricule NIA", CauseVerification.MANUELLE: "demandée",
           CauseVerification.RECUE: "identité reçue d’un tiers"}
#: Names of settings and fields, and ways in.
_DIVERS = {
    "verrou_min": "verrouillage (min)", "fin_min": "fin de session (min)",
    "retrait_carte": "au retrait de la carte", "presse_papiers_s": "presse-papiers (s)",
    "longueur_min": "caractères au moins", "classes": "sortes de caractères",
    "expiration_jours": "durée de vie (jours)", "historique": "anciens refusés",
    "robustesse": "robustesse", "nom": "nom", "prenom": "prénom", "identifiant": "identifiant",
    "profession": "profession", "savoir_faire": "spécialité", "civilite": "civilité",
    "navigateur": "par le navigateur", "ciba": "par l’application e-CPS", "cps": "par carte CPS",
    "proxy": "par le Proxy e-santé", "certificat": "par certificat", "secours": "clé de secours",
    "mot_de_passe": "mot de passe", "appel": "voir INSi", "ins": "voir le matricule INS",
    "traits_stricts": "modifier les traits stricts", "True": "oui", "False": "non",
    "libelle": "libellé",
}


def _table() -> dict[str, str]:
    mots: dict[str, str] = dict(_DIVERS)
    for titres in (CERTIFICATS, ATTRIBUTS, STATUTS, ORIGINES, LIBELLES_CATEGORIES,
                   LIBELLES_NIVEAUX, ROLES_CORRESPONDANT, GESTES, _CAUSES, TRAITS):
        mots |= {str(code): mot for code, mot in titres.items()}
    mots |= {str(code): mot for code, mot in LIBELLES_DROITS.items()}
    mots |= {code: role.libelle for code, role in ROLES.items()}
    mots |= {str(liste): titre for liste, (titre, _) in LISTES.items()}
    return mots


_MOTS = _table()
#: What a code means depends on the act: beginning of the act -> words.
_PAR_ACTE: dict[str, dict[str, str]] = {
    "droits.refus": {str(code): mot for code, mot in LIBELLES_DROITS.items()},
    "role.": {**{str(c): m for c, m in LIBELLES_CATEGORIES.items()},
              **{str(c): m for c, m in LIBELLES_DROITS.items()}},
    "delegation.": {str(code): mot for code, mot in GESTES.items()},
    "certificat.": {str(code): mot for code, mot in CERTIFICATS.items()},
    "identite.liste": {str(liste): titre for liste, (titre, _) in LISTES.items()},
    "insi.verification": {str(code): mot for code, mot in _CAUSES.items()},
}
_JUSTIFICATIFS = {j.code: j.libelle for j in JUSTIFICATIFS}
_SEPARATEURS = re.compile(r"( ?[,;→] ?| ou | : )")
_REGLES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"8(\d{11})"), lambda m: f"RPPS {m[1]}"),
    (re.compile(r"document ([A-Z]{2,3})"), lambda m: _JUSTIFICATIFS.get(m[1], m[0])),
    (re.compile(r"(\d{2}) (\d{9,15})"),
     lambda m: f"{PROFESSIONS.get(m[1], m[1])}, structure {m[2]}"),
)


def libelle_precision(quoi: str, detail: str) -> str:
    """Words for the detail of an act (`quoi`: its code)."""
    if quoi.startswith("fichier.") and detail.isdigit():
        return f"version {int(detail)} du fichier"
    mots = next((_MOTS | propres for debut, propres in _PAR_ACTE.items()
                 if quoi.startswith(debut)), _MOTS)
    return "".join(morceau if _SEPARATEURS.fullmatch(morceau) else _segment(morceau, mots)
                   for morceau in _SEPARATEURS.split(detail))


def _segment(texte: str, mots: dict[str, str]) -> str:
    nu = texte.strip()
    if nu in mots:
        return mots[nu]
    for motif, dire in _REGLES:
        if trouve := motif.fullmatch(nu):
            return dire(trouve)
    nom, egal, valeur = nu.partition("=")
    if egal and nom in mots:
        return f"{mots[nom]}\u00a0: {mots.get(valeur, valeur)}"
    if nu[:1] in "+-" and nu[1:]:
        return ", ".join(_signe(mot, mots) for mot in nu.split())
    if "+" in nu:
        return " et ".join(_segment(mot, mots) for mot in nu.split("+"))
    premier, espace, suite = nu.partition(" ")
    if espace and premier in mots and ("_" in premier or premier in ROLES):
        return f"{mots[premier]} {suite}"
    return texte


def _signe(mot: str, mots: dict[str, str]) -> str:
    signe, nu = (mot[0], mot[1:]) if mot[:1] in "+-" else ("", mot)
    preposition = {"+": "donné\u00a0: ", "-": "retiré\u00a0: "}.get(signe, "")
    return preposition + mots[nu] if nu in mots else mot
