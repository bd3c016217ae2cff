"""Two persons do the same gesture over what both read: one game a use case, on either engine.

`JEUX` names the use cases that write over something that a colleague may have changed since it was
read. Each game has `autre` write first, then `un` over what it had read before; it proves that
nothing was lost without a word: merged, asked, refused in French, or kept apart.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.documents.model import Destinataire
from app.domain.agenda import EtatPassage
from app.domain.confidentialite import Niveau
from app.domain.document import EtatDocument, FicheDocument, OrigineDocument
from app.domain.dossier_clinique import NatureElement, RoleCorrespondant
from app.domain.entrant import Entrant, EtatEntrant, VerdictEntrant
from app.domain.equipes import Equipe, Geste, Membre
from app.domain.identity import Attribut
from app.domain.outbox import Destination, EtatOrdre
from app.domain.patient import Contact, Patient
from app.domain.people import Professionnel
from app.domain.questionnaire import Reponse
from app.domain.roles import Acces, Droit, Role
from app.sandbox.certificats import MOT_DE_PASSE_P12
from app.store.errors import ChangementInterdit, ConflitVersion
from app.usecases import (
    agenda,
    backup,
    brouillons,
    certificats,
    classement,
    comptes,
    confidentialite,
    consentement,
    correspondants,
    dossier,
    dossier_clinique,
    droits_identite,
    durees_conservation,
    effacement,
    equipes,
    formulaires,
    fusion,
    gestes_identite,
    identify,
    modeles_courriers,
    mots_de_passe,
    notes,
    outbox,
    patients,
    produce,
    questionnaire,
    reglages_centre,
    reglages_identite,
    roles,
    settings,
    suites_documents,
    traces,
    verrouillage,
    versions_documents,
)
from app.usecases.concurrence import ConflitSaisie, Texte
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.importation import Description
from tests.store_outils import fiche, traits


@dataclass
class Table:
    """Three workstations on one practice: `un` is Mariam, `meme` Mariam again, `autre` Julie; both
    are administrators."""

    un: Contexte
    meme: Contexte
    autre: Contexte
    pki: Path
    _rang: int = 0

    def patient(self) -> Patient:
        """A new patient."""
        self._rang += 1
        cree = patients.creer_patient(self.un, traits(
            "JEU", "ZOE", f"19{self._rang // 28 + 40:02d}-01-{self._rang % 28 + 1:02d}"),
            force=True).patient
        assert cree is not None
        return cree

    def document(self, patient_id: int, type_code: str = "11488-4") -> FicheDocument:
        """A validated document without CDA."""
        with self.un.store.ecriture() as u:
            return u.documents.ajouter(fiche(
                patient_id, type_code=type_code, origine=OrigineDocument.SCAN,
                auteur=self.un.qui), cda=None, pdf=b"%PDF-1.4 jeu")


def conflit(geste: Callable[..., Any], *args: Any, **kw: Any) -> ConflitSaisie:
    """The gesture must ask."""
    with pytest.raises(ConflitSaisie) as pris:
        geste(*args, **kw)
    assert pris.value.par == "Julie FONTAINE" or "poste" in pris.value.par
    return pris.value


def refuse(dit: str, geste: Callable[..., Any], *args: Any, **kw: Any) -> None:
    """The gesture must be refused, in these words."""
    with pytest.raises(Refus, match=dit):
        geste(*args, **kw)


# -- practice -----------------------------------------------------------------------------------

def reglages(t: Table) -> None:
    base = settings.lire_reglages(t.un)
    settings.enregistrer_reglages(t.autre, replace(
        settings.lire_reglages(t.autre), delai_envoi_min=15), settings.lire_reglages(t.autre))
    ecrits = settings.enregistrer_reglages(t.un, replace(base, mention_rgpd="Autre."), base)
    assert (ecrits.delai_envoi_min, ecrits.mention_rgpd) == (15, "Autre.")
    conflit(settings.enregistrer_reglages, t.un, replace(base, delai_envoi_min=60), base)


def _valeurs(t: Table, lire: Callable[[Contexte], Any], ecrire: Callable[..., Any],
             leur: dict[str, Any], mien: dict[str, Any], contraire: dict[str, Any]) -> None:
    """A dataclass of the practice: merged field by field, asked where both changed one."""
    base = lire(t.un)
    ecrire(t.autre, replace(base, **leur), base)
    ecrire(t.un, replace(base, **mien), base)
    assert lire(t.un) == replace(base, **leur, **mien)
    if not contraire:
        return
    question = conflit(ecrire, t.un, replace(base, **contraire), base)
    assert [c.code for c in question.champs] == list(contraire)
    assert lire(t.un) == replace(base, **leur, **mien)
    question.appliquer(dict.fromkeys(contraire, "mien"))
    assert lire(t.autre) == replace(base, **{**leur, **mien, **contraire})


def verrou(t: Table) -> None:
    _valeurs(t, verrouillage.lire_verrouillage, verrouillage.enregistrer_verrouillage,
             {"verrou_min": 5}, {"presse_papiers_s": 30}, {"verrou_min": 15})


def centre(t: Table) -> None:
    _valeurs(t, reglages_centre.lire_reglages_centre, reglages_centre.enregistrer_reglages_centre,
             {"insi_mode": "certificat_structure"}, {"dmp_certificat": True},
             {"insi_mode": "cps_assertion"})


def identites(t: Table) -> None:
    _valeurs(t, reglages_identite.lire_reglages_identite,
             reglages_identite.enregistrer_reglages_identite,
             {"traits_bandeau": ("oid",)}, {"procedure_transitoire": True},
             {"traits_bandeau": ("prenoms",)})


def sauvegardes(t: Table) -> None:
    _valeurs(t, backup.lire_reglages_sauvegarde, backup.enregistrer_reglages_sauvegarde,
             {"jours": 10}, {"mois": 24}, {"jours": 20})


def politique(t: Table) -> None:
    _valeurs(t, mots_de_passe.politique, mots_de_passe.enregistrer_politique,
             {"historique": 8}, {"expiration_jours": 365}, {"historique": 12})


def droits_sur_identites(t: Table) -> None:
    qui = t.autre.compte_id
    _valeurs(t, lambda ctx: droits_identite.droits(ctx, qui),
             lambda ctx, voulus, base: droits_identite.definir_droits(ctx, qui, voulus, base),
             {"traits_stricts": True}, {"ins": False}, {})


def conservation(t: Table) -> None:
    vues = traces.annees_conservation(t.un)
    traces.regler_conservation(t.autre, vues + 1, vues)
    refuse("vient d’être fixée", traces.regler_conservation, t.un, vues + 2, vues)
    assert traces.annees_conservation(t.un) == vues + 1


def conservation_dossiers(t: Table) -> None:
    vues = durees_conservation.annees_conservation_dossiers(t.un)
    durees_conservation.regler_conservation_dossiers(t.autre, vues + 1, vues)
    refuse("vient d’être fixée", durees_conservation.regler_conservation_dossiers, t.un, vues + 2,
           vues)
    assert durees_conservation.annees_conservation_dossiers(t.un) == vues + 1


def effacer_un_dossier(t: Table) -> None:
    """A colleague writes in a file while another one confirms its erasure: it stays."""
    jour = date(2090, 1, 1)
    change, soigne, tranquille = (t.patient().id for _ in range(3))
    with t.un.store.ecriture() as u:
        u.connexion.exec_driver_sql("UPDATE patient SET cree_le = '2002-01-05T10:00:00+01:00' "
                                    f"WHERE id >= {change}")
    vus = [d for d in effacement.dossiers_a_effacer(t.un, jour).dossiers
           if d.patient_id in (change, soigne, tranquille)]
    with t.autre.store.ecriture() as u:
        u.patients.enregistrer_contact(change, Contact(commune="Mazoires"), version=1)
        u.agenda.ajouter("2089-12-01", "08:00", t.autre.compte_id, soigne, "Soin", 10)
    fait = effacement.effacer_dossiers(t.un, vus, jour)
    assert fait.effaces == (tranquille,)
    assert sorted(raison.split("\u00a0")[0] for _, raison in fait.gardes) == [
        "Ce dossier a changé depuis l’affichage de la liste", "Ce dossier n’est plus à effacer"]
    encore = effacement.effacer_dossiers(t.autre, vus[-1:], jour)
    assert encore.effaces == () and "vient d’être effacé" in encore.gardes[0][1]


def questions(t: Table) -> None:
    une = questionnaire.lire_questionnaire(t.un)[0]
    questionnaire.repondre(t.autre, une.texte, "fait", "Fait.", une.reponse)
    refuse("Votre réponse est toujours à l’écran", questionnaire.repondre, t.un, une.texte,
           "partiel", "", une.reponse)
    connue = questionnaire.lire_questionnaire(t.un)[0].reponse
    assert (connue.etat, connue.remarque) == ("fait", "Fait.")
    assert isinstance(connue, Reponse)
    questionnaire.repondre(t.un, une.texte, "partiel", "", connue)


def certificat(t: Table) -> None:
    vus = certificats.lister_certificats(t.un)
    fichier = t.pki / "structure-insi.p12"
    garde = certificats.importer_certificat(t.autre, fichier, MOT_DE_PASSE_P12, vus)
    refuse("vient d’importer", certificats.importer_certificat, t.un, fichier, MOT_DE_PASSE_P12,
           vus)
    refuse("vient d’importer", certificats.supprimer_certificat, t.un, garde.usage, vus)
    certificats.supprimer_certificat(t.un, garde.usage, certificats.lister_certificats(t.un))


# -- accounts -----------------------------------------------------------------------------------

def _compte(t: Table) -> comptes.Compte:
    t._rang += 1
    return comptes.inviter(t.un, Professionnel(f"interne-jeu-{t._rang}", "JEU", "ANNE"),
                           Acces(("secretaire",))).compte


def identite_compte(t: Table) -> None:
    compte = _compte(t)
    base = compte.professionnel
    comptes.modifier_identite(t.autre, compte.id, replace(base, nom="MARTIN"), base)
    relu = comptes.modifier_identite(t.un, compte.id, replace(base, civilite="MME"), base)
    assert (relu.professionnel.nom, relu.professionnel.civilite) == ("MARTIN", "MME")
    question = conflit(comptes.modifier_identite, t.un, compte.id, replace(base, nom="DUPONT"),
                       base)
    choisi = question.appliquer({"nom": "mien"})
    assert (choisi.nom, choisi.civilite) == ("DUPONT", "MME")


def acces_compte(t: Table) -> None:
    compte = _compte(t)
    base = compte.acces
    comptes.changer_acces(t.autre, compte.id, replace(base, du="2026-01-01"), base)
    relu = comptes.changer_acces(t.un, compte.id, replace(base, au="2027-01-01"), base)
    assert (relu.acces.du, relu.acces.au) == ("2026-01-01", "2027-01-01")
    conflit(comptes.changer_acces, t.un, compte.id, replace(base, du="2026-02-01"), base)


def role(t: Table) -> None:
    base = roles.creer_role(t.un, Role("", "Accueil", frozenset({Droit.AGENDA})))
    roles.enregistrer_role(t.autre, replace(base, droits=base.droits | {Droit.IDENTITES}), base)
    ecrit = roles.enregistrer_role(t.un, replace(base, date=True), base)
    assert ecrit.droits == {Droit.AGENDA, Droit.IDENTITES}
    ecrit = roles.enregistrer_role(t.autre, replace(ecrit, libelle="Accueil du matin"), ecrit)
    question = conflit(roles.enregistrer_role, t.un, replace(base, libelle="Soir"), base)
    assert [c.libelle for c in question.champs] == ["Nom affiché"]
    refuse("vient d’être modifié", roles.supprimer_role, t.autre, base.code, base)
    roles.supprimer_role(t.autre, base.code, ecrit)
    refuse("vient d’être supprimé", roles.enregistrer_role, t.un, base, ecrit)
    roles.supprimer_role(t.un, base.code, base)


def deux_roles_neufs(t: Table) -> None:
    neuf = Role("role_1", "Neuf", frozenset({Droit.AGENDA}))
    un, deux = roles.creer_role(t.un, neuf), roles.creer_role(t.autre, neuf)
    assert un.code != deux.code


def dernier_administrateur(t: Table) -> None:
    """Each takes the other's administration away: one of them is refused."""
    roles_restants = Acces(("titulaire",))
    comptes.changer_acces(t.un, t.autre.compte_id, roles_restants)
    refuse("ne permet pas|dernier administrateur", comptes.changer_acces, t.autre, t.un.compte_id,
           roles_restants)
    comptes.changer_acces(t.un, t.autre.compte_id, Acces(("titulaire", "administrateur")))


