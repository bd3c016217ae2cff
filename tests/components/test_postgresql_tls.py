"""PostgreSQL over TLS: what proves the server, what is refused, what several workstations hear."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.certificat import UsageCertificat
from app.domain.people import Professionnel
from app.services import certificats as lecture
from app.store import coffre_serveur, places, serveur
from app.store.changes import Changements
from app.store.engine import Store, ouvrir
from app.store.errors import AccesServeurRefuse, BaseInjoignable, ConnexionNonSure, ErreurStore
from app.store.vault import creer_coffre, identifier
from app.usecases import serveur as usecases_serveur
from app.usecases.access import DemandeCabinet, creer_cabinet, deverrouiller
from app.usecases.changements import Sujet, traduire
from app.usecases.errors import Refus
from tests.centre_outils import CENTRE, MARIAM, MOT_DE_PASSE
from tests.serveur_pg import ServeurTls, postgresql_tls
from tests.store_outils import CLE, decor, identite, nouvelle_base, supprimer_base

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


@pytest.fixture(scope="module")
def pg() -> Iterator[ServeurTls]:
    with postgresql_tls() as demarre:
        nouvelle_base(demarre.url(), "modele", "template1")
        ouvrir(demarre.url("modele")).fermer()
        yield demarre


@pytest.fixture
def url(pg: ServeurTls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    pg.presenter("serveur")
    yield nouvelle_base(pg.url(), "essai")
    supprimer_base(pg.url(), "essai")


def essayer(url: str, attendue: type[ErreurStore] = ConnexionNonSure) -> str:
    """Open, be refused; the sentence."""
    with pytest.raises(attendue) as refus:
        ouvrir(url, CLE).fermer()
    assert "secret" not in f"{refus.value}{refus.value.__cause__}"
    return refus.value.message


@pytest.mark.attaque(
    "TLS de PostgreSQL",
    tente="Se faire passer pour le serveur du cabinet : autre autorité, certificat expiré, autre "
          "nom, échange en clair, adresse qui demande moins de vérification",
    constat="Chaque connexion est refusée en français avant que le mot de passe ne parte")
def test_only_the_proved_server_is_spoken_to(pg: ServeurTls, url: str) -> None:
    store = ouvrir(url, CLE)
    with store.lecture() as u:
        chiffre = u.connexion.exec_driver_sql(
            "SELECT ssl AND version >= 'TLSv1.2' FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert chiffre.scalar_one() is True
    store.fermer()
    assert "autre autorité" in essayer(pg.url("essai", ca="ca-inconnue"))
    assert "autre nom" in essayer(pg.url("essai", hote="cabinet.test", hostaddr="127.0.0.1"))
    for mode in ("disable", "allow", "prefer", "require", "verify-ca"):
        assert "vérifie toujours" in essayer(pg.url("essai", sslmode=mode))
    pg.presenter("serveur-inconnu")
    assert "autre autorité" in essayer(url)
    pg.presenter("serveur-expire")
    assert "expiré" in essayer(url)
    pg.presenter("")
    assert "ne chiffre pas" in essayer(url)
    pg.presenter("serveur")
    assert "introuvable" in essayer(pg.url("essai", ca="", sslrootcert="/nulle/part.pem"))
    ouvrir(url, CLE).fermer()


def test_a_wrong_password_or_base_is_told(pg: ServeurTls, url: str) -> None:
    assert "mot de passe" in essayer(url.replace(":secret@", ":autre@"), AccesServeurRefuse)
    assert "n’existe pas" in essayer(pg.url("absente"), BaseInjoignable)


def test_the_connection_is_kept_by_the_workstation(
        pg: ServeurTls, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(places.VARIABLE, raising=False)
    adresse = serveur.Serveur("127.0.0.1", "essai", "postgres", str(pg.pki.certificat("ca")),
                              pg.port)
    with pytest.raises(ErreurStore, match="pas le certificat"):
        serveur.enregistrer(serveur.Serveur("h", "b", "u", __file__), "x")
    assert places.emplacement_par_defaut() == tmp_path / "donnees" / places.NOM_FICHIER
    gardee = serveur.enregistrer(adresse, "secret")
    assert places.emplacement_par_defaut() == gardee
    ouvrir(gardee, CLE).fermer()
    assert b"secret" not in (tmp_path / "donnees" / "serveur.json").read_bytes()
    serveur.oublier()
    assert places.emplacement_par_defaut() == tmp_path / "donnees" / places.NOM_FICHIER


def test_the_vault_follows_the_base_from_one_workstation_to_another(
        url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    coffre = creer_coffre(url, "Premier-poste-2026", "line")
    un = ouvrir(url, coffre.cle)
    # Another workstation: another data folder, the same base.
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "autre")
    assert not places.chemin_coffre(url).exists()
    assert coffre_serveur.rafraichir(url)
    cle, compte = identifier(url, "Premier-poste-2026")
    assert (cle, compte) == (coffre.cle, "line")
    deux = ouvrir(url, cle)
    deux.poser_mot_de_passe("mariam", "Second-poste-2026")
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    un.poser_mot_de_passe("julie", "Encore-un-poste-2026")
    coffre_serveur.rafraichir(url)
    assert [identifier(url, mot)[1] for mot in (
        "Premier-poste-2026", "Second-poste-2026", "Encore-un-poste-2026")] == [
        "line", "mariam", "julie"]
    un.fermer()
    deux.fermer()


def test_the_key_of_a_certificate_is_sealed_on_the_server(pg: ServeurTls, url: str) -> None:
    paire = lecture.lire_pkcs12((pg.pki.dossier / "structure-insi.p12").read_bytes(),
                                "bac-a-sable")
    coffre = creer_coffre(url, "Premier-poste-2026", "line")
    store = ouvrir(url, coffre.cle)
    with store.ecriture() as u:
        u.certificats.enregistrer(lecture.decrire(paire.certificat), paire.chaine_pem,
                                  paire.cle_der)
        brute = u.connexion.exec_driver_sql("SELECT cle FROM certificat_structure").scalar_one()
        assert bytes(brute) != paire.cle_der
    store.changer_cle()
    with store.lecture() as u:
        apres = u.connexion.exec_driver_sql("SELECT cle FROM certificat_structure").scalar_one()
        assert apres != brute
        assert u.certificats.secret(UsageCertificat.INSI)[1] == paire.cle_der
    store.fermer()
    etranger = ouvrir(url, bytes(32), mettre_a_niveau=False)
    with pytest.raises(ErreurStore, match="illisible"), etranger.lecture() as u:
        u.certificats.secret(UsageCertificat.INSI)
    etranger.fermer()


class Oreille:
    """What one workstation heard."""

    def __init__(self, store: Store) -> None:
        self.recus: list[Changements] = []
        self._nouveau = threading.Condition()
        self.ecoute = store.ecouter(self._noter)
        assert self.ecoute is not None
        assert self.ecoute.branchee.wait(60)

    def _noter(self, changements: Changements) -> None:
        with self._nouveau:
            self.recus.append(changements)
            self._nouveau.notify_all()

    def attendre(self, condition: Callable[[list[Changements]], bool], delai: float = 60) -> None:
        with self._nouveau:
            assert self._nouveau.wait_for(lambda: condition(self.recus), delai), self.recus


def test_others_hear_what_was_committed_and_nothing_else(url: str) -> None:
    un, deux = ouvrir(url, CLE), ouvrir(url, CLE)
    d = decor(un)
    autre, soi = Oreille(deux), Oreille(un)
    with un.ecriture() as u:
        u.agenda.ajouter("2026-06-01", "10:00", d.compte, d.patient)
    autre.attendre(lambda r: len(r) == 1)
    assert autre.recus[0].patients == {d.patient}
    assert traduire(autre.recus[0]).sujets == {Sujet.AGENDA}
    with pytest.raises(RuntimeError), un.ecriture() as u:
        u.agenda.ajouter("2026-06-01", "11:00", d.compte, d.patient)
        raise RuntimeError("undone")
    with un.ecriture() as u:
        p = u.patients.lire(d.patient)
        u.patients.enregistrer_identite(d.patient, identite("AUTRE"), auteur="a", cause="c",
                                        version=p.version)
    autre.attendre(lambda r: len(r) == 2)
    assert traduire(autre.recus[1]) == traduire(Changements(frozenset({"patient"}),
                                                            frozenset({d.patient})))
    assert soi.recus == []
    for oreille in (autre, soi):
        assert oreille.ecoute is not None
        oreille.ecoute.arreter()
    un.fermer()
    deux.fermer()


def test_a_restarted_server_is_heard_again(pg: ServeurTls, url: str) -> None:
    un, deux = ouvrir(url, CLE), ouvrir(url, CLE)
    oreille = Oreille(deux)
    pg.redemarrer()
    oreille.attendre(lambda r: any(c.tout for c in r))
    fin = time.monotonic() + 60
    while True:
        try:
            with un.ecriture() as u:
                u.comptes.ajouter_professionnel(Professionnel("1", "A", "B"))
            break
        except BaseInjoignable:
            assert time.monotonic() < fin
    oreille.attendre(lambda r: any("professionnel" in c.tables for c in r))
    assert oreille.ecoute is not None
    oreille.ecoute.arreter()
    un.fermer()
    deux.fermer()


def test_a_second_workstation_joins_the_practice(
        pg: ServeurTls, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(places.VARIABLE, raising=False)
    ou = serveur.Serveur("127.0.0.1", "essai", "postgres", str(pg.pki.certificat("ca")), pg.port)
    premier = usecases_serveur.rejoindre(ou, "secret")
    assert not premier.cabinet
    cree = creer_cabinet(premier.url, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE))
    cree.contexte.fermer()
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "second")
    second = usecases_serveur.rejoindre(ou, "secret")
    assert second.cabinet
    assert places.emplacement_par_defaut() == second.url
    with pytest.raises(Refus, match="existe déjà"):
        creer_cabinet(second.url, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE))
    ouvert = deverrouiller(second.url, MOT_DE_PASSE)
    assert ouvert.professionnel == MARIAM
    # The password changed on one workstation is the one of the other at once.
    ouvert.store.poser_mot_de_passe(MARIAM.identifiant, "Un-autre-mot-2026")
    ouvert.fermer()
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    deverrouiller(premier.url, "Un-autre-mot-2026").fermer()
    inconnue = str(pg.pki.certificat("ca-inconnue"))
    for faux, message in ((replace(ou, ca="/nulle/part"), "introuvable"),
                          (replace(ou, hote=""), "Indiquez"),
                          (replace(ou, ca=inconnue), "autre autorité")):
        with pytest.raises((Refus, ErreurStore), match=message):
            usecases_serveur.rejoindre(faux, "secret")


class _SansTrousseau:
    """A workstation without a key store: what a bare Linux has."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import keyring
        from keyring.backends.fail import Keyring

        avant = keyring.get_keyring()
        keyring.set_keyring(Keyring())
        monkeypatch.setattr(keyring, "set_password", Keyring().set_password)
        keyring.set_keyring(avant)
        monkeypatch.setattr(keyring, "get_password", Keyring().get_password)
        monkeypatch.setattr(keyring, "delete_password", Keyring().delete_password)


