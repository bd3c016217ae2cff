"""Erasing files whose period is over: who may, what holds one back, what is said (MIN.RGPD.01)."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from app.domain.confidentialite import Niveau
from app.domain.document import Brouillon, OrigineDocument
from app.domain.duree_conservation import DOSSIERS, DUREES, TRACES
from app.domain.effacement import DossierAEffacer
from app.domain.entrant import Entrant, EtatEntrant
from app.domain.identity import Traits
from app.domain.outbox import Destination, EtatOrdre
from app.domain.roles import ROLES, Droit, defauts_role
from app.store.errors import Introuvable
from app.store.moments import local
from app.usecases import durees_conservation, effacement, fusion, notes, patients
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.comptes_outils import collegue
from tests.conftest import RACINE
from tests.sauvegarde_outils import Cabinet, creer
from tests.store_outils import fiche, identite

JOUR = date(2026, 11, 29)
JADIS = "2002-06-01T10:00:00+02:00"


@pytest.fixture
def ctx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    return creer(tmp_path / "cabinet.pleiade", monkeypatch).ctx


def _ancien(ctx: Contexte, nom: str = "ANCIEN", naissance: str = "1931-02-03") -> int:
    """A file whose last act is of 2002, with one document."""
    with ctx.store.ecriture() as u:
        id = u.patients.ajouter(identite(nom, date=naissance), auteur="T", cause="C").id
        u.documents.ajouter(fiche(id, date_acte="2002-06-01", cree_le=JADIS), cda=None,
                            pdf=b"%PDF " + nom.encode())
    return _vieillir(ctx, id)


def _vieillir(ctx: Contexte, id: int) -> int:
    with ctx.store.ecriture() as u:
        u.connexion.exec_driver_sql(f"UPDATE patient SET cree_le = '{JADIS}' WHERE id = {id}")
    return id


def _lu(ctx: Contexte, id: int) -> DossierAEffacer:
    return next(d for d in effacement.dossiers_a_effacer(ctx, JOUR).dossiers
                if d.patient_id == id)


def test_a_quiet_file_goes_and_says_what_went(ctx: Contexte) -> None:
    id = _ancien(ctx)
    lu = _lu(ctx, id)
    assert (lu.contenu, lu.regle, lu.echeance) == ("1\u00a0document", "20 ans", "2022-06-01")
    assert lu.retenu == lu.alertes == ()
    vus: list[tuple[int, int]] = []
    bilan = effacement.effacer_dossiers(ctx, [lu], JOUR, progres=vus.append)
    assert (bilan.effaces, bilan.documents, bilan.gardes, vus) == ((id,), 1, (), [(1, 1)])
    assert bilan.sauvegardes > date.today().isoformat()
    with ctx.store.lecture(entiere=True) as u:
        with pytest.raises(Introuvable):
            u.patients.lire(id)
        (ligne,) = u.trail.lister(sur_qui=str(id))
    assert (ligne.quoi, ligne.resultat) == ("dossier.effacement", "ok")
    assert "ANCIEN" not in ligne.detail and "MARIE" not in ligne.detail


def test_a_minor_is_kept_until_28_and_an_unknown_year_is_said(ctx: Contexte) -> None:
    enfant, inconnu = _ancien(ctx, "ENFANT", "1998-11-28"), _ancien(ctx, "X", "0000-00-00")
    assert _lu(ctx, enfant).regle == "28 ans du patient"
    assert effacement.effacer_dossiers(ctx, [_lu(ctx, enfant)], date(2026, 11, 27)).effaces == ()
    assert "peut-être mineur" in _lu(ctx, inconnu).alertes[0]
    assert effacement.effacer_dossiers(ctx, [_lu(ctx, enfant)], JOUR).effaces == (enfant,)


def _envoi(ctx: Contexte, id: int, etat: EtatOrdre) -> None:
    with ctx.store.ecriture() as u:
        document = u.documents.lister(id)[0].id
        u.outbox.ajouter(Destination.DMP, document, id, ctx.compte_id, "2026-01-01T00:00:00Z", etat)


def _a_classer(ctx: Contexte, id: int) -> None:
    with ctx.store.ecriture() as u:
        u.entrants.ajouter(Entrant(0, local(), OrigineDocument.SCAN, "scan.pdf", "application/pdf",
                                   "", patient_id=id, etat=EtatEntrant.ATTENTE), b"%PDF scan")


def _brouillon(ctx: Contexte, id: int, quand: str) -> None:
    with ctx.store.ecriture() as u:
        u.documents.enregistrer_brouillon(Brouillon(
            0, id, ctx.compte_id, "11506-3", "Passage", "Plaie propre.", modifie_le=quand))


@pytest.mark.parametrize(("geste", "dit"), [
    (lambda ctx, id: _envoi(ctx, id, EtatOrdre.PROGRAMME), "1\u00a0envoi n’est pas terminé"),
    (lambda ctx, id: _envoi(ctx, id, EtatOrdre.REFUSE), "1\u00a0envoi n’est pas terminé"),
    (lambda ctx, id: _envoi(ctx, id, EtatOrdre.RETENU), "1\u00a0envoi n’est pas terminé"),
    (_a_classer, "attend d’y être classé"),
    (lambda ctx, id: _brouillon(ctx, id, "2026-11-01T10:00:00+01:00"), "depuis moins d’un an"),
    (lambda ctx, id: notes.garder_brouillon_note(ctx, id, "Plaie"), "Une note y est commencée"),
])
def test_what_holds_a_file_back(ctx: Contexte, geste: object, dit: str) -> None:
    id = _ancien(ctx)
    avant = _lu(ctx, id)
    geste(ctx, id)  # type: ignore[operator]
    assert dit in _lu(ctx, id).retenu[0]
    # What was shown before doesn't get it through, nor what is shown now.
    for vu in (avant, replace(_lu(ctx, id), retenu=())):
        bilan = effacement.effacer_dossiers(ctx, [vu], JOUR)
        assert bilan.effaces == () and dit in bilan.gardes[0][1]
    with ctx.store.lecture(entiere=True) as u:
        assert u.documents.lister(id)
        assert {x.resultat for x in u.trail.lister(sur_qui=str(id))
                if x.quoi == "dossier.effacement"} == {"refuse"}


def test_an_old_draft_and_an_ended_sending_go_with_it(ctx: Contexte) -> None:
    id = _ancien(ctx)
    _envoi(ctx, id, EtatOrdre.ENVOYE)
    _brouillon(ctx, id, JADIS)
    lu = _lu(ctx, id)
    assert lu.retenu == () and "1\u00a0brouillon" in lu.contenu and "1\u00a0envoi" in lu.contenu
    assert effacement.effacer_dossiers(ctx, [lu], JOUR).effaces == (id,)


def test_what_is_to_be_read_first(ctx: Contexte) -> None:
    id = _ancien(ctx)
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui="Julie FONTAINE", quoi="dossier.ouverture", sur_qui=str(id),
                       resultat="ok")
        u.documents.restreindre(u.documents.lister(id)[0].id, Niveau.AUTEUR,
                                compte_id=ctx.compte_id, profession="60")
    jour = datetime.now().strftime("%d/%m/%Y")
    with ctx.store.lecture(entiere=True) as u:
        lu = effacement.dossiers_a_effacer(ctx).dossiers[0]
    assert lu.alertes == (f"Ouvert le {jour} par Julie FONTAINE.",
                          "1\u00a0document réservé à une partie de l’équipe.")


def test_a_merged_file_goes_with_the_one_that_holds_it(ctx: Contexte) -> None:
    traits = [Traits("JUMEAU", "ZOE", "1940-01-02", "F", "63220", prenoms=p) for p in
              ("ZOE", "ZOE ANNE")]
    a, b = (patients.creer_patient(ctx, t, force=True).patient for t in traits)
    assert a is not None and b is not None
    fusion.fusionner(ctx, a, b, "Double")
    for id in (a.id, b.id):
        _vieillir(ctx, id)
    lu = _lu(ctx, a.id)
    assert f"Réunit le dossier n°\u00a0{b.id}" in lu.alertes[0]
    assert effacement.effacer_dossiers(ctx, [lu], JOUR).effaces == (a.id, b.id)
    with ctx.store.lecture(entiere=True) as u:
        for id in (a.id, b.id):
            with pytest.raises(Introuvable):
                u.patients.lire(id)
            assert u.trail.lister(1, sur_qui=str(id))[0].quoi == "dossier.effacement"


def test_the_same_bytes_in_another_file_stay(ctx: Contexte) -> None:
    id, autre = _ancien(ctx), _ancien(ctx, "AUTRE")
    with ctx.store.ecriture() as u:
        for patient in (id, autre):
            document = u.documents.ajouter(fiche(patient, titre="Notice", date_acte="2001-01-01",
                                                 cree_le=JADIS), cda=None, pdf=b"%PDF notice")
    effacement.effacer_dossiers(ctx, [_lu(ctx, id)], JOUR)
    with ctx.store.lecture(entiere=True) as u:
        assert u.documents.contenu(document.pdf_sha256) == b"%PDF notice"


def test_stopped_between_two_files_each_is_whole_or_gone(ctx: Contexte) -> None:
    ids = [_ancien(ctx, f"ANCIEN{i}") for i in range(3)]
    vus = [_lu(ctx, id) for id in ids]
    faits: list[tuple[int, int]] = []
    bilan = effacement.effacer_dossiers(ctx, vus, JOUR, progres=faits.append,
                                        annule=lambda: bool(faits))
    assert bilan.effaces == (ids[0],) and len(bilan.gardes) == 2
    assert "arrêté avant" in bilan.gardes[0][1] and _lu(ctx, ids[1]).documents == 1


@pytest.mark.attaque(
    "Date du poste avancée", tente="Met l’horloge du poste en 2060 pour rendre tous les dossiers "
    "effaçables.", constat="Refusé\u00a0: le journal n’a aucune ligne depuis un an\u00a0; rien "
    "n’est effacé.")
def test_a_clock_moved_forward_erases_nothing(ctx: Contexte,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    id = _ancien(ctx, naissance="2000-01-01")
    monkeypatch.setattr(effacement, "jour_sur", lambda u: "2060-03-01")
    vus = [d for d in effacement.dossiers_a_effacer(ctx).dossiers if d.patient_id == id]
    with pytest.raises(Refus, match="dit être le 01/03/2060"):
        effacement.effacer_dossiers(ctx, vus)
    with ctx.store.lecture(entiere=True) as u:
        assert u.documents.lister(id)


@pytest.mark.attaque(
    "Effacement par qui n’en a pas le droit", tente="Fait effacer un dossier échu par une "
    "secrétaire, un remplaçant, un salarié et un administrateur qui ne soigne pas.",
    constat="Refusé et inscrit au journal\u00a0; le dossier est entier.")
@pytest.mark.parametrize("role", ["secretaire", "remplacant", "salarie", "administrateur"])
def test_without_the_right_nothing_goes(ctx: Contexte, role: str) -> None:
    id = _ancien(ctx)
    lu = _lu(ctx, id)
    du_au = ("2000-01-01", "2099-12-31") if role == "remplacant" else ("", "")
    autre = collegue(Cabinet(ctx, "", ""), role, du=du_au[0], au=du_au[1])
    for geste in (lambda: effacement.effacer_dossiers(autre, [lu], JOUR),
                  lambda: effacement.dossiers_a_effacer(autre, JOUR)):
        with pytest.raises(Refus, match="d’effacer les dossiers dont la durée est passée"):
            geste()
    with ctx.store.lecture(entiere=True) as u:
        assert u.documents.lister(id)
        assert u.trail.lister(1)[0].quoi == "droits.refus"


def test_the_right_is_data_and_supposes_the_identities() -> None:
    assert Droit.EFFACER in ROLES["titulaire"].droits
    assert [r.code for r in ROLES.values() if Droit.EFFACER in r.droits] == ["titulaire"]
    admin = ROLES["administrateur"]
    assert any("effacer" in faute for faute in defauts_role(
        replace(admin, droits=admin.droits | {Droit.EFFACER})))


def test_the_periods_are_one_table_with_their_sources() -> None:
    page = (RACINE / "docs" / "securite" / "rgpd.md").read_text(encoding="utf-8")
    for duree in DUREES:
        assert f"| {duree.quoi} | {duree.duree} | {duree.source} |" in page
    assert f"de {DOSSIERS.mini} à {DOSSIERS.maxi} ans" in DUREES[0].duree
    assert f"{TRACES.annees} ans, réglable de {TRACES.mini} à {TRACES.maxi} ans" == DUREES[2].duree


def test_a_longer_rule_keeps_what_was_shown_as_due(ctx: Contexte) -> None:
    id = _ancien(ctx)
    lu = _lu(ctx, id)
    durees_conservation.regler_conservation_dossiers(ctx, 30)
    bilan = effacement.effacer_dossiers(ctx, [lu], JOUR)
    assert bilan.effaces == () and "n’est plus à effacer" in bilan.gardes[0][1]
