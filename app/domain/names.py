"""Names: the form that may be stored and sent, and the keys for searching (`spec/ins.md` §1.4).

INSi refuses what is not a capital A-Z, a space, an apostrophe or a hyphen (simple or double), so
the house stores only that. What a person types is turned into it; what cannot be turned is taken
out and said.
"""

import re
import unicodedata

#: A birth name as INSi accepts it.
FORME_NOM = re.compile(r"[A-Z]+(?:(?:-{1,2}|[' ])[A-Z]+)*")
#: The longest name that the house keeps.
LONGUEUR_MAX = 100

#: Letters that Unicode does not decompose into a base letter and marks.
_LETTRES = str.maketrans({
    "Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "ẞ": "SS",
    "Ħ": "H", "Ŧ": "T", "Ŋ": "N", "Ə": "E", "Ɖ": "D", "Ɓ": "B", "Ɗ": "D", "Ɔ": "O", "Ɛ": "E",
})
_LIGATURES = frozenset("ÆŒẞÞß")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼʻʹ′‛`´＇ʾʿ", "'"))
_TIRETS = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))
_SEPARATEURS = re.compile(r"[-' ]+")
_NON_CLE = re.compile(r"[^A-Z0-9]+")


def _capitales(texte: str) -> str:
    """Upper case, typographic signs unified, ligatures opened, marks dropped."""
    # The acute accent alone decomposes into a space: signs first, decomposition afterwards.
    signes = texte.translate(_APOSTROPHES).translate(_TIRETS).upper().translate(_APOSTROPHES)
    lettres = unicodedata.normalize("NFKD", signes.translate(_LETTRES)).upper()
    return "".join(c for c in lettres.translate(_LETTRES).translate(_APOSTROPHES).translate(_TIRETS)
                   if unicodedata.category(c) not in {"Mn", "Me", "Mc", "Cf"})


def normaliser_nom(texte: str) -> tuple[str, list[str]]:
    """Turn a typed name into the form that may be stored and sent to INSi.

    Returns the name (possibly empty) and French warnings about what was changed beyond capitals
    and accents. A double hyphen is legal and kept. Idempotent: a returned name comes back as it
    is, with no warning.
    """
    avertissements: list[str] = []
    ligatures = sorted({c.upper() if c != "ß" else c for c in texte
                        if c in _LIGATURES or c.upper() in _LIGATURES})
    for lettre in ligatures:
        avertissements.append(f"« {lettre} » s’écrit « {_capitales(lettre)} ».")
    garde: list[str] = []
    retires: list[str] = []
    for c in _capitales(texte):
        if "A" <= c <= "Z" or c in "-'":
            garde.append(c)
        elif c.isspace():
            garde.append(" ")
        else:
            retires.append(c)
            if not c.isalnum():
                garde.append(" ")
    if retires:
        signes = ", ".join(f"« {c} »" for c in dict.fromkeys(retires) if c.isprintable())
        avertissements.append(f"Caractères non acceptés, retirés : {signes or 'invisibles'}.")
    brut = "".join(garde)
    nom = _SEPARATEURS.sub(_un_separateur, brut).strip("-' ")
    if nom != " ".join(brut.split()) and not retires:
        avertissements.append("Séparateurs en trop, retirés.")
    if len(nom) > LONGUEUR_MAX:
        nom = nom[:LONGUEUR_MAX].rstrip("-' ")
        avertissements.append(f"Nom limité à {LONGUEUR_MAX} caractères.")
    if not nom:
        avertissements.append("Aucune lettre dans ce nom.")
    return nom, avertissements


def _un_separateur(suite: "re.Match[str]") -> str:
    """Reduce a run of separators to the one that INSi accepts there."""
    signes = suite.group()
    if "--" in signes:
        return "--"
    return next((c for c in "-'" if c in signes), " ")


def est_nom_valide(nom: str) -> bool:
    """True when `nom` may be sent to INSi as a birth name, or as a list of given names."""
    return len(nom) <= LONGUEUR_MAX and FORME_NOM.fullmatch(nom) is not None


def cle_recherche(texte: str) -> str:
    """Key of a search: words in capitals without accents, every other sign is one space."""
    haut = texte.upper() if texte.isascii() else _capitales(texte)
    if haut.isascii():
        return _NON_CLE.sub(" ", haut).strip()
    return " ".join("".join(c if c.isalnum() else " " for c in haut).split())


def cle_comparaison(texte: str) -> str:
    """Key of the comparison of rule 17: no accent, apostrophe, hyphen or space."""
    return cle_recherche(texte).replace(" ", "")


def premier_prenom_coherent(premier: str, prenoms: str) -> bool:
    """True when `premier` stands at the beginning of the civil list (rule 6, va1.51)."""
    return bool(premier) and (prenoms == premier or prenoms.startswith(premier + " "))


def candidats_prenom(premier: str, prenoms: str) -> list[str]:
    """Given names to try with INSi, in order (`spec/ins.md` §4.5).

    The first given name, then each of the other typed ones, then the whole list as one string.
    """
    suite = [premier, *prenoms.split(" "), prenoms]
    return [p for p in dict.fromkeys(suite) if p]


#: Signs of a person's name beside letters: hyphen, apostrophes, point, comma.
_SIGNES_PERSONNE = frozenset(" -'’.,")
_INVISIBLES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def sans_invisibles(texte: str, maximum: int = 300) -> str:
    """A text from outside as it may be shown in one line: composed, without control characters nor
    marks that reverse or hide what is read (« facture », a mark, « fdp.exe »), cut at `maximum`."""
    propre = "".join(" " if c.isspace() and c != "\u00a0" else c
                     for c in unicodedata.normalize("NFC", texte)
                     if c.isspace() or unicodedata.category(c) not in _INVISIBLES)
    return re.sub(" +", " ", propre).strip()[:maximum]


def defauts_personne(texte: str) -> list[str]:
    """Why a text can't be the name of an account, in French; empty = good.

    Letters of the Latin alphabet alone: a name that looks like a colleague's in another alphabet
    would sign in her place.
    """
    if len(texte) > LONGUEUR_MAX:
        return [f"un nom a {LONGUEUR_MAX} caractères au plus"]
    if all(c in _SIGNES_PERSONNE or (c.isascii() and c.isdigit())
           or (c.isalpha() and unicodedata.name(c, "").startswith("LATIN "))
           for c in unicodedata.normalize("NFC", texte)):
        return []
    return ["un nom s’écrit en lettres de l’alphabet latin, sans caractère invisible"]
