"""What the readers tell the rest of the house, and the words for it."""

from dataclasses import dataclass
from typing import Literal

from app.domain.identity import Beneficiaire

Etat = Literal["aucun_service", "aucun_lecteur", "aucune_carte", "lecture", "carte_lue",
               "illisible"]


@dataclass(frozen=True, slots=True)
class EvenementLecteur:
    """A change at a reader.

    `message` is French and complete; `code` tells apart what the message explains
    (`carte_vitale_1`, `carte_cps`, `carte_inconnue`, `carte_muette`, `carte_arrachee`,
    `lecture_incomplete`, `carte_occupee`, `composant_absent`…). An event is only about its reader:
    « aucune_carte » of one doesn't undo « carte_lue » of another.
    """

    etat: Etat
    lecteur: str = ""
    message: str = ""
    beneficiaires: tuple[Beneficiaire, ...] = ()
    code: str = ""


class ErreurCarte(Exception):
    """A card that can't be read. `message` is for the user; never holds what the card holds."""

    code = "carte_illisible"
    message = "La carte n’a pas pu être lue. Retirez-la, puis réinsérez-la."

    def __init__(self, message: str = "") -> None:
        self.message = message or type(self).message
        super().__init__(self.message)


class CarteVitale1(ErreurCarte):
    """A first generation card: its content isn't publicly described (`spec/cards.md` §1.1)."""

    code = "carte_vitale_1"
    message = ("Cette carte Vitale de première génération n’est plus prise en charge. "
               "Saisissez les traits d’identité du patient.")


class PasUneVitale(ErreurCarte):
    """Another card."""

    code = "carte_inconnue"
    message = "Cette carte n’est pas une carte Vitale. Insérez la carte Vitale du patient."


class CarteCps(PasUneVitale):
    """The professional's own card in the place of the patient's."""

    code = "carte_cps"
    message = ("Une carte de professionnel (CPS) est dans le lecteur. "
               "Insérez la carte Vitale du patient.")


class CarteMuette(ErreurCarte):
    """No answer: card upside down, dirty, dead, or reader stuck."""

    code = "carte_muette"
    message = ("La carte ne répond pas. Vérifiez son sens, essuyez la puce, "
               "puis réinsérez-la.")


class CarteArrachee(ErreurCarte):
    """The card left while it was being read."""

    code = "carte_arrachee"
    message = ("La carte a été retirée pendant la lecture. "
               "Réinsérez-la et laissez-la en place quelques secondes.")


class LectureIncomplete(ErreurCarte):
    """What was read stops in the middle."""

    code = "lecture_incomplete"
    message = ("La carte n’a pu être lue qu’en partie. Retirez-la, puis réinsérez-la\u00a0; "
               "si cela se répète, saisissez les traits d’identité.")


class CarteOccupee(ErreurCarte):
    """Another program holds the card."""

    code = "carte_occupee"
    message = ("Un autre logiciel utilise la carte. Fermez-le ou attendez qu’il ait fini, "
               "puis réinsérez la carte.")


class EchangeEchoue(Exception):
    """One command got no answer, though the card seems to be there: it is tried again."""
