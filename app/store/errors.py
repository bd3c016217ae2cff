"""One family of errors for the patient file. Each carries a whole French sentence.

Nothing of the database driver leaves this floor: its messages hold SQL and sometimes values of the
patient file.
"""

import re

from sqlalchemy.exc import DBAPIError


class ErreurStore(Exception):
    """Base of the family; `message` is shown to the user as it is."""

    par_defaut = "Le dossier n’a pas pu être lu ou enregistré."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.par_defaut)
        self.message = message or self.par_defaut


class FichierTropRecent(ErreurStore):
    """The file was written by a newer program."""

    par_defaut = ("Ce dossier a été enregistré par une version plus récente de Pléiade. Installez "
                  "la dernière version du programme pour l’ouvrir. Rien n’a été modifié.")


class CleRefusee(ErreurStore):
    """The key doesn't open this file."""

    par_defaut = "La clé ne correspond pas à ce dossier."


class FichierAbime(ErreurStore):
    """The file isn't a patient file, or it is damaged."""

    par_defaut = "Le dossier est abîmé. Restaurez la dernière sauvegarde."


class FichierOccupe(ErreurStore):
    """Another writer holds the file for too long."""

    par_defaut = ("Le dossier est occupé par un autre programme ou un autre poste. "
                  "Réessayez dans un instant.")


class DossierFerme(ErreurStore):
    """The file was closed or locked; open it again."""

    par_defaut = "Le dossier est fermé. Déverrouillez-le pour continuer."


class FichierIntrouvable(ErreurStore):
    """There is no file at this place."""

    par_defaut = "Aucun dossier à cet endroit."


class DisquePlein(ErreurStore):
    """No room left: the unit of work was rolled back."""

    par_defaut = ("Le disque est plein : rien n’a été enregistré. Libérez de la place, puis "
                  "recommencez.")


class BaseInjoignable(ErreurStore):
    """The PostgreSQL server doesn't answer."""

    par_defaut = "Le serveur du cabinet ne répond pas. Vérifiez le réseau, puis réessayez."


class ConnexionNonSure(ErreurStore):
    """The server of the practice can't prove who it is: nothing was said to it."""

    par_defaut = ("Le serveur du cabinet n’a pas prouvé son identité : la connexion a été refusée, "
                  "rien n’a été envoyé.")


class AccesServeurRefuse(ErreurStore):
    """The server knows neither this user nor this workstation."""

    par_defaut = ("Le serveur du cabinet refuse ce poste : vérifiez le nom d’utilisateur et le mot "
                  "de passe de la base dans les réglages de connexion.")


class ErreurSauvegarde(ErreurStore):
    """The backup couldn't be made, or couldn't be read again."""

    par_defaut = "La sauvegarde a échoué. Le dossier n’a pas été modifié."


class Introuvable(ErreurStore):
    """The row asked for doesn't exist (any more)."""

    par_defaut = "Cet élément n’existe plus dans le dossier."


class ConflitVersion(ErreurStore):
    """Somebody else wrote the row since it was read (optimistic locking)."""

    par_defaut = ("Cette fiche a été modifiée entre-temps. Rechargez-la pour voir les "
                  "changements, puis recommencez.")


class ChangementInterdit(ErreurStore):
    """The state of the row forbids the change."""

    par_defaut = "Ce changement n’est pas possible dans l’état actuel."


class DocumentDejaPresent(ErreurStore):
    """The document is already in the file (`spec/dmp.md` §14, case 1). `id`: the one stored."""

    par_defaut = "Ce document est déjà dans le dossier."

    def __init__(self, id: int, message: str = "") -> None:
        super().__init__(message)
        self.id = id


class ConflitDocument(ErreurStore):
    """The document contradicts one that is stored (§14, cases 4 and 5).

    `id` is the stored document, `raison` a French sentence.
    """

    def __init__(self, id: int, raison: str) -> None:
        super().__init__(raison)
        self.id = id
        self.raison = raison


#: What psycopg says of a server that isn't there, or goes away.
_COUPURES = ("connection failed", "connection refused", "connection timeout", "connection is lost",
             "could not connect", "could not translate host name", "failed to resolve host",
             "server closed the connection", "terminating connection", "connection to server")


