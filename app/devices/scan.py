"""What a scanned text is, and what it means: GS1 box, CIP code, INS datamatrix, or unknown.

`spec/cards.md` §5.6 and §5.7. Nothing here decides: the user always validates what was read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from app.devices.scan_clavier import retablir
from app.devices.scan_gs1 import (
    Avertissement,
    EtatLecture,
    LectureGs1,
    gtin_valide,
    lire_gs1,
    nettoyer,
)
from app.documents.datamatrix import DatamatrixInvalide, InsLue, decoder_ins, est_ins
from app.documents.vaccins import Vaccin, vaccin_par_cip13
from app.domain.matricule import verifier

#: No symbol that we read holds more characters.
LONGUEUR_MAX = 3000


class NatureCode(StrEnum):
    """Kind of a code."""

    GS1 = "GS1"
    CIP13 = "CIP13"
    INS = "INS"
    INCONNU = "inconnu"


@dataclass(frozen=True, slots=True)
class LectureCode:
    """A code, understood as far as it can be. Absent values are empty or None."""

    etat: EtatLecture
    nature: NatureCode
    gtin: str = ""
    cip13: str = ""
    peremption: str = ""
    lot: str = ""
    serie: str = ""
    vaccin: Vaccin | None = None
    ins: InsLue | None = None
    candidats: tuple[str, ...] = ()
    avertissements: tuple[Avertissement, ...] = field(default=())


def interpreter(texte: str, au: date,
                rappels: Mapping[str, frozenset[str]] | None = None) -> LectureCode:
    """Read a scanned or typed text.

    Args:
        texte: as the scanner gave it; separators may be GS, `<GS>`, `\\x1d`, `␝`, F8…, or lost.
        au: the day against which expiry is judged.
        rappels: recalled lots the practice knows of: CIP13 -> lots.
    """
    brut = texte.strip(" \t\r\n")
    if len(brut) > LONGUEUR_MAX:
        return _inconnu("Ce texte est trop long pour être un code.")
    retabli = retablir(brut)
    if retabli is not None:
        lue = interpreter(retabli, au, rappels)
        note = Avertissement("KEYBOARD_LAYOUT", "Le lecteur n’est pas réglé sur le clavier "
                             "français ; le code a été rétabli : vérifiez le numéro de lot, "
                             "majuscules comprises.")
        return replace(lue, avertissements=(note, *lue.avertissements))
    if est_ins(brut):
        return _ins(brut)
    nu = nettoyer(brut)
    if re.fullmatch(r"0?34009\d{8}", nu):
        return _cip(nu[-13:], rappels)
    if brut.startswith("]d1") or re.match(r"(?i)https?:|urn:|DC0[1-4]", nu):
        return _inconnu("Ce code n’est ni celui d’une boîte de médicament ni un datamatrix INS.")
    if nu.startswith("(") or re.match(r"\d{2}", nu):
        return _gs1(lire_gs1(brut, au), rappels)
    return _inconnu("Ce code n’est pas reconnu.")


def _inconnu(message: str) -> LectureCode:
    return LectureCode(EtatLecture.ERREUR, NatureCode.INCONNU,
                       avertissements=(Avertissement("NOT_RECOGNISED", message),))


def _ins(brut: str) -> LectureCode:
    try:
        lue = decoder_ins(brut)
    except DatamatrixInvalide as refus:
        return LectureCode(EtatLecture.ERREUR, NatureCode.INS,
                           avertissements=(Avertissement("INS_INVALID", str(refus)),))
    notes = [Avertissement("INS_NOTE", note) for note in lue.avertissements]
    etat = EtatLecture.A_VERIFIER if notes else EtatLecture.OK
    for faute in verifier(lue.matricule_ins):
        etat = EtatLecture.A_VERIFIER
        notes.append(Avertissement("INS_KEY", faute))
    return LectureCode(etat, NatureCode.INS, ins=lue, avertissements=tuple(notes))


def _cip(cip13: str, rappels: Mapping[str, frozenset[str]] | None) -> LectureCode:
    if not gtin_valide(cip13):
        return LectureCode(EtatLecture.ERREUR, NatureCode.CIP13, avertissements=(Avertissement(
            "GTIN_INVALID", "La clé du code CIP est fausse : relisez le code."),))
    note = Avertissement("PRODUCT_ONLY", "Ce code donne le produit seul : saisissez le lot et la "
                         "péremption.")
    lue = LectureGs1(EtatLecture.PARTIEL, "0" + cip13, cip13, avertissements=(note,))
    return replace(_gs1(lue, rappels), nature=NatureCode.CIP13)


def _gs1(lue: LectureGs1, rappels: Mapping[str, frozenset[str]] | None) -> LectureCode:
    notes = list(lue.avertissements)
    vaccin = None
    connu = not any(n.code in ("GTIN_INVALID", "GROUPED_PACK") for n in notes)
    if lue.cip13:
        vaccin = vaccin_par_cip13(lue.cip13)
        if vaccin is None:
            notes.append(Avertissement("UNKNOWN_PRODUCT", "Ce produit n’est pas dans la table des "
                                       "vaccins : choisissez le vaccin dans la liste."))
        else:
            if not vaccin.commercialise:
                notes.append(Avertissement("NOT_MARKETED", "Cette présentation n’est plus "
                                           "commercialisée."))
            if not vaccin.atc:
                notes.append(Avertissement("ATC_MISSING", "La classe ATC de ce vaccin n’est pas "
                                           "connue : la note structurée la demande."))
            elif vaccin.atc_a_confirmer:
                notes.append(Avertissement("ATC_UNCONFIRMED", "La classe ATC de ce vaccin reste à "
                                           "confirmer."))
    elif lue.gtin and connu:
        notes.append(Avertissement("UNKNOWN_PRODUCT", "Ce code n’est pas celui d’un médicament "
                                   "français : choisissez le vaccin dans la liste."))
    if rappels and lue.lot and lue.lot in rappels.get(lue.cip13, frozenset()):
        notes.append(Avertissement("RECALLED", "Ce lot fait l’objet d’un rappel : ne pas "
                                   "administrer."))
    return LectureCode(lue.etat, NatureCode.GS1, lue.gtin, lue.cip13, lue.peremption, lue.lot,
                       lue.serie, vaccin, None, lue.candidats, tuple(notes))