def equipe(t: Table) -> None:
    base = equipes.enregistrer_equipe(t.un, Equipe(0, "Nord"))
    moi, elle = Membre(t.un.compte_id), Membre(t.autre.compte_id)
    equipes.enregistrer_equipe(t.autre, replace(base, membres=(elle,)), base)
    reunie = equipes.enregistrer_equipe(t.un, replace(base, nom="Secteur nord", membres=(moi,)),
                                        base)
    assert reunie.nom == "Secteur nord"
    assert set(reunie.membres) == {moi, elle}
    conflit(equipes.enregistrer_equipe, t.un,
            replace(base, membres=(replace(elle, au="2027-01-01"),)), base)


def delegation(t: Table) -> None:
    donnee = equipes.deleguer(t.un, t.autre.compte_id, {Geste.AGENDA}, "2099-01-01", "2099-01-02")
    equipes.revoquer(t.un, donnee)
    equipes.revoquer(t.un, donnee)  # already done in another window: nothing to ask
    assert [bool(d.revoquee_le) for d in equipes.mes_delegations(t.un) if d.id == donnee.id] == [
        True]


# -- patient ------------------------------------------------------------------------------------

def traits_patient(t: Table) -> None:
    lu = t.patient()
    base = lu.identite.traits
    patients.modifier_traits(t.autre, lu.id, replace(base, nom_utilise="MARTIN"), lu.version, base)
    ecrit = patients.modifier_traits(t.un, lu.id, replace(base, prenom_utilise="LOU"), lu.version,
                                     base)
    assert ecrit.identite.traits.nom_utilise == "MARTIN"
    conflit(patients.modifier_traits, t.un, lu.id, replace(base, nom_utilise="DUPONT"), lu.version,
            base)


