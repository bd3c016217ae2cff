"""The DMP by the professional's own card: its port wants a client certificate, whose key is in
SoftHSM2 alone (`spec/dmp.md` §2, §4; `spec/cards.md` §2.5)."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils

from app.cli.serveurs import BacASable, NavigateurSimule, bac_a_sable
from app.devices.cps import CleCarte, DernierEssai, LecteurCps, PinRefuse
from app.domain.outbox import EtatOrdre
from app.sandbox.certificats import Pki
from app.services.errors import Invalide
from app.services.signature import Signataire
from app.services.tls_carte import CleTls
from app.usecases import (
    brouillons,
    consentement,
    consult_dmp,
    cps,
    documents_dmp,
    identify,
    outbox,
    produce,
    session,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests import carte_cps
from tests import centre_outils as centre

pytestmark = [pytest.mark.xdist_group("cps"), pytest.mark.usefixtures("derivation_legere")]
MARIAM = centre.MARIAM.identifiant


@pytest.fixture(scope="module")
def bac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    with bac_a_sable(tmp_path_factory.mktemp("bac")) as servi:
        yield servi


@pytest.fixture(scope="module")
def module(bac: BacASable, tmp_path_factory: pytest.TempPathFactory) -> str:
    return carte_cps.creer(tmp_path_factory.mktemp("cps"),
                           Pki(Path(centre.adresses(bac)["pki"])))


@pytest.fixture
def ctx(bac: BacASable, module: str, tmp_path: Path) -> Iterator[Contexte]:
    httpx.post(f"{bac.controle}/controle/reinitialiser").raise_for_status()
    ouvert = centre.creer_centre(tmp_path / "centre.pleiade", bac, cps_module=module)
    yield ouvert
    ouvert.fermer()


def journal(bac: BacASable) -> list[dict[str, object]]:
    recus: list[dict[str, object]] = httpx.get(f"{bac.controle}/controle/journal",
                                               params={"service": "dmp"}).json()
    return recus


def qualifier(ctx: Contexte) -> int:
    patient = centre.patient_adrun(ctx)
    assert identify.qualifier_insi(ctx, patient).etat == "applique"
    identify.controler_document(ctx, patient, "CN")
    consentement.noter_consentement(ctx, patient, True, False)
    return patient


def ecrire(ctx: Contexte, patient: int) -> None:
    brouillon = brouillons.nouveau_brouillon(ctx, patient, "11506-3")
    produce.valider(ctx, replace(brouillon, titre="Passage", texte="Plaie propre."))


@pytest.mark.exigence("SC.PSC.15", "SC.INS/PSC.50")
def test_the_whole_dmp_by_the_card_its_pin_given_once(ctx: Contexte, bac: BacASable,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    pins: list[str] = []
    vrai = LecteurCps.ouvrir

    def compte(soi: LecteurCps, pin: str, *args: str, **kwargs: bool) -> object:
        pins.append(pin)
        return vrai(soi, pin, *args, **kwargs)

    monkeypatch.setattr(LecteurCps, "ouvrir", compte)
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    etat = session.etat_session(ctx)
    assert (etat.authentifie, etat.connecte, etat.carte, etat.moyen) == (
        True, False, "MARIAM DIALLO", "Carte CPS")
    # Structure and sector come from the card, whatever the settings say.
    assert etat.situation is not None and (
        etat.situation.structure_identifiant, etat.situation.secteur,
        etat.situation.structure_nom) == ("1630009999", "SA05",
                                          "CENTRE DE SANTÉ INFIRMIER DES ESSAIS")
    patient = qualifier(ctx)
    dica = consult_dmp.verifier_dmp(ctx, patient)  # TD0.2, TD0.3
    assert dica.consultable, dica.lignes
    assert next(x.fait for x in dica.lignes if x.lettre == "A") == "Carte CPS"
    ecrire(ctx, patient)
    envoye = outbox.traiter_un(ctx)  # TD2.1
    assert envoye is not None and envoye.etat is EtatOrdre.ENVOYE, envoye
    _, liste = consult_dmp.actualiser_dmp(ctx, patient)  # TD3.1
    du_dmp = [ligne for ligne in liste.lignes if ligne.unique_id and not ligne.document_id]
    documents_dmp.ouvrir_document(ctx, patient, du_dmp[0].cle)  # TD3.2
    appels = journal(bac)
    assert {a["operation"] for a in appels} == {"TD0.2", "TD0.3", "TD2.1", "TD3.1", "TD3.2"}
    assert {(a["mode"], a["sujet"], a["structure"], a["signature"]) for a in appels} == {
        ("cps_directe", MARIAM, "1630009999", "rsa-sha256")}
    assert pins == [carte_cps.PIN]
    # The trail says by what, and as whom.
    for quoi in ("dmp.existence", "dmp.recherche", "dmp.lecture"):
        assert f"carte CPS, {MARIAM}" in centre.traces(ctx, quoi)[-1][1], quoi
    assert centre.traces(ctx, "dmp.depot") == [("envoye", "document 1\u00a0; carte CPS")]


def test_psc_comes_first_and_the_card_takes_over(ctx: Contexte, bac: BacASable) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    session.connecter_navigateur(ctx, NavigateurSimule(bac, MARIAM).ouvrir)
    assert session.etat_session(ctx).moyen == "Pro Santé Connect"
    consult_dmp.verifier_dmp(ctx, patient)
    assert journal(bac)[-1]["mode"] == "api_psc"
    session.deconnecter(ctx)
    consult_dmp.verifier_dmp(ctx, patient, refaire=True)
    assert journal(bac)[-1]["mode"] == "cps_directe"


def test_without_the_card_nothing_leaves(ctx: Contexte, bac: BacASable) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    assert cps.fermer_cps(ctx)
    assert not session.etat_session(ctx).authentifie
    assert not consult_dmp.verifier_dmp(ctx, patient).consultable
    ecrire(ctx, patient)
    attente = outbox.traiter_un(ctx)
    assert attente is not None and (attente.etat, attente.code) == (
        EtatOrdre.ATTENTE_TECHNIQUE, outbox.CODE_SESSION)
    assert journal(bac) == []
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    outbox.relancer_en_attente(ctx)
    repris = outbox.traiter_un(ctx)
    assert repris is not None and repris.etat is EtatOrdre.ENVOYE


# --- the card leaves -------------------------------------------------------------------------


def test_card_removed_before_a_signature(ctx: Contexte, bac: BacASable) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    ouverte = ctx.services.directs.cps
    assert ouverte is not None
    ouverte.fermer()  # what PKCS#11 knows of a card that left: a dead session
    dica = consult_dmp.verifier_dmp(ctx, patient)
    assert not dica.consultable
    assert "Réinsérez-la" in ctx.memoire.pannes_dmp[patient]
    assert not session.etat_session(ctx).authentifie and journal(bac) == []
    assert cps.fermer_cps(ctx)
    assert centre.traces(ctx, "cps.fermeture")[-1][0] == "carte retirée"
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    assert consult_dmp.verifier_dmp(ctx, patient, refaire=True).consultable


def test_card_removed_between_the_assertion_and_the_handshake(
        ctx: Contexte, bac: BacASable, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle: the VIHF is signed, then TLS finds no card. The order waits, uncertain of
    nothing: not a byte of it left."""
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    ecrire(ctx, patient)
    vrai = CleCarte.sign

    def part_apres(cle: CleCarte, *args: object) -> bytes:
        signee = vrai(cle, *args)  # type: ignore[arg-type]
        cle._carte.fermer()
        return signee

    monkeypatch.setattr(CleCarte, "sign", part_apres)
    attente = outbox.traiter_un(ctx)
    assert attente is not None
    assert (attente.etat, attente.code, attente.incertain) == (
        EtatOrdre.ATTENTE_TECHNIQUE, "CPS-RETIREE", False)
    assert "Réinsérez-la" in attente.motif and journal(bac) == []
    monkeypatch.undo()
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    outbox.relancer_en_attente(ctx)
    repris = outbox.traiter_un(ctx)
    assert repris is not None and repris.etat is EtatOrdre.ENVOYE


