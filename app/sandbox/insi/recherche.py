"""Who INSi finds: search by traits, by carte Vitale, verification (`spec/ins.md` §4.3, §4.4)."""

import re
from dataclasses import dataclass, field, replace

from app.sandbox.identites import OID_NIR, Ancien, Personne

NOM = re.compile(r"[A-Z]+(?:(?:-{1,2}|[' ])[A-Z]+)*")
PRENOM = re.compile(r"[A-Z'\-]+(?: [A-Z'\-]+)*")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
COG = re.compile(r"\d[0-9AB]\d{3}")


class TraitsInvalides(ValueError):
    """A member of the request does not follow the schema; the message says which."""


@dataclass(frozen=True, slots=True)
class Trouvaille:
    """Code of the answer (00, 01, 02) and the person when it is 00."""

    code: str
    personne: Personne | None = None


@dataclass(slots=True)
class Registre:
    """The persons, and how often each one that changes was asked for."""

    personnes: list[Personne]
    demandes: dict[str, int] = field(default_factory=dict)

    def par_traits(self, nom: str, prenoms: list[str], sexe: str, date: str, cog: str
                   ) -> Trouvaille:
        """Exact search; a birth date with 00 answers to any day (or month) of its year.

        Raises
        ------
        TraitsInvalides
            A trait is missing or malformed (sent with accents, for instance).
        """
        if not NOM.fullmatch(nom):
            raise TraitsInvalides("NomNaissance")
        if not prenoms or not all(PRENOM.fullmatch(p) for p in prenoms):
            raise TraitsInvalides("Prenom")
        if sexe not in ("M", "F"):
            raise TraitsInvalides("Sexe")
        if not DATE.fullmatch(date):
            raise TraitsInvalides("DateNaissance")
        if cog and (not COG.fullmatch(cog) or cog == "99999"):
            raise TraitsInvalides("LieuNaissance")
        prenom = " ".join(prenoms)
        return self._unique([
            p for p in self.personnes
            if p.nom == nom and p.sexe == sexe and prenom in p.prenoms_connus()
            and _meme_date(p.date_naissance, date) and (not cog or p.cog == cog)])

    def par_carte(self, individu: str, ouvrant: str, date: str, rang: str) -> Trouvaille:
        """Search with the data of a carte Vitale: own matricule, else opener's, date and rank.

        Parameters
        ----------
        individu, ouvrant
            15 characters (13 + key), or empty.
        """
        if individu:
            trouves = [p for p in self.personnes if p.matricule == individu
                       or any(a.numero + a.cle == individu for a in p.historique)]
            return self._unique([p for p in trouves
                                 if not date or _meme_date(p.date_naissance, date)])
        if not ouvrant or not DATE.fullmatch(date):
            raise TraitsInvalides("MatriculeOD ou DateNaissance")
        return self._unique([
            p for p in self.personnes
            if (p.nir_od or p.matricule) == ouvrant and _meme_date(p.date_naissance, date)
            and (not rang or rang == p.rang)])

    def _unique(self, trouves: list[Personne]) -> Trouvaille:
        if not trouves:
            return Trouvaille("01")
        if len(trouves) > 1:
            return Trouvaille("02")
        personne = trouves[0]
        rang = self.demandes[personne.matricule] = self.demandes.get(personne.matricule, 0) + 1
        if personne.comportement == "devient_nir" and rang > 1:
            return Trouvaille("00", devenue_nir(personne))
        return Trouvaille("00", personne)

    def verifier(self, matricule: str, oid: str, traits: tuple[str, str, str, str, str]) -> bool:
        """True when matricule, OID, name, list of given names, sex, date and place all agree."""
        for personne in self.personnes:
            actuelle = personne
            if personne.comportement == "devient_nir" and self.demandes.get(personne.matricule):
                actuelle = devenue_nir(personne)
            if actuelle.matricule == matricule and actuelle.oid == oid:
                return traits == (actuelle.nom, actuelle.liste_prenoms or actuelle.prenom,
                                  actuelle.sexe, actuelle.date_naissance, actuelle.cog)
        return False


def devenue_nir(personne: Personne) -> Personne:
    """A person whose NIA was replaced by a NIR: the NIA goes to the history (`ins.md` §7)."""
    numero = personne.numero[:10] + "111"
    cle = f"{97 - int(numero) % 97:02d}"
    return replace(personne, matricule=numero + cle, oid=OID_NIR, type="NIR",
                   historique=(Ancien(personne.numero, personne.matricule[13:]),))


def _meme_date(connue: str, demandee: str) -> bool:
    return all(c == d or c == "00" for c, d in zip(connue.split("-"), demandee.split("-"),
                                                   strict=False))