def contact(t: Table) -> None:
    lu = t.patient()
    patients.enregistrer_contact(t.autre, lu.id, Contact(telephone="0102030405"), lu.version,
                                 lu.contact)
    conflit(patients.enregistrer_contact, t.un, lu.id, Contact(telephone="0611111111"), lu.version,
            lu.contact)


def numero(t: Table) -> None:
    lu = t.patient()
    patients.enregistrer_numero_secu(t.autre, lu.id, "275126322074974", lu.version)
    with pytest.raises(ConflitVersion, match="modifiée entre-temps"):
        patients.enregistrer_numero_secu(t.un, lu.id, "", lu.version)


def preuve(t: Table) -> None:
    """A proof is compared with the traits on screen: a colleague's correction isn't validated."""
    lu = t.patient()
    base = lu.identite.traits
    patients.modifier_traits(t.autre, lu.id, replace(base, premier_prenom="CHLOE",
                                                     prenoms="CHLOE"), lu.version, base)
    refuse("Rien n’a été validé", identify.controler_document, t.un, lu.id, "CN", lu.identite)
    with t.un.store.lecture() as u:
        actuel = u.patients.lire(lu.id)
    assert actuel.identite.statut is lu.identite.statut
    identify.controler_document(t.un, lu.id, "CN", actuel.identite)


