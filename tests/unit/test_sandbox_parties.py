"""The parts of the bac à sable, alone: PKI, fault panel, software card, MTOM, resources."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from app.sandbox import certificats, identites
from app.sandbox.carte import Carte, CarteInvalide
from app.sandbox.certificats import STRUCTURE_PROXY, Pki
from app.sandbox.dmp import droits, mtom
from app.sandbox.horloge import Horloge
from app.sandbox.journal import Journal
from app.sandbox.pannes import PanneInvalide, Pannes
from app.sandbox.psc.professionnels import charger
from app.sandbox.soap import FauteSoap


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return certificats.ouvrir(tmp_path_factory.mktemp("pki") / "pki")


def test_pki_is_made_once(pki: Pki) -> None:
    avant = pki.certificat("ca").read_bytes()
    assert certificats.ouvrir(pki.dossier).certificat("ca").read_bytes() == avant
    assert all(c.stat().st_mode & 0o077 == 0 for c in pki.dossier.glob("*.key"))


def test_pki_is_made_again_when_it_expires_or_is_broken(tmp_path: Path) -> None:
    dossier = tmp_path / "pki"
    ca = certificats.ouvrir(dossier).certificat("ca").read_bytes()
    temoin = dossier / "pki.json"
    contenu = json.loads(temoin.read_text())
    contenu["fin"] = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    temoin.write_text(json.dumps(contenu))
    neuf = certificats.ouvrir(dossier).certificat("ca").read_bytes()
    assert neuf != ca
    temoin.write_text("{")
    assert certificats.ouvrir(dossier).certificat("ca").read_bytes() != neuf


def test_shapes_of_the_certificates(pki: Pki) -> None:
    ca = pki.charger_certificat("ca")
    for nom in ("serveur", "proxy-client", "proxy-serveur", "installation", "autre-client",
                "insi-auto", "serveur-expire"):
        pki.charger_certificat(nom).verify_directly_issued_by(ca)
    client = pki.charger_certificat("proxy-client").subject.rfc4514_string()
    assert client == f"CN=pleiade-proxy,OU={STRUCTURE_PROXY},O=CABINET DE DEMONSTRATION,C=FR"
    usage = pki.charger_certificat("installation").extensions.get_extension_for_class(
        x509.KeyUsage).value
    assert usage.content_commitment and not usage.key_encipherment
    assert pki.charger_certificat("serveur-expire").not_valid_after_utc < datetime.now(UTC)
    with pytest.raises(ValueError, match="does not match"):
        pki.charger_certificat("serveur-inconnu").verify_directly_issued_by(ca)


def test_faults_strike_the_times_that_were_asked() -> None:
    pannes = Pannes()
    pannes.poser({"service": "dmp", "operation": "TD3.1", "type": "delai", "fois": 2})
    pannes.poser({"service": "dmp", "type": "http", "valeur": 502, "fois": -1})
    assert [p.type for p in pannes.prendre("dmp", "TD3.1")] == ["delai", "http"]
    assert [p.type for p in pannes.prendre("dmp", "TD2.1")] == ["http"]
    assert pannes.prendre("insi", "recherche_traits") == []
    pannes.prendre("dmp", "TD3.1")
    assert [p.type for p in pannes.prendre("dmp", "TD3.1")] == ["http"]
    pannes.lever(2)
    assert pannes.prendre("dmp", "TD3.1") == []
    assert [p["frappes"] for p in pannes.lister()] == [2]


def test_tls_faults_are_apart() -> None:
    pannes = Pannes()
    pannes.poser({"service": "psc", "type": "certificat_expire"})
    assert pannes.prendre("psc", "token") == [] and pannes.tls_pose("psc")
    assert pannes.tls("edc") == "" and pannes.tls("psc") == "certificat_expire"
    assert pannes.tls("psc") == "" and not pannes.tls_pose("psc")
    pannes.poser({"service": "psc", "type": "refus_connexion", "fois": -1})
    assert pannes.ferme("psc") and not pannes.ferme("dmp")


@pytest.mark.parametrize("demande", [
    {}, {"service": "dmp"}, {"service": "dmp", "type": "inconnu"},
    {"service": "autre", "type": "http"}, {"service": "dmp", "type": "http", "fois": 0},
    {"service": "dmp", "type": "http", "fois": -2}, {"service": "dmp", "type": "http",
                                                     "fois": True}])
def test_faults_that_make_no_sense(demande: dict) -> None:
    with pytest.raises(PanneInvalide):
        Pannes().poser(demande)


def test_journal_is_bounded_and_numbered() -> None:
    journal = Journal(Horloge())
    for rang in range(6000):
        journal.noter("dmp" if rang % 2 else "insi", "x")
    assert len(journal.lister()) == 5000
    assert [ligne["n"] for ligne in journal.lister("dmp", depuis=5998)] == [6000]
    journal.vider()
    assert journal.noter("dmp", "x")["n"] == 6001


def test_clock_moves() -> None:
    horloge = Horloge()
    horloge.decalage_s = 3600
    assert horloge.utc() - datetime.now(UTC) > timedelta(minutes=59)


def test_cards() -> None:
    carte = Carte()
    assert not carte.lire()["presente"]
    for nom in carte.modeles:
        carte.inserer(nom)
        assert carte.lire()["beneficiaires"][0]["position"] == 0
    assert carte.lire()["numero"] == len(carte.modeles)
    for faux in ({"beneficiaires": []}, {"beneficiaires": [1]}, {"etat": "x"},
                 {"beneficiaires": [{"nom": "A", "date_naissance_brute": 1}]},
                 {"beneficiaires": [{"nom": "A"}]}):
        with pytest.raises(CarteInvalide):
            carte.poser(faux)
    with pytest.raises(CarteInvalide):
        carte.inserer("ABSENTE")


TYPE = ('multipart/related; type="application/xop+xml"; start="<r@t>"; '
        'start-info="application/soap+xml"; boundary=B')
RACINE = (b'--B\r\nContent-Type: application/xop+xml; type="application/soap+xml"\r\n'
          b"Content-Transfer-Encoding: binary\r\nContent-ID: <r@t>\r\n\r\n<e/>\r\n")
PARTIE = (b"--B\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: binary\r\n"
          b"Content-ID: <a@t>\r\n\r\n\x00\r\n\n--B pas ici\xff\r\n")


def test_mtom_keeps_bytes() -> None:
    lu = mtom.lire(RACINE + PARTIE.replace(b"--B pas", b"- -B pas") + b"--B--\r\n", TYPE)
    assert lu.enveloppe == b"<e/>"
    assert lu.parties == {"a@t": b"\x00\r\n\n- -B pas ici\xff"}


@pytest.mark.parametrize(("corps", "type_mime"), [
    (RACINE, TYPE), (RACINE + b"--B", TYPE), (RACINE + RACINE + b"--B--", TYPE),
    (PARTIE + b"--B--", TYPE), (b"", TYPE), (RACINE + b"--B--", TYPE.replace("xop+", "")),
    (RACINE + b"--B--", TYPE.replace("; boundary=B", "")),
    (RACINE + b"--B--", TYPE.replace("soap+xml", "x")),
    (RACINE.replace(b"binary", b"base64") + b"--B--", TYPE),
    (RACINE.replace(b"\r\n", b"\n") + b"--B--", TYPE)])
def test_mtom_refuses(corps: bytes, type_mime: str) -> None:
    with pytest.raises(FauteSoap, match="MTOM"):
        mtom.lire(corps, type_mime)


def test_mtom_reference_is_decoded() -> None:
    assert mtom.reference("cid:http%3A%2F%2Fx%2Fdoc%40dmp") == "http://x/doc@dmp"
    partie = mtom.nouvelle_partie("text/xml", b"")
    assert mtom.reference(partie.href) == partie.cid and "%3A" in partie.href


def test_functional_rights_are_those_of_the_sheet() -> None:
    assert droits.droit("TD0.3", "se déclarer", "normal", "60") == "oui"
    assert droits.droit("TD0.3", "se déclarer", "bris_de_glace", "60") == "non"
    assert droits.droit("TD3.2", "documents masqués", "normal", "60") == "oui_auteur"
    assert droits.droit("TD2.1", "alimentation", "bris_de_glace", "60") == "oui"
    assert droits.droit("TD9.9", "", "normal", "60") == "non"
    assert not droits.habilite("92", "89233-1", "lecture")


def test_identities_are_those_of_the_script(racine: Path, shared: Path, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        "make_bac_a_sable", racine / "packaging" / "resources" / "make_bac_a_sable.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    garde = module.CIBLE.read_bytes()
    module.CIBLE = tmp_path / "identites.csv"
    module.main(shared / "data" / "ins_test_identities.csv")
    assert module.CIBLE.read_bytes() == garde


def test_rights_are_a_copy_of_the_sheet(racine: Path, shared: Path) -> None:
    copie = racine / "resources" / "bac_a_sable" / "droits_fonctionnels.csv"
    assert copie.read_bytes() == (shared / "data" / "dmp_droits_fonctionnels.csv").read_bytes()


def test_matricules_are_unique() -> None:
    personnes = identites.charger()
    assert len({p.matricule for p in personnes}) == len(personnes)
    assert all(len(p.matricule) == 15 for p in personnes)


def test_professionals_of_every_kind() -> None:
    tous = charger().values()
    professions = {code for p in tous for code in p.professions}
    assert professions >= {"50", "60", "70", "80", "91", "92"}
    assert any(not p.brut["exercices"] for p in tous)
    assert any(len(e["activites"]) == 2 for p in tous for e in p.brut["exercices"])
    ipa = charger()["899700000073"].userinfo()
    assert ipa["SubjectRefPro"]["exercices"][0]["codeSavoirFaire"] == "SI01"
    assert all(p.id.startswith("8997") for p in tous)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_command_says_one_line_and_stops_on_demand(tmp_path: Path) -> None:
    processus = subprocess.Popen(
        [sys.executable, "-m", "app", "bac-a-sable", "--dossier", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert processus.stdout is not None
        infos = json.loads(processus.stdout.readline())
        processus.send_signal(signal.SIGTERM)
        sortie, erreurs = processus.communicate(timeout=120)
    finally:
        processus.kill()
    assert processus.returncode == 0 and sortie == "" and erreurs == ""
    assert {"controle", "psc", "wallet", "insi", "dmp", "ca", "pki", "proxy_config"} <= set(infos)
    assert infos["psc"].split("/")[2] != infos["wallet"].split("/")[2]
    config = tomllib.loads(Path(infos["proxy_config"]).read_text(encoding="utf-8"))
    assert config["api"]["dmp"]["url"] == infos["dmp"]
    assert Path(config["clients"]["pleiade"]["certificat"]).is_file()
