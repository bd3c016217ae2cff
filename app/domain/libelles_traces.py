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
        "dossier.export")),
    "cabinet": ("Cabinet, sauvegardes, sessions", (
        "cabinet.", "reglages.", "sauvegarde", "fichier.", "session.", "certificat.")),
}
_ACTES = {
    "cabinet.creation": "Création du cabinet", "compte.connexion": "Ouverture du dossier",
    "compte.creation": "Création d’un compte", "compte.deblocage": "Fin d’une attente après échecs",
    "compte.droits": "Changement de rôles", "compte.identite": "Changement d’identité d’un compte",
    "compte.mot_de_passe": "Changement de mot de passe",
    "compte.politique": "Politique des mots de passe",
    "compte.rattachement": "Rattachement à Pro Santé Connect",
    "compte.reactivation": "Réactivation d’un compte", "compte.retrait": "Retrait d’un compte",
    "compte.second_facteur": "Second facteur", "consentement": "Consentement du patient",
    "document.confidentialite": "Accès à un document", "document.impression": "Impression",
    "document.integration": "Intégration d’un document", "document.import": "Import d’un document",
    "document.suppression": "Suppression d’un document",
    "document.validation": "Validation d’un document",
    "dossier.deverrouillage": "Ouverture du dossier du cabinet",
    "dossier.fusion": "Fusion de dossiers", "dossier.fusion_defaite": "Fusion défaite",
    "dossier.ouverture": "Ouverture d’un dossier", "dossier.separation": "Séparation d’un dossier",
    "droits.identite": "Droits sur les identités", "droits.refus": "Geste refusé",
    "fichier.creation": "Création du fichier", "fichier.mise_a_niveau": "Mise à niveau du fichier",
    "identite.attribut": "Attribut d’identité", "identite.creation": "Création d’une identité",
    "identite.export": "Export d’identités", "identite.import": "Import d’identités",
    "identite.modification": "Changement d’identité", "identite.statut": "Statut d’identité",
    "insi.appel": "Appel INSi", "insi.verification": "Vérification INSi",
    "observation.ajout": "Observation", "observation.correction": "Observation corrigée",
    "reglages.modification": "Réglages du cabinet",
    "reglages.verrouillage": "Réglages du verrouillage", "role.modification": "Rôle modifié",
    "role.suppression": "Rôle supprimé", "sauvegarde": "Sauvegarde",
    "session.fermeture": "Fin de session Pro Santé Connect",
    "session.ouverture": "Session Pro Santé Connect", "session.refus": "Session refusée",
    "sortie.enregistrement": "Fichier enregistré hors du dossier",
    "sortie.impression": "Impression", "sortie.presse_papiers": "Copie dans le presse-papiers",
    "tableau.ins.export": "Export des indicateurs", "traces.conservation": "Durée des traces",
    "traces.export": "Export du journal", "traces.purge": "Purge du journal",
    "traces.rupture": "Journal altéré", "vaccination.note": "Note de vaccination",
}
_RESULTATS = {"ok": "Fait", "echec": "Échec", "refuse": "Refusé", "chaine_rompue": "Chaîne rompue",
              "": "–"}
#: Results that are shown as a trouble.
MAUVAIS = frozenset({"echec", "refuse", "chaine_rompue"})


def libelle_acte(quoi: str) -> str:
    """Words for an act; the code made readable when it has none."""
    return _ACTES.get(quoi) or quoi.replace(".", " : ").replace("_", " ").capitalize()


def libelle_resultat(resultat: str) -> str:
    """Words for a result; a status or a number as it is."""
    return _RESULTATS.get(resultat, resultat)
