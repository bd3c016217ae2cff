"""French words of the trail: acts, families, results."""

#: Families of acts for the filter: code -> (label, beginnings of acts).
FAMILLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "": ("Tous les actes", ()),
    "comptes": ("Comptes et droits", ("compte.", "droits.", "role.", "dossier.deverrouillage")),
    "dossiers": ("Accès aux dossiers", ("dossier.ouverture", "document.", "observation.")),
    "identites": ("Identités et INSi", ("identite.", "insi.", "dossier.fusion",
                                        "dossier.separation", "carte.", "apcv.", "datamatrix.")),
    "dmp": ("DMP et consentement", ("dmp.", "consentement", "bris_de_glace", "envoi.")),
    "mss": ("Messagerie", ("mss.", "message.", "boite.")),
    "sorties": ("Impressions, exports, copies", (
        "sortie.", "document.impression", "identite.export", "traces.", "tableau.ins.export",
        "dossier.export", "cabinet.export", "reglages.questionnaire_export")),
    "cabinet": ("Cabinet, sauvegardes, sessions", (
        "cabinet.", "reglages.", "sauvegarde", "fichier.", "session.", "certificat.")),
}
_ACTES = {
    "agenda.collegue": "Agenda d’un collègue",
    "apcv.lecture": "Lecture de l’appli carte Vitale",
    "avis_dmp.compris": "Règles d’usage du DMP lues",
    "cabinet.creation": "Création du cabinet", "carte.lecture": "Lecture de carte Vitale",
    "certificat.import": "Import d’un certificat",
    "certificat.suppression": "Suppression d’un certificat",
    "conditions.presentees": "Conditions d’utilisation présentées",
    "correspondant.lien": "Correspondant d’un patient",
    "correspondant.modification": "Correspondant modifié",
    "correspondant.retrait": "Retrait d’un correspondant",
    "cps.fermeture": "Fin de session par carte CPS", "cps.ouverture": "Session par carte CPS",
    "cps.refus": "Carte CPS refusée",
    "delegation.fin": "Fin d’une délégation", "delegation.ouverture": "Délégation",
    "delegation.refus": "Délégation refusée", "delegation.usage": "Geste pour un autre",
    "dmp.depot": "Envoi au DMP", "dmp.recherche": "Consultation du DMP",
    "dmp.suites": "Suites d’un envoi au DMP",
    "document.attente": "Document mis en attente",
    "document.classement_annule": "Classement annulé",
    "document.description": "Description d’un document", "document.ecarte": "Document écarté",
    "document.garde": "Document gardé", "document.identite": "Identité d’un document",
    "document.retabli": "Document rétabli",
    "dossier.ajout": "Élément ajouté au dossier", "dossier.retrait": "Élément retiré du dossier",
    "equipe.modification": "Équipe modifiée",
    "identite.comparaison": "Comparaison de deux identités",
    "identite.liste": "Liste de travail des identités",
    "identite.numero_secu": "Numéro de sécurité sociale",
    "insi.file_abandonnee": "File INSi abandonnée", "insi.ko_traite": "Vérification KO traitée",
    "insi.refus": "Appel INSi refusé",
    "modele.modification": "Modèle de courrier modifié",
    "modele.suppression": "Modèle de courrier supprimé",
    "prelevement.attestation": "Attestation de prélèvement à domicile",
    "reglages.centre": "Réglages des certificats et des cartes",
    "reglages.identite": "Réglages d’identitovigilance", "reglages.scanner": "Réglages du scanner",
    "sauvegarde.reglages": "Réglages des sauvegardes",
    "sauvegarde.restauration": "Restauration d’une sauvegarde",
    "session.situation": "Situation d’exercice choisie",
    "vaccination.rappel_lot": "Rappel de lot de vaccin",
    "compte.connexion": "Ouverture du dossier",
    "compte.creation": "Création d’un compte", "compte.deblocage": "Fin d’une attente après échecs",
    "compte.droits": "Changement de rôles", "compte.identite": "Changement d’identité d’un compte",
    "compte.mot_de_passe": "Changement de mot de passe",
    "compte.politique": "Politique des mots de passe",
    "compte.rattachement": "Rattachement à Pro Santé Connect",
    "compte.reactivation": "Réactivation d’un compte", "compte.retrait": "Retrait d’un compte",
    "compte.second_facteur": "Second facteur", "consentement": "Consentement du patient",
    "document.confidentialite": "Accès à un document", "document.impression": "Impression",
    "document.integration": "Intégration d’un document", "document.import": "Import d’un document",
    "document.renvoi": "Document renvoyé à corriger",
    "document.remis": "Document remis à classer",
    "document.suppression": "Suppression d’un document",
    "document.validation": "Validation d’un document",
    "dossier.deverrouillage": "Ouverture du dossier du cabinet",
    "dossier.conservation": "Durée de conservation des dossiers",
    "dossier.export": "Dossier du patient remis", "cabinet.export": "Export de tout le cabinet",
    "dossier.fusion": "Fusion de dossiers", "dossier.fusion_defaite": "Fusion défaite",
    "dossier.ouverture": "Ouverture d’un dossier", "dossier.separation": "Séparation d’un dossier",
    "droits.identite": "Droits sur les identités", "droits.refus": "Geste refusé",
    "fichier.creation": "Création du fichier", "fichier.mise_a_niveau": "Mise à niveau du fichier",
    "identite.attribut": "Attribut d’identité",
    "identite.attribut_annule": "Attribut d’identité annulé",
    "identite.creation": "Création d’une identité",
    "identite.export": "Export d’identités", "identite.import": "Import d’identités",
    "identite.modification": "Changement d’identité", "identite.statut": "Statut d’identité",
    "insi.appel": "Appel INSi", "insi.verification": "Vérification INSi",
    "observation.ajout": "Observation", "observation.correction": "Observation corrigée",
    "reglages.modification": "Réglages du cabinet",
    "reglages.questionnaire": "Questionnaire de sécurité",
    "reglages.questionnaire_export": "Export du questionnaire de sécurité",
    "reglages.verrouillage": "Réglages du verrouillage", "role.modification": "Rôle modifié",
    "role.suppression": "Rôle supprimé", "sauvegarde": "Sauvegarde",
    "sauvegarde.retour": "Retour à une sauvegarde demandé",
    "serveur.changement": "Changement du serveur du cabinet",
    "serveur.depart": "Poste détaché du serveur du cabinet",
    "session.fermeture": "Fin de session Pro Santé Connect",
    "session.ouverture": "Session Pro Santé Connect", "session.refus": "Session refusée",
    "sortie.enregistrement": "Fichier enregistré hors du dossier",
    "sortie.impression": "Impression", "sortie.presse_papiers": "Copie dans le presse-papiers",
    "tableau.ins.export": "Export des indicateurs", "traces.conservation": "Durée des traces",
    "traces.export": "Export du journal", "traces.purge": "Purge du journal",
    "traces.repere": "Repère du journal posé sur ce poste",
    "traces.rupture": "Journal altéré", "vaccination.note": "Note de vaccination",
}
_RESULTATS = {"ok": "Fait", "echec": "Échec", "refuse": "Refusé", "chaine_rompue": "Chaîne rompue",
              "abandon": "Abandonné", "": "–"}
#: Results that are shown as a trouble.
MAUVAIS = frozenset({"echec", "refuse", "chaine_rompue"})


def libelle_acte(quoi: str) -> str:
    """Words for an act; the code made readable when it has none."""
    return _ACTES.get(quoi) or quoi.replace(".", " : ").replace("_", " ").capitalize()


def libelle_resultat(resultat: str) -> str:
    """Words for a result; a status or a number as it is."""
    return _RESULTATS.get(resultat, resultat)