def transitoire(t: Table) -> None:
    lu = t.patient()
    base = lu.identite.traits
    patients.modifier_traits(t.autre, lu.id, replace(base, premier_prenom="CHLOE",
                                                     prenoms="CHLOE"), lu.version, base)
    refuse("Rien n’a été validé", gestes_identite.qualifier_procedure_transitoire, t.un, lu.id,
           "Connue de l’équipe", lu.identite)


def stricts(t: Table) -> None:
    lu = t.patient()
    droits_identite.definir_droits(t.un, t.un.compte_id,
                                   droits_identite.DroitsIdentite(traits_stricts=True))
    base = lu.identite.traits
    patients.modifier_traits(t.autre, lu.id, replace(base, nom_utilise="MARTIN"), lu.version, base)
    refuse("a changé entre-temps", gestes_identite.modifier_traits_stricts, t.un, lu.id,
           replace(base, nom_naissance="DUPONT"), lu.version, "Erreur de saisie")


def marque(t: Table) -> None:
    lu = t.patient()
    avant, marque_ = identify.marquer_annulable(t.un, lu.id, Attribut.HOMONYME, True)
    patients.modifier_traits(t.autre, lu.id, replace(lu.identite.traits, nom_utilise="MARTIN"),
                             marque_.version, lu.identite.traits)
    with pytest.raises(ConflitVersion):
        identify.annuler_marquage(t.un, marque_, avant)


