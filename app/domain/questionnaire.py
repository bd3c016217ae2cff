"""The security questionnaire (MIN.SSI.Q): the questions of the publisher's page, the answers.

The page `docs/securite/questionnaire-ssi.md` is the one source: chapters, questions, prefilled
answers. It is read here as values, without its Markdown.
"""

from dataclasses import dataclass

from app.domain.markdown import sans_liens

#: States that a practice may give, code -> words. "" waits for an answer.
ETATS = {"": "À répondre", "fait": "Fait", "partiel": "Partiel", "a_faire": "À faire",
         "sans_objet": "Sans objet"}
#: What the publisher says of itself: the first words of its state.
_ETATS_EDITEUR = ("Fait", "Partiel", "À faire", "Organisation", "Sans objet")
REMARQUE_MAX = 500


@dataclass(frozen=True, slots=True)
class Reponse:
    """What the practice answers. `etat`: code of `ETATS`; `le` AAAA-MM-JJ, `par` who."""

    etat: str = ""
    remarque: str = ""
    le: str = ""
    par: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the questionnaire. `editeur`, `etat_editeur`: the prefilled answer."""

    chapitre: str
    texte: str
    exigence: str
    editeur: str
    etat_editeur: str
    reponse: Reponse = Reponse()

    @property
    def etat_bref(self) -> str:
        """First words of the publisher's state, for a column."""
        return next((e for e in _ETATS_EDITEUR if self.etat_editeur.startswith(e)),
                    self.etat_editeur)


def lire_questions(page: str) -> list[Question]:
    """Questions of the page, in its order. Chapters are its headings « ## 1. Organisation »."""
    questions: list[Question] = []
    chapitre = ""
    colonnes: list[str] = []
    for ligne in page.splitlines():
        if ligne.startswith("## "):
            chapitre, colonnes = ligne[3:].strip(), []
        elif not ligne.startswith("|"):
            colonnes = []
        elif not colonnes:
            colonnes = _cellules(ligne)
        elif not set(ligne) <= set("|-: "):
            cellules = dict(zip(colonnes, _cellules(ligne), strict=False))
            if cellules.get("Question"):
                questions.append(Question(
                    chapitre, cellules["Question"], cellules.get("Exigence", ""),
                    cellules.get("Réponse", ""), cellules.get("État", "")))
    return questions


def _cellules(ligne: str) -> list[str]:
    """Cells of a row, in words: a link keeps its text, a code loses its marks."""
    return [sans_liens(c).replace("`", "").replace("**", "").strip()
            for c in ligne.strip().strip("|").split("|")]
