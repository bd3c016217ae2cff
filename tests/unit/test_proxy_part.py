"""The proxy's half of the key of a patient file (`app/proxy/part.py`)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from proxy_doubles import AUTRE_ID, NATIONAL_ID, Banc
from test_proxy_desktop import _annoncer, _ouvrir, _partir

from app.proxy.part import read_keys

pytestmark = pytest.mark.anyio

CLE_1, CLE_2 = "11" * 32, "22" * 32


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def cle(tmp_path: Path) -> Path:
    fichier = tmp_path / "part.key"
    fichier.write_text(CLE_1 + "\n")
    return fichier


@pytest.fixture
def banc(tmp_path: Path, cle: Path) -> Banc:
    banc = Banc(tmp_path, bureau={"part_cle_fichier": "part.key"})
    banc.monde.claims = {"auth_time": int(banc.horloge())}
    return banc


def _b64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _point(cle: X25519PrivateKey) -> str:
    return _b64(cle.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


async def _sceau(banc: Banc, sujet: str = "") -> tuple[dict, bytes, dict]:
    """A seal for a professional: what the workstation sends, and the secret it expects back."""
    reponse = await banc.http.get("/session/part", params={"sujet": sujet} if sujet else {})
    assert reponse.status_code == 200, reponse.text
    ephemere = X25519PrivateKey.generate()
    publique = reponse.json()["cle_publique"]
    commun = ephemere.exchange(X25519PublicKey.from_public_bytes(
        urlsafe_b64decode(publique + "=")))
    import hashlib
    import hmac
    attendu = hmac.new(commun, b"pleiade/part", hashlib.sha256).digest()
    return {"point": _point(ephemere), "version": reponse.json()["version"]}, attendu, \
        reponse.json()


async def test_the_half_opens_the_seal_of_its_professional(banc: Banc) -> None:
    await _ouvrir(banc)
    demande, attendu, _ = await _sceau(banc)
    reponse = await banc.http.post("/session/part", json=demande)
    assert reponse.status_code == 200 and reponse.headers["cache-control"] == "no-store"
    assert reponse.json() == {"part": _b64(attendu)}
    # And again after another login: it is derived, not stored.
    await _ouvrir(banc)
    assert (await banc.http.post("/session/part", json=demande)).json() == {"part": _b64(attendu)}


@pytest.mark.attaque(
    "Clé du dossier : moitié demandée par une autre",
    tente="Demander avec sa session la moitié d’un sceau fait pour une collègue.",
    constat="La moitié donnée est la sienne, qui n’ouvre rien.")
async def test_the_seal_of_a_colleague_opens_for_the_colleague_alone(banc: Banc) -> None:
    await banc.connecter()
    demande, attendu, _ = await _sceau(banc, AUTRE_ID)
    moi = await banc.http.post("/session/part", json=demande)
    assert moi.status_code == 200 and moi.json() != {"part": _b64(attendu)}
    banc.http = banc.appelant()
    await banc.connecter(nationalId=AUTRE_ID)
    elle = await banc.http.post("/session/part", json=demande)
    assert elle.json() == {"part": _b64(attendu)}


@pytest.mark.attaque(
    "Clé du dossier : navigateur resté connecté",
    tente="Demander la moitié avec une authentification d’il y a vingt minutes, ou sans "
          "date.",
    constat="403.")
async def test_a_browser_that_was_still_logged_in_opens_nothing(banc: Banc) -> None:
    banc.monde.claims = {"auth_time": int(banc.horloge()) - 1200}
    await _ouvrir(banc)
    demande, _, _ = await _sceau(banc)
    reponse = await banc.http.post("/session/part", json=demande)
    assert reponse.status_code == 403 and "part" not in reponse.json()
    # Without a date in the id_token, only CIBA proves that somebody was there.
    banc.monde.claims = {}
    await _ouvrir(banc)
    assert (await banc.http.post("/session/part", json=demande)).status_code == 403


async def test_ciba_counts_from_the_opening(banc: Banc) -> None:
    banc.monde.claims = {}
    await banc.connecter()
    demande, attendu, _ = await _sceau(banc)
    assert (await banc.http.post("/session/part", json=demande)).json() == {"part": _b64(attendu)}
    banc.horloge.decalage = 601
    assert (await banc.http.post("/session/part", json=demande)).status_code == 403


async def test_login_by_hand_is_asked_of_psc(banc: Banc) -> None:
    annonce = await banc.http.post("/session/nouvelle", json={
        "clientId": "lps-demo", "retour": "http://127.0.0.1:49152/psc/done", "fraiche": True})
    demande = await _partir(banc, banc.appelant(), annonce.json()["url"])
    assert demande["prompt"] == "login"
    demande = await _partir(banc, banc.appelant(), (await _annoncer(banc))["url"])
    assert "prompt" not in demande


async def test_rotated_key_still_opens_what_the_former_one_sealed(banc: Banc, cle: Path) -> None:
    await banc.connecter()
    demande, attendu, premier = await _sceau(banc)
    cle.write_text(f"{CLE_2}\n{CLE_1}\n")
    assert (await banc.http.post("/session/part", json=demande)).json() == {"part": _b64(attendu)}
    _, _, second = await _sceau(banc)
    assert second["version"] != premier["version"]
    assert second["cle_publique"] != premier["cle_publique"]
    cle.write_text(CLE_2)
    assert (await banc.http.post("/session/part", json=demande)).status_code == 404
    cle.write_text("pas une clé")
    assert (await banc.http.get("/session/part")).status_code == 503


@pytest.mark.parametrize("point", [None, 3, "", "AA", "A" * 200, _b64(b"\0" * 32), "é" * 43])
async def test_points_that_are_none(banc: Banc, point: object) -> None:
    await banc.connecter()
    version = (await _sceau(banc))[0]["version"]
    reponse = await banc.http.post("/session/part", json={"point": point, "version": version})
    assert reponse.status_code == 400


async def test_without_a_session_nor_a_key(banc: Banc, tmp_path: Path) -> None:
    assert (await banc.http.get("/session/part")).status_code == 401
    assert (await banc.http.post("/session/part", json={})).status_code == 401
    (tmp_path / "b").mkdir()
    sans = Banc(tmp_path / "b")
    await sans.connecter()
    assert (await sans.http.get("/session/part")).status_code == 404
    assert NATIONAL_ID not in str(sans.config.bureau)


async def test_the_half_cannot_be_asked_at_will(tmp_path: Path, cle: Path) -> None:
    banc = Banc(tmp_path, bureau={"part_cle_fichier": "part.key"},
                limites={"sollicitations_par_minute": 3})
    await banc.connecter()
    demande, _, _ = await _sceau(banc)
    statuts = [(await banc.http.post("/session/part", json=demande)).status_code
               for _ in range(4)]
    assert statuts == [200, 200, 200, 429]


def test_key_file(tmp_path: Path) -> None:
    fichier = tmp_path / "k"
    for contenu in ("", "zz", "11" * 31, "\xe9"):
        fichier.write_text(contenu, encoding="latin-1")
        with pytest.raises(ValueError):
            read_keys(fichier)
    with pytest.raises(OSError):
        read_keys(tmp_path / "absent")
