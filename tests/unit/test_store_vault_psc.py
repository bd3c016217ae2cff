"""Envelopes that Pro Santé Connect opens: sealed here, opened by the half of the proxy."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.store import vault, vault_psc
from app.store.vault import CoffreAbime, MotDePasseRefuse
from app.store.vault_psc import AccesPsc

MOT = "Un mot de passe fictif 1"
LINE = AccesPsc("line#1", "899700000016", "Line INFIRMIERE", "https://proxy.test", "", "", "v1")


@pytest.fixture(autouse=True)
def derivation_rapide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)
    monkeypatch.setattr(vault, "PASSES", 1)


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    return tmp_path / "cabinet.pleiade"


class Proxy:
    """The other half, as `docs/proxy.md` describes it."""

    def __init__(self) -> None:
        self.cle = X25519PrivateKey.generate()

    @property
    def publique(self) -> str:
        return urlsafe_b64encode(self.cle.public_key().public_bytes(
            Encoding.Raw, PublicFormat.Raw)).rstrip(b"=").decode()

    def part(self, point: str) -> str:
        commun = self.cle.exchange(X25519PublicKey.from_public_bytes(
            urlsafe_b64decode(point + "=")))
        return urlsafe_b64encode(hmac.new(commun, b"pleiade/part", sha256).digest()).decode()


def test_sealed_for_a_professional_and_opened_by_the_proxys_half(fichier: Path) -> None:
    cree, proxy = vault.creer_coffre(fichier, MOT, "line#1"), Proxy()
    pose = vault_psc.sceller(fichier, cree.cle, LINE, proxy.publique)
    assert vault_psc.lister(fichier) == [pose] and pose.point
    assert vault_psc.ouvrir(fichier, pose, proxy.part(pose.point)) == cree.cle
    assert vault.ouvrir_coffre(fichier, MOT) == cree.cle  # the others are untouched
    # Sealing again replaces; the former half opens nothing.
    nouveau = vault_psc.sceller(fichier, cree.cle, LINE, proxy.publique)
    assert vault_psc.lister(fichier) == [nouveau] and nouveau.point != pose.point
    with pytest.raises(MotDePasseRefuse):
        vault_psc.ouvrir(fichier, pose, proxy.part(pose.point))


@pytest.mark.attaque(
    "Ordinateur volé : coffre ouvert sans Pro Santé Connect",
    tente="Tout ce que contient le coffre, essayé comme moitié de clé : le point, la version, la "
          "moitié d’un autre professionnel, la moitié d’un autre serveur.",
    constat="Refusé à chaque fois : la moitié qui ouvre n’est que sur le serveur, et chaque "
            "enveloppe a la sienne.")
def test_nothing_on_the_disk_opens_it(fichier: Path) -> None:
    cree, proxy = vault.creer_coffre(fichier, MOT, "line#1"), Proxy()
    pose = vault_psc.sceller(fichier, cree.cle, LINE, proxy.publique)
    autre = vault_psc.sceller(fichier, cree.cle, replace(LINE, compte="paul#2"), proxy.publique)
    coffre = json.loads(vault.chemin_coffre(fichier).read_text())
    essais = [pose.point, Proxy().part(pose.point), proxy.part(autre.point)]
    essais += [v.replace("+", "-").replace("/", "_") for e in coffre["enveloppes"]
               for v in e.values() if isinstance(v, str) and len(v) in (43, 44)]
    for essai in essais:
        with pytest.raises(MotDePasseRefuse):
            vault_psc.ouvrir(fichier, pose, essai)
    with pytest.raises(CoffreAbime):
        vault_psc.ouvrir(fichier, pose, "trop-court")


def test_a_forged_envelope_opens_nothing(fichier: Path) -> None:
    cree, proxy = vault.creer_coffre(fichier, MOT, "line#1"), Proxy()
    vault_psc.sceller(fichier, cree.cle, LINE, proxy.publique)
    chemin = vault.chemin_coffre(fichier)
    coffre = json.loads(chemin.read_text())
    coffre["enveloppes"][-1]["sujet"] = "899700000024"
    chemin.write_text(json.dumps(coffre))
    (force,) = vault_psc.lister(fichier)
    with pytest.raises(MotDePasseRefuse):
        vault_psc.ouvrir(fichier, force, proxy.part(force.point))
    del coffre["enveloppes"][-1]["privee"]
    chemin.write_text(json.dumps(coffre))
    with pytest.raises(CoffreAbime):
        vault_psc.ouvrir(fichier, force, proxy.part(force.point))


def test_an_account_that_is_retired_loses_both(fichier: Path) -> None:
    cree, proxy = vault.creer_coffre(fichier, MOT, "line#1"), Proxy()
    vault.poser_mot_de_passe(fichier, cree.cle, "paul#2", MOT + "x")
    vault_psc.sceller(fichier, cree.cle, LINE, proxy.publique)
    vault_psc.sceller(fichier, cree.cle, replace(LINE, compte="paul#2"), proxy.publique)
    vault.retirer_compte(fichier, cree.cle, "paul#2")
    assert [a.compte for a in vault_psc.lister(fichier)] == ["line#1"]
    vault_psc.retirer(fichier, cree.cle, "line#1")
    assert vault_psc.lister(fichier) == [] and vault.comptes(fichier) == ["line#1"]


def test_a_foreign_key_is_never_sealed(fichier: Path) -> None:
    vault.creer_coffre(fichier, MOT, "line#1")
    with pytest.raises(MotDePasseRefuse):
        vault_psc.sceller(fichier, b"x" * 32, LINE, Proxy().publique)
    cle = vault.ouvrir_coffre(fichier, MOT)
    for mauvaise in ("", "AAAA", "A" * 43):
        with pytest.raises(CoffreAbime):
            vault_psc.sceller(fichier, cle, LINE, mauvaise)
    assert vault_psc.lister(fichier) == []
