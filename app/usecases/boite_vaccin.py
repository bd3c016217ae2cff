"""A vaccine box: from a scanned code to a proposal to check, and the ways by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from app.devices.scan import LectureCode, NatureCode, interpreter
from app.documents.vaccins import Vaccin, vaccins
from app.domain.calendrier_vaccinal import mois_revolus, prochaine_dose
from app.domain.dates import est_calendaire
from app.domain.names import cle_recherche
from app.domain.roles import Droit
from app.domain.vaccination import Gravite, ProduitVaccin, Proposition, Remarque
from app.usecases.carnet_vaccinal import carnet
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige

#: Setting: recalled lots, CIP13 -> lots.
CLE_RAPPELS = "rappels_vaccins"
_INTRAMUSCULAIRE, _SOUS_CUTANEE, _INTRADERMIQUE = "20035000", "20066000", "20030000"
_DELTOIDE_GAUCHE, _CUISSE_GAUCHE, _AVANT_BRAS_GAUCHE = "16217701000119102", "61396006", "66480008"
_MARCHE_MOIS = 24
_GRAVITES = {"EXPIRED": Gravite.BLOQUANT, "RECALLED": Gravite.BLOQUANT,
             "GTIN_INVALID": Gravite.BLOQUANT, "GROUPED_PACK": Gravite.BLOQUANT,
             "EXPIRES_SOON": Gravite.INFO, "ATC_UNCONFIRMED": Gravite.INFO}


def produit(vaccin: Vaccin) -> ProduitVaccin:
    """A row of the table as the form shows it."""
    return ProduitVaccin(
        vaccin.denomination, vaccin.marque, vaccin.presentation, vaccin.cip13, vaccin.cis,
        vaccin.atc, vaccin.atc_libelle, vaccin.atc_a_confirmer, vaccin.maladies,
        vaccin.noms_maladies, vaccin.voies)


def chercher_vaccins(texte: str, limite: int = 40) -> tuple[ProduitVaccin, ...]:
    """Vaccines for a choice by hand, by name, disease or code; those on sale first."""
    mots = cle_recherche(texte).split()
    trouves = []
    for vaccin in vaccins():
        cherche = cle_recherche(" ".join((vaccin.marque, vaccin.denomination, vaccin.cip13,
                                          *vaccin.noms_maladies)))
        if all(mot in cherche for mot in mots):
            trouves.append(vaccin)
    trouves.sort(key=lambda v: (not v.commercialise, v.marque, v.presentation))
    return tuple(produit(v) for v in trouves[:limite])


@exige(Droit.CLINIQUE_ECRIRE)
def lire_boite(ctx: Contexte, patient_id: int, texte: str,
               au: date | None = None) -> Proposition:
    """What a scanned or pasted code says, ready to be checked.

    Never raises for a bad code: the remarks say what is wrong and the manual way stays open.
    """
    au = au or date.today()
    lue = interpreter(texte, au, rappels(ctx))
    if lue.nature not in (NatureCode.GS1, NatureCode.CIP13):
        return Proposition(medicament=False, remarques=(_autre_code(lue),))
    remarques = tuple(Remarque(n.code, n.message, _GRAVITES.get(n.code, Gravite.A_VERIFIER))
                      for n in lue.avertissements)
    base = Proposition(lot=lue.lot, peremption=lue.peremption, lots=lue.candidats,
                       remarques=remarques, cip13=lue.cip13)
    if lue.vaccin is None:
        return base
    return completer(ctx, patient_id, replace(base, produit=produit(lue.vaccin)), au)


def _autre_code(lue: LectureCode) -> Remarque:
    if lue.nature is NatureCode.INS:
        return Remarque("INS", "Ce code est celui d’une identité INS, pas d’une boîte de vaccin.")
    note = next(iter(lue.avertissements), None)
    return Remarque("NOT_RECOGNISED", (note.message if note else "Ce code n’est pas reconnu.")
                    + " Lisez le carré de points de la boîte, ou saisissez sans boîte.")


@exige(Droit.CLINIQUE_ECRIRE)
def completer(ctx: Contexte, patient_id: int, proposition: Proposition,
              au: date | None = None) -> Proposition:
    """Propose nature, rank, route and site for the vaccine of a proposal."""
    choisi = proposition.produit
    if choisi is None:
        return proposition
    au = au or date.today()
    vu = carnet(ctx, patient_id, au)
    nature, rang = prochaine_dose(vu.situation, choisi.codes, [v.dose for v in vu.faites])
    voie = _INTRAMUSCULAIRE if _INTRAMUSCULAIRE in choisi.voies else next(iter(choisi.voies), "")
    petit = est_calendaire(vu.naissance) and mois_revolus(
        date.fromisoformat(vu.naissance), au) < _MARCHE_MOIS
    site = ""
    if voie in (_INTRAMUSCULAIRE, _SOUS_CUTANEE):
        site = _CUISSE_GAUCHE if petit else _DELTOIDE_GAUCHE
    elif voie == _INTRADERMIQUE:
        site = _AVANT_BRAS_GAUCHE
    return replace(proposition, nature=nature, rang=rang, voie=voie, site=site)


@exige(Droit.CLINIQUE_LIRE)
def rappels(ctx: Contexte) -> Mapping[str, frozenset[str]]:
    """Recalled lots that the practice knows of: CIP13 -> lots."""
    with ctx.store.lecture() as u:
        connus = u.reglages.lire(CLE_RAPPELS, {})
    return {str(cip13): frozenset(map(str, lots)) for cip13, lots in dict(connus).items()}


@exige(Droit.CLINIQUE_ECRIRE)
def noter_rappel(ctx: Contexte, cip13: str, lot: str) -> None:
    """Write down that a lot is recalled: its boxes are refused from now on."""
    if not cip13 or not lot.strip():
        raise Refus("Un lot rappelé se note avec le code de la boîte et son numéro de lot.")
    with ctx.store.ecriture() as u:
        connus = {k: list(v) for k, v in dict(u.reglages.lire(CLE_RAPPELS, {})).items()}
        connus[cip13] = sorted({*connus.get(cip13, []), lot.strip()})
        u.reglages.ecrire(CLE_RAPPELS, connus)
        u.trail.ecrire(qui=ctx.qui, quoi="vaccination.rappel_lot", resultat="ok",
                       detail=f"{cip13} {lot.strip()}")
