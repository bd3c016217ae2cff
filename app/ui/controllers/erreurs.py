"""From an exception to a sentence and its remedy. No raw error reaches the screen."""

from collections.abc import Callable

from app.services.errors import Remede
from app.ui.fenetre import Fenetre
from app.ui.views.messages import MessageEnLigne

DEFAUT = ("Cette action n’a pas abouti. Le programme a rencontré un défaut ; rien d’autre n’a été "
          "modifié. Recommencez, puis appelez l’assistance si cela se reproduit.")

#: Verb of the button of each remedy.
LIBELLES: dict[Remede, str] = {
    Remede.REESSAYER: "Réessayer",
    Remede.SE_CONNECTER: "Se connecter",
    Remede.QUALIFIER_INS: "Qualifier l’INS",
    Remede.CONSENTEMENT: "Noter le consentement",
    Remede.LIRE_CARTE: "Lire la carte Vitale",
    Remede.COMPLETER_IDENTITE: "Compléter l’identité",
    Remede.ETAT_SERVICES: "État des services",
}


def texte_erreur(erreur: BaseException) -> str:
    """French sentence of an error: its own, or a general one for a fault of the program."""
    return str(getattr(erreur, "message", "")) or DEFAUT


def remede_de(erreur: BaseException) -> Remede:
    """Remedy that the error suggests; AUCUN when it has none."""
    valeur = getattr(erreur, "remede", Remede.AUCUN)
    try:
        return Remede(valeur)
    except ValueError:
        return Remede.AUCUN


def montrer_erreur(fenetre: Fenetre, erreur: BaseException,
                   remedes: dict[Remede, Callable[[], None]] | None = None) -> MessageEnLigne:
    """Show an error above the page, with the button of its remedy when somebody can do it.

    Args:
        remedes: what each remedy does here; « Réessayer » usually calls the same action again.
    """
    remede = remede_de(erreur)
    action = (remedes or {}).get(remede)
    return fenetre.message("erreur", texte_erreur(erreur),
                           LIBELLES.get(remede) if action is not None else None, action,
                           code=str(getattr(erreur, "code", "")))
