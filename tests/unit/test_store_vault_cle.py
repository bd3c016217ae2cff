"""The vault when the key of the file changes; vaults of the first form; strangers' envelopes."""

import json
import secrets
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.store import envelopes, recovery, vault
from app.store.engine import ouvrir

MOT, MOT_PAUL = "Un mot de passe fictif 1", "Le mot de Paul fictif 2"


@pytest.fixture(autouse=True)
def derivation_rapide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)
    monkeypatch.setattr(vault, "PASSES", 1)


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    return tmp_path / "cabinet.pleiade"


def _changer(fichier: Path, cle: bytes) -> bytes:
    store = ouvrir(fichier, cle)
    store.changer_cle()
    store.fermer()
    return vault.ouvrir_coffre(fichier, MOT)


def _coffre(fichier: Path) -> dict[str, object]:
    valeur: dict[str, object] = json.loads(vault.chemin_coffre(fichier).read_bytes())
    return valeur


def _poser(fichier: Path, coffre: dict[str, object]) -> None:
    for chemin in (vault.chemin_coffre(fichier), vault.copie(vault.chemin_coffre(fichier))):
        chemin.write_text(json.dumps(coffre))


def test_every_means_follows_a_new_key_and_the_mark_stays(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    vault.poser_mot_de_passe(fichier, cree.cle, "paul", MOT_PAUL)
    derivee = secrets.token_bytes(32)
    vault.remplacer(fichier, cree.cle, {"type": vault.PSC, "compte": "paul"}, derivee)
    marque = vault.marque(fichier)
    nouvelle = _changer(fichier, cree.cle)
    assert nouvelle != cree.cle and vault.marque(fichier) == marque
    assert vault.ouvrir_coffre(fichier, MOT_PAUL, "paul") == nouvelle
    assert vault.ouvrir_par_secours(fichier, cree.cle_secours) == nouvelle
    assert vault.ouvrir_par(fichier, vault.PSC, derivee) == (nouvelle, "paul")
    assert vault.ouvrir_par(fichier, vault.PSC, secrets.token_bytes(32)) is None


@pytest.mark.attaque(
    "Compte retiré qui avait gardé la clé",
    tente="l’ancienne clé, l’ancien coffre et l’ancien mot de passe, contre le dossier volé après "
          "un changement de clé",
    constat="aucun des trois n’ouvre le dossier")
def test_a_retired_account_can_t_follow_the_new_key(fichier: Path, tmp_path: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    vault.poser_mot_de_passe(fichier, cree.cle, "paul", MOT_PAUL)
    garde = tmp_path / "garde.coffre.json"
    vault.copier_coffre(fichier, garde)
    vault.retirer_compte(fichier, cree.cle, "paul")
    nouvelle = _changer(fichier, cree.cle)
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_coffre(fichier, MOT_PAUL)
    # His pair of keys, from the vault he kept, against every box of the new vault.
    ancienne = next(e for e in json.loads(garde.read_bytes())["enveloppes"]
                    if e.get("compte") == "paul")
    ouverte = envelopes.ouvrir(ancienne, envelopes.derivee_mot_de_passe(MOT_PAUL, ancienne))
    assert ouverte is not None
    for enveloppe in _coffre(fichier)["enveloppes"]:  # type: ignore[attr-defined]
        with pytest.raises(envelopes.EnveloppeAbimee):
            ouverte.cle_de(enveloppe)
    from app.store.connections import ouvre
    assert ouvre(fichier, nouvelle) and not ouvre(fichier, cree.cle)


@pytest.mark.attaque(
    "Dossier substitué sous le mot de passe de la victime",
    tente="sceller pour la clé publique de l’enveloppe une clé connue de l’attaquant, et remplacer "
          "le dossier",
    constat="« Le coffre des clés a été modifié hors de Pléiade » : rien ne s’ouvre")
def test_a_box_sealed_by_a_stranger_is_refused(fichier: Path) -> None:
    vault.creer_coffre(fichier, MOT, "line")
    coffre = _coffre(fichier)
    coffre["enveloppes"] = [envelopes.resceller(bytes(32), e)
                            for e in coffre["enveloppes"]]  # type: ignore[attr-defined]
    coffre["empreinte"] = vault.empreinte(bytes(32))
    _poser(fichier, coffre)
    with pytest.raises(vault.CoffreAbime, match="hors de Pléiade"):
        vault.ouvrir_coffre(fichier, MOT)


@pytest.mark.attaque(
    "Enveloppe étrangère glissée dans le coffre",
    tente="ajouter au coffre sa propre enveloppe, puis attendre le prochain changement de clé",
    constat="le coffre est refusé avant tout changement : l’intrus ne reçoit pas la clé")
def test_a_foreign_envelope_never_gets_the_next_key(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    coffre = _coffre(fichier)
    champs = {"type": "psc", "compte": "intrus"}
    coffre["enveloppes"] += [  # type: ignore[operator]
        envelopes.sceller(bytes(32), champs, bytes(32), bytes(32))]
    _poser(fichier, coffre)
    with pytest.raises(vault.CoffreAbime, match="hors de Pléiade"):
        vault.annoncer(fichier, cree.cle, secrets.token_bytes(32))
    assert not vault.intact(fichier, cree.cle) and _coffre(fichier) == coffre
    store = ouvrir(fichier, cree.cle)
    rapport = store.verifier()
    store.fermer()
    assert [p.code for p in rapport.points if p.etat.value == "defaut"] == ["coffre"]


def _premiere_forme(fichier: Path) -> tuple[bytes, str]:
    """A vault as the first versions wrote it: the key right under each secret."""
    cle, secours = secrets.token_bytes(32), recovery.nouvelle()
    sans_cle = ({"type": "mot_de_passe", "compte": "line", "memoire_kio": 64, "passes": 1,
                 "voies": 1, "sel": b64encode(bytes(16)).decode()}, {"type": "secours"})
    derivees = (envelopes.derivee_mot_de_passe(MOT, sans_cle[0]),
                envelopes.derivee_secours(secours))
    enveloppes = []
    for champs, derivee in zip(sans_cle, derivees, strict=True):
        nonce = secrets.token_bytes(12)
        lie = json.dumps(["pleiade-coffre", 1, champs], sort_keys=True).encode()
        scelle = AESGCM(derivee).encrypt(nonce, cle, lie)
        enveloppes.append(champs | {"nonce": b64encode(nonce).decode(),
                                    "cle": b64encode(scelle).decode()})
    _poser(fichier, {"format": "pleiade-coffre", "version": 1, "empreinte": vault.empreinte(cle),
                     "enveloppes": enveloppes})
    return cle, recovery.ecrire(secours)


def test_a_vault_of_the_first_form_opens_then_takes_the_new_one(fichier: Path) -> None:
    cle, secours = _premiere_forme(fichier)
    marque = vault.marque(fichier)
    assert vault.ouvrir_coffre(fichier, MOT) == vault.ouvrir_par_secours(fichier, secours) == cle
    with pytest.raises(vault.EnveloppesAnciennes, match=r"une fois.*renouvelée"):
        _changer(fichier, cle)
    assert vault.moderniser(fichier, cle, "line", MOT)
    assert not vault.moderniser(fichier, cle, "line", MOT)
    with pytest.raises(vault.EnveloppesAnciennes, match="renouvelée") as refus:
        _changer(fichier, cle)
    assert refus.value.comptes == ()
    assert vault.ouvrir_par_secours(fichier, secours) == cle
    nouveau_secours = recovery.ecrire(recovery.nouvelle())
    vault.poser_secours(fichier, cle, nouveau_secours)
    nouvelle = _changer(fichier, cle)
    assert nouvelle != cle and vault.ouvrir_par_secours(fichier, nouveau_secours) == nouvelle
    assert vault.marque(fichier) == marque