#: What libpq says when TLS fails, and the sentence for the user.
_TLS = (
    ("root certificate file", "Le certificat de l’autorité du serveur est introuvable ou illisible "
     "sur ce poste. Indiquez-le dans la connexion au serveur. Rien n’a été envoyé."),
    ("certificate verify failed", "Le certificat du serveur du cabinet n’est pas valable : il est "
     "expiré, ou il vient d’une autre autorité que celle qui est indiquée. La connexion a été "
     "refusée, rien n’a été envoyé."),
    ("does not match host name", "Le certificat du serveur du cabinet porte un autre nom que "
     "l’adresse indiquée. La connexion a été refusée, rien n’a été envoyé."),
    ("does not support ssl", "Le serveur du cabinet ne chiffre pas ses échanges (TLS). La "
     "connexion a été refusée, rien n’a été envoyé. Activez « ssl = on » sur le serveur."),
    ("ssl error", "La connexion chiffrée avec le serveur du cabinet a échoué. Rien n’a été "
     "envoyé."),
)
#: A server that dies in the middle of a TLS conversation is away; it isn't an impostor.
_TLS_COUPE = ("eof detected", "unexpected eof", "ssl syscall error", "connection reset by peer",
              "broken pipe")
#: What a server refuses at the door has no SQLSTATE here: its words, in English and in French.
_REFUS = ("password authentication failed", "no pg_hba.conf entry", "permission denied for",
          "role \"", "no password supplied", "pg_hba.conf rejects",
          "authentification par mot de passe", "aucune entrée dans pg_hba.conf", "le rôle «",
          "droit refusé pour", "pg_hba.conf rejette")
_BASE_INCONNUE = re.compile(r"database \".*does not exist|la base de données «.*n'existe pas")
_TROP = ("too many clients", "too many connections", "remaining connection slots",
         "trop de clients", "trop de connexions", "emplacements de connexions restants")
#: SQLSTATE of PostgreSQL, whose texts are in the language of the server.
_ETATS: dict[str, type[ErreurStore]] = {
    "53100": DisquePlein, "55P03": FichierOccupe, "40P01": FichierOccupe,
    "25P03": BaseInjoignable, "57P01": BaseInjoignable, "57P02": BaseInjoignable,
    "57P03": BaseInjoignable, "28P01": AccesServeurRefuse, "28000": AccesServeurRefuse,
    "42501": AccesServeurRefuse}
_LECTURE_SEULE = "Le dossier est en lecture seule\u00a0: rien n’a été enregistré."
_BASE_ABSENTE = ("Cette base n’existe pas sur le serveur du cabinet. Vérifiez son nom dans la "
                 "connexion au serveur.")
_TROP_LONG = ("Le serveur du cabinet a mis trop de temps\u00a0: la demande a été arrêtée, rien n’a "
              "été enregistré. Réessayez\u00a0; si cela dure, prévenez qui s’occupe du serveur.")
_TROP_DE_POSTES = ("Le serveur du cabinet n’accepte plus de connexion\u00a0: trop de postes y sont "
                   "reliés. Réessayez dans un instant\u00a0; si cela dure, faites augmenter "
                   "«\u00a0max_connections\u00a0» sur le serveur.")


def traduire(erreur: DBAPIError) -> ErreurStore:
    """Turn an error of either driver into one of the family."""
    texte = str(erreur.orig).lower()
    etat = getattr(erreur.orig, "sqlstate", None) or ""
    if etat in _ETATS:
        return _ETATS[etat]()
    if etat == "57014":
        return ErreurStore(_TROP_LONG)
    if etat == "53300" or any(signe in texte for signe in _TROP):
        return BaseInjoignable(_TROP_DE_POSTES)
    if "disk is full" in texte or "no space left" in texte or "disk full" in texte:
        return DisquePlein()
    if "database is locked" in texte:
        return FichierOccupe()
    if "not a database" in texte or "malformed" in texte or "disk i/o error" in texte:
        return FichierAbime()
    if "readonly database" in texte or etat == "25006":
        return ErreurStore(_LECTURE_SEULE)
    if any(signe in texte for signe in _TLS_COUPE):
        return BaseInjoignable()
    for signe, message in _TLS:
        if signe in texte:
            return ConnexionNonSure(message)
    if etat == "3D000" or _BASE_INCONNUE.search(texte):
        return BaseInjoignable(_BASE_ABSENTE)
    if any(signe in texte for signe in _REFUS):
        return AccesServeurRefuse()
    if erreur.connection_invalidated or any(signe in texte for signe in _COUPURES):
        return BaseInjoignable()
    return ErreurStore()
