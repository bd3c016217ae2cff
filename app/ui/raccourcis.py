"""The keyboard shortcuts, in one table: the help (F1) is drawn from it, a test holds the code.

Sequences are Qt's; `dire` gives the words that are on the keys of a French keyboard.
"""

from dataclasses import dataclass

_TOUCHES = {"Return": "Entrée", "Enter": "Entrée", "Shift": "Maj", "Right": "→", "Left": "←",
            "Up": "↑", "Down": "↓", "Space": "Espace", "Del": "Suppr", "Esc": "Échap"}


@dataclass(frozen=True, slots=True)
class Raccourci:
    """Qt sequences that do one thing, and what they do."""

    sequences: tuple[str, ...]
    quoi: str


def dire(sequence: str) -> str:
    """« Ctrl+Maj+E » for `Ctrl+Shift+E`."""
    if sequence.endswith("++"):
        return "+".join((*(_TOUCHES.get(t, t) for t in sequence[:-2].split("+")), "+"))
    return "+".join(_TOUCHES.get(t, t) for t in sequence.split("+"))


def _r(quoi: str, *sequences: str) -> Raccourci:
    return Raccourci(sequences, quoi)


#: Where they work, in the order of the help.
RACCOURCIS: tuple[tuple[str, tuple[Raccourci, ...]], ...] = (
    ("Partout", (
        _r("Montrer cette aide", "F1"),
        _r("Chercher un patient, un document, une action", "Ctrl+K"),
        _r("Nouveau patient", "Ctrl+N"),
        _r("Aller à une page du menu, dans l’ordre", "Ctrl+1", "Ctrl+6"),
        _r("Aller à la page À valider", "Ctrl+7"),
        _r("Lire l’appli carte Vitale", "F4"),
        _r("Lire un code avec la caméra", "F6"),
        _r("Annuler le dernier geste, tant que la ligne du bas le propose", "Ctrl+Z"),
        _r("Verrouiller", "Ctrl+L"),
    )),
    ("Dans un dialogue ou un formulaire", (
        _r("Valider", "Ctrl+Return"),
        _r("Enregistrer les réglages, ou un modèle", "Ctrl+S"),
        _r("Fermer sans rien changer", "Esc"),
    )),
    ("Dans un dossier", (
        _r("Conditions de consultation du DMP", "F2"),
        _r("Identité complète", "F3"),
        _r("Prélèvement à domicile", "F7"),
        _r("Ouvrir le document le plus récent du DMP", "Ctrl+O"),
        _r("Onglet suivant, précédent", "Ctrl+Tab", "Ctrl+Shift+Tab"),
        _r("Aller à un onglet, dans l’ordre", "Alt+1", "Alt+7"),
        _r("Patient suivant, précédent de la tournée", "Alt+Right", "Alt+Left"),
    )),
    ("Dans un document", (
        _r("Agrandir, réduire", "Ctrl++", "Ctrl+-"),
        _r("Chercher dans le texte", "Ctrl+F"),
        _r("Imprimer", "Ctrl+P"),
        _r("Pleine largeur, et retour", "F11"),
    )),
    ("Dans les listes", (
        _r("Ouvrir, ou faire le geste principal", "Return"),
        _r("Cocher un document, un dossier\u00a0; marquer un passage fait", "Space"),
        _r("Retirer de la liste, écarter, annuler un envoi", "Del"),
        _r("Intégrer les documents cochés", "I"),
        _r("Réessayer un envoi", "R"),
        _r("Classer par le geste de ce rang, dans À classer", "1", "9"),
        _r("Ajouter un passage à la tournée", "Ctrl+Shift+N"),
        _r("Déplacer un passage de la tournée", "Alt+Up", "Alt+Down"),
    )),
    ("Dans un courrier", (
        _r("Destinataires et en-tête", "Ctrl+Shift+E"),
        _r("Champ suivant\u00a0; mot mal écrit suivant", "F8", "F7"),
        _r("Retirer la partie où l’on écrit", "Ctrl+Shift+Del"),
        _r("Gras, italique, souligné", "Ctrl+B", "Ctrl+I", "Ctrl+U"),
        _r("Liste à puces, numérotée", "Ctrl+Shift+L", "Ctrl+Shift+O"),
    )),
)
