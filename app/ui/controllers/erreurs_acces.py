"""Words of the refusals of the access screens; `erreurs` would import the services."""

DEFAUT = "L’ouverture n’a pas abouti. Recommencez ; si cela se reproduit, appelez l’assistance."


def texte_refus(erreur: BaseException) -> str:
    """French sentence of an error (kept apart from `erreurs`, which imports the services)."""
    return str(getattr(erreur, "message", "")) or DEFAUT
