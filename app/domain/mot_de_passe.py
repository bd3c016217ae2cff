"""Password policy of the practice (IAM.92): settable values, pure judgement."""

import unicodedata
from dataclasses import dataclass

#: Waits after wrong passwords in a row: none before the fifth, then longer and longer.
ATTENTES_S = {5: 60, 6: 120, 7: 300, 8: 600, 9: 900}
#: Wrong passwords in a row before the lock, and how long it lasts; the recovery key ends it at
#: once. Not settable: they hold while the file, and its settings, are still closed.
ESSAIS_MAX, BLOCAGE_S = 10, 3600
#: Wrong passwords in a day before each one more waits as long, whoever got in meanwhile: one's own
#: password must not make the others' free to guess.
ESSAIS_JOUR = 40
#: Days during which a temporary password opens, from the first day of its account.
VIE_PROVISOIRE_JOURS = 7


@dataclass(frozen=True, slots=True)
class Politique:
    """What a password must be, and how long it lives. `expiration_jours` 0 = no expiry."""

    longueur_min: int = 15
    classes: int = 4
    """Of four: lower case, upper case, figures, other signs."""
    expiration_jours: int = 0
    historique: int = 5
    """Former passwords that may not come back."""
    robustesse: int = 10
    """Power of ten of the guesses that must not find it (zxcvbn); 0 = not estimated."""


def defauts_politique(politique: Politique) -> list[str]:
    """Why a policy can't be set, in French; empty = good."""
    fautes = []
    if not 12 <= politique.longueur_min <= 128:
        fautes.append("la longueur va de 12 à 128 caractères")
    if not 3 <= politique.classes <= 4:
        fautes.append("il faut trois ou quatre sortes de caractères")
    if politique.expiration_jours and not 30 <= politique.expiration_jours <= 1825:
        fautes.append("l’expiration va de 30 jours à 5 ans (0 : aucune)")
    if not 1 <= politique.historique <= 24:
        fautes.append("l’historique va de 1 à 24 mots de passe")
    if politique.robustesse and not 8 <= politique.robustesse <= 20:
        fautes.append("la robustesse va de 8 à 20 (puissance de dix des essais)")
    return fautes


def juger(texte: str, politique: Politique, noms: tuple[str, ...] = ()) -> list[str]:
    """Faults of a password, in French; empty = good.

    :param noms: names of the person and of the practice, which it must not hold.
    """
    fautes = []
    # As it is derived: a letter and its accent typed apart are one character, not two.
    texte = unicodedata.normalize("NFKC", texte)
    if len(texte) < politique.longueur_min:
        fautes.append(f"{politique.longueur_min} caractères au moins")
    classes = (("une minuscule", any(c.islower() for c in texte)),
               ("une majuscule", any(c.isupper() for c in texte)),
               ("un chiffre", any(c.isdigit() for c in texte)),
               ("un signe (ponctuation ou espace)", any(not c.isalnum() for c in texte)))
    absentes = [nom for nom, presente in classes if not presente]
    if len(classes) - len(absentes) < politique.classes:
        fautes += absentes
    if texte and len(set(texte)) < min(8, politique.longueur_min // 2):
        fautes.append("des caractères plus variés")
    bas = texte.casefold()
    if any(len(nom) >= 4 and nom.casefold() in bas for nom in noms):
        fautes.append("autre chose que votre nom")
    return fautes


def attente_apres(rates: int, du_jour: int = 0) -> int:
    """Seconds to wait after so many wrong passwords in a row, and in the last day."""
    if rates >= ESSAIS_MAX or du_jour >= ESSAIS_JOUR:
        return BLOCAGE_S
    return ATTENTES_S.get(rates, 0)
