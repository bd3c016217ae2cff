"""Erase files whose period is over: looked at, confirmed, gone for good (MIN.RGPD.01).

One file, one transaction: it goes whole with a line of the trail, or it stays whole. What was
confirmed is compared with what is there at that moment, under the lock of the writers. Documents
already sent to the DMP or by secure mail aren't ours any more; backups hold the file until they are
rotated: both are said on the screen.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from app.domain.accord import compter
from app.domain.dates import formater
from app.domain.duree_conservation import DOSSIERS, DossierEchu, age_connu
from app.domain.effacement import (
    RECENT_JOURS,
    BilanEffacement,
    DossierAEffacer,
    DossiersAEffacer,
)
from app.domain.regroupement import NatureRegroupement
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases import attente_identite, formulaires, notes
from app.usecases.backup import lire_reglages_sauvegarde
from app.usecases.context import Contexte
from app.usecases.durees import lire_duree
from app.usecases.durees_conservation import echus_au
from app.usecases.errors import Refus
from app.usecases.fiches_comptes import jour_sur
from app.usecases.garde import exige

ACTE = "dossier.effacement"
#: Files described at a time: the next ones come when these are gone.
LIMITE = 200
#: A workstation whose clock jumped shows a trail without any line for that long.
SAUT_JOURS = 366


@exige(Droit.EFFACER)
def dossiers_a_effacer(ctx: Contexte, aujourdhui: date | None = None) -> DossiersAEffacer:
    """The files whose period is over, with what each holds and what holds it back."""
    with ctx.store.lecture(entiere=True) as u:
        jour, annees = aujourdhui or date.fromisoformat(jour_sur(u)), lire_duree(u, DOSSIERS)
        echus = echus_au(u, jour, annees)
        lus = tuple(_constater(u, echu, jour, annees) for echu in echus[:LIMITE])
    return DossiersAEffacer(lus, len(echus), annees)


@exige(Droit.EFFACER)
def effacer_dossiers(ctx: Contexte, vus: Sequence[DossierAEffacer],
                     aujourdhui: date | None = None, *,
                     annule: Callable[[], bool] | None = None,
                     progres: Callable[[tuple[int, int]], None] | None = None) -> BilanEffacement:
    """Erase files, as they were confirmed.

    A file that changed, that isn't due any more or that something holds back stays, and says why;
    those before it are gone.

    :param vus: as `dossiers_a_effacer` gave them. :param aujourdhui: the tests' day.
    :param progres: (files done, all). :param annule: stops between two files.
    :raises Refus: the clock of the workstation can't be believed; nothing was erased.
    """
    if aujourdhui is None:
        _refuser_horloge(ctx)
    effaces: list[int] = []
    gardes: list[tuple[str, str]] = []
    documents = 0
    for rang, vu in enumerate(vus, 1):
        if annule is not None and annule():
            gardes += [(x.nom, "Effacement arrêté avant ce dossier.") for x in vus[rang - 1:]]
            break
        raison, ids = _effacer(ctx, vu, aujourdhui)
        if raison:
            gardes.append((vu.nom, raison))
        else:
            effaces += ids
            documents += vu.documents
        if progres is not None:
            progres((rang, len(vus)))
    if effaces:
        ctx.store.tasser()
        _oublier(ctx, effaces)
    return BilanEffacement(tuple(effaces), documents, tuple(gardes), _fin_des_sauvegardes(ctx))


def _effacer(ctx: Contexte, vu: DossierAEffacer,
             aujourdhui: date | None) -> tuple[str, list[int]]:
    """Why a file stays, or "" and the numbers of the files that are gone."""
    with ctx.store.ecriture() as u:
        entiere = u.entiere()
        jour = aujourdhui or date.fromisoformat(jour_sur(entiere))
        annees = lire_duree(entiere, DOSSIERS)
        echu = next(iter(echus_au(entiere, jour, annees, vu.patient_id)), None)
        raison = _raison(vu, _constater(entiere, echu, jour, annees) if echu else None)
        ids = entiere.effacement.ensemble(vu.patient_id)
        if not raison:
            _tout_effacer(entiere, ids)
        for id in ids:
            u.trail.ecrire(qui=ctx.qui, quoi=ACTE, sur_qui=str(id),
                           resultat="refuse" if raison else "ok",
                           detail=vu.trace if id == vu.patient_id else f"avec {vu.patient_id}")
    return raison, ids


def _raison(vu: DossierAEffacer, lu: DossierAEffacer | None) -> str:
    if lu is None:
        return ("Ce dossier n’est plus à effacer\u00a0: il vient d’être effacé, réuni à un autre, "
                "ou de recevoir un acte.")
    if lu.retenu:
        return lu.retenu[0]
    if lu.empreinte != vu.empreinte:
        return "Ce dossier a changé depuis l’affichage de la liste\u00a0: relisez-la."
    return ""


def _tout_effacer(u: Unite, ids: Sequence[int]) -> None:
    documents = u.effacement.documents(ids)
    cles = [cle(id) for id in documents
            for cle in (attente_identite.cle_source, formulaires.cle_forme)]
    cles += [cle for id in ids for cle in notes.cles_du_patient(u, id)]
    u.reglages.effacer(*cles)
    u.effacement.effacer(ids)


def _constater(u: Unite, echu: DossierEchu, jour: date, annees: int) -> DossierAEffacer:
    """What there is to know of a file that is due."""
    ids = u.effacement.ensemble(echu.patient_id)
    nombres = u.effacement.compter(ids)
    (qui,) = u.patients.resumes([echu.patient_id])
    recent = (jour - timedelta(days=RECENT_JOURS)).isoformat()
    nom = f"{qui.nom_utilise or qui.nom_naissance} {qui.prenom_utilise or qui.premier_prenom}"
    return DossierAEffacer(
        echu.patient_id, nom.strip(), echu.naissance, echu.dernier_acte, echu.echeance,
        "28 ans du patient" if echu.mineur else f"{annees} ans", nombres,
        _retenu(u, ids, recent), _alertes(u, ids, echu.naissance, nombres, recent),
        f"{echu.dernier_acte} {u.patients.lire(echu.patient_id).version} "
        f"{sorted(nombres.items())}")


def _retenu(u: Unite, ids: Sequence[int], recent: str) -> tuple[str, ...]:
    """Why a file can't go now."""
    raisons = []
    if nombre := u.effacement.envois_ouverts(ids):
        raisons.append(compter(nombre, "envoi n’est pas terminé", "envois ne sont pas terminés")
                       + "\u00a0: attendez, ou annulez dans Envois.")
    if u.effacement.a_classer(ids):
        raisons.append("Un document reçu attend d’y être classé\u00a0: voyez À classer.")
    if u.effacement.ecrits_depuis(ids, recent):
        raisons.append("Un brouillon y a été écrit depuis moins d’un an\u00a0: validez-le ou "
                       "jetez-le.")
    if any(u.reglages.lire(cle) for id in ids for cle in notes.cles_du_patient(u, id)):
        raisons.append("Une note y est commencée\u00a0: enregistrez-la ou videz-la.")
    return tuple(raisons)


