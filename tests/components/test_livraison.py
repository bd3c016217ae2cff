"""A version and its signature, judged both ways by minisign, which nobody here wrote."""

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app import livraison
from app.__main__ import main
from app.livraison import ClePublique, LivraisonRefusee, lire_cle, verifier

PACKAGING = Path(__file__).parents[2] / "packaging" / "livraison"
MOT = "mot de passe fictif de la cle"


def charger() -> ModuleType:
    fiche = importlib.util.spec_from_file_location("signer_livraison", PACKAGING / "signer.py")
    assert fiche is not None and fiche.loader is not None
    module = importlib.util.module_from_spec(fiche)
    sys.modules["signer_livraison"] = module
    fiche.loader.exec_module(module)
    return module


signer = charger()
CLE = Ed25519PrivateKey.generate()
PUBLIQUE = lire_cle(signer.publique(CLE))


def version(dossier: Path, numero: str = "9.1.0", cle: Ed25519PrivateKey = CLE) -> Path:
    """A signed version; returns its archive."""
    archive = dossier / f"pleiade-{numero}.zip"
    archive.write_bytes(b"PK archive fictive " + numero.encode())
    nomenclature = dossier / f"pleiade-{numero}.cdx.json"
    nomenclature.write_text("{}")
    liste = dossier / f"pleiade-{numero}.sha256"
    liste.write_text("".join(
        f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n"
        for f in (archive, nomenclature)))
    signer.signer(liste, numero, cle)
    return archive


def refus(archive: Path, cle: ClePublique = PUBLIQUE, **options: object) -> str:
    with pytest.raises(LivraisonRefusee) as erreur:
        verifier(archive, [cle], **options)  # type: ignore[arg-type]
    return erreur.value.message


def test_minisign_accepts_what_we_sign(tmp_path: Path) -> None:
    archive = version(tmp_path)
    liste = archive.with_suffix(".sha256")
    commande = ["minisign", "-V", "-P", signer.publique(CLE), "-m", str(liste)]
    fait = subprocess.run(commande, capture_output=True, text=True, check=False)
    assert fait.returncode == 0 and "Trusted comment: pleiade 9.1.0 " in fait.stdout
    liste.write_text(liste.read_text() + "\n")
    assert subprocess.run(commande, capture_output=True, check=False).returncode == 1


def test_we_accept_what_minisign_signs(tmp_path: Path) -> None:
    archive = version(tmp_path)
    liste = archive.with_suffix(".sha256")
    secrete, publique = tmp_path / "k", tmp_path / "k.pub"
    subprocess.run(["minisign", "-G", "-W", "-s", str(secrete), "-p", str(publique)], check=True,
                   capture_output=True)
    subprocess.run(["minisign", "-S", "-s", str(secrete), "-m", str(liste), "-t",
                    "pleiade 9.1.0 2026-11-29"], check=True, capture_output=True)
    sure = verifier(archive, [lire_cle(publique.read_text())])
    assert (sure.version, sure.signee_le, sure.plus_recente) == ("9.1.0", "2026-11-29", True)
    assert sure.cle in publique.read_text()
    assert "clé inconnue" in refus(archive)


