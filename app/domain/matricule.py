"""The matricule INS: form, key, nature (`spec/ins.md` §1.2 and §1.3)."""

import itertools
import re

from app.domain.identity import OID_NIA, OID_NIR, OID_NIR_DEMO, OID_NIR_TEST

#: A letter is only known in 2A and 2B: Corsica.
_FORME_13 = re.compile(r"[0-9]{5}(?:[0-9]{2}|2A|2B)[0-9]{6}")
_FORME_15 = re.compile(_FORME_13.pattern + "[0-9]{2}")
#: Usual form: sex, year, month, département, commune, order.
_FORME_USUELLE = re.compile(
    r"[1-8][0-9]{2}(?:0[1-9]|1[0-2]|[2-3][0-9]|4[0-2]|[5-9][0-9]).{8}")

_NATURES = {OID_NIR: "NIR", OID_NIA: "NIA", OID_NIR_TEST: "TEST", OID_NIR_DEMO: "DEMO"}
#: Every assigning authority of an INS.
OIDS_INS = frozenset(_NATURES)


def nettoyer(texte: str) -> str:
    """Matricule without the spaces and dots people write between its parts, in capitals."""
    return re.sub(r"[\s.]", "", texte).upper()


def cle(matricule13: str) -> str:
    """Key of a matricule: 97 - (N mod 97), two digits; 2A counts as 19 and 2B as 18.

    Raises:
        ValueError: the text is not the 13 characters of a matricule.
    """
    if _FORME_13.fullmatch(matricule13) is None:
        raise ValueError("Un matricule a 13 caractères : des chiffres, ou 2A ou 2B en département.")
    departement = {"2A": "19", "2B": "18"}.get(matricule13[5:7], matricule13[5:7])
    nombre = int(matricule13[:5] + departement + matricule13[7:])
    return f"{97 - nombre % 97:02d}"


def verifier(matricule15: str) -> list[str]:
    """French reasons why a typed matricule is not valid; empty when it is.

    The key blocks a typed matricule only: INSi answers with wrong keys have been seen, see
    `alertes`.
    """
    matricule = nettoyer(matricule15)
    if len(matricule) != 15:
        return [f"Un matricule INS a 15 caractères, clé comprise ; celui-ci en a {len(matricule)}."]
    if _FORME_15.fullmatch(matricule) is None:
        return ["Un matricule INS n’a que des chiffres, sauf 2A ou 2B pour la Corse."]
    if cle(matricule[:13]) != matricule[13:]:
        # The right key is not given: copying it would hide a mistyped digit.
        return ["La clé ne correspond pas au matricule : un caractère est faux."]
    return []


def alertes(matricule15: str) -> list[str]:
    """French remarks that never block: unusual sex, month or département."""
    matricule = nettoyer(matricule15)
    if _FORME_15.fullmatch(matricule) and not _FORME_USUELLE.fullmatch(matricule[:13]):
        return ["Forme inhabituelle (sexe ou mois de naissance)."]
    return []


def formater(matricule15: str) -> str:
    """`275126322074974` → `2 75 12 63 220 749 74` (no-break spaces); other texts unchanged."""
    if len(matricule15) != 15:
        return matricule15
    bornes = (0, 1, 3, 5, 7, 10, 13, 15)
    return " ".join(matricule15[a:b] for a, b in itertools.pairwise(bornes))


def nature(oid: str) -> str:
    """`NIR`, `NIA`, `TEST` or `DEMO` after the assigning authority; empty for any other.

    Only the OID tells: a NIA can look exactly like a NIR.
    """
    return _NATURES.get(oid, "")