def _alertes(u: Unite, ids: Sequence[int], naissance: str, nombres: Mapping[str, int],
             recent: str) -> tuple[str, ...]:
    """What to read before a file goes."""
    phrases = []
    ouvertures = [x for id in ids for x in u.trail.lister(20, sur_qui=str(id), depuis=recent)
                  if x.quoi == "dossier.ouverture"]
    if ouvertures:
        phrases.append(f"Ouvert le {formater(ouvertures[0].horodatage)} par {ouvertures[0].qui}.")
    for autre, nature, quand in u.effacement.attaches(ids):
        phrases.append(
            f"Réunit le dossier n°\u00a0{autre}, fusionné le {formater(quand)}\u00a0: les deux "
            "partent." if nature == NatureRegroupement.FUSION.value else
            f"Séparé du dossier n°\u00a0{autre} le {formater(quand)}\u00a0: vérifiez que rien n’y "
            "manque.")
    if nombre := nombres.get("document_acces"):
        phrases.append(f"{compter(nombre, 'document réservé', 'documents réservés')} à une partie "
                       "de l’équipe.")
    if not age_connu(naissance):
        phrases.append("Année de naissance inconnue\u00a0: le patient était peut-être mineur.")
    return tuple(phrases)


def _refuser_horloge(ctx: Contexte) -> None:
    """A clock that jumped to the year 2060 makes every file due: the trail shows the jump.

    :raises Refus: no line for a year before today.
    """
    with ctx.store.lecture(entiere=True) as u:
        jour = jour_sur(u)
        veille = (date.fromisoformat(jour) - timedelta(days=1)).isoformat()
        avant = u.trail.lister(1, jusqua=veille)
    if avant and avant[0].horodatage[:10] < (
            date.fromisoformat(jour) - timedelta(days=SAUT_JOURS)).isoformat():
        raise Refus(f"Ce poste dit être le {formater(jour)}, et le journal n’a aucune ligne depuis "
                    f"le {formater(avant[0].horodatage)}. Vérifiez la date du poste\u00a0; si elle "
                    "est juste, recommencez demain. Rien n’a été effacé.", code="HORLOGE")


def _oublier(ctx: Contexte, ids: Sequence[int]) -> None:
    """What this session remembers of them; documents of the DMP kept in memory go with it."""
    memoire = ctx.memoire
    with memoire.verrou:
        for connu in (memoire.etats_dmp, memoire.pannes_dmp, memoire.bris_de_glace,
                      memoire.depuis_dmp, memoire.visites_dmp, memoire.notes):
            for id in ids:
                connu.pop(id, None)
        memoire.insi_tentes.difference_update(ids)
        memoire.passages_supprimes = {cle: passage for cle, passage in
                                      memoire.passages_supprimes.items()
                                      if passage.patient is None
                                      or passage.patient.id not in ids}
        memoire.recus.clear()


def _fin_des_sauvegardes(ctx: Contexte) -> str:
    gardees = lire_reglages_sauvegarde(ctx)
    jours = max(gardees.jours, 7 * gardees.semaines, 31 * gardees.mois)
    return (date.today() + timedelta(days=jours)).isoformat()
