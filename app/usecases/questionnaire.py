"""Security questionnaire of the practice: prefilled, answered, exported (MIN.SSI.Q)."""

from dataclasses import asdict, replace
from datetime import date
from functools import cache
from pathlib import Path

from app.domain.dates import formater
from app.domain.questionnaire import ETATS, REMARQUE_MAX, Question, Reponse, lire_questions
from app.domain.roles import Droit
from app.usecases.about import DOCUMENTATION
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.export_csv import ecrire_table
from app.usecases.garde import exige

_CLE = "questionnaire.reponses"
_PAGE = DOCUMENTATION / "securite" / "questionnaire-ssi.md"
COLONNES = ("Chapitre", "Question", "Exigence", "Réponse de l’éditeur", "État dit par l’éditeur",
            "État au cabinet", "Remarque du cabinet", "Répondu le", "Par")


@cache
def _questions() -> tuple[Question, ...]:
    try:
        return tuple(lire_questions(_PAGE.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as erreur:
        raise Refus("Le questionnaire livré avec Pléiade ne peut pas être lu : réparez "
                    "l’installation. Vos réponses sont gardées.") from erreur


@exige(Droit.REGLAGES)
def lire_questionnaire(ctx: Contexte) -> list[Question]:
    """Every question, with the publisher's answer and the practice's. :raises Refus: no page."""
    with ctx.store.lecture() as u:
        reponses = u.reglages.lire(_CLE, {})
    return [replace(q, reponse=Reponse(**reponses[q.texte])) if q.texte in reponses else q
            for q in _questions()]


@exige(Droit.REGLAGES)
def repondre(ctx: Contexte, question: str, etat: str, remarque: str = "",
             vue: Reponse | None = None) -> list[Question]:
    """Store one answer, traced; an empty state takes it away. Returns the whole questionnaire.

    :param question: its text. :param etat: code of `ETATS`.
    :param vue: the answer that the user read.
    :raises Refus: unknown question or state, remark too long, or a colleague has just answered.
    """
    if question not in {q.texte for q in _questions()} or etat not in ETATS:
        raise Refus("Cette question n’est pas dans le questionnaire. Rien n’a été enregistré.")
    remarque = remarque.strip()
    if len(remarque) > REMARQUE_MAX:
        raise Refus(f"La remarque est trop longue : {len(remarque)} caractères, {REMARQUE_MAX} au "
                    "plus. Rien n’a été enregistré.")
    if remarque and not etat:
        raise Refus("Choisissez un état avant d’enregistrer la remarque.")
    with ctx.store.ecriture() as u:
        reponses = u.reglages.lire(_CLE, {})
        connue = Reponse(**reponses[question]) if question in reponses else Reponse()
        if vue is not None and connue != vue:
            dite = ETATS[connue.etat] + (f", {connue.remarque}" if connue.remarque else "")
            raise Refus(f"{connue.par or 'Un collègue'} vient de répondre « {dite} ». Votre "
                        "réponse est toujours à l’écran : enregistrez de nouveau pour remplacer "
                        "la sienne.", code="CONFLIT")
        if etat:
            reponses[question] = asdict(Reponse(etat, remarque, date.today().isoformat(), ctx.qui))
        else:
            reponses.pop(question, None)
        u.reglages.ecrire(_CLE, reponses)
        u.trail.ecrire(qui=ctx.qui, quoi="reglages.questionnaire", resultat="ok",
                       detail=f"{question[:80]} : {ETATS[etat]}")
    return lire_questionnaire(ctx)


@exige(Droit.REGLAGES)
def exporter_questionnaire(ctx: Contexte, vers: Path) -> int:
    """Write the questionnaire as CSV; returns the number of questions. Traced.

    :raises Refus: the file exists. :raises ErreurStore: it can't be written; nothing is left.
    """
    questions = lire_questionnaire(ctx)
    nombre = ecrire_table(vers, COLONNES, (
        (q.chapitre, q.texte, q.exigence, q.editeur, q.etat_editeur, ETATS[q.reponse.etat],
         q.reponse.remarque, formater(q.reponse.le) if q.reponse.le else "", q.reponse.par)
        for q in questions))
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="reglages.questionnaire_export", resultat="ok",
                       detail=f"{nombre} questions")
    return nombre
