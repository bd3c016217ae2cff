"""Pro Santé Connect in the desktop's gestures: opening the file, whose account, as what.

Through the real proxy and the bac à sable (SC.PSC.01, SC.PSC.02, SC.PSC.15, SC.INS/PSC.50).
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import creer_dossier_demo
from app.cli.serveurs import BacASable, NavigateurSimule
from app.domain.people import Professionnel
from app.services.errors import ErreurService, Refuse
from app.store import vault, vault_psc
from app.store.vault import MotDePasseRefuse
from app.usecases import identify, ouverture_psc, patients, session
from app.usecases.access import deverrouiller
from app.usecases.context import Contexte
from app.usecases.errors import Refus

CLAIRE, SOPHIE, FONTAINE, SANS_EXERCICE = (
    "899700000016", "899700000024", "899700000107", "899700000099")


@pytest.fixture(autouse=True)
def derivation_rapide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)


@pytest.fixture
def emplacement(bac: BacASable, tmp_path: Path) -> Path:
    chemin = tmp_path / "cabinet.pleiade"
    creer_dossier_demo(chemin, MOT_DE_PASSE, bac.reglages_services)
    return chemin


@pytest.fixture
def ctx(emplacement: Path) -> Iterator[Contexte]:
    contexte = deverrouiller(emplacement, MOT_DE_PASSE)
    yield contexte
    contexte.fermer()


def navigateur(bac: BacASable, qui: str = CLAIRE):
    return NavigateurSimule(bac, qui).ouvrir


def telephone(bac: BacASable, decision: str = "approuver") -> None:
    """The phone answers by itself."""
    httpx.post(f"{bac.controle}/controle/psc/appareil",
               json={"decision": decision, "delai_s": 0.2}).raise_for_status()


def preparer(emplacement: Path, bac: BacASable) -> None:
    """One login after the password: from then on Pro Santé Connect opens the file."""
    ctx = deverrouiller(emplacement, MOT_DE_PASSE)
    session.connecter_navigateur(ctx, navigateur(bac))
    session.deconnecter(ctx)
    ctx.fermer()


def trail(ctx: Contexte, quoi: str) -> list[str]:
    with ctx.store.lecture() as u:
        return [f"{t.resultat} {t.detail}".strip() for t in u.trail.lister(200) if t.quoi == quoi]


def identifiant(ctx: Contexte, nouveau: str) -> None:
    """Give the account another identifier, as if it had been created so."""
    ctx.professionnel = replace(ctx.professionnel, identifiant=nouveau)
    with ctx.store.ecriture() as u:
        u.comptes.enregistrer_professionnel(ctx.compte_id, ctx.professionnel)


# --- opening the file ------------------------------------------------------------------------


def test_after_one_login_pro_sante_connect_opens_the_file(bac: BacASable,
                                                          emplacement: Path) -> None:
    assert ouverture_psc.acces_connus(emplacement) == ()
    with pytest.raises(Refus, match="mot de passe") as refus:
        ouverture_psc.identifier_navigateur(emplacement, navigateur(bac))
    assert refus.value.code == "PSC-PREMIERE-FOIS"
    preparer(emplacement, bac)
    (connu,) = ouverture_psc.acces_connus(emplacement)
    assert (connu.sujet, connu.nom) == (CLAIRE, "Claire MOREAU")
    qui = ouverture_psc.identifier_navigateur(emplacement, navigateur(bac))
    ctx = ouverture_psc.entrer(emplacement, qui, qui.acces[0])
    try:
        assert ctx.qui == "Claire MOREAU" and session.etat_session(ctx).connecte
        assert trail(ctx, "dossier.deverrouillage")[0] == "ok Pro Santé Connect"
        # The session of the opening serves: INSi without another login (SC.PSC.15).
        patient = patients.chercher(ctx, "ADRUN ZOE")[0].id
        assert identify.qualifier_insi(ctx, patient).reponse is not None
    finally:
        session.deconnecter(ctx)
        ctx.fermer()


def test_the_phone_opens_it_too_and_says_no(bac: BacASable, emplacement: Path) -> None:
    preparer(emplacement, bac)
    (connu,) = ouverture_psc.acces_connus(emplacement)
    telephone(bac, "refuser")
    with pytest.raises(Refuse):
        ouverture_psc.identifier_ciba(emplacement, connu, "MOBILE", "42")
    telephone(bac)
    qui = ouverture_psc.identifier_ciba(emplacement, connu, "MOBILE", "42")
    ctx = ouverture_psc.entrer(emplacement, qui, connu)
    assert session.etat_session(ctx).connecte
    session.deconnecter(ctx)
    ctx.fermer()


def test_a_professional_without_an_account_opens_nothing(bac: BacASable,
                                                         emplacement: Path) -> None:
    preparer(emplacement, bac)
    with pytest.raises(Refus, match=r"(?i)sophie nguyen") as refus:
        ouverture_psc.identifier_navigateur(emplacement, navigateur(bac, SOPHIE))
    assert refus.value.code == "PSC-SANS-COMPTE"


@pytest.mark.attaque(
    "Poste ouvert avec la session Pro Santé Connect d’une collègue",
    tente="Une professionnelle du même proxy, identifiée à Pro Santé Connect, demande la moitié "
          "de clé qui ouvre l’enveloppe d’une autre.",
    constat="La moitié donnée est la sienne : l’enveloppe de l’autre ne s’ouvre pas.")
def test_a_colleague_cannot_open_my_envelope(bac: BacASable, emplacement: Path) -> None:
    preparer(emplacement, bac)
    (mien,) = ouverture_psc.acces_connus(emplacement)
    proxy = ouverture_psc._proxy(emplacement)
    proxy.connecter_navigateur(navigateur(bac, SOPHIE), de_nouveau=True)
    part = proxy.part(mien.point, mien.version)
    with pytest.raises(MotDePasseRefuse):
        vault_psc.ouvrir(emplacement, mien, part)
    ouverture_psc.renoncer(proxy)


def test_an_unattended_browser_is_asked_again(bac: BacASable, emplacement: Path) -> None:
    """PSC still knows the browser; the opening wants an authentication by hand."""
    preparer(emplacement, bac)
    demandes = []

    def ouvrir(url: str) -> None:
        demandes.append(httpx.get(url, verify=tls(bac), timeout=60, follow_redirects=False))
        navigateur(bac)(url)

    import ssl

    def tls(bac: BacASable) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(bac.bac.etat["ca"]))

    with pytest.raises(ErreurService):  # the link served once, to our look at it
        ouverture_psc.identifier_navigateur(emplacement, ouvrir, annule=lambda: bool(demandes))
    assert "prompt=login" in demandes[0].headers["location"]
    assert "acr_values=eidas1" in demandes[0].headers["location"]


def test_the_clock_of_an_old_authentication_is_seen(bac: BacASable, emplacement: Path) -> None:
    preparer(emplacement, bac)
    (connu,) = ouverture_psc.acces_connus(emplacement)
    proxy = ouverture_psc._proxy(emplacement)
    proxy.connecter_navigateur(navigateur(bac), de_nouveau=True)
    qui = ouverture_psc.Identifie(proxy, proxy.profil(), (connu,))
    # Another file, another practice: the envelope isn't the one of this vault.
    with pytest.raises(MotDePasseRefuse):
        ouverture_psc.entrer(emplacement, qui, replace(connu, compte="autre"))
    assert proxy.session is None  # the session of an opening that failed is closed


def test_envelopes_follow_the_accounts(bac: BacASable, emplacement: Path, ctx: Contexte) -> None:
    """A colleague's account with an RPPS opens at her first login: PSC only (SC.PSC.02)."""
    from app.domain.roles import Acces
    from app.usecases import comptes

    comptes.ajouter_compte(ctx, Professionnel(SOPHIE, "NGUYEN", "Sophie", "50"),
                           Acces(("titulaire",)), "Un-mot-de-passe-2026!")
    comptes.ajouter_compte(ctx, Professionnel("", "SECRET", "Anne"), Acces(("secretaire",)),
                           "Un-autre-mot-2026!")
    session.connecter_navigateur(ctx, navigateur(bac))
    assert {a.sujet for a in ouverture_psc.acces_connus(emplacement)} == {CLAIRE, SOPHIE}
    session.deconnecter(ctx)
    qui = ouverture_psc.identifier_navigateur(emplacement, navigateur(bac, SOPHIE))
    elle = ouverture_psc.entrer(emplacement, qui, qui.acces[0])
    assert elle.qui == "Sophie NGUYEN"
    session.deconnecter(elle)
    elle.fermer()
    compte = next(c for c in comptes.lister_comptes(ctx) if c.professionnel.nom == "NGUYEN")
    comptes.retirer_compte(ctx, compte.id)
    assert {a.sujet for a in ouverture_psc.acces_connus(emplacement)} == {CLAIRE}
    with pytest.raises(Refus, match="Aucun compte"):
        ouverture_psc.identifier_navigateur(emplacement, navigateur(bac, SOPHIE))


