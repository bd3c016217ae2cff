"""One of each dialog of the program, with what it shows on a day of work: long names, messages.

`FABRIQUES` has an entry for every class under `Dialogue`; a test fails when one is missing.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLineEdit, QWidget
from ui_outils import TRAITS, identite, patient

import app.ui
from app.documents.courrier import EnteteCourrier
from app.documents.model import Destinataire
from app.documents.modeles_courriers import ModeleCourrier
from app.domain.comparison import Comparaison, EtatComparaison, LigneComparaison
from app.domain.concurrence import ChampConcurrent
from app.domain.dossier_clinique import ElementClinique, NatureElement, RoleCorrespondant
from app.domain.effacement import DossierAEffacer
from app.domain.equipes import Equipe, Geste, Membre
from app.domain.identity import StatutIdentite
from app.domain.mot_de_passe import Politique
from app.domain.patient import Observation
from app.domain.people import Professionnel
from app.domain.prelevement import PointConnu
from app.domain.roles import ROLES, Acces
from app.ui.views import (
    a_propos,
    aide_clavier,
    apcv,
    camera,
    centre,
    choix_beneficiaire,
    cles,
    comptes_dialogues,
    conditions,
    confirmation,
    conflit,
    correspondant,
    courrier_entete,
    courrier_modeles,
    description,
    dialogue_geste,
    effacement,
    elements_dossier,
    equipes_dialogues,
    export_dossier,
    identite_complete,
    insi,
    motif,
    nouveau_patient,
    page_documentation,
    prelevement,
    rapprochement,
    restauration,
    roles,
    securite,
    separation,
    serveur,
)
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Champ

LONG = replace(TRAITS, nom_naissance="D’ARTAGNAN DE L’HERAULT", premier_prenom="PIERRE-ALAIN",
               prenoms="PIERRE-ALAIN MURIEL FLORIANT")
DOCTEUR = Destinataire("SPÉCIMEN", "Anna", "810002909371", "Médecin généraliste", "MME",
                       "Maison de santé du Moulin", adresse="8 impasse du Moulin",
                       code_postal="63420", commune="Mazoires",
                       messagerie="anna.specimen@medecin.mssante.fr")
ECHUS = tuple(DossierAEffacer(
    rang, nom, naissance, "2002-06-01", "2022-06-01", "20 ans",
    {"document": 12 * rang, "observation": 34, "passage": 210, "ordre": 3},
    alertes=("Ouvert le 12/11/2026 par Julie FONTAINE.",) if rang == 2 else ())
    for rang, nom, naissance in ((1, "D’ARTAGNAN DE L’HERAULT PIERRE-ALAIN", "1931-02-03"),
                                 (2, "ADRUN ZOE", "1975-12-31")))
CAMILLE = Professionnel("899900000001", "DÉMO", "Camille", "60")
LIGNES = tuple(LigneComparaison(trait, libelle, local, insi, etat) for
               trait, libelle, local, insi, etat in (
    ("nom_naissance", "Nom de naissance", "TCHITCHI", "TCHITCHI", EtatComparaison.IDENTIQUE),
    ("premier_prenom", "1er prénom de naissance", "OLA", "CATARINA", EtatComparaison.DIFFERENT),
    ("prenoms", "Prénoms de naissance", "OLA CATARINA BELLA", "CATARINA BELLA",
     EtatComparaison.DIFFERENT),
    ("date_naissance", "Date de naissance", "21/06/1936", "21/06/1936",
     EtatComparaison.IDENTIQUE),
    ("sexe", "Sexe", "F", "F", EtatComparaison.IDENTIQUE),
    ("lieu_naissance", "Lieu de naissance (INSEE)", "99999 Inconnu",
     "63220 Mazoires", EtatComparaison.DIFFERENT),
    ("matricule", "Matricule INS", "", "2 36 06 63 220 836 56 (NIR)", EtatComparaison.AJOUTE)))
COMPARAISON = Comparaison(LIGNES, False, (
    "Le 1er prénom OLA n’est pas en tête de la liste INSi. Accepter ne le modifie pas.",))
CHAMPS = (ChampConcurrent("telephone", "Téléphone", "", "0611111111", "0102030405"),
          ChampConcurrent("texte", "Observation", "Plaie.", "Plaie. Douleur 2 sur 10.",
                          "Plaie propre, bords nets.", long=True))
EQUIPE = dict(enumerate((
    "Camille DÉMO", "Julie FONTAINE", "Mariam KONATÉ", "Inès TESTINI", "Paul EXEMPLE",
    "Anne-Charlotte DE LA ROCHEFOUCAULD", "Hugo MODÈLE", "Lina SPÉCIMEN"), 1))


def importer_les_vues() -> None:
    """Import every module of the window, so that each class is known."""
    for module in pkgutil.walk_packages(app.ui.__path__, "app.ui."):
        importlib.import_module(module.name)


def classes(base: type = Dialogue) -> Iterator[type]:
    """Every class under `base`, depth first."""
    for classe in base.__subclasses__():
        yield classe
        yield from classes(classe)


class _Conditions:
    version, date = "1.2", "2026-11-01"
    sections = tuple((f"{n}. Pro Santé Connect", "Vous vous identifiez par votre carte ou votre "
                      "téléphone ; votre session dure quatre heures.\n\n" * 3) for n in range(1, 7))


def _apcv(parent: QWidget) -> Dialogue:
    d = apcv.DialogueApcv(parent)
    d.refuser("La lecture de l’appli carte Vitale a expiré. Demandez au patient un nouveau QR "
              "code.", "alerte")
    return d


def _apcv_personnes(parent: QWidget) -> Dialogue:
    d = apcv.DialogueApcv(parent)
    fin = datetime.now().astimezone() + timedelta(minutes=20)
    d.montrer_personnes([
        apcv.LigneBeneficiaire("ADRUN ZOE", "31/12/1975", "Dossier du cabinet, qualifiée", True),
        apcv.LigneBeneficiaire("D’ARTAGNAN DE L’HERAULT PIERRE-ALAIN", "17/06/2001",
                               "Nouveau dossier")], fin.isoformat())
    return d


def _camera(parent: QWidget) -> Dialogue:
    d = camera.DialogueCamera(parent)
    d.dire("Aucune caméra n’est branchée à ce poste. Branchez-en une, ou lisez une image.")
    return d


def _elements(parent: QWidget) -> Dialogue:
    d = elements_dossier.DialogueElements(parent)
    d.definir([ElementClinique(n, 5, nature, f"{nature.value.capitalize()} numéro {n}",
                               "Détail qui tient sur une ligne", "2026-10-12")
               for n, nature in enumerate([*NatureElement] * 3)])
    d.refuser("Cette date ne se lit pas. Écrivez JJ/MM/AAAA, ou laissez-la vide.")
    return d


def _entete(parent: QWidget) -> Dialogue:
    d = courrier_entete.DialogueEntete(parent, EnteteCourrier((DOCTEUR,)))
    d.definir_carnet([(1, DOCTEUR)], [(RoleCorrespondant.MEDECIN_TRAITANT, 1, DOCTEUR)])
    return d


def _modeles(parent: QWidget) -> Dialogue:
    d = courrier_modeles.DialogueModeles(
        parent, [("lettre", "Lettre de liaison à l’entrée en établissement", "")],
        [("Patient", ("Allergies", "Antécédents"))])
    d.definir([ModeleCourrier(f"m{n}", f"Compte rendu de soins de plaie numéro {n}", "lettre")
               for n in range(12)])
    return d


def _nouveau(parent: QWidget) -> Dialogue:
    d = nouveau_patient.DialogueNouveauPatient(LONG, parent, lieu="63220 Mazoires")
    d.proposer_sources(apcv=True)
    d.montrer_refus("Un dossier qualifié porte déjà ces traits. Ouvrez-le plutôt que d’en créer "
                    "un second.")
    return d


def _prelevement(parent: QWidget) -> Dialogue:
    d = prelevement.DialoguePrelevement(
        "D’ARTAGNAN DE L’HERAULT PIERRE-ALAIN, 17/06/2001, M",
        [PointConnu("identite", "Identité qualifiée", False, "Contrôlez la pièce d’identité"),
         PointConnu("preleveur", "Préleveur identifié", True, "Camille DÉMO, RPPS 99900000001")],
        [prelevement.ChoixPrescription(1, "Ordonnance du 18/11/2026", True),
         prelevement.ChoixPrescription(2, "Ordonnance du 12/11/2026", False)],
        [("LABO ESSAI", "labo.essai@exemple.mssante.fr")], parent)
    d.refuser("L’attestation n’a pas été faite. L’identité n’est pas qualifiée.")
    return d


def _rapprochement(parent: QWidget) -> Dialogue:
    dossiers = [rapprochement.DossierPossible(n, f"TCHITCHI OLA {n}", StatutIdentite.QUALIFIEE,
                                              LIGNES, discordant=n == 1) for n in (1, 2, 3)]
    return rapprochement.DialogueRapprochement(
        "Est-ce ce patient ?", "Un document reçu porte ces traits.", dossiers, "Document reçu",
        "Classer dans ce dossier", parent, verbe_malgre="Classer quand même",
        avis=[("alerte", "Deux traits diffèrent. Le dossier ne sera pas modifié.")])


def _secours(parent: QWidget) -> Dialogue:
    d = cles.DialogueSecours(parent)
    d.refuser("La clé n’a pas été remplacée. Le disque est plein.")
    return d


def _image() -> bytes:
    """In the place of a QR code."""
    image = QImage(60, 60, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    return apcv.png(image)


def _facteur(parent: QWidget) -> Dialogue:
    d = securite.DialogueSecondFacteur(_image(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", parent)
    d.refuser("Ce code n’est pas le bon. Attendez le suivant.")
    return d


def _codes(parent: QWidget) -> Dialogue:
    d = securite.DialogueSecondFacteur(_image(), "JBSWY3DPEHPK3PXP", parent)
    d.montrer_codes([f"{n:04d}-{n:04d}-{n:04d}" for n in range(10)])
    return d


def _geste(parent: QWidget) -> Dialogue:
    d = dialogue_geste.DialogueGeste("Un geste", "Ce qu’il fait.", "Le faire", parent)
    d.contenu.addWidget(Champ("Un champ", QLineEdit()))
    return d


def _separation(parent: QWidget) -> Dialogue:
    notes = [Observation(n, 5, "2026-11-20T08:00:00+01:00", 1, "Camille DÉMO",
                         "Pansement refait, plaie propre, bords nets, exsudat faible. " * 3)
             for n in range(14)]
    return separation.DialogueSeparation(LONG, notes, [], parent)


#: Name of the case -> what makes it. A name begins with that of the class.
FABRIQUES: dict[str, Callable[[QWidget], Dialogue]] = {
    "DialogueAPropos": a_propos.DialogueAPropos,
    "DialogueApcv": _apcv,
    "DialogueApcv personnes": _apcv_personnes,
    "DialogueCamera": _camera,
    "centre.DialogueMotDePasse": lambda p: centre.DialogueMotDePasse("certificat-insi.p12", p),
    "DialogueChoix": lambda p: choix_beneficiaire.DialogueChoix(
        "Qui est le patient ?", "La carte porte quatre personnes.",
        [("D’ARTAGNAN DE L’HERAULT PIERRE-ALAIN", "17/06/2001")] * 4, p, "Nouveau patient"),
    "DialogueSecours": _secours,
    "cles.DialogueMotDePasse": lambda p: cles.DialogueMotDePasse(
        "Changer la clé du dossier", "Une sauvegarde est faite avant. L’opération dure quelques "
        "minutes et reprend si le poste s’éteint.", "Changer la clé", p),
    "DialogueCompte": lambda p: comptes_dialogues.DialogueCompte(
        "Inviter une personne", "Elle choisira son mot de passe à sa première ouverture.",
        "Inviter", p, professionnel=CAMILLE, roles=list(ROLES.values()),
        acces=Acces(("infirmier",))),
    "DialogueProvisoire": lambda p: comptes_dialogues.DialogueProvisoire(
        "Anne-Charlotte DE LA ROCHEFOUCAULD", "vert-Citron-42-lune-Moulin", p),
    "DialoguePolitique": lambda p: comptes_dialogues.DialoguePolitique(Politique(), 10, p),
    "comptes_dialogues.DialogueMotDePasse": lambda p: comptes_dialogues.DialogueMotDePasse(
        lambda mot: ["15 caractères au moins", "un chiffre"], p),
    "DialogueConditions": lambda p: conditions.DialogueConditions(_Conditions(), p),
    "DialogueAvis": conditions.DialogueAvis,
    "DialogueConflit": lambda p: conflit.DialogueConflit(
        "les coordonnées de D’ARTAGNAN DE L’HERAULT PIERRE-ALAIN", "Julie FONTAINE", CHAMPS, p),
    "Confirmation": lambda p: confirmation.Confirmation(
        "Supprimer ce document du DMP ?", "Le patient et ses professionnels ne le verront plus. "
        "Il reste dans le dossier du cabinet. Cette suppression est définitive.",
        "Supprimer du DMP", "Garder le document", p, danger=True),
    "DialogueExport": lambda p: export_dossier.DialogueExport(
        export_dossier.un_patient("ADRUN ZOE"), "marbre-cigale-ruban-onze", p),
    "DialogueEffacement": lambda p: effacement.DialogueEffacement(ECHUS, p),
    "DialogueDurees": lambda p: effacement.DialogueDurees(20, p, modifiable=True),
    "DialogueCorrespondant": lambda p: correspondant.DialogueCorrespondant(p, DOCTEUR, 3),
    "DialogueEntete": _entete,
    "DialogueModeles": _modeles,
    "DialogueDescription": lambda p: description.DialogueDescription([("1", "Lettre")], p),
    "DialogueGeste": _geste,
    "DialogueElements": _elements,
    "DialogueDelegation": lambda p: equipes_dialogues.DialogueDelegation(EQUIPE, tuple(Geste), p),
    "DialogueEquipe": lambda p: equipes_dialogues.DialogueEquipe(
        Equipe(2, "Secteur nord", (Membre(1), Membre(6, "2026-11-01", "2026-12-31"))), EQUIPE, p),
    "DialogueIdentite": lambda p: identite_complete.DialogueIdentite(
        patient(qui=identite(traits=LONG)), "63220 Mazoires", p),
    "DialogueInsi": lambda p: insi.DialogueInsi(
        COMPARAISON, StatutIdentite.PROVISOIRE, StatutIdentite.RECUPEREE,
        "Réponse 00 : une identité trouvée par les traits, prénom CATARINA.", "CATARINA", p),
    "DialogueMotif": lambda p: motif.DialogueMotif(
        "Lever le doute sur cette identité", "Les envois reprennent.", "Lever le doute", p),
    "DialogueNouveauPatient": _nouveau,
    "DialogueTraits": lambda p: separation.DialogueTraits(
        "Corriger les traits", "L’identité est verrouillée : dites pourquoi.", "Corriger", LONG,
        "63220 Mazoires", p, motif=True),
    "DialoguePage": lambda p: page_documentation.DialoguePage(
        "# Droits d’accès\n\n" + "Une ligne de la page qui en dit assez long.\n\n" * 30, p),
    "DialoguePrelevement": _prelevement,
    "DialogueRapprochement": _rapprochement,
    "DialogueRaccourcis": aide_clavier.DialogueRaccourcis,
    "DialogueRestauration": restauration.DialogueRestauration,
    "DialogueRoles": lambda p: roles.DialogueRoles(list(ROLES.values()), p),
    "DialogueSecondFacteur": _facteur,
    "DialogueSecondFacteur codes": _codes,
    "DialogueCode": securite.DialogueCode,
    "DialogueSeparation": _separation,
    "DialogueServeur": serveur.DialogueServeur,
}
