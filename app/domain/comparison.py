"""Comparison of two identities, trait by trait (`spec/ins.md` §4.5, SC.INS.19)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from app.domain import dates, matricule
from app.domain.identity import COG_INCONNU, Identite
from app.domain.libelles import TRAITS
from app.domain.names import cle_comparaison, normaliser_nom, premier_prenom_coherent
from app.domain.statuts import refus_recuperation


class EtatComparaison(StrEnum):
    """Outcome of one line."""

    IDENTIQUE = "identique"
    DIFFERENT = "different"
    AJOUTE = "ajoute"


class Gravite(StrEnum):
    """What a difference means: a person must decide, or it is only told."""

    AUCUNE = ""
    INFORMATION = "information"
    BLOQUANTE = "bloquante"


@dataclass(frozen=True, slots=True)
class LigneComparaison:
    """One trait of both sides. `local` and `insi` are wire values, `*_affiche` display forms."""

    trait: str
    libelle: str
    local: str
    insi: str
    etat: EtatComparaison
    gravite: Gravite = Gravite.AUCUNE
    local_affiche: str = ""
    insi_affiche: str = ""


@dataclass(frozen=True, slots=True)
class Comparaison:
    """Outcome. `tout_egal` allows the automatic retrieval; `refus` says why it is forbidden."""

    lignes: tuple[LigneComparaison, ...]
    tout_egal: bool
    alertes: tuple[str, ...]
    refus: str = ""

    @property
    def bloquantes(self) -> tuple[LigneComparaison, ...]:
        """The lines on which a person must decide."""
        return tuple(ligne for ligne in self.lignes if ligne.gravite is Gravite.BLOQUANTE)


#: Traits whose equality allows the automatic retrieval; the birthplace is not one of them.
_AUTOMATIQUES = frozenset({"nom_naissance", "premier_prenom", "date_naissance", "sexe",
                           "matricule_ins", "numero_secu"})


def comparer(local: Identite, insi: Identite,
             equivalents: Callable[[str], Collection[str]] | None = None, *,
             libelle_lieu: Callable[[str], str] | None = None, numero_secu: str = "",
             ) -> Comparaison:
    """Compare a local identity with the answer of INSi.

    Args:
        equivalents: gives the COG codes linked to one by events (`usecases.places`).
        libelle_lieu: gives the display form of a COG code.
        numero_secu: local billing NIR; different from the matricule, it blocks the automatic path.

    The birthplace alone never prevents the automatic retrieval; the list of given names neither.
    """
    lignes = _lignes(local, insi, equivalents, libelle_lieu)
    if numero_secu:
        lignes.append(_ligne_numero(numero_secu, insi.matricule_ins))
    refus = refus_recuperation(insi.traits, insi.matricule_ins, insi.oid)
    alertes = _alertes(local, insi)
    egal = all(ligne.etat is not EtatComparaison.DIFFERENT
               for ligne in lignes if ligne.trait in _AUTOMATIQUES)
    calendaire = dates.est_calendaire(insi.traits.date_naissance)
    return Comparaison(tuple(lignes), egal and calendaire and not refus, alertes, refus)


def comparer_identites(a: Identite, b: Identite,
                       equivalents: Callable[[str], Collection[str]] | None = None, *,
                       libelle_lieu: Callable[[str], str] | None = None) -> Comparaison:
    """Compare two identities of any origin (a document and a file, two files).

    Here every strict trait counts: lists of given names that contradict each other, and
    birthplaces that no event links, block too. `tout_egal` is true when nothing blocks.
    """
    lignes = _lignes(a, b, equivalents, libelle_lieu, tous=True)
    bloque = any(ligne.gravite is Gravite.BLOQUANTE for ligne in lignes)
    return Comparaison(tuple(lignes), not bloque, ())


def _lignes(a: Identite, b: Identite, equivalents: Callable[[str], Collection[str]] | None,
            libelle_lieu: Callable[[str], str] | None, *,
            tous: bool = False) -> list[LigneComparaison]:
    """The seven lines, in the order of the screen."""
    ta, tb = a.traits, b.traits
    premier_b = _premier_prenom(ta.premier_prenom, tb.premier_prenom, tb.prenoms)
    premier_a = ta.premier_prenom or _premier_prenom(premier_b, "", ta.prenoms)
    lignes = [
        _ligne("nom_naissance", ta.nom_naissance, tb.nom_naissance, _memes_noms),
        _ligne("premier_prenom", premier_a, premier_b, _memes_noms),
        _ligne("prenoms", ta.prenoms, tb.prenoms, _memes_noms,
               Gravite.BLOQUANTE if tous and not _listes_compatibles(ta.prenoms, tb.prenoms)
               else Gravite.INFORMATION),
        _ligne("date_naissance", ta.date_naissance, tb.date_naissance, None,
               affiche=dates.formater),
        _ligne("sexe", ta.sexe, tb.sexe, None),
        _ligne("lieu_naissance", ta.lieu_naissance, tb.lieu_naissance, None,
               _gravite_lieu(ta.lieu_naissance, tb.lieu_naissance, equivalents)
               if tous else Gravite.INFORMATION,
               affiche=libelle_lieu),
        _ligne_matricule(a, b),
    ]
    if tous:
        lignes.append(_ligne("oid", a.oid, b.oid, None))
    return lignes


def _ligne(trait: str, a: str, b: str, memes: Callable[[str, str], bool] | None,
           gravite: Gravite = Gravite.BLOQUANTE, *,
           affiche: Callable[[str], str] | None = None) -> LigneComparaison:
    """Compare one trait. A value on one side only is added or left alone, never blocking."""
    egal = memes(a, b) if memes else a == b
    if egal:
        etat, poids = EtatComparaison.IDENTIQUE, Gravite.AUCUNE
    elif not a:
        etat, poids = EtatComparaison.AJOUTE, Gravite.INFORMATION
    else:
        etat, poids = EtatComparaison.DIFFERENT, gravite if b else Gravite.INFORMATION
    montre = affiche or str
    return LigneComparaison(trait, TRAITS[trait], a, b, etat, poids,
                            montre(a) if a else "", montre(b) if b else "")


def _ligne_matricule(a: Identite, b: Identite) -> LigneComparaison:
    """Matricules: one found in the other's history is the same person."""
    connus = {a.matricule_ins, *(h.matricule_ins for h in a.historique)} & {
        b.matricule_ins, *(h.matricule_ins for h in b.historique)} - {""}
    ligne = _ligne("matricule_ins", a.matricule_ins, b.matricule_ins, None,
                   Gravite.INFORMATION if connus else Gravite.BLOQUANTE)
    return LigneComparaison(ligne.trait, ligne.libelle, ligne.local, ligne.insi, ligne.etat,
                            ligne.gravite, _avec_nature(a), _avec_nature(b))


