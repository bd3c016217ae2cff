"""Second factor and temporary passwords: at the door, once, and never twice (IAM.92)."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pyotp
import pytest
import zxingcpp
from PIL import Image

from app.__main__ import main
from app.domain.people import Professionnel
from app.domain.roles import Acces
from app.store import essais, vault
from app.usecases import access, comptes, mots_de_passe, robustesse
from app.usecases import second_facteur as sf
from app.usecases.errors import Refus
from app.usecases.essais import TropEssais
from tests.sauvegarde_outils import MOT, Cabinet, creer

SOPHIE = Professionnel("", "SECRETAIRE", "SOPHIE", "")


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


class Telephone:
    """An authenticator that read the QR code."""

    def __init__(self, cabinet: Cabinet) -> None:
        enrolement = sf.preparer_second_facteur(cabinet.ctx)
        image = Image.open(io.BytesIO(sf.image_qr(cabinet.ctx, enrolement)))
        self.totp = pyotp.parse_uri(zxingcpp.read_barcodes(image)[0].text)
        self.secours = sf.activer_second_facteur(cabinet.ctx, enrolement, self.code())

    def code(self, decalage_s: int = 0) -> str:
        return str(self.totp.at(int(time.time()) + decalage_s))


def _oublier(cabinet: Cabinet) -> None:
    """The step used to enrol is not the one of the tests."""
    with cabinet.ctx.store.ecriture() as u:
        cle = f"compte.{cabinet.ctx.compte_id}.second_facteur"
        u.reglages.ecrire(cle, u.reglages.lire(cle) | {"dernier": 0})


def test_the_qr_code_enrols_and_the_code_opens_once(cabinet: Cabinet) -> None:
    telephone = Telephone(cabinet)
    _oublier(cabinet)
    assert telephone.totp.issuer == "Pléiade" and telephone.totp.name == "LINE INFIRMIERE"
    with pytest.raises(sf.CodeDemande):
        access.deverrouiller(cabinet.fichier, MOT)
    assert essais.lire(cabinet.fichier).rates == 0
    code = telephone.code()
    access.deverrouiller(cabinet.fichier, MOT, code=f"{code[:3]} {code[3:]}").fermer()
    with cabinet.ctx.store.lecture() as u:
        assert u.trail.lister(1)[0].detail == "mot de passe, code"


@pytest.mark.attaque("Rejeu d’un code à usage unique",
                     tente="redonner le même code, puis un code antérieur encore valable",
                     constat="refusé : un pas de temps déjà employé ne sert plus")
def test_a_code_is_refused_the_second_time(cabinet: Cabinet) -> None:
    telephone = Telephone(cabinet)
    _oublier(cabinet)
    code, avant = telephone.code(), telephone.code(-30)
    access.deverrouiller(cabinet.fichier, MOT, code=code).fermer()
    for rejoue in (code, avant):
        with pytest.raises(sf.CodeRefuse):
            access.deverrouiller(cabinet.fichier, MOT, code=rejoue)


def test_clocks_may_drift_by_one_step(cabinet: Cabinet) -> None:
    telephone = Telephone(cabinet)
    instant = 1_800_000_015.0
    for ecart, bon in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        _oublier(cabinet)
        with cabinet.ctx.store.ecriture() as u:
            code = str(telephone.totp.at(int(instant) + ecart))
            if bon:
                assert sf.verifier_code(u, cabinet.ctx.compte_id, code,
                                        maintenant=lambda: instant) == "code"
            else:
                with pytest.raises(sf.CodeRefuse):
                    sf.verifier_code(u, cabinet.ctx.compte_id, code, maintenant=lambda: instant)


@pytest.mark.attaque("Deviner le code quand le mot de passe est connu",
                     tente="codes au hasard avec le bon mot de passe, entrecoupés d’essais sans "
                           "code",
                     constat="chaque code compte comme un échec ; attente au cinquième, une heure "
                             "au dixième")
def test_guessing_codes_locks_as_guessing_passwords_does(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    Telephone(cabinet)
    for n in range(1, 6):
        with pytest.raises(sf.CodeRefuse):
            access.deverrouiller(cabinet.fichier, MOT, code="000000")
        if n < 5:
            with pytest.raises(sf.CodeDemande):
                access.deverrouiller(cabinet.fichier, MOT)
        assert essais.lire(cabinet.fichier).rates == n
    with pytest.raises(access.TropEssais):
        access.deverrouiller(cabinet.fichier, MOT, code="000000")
    with cabinet.ctx.store.lecture() as u:
        assert [t.detail for t in u.trail.lister() if t.resultat == "refuse"] == [
            "CODE-REFUSE"] * 5


@pytest.mark.attaque("Retirer ou remplacer le second facteur d’un poste laissé ouvert",
                     tente="essayer des codes pour le retirer, enrôler un autre téléphone",
                     constat="chaque code faux compte comme à la porte, et se voit au journal ; un "
                             "second facteur ne se remplace pas sans un de ses codes")
def test_an_open_screen_doesn_t_take_the_factor_away(cabinet: Cabinet) -> None:
    telephone = Telephone(cabinet)
    with pytest.raises(Refus, match="déjà un second facteur"):
        sf.preparer_second_facteur(cabinet.ctx)
    autre = pyotp.random_base32()
    with pytest.raises(Refus, match="déjà un second facteur"):
        sf.activer_second_facteur(cabinet.ctx, sf.Enrolement(autre, ""), pyotp.TOTP(autre).now())
    for _ in range(5):
        with pytest.raises(sf.CodeRefuse):
            sf.desactiver_second_facteur(cabinet.ctx, "000000")
    with pytest.raises(TropEssais):
        sf.desactiver_second_facteur(cabinet.ctx, telephone.secours[0])
    with cabinet.ctx.store.lecture() as u:
        assert [(t.resultat, t.detail) for t in u.trail.lister(5)] == [
            ("echec", "désactivation")] * 5
    comptes.lever_blocage(cabinet.ctx)
    sf.desactiver_second_facteur(cabinet.ctx, telephone.secours[0])
    assert sf.etat_second_facteur(cabinet.ctx) == ("", 0)


@pytest.mark.attaque("Un même code présenté en parallèle",
                     tente="huit ouvertures simultanées avec le même code",
                     constat="une seule passe")
def test_one_code_opens_one_door(cabinet: Cabinet) -> None:
    telephone = Telephone(cabinet)
    _oublier(cabinet)
    code, issues = telephone.code(), []

    def essayer() -> None:
        try:
            with cabinet.ctx.store.ecriture() as u:
                issues.append(sf.verifier_code(u, cabinet.ctx.compte_id, code))
        except sf.CodeRefuse:
            issues.append("refus")

    fils = [Thread(target=essayer) for _ in range(8)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert sorted(issues) == ["code"] + ["refus"] * 7


def test_a_backup_code_serves_once_and_an_administrator_helps(cabinet: Cabinet) -> None:
    telephone = Telephone(cabinet)
    secours = telephone.secours[3]
    access.deverrouiller(cabinet.fichier, MOT, code=secours.lower().replace("-", " ")).fermer()
    assert sf.etat_second_facteur(cabinet.ctx)[1] == sf.CODES_SECOURS - 1
    with pytest.raises(sf.CodeRefuse):
        access.deverrouiller(cabinet.fichier, MOT, code=secours)
    with pytest.raises(sf.CodeRefuse):
        sf.desactiver_second_facteur(cabinet.ctx, "000000")
    sf.retirer_second_facteur(cabinet.ctx, cabinet.ctx.compte_id)
    access.deverrouiller(cabinet.fichier, MOT).fermer()
    with pytest.raises(Refus, match="pas de second facteur"):
        sf.retirer_second_facteur(cabinet.ctx, cabinet.ctx.compte_id)
    with cabinet.ctx.store.lecture() as u:
        assert [t.detail for t in u.trail.lister() if t.quoi == "compte.second_facteur"] == [
            "retrait par un administrateur", "désactivation", "activation"]


def test_a_wrong_first_code_activates_nothing_and_the_secret_is_not_shown(
        cabinet: Cabinet) -> None:
    enrolement = sf.preparer_second_facteur(cabinet.ctx)
    with pytest.raises(sf.CodeRefuse, match="Rien n’a été modifié"):
        sf.activer_second_facteur(cabinet.ctx, enrolement, "000000")
    assert sf.etat_second_facteur(cabinet.ctx) == ("", 0)
    assert enrolement.secret not in repr(enrolement)
    Telephone(cabinet)
    cabinet.ctx.store.fermer()
    secret = enrolement.secret.encode()
    assert all(secret not in f.read_bytes() for f in Path(cabinet.fichier).parent.iterdir()
               if f.is_file())


def test_the_return_from_a_lock_asks_for_the_password_alone(cabinet: Cabinet) -> None:
    Telephone(cabinet)
    access.deverrouiller(cabinet.fichier, MOT, code=None).fermer()


def test_the_command_asks_for_the_code_and_takes_a_factor_away(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    telephone = Telephone(cabinet)
    _oublier(cabinet)
    monkeypatch.setenv("PLEIADE_MOT_DE_PASSE", MOT)
    commande = ["comptes", "lister", "--dossier", str(cabinet.fichier)]
    monkeypatch.delenv("PLEIADE_CODE", raising=False)
    assert main(commande) == 2 and "PLEIADE_CODE" in capsys.readouterr().err
    monkeypatch.setenv("PLEIADE_CODE", telephone.code())
    assert main(commande) == 0 and "LINE INFIRMIERE" in capsys.readouterr().out
    assert main(commande) == 1 and "servi" in capsys.readouterr().err
    monkeypatch.setenv("PLEIADE_CODE", telephone.secours[0])
    numero = str(cabinet.ctx.compte_id)
    assert main(["comptes", "second-facteur", numero, *commande[2:]]) == 0
    monkeypatch.delenv("PLEIADE_CODE")
    assert main(commande) == 0


# --- temporary passwords -----------------------------------------------------------------------

def test_an_invited_colleague_chooses_her_password_at_first_use(cabinet: Cabinet) -> None:
    invitation = comptes.inviter(cabinet.ctx, SOPHIE, Acces(("secretaire",)))
    mot = invitation.mot_de_passe
    assert mot not in repr(invitation) and invitation.compte.a_changer
    with pytest.raises(Refus) as refus:
        access.deverrouiller(cabinet.fichier, mot)
    assert refus.value.code == "MDP-A-CHANGER"
    with pytest.raises(Refus, match="déjà servi"):
        access.renouveler_mot_de_passe(cabinet.fichier, mot, mot)
    access.renouveler_mot_de_passe(cabinet.fichier, mot, "Agenda du lundi, 8h").fermer()
    ctx = access.deverrouiller(cabinet.fichier, "Agenda du lundi, 8h")
    assert ctx.compte_id == invitation.compte.id
    ctx.fermer()
    with pytest.raises(vault.MotDePasseRefuse):
        access.deverrouiller(cabinet.fichier, mot)


def test_an_administrator_resets_retires_and_opens_again(cabinet: Cabinet) -> None:
    ctx = cabinet.ctx
    un = comptes.inviter(ctx, SOPHIE, Acces(("secretaire",))).compte
    mot = mots_de_passe.reinitialiser_mot_de_passe(ctx, un.id)
    with pytest.raises(Refus, match="provisoire"):
        access.deverrouiller(cabinet.fichier, mot)
    with pytest.raises(Refus, match="propre mot de passe"):
        mots_de_passe.reinitialiser_mot_de_passe(ctx, ctx.compte_id)
    comptes.retirer_compte(ctx, un.id)
    with pytest.raises(vault.MotDePasseRefuse):
        access.deverrouiller(cabinet.fichier, mot)
    assert [c.id for c in comptes.lister_comptes(ctx, retires=True)] == [un.id]
    encore = comptes.reactiver_compte(ctx, un.id, Acces(("secretaire",)))
    access.renouveler_mot_de_passe(cabinet.fichier, encore.mot_de_passe,
                                   "Agenda du mardi, 9h").fermer()
    with pytest.raises(Refus, match="retiré"):
        comptes.reactiver_compte(ctx, un.id, Acces(("secretaire",)))
    with ctx.store.lecture() as u:
        actes = [t.quoi for t in u.trail.lister() if t.quoi.startswith("compte.")]
    assert {"compte.creation", "compte.mot_de_passe", "compte.retrait", "compte.reactivation",
            "compte.connexion"} <= set(actes)


def test_identity_attributes_change_under_a_trace(cabinet: Cabinet) -> None:
    from dataclasses import replace

    un = comptes.inviter(cabinet.ctx, SOPHIE, Acces(("secretaire",))).compte
    change = comptes.modifier_identite(cabinet.ctx, un.id, replace(
        un.professionnel, nom="MARTIN", civilite="MME"))
    assert change.professionnel.nom == "MARTIN"
    with cabinet.ctx.store.lecture() as u:
        assert u.trail.lister(1)[0].detail == "nom, civilite"
    with pytest.raises(Refus, match="identifiant"):
        comptes.modifier_identite(cabinet.ctx, un.id, replace(
            un.professionnel, identifiant=cabinet.ctx.professionnel.identifiant))


def test_an_administrator_ends_the_wait(cabinet: Cabinet) -> None:
    for _ in range(5):
        with pytest.raises(vault.MotDePasseRefuse):
            access.deverrouiller(cabinet.fichier, "Pas le bon mot 9")
    assert comptes.etat_blocage(cabinet.ctx).attente_s > 50
    comptes.lever_blocage(cabinet.ctx)
    access.deverrouiller(cabinet.fichier, MOT).fermer()
    with cabinet.ctx.store.lecture() as u:
        lignes = u.trail.lister(8)
    assert [t.resultat for t in lignes if t.quoi == "compte.connexion"] == ["echec"] * 5


# --- strength ----------------------------------------------------------------------------------

@pytest.mark.parametrize("mot", ["Azertyuiop-2026!", "Motdepasse-12345", "Soleil2026!Soleil",
                                 "Bonjour-Bonjour-2", "Infirmière-2026!", "Kinésithérapeute1!"])
def test_what_french_people_choose_is_refused(mot: str) -> None:
    assert any("prévisibles" in f or "variés" in f for f in access.juger_mot_de_passe(mot))


def test_a_temporary_password_is_good_and_never_the_same() -> None:
    tires = {robustesse.provisoire() for _ in range(20)}
    # A name in a word (« Anne » in « année ») would have the invitation refused, now and then.
    assert not any("an" in robustesse.provisoire(("AN",)).casefold() for _ in range(50))
    assert len(robustesse.provisoire(longueur_min=60)) >= 60
    assert len(tires) == 20
    assert all(access.juger_mot_de_passe(m) == [] for m in tires)
    assert robustesse.estimer("") == 0