def reunion(t: Table) -> None:
    a, b = t.patient(), t.patient()
    patients.enregistrer_contact(t.autre, b.id, Contact(telephone="0102030405"), b.version)
    refuse("chang|modifi", fusion.fusionner, t.un, a, b, "Même personne, vérifié")


def reponses_du_patient(t: Table) -> None:
    """An opposition noted by a colleague isn't lifted by a screen that doesn't know it."""
    lu = t.patient()
    consentement.noter_consentement(t.autre, lu.id, None, True, consentement.SANS_REPONSE)
    consentement.noter_consentement(t.un, lu.id, True, False, consentement.SANS_REPONSE)
    with t.un.store.lecture() as u:
        episode = u.episodes.courant(lu.id)
    assert episode is not None
    assert (episode.consentement_consultation, episode.opposition_alimentation) == (True, True)
    conflit(consentement.noter_consentement, t.un, lu.id, False, None, consentement.SANS_REPONSE)


def observation(t: Table) -> None:
    lu = t.patient()
    note = dossier.ajouter_observation(t.un, lu.id, "Plaie propre.")
    dossier.modifier_observation(t.un, note, "Plaie propre. Pansement changé.")
    question = conflit(dossier.modifier_observation, t.un, note, "Plaie propre. Douleur 3/10.")
    (champ,) = question.champs
    question.appliquer({"texte": Texte(champ.ensemble)})
    with t.un.store.lecture() as u:
        assert "Pansement" in u.observations.lire(note.id).texte
        assert "Douleur" in u.observations.lire(note.id).texte


def note_commencee(t: Table) -> None:
    """One person, two workstations: both pieces are found again."""
    lu = t.patient()
    assert notes.brouillon_note(t.un, lu.id) == notes.brouillon_note(t.meme, lu.id) == ""
    notes.garder_brouillon_note(t.meme, lu.id, "Plaie propre.")
    notes.garder_brouillon_note(t.un, lu.id, "Douleur 3/10.")
    ensemble = notes.brouillon_note(t.un, lu.id)
    assert "Plaie propre." in ensemble
    assert "Douleur 3/10." in ensemble
    notes.garder_brouillon_note(t.un, lu.id, "")  # written down: nothing is left
    assert notes.brouillon_note(t.meme, lu.id) == ""


def element(t: Table) -> None:
    lu = t.patient()
    ligne = dossier_clinique.ajouter(t.un, lu.id, NatureElement.ALLERGIE, "Pénicilline")
    dossier_clinique.retirer(t.autre, ligne)
    with pytest.raises(ConflitVersion):
        dossier_clinique.retirer(t.un, ligne)


def passage(t: Table) -> None:
    vu = agenda.ajouter_passage(t.un, "2026-06-01", "10:00", None)
    agenda.marquer_passage(t.autre, vu, EtatPassage.FAIT)
    assert agenda.deplacer_passage(t.un, vu, "2026-06-01", "11:00").etat is EtatPassage.FAIT
    conflit(agenda.deplacer_passage, t.un, vu, "2026-06-01", "12:00")
    conflit(agenda.marquer_passage, t.un, vu, EtatPassage.ANNULE)
    refuse("vient d’être modifié", agenda.supprimer_passage, t.un, vu)


