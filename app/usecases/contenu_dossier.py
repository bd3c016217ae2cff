"""What a whole patient file holds, as tables, for one account's eyes (MIN.RGPD.01, MIN.PORT.01).

Read in one transaction: what is handed over is one instant of the file. What the account may not
read isn't there, and a sentence says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.accord import compter
from app.domain.agenda import EtatPassage, LieuPassage
from app.domain.dates import formater
from app.domain.document import EtatDocument, FicheDocument, RolePiece
from app.domain.dossier_clinique import LIBELLES, ROLES_CORRESPONDANT, RoleCorrespondant
from app.domain.export_dossier import DossierExporte, FichierExporte, Table, table
from app.domain.frise_identite import raconter
from app.domain.identity import Identite
from app.domain.libelles import (
    DESTINATIONS,
    ETATS_DOCUMENT,
    ETATS_ORDRE,
    ORIGINES,
    SEXES,
    STATUTS,
    TRAITS,
)
from app.domain.libelles_traces import libelle_acte, libelle_resultat
from app.domain.patient import Patient
from app.domain.regroupement import NatureRegroupement
from app.domain.roles import LIBELLES_DROITS, Droit
from app.store.unite import Unite
from app.usecases.context import Contexte, maintenant_local
from app.usecases.droits_identite import DroitsIdentite, identite_visible
from app.usecases.garde import libre
from app.usecases.places import libelle_complet
from app.usecases.types_documents import libelle_type

#: No list of one file is longer.
_TOUT = 1_000_000
_PASSAGES = {EtatPassage.A_VENIR: "À venir", EtatPassage.EN_COURS: "En cours",
             EtatPassage.FAIT: "Fait", EtatPassage.ANNULE: "Annulé"}
_LIEUX = {LieuPassage.DOMICILE: "Domicile", LieuPassage.CABINET: "Cabinet"}
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif", "text/plain": "txt",
               "text/rtf": "rtf", "application/pdf": "pdf", "text/xml": "xml",
               "application/xml": "xml"}


@dataclass(frozen=True, slots=True)
class Etendue:
    """How much of a file is wanted (MIN.PORT.01). `depuis` AAAA-MM-JJ, "" = everything;
    `auteur`: part of the name of a professional, "" = all of them."""

    depuis: str = ""
    auteur: str = ""

    def garde(self, date: str, auteur: str) -> bool:
        """True for what is in it."""
        return date[:10] >= self.depuis and self.auteur.casefold() in auteur.casefold()


@dataclass(frozen=True, slots=True)
class Yeux:
    """Who reads."""

    qui: str
    droits: frozenset[Droit]
    identite: DroitsIdentite


@libre("fait partie d’un geste gardé, dans sa transaction")
def lire_dossier(ctx: Contexte, u: Unite, entier: Unite, patient_id: int, yeux: Yeux,
                 etendue: Etendue) -> DossierExporte:
    """Read a file. `u` shows what the account may read, `entier` counts what it doesn't.

    :raises Introuvable: no such patient.
    """
    patient = u.patients.lire(patient_id)
    documents = [d for d in reversed(u.documents.lister(patient_id))
                 if etendue.garde(d.date_acte, d.auteur)]
    pieces = {d.id: tuple(_fichiers(u, rang, d)) for rang, d in enumerate(documents, 1)}
    clinique = Droit.CLINIQUE_LIRE in yeux.droits
    tables = [_identite(patient, yeux), _historique(u, patient, yeux),
              _consentements(u, patient_id), _correspondants(u, patient_id)]
    if clinique:
        tables += [_elements(u, patient_id), _observations(u, patient_id, etendue)]
    if Droit.AGENDA in yeux.droits:
        tables.append(_passages(u, patient_id, etendue))
    tables += [_documents(documents, pieces, patient, yeux), _envois(u, documents)]
    if Droit.TRACES in yeux.droits:
        tables.append(_acces(u, patient_id))
    traits = patient.identite.traits
    return DossierExporte(
        patient_id, f"{traits.nom_naissance} {traits.premier_prenom}",
        ctx.structure.raison_sociale, maintenant_local(), yeux.qui, tuple(tables),
        tuple(f for d in documents for f in pieces[d.id]),
        tuple(_ecarte(u, entier, patient_id, yeux)), etendue.depuis)


def _identite(patient: Patient, yeux: Yeux) -> Table:
    vue = _remise(patient.identite, yeux)
    t, c = vue.traits, patient.contact
    valeurs = {
        **{nom: str(getattr(t, nom, "")) for nom in TRAITS if hasattr(t, nom)},
        "sexe": SEXES.get(t.sexe, t.sexe), "lieu_naissance": libelle_complet(t.lieu_naissance),
        "matricule_ins": vue.matricule_ins, "oid": vue.oid, "statut": STATUTS[vue.statut],
        "numero_secu": patient.numero_secu if yeux.identite.ins else "", "adresse": c.adresse,
        "code_postal": c.code_postal, "commune": c.commune, "telephone": c.telephone,
        "courriel": c.courriel}
    autres = {"statut": "Statut de l’identité", "adresse": "Adresse",
              "code_postal": "Code postal", "commune": "Commune", "telephone": "Téléphone",
              "courriel": "Courriel"}
    return table("identite", "Identité", {n: TRAITS.get(n) or autres[n] for n in valeurs},
                 [tuple(valeurs.values())])


def _remise(identite: Identite, yeux: Yeux) -> Identite:
    """The identity as it may leave: matricule of a qualifiée only (rule 28), and of who sees it."""
    permis = yeux.identite.ins and identite.matricule_transmissible
    return identite_visible(identite, DroitsIdentite(ins=permis))


def _historique(u: Unite, patient: Patient, yeux: Yeux) -> Table:
    etapes = raconter(u.patients.historique(patient.id),
                      matricules=bool(_remise(patient.identite, yeux).matricule_ins))
    return table("identite_historique", "Historique de l’identité", {
        "date": "Date", "auteur": "Par", "cause": "Cause", "changements": "Changements",
        "statut": "Statut"},
        [(e.horodatage, e.auteur, e.cause, "\n".join(e.changements), STATUTS[e.statut])
         for e in etapes])


def _consentements(u: Unite, patient_id: int) -> Table:
    dit = {None: "Pas encore demandé", True: "Oui", False: "Non"}
    return table("consentements", "Information et consentements", {
        "ouvert_le": "Épisode de soins ouvert le", "clos_le": "Clos le",
        "informe_le": "Informé le", "informe_par": "Par",
        "consultation": "Consultation du DMP acceptée",
        "alimentation": "Opposition à l’alimentation du DMP"},
        [(e.ouvert_le, clos, e.informe_le, e.informe_par, dit[e.consentement_consultation],
          "Oui" if e.opposition_alimentation else "Non")
         for e, clos in u.episodes.tous(patient_id)])


def _correspondants(u: Unite, patient_id: int) -> Table:
    return table("correspondants", "Correspondants", {
        "role": "Rôle", "nom": "Nom", "prenom": "Prénom", "structure": "Structure",
        "identifiant": "RPPS"},
        [(ROLES_CORRESPONDANT[RoleCorrespondant(role)],
          *(str(qui.get(nom) or "") for nom in ("nom", "prenom", "structure", "identifiant")))
         for _, role, qui in u.courriers.liens(patient_id)])


def _elements(u: Unite, patient_id: int) -> Table:
    return table("dossier_clinique", "Allergies, antécédents, traitements, mesures", {
        "nature": "Nature", "libelle": "Libellé", "detail": "Détail", "date": "Date",
        "auteur": "Noté par", "cree_le": "Noté le", "retire_le": "Retiré le"},
        [(LIBELLES[e.nature][0], e.libelle, e.detail, e.date, e.auteur, e.cree_le, e.retire_le)
         for e in u.courriers.elements(patient_id, retires=True)])


def _observations(u: Unite, patient_id: int, etendue: Etendue) -> Table:
    lignes: list[tuple[str, ...]] = []
    for o in reversed(u.observations.lister(patient_id, _TOUT)):
        if etendue.garde(o.horodatage, o.auteur):
            avant = "\n".join(f"{texte} (jusqu’au {formater(le[:10])})"
                              for texte, le in u.observations.anciennes(o.id))
            lignes.append((o.horodatage, o.auteur, o.texte, avant))
    return table("observations", "Observations", {
        "date": "Date", "auteur": "Auteur", "texte": "Texte", "versions": "Textes précédents"},
        lignes)


def _passages(u: Unite, patient_id: int, etendue: Etendue) -> Table:
    noms = {id: f"{p.prenom} {p.nom}".strip() for id, p in u.comptes.professionnels()}
    return table("passages", "Soins et rendez-vous", {
        "jour": "Jour", "heure": "Heure", "duree": "Durée (min)", "soins": "Soins",
        "professionnel": "Professionnel", "lieu": "Lieu", "etat": "État"},
        [(p.jour, p.heure, str(p.duree), p.soins, noms.get(p.professionnel_id, ""),
          _LIEUX[p.lieu], _PASSAGES[p.etat])
         for p in u.agenda.du_patient(patient_id)
         if etendue.garde(p.jour, noms.get(p.professionnel_id, ""))])


def _fichiers(u: Unite, rang: int, d: FicheDocument) -> Iterator[FichierExporte]:
    """Names say nothing of the care: those of an encrypted ZIP are read by anybody."""
    base = f"documents/{rang:04d}"
    if d.cda_sha256:
        yield FichierExporte(f"{base}.xml", d.cda_sha256, "text/xml")
    pieces = {p.role: p for p in u.documents.pieces(d.id)}
    if (fichier := pieces.get(RolePiece.FICHIER)) is not None:
        yield FichierExporte(f"{base}.{_EXTENSIONS.get(fichier.mime, 'bin')}", fichier.sha256,
                             fichier.mime)
    elif d.pdf_sha256:
        yield FichierExporte(f"{base}.pdf", d.pdf_sha256, "application/pdf")
    # Apart: what completes a document isn't a document of its own when the folder is imported.
    if (joint := pieces.get(RolePiece.JOINT)) is not None:
        yield FichierExporte(f"documents/annexes/{rang:04d}-joint.pdf", joint.sha256, joint.mime)
    if (feuille := pieces.get(RolePiece.FEUILLE)) is not None:
        yield FichierExporte(f"documents/annexes/{rang:04d}-feuille.xsl", feuille.sha256,
                             feuille.mime)


def _documents(documents: Sequence[FicheDocument], fichiers: dict[int, tuple[FichierExporte, ...]],
               patient: Patient, yeux: Yeux) -> Table:
    """Who each document is about stands beside it, as MIN.PORT.01 asks."""
    vue = _remise(patient.identite, yeux)
    t = vue.traits
    return table("documents", "Documents", {
        "fichiers": "Fichiers", "date_production": "Date", "type": "Type", "titre": "Titre",
        "auteur": "Auteur", "origine": "Origine", "etat": "État", "version": "Version",
        "code_type": "Code du type", "identifiant": "Identifiant", "nom": "Nom de naissance",
        "prenom": "Prénom", "date_naissance": "Né(e) le", "sexe": "Sexe", "ins": "INS"},
        [(" ".join(f.chemin for f in fichiers[d.id]), d.date_acte, libelle_type(d.type_code),
          d.titre, d.auteur, ORIGINES[d.origine], ETATS_DOCUMENT[d.etat], str(d.version_number),
          d.type_code, d.cda_id, t.nom_naissance, t.premier_prenom, t.date_naissance, t.sexe,
          vue.matricule_ins) for d in documents],
        frozenset({"code_type", "identifiant", "nom", "prenom", "date_naissance", "sexe", "ins"}))


def _envois(u: Unite, documents: Sequence[FicheDocument]) -> Table:
    titres = {d.id: d.titre for d in documents}
    ordres = [o for d in documents for o in u.outbox.par_document(d.id)]
    return table("envois", "Envois", {
        "document": "Document", "destination": "Vers", "demande_le": "Demandé le",
        "etat": "État", "termine_le": "Terminé le"},
        [(titres[o.document_id], DESTINATIONS[o.destination], o.cree_le, ETATS_ORDRE[o.etat],
          o.termine_le) for o in sorted(ordres, key=lambda o: o.id)])


def _acces(u: Unite, patient_id: int) -> Table:
    """Who opened or changed this file, those merged into it included; details stay in the trail."""
    dossiers = {patient_id} | {
        r.autre.id for r in u.regroupements.lister(patient_id=patient_id)
        if r.nature is NatureRegroupement.FUSION and not r.defait_le and r.garde.id == patient_id}
    lignes = {x.numero: x for d in dossiers for x in u.trail.parcourir(patient=str(d))}
    return table("acces", "Qui a vu ce dossier", {
        "date": "Date", "qui": "Qui", "acte": "Acte", "resultat": "Résultat"},
        [(x.horodatage, x.qui, libelle_acte(x.quoi), libelle_resultat(x.resultat))
         for _, x in sorted(lignes.items())])


def _ecarte(u: Unite, entier: Unite, patient_id: int, yeux: Yeux) -> Iterator[str]:
    """What isn't in it, one sentence each."""
    tous = entier.documents.lister(patient_id, supprimes=True)
    vivants = [d for d in tous if d.etat is not EtatDocument.SUPPRIME]
    if caches := len(vivants) - len(u.documents.lister(patient_id)):
        yield (f"{compter(caches, 'document')} que {yeux.qui} ne peut pas lire\u00a0: à demander à "
               "leur auteur, ou à un compte qui les lit.")
    if supprimes := len(tous) - len(vivants):
        yield f"{compter(supprimes, 'document supprimé', 'documents supprimés')} du dossier."
    if brouillons := len(entier.documents.brouillons(patient_id)):
        yield f"{compter(brouillons, 'brouillon non validé', 'brouillons non validés')}."
    attente = sum(e.patient_id == patient_id for e in entier.entrants.attente(_TOUT))
    if attente:
        yield f"{compter(attente, 'document reçu', 'documents reçus')}, à classer d’abord."
    locaux = entier.documents.ids_cda(patient_id)
    if dmp := sum(f.unique_id not in locaux for f in entier.dmp.liste(patient_id)[0]):
        yield (f"{compter(dmp, 'document')} du DMP qu’aucun professionnel n’a intégrés au "
               "dossier\u00a0: le patient les lit dans Mon espace santé.")
    for droit, quoi in ((Droit.CLINIQUE_LIRE, "Les observations et les données de soins"),
                        (Droit.AGENDA, "Les soins et rendez-vous"),
                        (Droit.TRACES, "La liste de ceux qui ont vu ce dossier")):
        if droit not in yeux.droits:
            yield (f"{quoi}\u00a0: {yeux.qui} n’a pas le droit de "
                   f"«\u00a0{LIBELLES_DROITS[droit]}\u00a0».")