def _avec_nature(identite: Identite) -> str:
    if not identite.matricule_ins:
        return ""
    nature = matricule.nature(identite.oid)
    return matricule.formater(identite.matricule_ins) + (f" ({nature})" if nature else "")


def _ligne_numero(numero: str, matricule_insi: str) -> LigneComparaison:
    """Billing number beside the matricule: it may be the opener of rights'."""
    ligne = _ligne("numero_secu", numero, matricule_insi, None, Gravite.INFORMATION,
                   affiche=matricule.formater)
    return ligne


def _memes_noms(a: str, b: str) -> bool:
    return a == b or normaliser_nom(a)[0] == normaliser_nom(b)[0]


def _premier_prenom(temoin: str, premier: str, prenoms: str) -> str:
    """First given name of a side: its own, else `temoin` if its list begins with it, else the
    first word of the list."""
    if premier:
        return premier
    temoin = normaliser_nom(temoin)[0]
    return temoin if premier_prenom_coherent(temoin, prenoms) else prenoms.split(" ")[0]


def _listes_compatibles(a: str, b: str) -> bool:
    """True when one list continues the other, hyphens and spaces being the same thing."""
    cle_a, cle_b = cle_comparaison(a), cle_comparaison(b)
    return cle_a.startswith(cle_b) or cle_b.startswith(cle_a)


def _gravite_lieu(a: str, b: str,
                  equivalents: Callable[[str], Collection[str]] | None) -> Gravite:
    """An unknown place contradicts nothing; two others must be linked by an event."""
    lies = COG_INCONNU in (a, b) or (equivalents is not None and b in equivalents(a))
    return Gravite.INFORMATION if lies else Gravite.BLOQUANTE


def _alertes(local: Identite, insi: Identite) -> tuple[str, ...]:
    """Sentences shown under the table."""
    suite: list[str] = []
    premier = local.traits.premier_prenom
    if premier and insi.traits.prenoms and not premier_prenom_coherent(
            normaliser_nom(premier)[0], insi.traits.prenoms):
        suite.append(f"Le 1er prénom {premier} n’est pas en tête de la liste INSi. Accepter ne "
                     "le modifie pas. Vérifiez-le sur la pièce d’identité.")
    if insi.matricule_ins and matricule.verifier(insi.matricule_ins):
        suite.append("La clé du matricule rendu par INSi n’est pas celle qui se calcule.")
    date = insi.traits.date_naissance
    if (dates.est_forme_du_fil(date) and not dates.a_partie_inconnue(date)
            and not dates.est_calendaire(date)):
        suite.append(f"La date de naissance rendue par INSi, {dates.formater(date)}, n’existe "
                     "pas au calendrier : à vérifier avant d’accepter.")
    return tuple(suite)