@pytest.mark.attaque(
    "Connexion ouverte par une carte qui n’est plus là",
    tente="Retirer la CPS, puis interroger le DMP par la connexion TLS qu’elle avait ouverte et "
          "que le poste gardait",
    constat="La connexion tombe avec la carte ; l’appel suivant est refusé avant de partir")
def test_connections_do_not_outlive_the_card(ctx: Contexte, bac: BacASable) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    consult_dmp.verifier_dmp(ctx, patient)
    directs = ctx.services.directs
    assert [cle[0] for cle in directs._clients if cle[0] == "dmp_cps"]
    cps.fermer_cps(ctx)
    assert not [cle for cle in directs._clients if cle[0] in cps.CLIENTS]
    avant = len(journal(bac))
    with pytest.raises(Refus):
        consult_dmp.actualiser_dmp(ctx, patient)
    assert len(journal(bac)) == avant


# --- PIN -------------------------------------------------------------------------------------


def test_the_last_try_is_never_made_silently(ctx: Contexte, monkeypatch: pytest.MonkeyPatch
                                             ) -> None:
    from pkcs11 import TokenFlag

    from app.devices import cps as appareil

    with pytest.raises(PinRefuse, match="au plus deux essais"):
        cps.ouvrir_cps(ctx, "0000")
    vrai = appareil._Carte.drapeaux.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(appareil._Carte, "drapeaux", property(
        lambda carte: vrai(carte) | TokenFlag.USER_PIN_FINAL_TRY))
    with pytest.raises(DernierEssai, match="Rien n’a été essayé"):
        cps.ouvrir_cps(ctx, "0000")
    # Asked for knowingly, it is made; the message then says that it was the last but one.
    with pytest.raises(PinRefuse, match="une erreur de plus bloquera la carte"):
        cps.ouvrir_cps(ctx, "0000", dernier=True)
    assert [r for r, _ in centre.traces(ctx, "cps.refus")] == [
        "cps_pin", "cps_dernier_essai", "cps_pin"]
    cps.ouvrir_cps(ctx, carte_cps.PIN, dernier=True)
    assert ctx.services.directs.cps is not None