# -- documents and letters ----------------------------------------------------------------------

def brouillon(t: Table) -> None:
    lu = t.patient()
    base = brouillons.nouveau_brouillon(t.un, lu.id, "11506-3")
    brouillons.enregistrer_brouillon(t.meme, replace(base, texte="Plaie."), base)
    conflit(brouillons.enregistrer_brouillon, t.un, replace(base, texte="Autre."), base)
    garde = brouillons.garder(t.un, replace(base, texte="Autre."), base)
    assert garde.copie_de == base.id
    refuse("vient d’être modifié", brouillons.abandonner_brouillon, t.un, base.id, base)
    with t.un.store.lecture() as u:
        assert {b.texte for b in u.documents.brouillons(lu.id)} == {"Plaie.", "Autre."}


def validation(t: Table) -> None:
    """Two windows validate one draft: one document, and no text lost."""
    lu = t.patient()
    base = brouillons.nouveau_brouillon(t.un, lu.id, "11488-4")
    ecrit = brouillons.enregistrer_brouillon(t.meme, replace(base, texte="Plaie propre."), base)
    refuse("vient d’être modifié", produce.valider, t.un, replace(base, texte="Autre texte."))
    produce.valider(t.meme, ecrit)
    refuse("vient d’être validé", produce.valider, t.un, replace(base, texte="Autre texte."))
    with t.un.store.lecture() as u:
        assert len(u.documents.lister(lu.id)) == 1


def formulaire(t: Table) -> None:
    lu = t.patient()
    ouverte = formulaires.nouvelle(t.un, lu.id, "trod-angine").saisie
    formulaires.enregistrer(t.meme, replace(ouverte, valeur={"ici": "là-bas"}))
    with pytest.raises(ConflitVersion):
        formulaires.enregistrer(t.un, replace(ouverte, valeur={"ici": "Mariam"}))
    a_part = formulaires.garder(t.un, replace(ouverte, valeur={"ici": "Mariam"}))
    assert a_part.id != ouverte.id
    refuse("vient d’être rempli", formulaires.abandonner, t.un, ouverte.id, ouverte)
    with t.un.store.lecture() as u:
        assert [s.valeur for s in u.saisies.lister(lu.id, t.un.compte_id)] == [
            {"ici": "Mariam"}, {"ici": "là-bas"}]


def description(t: Table) -> None:
    doc = t.document(t.patient().id)
    base = Description(doc.type_code, doc.titre, doc.date_acte, doc.auteur)
    suites_documents.decrire(t.autre, doc.id, replace(base, titre="Bilan"), base)
    relu = suites_documents.decrire(t.un, doc.id, replace(base, auteur="Dr MARTIN"), base)
    assert (relu.titre, relu.auteur) == ("Bilan", "Dr MARTIN")
    conflit(suites_documents.decrire, t.un, doc.id, replace(base, titre="Radio"), base)


def niveau(t: Table) -> None:
    doc = t.document(t.patient().id)
    confidentialite.restreindre_document(t.un, doc.id, Niveau.PROFESSION, Niveau.EQUIPE)
    refuse("vient d’être changé", confidentialite.restreindre_document, t.un, doc.id,
           Niveau.AUTEUR, Niveau.EQUIPE)


def version_suivante(t: Table) -> None:
    lu = t.patient()
    base = brouillons.nouveau_brouillon(t.un, lu.id, "11488-4")
    une = produce.valider(t.un, replace(base, texte="Plaie propre."))
    suite = versions_documents.nouvelle_version(t.autre, une.id)
    produce.valider(t.autre, suite)
    refuse("version plus récente", versions_documents.supprimer_document, t.un, une.id)


def modele(t: Table) -> None:
    lu = modeles_courriers.dupliquer(t.un, modeles_courriers.lister(t.un, tous=True)[0].cle)
    modeles_courriers.enregistrer_lu(t.autre, replace(lu, titre="De Julie"))
    with pytest.raises(ConflitVersion):
        modeles_courriers.enregistrer(t.un, replace(lu, titre="De Mariam"), lu.version)
    a_part = modeles_courriers.enregistrer_lu(t.un, replace(lu, titre="De Mariam"))
    assert a_part.cle != lu.cle
    titres = {m.titre for m in modeles_courriers.lister(t.un, tous=True)}
    assert {"De Julie", a_part.titre} <= titres
    refuse("vient d’être modifié", modeles_courriers.reinitialiser, t.un, lu.cle, lu.version)


