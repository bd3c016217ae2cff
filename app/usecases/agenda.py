"""The tournée: list, add, move, mark seen."""

from datetime import date, time

from app.domain import dates
from app.domain.agenda import EtatPassage, LieuPassage, Passage
from app.domain.equipes import Geste
from app.domain.roles import Droit
from app.store.errors import ErreurStore, Introuvable
from app.store.unite import Unite
from app.usecases.concurrence import Champ, Edition, Lu, Valeurs, ecrire_ensemble
from app.usecases.context import Contexte
from app.usecases.equipes import exiger_delegation, tracer_pour
from app.usecases.errors import Refus
from app.usecases.garde import exige


@exige(Droit.AGENDA)
def tournee(ctx: Contexte, jour: str) -> list[Passage]:
    """Visits of `jour` (AAAA-MM-JJ), in order of hour."""
    with ctx.store.lecture() as u:
        return u.agenda.du_jour(jour)


def _controler(jour: str, heure: str) -> None:
    try:
        date.fromisoformat(jour)
        time.fromisoformat(heure)
    except ValueError as erreur:
        raise Refus(f"Heure ou date incomprise : {jour} {heure}. Écrivez l’heure comme 08:50.") \
            from erreur


@exige(Droit.AGENDA)
def ajouter_passage(ctx: Contexte, jour: str, heure: str, patient_id: int | None, soins: str = "",
                    duree: int = 15, lieu: LieuPassage = LieuPassage.DOMICILE,
                    pour: int = 0) -> Passage:
    """Add a visit. The address is the patient's.

    :param pour: account whose agenda it is, 0 = one's own.
    :raises Refus: that colleague delegated nothing (LABEL.04); traced.
    """
    _controler(jour, heure)
    pour = pour or ctx.compte_id
    exiger_delegation(ctx, pour, Geste.AGENDA)
    with ctx.store.ecriture() as u:
        adresse = ""
        if patient_id is not None:
            contact = u.patients.lire(patient_id).contact
            adresse = ", ".join(filter(None, (contact.adresse, contact.commune)))
        passage = u.agenda.ajouter(jour, heure, pour, patient_id, soins=soins.strip(),
                                   duree=duree, lieu=lieu, adresse=adresse)
        if pour != ctx.compte_id:
            tracer_pour(u, ctx, pour, Geste.AGENDA, f"passage {passage.id}, {jour} {heure}")
        return passage


_CHAMPS = {
    "jour": Champ("Jour", dates.formater), "heure": Champ("Heure"),
    "etat": Champ("État", lambda etat: {EtatPassage.A_VENIR: "À venir"}.get(
        etat, str(etat.value).replace("_", " ").capitalize())),
}


def _valeurs(passage: Passage) -> dict[str, object]:
    return {"jour": passage.jour, "heure": passage.heure, "etat": passage.etat}


def _ensemble(ctx: Contexte, passage: Passage, **changements: object) -> Passage:
    """Change a visit that others may be changing too."""
    def lire(u: Unite) -> Lu:
        actuel = u.agenda.lire(passage.id)
        return Lu(_valeurs(actuel), actuel.version)

    def ecrire(u: Unite, valeurs: Valeurs, lue: int) -> Passage:
        ecrit = u.agenda.lire(passage.id)
        if (valeurs["jour"], valeurs["heure"]) != (ecrit.jour, ecrit.heure):
            ecrit = u.agenda.deplacer(passage.id, valeurs["jour"], valeurs["heure"], version=lue)
            _tracer_collegue(ctx, u, ecrit, "déplacement")
        if valeurs["etat"] != ecrit.etat:
            ecrit = u.agenda.marquer(passage.id, valeurs["etat"], version=ecrit.version)
        return ecrit

    qui = f"le passage de {passage.heure}"
    if passage.patient is not None:
        qui += f" chez {passage.patient.nom_naissance} {passage.patient.premier_prenom}"
    base = _valeurs(passage)
    return ecrire_ensemble(ctx, Edition(qui, _CHAMPS, lire, ecrire, par_versions=True), base,
                           {**base, **changements})


@exige(Droit.AGENDA)
def deplacer_passage(ctx: Contexte, passage: Passage, jour: str, heure: str) -> Passage:
    """Give a visit another day or hour.

    :raises ConflitSaisie: somebody gave it another one meanwhile.
    """
    _controler(jour, heure)
    return _ensemble(ctx, passage, jour=jour, heure=heure)


@exige(Droit.AGENDA)
def marquer_passage(ctx: Contexte, passage: Passage, etat: EtatPassage) -> Passage:
    """Change the state of a visit (« Fait »). :raises ConflitSaisie: as `deplacer_passage`."""
    return _ensemble(ctx, passage, etat=etat)


@exige(Droit.AGENDA)
def supprimer_passage(ctx: Contexte, passage: Passage) -> None:
    """Remove a visit from the agenda; one that is gone already is fine. `retablir_passage` puts it
    back. That of a colleague is traced.

    :raises Refus: somebody moved it or marked it meanwhile: that must be seen first.
    """
    with ctx.store.ecriture() as u:
        try:
            actuel = u.agenda.lire(passage.id)
        except Introuvable:
            return
        if _valeurs(actuel) != _valeurs(passage):
            raise Refus("Ce passage vient d’être modifié sur un autre poste. La liste est à jour : "
                        "supprimez-le de nouveau si c’est toujours voulu.", code="CONFLIT")
        u.agenda.supprimer(passage.id)
        _tracer_collegue(ctx, u, actuel, "suppression")
    with ctx.memoire.verrou:
        ctx.memoire.passages_supprimes[actuel.id] = actuel


@exige(Droit.AGENDA)
def retablir_passage(ctx: Contexte, passage: Passage) -> Passage:
    """Put back a visit that was just removed here, as it was and in the agenda where it was: no
    delegation is needed to undo one's own gesture.

    :raises Refus: it wasn't removed here, or was put back already.
    """
    with ctx.memoire.verrou:
        supprime = ctx.memoire.passages_supprimes.pop(passage.id, None)
    if supprime is None:
        raise Refus("Ce passage n’est plus à remettre : il l’a déjà été, ou fut supprimé ailleurs.")
    try:
        with ctx.store.ecriture() as u:
            remis = u.agenda.ajouter(
                supprime.jour, supprime.heure, supprime.professionnel_id,
                supprime.patient.id if supprime.patient else None, soins=supprime.soins,
                duree=supprime.duree, lieu=supprime.lieu, adresse=supprime.adresse)
            if supprime.etat is not EtatPassage.A_VENIR:
                remis = u.agenda.marquer(remis.id, supprime.etat, version=remis.version)
            _tracer_collegue(ctx, u, remis, "remise après suppression")
            return remis
    except ErreurStore:
        with ctx.memoire.verrou:  # nothing was written: it can still be put back
            ctx.memoire.passages_supprimes[supprime.id] = supprime
        raise


def _tracer_collegue(ctx: Contexte, u: Unite, passage: Passage, geste: str) -> None:
    """The agenda of a colleague changed: who did it is written."""
    if passage.professionnel_id != ctx.compte_id:
        u.trail.ecrire(qui=ctx.qui, quoi="agenda.collegue",
                       sur_qui=f"compte {passage.professionnel_id}", resultat="ok",
                       detail=f"{geste}, passage {passage.id}, {passage.jour} {passage.heure}")