def test_a_damaged_vault_offers_no_psc(emplacement: Path) -> None:
    vault.chemin_coffre(emplacement).write_text("{}")
    Path(f"{vault.chemin_coffre(emplacement)}.copie").write_text("{}")
    assert ouverture_psc.acces_connus(emplacement) == ()


# --- whose account (SC.PSC.02) ----------------------------------------------------------------


def test_the_rpps_of_the_account_is_recognised_without_a_word(bac: BacASable,
                                                              ctx: Contexte) -> None:
    etat = session.connecter_navigateur(ctx, navigateur(bac))
    assert etat.connecte and etat.nom == "CLAIRE MOREAU"
    with ctx.store.lecture() as u:
        assert u.comptes.subject_name_id(ctx.compte_id) == CLAIRE


def test_somebody_elses_identity_is_sent_away(bac: BacASable, ctx: Contexte) -> None:
    with pytest.raises(Refus, match="autre professionnel"):
        session.connecter_navigateur(ctx, navigateur(bac, SOPHIE))
    assert not session.etat_session(ctx).connecte
    assert ctx.services.exiger_proxy().session is None
    assert trail(ctx, "session.refus")


def test_an_account_without_rpps_is_tied_once_its_user_says_so(bac: BacASable, emplacement: Path,
                                                               ctx: Contexte) -> None:
    """Local account, log in by PSC, link, log out, in by PSC, in by password: same account."""
    identifiant(ctx, "interne-0123456789ab")
    with pytest.raises(session.RattachementDemande, match="Claire MOREAU") as demande:
        session.connecter_navigateur(ctx, navigateur(bac))
    assert not session.etat_session(ctx).connecte  # nothing is possible before the answer
    with pytest.raises(Refus):
        _ = ctx.services.profil
    session.rattacher(ctx, demande.value)
    assert session.etat_session(ctx).connecte
    assert ctx.professionnel.identifiant == CLAIRE and trail(ctx, "compte.rattachement")
    session.deconnecter(ctx)
    qui = ouverture_psc.identifier_navigateur(emplacement, navigateur(bac))
    par_psc = ouverture_psc.entrer(emplacement, qui, qui.acces[0])
    par_mot = deverrouiller(emplacement, MOT_DE_PASSE)
    assert par_psc.compte_id == par_mot.compte_id == ctx.compte_id
    session.deconnecter(par_psc)
    par_psc.fermer()
    par_mot.fermer()


