"""CPS through PKCS#11 (SoftHSM2): who is there without PIN, INSi signed by the card."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.cli.serveurs import BacASable, bac_a_sable
from app.devices import cps as appareil
from app.devices.cps import CpsAbsente, LecteurCps, ModuleAbsent, PinRefuse
from app.sandbox.certificats import Pki
from app.services.errors import ErreurService, Refuse, SessionExpiree
from app.services.signature import Signataire
from app.usecases import authentifications, cps, identify
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests import carte_cps
from tests import centre_outils as centre

pytestmark = pytest.mark.xdist_group("cps")


@pytest.fixture(scope="module")
def bac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    with bac_a_sable(tmp_path_factory.mktemp("bac")) as servi:
        yield servi


@pytest.fixture(scope="module")
def module(bac: BacASable, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The card of Mariam DIALLO is in the reader."""
    return carte_cps.creer(tmp_path_factory.mktemp("cps"),
                           Pki(Path(centre.adresses(bac)["pki"])))


@pytest.fixture
def ctx(bac: BacASable, module: str, tmp_path: Path) -> Iterator[Contexte]:
    httpx.post(f"{bac.controle}/controle/reinitialiser").raise_for_status()
    ouvert = centre.creer_centre(tmp_path / "centre.pleiade", bac, cps_module=module)
    yield ouvert
    ouvert.fermer()


def test_who_is_in_the_reader_asks_for_no_pin(module: str) -> None:
    (vu,) = LecteurCps(module).titulaires()
    assert (vu.identifiant, vu.nom, vu.prenom, vu.profession, vu.porteur) == (
        "899700000081", "DIALLO", "MARIAM", "Infirmier", "CPS")


@pytest.mark.exigence("SC.INS/PSC.50", "INS/va1.14")
def test_insi_is_called_with_the_assertion_signed_in_the_card(
        ctx: Contexte, bac: BacASable) -> None:
    patient = centre.patient_adrun(ctx)
    assert identify.qualifier_insi(ctx, patient).etat == "impossible"
    assert cps.ouvrir_cps(ctx, carte_cps.PIN).nom == "DIALLO"
    assert identify.qualifier_insi(ctx, patient).etat == "applique"
    appel = httpx.get(f"{bac.controle}/controle/journal", params={"service": "insi"}).json()[-1]
    assert (appel["mode"], appel["sujet"], appel["qualificatif"], appel["signature"],
            appel["code"]) == ("cps_assertion", "899700000081", "CPS", "rsa-sha256", "00")
    assert centre.traces(ctx, "insi.appel")[-1][1].startswith("traits ; carte CPS")
    assert cps.fermer_cps(ctx)
    assert authentifications.mode_insi(ctx) == ""


def test_a_wrong_pin_is_told_and_tries_nothing_more(ctx: Contexte) -> None:
    with pytest.raises(Refus, match="quatre chiffres"):
        cps.ouvrir_cps(ctx, "12")
    with pytest.raises(PinRefuse):
        cps.ouvrir_cps(ctx, "0000")
    assert ctx.services.directs.cps is None
    cps.ouvrir_cps(ctx, carte_cps.PIN)


def test_without_a_library_or_a_card(ctx: Contexte, monkeypatch: pytest.MonkeyPatch,
                                     module: str) -> None:
    with pytest.raises(ModuleAbsent):
        LecteurCps("/nulle/part.so").titulaires()
    monkeypatch.setattr(appareil, "module_par_defaut", lambda: "")
    with pytest.raises(ModuleAbsent, match="Cryptolib"):
        LecteurCps().titulaires()
    with pytest.raises(CpsAbsente):
        LecteurCps(module).ouvrir(carte_cps.PIN, "899700000999")


@pytest.mark.attaque(
    "Carte CPS d’un collègue",
    tente="Ouvrir la carte CPS d’un autre professionnel laissée dans le lecteur, puis signer avec "
          "elle depuis son propre compte",
    constat="Refusé avant tout essai de code ; forcé, le client puis INSi refusent l’émetteur qui "
            "n’est pas le titulaire")
def test_the_card_of_a_colleague_serves_nobody_else(ctx: Contexte, bac: BacASable,
                                                    module: str) -> None:
    ctx.professionnel = centre.JULIE
    with pytest.raises(Refus, match="MARIAM DIALLO"):
        cps.ouvrir_cps(ctx, carte_cps.PIN)
    assert centre.traces(ctx, "cps.refus") == [("autre professionnel", "")]
    # A program that doesn't look: the card of Mariam under the account of Julie.
    carte = LecteurCps(module).ouvrir(carte_cps.PIN)
    ctx.services.directs.cps = cps.CpsOuverte(
        "899700000081", "MARIAM DIALLO", "CPS", Signataire.de_cle(carte.cle, carte.chaine),
        carte.fermer)
    with pytest.raises(Refuse, match="autre professionnel"):
        identify.qualifier_insi(ctx, centre.patient_adrun(ctx))
    ctx.services.directs.cps = replace(ctx.services.directs.cps, identifiant="899700000107")
    with pytest.raises(ErreurService):
        identify.qualifier_insi(ctx, centre.patient_adrun(ctx))
    recu = httpx.get(f"{bac.controle}/controle/journal", params={"service": "insi"}).json()[-1]
    assert "NameID" in recu["description"]


def test_the_authentication_key_doesn_t_sign(ctx: Contexte, bac: BacASable) -> None:
    pki = Pki(Path(centre.adresses(bac)["pki"]))
    ctx.services.directs.cps = cps.CpsOuverte(
        "899700000081", "MARIAM DIALLO", "CPS",
        Signataire(pki.pem_cle("cps-authentification"),
                   pki.certificat("cps-authentification").read_bytes()), lambda: None)
    with pytest.raises(ErreurService):
        identify.qualifier_insi(ctx, centre.patient_adrun(ctx))
    recu = httpx.get(f"{bac.controle}/controle/journal", params={"service": "insi"}).json()[-1]
    assert recu["signature"].startswith("refusée")


def test_a_card_that_left_says_so(ctx: Contexte) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    ouverte = ctx.services.directs.cps
    assert ouverte is not None
    ouverte.fermer()
    with pytest.raises(SessionExpiree, match="Réinsérez"):
        identify.qualifier_insi(ctx, centre.patient_adrun(ctx))
    assert authentifications.mode_insi(ctx) == ""  # nothing more is tried with it
