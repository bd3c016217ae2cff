"""Fields of a template: `[[Allergies]]` is filled from the record, the others wait for the author.

A filled part keeps the label of its field (`Fragment.origine`): the author sees where it comes
from, changes it or removes it (SC.DOC.03). A field without value stays visible and is said before
the document is validated.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.documents.corps import normaliser, textes, transformer
from app.documents.model import (
    Bloc,
    Fragment,
    Intertitre,
    Paragraphe,
    Texte,
    fragments,
    texte_brut,
)

CHAMP = re.compile(r"\[\[([^\[\]\n]{1,80})\]\]")


@dataclass(frozen=True, slots=True)
class ValeurChamp:
    """What the record says for a field: a sentence for the middle of a line, blocks for a line of
    its own. Both empty = nothing is known."""

    texte: str = ""
    blocs: tuple[Bloc, ...] = ()


def cle(libelle: str) -> str:
    """A label as it is compared: no case, no accent, one apostrophe."""
    sans = unicodedata.normalize("NFD", libelle.replace("’", "'").strip().casefold())
    return "".join(c for c in sans if not unicodedata.combining(c))


def remplir(blocs: Sequence[Bloc], valeurs: Mapping[str, ValeurChamp]) -> tuple[Bloc, ...]:
    """Fill the fields that have a value.

    Args:
        valeurs: value by label, in any case and accents.
    """
    connues = {cle(libelle): (libelle, valeur) for libelle, valeur in valeurs.items()}

    def texte(brut: Texte) -> Texte:
        return tuple(morceau for f in fragments(brut) for morceau in _remplir(f, connues))

    def titre(brut: str) -> str:
        return "".join(f.texte for f in _remplir(Fragment(brut), connues))

    sortie: list[Bloc] = []
    for bloc in blocs:
        seul = (CHAMP.fullmatch(texte_brut(bloc.texte).strip())
                if isinstance(bloc, Paragraphe) else None)
        if seul and (trouve := connues.get(cle(seul[1]))) and trouve[1].blocs:
            sortie += marquer(trouve[1].blocs, trouve[0])
        else:
            sortie += transformer((bloc,), texte, titre)
    return normaliser(sortie)


def _remplir(f: Fragment, connues: Mapping[str, tuple[str, ValeurChamp]]) -> Iterable[Fragment]:
    debut = 0
    for trouve in CHAMP.finditer(f.texte):
        libelle, valeur = connues.get(cle(trouve[1]), ("", ValeurChamp()))
        if not valeur.texte:
            continue
        yield replace(f, texte=f.texte[debut:trouve.start()])
        yield replace(f, texte=valeur.texte, origine=libelle)
        debut = trouve.end()
    yield replace(f, texte=f.texte[debut:])


def marquer(blocs: Sequence[Bloc], libelle: str) -> tuple[Bloc, ...]:
    """Blocks whose texts say which field they come from."""
    return transformer(blocs, lambda t: tuple(replace(f, origine=libelle) for f in fragments(t)),
                       lambda titre: titre)


def restants(blocs: Sequence[Bloc]) -> tuple[str, ...]:
    """Labels of the fields that still wait, in the order of reading, each once."""
    return tuple(dict.fromkeys(m for t in textes(blocs) for m in CHAMP.findall(t)))


def sans_restants(blocs: Sequence[Bloc]) -> tuple[Bloc, ...]:
    """The blocks without the fields that still wait: a line that held nothing else goes, with its
    heading when nothing is left below; in the middle of a sentence « … » takes the place."""
    gardes: list[Bloc] = []
    for bloc in blocs:
        if isinstance(bloc, Paragraphe) and not CHAMP.sub("", texte_brut(bloc.texte)).strip(" .,;"):
            continue
        gardes += transformer(
            (bloc,), lambda t: tuple(replace(f, texte=CHAMP.sub("…", f.texte))
                                     for f in fragments(t)), lambda t: CHAMP.sub("…", t))
    avant = normaliser(blocs)
    sortie: list[Bloc] = []
    for n, bloc in enumerate(gardes):
        suivant = gardes[n + 1] if n + 1 < len(gardes) else None
        vide = isinstance(bloc, Intertitre) and (
            suivant is None or (isinstance(suivant, Intertitre)
                                and suivant.niveau <= bloc.niveau))
        if vide and not _vide_avant(avant, bloc):
            continue
        sortie.append(bloc)
    return normaliser(sortie)


def _vide_avant(blocs: Sequence[Bloc], titre: Bloc) -> bool:
    """True when nothing stood below that heading already: it is the author's will."""
    for n, bloc in enumerate(blocs):
        if bloc == titre:
            return n + 1 == len(blocs) or isinstance(blocs[n + 1], Intertitre)
    return False
