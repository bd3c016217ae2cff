"""Accounts: password policy, roles, life cycle, brute force, the right account (IAM.91, IAM.92)."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from app.__main__ import main
from app.domain.mot_de_passe import ESSAIS_MAX, Politique, attente_apres, defauts_politique, juger
from app.domain.people import Professionnel
from app.domain.roles import ROLES, Acces, Droit, defauts_acces, droits, refus_du_jour
from app.store import essais, vault
from app.store.errors import ErreurStore
from app.ui.controllers import acces_taches
from app.usecases import access, comptes, garde, mots_de_passe, settings, traces
from app.usecases.concurrence import ConflitSaisie
from app.usecases.errors import Refus
from tests.comptes_outils import au_jour
from tests.sauvegarde_outils import LINE, MOT, Cabinet, creer

PAUL = Professionnel("899700000024", "REMPLACANT", "PAUL")
SOPHIE = Professionnel("", "SECRETAIRE", "SOPHIE", "")
MOT_PAUL, MOT_SOPHIE = "Tisane-de-fleurs-42", "Agenda du lundi, 8h"
DEMAIN = (date.today() + timedelta(days=30)).isoformat()
HIER = (date.today() - timedelta(days=1)).isoformat()
PERIODE = Acces(("remplacant",), HIER, DEMAIN)


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


def _traces(cabinet: Cabinet, quoi: str) -> list[str]:
    with cabinet.ctx.store.lecture() as u:
        return [t.resultat for t in u.trail.lister() if t.quoi == quoi]


# --- policy ------------------------------------------------------------------------------------

@pytest.mark.parametrize("mot, faute", [
    ("Court-9", "15 caractères"), ("sans majuscule 123", "majuscule"),
    ("SANS MINUSCULE 123", "minuscule"), ("Sans aucun chiffre !", "chiffre"),
    ("Sanssigne1234567", "signe"), ("Aa1-Aa1-Aa1-Aa1-", "variés"),
    ("Infirmiere-de-2026", "nom")])
def test_each_violation_is_named(mot: str, faute: str) -> None:
    assert any(faute in f for f in juger(mot, Politique(), ("INFIRMIERE", "LINE")))


def test_good_passwords_and_policies() -> None:
    assert juger(MOT, Politique(), ("INFIRMIERE", "LINE")) == []
    assert juger("trois classes 123", Politique(classes=3)) == []
    assert defauts_politique(Politique()) == []
    assert len(defauts_politique(Politique(8, 2, 5, 0))) == 4
    assert access.juger_mot_de_passe("Onze-lettres-9") == ["15 caractères au moins"]


def test_waits_grow_to_a_lock_at_ten() -> None:
    attentes = [attente_apres(n) for n in range(1, 12)]
    assert attentes == sorted(attentes) and attentes[:4] == [0] * 4
    assert attentes[ESSAIS_MAX - 1] == 3600 and ESSAIS_MAX <= 10


def test_roles_are_data() -> None:
    assert Droit.CLINIQUE_LIRE not in droits(["secretaire", "administrateur"])
    assert Droit.COMPTES not in droits(["titulaire"]) and droits(["inconnu"]) == frozenset()
    assert set().union(*(r.droits for r in ROLES.values())) == set(Droit)
    assert defauts_acces(Acces(("remplacant",))) and defauts_acces(Acces(()))
    assert defauts_acces(Acces(("pirate",))) and defauts_acces(Acces(("titulaire",), "b", "a"))
    assert not Acces(("administrateur",), au="2030-01-01").administre
    assert refus_du_jour(PERIODE, HIER) == "" and refus_du_jour(PERIODE, "2000-01-01")


# --- several accounts on one vault -------------------------------------------------------------

def test_the_password_opens_its_own_account(cabinet: Cabinet) -> None:
    paul = comptes.ajouter_compte(cabinet.ctx, PAUL, PERIODE, MOT_PAUL)
    sophie = comptes.ajouter_compte(cabinet.ctx, SOPHIE, Acces(("secretaire",)), MOT_SOPHIE)
    assert sophie.professionnel.identifiant.startswith("interne-")
    for mot, attendu in ((MOT, cabinet.ctx.compte_id), (MOT_PAUL, paul.id),
                         (MOT_SOPHIE, sophie.id)):
        ctx = access.deverrouiller(cabinet.fichier, mot)
        assert ctx.compte_id == attendu
        ctx.fermer()
    ctx = access.deverrouiller_par_secours(cabinet.fichier, cabinet.cle_secours)
    assert ctx.compte_id == cabinet.ctx.compte_id
    ctx.fermer()
    assert _traces(cabinet, "compte.creation") == ["ok", "ok"]


def test_a_corrected_identifier_still_opens(cabinet: Cabinet) -> None:
    lus = settings.lire_reglages(cabinet.ctx)
    settings.enregistrer_reglages(cabinet.ctx, replace(
        lus, professionnel=replace(LINE, identifiant="899700000099")))
    assert _traces(cabinet, "compte.identite") == ["ok"]
    comptes.ajouter_compte(cabinet.ctx, PAUL, PERIODE, MOT_PAUL)
    ctx = access.deverrouiller(cabinet.fichier, MOT)
    assert ctx.compte_id == cabinet.ctx.compte_id
    ctx.fermer()


def test_a_practice_older_than_the_accounts_opens_and_administers(cabinet: Cabinet) -> None:
    with cabinet.ctx.store.ecriture() as u:
        u.connexion.exec_driver_sql("DELETE FROM reglage WHERE cle LIKE 'compte.%'")
        u.comptes.enregistrer_professionnel(cabinet.ctx.compte_id,
                                            replace(LINE, identifiant="899700000099"))
    ctx = access.deverrouiller(cabinet.fichier, MOT)
    assert Droit.COMPTES in garde.droits_de(ctx)
    comptes.ajouter_compte(ctx, PAUL, PERIODE, MOT_PAUL)
    ctx.fermer()
    ctx = access.deverrouiller(cabinet.fichier, MOT)
    assert ctx.professionnel.nom == LINE.nom
    ctx.fermer()


def test_accounts_that_can_t_be_made(cabinet: Cabinet) -> None:
    def essayer(qui: Professionnel, acces: Acces, mot: str, motif: str) -> None:
        with pytest.raises(Refus, match=motif):
            comptes.ajouter_compte(cabinet.ctx, qui, acces, mot)

    essayer(PAUL, Acces(("remplacant",)), MOT_PAUL, "date de début")
    essayer(PAUL, PERIODE, "faible", "trop simple")
    essayer(PAUL, PERIODE, MOT, "Choisissez-en un autre")
    essayer(replace(PAUL, nom=" "), PERIODE, MOT_PAUL, "nom")
    essayer(LINE, PERIODE, MOT_PAUL, "identifiant")
    assert len(comptes.lister_comptes(cabinet.ctx)) == 1 == len(vault.comptes(cabinet.fichier))


def test_a_vault_that_can_t_be_written_takes_the_account_back(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    def casser(*_: object) -> None:
        raise ErreurStore("coffre")

    monkeypatch.setattr(vault, "poser_mot_de_passe", casser)
    with pytest.raises(ErreurStore):
        comptes.ajouter_compte(cabinet.ctx, PAUL, PERIODE, MOT_PAUL)
    assert len(comptes.lister_comptes(cabinet.ctx)) == 1


@pytest.mark.attaque(
    "Remplaçant après sa période",
    tente="reculer l’horloge du poste",
    constat="le journal sert d’horloge : refusé")
def test_a_replacement_ends_even_if_the_clock_goes_back(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    comptes.ajouter_compte(cabinet.ctx, PAUL, replace(PERIODE, au=HIER), MOT_PAUL)
    with pytest.raises(Refus, match="terminée"):
        access.deverrouiller(cabinet.fichier, MOT_PAUL)
    au_jour(monkeypatch, HIER)
    with pytest.raises(Refus, match="terminée"):
        access.deverrouiller(cabinet.fichier, MOT_PAUL)
    assert _traces(cabinet, "compte.connexion") == ["refuse", "refuse"]


def test_a_secretary_is_refused_what_she_may_not_do(cabinet: Cabinet, tmp_path: Path) -> None:
    comptes.ajouter_compte(cabinet.ctx, SOPHIE, Acces(("secretaire",)), MOT_SOPHIE)
    ctx = access.deverrouiller(cabinet.fichier, MOT_SOPHIE)
    for geste in (lambda: comptes.ajouter_compte(ctx, PAUL, PERIODE, MOT_PAUL),
                  lambda: comptes.retirer_compte(ctx, cabinet.ctx.compte_id),
                  lambda: comptes.changer_acces(ctx, ctx.compte_id, Acces(("administrateur",))),
                  lambda: mots_de_passe.changer_mot_de_passe(ctx, "Un tout autre mot 7",
                                                       compte_id=cabinet.ctx.compte_id),
                  lambda: mots_de_passe.enregistrer_politique(ctx, Politique()),
                  lambda: settings.enregistrer_reglages(
                      ctx, replace(settings.lire_reglages(ctx), delai_envoi_min=0)),
                  lambda: traces.exporter_traces(ctx, tmp_path / "t.csv")):
        with pytest.raises(Refus, match="administrateur"):
            geste()
    assert _traces(cabinet, "droits.refus") == ["refuse"] * 7
    ctx.fermer()


@pytest.mark.attaque(
    "Perdre le dernier administrateur",
    tente="le retirer, le rétrograder, le dater",
    constat="refusé")
def test_the_last_administrator_can_t_be_lost(cabinet: Cabinet) -> None:
    ctx, moi = cabinet.ctx, cabinet.ctx.compte_id
    for geste in (lambda: comptes.retirer_compte(ctx, moi),
                  lambda: comptes.changer_acces(ctx, moi, Acces(("titulaire",))),
                  lambda: comptes.changer_acces(ctx, moi, Acces(("administrateur",), au=DEMAIN))):
        with pytest.raises(Refus, match="dernier administrateur"):
            geste()
    paul = comptes.ajouter_compte(ctx, PAUL, replace(PERIODE, roles=(
        "remplacant", "administrateur")), MOT_PAUL)
    with pytest.raises(Refus, match="dernier administrateur"):  # a dated one doesn't count
        comptes.changer_acces(ctx, moi, Acces(("titulaire",)))
    comptes.changer_acces(ctx, paul.id, Acces(("titulaire", "administrateur")))
    with pytest.raises(Refus, match="propre compte"):
        comptes.retirer_compte(ctx, moi)
    comptes.changer_acces(ctx, moi, Acces(("titulaire",)))
    assert _traces(cabinet, "compte.droits") == ["ok", "ok"]


def test_a_retired_account_opens_nothing(cabinet: Cabinet) -> None:
    paul = comptes.ajouter_compte(cabinet.ctx, PAUL, PERIODE, MOT_PAUL)
    comptes.retirer_compte(cabinet.ctx, paul.id)
    with pytest.raises(vault.MotDePasseRefuse):
        access.deverrouiller(cabinet.fichier, MOT_PAUL)
    assert [c.id for c in comptes.lister_comptes(cabinet.ctx)] == [cabinet.ctx.compte_id]
    # The envelope left by a crash between file and vault opens no account either.
    cabinet.ctx.store.poser_mot_de_passe("fantome", MOT_PAUL)
    with pytest.raises(Refus, match="retiré"):
        access.deverrouiller(cabinet.fichier, MOT_PAUL)


# --- passwords ---------------------------------------------------------------------------------

def test_history_and_former_password(cabinet: Cabinet) -> None:
    ctx = cabinet.ctx
    mots_de_passe.changer_mot_de_passe(ctx, "Deuxieme mot de passe 2", ancien=MOT)
    for nouveau, ancien in ((MOT, "Deuxieme mot de passe 2"),
                            ("Deuxieme mot de passe 2", "Deuxieme mot de passe 2")):
        with pytest.raises(Refus, match="déjà servi"):
            mots_de_passe.changer_mot_de_passe(ctx, nouveau, ancien=ancien)
    with pytest.raises(vault.MotDePasseRefuse):
        mots_de_passe.changer_mot_de_passe(ctx, "Troisieme mot de passe 3", ancien="faux")
    with pytest.raises(Refus, match="trop simple"):
        mots_de_passe.changer_mot_de_passe(ctx, "court", ancien="Deuxieme mot de passe 2")
    assert sorted(_traces(cabinet, "compte.mot_de_passe")) == ["echec"] * 4 + ["ok"]
    access.deverrouiller(cabinet.fichier, "Deuxieme mot de passe 2").fermer()
    with pytest.raises(vault.MotDePasseRefuse):
        access.deverrouiller(cabinet.fichier, MOT)


def test_expiry_asks_for_a_new_one(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    mots_de_passe.enregistrer_politique(cabinet.ctx, Politique(expiration_jours=90))
    with pytest.raises(Refus):
        mots_de_passe.enregistrer_politique(cabinet.ctx, Politique(longueur_min=4))
    futur = (date.today() + timedelta(days=90)).isoformat()
    au_jour(monkeypatch, futur)
    with pytest.raises(Refus, match="expiré"):
        access.deverrouiller(cabinet.fichier, MOT)
    ctx = access.deverrouiller(cabinet.fichier, MOT, expiration=False)
    mots_de_passe.changer_mot_de_passe(ctx, "Un mot tout neuf 2027", ancien=MOT)
    ctx.fermer()
    access.deverrouiller(cabinet.fichier, "Un mot tout neuf 2027").fermer()


@pytest.mark.attaque(
    "Chercher les mots de passe sur le disque",
    tente="lire tous les fichiers du cabinet",
    constat="aucun mot de passe")
def test_no_password_stands_in_the_clear_anywhere(cabinet: Cabinet, tmp_path: Path) -> None:
    comptes.ajouter_compte(cabinet.ctx, PAUL, PERIODE, MOT_PAUL)
    cabinet.ctx.fermer()
    for fichier in tmp_path.iterdir():
        if fichier.is_file():
            octets = fichier.read_bytes()
            assert MOT.encode() not in octets and MOT_PAUL.encode() not in octets
            assert b"REMPLACANT" not in octets


def test_a_colleague_does_not_uncover_a_locked_screen(cabinet: Cabinet) -> None:
    comptes.ajouter_compte(cabinet.ctx, PAUL, PERIODE, MOT_PAUL)
    acces_taches.verifier(cabinet.fichier, MOT, cabinet.ctx.compte_id)
    with pytest.raises(Refus, match="autre compte"):
        acces_taches.verifier(cabinet.fichier, MOT_PAUL, cabinet.ctx.compte_id)


# --- brute force -------------------------------------------------------------------------------

class Horloge:
    """A clock that tests move."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mur, self.mono = time.time(), 5000.0
        monkeypatch.setattr(essais.time, "time", lambda: self.mur)
        monkeypatch.setattr(essais.time, "monotonic", lambda: self.mono)

    def passer(self, secondes: float) -> None:
        self.mur += secondes
        self.mono += secondes