def test_a_tie_that_is_refused_leaves_nothing(bac: BacASable, ctx: Contexte) -> None:
    identifiant(ctx, "0930000017")
    with pytest.raises(session.RattachementDemande):
        session.connecter_navigateur(ctx, navigateur(bac))
    assert not session.refuser_rattachement(ctx).connecte
    assert ctx.services.exiger_proxy().session is None
    with ctx.store.lecture() as u:
        assert u.comptes.subject_name_id(ctx.compte_id) == ""


@pytest.mark.attaque(
    "Compte rattaché à la collègue restée connectée dans le navigateur",
    tente="depuis un compte sans RPPS, s’identifier dans un navigateur où une collègue est encore "
          "connectée à Pro Santé Connect, puis répondre « c’est moi »\u00a0; répondre à une "
          "proposition alors que la session a changé",
    constat="il faut s’authentifier de nouveau\u00a0; une authentification ancienne, "
            "que le proxy voit, ne rattache rien et la session est fermée\u00a0; une proposition "
            "périmée est refusée")
def test_a_browser_left_logged_in_ties_nobody(bac: BacASable, ctx: Contexte,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    from app.services.proxy_client import ProxyClient

    identifiant(ctx, "interne-0123456789ab")
    demandes: list[bool] = []
    vraie, part = ProxyClient.connecter_navigateur, ProxyClient.part

    def connecter(proxy: ProxyClient, *mots: object, de_nouveau: bool = False) -> object:
        demandes.append(de_nouveau)
        return vraie(proxy, *mots, de_nouveau=de_nouveau)  # type: ignore[arg-type]

    def ancienne(proxy: ProxyClient, point: str, version: str) -> str:
        part(proxy, point, version)  # the real proxy takes it
        raise Refuse("ancienne", service="psc", code="PSC-ANCIENNE")

    monkeypatch.setattr(ProxyClient, "connecter_navigateur", connecter)
    monkeypatch.setattr(ProxyClient, "part", ancienne)
    with pytest.raises(Refuse) as refus:
        session.connecter_navigateur(ctx, navigateur(bac))
    assert refus.value.code == "PSC-ANCIENNE" and demandes == [True]
    assert ctx.services.exiger_proxy().session is None
    assert trail(ctx, "session.refus") == ["authentification non prouvée"]
    monkeypatch.setattr(ProxyClient, "part", part)
    with pytest.raises(session.RattachementDemande) as demande:
        session.connecter_navigateur(ctx, navigateur(bac))
    session.deconnecter(ctx)
    with pytest.raises(session.RattachementDemande):
        session.connecter_navigateur(ctx, navigateur(bac, SOPHIE))
    with pytest.raises(Refus, match="n’est plus celle"):
        session.rattacher(ctx, demande.value)
    with ctx.store.lecture() as u:
        assert u.comptes.subject_name_id(ctx.compte_id) == ""
    session.deconnecter(ctx)


def test_several_accounts_of_one_professional(bac: BacASable, emplacement: Path,
                                              ctx: Contexte) -> None:
    from app.domain.roles import Acces
    from app.usecases import comptes

    second = comptes.ajouter_compte(ctx, Professionnel("", "MOREAU", "Claire-Gestion"),
                                    Acces(("titulaire", "administrateur")), "Un-second-mot-2026!")
    session.connecter_navigateur(ctx, navigateur(bac))
    gestion = deverrouiller(emplacement, "Un-second-mot-2026!")
    with pytest.raises(session.RattachementDemande) as demande:
        session.connecter_navigateur(gestion, navigateur(bac))
    assert demande.value.autres == ("Claire MOREAU",)
    session.rattacher(gestion, demande.value)
    assert gestion.professionnel.identifiant.startswith("interne-")  # one RPPS, one account
    session.deconnecter(gestion)
    gestion.fermer()
    qui = ouverture_psc.identifier_navigateur(emplacement, navigateur(bac))
    assert [a.nom for a in qui.acces] == ["Claire MOREAU", "Claire-Gestion MOREAU"]
    ouvert = ouverture_psc.entrer(emplacement, qui, qui.acces[1])
    assert ouvert.compte_id == second.id
    session.deconnecter(ouvert)
    ouvert.fermer()


# --- as what -----------------------------------------------------------------------------------


def test_situation_is_chosen_when_there_are_several(bac: BacASable, ctx: Contexte) -> None:
    identifiant(ctx, FONTAINE)
    etat = session.connecter_navigateur(ctx, navigateur(bac, FONTAINE))
    assert etat.a_choisir and len(etat.situations) == 2
    patient = patients.chercher(ctx, "ADRUN ZOE")[0].id
    with pytest.raises(Refus, match="situation d’exercice"):
        identify.qualifier_insi(ctx, patient)
    etat = session.choisir_situation(ctx, etat.situations[1])
    assert not etat.a_choisir and etat.situation is not None and etat.situation.secteur == "SA05"
    assert ctx.services.profil.situations == (etat.situation,)
    identify.qualifier_insi(ctx, patient)
    appel = httpx.get(f"{bac.controle}/controle/journal", params={"service": "insi"}).json()[-1]
    assert appel["secteur"] == "SA05"
    # Kept for next time, and may be changed.
    session.deconnecter(ctx)
    etat = session.connecter_navigateur(ctx, navigateur(bac, FONTAINE))
    assert etat.situation is not None and etat.situation.secteur == "SA05"
    session.choisir_situation(ctx, etat.situations[0])
    with pytest.raises(Refus):
        session.choisir_situation(ctx, replace(etat.situations[0], secteur="SA99"))


def test_the_situation_of_the_practice_needs_no_choice(bac: BacASable, ctx: Contexte) -> None:
    identifiant(ctx, FONTAINE)
    ctx.structure = replace(ctx.structure, identifiant="1630009999")
    etat = session.connecter_navigateur(ctx, navigateur(bac, FONTAINE))
    assert etat.situation is not None and etat.situation.structure_identifiant == "1630009999"


def test_a_professional_without_exercise_acts_as_the_practice_says(bac: BacASable,
                                                                   ctx: Contexte) -> None:
    identifiant(ctx, SANS_EXERCICE)
    etat = session.connecter_navigateur(ctx, navigateur(bac, SANS_EXERCICE))
    assert etat.connecte and not etat.a_choisir and etat.situations == ()
    assert ctx.services.profil.situations == ()


# --- life ------------------------------------------------------------------------------------


def test_the_state_follows_the_proxy(bac: BacASable, ctx: Contexte) -> None:
    session.connecter_navigateur(ctx, navigateur(bac))
    proxy = ctx.services.exiger_proxy()
    avant = proxy.session
    assert avant is not None
    assert session.actualiser_session(ctx).connecte
    apres = proxy.session
    assert apres is not None and apres.psc_active
    # Another login of the same professional, elsewhere, takes the session over.
    ailleurs = ouverture_psc._proxy(ctx.store.emplacement)
    ailleurs.connecter_navigateur(navigateur(bac))
    assert not session.actualiser_session(ctx).connecte
    ailleurs.deconnecter()
    ailleurs.fermer()


def test_logout_ends_the_session_at_psc(bac: BacASable, ctx: Contexte) -> None:
    session.connecter_navigateur(ctx, navigateur(bac))
    session.deconnecter(ctx)
    fins = httpx.get(f"{bac.controle}/controle/journal",
                     params={"service": "psc", "operation": "logout"}).json()
    assert len(fins) == 1
    assert trail(ctx, "session.fermeture") == ["ok"]
