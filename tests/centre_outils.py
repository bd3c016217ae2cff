"""A nursing centre on the bac à sable: its file, its certificates, its settings."""

from dataclasses import replace
from pathlib import Path

import httpx

from app.cli.serveurs import BacASable
from app.domain.identity import Identite, Traits
from app.domain.people import Professionnel, Structure
from app.sandbox.certificats import MOT_DE_PASSE_P12
from app.usecases.access import DemandeCabinet, creer_cabinet
from app.usecases.certificats import importer_certificat
from app.usecases.context import Contexte
from app.usecases.reglages_centre import ReglagesCentre, enregistrer_reglages_centre
from app.usecases.settings import enregistrer_reglages, lire_reglages

MOT_DE_PASSE = "Centre-de-sante-2026"
#: The fictive centre and two of its nurses (`resources/bac_a_sable/professionnels.json`).
CENTRE = Structure("1630009999", "CENTRE DE SANTE INFIRMIER DES ESSAIS", "SA05",
                   "1 place des Essais", "63420", "Mazoires", "0100000001", "csi@exemple.test")
MARIAM = Professionnel("899700000081", "DIALLO", "Mariam", "60", civilite="MME")
JULIE = Professionnel("899700000107", "FONTAINE", "Julie", "60", civilite="MME")


def adresses(bac: BacASable) -> dict[str, str]:
    """Addresses of the doubles."""
    lues: dict[str, str] = httpx.get(f"{bac.controle}/controle/etat").json()["adresses"]
    return lues


def reglages_centre(bac: BacASable, **autres: object) -> ReglagesCentre:
    """Settings of the centre that lead to the doubles."""
    vers = adresses(bac)
    return replace(ReglagesCentre(
        insi_certificat_url=vers["insi_certificat"], insi_cps_url=vers["insi_cps"],
        dmp_certificat_url=vers["dmp"], dmp_cps_url=vers["dmp_cps"],
        ca_services=vers["ca"]), **autres)  # type: ignore[arg-type]


def creer_centre(emplacement: Path | str, bac: BacASable, **autres: object) -> Contexte:
    """The file of the centre, opened by its first nurse, without any session."""
    ctx = creer_cabinet(emplacement, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE,
                                                    profils=("CSI",))).contexte
    enregistrer_reglages(ctx, replace(lire_reglages(ctx), delai_envoi_min=0,
                                      **bac.reglages_services))
    enregistrer_reglages_centre(ctx, reglages_centre(bac, **autres))
    return ctx


def pkcs12(bac: BacASable, nom: str) -> Path:
    """File of a certificate of the bac à sable."""
    return Path(adresses(bac)["pki"]) / f"{nom}.p12"


def importer(ctx: Contexte, bac: BacASable, *noms: str) -> None:
    """Import certificates of the bac à sable as the settings screen does."""
    for nom in noms:
        importer_certificat(ctx, pkcs12(bac, nom), MOT_DE_PASSE_P12)


def patient_adrun(ctx: Contexte) -> int:
    """A fictive patient whom INSi knows, not yet qualified."""
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(
            Identite(Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220")), auteur="T",
            cause="C").id


def traces(ctx: Contexte, quoi: str) -> list[tuple[str, str]]:
    """(result, detail) of the trail's lines of one kind, oldest first."""
    with ctx.store.lecture() as u:
        return [(ligne.resultat, ligne.detail) for ligne in reversed(u.trail.lister())
                if ligne.quoi == quoi]