def correspondant(t: Table) -> None:
    base = Destinataire(nom="MARTIN", prenom="Paul", telephone="0100000000")
    id = correspondants.enregistrer(t.un, base)
    correspondants.enregistrer(t.autre, replace(base, messagerie="paul@medecin.mssante.fr"), id,
                               base=base)
    correspondants.enregistrer(t.un, replace(base, commune="Mazoires"), id, base=base)
    relu = dict(correspondants.carnet_adresses(t.un))[id]
    assert (relu.messagerie, relu.commune) == ("paul@medecin.mssante.fr", "Mazoires")
    conflit(correspondants.enregistrer, t.un, replace(base, messagerie="m@autre.mssante.fr"), id,
            base=base)
    refuse("vient d’être modifié", correspondants.retirer, t.un, id, base)


def medecin_traitant(t: Table) -> None:
    lu = t.patient()
    role_ = RoleCorrespondant.MEDECIN_TRAITANT
    correspondants.enregistrer(t.autre, Destinataire(nom="MARTIN", prenom="Paul"),
                               patient_id=lu.id, role=role_, titulaire=0)
    refuse("Paul MARTIN", correspondants.enregistrer, t.un, Destinataire(nom="PETIT"),
           patient_id=lu.id, role=role_, titulaire=0)
    (_, tenu, _), = correspondants.du_patient(t.un, lu.id)
    autre = correspondants.enregistrer(t.un, Destinataire(nom="PETIT"))
    refuse("Paul MARTIN", correspondants.lier, t.un, lu.id, autre, role_, 0)
    correspondants.lier(t.un, lu.id, autre, role_, tenu)


# -- to file, to send ---------------------------------------------------------------------------

def _entrant(t: Table) -> int:
    t._rang += 1
    with t.un.store.ecriture() as u:
        garde, _ = u.entrants.ajouter(Entrant(
            id=0, recu_le="", origine=OrigineDocument.SCAN, nom="scan.pdf",
            mime="application/pdf", sha256="", titre="Scan", type_code="11488-4",
            date_acte="2026-06-01", auteur="", etat=EtatEntrant.ATTENTE,
            verdict=VerdictEntrant.SANS_IDENTITE), _pdf(t._rang))
    return garde.id


def _pdf(rang: int) -> bytes:
    from io import BytesIO

    from reportlab.pdfgen.canvas import Canvas

    tampon = BytesIO()
    page = Canvas(tampon)
    page.drawString(72, 700, f"Document {rang}")
    page.save()
    return tampon.getvalue()


def a_classer(t: Table) -> None:
    """Two persons file one document in two patients' files: one is told, one file has it."""
    premier, second = t.patient(), t.patient()
    entrant = _entrant(t)
    vue = classement.detailler(t.un, entrant)
    assert vue is not None
    classement.classer(t.autre, entrant, premier.id)
    refuse("Julie FONTAINE vient de classer", classement.classer, t.un, entrant, second.id)
    refuse("Julie FONTAINE vient de classer", classement.ecarter, t.un, entrant, "Illisible")
    with t.un.store.lecture() as u:
        assert len(u.documents.lister(premier.id)) == 1
        assert u.documents.lister(second.id) == []
        assert u.entrants.lire(entrant).etat is EtatEntrant.CLASSE
    classement.annuler_classement(t.autre, entrant)
    refuse("ne peut plus être annulé", classement.annuler_classement, t.un, entrant)
    classement.ecarter(t.autre, entrant, "Illisible")
    refuse("Julie FONTAINE vient d’écarter", classement.classer, t.un, entrant,
           second.id)
    classement.remettre(t.autre, entrant)
    refuse("n’est plus écarté", classement.remettre, t.un, entrant)


