"""Organisation certificates of a centre: what they serve for, and until when (SC.DMP/CONF.22)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

#: Days before the end from which the expiry is told; from URGENT on, as an alert.
PREVENIR_JOURS = 60
URGENT_JOURS = 15


class UsageCertificat(StrEnum):
    """What an organisation certificate is for. IGC-Santé makes one for each."""

    INSI = "insi"
    """Client authentication at INSi: CN INSI-AUTO or INSI-MANU (`spec/ins.md` §4.2)."""
    DMP = "dmp"
    """Client authentication at the DMP: ORG_AUTH_CLI (`spec/dmp.md` §2)."""
    SIGNATURE = "signature"
    """Seal of the VIHF and of the lots: ORG_SIGN."""


LIBELLES: dict[UsageCertificat, str] = {
    UsageCertificat.INSI: "Appeler INSi",
    UsageCertificat.DMP: "Se connecter au DMP",
    UsageCertificat.SIGNATURE: "Signer les envois au DMP",
}


@dataclass(frozen=True, slots=True)
class CertificatStructure:
    """An organisation certificate kept in the file, without its key.

    `structure` is the OU of the subject (Struct_idNat); `du` and `au` are UTC ISO; `empreinte` is
    the SHA-256 of the certificate, hexadecimal.
    """

    usage: UsageCertificat
    cn: str
    structure: str
    emetteur: str
    serie: str
    du: str
    au: str
    empreinte: str
    importe_le: str = ""
    importe_par: str = ""

    def jours_restants(self, jour: date) -> int:
        """Days left after `jour`; negative once it is over."""
        return (datetime.fromisoformat(self.au).date() - jour).days


def alerte(certificat: CertificatStructure, jour: date) -> tuple[str, str]:
    """What to say of its end: (« », « info », « alerte » or « erreur »; French sentence)."""
    reste = certificat.jours_restants(jour)
    quoi = f"Le certificat « {LIBELLES[certificat.usage]} »"
    fin = datetime.fromisoformat(certificat.au).strftime("%d/%m/%Y")
    if reste < 0:
        return "erreur", (f"{quoi} est expiré depuis le {fin}\u00a0: ce mode de connexion est "
                          "arrêté. Importez le nouveau dans Réglages, Certificats et cartes.")
    if reste > PREVENIR_JOURS:
        return "", ""
    genre = "alerte" if reste <= URGENT_JOURS else "info"
    quand = "aujourd’hui" if reste == 0 else (
        "demain" if reste == 1 else f"dans {reste} jours, le {fin}")
    return genre, f"{quoi} expire {quand}. Demandez le suivant à l’ANS (IGC-Santé)."


def memes_structures(a: str, b: str) -> bool:
    """Two forms of one Struct_idNat: with its prefix (`1` + FINESS, `3` + SIRET) or bare."""
    return bool(a) and bool(b) and bool(_formes(a) & _formes(b))


def _formes(identifiant: str) -> frozenset[str]:
    propre = "".join(identifiant.split()).upper()
    formes = {propre}
    if len(propre) == 9:
        formes.add("1" + propre)
    elif len(propre) == 14:
        formes.add("3" + propre)
    return frozenset(formes)