def _changer(suffixe: str, geste: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def faire(archive: Path) -> None:
        cible = archive.with_name(archive.name.removesuffix(".zip") + suffixe)
        cible.write_bytes(geste(cible.read_bytes()))

    return faire


def _resigner_ailleurs(archive: Path) -> None:
    version(archive.parent, "9.1.0", Ed25519PrivateKey.generate())


ATTAQUES: dict[str, tuple[Callable[[Path], None], str]] = {
    "archive modifiée": (_changer(".zip", lambda b: b + b"x"), "modifié"),
    "liste modifiée": (_changer(".sha256", lambda b: b.replace(b"a", b"b")), "signature"),
    "mention modifiée": (_changer(".sha256.minisig", lambda b: b.replace(
        b"comment: pleiade 9.1.0", b"comment: pleiade 9.9.9")), "signature"),
    "signature d’un autre": (_resigner_ailleurs, "clé inconnue"),
    "signature tronquée": (_changer(".sha256.minisig", lambda b: b[:150]), "forme"),
    "signature vide": (_changer(".sha256.minisig", lambda b: b""), "forme"),
    "signature énorme": (_changer(".sha256.minisig", lambda b: b * 1000), "trop grand"),
    "signature binaire": (_changer(".sha256.minisig", lambda b: bytes(range(256))), "forme"),
    "sans signature": (lambda a: a.with_suffix(".sha256.minisig").unlink(), "à côté"),
    "sans liste": (lambda a: a.with_suffix(".sha256").unlink(), "à côté"),
    "sans archive": (lambda a: a.unlink(), "n’existe pas"),
}


@pytest.mark.attaque("Mise à jour piégée",
                     tente="archive, liste ou signature modifiée, tronquée, absente, énorme, ou "
                           "signée par une autre clé",
                     constat="chacune est refusée avant que l’archive ne soit ouverte, avec ce "
                             "qu’il faut faire")
@pytest.mark.parametrize("nom", ATTAQUES)
def test_a_trapped_version_is_refused(tmp_path: Path, nom: str) -> None:
    archive = version(tmp_path)
    assert verifier(archive, [PUBLIQUE]).fichier == archive.name
    geste, attendu = ATTAQUES[nom]
    geste(archive)
    assert attendu in refus(archive)


@pytest.mark.attaque("Retour à une version aux défauts connus",
                     tente="proposer une version plus ancienne, pourtant bien signée",
                     constat="refusée, sauf si l’utilisateur le demande expressément")
def test_an_older_version_is_refused_unless_asked(tmp_path: Path) -> None:
    archive = version(tmp_path, "1.9.0")
    assert "plus ancienne" in refus(archive, version_ici="1.10.0")
    assert not verifier(archive, [PUBLIQUE], ancienne=True, version_ici="1.10.0").plus_recente
    assert not verifier(archive, [PUBLIQUE], version_ici="1.9").plus_recente
    assert verifier(archive, [PUBLIQUE], version_ici="1.8.9").plus_recente


def test_a_key_signs_during_its_days_only(tmp_path: Path) -> None:
    """Rotation: two keys live together; a lost one is bounded."""
    archive = version(tmp_path)
    texte, autre = signer.publique(CLE), signer.publique(Ed25519PrivateKey.generate())
    assert verifier(archive, [lire_cle(autre), lire_cle(texte, "2026-01-01", "")])
    assert "hors de ses dates" in refus(archive, lire_cle(texte, "", "2026-01-01"))
    assert "hors de ses dates" in refus(archive, lire_cle(texte, "2999-01-01", ""))
    assert "aucune clé" in _sans_cle(archive)


@pytest.mark.attaque("Version antidatée par une clé volée",
                     tente="signer une version piégée par une clé que l’éditeur a bornée après "
                           "son vol, à une date où elle servait encore",
                     constat="refusée\u00a0: une clé bornée ne sert plus, quel que soit le jour "
                             "que sa signature annonce")
def test_a_stolen_key_can_t_sign_in_the_past(tmp_path: Path) -> None:
    archive, fin = version(tmp_path), date.today() + timedelta(days=1)
    cle = lire_cle(signer.publique(CLE), "2026-01-01", fin.isoformat())
    assert verifier(archive, [cle], aujourdhui=fin)  # signed in its days, read in them
    with pytest.raises(LivraisonRefusee, match="hors de ses dates"):
        verifier(archive, [cle], aujourdhui=fin + timedelta(days=1))


def _sans_cle(archive: Path) -> str:
    with pytest.raises(LivraisonRefusee) as erreur:
        verifier(archive, [])
    return erreur.value.message


@pytest.mark.parametrize("texte", ["", "pas du base64 !", "QUJD", "RWQ" + "A" * 49])
def test_a_wrong_public_key_is_said(texte: str) -> None:
    with pytest.raises(LivraisonRefusee, match="clé publique"):
        lire_cle(texte)


def test_the_list_of_the_file_is_the_nearest(tmp_path: Path) -> None:
    archive = version(tmp_path, "9.1.0")
    version(tmp_path, "9.1")
    assert verifier(archive, [PUBLIQUE]).version == "9.1.0"
    assert verifier(archive.with_name("pleiade-9.1.0.cdx.json"), [PUBLIQUE]).version == "9.1.0"
    etranger = tmp_path / "pleiade-9.1.0.exe"
    etranger.write_bytes(b"MZ")
    assert "ne fait pas partie" in refus(etranger)


def test_the_command_says_whether_it_may_be_installed(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = version(tmp_path)
    commande = ["verifier-livraison", str(archive), "--cle-publique", signer.publique(CLE)]
    assert main([*commande, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == "9.1.0"
    archive.write_bytes(b"autre")
    assert main(commande) == 1
    assert "Ne l’installez pas" in capsys.readouterr().err
    assert main([*commande, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["valide"] is False


def test_the_publisher_s_key_stays_out_of_the_repository(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PLEIADE_CLE_SIGNATURE_MOT", MOT)
    assert signer.main(["creer", str(signer.RACINE / "cle.pem")]) == 1
    assert not (signer.RACINE / "cle.pem").exists()
    cle = tmp_path / "cle.pem"
    assert signer.main(["creer", str(cle)]) == 0
    assert b"ENCRYPTED" in cle.read_bytes() and cle.stat().st_mode & 0o077 == 0
    ligne = capsys.readouterr().out.splitlines()[-1]
    liste = version(tmp_path).with_suffix(".sha256")
    monkeypatch.setenv("PLEIADE_CLE_SIGNATURE", str(cle))
    assert signer.main(["signer", str(liste), "9.1.0"]) == 1
    assert "les postes refuseraient" in capsys.readouterr().err.replace("\n", " ")
    connues = tmp_path / "cles.csv"
    connues.write_text(f"cle;depuis;jusqu_au;note\n{ligne}\n", encoding="utf-8")
    monkeypatch.setattr(signer, "CLES", connues)
    assert signer.main(["signer", str(liste), "9.1.0"]) == 0
    sure = verifier(liste.with_suffix(".zip"), livraison.cles_connues(connues))
    assert sure.version == "9.1.0"
    monkeypatch.setenv("PLEIADE_CLE_SIGNATURE_MOT", "court")
    assert signer.main(["creer", str(tmp_path / "autre.pem")]) == 1


def test_the_keys_of_the_program_can_be_read() -> None:
    assert isinstance(livraison.cles_connues(), list)
