"""What can go wrong with a CPS, in French (`spec/cards.md` §2)."""

from app.devices.events import ErreurCarte


class ModuleAbsent(ErreurCarte):
    """No PKCS#11 library."""

    code = "cps_module"
    message = ("Le composant de lecture des cartes CPS (Cryptolib de l’ANS) n’est pas installé sur "
               "ce poste. Installez-le, ou indiquez son fichier dans Réglages, Certificats et "
               "cartes.")


class CpsAbsente(ErreurCarte):
    """No CPS in any reader, or it left."""

    code = "cps_absente"
    message = "Aucune carte CPS dans le lecteur. Insérez la vôtre, puis recommencez."


class CpsRetiree(ErreurCarte):
    """The card left after its PIN was given."""

    code = "cps_retiree"
    message = ("La carte CPS a été retirée. Réinsérez-la, puis saisissez de nouveau son code. Rien "
               "n’a été envoyé.")


class PinRefuse(ErreurCarte):
    """Wrong PIN; `dernier`: one more mistake blocks the card.

    PKCS#11 doesn't count the tries left: it says « fewer than at first », then « one ».
    """

    code = "cps_pin"
    message = ("Code de la carte incorrect. Il reste au plus deux essais avant le blocage de la "
               "carte\u00a0: vérifiez-le avant de recommencer.")

    def __init__(self, dernier: bool = False) -> None:
        self.dernier = dernier
        super().__init__("Code de la carte incorrect. Il ne reste qu’un essai\u00a0: une erreur de "
                         "plus bloquera la carte." if dernier else "")


class DernierEssai(ErreurCarte):
    """One try is left: it isn't made unless the user asks for it."""

    code = "cps_dernier_essai"
    message = ("Il ne reste qu’un essai avant le blocage de cette carte. Rien n’a été "
               "essayé\u00a0: vérifiez votre code.")


class CarteBloquee(ErreurCarte):
    """Three wrong PINs."""

    code = "cps_bloquee"
    message = ("Cette carte CPS est bloquée après plusieurs codes faux. Débloquez-la avec son code "
               "de secours dans l’outil CPS de l’ANS.")


class CpsIllisible(ErreurCarte):
    """The library answers something that isn't a CPS."""

    code = "cps_illisible"
    message = "La carte du lecteur n’a pas pu être lue comme une carte CPS."