def envoi(t: Table) -> None:
    lu = t.patient()
    doc = t.document(lu.id)
    with t.un.store.ecriture() as u:
        ordre = u.outbox.ajouter(Destination.DMP, doc.id, lu.id, t.un.compte_id,
                                 "2099-01-01T00:00:00+00:00")
    outbox.retenir(t.autre, ordre.id, ordre.version)
    for geste in (outbox.retenir, outbox.annuler, outbox.reessayer, outbox.liberer):
        with pytest.raises((ConflitVersion, ChangementInterdit)):
            geste(t.un, ordre.id, ordre.version)
    with t.un.store.lecture() as u:
        retenu = u.outbox.lire(ordre.id)
    assert retenu.etat is EtatOrdre.RETENU
    outbox.annuler(t.un, ordre.id, retenu.version)
    suites_documents.supprimer_localement(t.un, doc.id, "Jeu.")
    with t.un.store.lecture() as u:
        assert u.documents.lister(lu.id, supprimes=True)[0].etat is EtatDocument.SUPPRIME


#: Use cases that write over what somebody read -> the game that proves that nothing is lost.
JEUX: dict[str, Callable[[Table], None]] = {
    "settings.enregistrer_reglages": reglages,
    "verrouillage.enregistrer_verrouillage": verrou,
    "reglages_centre.enregistrer_reglages_centre": centre,
    "reglages_identite.enregistrer_reglages_identite": identites,
    "backup.enregistrer_reglages_sauvegarde": sauvegardes,
    "mots_de_passe.enregistrer_politique": politique,
    "droits_identite.definir_droits": droits_sur_identites,
    "traces.regler_conservation": conservation,
    "durees_conservation.regler_conservation_dossiers": conservation_dossiers,
    "effacement.effacer_dossiers": effacer_un_dossier,
    "questionnaire.repondre": questions,
    "certificats.importer_certificat": certificat,
    "certificats.supprimer_certificat": certificat,
    "comptes.modifier_identite": identite_compte,
    "comptes.changer_acces": acces_compte,
    "comptes.retirer_compte": dernier_administrateur,
    "roles.enregistrer_role": role,
    "roles.supprimer_role": role,
    "roles.creer_role": deux_roles_neufs,
    "equipes.enregistrer_equipe": equipe,
    "equipes.revoquer": delegation,
    "patients.modifier_traits": traits_patient,
    "patients.enregistrer_contact": contact,
    "patients.enregistrer_numero_secu": numero,
    "identify.controler_document": preuve,
    "identify.annuler_marquage": marque,
    "gestes_identite.qualifier_procedure_transitoire": transitoire,
    "gestes_identite.modifier_traits_stricts": stricts,
    "fusion.fusionner": reunion,
    "consentement.noter_consentement": reponses_du_patient,
    "dossier.modifier_observation": observation,
    "notes.garder_brouillon_note": note_commencee,
    "dossier_clinique.retirer": element,
    "agenda.deplacer_passage": passage,
    "agenda.marquer_passage": passage,
    "agenda.supprimer_passage": passage,
    "brouillons.enregistrer_brouillon": brouillon,
    "brouillons.garder": brouillon,
    "brouillons.abandonner_brouillon": brouillon,
    "produce.valider": validation,
    "formulaires.enregistrer": formulaire,
    "formulaires.garder": formulaire,
    "formulaires.abandonner": formulaire,
    "suites_documents.decrire": description,
    "confidentialite.restreindre_document": niveau,
    "versions_documents.supprimer_document": version_suivante,
    "modeles_courriers.enregistrer": modele,
    "modeles_courriers.enregistrer_lu": modele,
    "modeles_courriers.reinitialiser": modele,
    "correspondants.enregistrer": correspondant,
    "correspondants.retirer": correspondant,
    "correspondants.lier": medecin_traitant,
    "classement.classer": a_classer,
    "classement.ecarter": a_classer,
    "classement.annuler_classement": a_classer,
    "classement.remettre": a_classer,
    "outbox.retenir": envoi,
    "outbox.liberer": envoi,
    "outbox.annuler": envoi,
    "outbox.reessayer": envoi,
}
