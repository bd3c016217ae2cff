"""Identities as CSV: our own columns, and those that other software write.

What comes in is hostile: bounded, and never trusted beyond its text.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.identity import Traits
from app.domain.patient import Contact, Patient
from app.domain.tableur import inerte, sans_apostrophe
from app.usecases.errors import Refus

TAILLE_MAX = 20_000_000
LIGNES_MAX = 50_000
_CHAMP_MAX = 2_000

#: Column of our files -> other headers understood, without accents, in lower case.
COLONNES: dict[str, tuple[str, ...]] = {
    "nom_naissance": ("nom de naissance", "nom naissance", "nom_famille", "nom de famille", "nom"),
    "premier_prenom": ("1er prenom de naissance", "premier prenom", "1er prenom", "prenom"),
    "prenoms": ("prenoms de naissance", "liste des prenoms", "prenoms naissance"),
    "date_naissance": ("date de naissance", "ddn", "naissance"),
    "sexe": ("genre", "civilite sexe"),
    "lieu_naissance": ("code insee", "cog", "insee nais.", "lieu de naissance", "code commune"),
    "nom_utilise": ("nom utilise", "nom d'usage", "nom usage", "nom marital"),
    "prenom_utilise": ("prenom utilise", "prenom d'usage", "prenom usage"),
    "matricule_ins": ("ins", "matricule ins", "matricule"),
    "oid": ("oid ins", "nature ins"),
    "adresse": ("rue", "adresse postale"),
    "code_postal": ("code postal", "cp"),
    "commune": ("ville",),
    "telephone": ("tel", "tel.", "telephone mobile", "portable"),
    "courriel": ("email", "e-mail", "mail"),
}
_SEXES = {"m": "M", "h": "M", "1": "M", "masculin": "M", "homme": "M", "male": "M",
          "f": "F", "2": "F", "feminin": "F", "femme": "F", "female": "F",
          "i": "I", "indetermine": "I", "unknown": "I", "other": "I"}


@dataclass(frozen=True, slots=True)
class IdentiteLue:
    """One identity of a file, as it was written. `numero` is its line or its rank, from 1."""

    numero: int
    traits: Traits
    contact: Contact = field(default_factory=Contact)
    matricule_ins: str = ""
    oid: str = ""


def sans_accent(texte: str) -> str:
    """Lower case, without accents, spaces reduced."""
    nu = unicodedata.normalize("NFKD", texte.replace("’", "'"))
    return " ".join("".join(c for c in nu if not unicodedata.combining(c)).lower().split())


def lire_sexe(texte: str) -> str:
    """M, F or I of what software write; the text itself when it means nothing."""
    return _SEXES.get(sans_accent(texte), texte.strip())


def decoder(contenu: bytes) -> str:
    """UTF-8, else the encoding of French spreadsheets.

    :raises Refus: too large, or not a text.
    """
    if len(contenu) > TAILLE_MAX:
        raise Refus("Ce fichier dépasse 20 Mo. Partagez-le, puis importez chaque partie.")
    if b"\x00" in contenu:
        raise Refus("Ce fichier n’est pas un texte : enregistrez-le en CSV (UTF-8).")
    try:
        return contenu.decode("utf-8-sig")
    except UnicodeDecodeError:
        return contenu.decode("cp1252", "replace")


def lire_csv(contenu: bytes) -> list[IdentiteLue]:
    """Read the identities of a CSV file; the separator is found by itself.

    :raises Refus: no header that is understood, too many lines, or not a CSV.
    """
    texte = decoder(contenu)
    tete = texte.partition("\n")[0]
    separateur = max(";\t,", key=tete.count)
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur)
    lues: list[IdentiteLue] = []
    try:
        colonnes = _colonnes(next(lecteur, []))
        for cellules in lecteur:
            if not any(c.strip() for c in cellules):
                continue
            if len(lues) >= LIGNES_MAX:
                raise Refus(f"Ce fichier dépasse {LIGNES_MAX} identités. Partagez-le.")
            valeurs = {nom: cellules[i].strip()[:_CHAMP_MAX] for nom, i in colonnes.items()
                       if i < len(cellules)}
            lues.append(_identite(lecteur.line_num, valeurs))
    except csv.Error as erreur:
        raise Refus(f"Ce fichier CSV est illisible à la ligne {lecteur.line_num}.") from erreur
    return lues


def _colonnes(tete: list[str]) -> dict[str, int]:
    titres = [sans_accent(t) for t in tete]
    trouvees: dict[str, int] = {}
    for nom, autres in COLONNES.items():
        for titre in (nom, *autres):
            if titre in titres and titres.index(titre) not in trouvees.values():
                trouvees[nom] = titres.index(titre)
                break
    manque = [n for n in ("nom_naissance", "premier_prenom", "date_naissance") if n not in trouvees]
    if manque:
        raise Refus("La première ligne du fichier doit nommer ses colonnes. Il manque : "
                    f"{', '.join(manque)}.")
    return trouvees


def _identite(numero: int, valeurs: dict[str, str]) -> IdentiteLue:
    def v(nom: str) -> str:
        # A leading apostrophe is how spreadsheets keep a text from being a formula.
        return sans_apostrophe(valeurs.get(nom, ""))

    return IdentiteLue(
        numero, Traits(v("nom_naissance"), v("premier_prenom"), v("date_naissance"),
                       lire_sexe(v("sexe")), v("lieu_naissance").upper(), v("prenoms"),
                       v("nom_utilise"), v("prenom_utilise")),
        Contact(v("adresse"), v("code_postal"), v("commune"), v("telephone"), v("courriel")),
        v("matricule_ins").replace(" ", "").replace("\u00a0", "").upper(), v("oid"))


def ecrire_csv(patients: Iterable[Patient]) -> bytes:
    """Write identities; matricule and OID of qualifiées only (rule 28)."""
    sortie = io.StringIO()
    ecrire = csv.writer(sortie, delimiter=";", lineterminator="\r\n")
    ecrire.writerow([*COLONNES, "statut"])
    for p in patients:
        t, i, c = p.identite.traits, p.identite, p.contact
        transmis = i.matricule_transmissible
        ecrire.writerow([inerte(x) for x in (
            t.nom_naissance, t.premier_prenom, t.prenoms, t.date_naissance, t.sexe,
            t.lieu_naissance, t.nom_utilise, t.prenom_utilise,
            i.matricule_ins if transmis else "", i.oid if transmis else "", c.adresse,
            c.code_postal, c.commune, c.telephone, c.courriel, i.statut.value)])
    return sortie.getvalue().encode("utf-8-sig")