def _redemarrer() -> None:
    """What the process knew is forgotten, as at a new start."""
    serveur._connus.clear()


@pytest.mark.attaque(
    "Mot de passe de la base sur le disque du poste",
    tente="Voler le disque d’un poste sans trousseau et y chercher le mot de passe de PostgreSQL",
    constat="Il n’est nulle part en clair : scellé par la clé du cabinet, que seul un mot de "
            "passe ouvre")
def test_the_password_of_the_base_is_nowhere_in_clear(
        pg: ServeurTls, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(places.VARIABLE, raising=False)
    monkeypatch.setattr(serveur, "_connus", {})
    _SansTrousseau(monkeypatch)
    mot = "Base-ZWYXKOWSKI-2026"
    ou = serveur.Serveur("127.0.0.1", "essai", "poste", str(pg.pki.certificat("ca")), pg.port)
    admin = ouvrir(url, CLE)
    with admin.ecriture() as u:
        u.connexion.exec_driver_sql("DROP ROLE IF EXISTS poste")
        u.connexion.exec_driver_sql(f"CREATE ROLE poste LOGIN SUPERUSER PASSWORD '{mot}'")
    admin.fermer()
    rejoint = usecases_serveur.rejoindre(ou, mot)
    creer_cabinet(rejoint.url, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE)).contexte.fermer()
    lus = [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
    assert len(lus) > 3
    assert not any(mot.encode() in octets for octets in lus)

    _redemarrer()
    adresse = places.emplacement_par_defaut()
    assert isinstance(adresse, str)
    assert mot not in adresse
    with pytest.raises(ErreurStore, match="ncorrect"):
        deverrouiller(adresse, "Un-autre-mot-2026")
    ouvert = deverrouiller(adresse, MOT_DE_PASSE)
    # Changed on another workstation: this one follows, the old password opens nothing.
    ouvert.store.changer_cle()
    with ouvert.store._coffre():
        pass
    ouvert.fermer()
    _redemarrer()
    deverrouiller(adresse, MOT_DE_PASSE).fermer()

    poste = tmp_path / "donnees"
    ailleurs = tmp_path / "ailleurs"
    shutil.copytree(poste, ailleurs)
    monkeypatch.setattr(places, "dossier_donnees", lambda: ailleurs)
    serveur._connus.clear()
    autre = deverrouiller(adresse, MOT_DE_PASSE)
    autre.store.poser_mot_de_passe(MARIAM.identifiant, "Nouveau-mot-2026-centre")
    autre.store.changer_cle()
    autre.fermer()
    monkeypatch.setattr(places, "dossier_donnees", lambda: poste)
    _redemarrer()
    with pytest.raises(ErreurStore):  # its own copy of the vault opened; the base says no
        deverrouiller(adresse, MOT_DE_PASSE)
    deverrouiller(adresse, "Nouveau-mot-2026-centre").fermer()
    # A former version left it in clear: the next opening seals it.
    (poste / "serveur.secret").write_text(mot)
    _redemarrer()
    deverrouiller(places.emplacement_par_defaut(), "Nouveau-mot-2026-centre").fermer()
    assert mot.encode() not in (poste / "serveur.secret").read_bytes()
