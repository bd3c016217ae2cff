"""Merge two files of one person, undo it, split a file of two persons (`spec/ins.md` §2).

Nothing is merged by itself. A merge moves what belongs to the care, keeps both local ids and both
histories, and can be undone; a split leaves the doubt on the first file until somebody lifts it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from app.domain import comparison, statuts
from app.domain.document import FicheDocument, OrigineDocument
from app.domain.doublons import identite_fusionnee
from app.domain.identity import Attribut, Identite, Traits
from app.domain.outbox import EtatOrdre
from app.domain.patient import Contact, Observation, Patient
from app.domain.regroupement import NatureRegroupement, Regroupement
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases import places
from app.usecases.context import Contexte
from app.usecases.droits_identite import droits, identite_visible
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.gestes_identite import exiger_motif, peuvent_fusionner
from app.usecases.outbox import liberer_pour_identite
from app.usecases.patients import normaliser_traits

_EN_ROUTE = (EtatOrdre.RETENU, EtatOrdre.PROGRAMME, EtatOrdre.ATTENTE_TECHNIQUE, EtatOrdre.REFUSE)


@dataclass(frozen=True, slots=True)
class ContenuDossier:
    """What a file holds, for the screen."""

    observations: int
    documents: int
    passages: int
    envois: int


@dataclass(frozen=True, slots=True)
class ComparaisonDossiers:
    """Two files side by side. `refus` says why they can't be merged; `fusionnee` what they would
    become, None then."""

    a: Patient
    b: Patient
    comparaison: comparison.Comparaison
    contenu_a: ContenuDossier
    contenu_b: ContenuDossier
    refus: str
    fusionnee: Identite | None


@dataclass(frozen=True, slots=True)
class ContenuSeparable:
    """What a collision may have mixed: the user chooses whose each thing is."""

    patient: Patient
    observations: tuple[Observation, ...]
    documents: tuple[FicheDocument, ...]


@dataclass(frozen=True, slots=True)
class Separation:
    """Outcome of a split. `annules`: orders cancelled, since their document names the wrong
    person; `a_retirer_du_dmp`: titles already sent in the wrong DMP."""

    ancien: Patient
    nouveau: Patient
    annules: int
    a_retirer_du_dmp: tuple[str, ...]


def _contenu(u: Unite, patient_id: int) -> ContenuDossier:
    return ContenuDossier(len(u.observations.lister(patient_id, 100_000)),
                          len(u.documents.lister(patient_id)),
                          len(u.agenda.du_patient(patient_id)),
                          u.outbox.compter_visibles(patient_id))


@exige(Droit.IDENTITES)
def comparer_dossiers(ctx: Contexte, a_id: int, b_id: int) -> ComparaisonDossiers:
    """Compare two files trait by trait; both accesses are traced.

    Matricules are shown to who has the right « INS » only; the refusals count them anyway.
    """
    with ctx.store.ecriture() as u:
        a, b = u.patients.lire(a_id), u.patients.lire(b_id)
        contenus = _contenu(u, a_id), _contenu(u, b_id)
        u.trail.ecrire(qui=ctx.qui, quoi="identite.comparaison", sur_qui=f"{a_id},{b_id}",
                       resultat="ok")
    refus = peuvent_fusionner(a, b)
    accordes = droits(ctx)
    fusionnee = None if refus else identite_visible(
        identite_fusionnee(a.identite, b.identite), accordes)
    a, b = (replace(p, identite=identite_visible(p.identite, accordes)) for p in (a, b))
    resultat = comparison.comparer_identites(a.identite, b.identite, places.equivalents,
                                             libelle_lieu=places.libelle_complet)
    return ComparaisonDossiers(a, b, resultat, *contenus, refus, fusionnee)


@exige(Droit.IDENTITES)
def fusionner(ctx: Contexte, garde: Patient, autre: Patient, motif: str) -> Patient:
    """Merge `autre` into `garde`, as both were shown to the user; returns the kept file.

    The best proved identity holds. What the kept contact lacks comes from the other.

    :raises Refus: two persons, a doubt, a file that changed since, or an order on its way.
    """
    raison = exiger_motif(motif)
    with ctx.store.ecriture() as u:
        a, b = u.patients.lire(garde.id), u.patients.lire(autre.id)
        if (a.version, b.version) != (garde.version, autre.version):
            raise Refus("L’un des deux dossiers a changé entre-temps. Comparez-les de nouveau ; "
                        "rien n’a été fusionné.", code="CONFLIT")
        for id in (a.id, b.id):
            if u.regroupements.actuel(id) != id:
                raise Refus("L’un des deux dossiers est déjà fusionné. Rechargez la liste.")
        if refus := peuvent_fusionner(a, b):
            raise Refus(refus)
        _refuser_si_en_cours(u, a.id, b.id)
        contact = Contact(**{c: v or getattr(b.contact, c) for c, v in asdict(a.contact).items()})
        u.regroupements.fusionner(
            a.id, b.id, auteur=ctx.qui, motif=raison, identite_avant=a.identite,
            complements={"contact": asdict(a.contact), "pose": asdict(contact)})
        fusionnee = identite_fusionnee(a.identite, b.identite)
        resultat = u.patients.enregistrer_identite(
            a.id, fusionnee, auteur=ctx.qui, version=a.version,
            cause=f"Fusion avec le dossier n° {b.id} : {raison}")
        if contact != a.contact:
            resultat = u.patients.enregistrer_contact(a.id, contact, version=resultat.version)
        u.trail.ecrire(qui=ctx.qui, quoi="dossier.fusion", sur_qui=str(a.id),
                       resultat=fusionnee.statut.value, detail=f"dossier absorbé {b.id}")
        u.trail.ecrire(qui=ctx.qui, quoi="dossier.fusion", sur_qui=str(b.id), resultat="absorbe",
                       detail=f"dossier gardé {a.id}")
        liberer_pour_identite(u, resultat)
    return resultat


@exige(Droit.IDENTITES)
def defaire_fusion(ctx: Contexte, fusion: Regroupement) -> tuple[Patient, Patient]:
    """Undo a merge: two files again, each with what was its own; what came since stays.

    :raises Refus: not a merge, already undone, or an order is on its way.
    """
    with ctx.store.ecriture() as u:
        actuelle = u.regroupements.lire(fusion.id)
        if actuelle.nature is not NatureRegroupement.FUSION or actuelle.defait_le:
            raise Refus("Cette fusion est déjà défaite.")
        garde_id, autre_id = actuelle.garde.id, actuelle.autre.id
        if u.regroupements.actuel(garde_id) != garde_id:
            raise Refus("Le dossier gardé a lui-même été fusionné depuis : défaites d’abord la "
                        "dernière fusion.")
        _refuser_si_en_cours(u, garde_id)
        avant, complements = u.regroupements.defaire(fusion.id, auteur=ctx.qui,
                                                     version=fusion.version)
        garde = u.patients.lire(garde_id)
        rendue = _identite_rendue(garde.identite, avant, u.patients.lire(autre_id).identite)
        garde = u.patients.enregistrer_identite(
            garde_id, rendue, auteur=ctx.qui, version=garde.version,
            cause=f"Fusion défaite avec le dossier n° {autre_id}")
        if asdict(garde.contact) == complements["pose"]:
            garde = u.patients.enregistrer_contact(
                garde_id, Contact(**complements["contact"]), version=garde.version)
        for id in (garde_id, autre_id):
            u.trail.ecrire(qui=ctx.qui, quoi="dossier.fusion_defaite", sur_qui=str(id),
                           resultat="ok", detail=f"fusion {fusion.id}")
        return garde, u.patients.lire(autre_id)


def _identite_rendue(actuelle: Identite, avant: Identite, autre: Identite) -> Identite:
    """Identity of the kept file once alone: its own, but nothing that came since is hidden.

    A change that came since is kept when it is about the same matricule as before (or none
    before and now); a matricule that came by the merge, or after it, never is.
    """
    meme = (actuelle.matricule_ins, actuelle.oid) == (avant.matricule_ins, avant.oid)
    inchangee = actuelle == identite_fusionnee(avant, autre)
    rendue = actuelle if meme and not inchangee else avant
    for attribut in sorted(actuelle.attributs & statuts.BLOQUANTS - rendue.attributs):
        rendue = statuts.poser_attribut(rendue, attribut)
    return rendue


@exige(Droit.IDENTITES)
def contenu_separable(ctx: Contexte, patient_id: int) -> ContenuSeparable:
    """What may belong to the other person of a collision."""
    with ctx.store.lecture() as u:
        return ContenuSeparable(u.patients.lire(patient_id),
                                tuple(u.observations.lister(patient_id, 100_000)),
                                tuple(u.documents.lister(patient_id)))


@exige(Droit.IDENTITES)
def separer(ctx: Contexte, patient_id: int, traits: Traits,
            elements: Mapping[str, Sequence[int]], motif: str, version: int) -> Separation:
    """Split a collision: a new provisional file takes `elements` (observation, document, passage).

    Both files become homonyme, and the first one douteuse until its doubt is lifted. An order of
    a moved document that hasn't left is cancelled: its document names the wrong person.

    :raises Refus: a trait is missing, nothing chosen, an order on its way, or a file that changed.
    """
    raison = exiger_motif(motif)
    propres = normaliser_traits(traits)
    choisis = {table: list(ids) for table, ids in elements.items() if ids}
    if not choisis:
        raise Refus("Choisissez ce qui revient à l’autre personne. Rien n’a été séparé.")
    if set(choisis) - {"observation", "document", "passage"}:
        raise Refus("Seuls observations, documents et passages se séparent.")
    with ctx.store.ecriture() as u:
        ancien = u.patients.lire(patient_id)
        if ancien.version != version:
            raise Refus("Ce dossier a changé entre-temps. Rechargez-le, puis recommencez.",
                        code="CONFLIT")
        _refuser_si_en_cours(u, patient_id)
        if propres == ancien.identite.traits:
            raise Refus("L’autre personne a les mêmes traits que ce dossier : corrigez-les.")
        ordres = [o for o in u.outbox.du_patient(patient_id)
                  if o.document_id in choisis.get("document", ())]
        annules = 0
        for ordre in ordres:
            if ordre.etat in _EN_ROUTE:
                u.outbox.changer(ordre.id, EtatOrdre.ANNULE, version=ordre.version)
                annules += 1
        nouveau = u.patients.ajouter(
            Identite(traits=propres, attributs=frozenset({Attribut.HOMONYME})), auteur=ctx.qui,
            cause=f"Séparé du dossier n° {patient_id} : {raison}")
        u.regroupements.separer(
            patient_id, nouveau.id, choisis | {"ordre": [o.id for o in ordres]}, auteur=ctx.qui,
            motif=raison, identite_avant=ancien.identite)
        envoyes = tuple(f.titre for f in u.documents.lister(nouveau.id)
                        if f.origine is OrigineDocument.CABINET
                        and (f.entry_uuid or any(o.document_id == f.id
                                                 and o.etat is EtatOrdre.ENVOYE for o in ordres)))
        identite = statuts.poser_attribut(
            statuts.poser_attribut(ancien.identite, Attribut.HOMONYME), Attribut.DOUTEUSE)
        ancien = u.patients.enregistrer_identite(
            patient_id, identite, auteur=ctx.qui, version=version,
            cause=f"Collision séparée vers le dossier n° {nouveau.id} : {raison}")
        for id in (patient_id, nouveau.id):
            u.trail.ecrire(qui=ctx.qui, quoi="dossier.separation", sur_qui=str(id), resultat="ok",
                           detail=f"{patient_id} vers {nouveau.id}")
    return Separation(ancien, nouveau, annules, envoyes)


@exige(Droit.IDENTITES)
def regroupements(ctx: Contexte, patient_id: int | None = None,
                  limite: int = 200) -> tuple[Regroupement, ...]:
    """Merges and splits, newest first."""
    with ctx.store.lecture() as u:
        return tuple(u.regroupements.lister(limite, patient_id))


def _refuser_si_en_cours(u: Unite, *patients: int) -> None:
    for patient_id in patients:
        if any(o.etat is EtatOrdre.EN_COURS for o in u.outbox.du_patient(patient_id)):
            raise Refus("Un document de ce patient est en cours d’envoi. Attendez la fin, puis "
                        "recommencez ; rien n’a été modifié.")