@pytest.fixture
def horloge(monkeypatch: pytest.MonkeyPatch) -> Horloge:
    return Horloge(monkeypatch)


def _rater(cabinet: Cabinet, horloge: Horloge, fois: int) -> vault.MotDePasseRefuse:
    for _ in range(fois):
        horloge.passer(essais.reste_s(cabinet.fichier))
        with pytest.raises(vault.MotDePasseRefuse) as info:
            access.deverrouiller(cabinet.fichier, "Pas le bon mot 9")
    return info.value


@pytest.mark.attaque(
    "Force brute du verrou",
    tente="dix mots de passe faux, redémarrages, horloge avancée et reculée",
    constat="attentes croissantes puis une heure ; elles survivent à tout")
def test_ten_failures_lock_and_the_wait_outlives_everything(
        cabinet: Cabinet, horloge: Horloge) -> None:
    assert _rater(cabinet, horloge, 4).attente_s == 0
    assert _rater(cabinet, horloge, 1).attente_s == 60
    with pytest.raises(access.TropEssais, match="1 minute"):
        access.deverrouiller(cabinet.fichier, MOT)  # even the right one waits
    assert _rater(cabinet, horloge, 5).attente_s == 3600
    for saut in (0, 10 * 365 * 86400):  # the clock moved forward gains nothing
        horloge.mur += saut
        with pytest.raises(access.TropEssais, match="60 minutes"):
            access.deverrouiller(cabinet.fichier, MOT)
    horloge.passer(3600)
    access.deverrouiller(cabinet.fichier, MOT).fermer()
    assert _traces(cabinet, "compte.connexion") == ["echec"] * 10
    assert essais.lire(cabinet.fichier) == essais.Essais()


