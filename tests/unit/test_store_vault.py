"""The vault: passwords, recovery key, damaged files."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.store import recovery, vault
from app.store.recovery import CleSecoursMalSaisie

MOT = "Un mot de passe fictif 1"
#: Parameters of the product, before the tests make them cheap.
PRODUIT = (vault.MEMOIRE_KIO, vault.PASSES, vault.VOIES)


@pytest.fixture(autouse=True)
def derivation_rapide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)
    monkeypatch.setattr(vault, "PASSES", 1)


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    return tmp_path / "cabinet.pleiade"


def test_parameters_are_at_least_those_of_owasp() -> None:
    memoire, passes, voies = PRODUIT
    assert memoire >= 19456
    assert passes >= 2
    assert voies == 1


def test_password_and_recovery_key_open_the_same_key(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    assert len(cree.cle) == 32
    assert vault.ouvrir_coffre(fichier, MOT) == cree.cle
    assert vault.ouvrir_coffre(fichier, MOT, "line") == cree.cle
    assert vault.ouvrir_par_secours(fichier, cree.cle_secours.lower()) == cree.cle


def test_the_vault_lies_beside_the_file_for_its_owner_only(fichier: Path) -> None:
    vault.creer_coffre(fichier, MOT, "line")
    coffre = fichier.with_name("cabinet.coffre.json")
    assert coffre.exists()
    assert coffre.stat().st_mode & 0o077 == 0


@pytest.mark.attaque(
    "Clés dans le coffre ou dans un message",
    tente="chercher la clé du dossier, la clé de secours et le mot de passe dans ce qui est écrit "
          "et affiché",
    constat="aucune, sous aucune forme")
def test_neither_key_is_written_or_shown(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    ecrit = b"".join(p.read_bytes() for p in fichier.parent.iterdir())
    secours = recovery.lire(cree.cle_secours)
    for secret in (cree.cle, secours):
        for forme in (secret, secret.hex().encode(), base64.b64encode(secret)):
            assert forme not in ecrit
    assert MOT.encode() not in ecrit
    assert cree.cle_secours not in repr(cree)
    assert repr(cree.cle) not in repr(cree)


@pytest.mark.parametrize("mot", ["", "un mot de passe fictif 1", MOT + " "])
def test_a_wrong_password_is_refused(fichier: Path, mot: str) -> None:
    vault.creer_coffre(fichier, MOT, "line")
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_coffre(fichier, mot)


def test_the_account_counts(fichier: Path) -> None:
    vault.creer_coffre(fichier, MOT, "line")
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_coffre(fichier, MOT, "paul")


def test_unicode_forms_of_a_password_are_the_same(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, "caf\u00e9 \ufb01n 1", "line")
    assert vault.ouvrir_coffre(fichier, "cafe\u0301 fin 1") == cree.cle


def test_changing_the_password_keeps_key_and_recovery(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    vault.changer_mot_de_passe(fichier, MOT, "Un autre mot 2")
    assert vault.ouvrir_coffre(fichier, "Un autre mot 2") == cree.cle
    assert vault.ouvrir_par_secours(fichier, cree.cle_secours) == cree.cle
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_coffre(fichier, MOT)
    with pytest.raises(vault.MotDePasseRefuse):
        vault.changer_mot_de_passe(fichier, MOT, "x")


def test_accounts_come_and_go_but_the_last_stays(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    vault.poser_mot_de_passe(fichier, cree.cle, "paul", "Mot de Paul 3")
    assert vault.comptes(fichier) == ["line", "paul"]
    assert vault.ouvrir_coffre(fichier, "Mot de Paul 3") == cree.cle
    vault.retirer_compte(fichier, cree.cle, "line")
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_coffre(fichier, MOT)
    with pytest.raises(vault.MotDePasseRefuse):
        vault.retirer_compte(fichier, cree.cle, "paul")
    with pytest.raises(vault.MotDePasseRefuse):
        vault.poser_mot_de_passe(fichier, bytes(32), "intrus", "x")


def test_a_new_recovery_key_ends_the_former(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    nouvelle = recovery.ecrire(recovery.nouvelle())
    vault.poser_secours(fichier, cree.cle, nouvelle)
    assert vault.ouvrir_par_secours(fichier, nouvelle) == cree.cle
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_par_secours(fichier, cree.cle_secours)


def test_an_existing_vault_is_never_overwritten(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    with pytest.raises(vault.CoffreAbime):
        vault.creer_coffre(fichier, "autre", "line")
    assert vault.ouvrir_coffre(fichier, MOT) == cree.cle


def test_the_second_copy_replaces_a_lost_first(fichier: Path) -> None:
    cree = vault.creer_coffre(fichier, MOT, "line")
    vault.chemin_coffre(fichier).write_bytes(b"{ torn")
    assert vault.ouvrir_coffre(fichier, MOT) == cree.cle
    vault.chemin_coffre(fichier).unlink()
    assert vault.ouvrir_coffre(fichier, MOT) == cree.cle


def _abimer(fichier: Path, changement: dict[str, object]) -> None:
    coffre = vault.chemin_coffre(fichier)
    valeur = json.loads(coffre.read_text())
    valeur["enveloppes"][0] |= changement
    for copie in (coffre, coffre.with_name(coffre.name + ".copie")):
        copie.write_text(json.dumps(valeur))


@pytest.mark.attaque(
    "Enveloppe de clé forgée",
    tente="paramètres Argon2 démesurés, sel et nonce faux",
    constat="refusée avant tout calcul")
@pytest.mark.parametrize("changement", [
    {"memoire_kio": 1 << 30}, {"passes": 10**6}, {"voies": 0}, {"passes": "x"}, {"sel": "***"},
    {"nonce": "AAAA"}, {"cle": 3}])
def test_a_forged_envelope_is_refused_at_once(fichier: Path,
                                              changement: dict[str, object]) -> None:
    vault.creer_coffre(fichier, MOT, "line")
    _abimer(fichier, changement)
    with pytest.raises(vault.CoffreAbime):
        vault.ouvrir_coffre(fichier, MOT)


def test_the_seal_binds_the_account(fichier: Path) -> None:
    vault.creer_coffre(fichier, MOT, "line")
    _abimer(fichier, {"compte": "intrus"})
    with pytest.raises(vault.MotDePasseRefuse):
        vault.ouvrir_coffre(fichier, MOT, "intrus")


@pytest.mark.parametrize("contenu", [b"", b"[]", b"{}", b'{"format": "autre"}', b"\xff\xfe",
                                     b'{"format": "pleiade-coffre", "version": 1, '
                                     b'"empreinte": "x", "enveloppes": [1]}'])
def test_what_is_not_a_vault_is_said_damaged(fichier: Path, contenu: bytes) -> None:
    vault.chemin_coffre(fichier).write_bytes(contenu)
    with pytest.raises(vault.CoffreAbime):
        vault.ouvrir_coffre(fichier, MOT)


def test_a_missing_vault_is_named(fichier: Path) -> None:
    with pytest.raises(vault.CoffreAbime, match=r"cabinet\.coffre\.json"):
        vault.ouvrir_coffre(fichier, MOT)


def test_the_vault_of_a_server_names_neither_user_nor_password() -> None:
    chemin = vault.chemin_coffre("postgresql://line:secret@serveur/pleiade")
    assert chemin == vault.chemin_coffre("postgresql+psycopg://paul@serveur/pleiade")
    assert "secret" not in str(chemin)


# --- recovery key ------------------------------------------------------------------------------

@given(st.binary(min_size=20, max_size=20))
def test_a_recovery_key_reads_back(secret: bytes) -> None:
    texte = recovery.ecrire(secret)
    assert len(texte.split("-")) == 8
    assert recovery.lire(texte) == secret
    assert recovery.lire(texte.lower().replace("-", " – ")) == secret
    assert recovery.lire(texte.replace("0", "o").replace("1", "l")) == secret


@settings(max_examples=300)
@given(st.binary(min_size=20, max_size=20), st.integers(0, 39), st.integers(1, 31))
def test_one_wrong_character_is_seen_and_its_group_named(secret: bytes, place: int,
                                                         ecart: int) -> None:
    symboles = list(recovery.ecrire(secret).replace("-", ""))
    avant = recovery.ALPHABET.index(symboles[place])
    symboles[place] = recovery.ALPHABET[avant ^ ecart]
    with pytest.raises(CleSecoursMalSaisie) as refus:
        recovery.lire("".join(symboles))
    assert refus.value.groupe == place // 5 + 1


@settings(max_examples=300)
@given(st.binary(min_size=20, max_size=20), st.integers(0, 38))
def test_two_swapped_neighbours_are_seen(secret: bytes, place: int) -> None:
    symboles = list(recovery.ecrire(secret).replace("-", ""))
    if symboles[place] == symboles[place + 1]:
        return
    symboles[place], symboles[place + 1] = symboles[place + 1], symboles[place]
    with pytest.raises(CleSecoursMalSaisie):
        recovery.lire("".join(symboles))


@given(st.binary(min_size=20, max_size=20), st.permutations(range(8)))
def test_groups_in_another_order_are_seen(secret: bytes, ordre: list[int]) -> None:
    groupes = recovery.ecrire(secret).split("-")
    melange = "-".join(groupes[i] for i in ordre)
    if melange != "-".join(groupes):
        with pytest.raises(CleSecoursMalSaisie):
            recovery.lire(melange)


@pytest.mark.parametrize("texte", ["", "A", "ABCDE-ABCDE", "é" * 40, "0" * 10_000, "U" * 40])
def test_what_is_not_a_recovery_key_is_refused(texte: str) -> None:
    with pytest.raises(CleSecoursMalSaisie):
        recovery.lire(texte)


def test_every_check_weight_is_distinct() -> None:
    assert len({1, *recovery._POIDS}) == 5
    assert len({recovery._fois(i + 1, 29) for i in range(8)}) == 8