def test_a_second_opening_proves_the_pin_again(ctx: Contexte) -> None:
    """A token has one login a process: without care any PIN would pass after the first."""
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    with pytest.raises(PinRefuse):
        cps.ouvrir_cps(ctx, "0000")
    assert ctx.services.directs.cps is None


# --- what the DMP itself refuses ---------------------------------------------------------------


def test_the_port_wants_a_certificate(bac: BacASable) -> None:
    vers = centre.adresses(bac)
    for nom in ("", "cps-signature"):  # none; the certificate that signs
        contexte = ssl.create_default_context(cafile=vers["ca"])
        if nom:
            pki = Pki(Path(vers["pki"]))
            contexte.load_cert_chain(pki.certificat(nom), pki.cle(nom))
        with httpx.Client(verify=contexte, trust_env=False) as client, \
                pytest.raises(httpx.TransportError):
            client.post(f"{vers['dmp_cps']}/patients", content=b"<a/>")


def _cle_de(bac: BacASable, nom: str) -> CleTls:
    """A key of the bac à sable in the place of the card's."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pki = Pki(Path(centre.adresses(bac)["pki"]))
    cle = load_pem_private_key(pki.pem_cle(nom), None)
    return CleTls(pki.charger_certificat(nom), lambda algorithme, condensat: cle.sign(
        condensat, padding.PKCS1v15(),  # type: ignore[union-attr, call-arg, arg-type]
        utils.Prehashed(getattr(hashes, algorithme.upper())())))


@pytest.mark.attaque(
    "Carte et signature qui ne vont pas ensemble au DMP",
    tente="Ouvrir le TLS du DMP avec un certificat d’organisation, ou signer le VIHF avec la clé "
          "de l’installation, sous le nom du titulaire d’une CPS",
    constat="Refusé par le DMP à chaque fois (certificat, puis signature)")
def test_certificates_that_do_not_match_are_refused(ctx: Contexte, bac: BacASable) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    ouverte = ctx.services.directs.cps
    assert ouverte is not None
    ctx.services.directs.cps = replace(ouverte, tls=_cle_de(bac, "structure-dmp"))
    consult_dmp.verifier_dmp(ctx, patient)
    assert journal(bac)[-1]["code"] == "DMPInvalidCertificate"
    pki = Pki(Path(centre.adresses(bac)["pki"]))
    ctx.services.directs.cps = replace(
        ouverte, signataire=Signataire(pki.pem_cle("installation"),
                                       pki.certificat("installation").read_bytes()),
        tls=_cle_de(bac, "cps-authentification"))
    consult_dmp.verifier_dmp(ctx, patient, refaire=True)
    dernier = journal(bac)[-1]
    assert (dernier["code"], dernier["signature"]) == ("DMPInvalidCertificate",
                                                       "refusée: another card, or none")


def test_the_card_of_a_colleague(ctx: Contexte, bac: BacASable) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    ctx.professionnel = centre.JULIE
    with pytest.raises(Refus, match="celle de MARIAM DIALLO"):
        consult_dmp.verifier_dmp(ctx, patient)
    assert journal(bac) == []
    # A program that doesn't look: the DMP compares the VIHF with the card.
    cps_ouverte = ctx.services.directs.cps
    assert cps_ouverte is not None
    ctx.services.directs.cps = replace(cps_ouverte, identifiant=centre.JULIE.identifiant)
    consult_dmp.verifier_dmp(ctx, patient)
    assert journal(bac)[-1]["code"] == "DMPAccessDenied"


def test_a_revoked_card(ctx: Contexte, bac: BacASable) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    httpx.post(f"{bac.controle}/controle/certificats/revoquer",
               json={"nom": "cps-authentification"}).raise_for_status()
    consult_dmp.verifier_dmp(ctx, patient)
    assert journal(bac)[-1]["code"] == "DMPInvalidCertificate"


def test_network_faults_are_told_as_such(ctx: Contexte, bac: BacASable) -> None:
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    for type_, mot in (("ca_inconnue", "certificat"), ("refus_connexion", "injoignable")):
        httpx.post(f"{bac.controle}/controle/pannes", json={
            "service": "dmp", "operation": "*", "type": type_, "fois": -1}).raise_for_status()
        consult_dmp.verifier_dmp(ctx, patient, refaire=True)
        assert mot in ctx.memoire.pannes_dmp[patient], type_
        httpx.delete(f"{bac.controle}/controle/pannes").raise_for_status()
    assert session.etat_session(ctx).authentifie  # the card isn't to blame
    assert consult_dmp.verifier_dmp(ctx, patient, refaire=True).consultable


# --- situations d'exercice ---------------------------------------------------------------------


def test_several_situations_on_the_card(ctx: Contexte, bac: BacASable,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    from app.devices.cps import ExerciceCarte

    monkeypatch.setattr("app.devices.cps._exercices", lambda _session: (
        ExerciceCarte("499700000081007", "CABINET DIALLO", "SA07"),
        ExerciceCarte("1630009998", "AUTRE CENTRE", "SA05")))
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)
    etat = session.etat_session(ctx)
    assert etat.a_choisir
    with pytest.raises(Refus, match="situation d’exercice"):
        consult_dmp.verifier_dmp(ctx, patient)
    with pytest.raises(Refus, match="n’est pas sur votre carte"):
        cps.choisir_situation_cps(ctx, replace(etat.situations[0], secteur="SA99"))
    cps.choisir_situation_cps(ctx, etat.situations[0])
    assert not session.etat_session(ctx).a_choisir
    consult_dmp.verifier_dmp(ctx, patient)
    # This person doesn't work there: the DMP knows.
    assert journal(bac)[-1]["code"] == "DMPAccessDenied"
    # Kept for the next opening.
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    assert session.etat_session(ctx).situation == etat.situations[0]


def test_a_card_without_readable_situation(ctx: Contexte, monkeypatch: pytest.MonkeyPatch
                                           ) -> None:
    monkeypatch.setattr("app.devices.cps._exercices", lambda _session: ())
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    with pytest.raises(Refus, match="Aucune situation d’exercice"):
        consult_dmp.verifier_dmp(ctx, qualifier(ctx))


def test_a_workstation_that_cannot_use_the_key_says_so(ctx: Contexte,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    def impossible() -> object:
        raise Invalide("Ce poste ne peut pas ouvrir de connexion avec la clé de la carte.")

    monkeypatch.setattr("app.services.tls_carte._openssl", impossible)
    cps.ouvrir_cps(ctx, carte_cps.PIN)
    patient = qualifier(ctx)  # INSi doesn't need it
    consult_dmp.verifier_dmp(ctx, patient)
    assert "clé de la carte" in ctx.memoire.pannes_dmp[patient]
