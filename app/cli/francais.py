"""What argparse says by itself, in French: usage, help, refusals."""

import argparse

_TEXTES = {
    "usage: ": "usage : ",
    "%(prog)s: error: %(message)s\n": "%(prog)s : %(message)s\n",
    "positional arguments": "arguments\u00a0",
    "options": "options\u00a0",
    "show this help message and exit": "montre cette aide",
    "show program's version number and exit": "dit la version du programme",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "invalid choice: %(value)r (choose from %(choices)s)":
        "choix inconnu : %(value)s (choix possibles : %(choices)s)",
    "invalid %(type)s value: %(value)r": "valeur refusée : %(value)s",
    "ambiguous option: %(option)s could match %(matches)s":
        "option ambiguë : %(option)s peut être %(matches)s",
    "expected one argument": "une valeur est attendue",
    "expected at least one argument": "une valeur au moins est attendue",
    "expected at most one argument": "une valeur au plus est attendue",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "not allowed with argument %s": "ne va pas avec %s",
    "one of the arguments %s is required": "l’un de ces arguments est nécessaire : %s",
}


def parler_francais() -> None:
    """Give argparse its French words: it looks for `_` in its own module."""
    vars(argparse)["_"] = lambda texte: _TEXTES.get(texte, texte)
