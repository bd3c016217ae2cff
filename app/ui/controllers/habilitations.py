"""What the window hides from an account, and what it says to whoever gets there all the same."""

from app.domain.equipes import Geste
from app.domain.roles import Droit, ne_permet_pas
from app.ui.fenetre import Fenetre
from app.usecases.context import Contexte
from app.usecases.garde import Habilitation, habilitation

#: Page -> rights of which any opens it.
PAGES: dict[str, tuple[Droit, ...]] = {
    "tournee": (Droit.AGENDA,),
    "patients": (Droit.IDENTITES, Droit.AGENDA),
    "dossier": (Droit.IDENTITES, Droit.CLINIQUE_LIRE),
    "identites": (Droit.IDENTITES,),
    "tableau_ins": (Droit.IDENTITES,),
    "import_identites": (Droit.IDENTITES,),
    "reglages_identite": (Droit.REGLAGES,),
    "messagerie": (Droit.MESSAGERIE, Droit.CLINIQUE_LIRE),
    "a_valider": (Droit.CLINIQUE_ECRIRE, Droit.IDENTITES),
    "a_classer": (Droit.MESSAGERIE, Droit.CLINIQUE_ECRIRE, Droit.IDENTITES),
    "envois": (Droit.ENVOYER, Droit.CLINIQUE_LIRE, Droit.MESSAGERIE),
    "journal": (Droit.TRACES,),
    "questionnaire": (Droit.REGLAGES,), "conservation": (Droit.EFFACER,),
}
#: Section of the settings -> right.
SECTIONS: dict[str, Droit] = {
    "cabinet": Droit.REGLAGES, "profils": Droit.REGLAGES, "envois": Droit.REGLAGES,
    "services": Droit.REGLAGES, "serveur": Droit.REGLAGES, "sauvegardes": Droit.SAUVEGARDE,
    "comptes": Droit.COMPTES, "conservation": Droit.EFFACER,
}
#: Tab of the patient file -> right.
ONGLETS: dict[str, Droit] = {
    "observations": Droit.CLINIQUE_LIRE, "vaccinations": Droit.CLINIQUE_LIRE,
    "formulaires": Droit.CLINIQUE_ECRIRE, "courriers": Droit.CLINIQUE_ECRIRE,
    "prescriptions": Droit.CLINIQUE_LIRE,
}
#: Tab of the patient file -> gesture whose delegation opens it to who hasn't its right.
DELEGUES: dict[str, Geste] = {"courriers": Geste.REDIGER, "formulaires": Geste.REDIGER}


def habilitation_lue(ctx: Contexte) -> Habilitation:
    """Rights as they were read when the file opened; read now when they weren't."""
    connue = ctx.memoire.habilitation
    return connue if isinstance(connue, Habilitation) else habilitation(ctx)


def appliquer(fenetre: Fenetre, ctx: Contexte) -> None:
    """Hide the pages that the account may not see."""
    droits = habilitation_lue(ctx).droits
    for nom, voulus in PAGES.items():
        if droits.isdisjoint(voulus):
            fenetre.interdire(nom, f"{ne_permet_pas(voulus[0])}. Adressez-vous à un "
                                   "administrateur du cabinet.")


def premiere_page(fenetre: Fenetre) -> str:
    """The first page that the account may see."""
    return next(nom for nom in ("tournee", "patients", "envois", "reglages")
                if fenetre.permise(nom))


def sections_cachees(ctx: Contexte) -> frozenset[str]:
    """Sections of the settings that the account may not change."""
    droits = habilitation_lue(ctx).droits
    return frozenset(nom for nom, voulu in SECTIONS.items() if voulu not in droits)


def onglets_caches(ctx: Contexte) -> frozenset[str]:
    """Tabs of the patient file that the account may not see."""
    lue = habilitation_lue(ctx)
    return frozenset(nom for nom, voulu in ONGLETS.items() if voulu not in lue.droits
                     and DELEGUES.get(nom) not in lue.gestes)