@pytest.mark.attaque(
    "Horloge reculée",
    tente="redémarrer avec une horloge d’hier pendant l’attente",
    constat="l’attente recommence une fois, jamais elle ne disparaît")
def test_a_restart_with_the_clock_set_back_waits_again_once(
        cabinet: Cabinet, horloge: Horloge) -> None:
    _rater(cabinet, horloge, 5)
    horloge.mono = 1.0  # the machine was started again
    horloge.mur -= 365 * 86400
    assert essais.reste_s(cabinet.fichier) == 60
    horloge.passer(61)
    assert essais.reste_s(cabinet.fichier) == 0


def test_the_recovery_key_ends_the_lock(cabinet: Cabinet, horloge: Horloge) -> None:
    _rater(cabinet, horloge, 10)
    access.deverrouiller_par_secours(cabinet.fichier, cabinet.cle_secours).fermer()
    access.deverrouiller(cabinet.fichier, MOT).fermer()


@pytest.mark.attaque(
    "Arrêt brutal pendant un essai",
    tente="tuer le programme avant qu’il ne juge le mot de passe",
    constat="l’essai est compté quand même")
def test_a_program_killed_during_a_try_has_used_it(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    vus: list[int] = []

    def tuer(*_: object, **__: object) -> None:
        vus.append(essais.lire(cabinet.fichier).rates)
        raise vault.MotDePasseRefuse

    monkeypatch.setattr(vault, "identifier", tuer)
    with pytest.raises(vault.MotDePasseRefuse):
        access.deverrouiller(cabinet.fichier, MOT)
    assert vus == [1]


def test_a_damaged_vault_or_a_full_disk_is_no_guess(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    coffre = vault.chemin_coffre(cabinet.fichier)
    octets = coffre.read_bytes()
    for fichier in (coffre, coffre.with_name(coffre.name + ".copie")):
        fichier.write_text("{}")
    with pytest.raises(vault.CoffreAbime):
        access.deverrouiller(cabinet.fichier, MOT)
    assert essais.lire(cabinet.fichier).rates == 0
    coffre.write_bytes(octets)

    def plein(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(essais, "ecrire_durablement", plein)
    access.deverrouiller(cabinet.fichier, MOT).fermer()


@pytest.mark.parametrize("contenu", ["", "[]", "[" * 9999, '{"rates": "x"}', "x" * 99999,
                                     '{"rates":1e999,"attente_s":1,"pose_le":0,"mono":0,'
                                     '"dates":[]}'])
def test_a_forged_count_stops_nobody(cabinet: Cabinet, contenu: str) -> None:
    essais._fichier(cabinet.fichier).write_text(contenu)
    access.deverrouiller(cabinet.fichier, MOT).fermer()


# --- command -----------------------------------------------------------------------------------

def test_the_command_from_end_to_end(cabinet: Cabinet, tmp_path: Path,
                                     monkeypatch: pytest.MonkeyPatch,
                                     capsys: pytest.CaptureFixture[str]) -> None:
    def lancer(*mots: str) -> tuple[int, str]:
        code = main(["comptes", mots[0], *mots[1:], "--dossier", str(cabinet.fichier)])
        sortie = capsys.readouterr()
        return code, sortie.out + sortie.err

    monkeypatch.setenv("PLEIADE_NOUVEAU_MOT_DE_PASSE", MOT_PAUL)
    code, dit = lancer("ajouter", "--nom", "REMPLACANT", "--prenom", "PAUL", "--role",
                       "remplacant", "--du", "01/01/2026", "--au", "31/12/2099", "--json")
    assert code == 0 and json.loads(dit)["au"] == "2099-12-31"
    numero = str(json.loads(dit)["compte"])
    code, dit = lancer("lister")
    assert code == 0 and "PAUL REMPLACANT : Remplaçant, du 01/01/2026 au 31/12/2099" in dit
    code, dit = lancer("lister", "--json")
    assert [c["roles"] for c in json.loads(dit)] == [["titulaire", "administrateur"],
                                                     ["remplacant"]]
    code, dit = lancer("politique", "--expiration", "365")
    assert code == 0 and "365 jours" in dit and "10ᵉ échec" in dit
    assert lancer("politique", "--longueur", "4")[0] == 1
    assert json.loads(lancer("politique", "--json")[1])["longueur_min"] == 15
    assert lancer("mot-de-passe")[0] == 1  # Paul's
    monkeypatch.setenv("PLEIADE_NOUVEAU_MOT_DE_PASSE", "Le nouveau mot de 2026")
    assert lancer("mot-de-passe") == (0, "Mot de passe changé.\n")
    assert lancer("lister")[0] == 1
    monkeypatch.setenv("PLEIADE_CLE_SECOURS", cabinet.cle_secours)
    monkeypatch.setenv("PLEIADE_NOUVEAU_MOT_DE_PASSE", "Retrouvé par secours 1")
    assert lancer("mot-de-passe", "--cle-secours")[0] == 0
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", "Retrouvé par secours 1")
    assert lancer("retirer", numero) == (0, "Compte retiré.\n")
    assert lancer("retirer", numero)[0] == 1
    with pytest.raises(SystemExit) as fin:
        lancer("ajouter", "--nom", "X")
    assert fin.value.code == 2


def test_two_administrators_change_the_same_account(cabinet: Cabinet) -> None:
    ctx = cabinet.ctx
    autre = comptes.inviter(ctx, Professionnel("", "SANTINI", "Nathalie", ""),
                            Acces(("secretaire",))).compte
    lu = autre.acces
    comptes.changer_acces(ctx, autre.id, Acces(("secretaire",), "2026-01-01", ""), lu)
    # The other had read it before, and changes something else: both stay.
    reuni = comptes.changer_acces(ctx, autre.id, Acces(("secretaire", "salarie")), lu)
    assert (set(reuni.acces.roles), reuni.acces.du) == ({"secretaire", "salarie"}, "2026-01-01")
    # The same thing: asked, nothing written.
    with pytest.raises(ConflitSaisie, match="les rôles de Nathalie SANTINI") as conflit:
        comptes.changer_acces(ctx, autre.id, Acces(("salarie",)), lu)
    assert [c.code for c in conflit.value.champs] == ["roles"]
    assert conflit.value.par == "Un autre poste"  # one’s own name would say nothing
    conflit.value.appliquer({"roles": "mien"})
    garde = next(c for c in comptes.lister_comptes(ctx) if c.id == autre.id).acces
    assert (garde.roles, garde.du) == (("salarie",), "2026-01-01")
