"""Dashboard TBB.INS.02: by month, filtered by RPPS and FINESS; export as CSV (DSR §3.2.8)."""

import csv
import io
from datetime import date

from app.domain.roles import Droit
from app.domain.tableau_ins import (
    INDICATEURS,
    MoisIns,
    TableauIns,
    compter_mois,
    derniers_mois,
    mois_suivant,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige

NOMBRE_MOIS = 6
NOMBRE_MOIS_MAX = 36


@exige(Droit.IDENTITES)
def calculer(ctx: Contexte, rpps: str = "", finess: str = "", au: date | None = None,
             nombre: int = NOMBRE_MOIS) -> TableauIns:
    """Count the months that end today (or on `au`).

    Args:
        rpps: national id of a professional (8 + RPPS), or empty for everybody.
        finess: identifier of a structure, or empty for all of them.
        nombre: months, 36 at most.
    """
    jour = au or date.today()
    nombre = max(1, min(nombre, NOMBRE_MOIS_MAX))
    with ctx.store.lecture() as u:
        comptes = u.comptes.professionnels()
        structure = u.comptes.structure()
        choisis = [id for id, p in comptes if rpps in ("", p.identifiant)]
        if finess not in ("", structure.identifiant):
            choisis = []
        premier = u.tableau_ins.premier_jour()[:7]
        mois = [m for m in derniers_mois(jour, nombre) if m >= premier] if premier else []
        lignes: list[MoisIns] = []
        for un in mois:
            fin = f"{mois_suivant(un)}-01"
            vus = u.tableau_ins.vus(f"{un}-01", fin, choisis)
            identites = u.tableau_ins.identites_au(fin, vus)
            # Imported after the visit was noted: the first identity known stands for that month.
            for id in vus:
                if id not in identites:
                    identites[id] = u.patients.historique(id)[0].identite
            lignes.append(compter_mois(un, identites.values()))
    personnes = {p.identifiant: f"{p.nom} {p.prenom} ({p.identifiant[1:]})" for _, p in comptes}
    return TableauIns(tuple(lignes), tuple(sorted(personnes.items(), key=lambda c: c[1])),
                      ((structure.identifiant,
                        f"{structure.raison_sociale} ({structure.identifiant[1:]})"),),
                      rpps, finess)


@exige(Droit.IDENTITES)
def exporter_csv(ctx: Contexte, tableau: TableauIns) -> bytes:
    """What is seen, as CSV for a French spreadsheet: « ; », decimal comma, UTF-8 with BOM.

    One line an indicator, two columns a month (count, rate). Traced.

    :raises Refus: nothing to export.
    """
    if not tableau.mois:
        raise Refus("Aucun patient vu sur cette période : il n’y a rien à exporter.")
    sortie = io.StringIO()
    ecrire = csv.writer(sortie, delimiter=";", lineterminator="\r\n")
    ecrire.writerow(["TBB.INS.02", "RPPS", tableau.rpps[1:] or "tous", "FINESS",
                     tableau.finess[1:] or "tous", "Édité le", date.today().strftime("%d/%m/%Y")])
    tete = ["Indicateur"]
    for m in tableau.mois:
        tete += [f"{m.mois} nombre", f"{m.mois} taux (%)"]
    ecrire.writerow(tete)
    for indicateur, libelle in INDICATEURS.items():
        ligne = [libelle]
        for m in tableau.mois:
            taux = None if indicateur == "uniques" else m.taux(indicateur)
            ligne += [str(getattr(m, indicateur)),
                      "" if taux is None else f"{taux:.1f}".replace(".", ",")]
        ecrire.writerow(ligne)
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="tableau.ins.export", resultat="ok",
                       detail=f"{tableau.mois[0].mois} à {tableau.mois[-1].mois}")
    return sortie.getvalue().encode("utf-8-sig")
