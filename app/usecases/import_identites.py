"""Import and export of identities (CSV, FHIR R4): a dry run, then all or nothing.

The rules of the file hold for what comes from outside: five mandatory traits, characters, dates,
search before creation. Nothing is inherited: an identity that comes as qualifiée is created
provisoire, without its matricule, and will be qualified here (rules 30 and 51, va1.57, va1.05).
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

from app.documents.oids import racine_patients
from app.domain import cog, dates, matricule, names
from app.domain.doublons import rapprocher_traits
from app.domain.identity import COG_INCONNU, Attribut, Identite, Traits
from app.domain.import_identites import ActionImport, BilanImport, EssaiImport, LigneImport
from app.domain.patient import Contact, PatientResume
from app.domain.roles import Droit
from app.domain.traits import est_cog
from app.services.errors import Annule
from app.store.unite import Unite
from app.usecases import places
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige
from app.usecases.identites_csv import IdentiteLue, ecrire_csv, lire_csv
from app.usecases.identites_fhir import ecrire_fhir, est_fhir, lire_fhir
from app.usecases.patients import chercher_doublons, normaliser_traits
from app.usecases.settings import lire_reglages

FORMATS: tuple[tuple[str, str], ...] = (("csv", "CSV"), ("fhir", "FHIR R4"))
Progres = Callable[[tuple[int, int]], None] | None
Annulation = Callable[[], bool] | None


@exige(Droit.IDENTITES)
def essayer(ctx: Contexte, contenu: bytes, nom: str = "", annule: Annulation = None,
            progres: Progres = None) -> EssaiImport:
    """Say what an import would do; nothing is written.

    :raises Refus: the file can't be read.
    """
    forme = "fhir" if est_fhir(contenu) else "csv"
    lues = lire_fhir(contenu) if forme == "fhir" else lire_csv(contenu)
    if not lues:
        raise Refus("Ce fichier ne contient aucune identité.")
    lignes: list[LigneImport] = []
    deja: dict[str, list[LigneImport]] = {}
    with ctx.store.lecture() as u:
        for n, brute in enumerate(lues, 1):
            lue = replace(brute, contact=_contact_propre(brute.contact))
            if n % 50 == 0:
                if annule is not None and annule():
                    raise Annule("Lecture abandonnée. Rien n’a été importé.")
                if progres is not None:
                    progres((n, len(lues)))
            ligne = _juger(u, lue, deja.get(_jour(lue.traits), ()))
            lignes.append(ligne)
            deja.setdefault(ligne.traits.date_naissance, []).append(ligne)
        nombre = u.patients.compter()
    return EssaiImport(nom, forme, tuple(lignes), nombre)


def _contact_propre(contact: Contact) -> Contact:
    """As it may be kept and shown: one line, bounded, nothing that hides or reverses."""
    return Contact(*(names.sans_invisibles(getattr(contact, f.name)) for f in fields(contact)))


def _jour(traits: Traits) -> str:
    return dates.lire_date_saisie(traits.date_naissance) or traits.date_naissance


def _juger(u: Unite, lue: IdentiteLue, meme_jour: Sequence[LigneImport]) -> LigneImport:
    messages: list[str] = []
    lieu = lue.traits.lieu_naissance
    if lieu and not est_cog(lieu):
        lieu = _chercher_lieu(lieu, _jour(lue.traits), messages)
    if not lieu:
        lieu = COG_INCONNU
        messages.append("Lieu de naissance absent : « Inconnu » est noté, à compléter.")
    elif places.lieu(lieu) is None:
        messages.append(f"Le code {lieu} n’est pas dans le référentiel : il est gardé.")
    for champ in ("nom_naissance", "premier_prenom", "prenoms"):
        messages += names.normaliser_nom(getattr(lue.traits, champ))[1] \
            if getattr(lue.traits, champ) else []
    try:
        traits = normaliser_traits(replace(lue.traits, lieu_naissance=lieu))
    except Refus as erreur:
        return LigneImport(lue.numero, ActionImport.REFUSER, lue.traits, lue.contact,
                           (erreur.message.removeprefix("Le dossier n’est pas créé. "),))
    if lue.matricule_ins:
        connus = [r for r in u.patients.resumes(u.patients.par_matricule(lue.matricule_ins))
                  if r.date_naissance == traits.date_naissance]
        if connus:
            return LigneImport(lue.numero, ActionImport.CONNU, traits, lue.contact,
                               ("Patient connu sous ce matricule : laissé tel quel.",),
                               connus[0].id)
        fautes = matricule.verifier(lue.matricule_ins)
        messages.append(fautes[0] if fautes else "Le matricule INS n’est pas repris : l’identité "
                        "sera qualifiée ici, par INSi et un document d’identité.")
    return _juger_doublons(u, lue, traits, messages, meme_jour)


def _juger_doublons(u: Unite, lue: IdentiteLue, traits: Traits, messages: list[str],
                    meme_jour: Sequence[LigneImport]) -> LigneImport:
    proches = chercher_doublons(u, traits)
    identiques = [r for r in proches if _identique(traits, r)]
    if identiques:
        return LigneImport(lue.numero, ActionImport.CONNU, traits, lue.contact,
                           ("Patient déjà dans le dossier : laissé tel quel.",), identiques[0].id)
    if proches:
        messages.insert(0, f"Ressemble à {proches[0].nom_naissance} "
                        f"{proches[0].premier_prenom}, déjà dans le dossier.")
        return LigneImport(lue.numero, ActionImport.DOUBLON, traits, lue.contact, tuple(messages),
                           proches[0].id)
    for autre in meme_jour:
        if autre.action is ActionImport.REFUSER:
            continue
        t = autre.traits
        resume = PatientResume(0, t.nom_naissance, t.premier_prenom, t.nom_utilise,
                               t.prenom_utilise, t.date_naissance, t.sexe,
                               Identite(t).statut)
        if rapprocher_traits(traits, resume) is not None:
            messages.insert(0, f"Ressemble à la ligne {autre.numero} du fichier.")
            return LigneImport(lue.numero, ActionImport.DOUBLON, traits, lue.contact,
                               tuple(messages))
    return LigneImport(lue.numero, ActionImport.CREER, traits, lue.contact, tuple(messages))


def _identique(traits: Traits, r: PatientResume) -> bool:
    return (traits.nom_naissance, traits.premier_prenom, traits.date_naissance, traits.sexe) == (
        r.nom_naissance, r.premier_prenom, r.date_naissance, r.sexe)


def _chercher_lieu(texte: str, le: str, messages: list[str]) -> str:
    """Code of a place written by its name, when exactly one bears it that day."""
    cle = cog.cle_lieu(texte)
    exacts = {x.cog for x in places.chercher(texte, le) if cog.cle_lieu(x.libelle) == cle}
    if len(exacts) == 1:
        return exacts.pop()
    messages.append(f"Lieu « {texte[:60]} » " + (
        "à plusieurs sens" if exacts else "introuvable") + " : à préciser.")
    return ""


@exige(Droit.IDENTITES)
def importer(ctx: Contexte, essai: EssaiImport, avec_doublons: bool = False) -> BilanImport:
    """Write what the dry run announced, all or nothing.

    Look-alikes are created, as homonymes, only with `avec_doublons`. The whole is judged again in
    the transaction: a file that changed since the dry run stops it.

    :raises Refus: the file changed, or there is nothing to create; nothing was written.
    """
    admis = {ActionImport.CREER} | ({ActionImport.DOUBLON} if avec_doublons else set())
    choisies = [ligne for ligne in essai.lignes if ligne.action in admis]
    if not choisies:
        raise Refus("Il n’y a aucune identité à créer. Rien n’a été importé.")
    with ctx.store.ecriture() as u:
        if u.patients.compter() != essai.patients:
            raise Refus("Des patients ont été créés depuis l’essai. Recommencez l’essai ; rien "
                        "n’a été importé.", code="CONFLIT")
        if ligne := next((x for x in choisies if x.action is ActionImport.CREER
                          and any(_identique(x.traits, r) for r in chercher_doublons(
                              u, x.traits))), None):
            raise Refus(f"La ligne {ligne.numero} ressemble maintenant à un patient du dossier. "
                        "Recommencez l’essai ; rien n’a été importé.", code="CONFLIT")
        for ligne in choisies:
            homonyme = ligne.action is ActionImport.DOUBLON
            u.patients.ajouter(
                Identite(ligne.traits, attributs=frozenset(
                    {Attribut.HOMONYME} if homonyme else set())),
                ligne.contact, auteur=ctx.qui,
                cause=f"Import {essai.format.upper()}, ligne {ligne.numero}")
        u.trail.ecrire(qui=ctx.qui, quoi="identite.import", resultat=str(len(choisies)),
                       detail=essai.format)
    return BilanImport(len(choisies), len(essai.lignes) - len(choisies))


@exige(Droit.EXPORTER)
def exporter(ctx: Contexte, format: str, ids: Sequence[int] | None = None) -> bytes:
    """Identities of the practice, or some of them; the matricule of qualifiées only. Traced."""
    if format not in {code for code, _ in FORMATS}:
        raise Refus("Ce format d’export n’existe pas.")
    racine = racine_patients(lire_reglages(ctx).racine_oid)
    with ctx.store.ecriture() as u:
        patients = [u.patients.lire(id) for id in (u.patients.ids() if ids is None else ids)]
        reels = [p for p in patients if Attribut.FICTIVE not in p.identite.attributs]
        # Rule 31: who was told an INS. Here a file, named by its format, handed to the user.
        u.trail.ecrire(qui=ctx.qui, quoi="identite.export", resultat=str(len(reels)),
                       detail=f"{format} ; avec INS : "
                              f"{sum(p.identite.matricule_transmissible for p in reels)}")
    return ecrire_fhir(reels, racine) if format == "fhir" else ecrire_csv(reels)
