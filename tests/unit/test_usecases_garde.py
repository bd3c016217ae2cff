"""The gate: every use case is behind it or says why not; what a role may not read isn't there."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import app.usecases
from app.domain.confidentialite import (
    TOUTES,
    Categorie,
    Niveau,
    Regard,
    categorie_de,
)
from app.domain.document import EtatDocument, FicheDocument, OrigineDocument
from app.domain.roles import ROLES, Acces, Droit, Role, defauts_role, droits
from app.store.errors import Introuvable
from app.usecases import comptes, dossier, equipes, garde, outbox, patients
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.fiches_comptes import FicheCompte, ecrire_fiche
from app.usecases.garde import Garde
from tests.comptes_outils import au_jour, collegue
from tests.sauvegarde_outils import LINE, Cabinet, creer

#: Public functions without a context that anybody may call: they are pure, or work inside a unit
#: of work that a guarded gesture opened, or come before there is a file. One line, one reason.
SANS_CONTEXTE = {
    "access": "avant l’ouverture : le coffre décide",
    "restore": "avant l’ouverture : le coffre décide",
    "context": "heures", "places": "référentiel public", "types_documents": "référentiel public",
    "about": "version et licences", "identites_csv": "pur", "identites_fhir": "pur",
    "export_csv": "sans dossier : écrit ce qu’un geste gardé lui donne",
    "garde": "la garde elle-même",
}


def _gestes() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in pkgutil.iter_modules(app.usecases.__path__):
        m = importlib.import_module(f"app.usecases.{module.name}")
        for nom, objet in inspect.getmembers(m, inspect.isfunction):
            if not nom.startswith("_") and objet.__module__ == m.__name__:
                yield f"{module.name}.{nom}", objet


GESTES = dict(_gestes())


def _prend_contexte(geste: Callable[..., Any]) -> bool:
    parametres = list(inspect.signature(geste).parameters.values())
    return bool(parametres) and (parametres[0].name == "ctx"
                                 or "Contexte" in str(parametres[0].annotation))


AVEC = {nom: g for nom, g in GESTES.items()
        if _prend_contexte(g) and nom.split(".")[0] not in SANS_CONTEXTE}


def test_every_use_case_is_behind_the_gate_or_says_why_not() -> None:
    oublies = [nom for nom, g in AVEC.items() if not isinstance(getattr(g, "__garde__", 0), Garde)]
    assert oublies == [], "add @exige(Droit.…) or @libre(« raison ») of app.usecases.garde"
    for nom, geste in AVEC.items():
        regle = geste.__garde__
        assert bool(regle.droits) != bool(regle.raison.strip()), nom
    assert sum(bool(g.__garde__.droits) for g in AVEC.values()) > 80


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


@pytest.mark.attaque("Appel direct des gestes par un compte sans droit",
                     tente="appeler chaque geste gardé avec un compte sans aucun rôle",
                     constat="tous refusés avant la première ligne, chaque refus au journal")
def test_an_account_without_rights_is_refused_everywhere(cabinet: Cabinet) -> None:
    ctx = collegue(cabinet)
    gardes = {nom: g for nom, g in AVEC.items() if g.__garde__.droits}
    for nom, geste in gardes.items():
        positionnels = [p for p in list(inspect.signature(geste).parameters.values())[1:]
                        if p.default is p.empty and p.kind is not p.VAR_POSITIONAL
                        and p.kind is not p.VAR_KEYWORD]
        with pytest.raises(Refus) as refus:
            geste(ctx, **{p.name: object() for p in positionnels})
        assert refus.value.code.startswith("DROIT-"), nom
        assert "administrateur" in refus.value.message
    with ctx.store.lecture() as u:
        assert sum(t.quoi == "droits.refus" for t in u.trail.lister(500)) == len(gardes)
    ctx.store.fermer()


@pytest.mark.attaque("Remplaçant hors de ses dates, session restée ouverte",
                     tente="continuer à travailler après le dernier jour du remplacement",
                     constat="tout est refusé, avec la raison ; l’horloge reculée n’y change rien")
def test_a_replacement_that_ended_does_nothing_more(
        cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    hier = (date.today() - timedelta(days=1)).isoformat()
    ctx = collegue(cabinet, "remplacant", profession="60", du="2020-01-01",
                    au=date.today().isoformat())
    assert patients.chercher(ctx, "a", 5) is not None
    with ctx.store.ecriture() as u:
        ecrire_fiche(u, ctx.compte_id, FicheCompte(
            "COLLEGUE", ("remplacant",), "2020-01-01", hier))
    for jour in (None, hier):
        if jour:
            au_jour(monkeypatch, hier)
            garde.oublier()
        with pytest.raises(Refus, match="terminée") as refus:
            patients.chercher(ctx, "a", 5)
        assert refus.value.code == "COMPTE-HORS-PERIODE"
    ctx.store.fermer()


def _deposer(cabinet: Cabinet, type_code: str, numero: int) -> FicheDocument:
    with cabinet.ctx.store.ecriture() as u:
        return u.documents.ajouter(FicheDocument(
            0, 1, OrigineDocument.CABINET, EtatDocument.VALIDE, type_code, f"Titre {numero}",
            "2026-11-20", cabinet.ctx.qui, cda_id=f"1.2.{numero}",
            auteur_id=cabinet.ctx.compte_id), cda=b"<a/>", pdf=None)


@pytest.mark.attaque("Secrétaire devant le contenu de soins",
                     tente="ouvrir un dossier, lister, lire par numéro un compte rendu",
                     constat="le magasin ne rend que les documents administratifs")
def test_a_secretary_never_meets_clinical_content(cabinet: Cabinet) -> None:
    soin, admin = _deposer(cabinet, "11488-4", 1), _deposer(cabinet, "51851-4", 2)
    dossier.ajouter_observation(cabinet.ctx, 1, "Plaie propre")
    with cabinet.ctx.store.ecriture() as u:
        outbox.ajouter_ordre_dmp(u, document_id=soin.id, patient_id=1,
                                 auteur_id=cabinet.ctx.compte_id, delai_min=5,
                                 retenir_envoi=False)
    ctx = collegue(cabinet, "secretaire")
    vu = dossier.ouvrir_dossier(ctx, 1)
    assert [li.document_id for li in vu.documents.lignes] == [admin.id] and vu.observations == ()
    with ctx.store.lecture() as u:
        assert u.documents.lire(admin.id).titre == "Titre 2" and u.outbox.lister() == []
        for numero in (soin.id, 999):  # a hidden document and a missing one look the same
            with pytest.raises(Introuvable, match="n’est pas dans le dossier"):
                u.documents.lire(numero)
        with pytest.raises(Introuvable):
            u.observations.lire(1)
    with pytest.raises(Refus, match="écrire dans le dossier de soins"):
        dossier.ajouter_observation(ctx, 1, "…")
    vu = dossier.ouvrir_dossier(cabinet.ctx, 1)
    assert len(vu.documents.lignes) == 2 and len(vu.observations) == 1
    ctx.store.fermer()


def test_how_colleagues_are_protected_is_for_who_keeps_the_accounts(cabinet: Cabinet) -> None:
    """Who has no second factor, or a password not yet changed, is where one would begin."""
    for role in ("secretaire", "salarie"):
        autre = collegue(cabinet, role, nom=role.upper())
        with pytest.raises(Refus, match="comptes"):
            comptes.lister_comptes(autre)
        assert cabinet.ctx.compte_id in equipes.noms_des_comptes(autre)  # names for lists stay
        autre.store.fermer()
    assert len(comptes.lister_comptes(cabinet.ctx)) == 3


def test_a_document_keeps_to_its_author_or_profession(cabinet: Cabinet) -> None:
    from app.usecases import confidentialite

    un, deux = _deposer(cabinet, "11488-4", 1), _deposer(cabinet, "11488-4", 2)
    infirmier = collegue(cabinet, "salarie", profession="60", nom="INF")
    kine = collegue(cabinet, "salarie", profession="70", nom="KINE")

    def vus(ctx: Contexte) -> set[int]:
        with ctx.store.lecture() as u:
            return {f.id for f in u.documents.lister(1)}

    assert vus(kine) == vus(infirmier) == {un.id, deux.id}
    confidentialite.restreindre_document(cabinet.ctx, un.id, Niveau.AUTEUR)
    confidentialite.restreindre_document(cabinet.ctx, deux.id, Niveau.PROFESSION)
    assert (vus(cabinet.ctx), vus(infirmier), vus(kine)) == ({un.id, deux.id}, {deux.id}, set())
    with pytest.raises(Refus, match="auteur"):
        confidentialite.restreindre_document(infirmier, deux.id, Niveau.EQUIPE)
    with pytest.raises(Introuvable):
        confidentialite.restreindre_document(kine, un.id, Niveau.EQUIPE)
    confidentialite.restreindre_document(cabinet.ctx, un.id, Niveau.EQUIPE)
    assert vus(kine) == {un.id}
    with cabinet.ctx.store.lecture() as u:
        assert [t.detail for t in u.trail.lister() if t.quoi == "document.confidentialite"] == [
            f"document {un.id} : equipe", f"document {deux.id} : profession",
            f"document {un.id} : auteur"]
    infirmier.store.fermer()
    kine.store.fermer()


def test_the_condition_of_the_store_is_the_rule_of_the_domain(cabinet: Cabinet) -> None:
    """Every category, level, author and profession: SQL and `Regard.voit` agree."""
    fiches = [_deposer(cabinet, code, n) for n, code in enumerate(
        ("51851-4", "11488-4", "96349-6", "87273-9", "inconnu"), 10)]
    autre = collegue(cabinet, "salarie", nom="AUTRE")
    with cabinet.ctx.store.ecriture() as u:
        for f, (niveau, profession) in zip(fiches[1:], (
                (Niveau.PROFESSION, "60"), (Niveau.AUTEUR, "60"), (Niveau.PROFESSION, ""),
                (Niveau.EQUIPE, "")), strict=True):
            u.documents.restreindre(f.id, niveau, compte_id=autre.compte_id, profession=profession)
    with cabinet.ctx.store.lecture(entiere=True) as u:
        acces = u.documents.niveaux(1)
    from app.store.repos.documents import Documents

    for categories in (frozenset(), frozenset({Categorie.ADMINISTRATIF}), TOUTES,
                       TOUTES - {Categorie.COURRIER}, frozenset({Categorie.VACCINATION})):
        for compte, profession in ((1, "60"), (1, "70"), (autre.compte_id, ""), (1, "")):
            yeux = Regard(compte, profession, categories, clinique=True)
            with cabinet.ctx.store.lecture(entiere=True) as u:
                vus = {f.id for f in Documents(u.connexion, yeux).lister(1)}
            professions = {fiches[1].id: "60", fiches[2].id: "60"}
            assert vus == {f.id for f in fiches if yeux.voit(
                f.type_code, acces.get(f.id, Niveau.EQUIPE),
                autre.compte_id if f.id in acces else 0, professions.get(f.id, ""))}
    autre.store.fermer()


@pytest.mark.attaque("Élévation de privilèges par la table des rôles",
                     tente="une secrétaire change les rôles ; un administrateur vide le sien",
                     constat="refusé et tracé ; l’administrateur garde toujours les comptes")
def test_the_table_of_roles_can_t_be_turned_against_the_practice(cabinet: Cabinet) -> None:
    from app.usecases import roles

    ctx = collegue(cabinet, "secretaire")
    with pytest.raises(Refus, match="gérer les comptes"):
        roles.enregistrer_role(ctx, replace(ROLES["secretaire"], droits=frozenset(Droit)))
    with pytest.raises(Refus, match="gérer les comptes"):
        comptes.changer_acces(ctx, ctx.compte_id, Acces(("administrateur",)))
    with pytest.raises(Refus, match="garde la gestion"):
        roles.enregistrer_role(cabinet.ctx, replace(
            ROLES["administrateur"], droits=frozenset({Droit.TRACES})))
    with pytest.raises(Refus, match="suppose"):
        roles.enregistrer_role(cabinet.ctx, Role(
            "stage", "Stagiaire", frozenset({Droit.CLINIQUE_ECRIRE})))
    with pytest.raises(Refus, match="encore"):
        roles.supprimer_role(cabinet.ctx, "secretaire")
    with pytest.raises(Refus, match="administrateur"):
        roles.supprimer_role(cabinet.ctx, "administrateur")
    assert defauts_role(ROLES["titulaire"]) == []
    ctx.store.fermer()


def test_roles_are_changed_by_an_administrator_and_hold_at_once(cabinet: Cabinet) -> None:
    from app.usecases import roles

    ctx = collegue(cabinet, "secretaire")
    _deposer(cabinet, "87273-9", 1)
    assert Droit.CLINIQUE_LIRE not in garde.droits_de(ctx)
    roles.enregistrer_role(cabinet.ctx, replace(
        ROLES["secretaire"], droits=ROLES["secretaire"].droits | {Droit.CLINIQUE_LIRE},
        categories=frozenset({Categorie.ADMINISTRATIF, Categorie.VACCINATION})))
    assert Droit.CLINIQUE_LIRE in garde.droits_de(ctx)
    assert len(dossier.ouvrir_dossier(ctx, 1).documents.lignes) == 1
    roles.enregistrer_role(cabinet.ctx, Role("accueil", "Accueil", frozenset({Droit.AGENDA})))
    comptes.changer_acces(cabinet.ctx, ctx.compte_id, Acces(("accueil",)))
    assert garde.droits_de(ctx) == {Droit.AGENDA}
    roles.supprimer_role(cabinet.ctx, "secretaire")
    assert [r.code for r in roles.lister_roles(cabinet.ctx)] == [
        "titulaire", "salarie", "remplacant", "administrateur", "accueil"]
    with cabinet.ctx.store.lecture() as u:
        assert [t.quoi for t in u.trail.lister() if t.quoi.startswith(("role.", "compte.d"))] == [
            "role.suppression", "compte.droits", "role.modification", "role.modification"]
    ctx.store.fermer()


def test_a_theme_is_everybody_s_and_settings_are_not(cabinet: Cabinet) -> None:
    from app.usecases import settings

    ctx = collegue(cabinet, "secretaire")
    lus = settings.lire_reglages(ctx)
    settings.enregistrer_reglages(ctx, replace(lus, theme="sombre", taille_texte=125))
    with pytest.raises(Refus, match="réglages du cabinet"):
        settings.enregistrer_reglages(ctx, replace(lus, proxy_url="https://pirate.test"))
    assert settings.lire_reglages(cabinet.ctx).theme == "sombre"
    ctx.store.fermer()


def test_defaults_follow_the_trade() -> None:
    assert categorie_de("inconnu") is Categorie.SOINS
    assert Droit.CLINIQUE_LIRE not in droits(["secretaire", "administrateur"])
    assert LINE.profession == "60"
