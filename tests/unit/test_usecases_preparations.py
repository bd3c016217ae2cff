"""Documents prepared for a professional: who may write, who signs, what a delegation's end does."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from documents_outils import texte_pdf

from app.documents.model import Destinataire
from app.domain.agenda import EtatPassage
from app.domain.document import Brouillon
from app.domain.dossier_clinique import RoleCorrespondant
from app.domain.equipes import Delegation, Geste
from app.domain.people import Professionnel
from app.domain.preparations import EtatPreparation, GenrePreparation, LignePreparation
from app.domain.roles import Acces
from app.store.errors import Introuvable
from app.store.repos import trail as depot_trail
from app.usecases import (
    a_valider,
    agenda,
    brouillons,
    champs_dossier,
    comptes,
    consentement,
    consult_dmp,
    correspondants,
    dossier,
    dossier_clinique,
    equipes,
    formulaires,
    garde,
    outbox,
    patients,
    preparations,
    produce,
)
from app.usecases.access import DemandeCabinet, creer_cabinet
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.centre_outils import CENTRE, JULIE, MARIAM, MOT_DE_PASSE
from tests.store_outils import traits

LINA = Professionnel("", "PETIT", "Lina", "", civilite="MME")
TEXTE = "Bonjour Docteur, la plaie est propre."
COURRIER, FORMULAIRE = GenrePreparation.COURRIER, GenrePreparation.FORMULAIRE


@pytest.fixture
def ctx(tmp_path: Path, derivation_legere: None) -> Iterator[Contexte]:
    """The nurse, with a patient (id 1)."""
    ctx = creer_cabinet(tmp_path / "c.pleiade",
                        DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE)).contexte
    lu = patients.creer_patient(ctx, traits()).patient
    assert lu is not None and lu.id == 1
    yield ctx
    ctx.fermer()


def compte(ctx: Contexte, qui: Professionnel, role: str) -> Contexte:
    """Another account of the same file, at its own workstation."""
    cree = comptes.inviter(ctx, qui, Acces((role,))).compte
    garde.oublier()
    # A context binds the eyes of the store: each has its own over the same file.
    magasin = ctx.store.__class__.__new__(ctx.store.__class__)
    magasin.__dict__.update(ctx.store.__dict__)
    return replace(ctx, store=magasin, compte_id=cree.id, professionnel=cree.professionnel,
                   memoire=type(ctx.memoire)())


@pytest.fixture
def lina(ctx: Contexte) -> Contexte:
    """The secretary, to whom the nurse delegated nothing yet."""
    return compte(ctx, LINA, "secretaire")


def confier(ctx: Contexte, a: Contexte, *gestes: Geste, du: str = "", au: str = "") -> Delegation:
    jour = datetime.now().date().isoformat()
    return equipes.deleguer(ctx, a.compte_id, gestes or (Geste.REDIGER,), du or jour, au or jour)


def preparer(lina: Contexte, ctx: Contexte, texte: str = TEXTE) -> Brouillon:
    brouillon = brouillons.nouveau_brouillon(lina, 1, "11506-3", pour=ctx.compte_id)
    return brouillons.enregistrer_brouillon(
        lina, replace(brouillon, titre="Passage", texte=texte), brouillon)


def ligne(ctx: Contexte) -> LignePreparation:
    (seule,) = a_valider.a_valider(ctx)
    return seule


def cda(ctx: Contexte, document_id: int) -> str:
    with ctx.store.lecture() as u:
        fiche = u.documents.lire(document_id)
        return u.documents.contenu(fiche.cda_sha256).decode()


def traces(ctx: Contexte, quoi: str) -> list[str]:
    with ctx.store.lecture() as u:
        return [f"{x.qui} ; {x.sur_qui} ; {x.detail}" for x in u.trail.lister() if x.quoi == quoi]


def test_without_a_delegation_a_secretary_writes_nothing(ctx: Contexte, lina: Contexte) -> None:
    for geste in (lambda: brouillons.nouveau_brouillon(lina, 1, "11506-3", pour=ctx.compte_id),
                  lambda: formulaires.nouvelle(lina, 1, "bio_trod", pour=ctx.compte_id),
                  lambda: brouillons.nouveau_brouillon(lina, 1, "11506-3")):
        with pytest.raises(Refus, match="personne ne vous confie") as refus:
            geste()
        assert refus.value.code == "DROIT-CLINIQUE_ECRIRE"
    confier(ctx, lina, Geste.AGENDA)  # another gesture opens nothing
    with pytest.raises(Refus, match="préparer ses documents"):
        brouillons.nouveau_brouillon(lina, 1, "11506-3", pour=ctx.compte_id)
    confier(ctx, lina)
    with pytest.raises(Refus, match="d’écrire dans le dossier de soins"):  # not in her own name
        brouillons.nouveau_brouillon(lina, 1, "11506-3")


def test_secretary_prepares_nurse_validates(ctx: Contexte, lina: Contexte) -> None:
    confier(ctx, lina)
    brouillon = preparer(lina, ctx)
    assert brouillon.auteur_id == ctx.compte_id
    assert a_valider.nombre(ctx) == 0
    (en_cours,) = a_valider.prepares(lina)
    assert (en_cours.pour, en_cours.preparation.etat) == ("Mariam DIALLO",
                                                          EtatPreparation.EN_COURS)
    preparations.proposer(lina, COURRIER, brouillon.id, "Passage")
    assert a_valider.nombre(ctx) == 1 and a_valider.nombre(lina) == 0
    with pytest.raises(Refus, match="à valider par Mariam DIALLO"):
        brouillons.enregistrer_brouillon(lina, replace(brouillon, texte="autre"), brouillon)
    apercu = texte_pdf(a_valider.apercu(ctx, ligne(ctx)))
    assert "Brouillon" in apercu and "Validé électroniquement" not in apercu
    fiche = a_valider.valider(ctx, ligne(ctx))
    with ctx.store.lecture() as u:
        garde = texte_pdf(u.documents.contenu(u.documents.lire(fiche.id).pdf_sha256))
    assert "Brouillon" not in garde and "Validé électroniquement le" in garde
    assert fiche.auteur == ctx.qui
    assert (a_valider.a_valider(ctx), a_valider.nombre(ctx)) == ((), 0)
    (fini,) = a_valider.prepares(lina)
    assert (fini.preparation.etat, fini.preparation.document_id) == (
        EtatPreparation.VALIDEE, fiche.id)
    document = cda(ctx, fiche.id)
    saisie = re.search(r"<dataEnterer>.*?</dataEnterer>", document, re.S)
    assert saisie is not None and "<family>PETIT</family>" in saisie[0]
    assert 'code="SECRETARIAT_MEDICAL"' in saisie[0]
    assert re.search(r'extension="3630009999/interne-[0-9a-f]{12}"', saisie[0])
    for nom in ("author", "legalAuthenticator"):
        bloc = re.search(rf"<{nom}>.*?</{nom}>", document, re.S)
        assert bloc is not None and "DIALLO" in bloc[0] and "PETIT" not in bloc[0]
    assert traces(ctx, "document.validation") == [
        f"{ctx.qui} ; 1 ; document {fiche.id}, préparé par le compte {lina.compte_id}"]
    assert len(traces(ctx, "delegation.usage")) == 2


def test_one_s_own_document_has_no_data_enterer(ctx: Contexte) -> None:
    brouillon = brouillons.nouveau_brouillon(ctx, 1, "11506-3")
    fiche = produce.valider(ctx, replace(brouillon, titre="Passage", texte=TEXTE))
    assert "dataEnterer" not in cda(ctx, fiche.id)


@pytest.mark.attaque("Document signé par qui l’a tapé",
                     tente="valider, comme secrétaire puis comme infirmière déléguée, le document "
                           "préparé pour une collègue\u00a0; le valider ou le réécrire comme tiers",
                     constat="refusé à chaque fois\u00a0; seule la professionnelle valide, et le "
                             "document dit qui a saisi")
def test_validating_is_never_delegated(ctx: Contexte, lina: Contexte) -> None:
    julie = compte(ctx, JULIE, "salarie")
    confier(ctx, julie)
    confier(ctx, lina)
    brouillon = preparer(julie, ctx)
    # A nurse who may validate her own documents doesn't validate those that she prepares.
    with pytest.raises(Refus, match="préparé pour Mariam DIALLO, qui seul"):
        produce.valider(julie, brouillon)
    tiers = compte(ctx, replace(JULIE, identifiant="899700000115", nom="B"), "salarie")
    with pytest.raises(Introuvable):
        produce.valider(tiers, brouillon)
    with pytest.raises(Refus, match="ne permet pas"):
        produce.valider(lina, brouillon)
    preparations.proposer(julie, COURRIER, brouillon.id)
    with pytest.raises(Refus, match="préparé pour"):
        a_valider.valider(julie, ligne(ctx))
    # Nor does a third person write in it.
    with pytest.raises(Introuvable):
        brouillons.enregistrer_brouillon(lina, replace(brouillon, texte="x"), brouillon)
    assert a_valider.valider(ctx, ligne(ctx)).auteur == ctx.qui


def test_sent_back_with_a_reason(ctx: Contexte, lina: Contexte) -> None:
    confier(ctx, lina)
    brouillon = preparer(lina, ctx)
    preparations.proposer(lina, COURRIER, brouillon.id)
    with pytest.raises(Refus, match="en quelques mots"):
        a_valider.renvoyer(ctx, ligne(ctx).preparation, " ")
    a_valider.renvoyer(ctx, ligne(ctx).preparation, "Mettre le nom du médecin")
    (rendue,) = a_valider.prepares(lina)
    assert (rendue.preparation.etat, rendue.preparation.motif) == (
        EtatPreparation.RENVOYEE, "Mettre le nom du médecin")
    assert a_valider.nombre(ctx) == 0
    lu = brouillons.lire_brouillon(lina, brouillon.id, 1)
    brouillons.garder(lina, replace(lu, texte=TEXTE + " Dr MARTIN."), lu)
    preparations.proposer(lina, COURRIER, brouillon.id)
    assert ligne(ctx).preparation.motif == ""
    # Taken back before she looked: what she had on screen isn't what she would sign.
    vue = ligne(ctx)
    preparations.reprendre_main(lina, vue.preparation)
    lu = brouillons.lire_brouillon(lina, brouillon.id, 1)
    brouillons.garder(lina, replace(lu, texte="Tout autre chose."), lu)
    preparations.proposer(lina, COURRIER, brouillon.id)
    with pytest.raises(Refus, match="vient de changer"):
        a_valider.valider(ctx, vue)
    with ctx.store.lecture() as u:
        assert u.documents.lister(1) == []


@pytest.mark.attaque("Texte changé pendant la validation",
                     tente="réécrire le document pendant que la professionnelle, qui en a lu un "
                           "autre, le valide",
                     constat="rien n’est signé\u00a0: le document est à relire")
def test_a_text_changed_during_the_rendering_is_not_signed(ctx: Contexte, lina: Contexte) -> None:
    confier(ctx, lina)
    preparer(lina, ctx)
    brouillon = brouillons.lire_brouillon(ctx, 1, 1)

    def pendant(fonction: object, *args: object) -> object:
        brouillons.garder(lina, replace(brouillon, texte="Autre."), brouillon)
        return fonction(*args)  # type: ignore[operator]

    with pytest.raises(Refus, match="vient d’être modifié"):
        produce.valider(replace(ctx, lourd=pendant), brouillon)
    with ctx.store.lecture() as u:
        assert u.documents.lister(1) == []


@pytest.mark.attaque("Délégation reprise pendant la frappe",
                     tente="continuer à lire, écrire et proposer après la reprise de la délégation",
                     constat="refusé aussitôt\u00a0; ce qui était à l’écran est gardé une fois, "
                             "pour la professionnelle")
def test_a_revoked_delegation_stops_at_once_and_loses_nothing(ctx: Contexte,
                                                              lina: Contexte) -> None:
    donnee = confier(ctx, lina)
    brouillon = preparer(lina, ctx)
    assert equipes.revoquer(ctx, donnee) == 1
    # The hand that was typing is told, and its last words are the nurse's.
    with pytest.raises(Refus, match=r"ne vous confie plus.*est gardé") as refus:
        brouillons.garder(lina, replace(brouillon, texte=TEXTE + " Fin."), brouillon)
    assert refus.value.code == "DELEGATION"
    restee = ligne(ctx)
    assert restee.attend and restee.preparation.etat is EtatPreparation.INTERROMPUE
    assert brouillons.lire_brouillon(ctx, brouillon.id, 1).texte == TEXTE + " Fin."
    # Once: nothing more is written, nor read.
    with pytest.raises(Refus):
        brouillons.garder(lina, replace(brouillon, texte="encore"), brouillon)
    assert brouillons.lire_brouillon(ctx, brouillon.id, 1).texte == TEXTE + " Fin."
    for geste in (lambda: brouillons.lire_brouillon(lina, brouillon.id, 1),
                  lambda: produce.apercu(lina, brouillon),
                  lambda: preparations.proposer(lina, COURRIER, brouillon.id)):
        with pytest.raises(Refus):
            geste()
    with lina.store.lecture() as u:
        assert u.documents.brouillons(1) == []
    with pytest.raises(Refus, match="ne prépare plus de documents pour vous"):
        a_valider.renvoyer(ctx, restee.preparation, "à revoir")
    assert a_valider.valider(ctx, ligne(ctx)).auteur == ctx.qui


def test_the_last_words_stand_beside_a_text_that_changed(ctx: Contexte, lina: Contexte) -> None:
    donnee = confier(ctx, lina)
    brouillon = preparer(lina, ctx)
    lu = brouillons.lire_brouillon(ctx, brouillon.id, 1)
    brouillons.enregistrer_brouillon(ctx, replace(lu, texte="De l’infirmière."), lu)
    equipes.revoquer(ctx, donnee)
    with pytest.raises(Refus):
        brouillons.garder(lina, replace(brouillon, texte="De la secrétaire."), brouillon)
    with ctx.store.lecture() as u:
        assert {b.texte for b in u.documents.brouillons(1)} == {"De l’infirmière.",
                                                                "De la secrétaire."}
    assert len(a_valider.a_valider(ctx)) == 2


def test_another_delegation_keeps_the_hand_writing(ctx: Contexte, lina: Contexte) -> None:
    donnee = confier(ctx, lina)
    confier(ctx, lina)
    brouillon = preparer(lina, ctx)
    assert equipes.revoquer(ctx, donnee) == 0
    brouillons.garder(lina, replace(brouillon, texte="suite"), brouillon)


@pytest.mark.attaque("Soins lus par qui prépare un courrier",
                     tente="lire, par une délégation, les brouillons de la professionnelle, les "
                           "observations et les champs de soins d’un modèle",
                     constat="ni listés ni remplis\u00a0: seul ce que l’on tape soi-même se voit")
@pytest.mark.exigence("LABEL.04")
def test_the_gate_and_the_eyes_of_the_store_agree(ctx: Contexte, lina: Contexte) -> None:
    """Who prepares sees what they type for who still lets them, and no care besides."""
    donnee = confier(ctx, lina)
    dossier_clinique.ajouter(ctx, 1, dossier_clinique.NatureElement.ALLERGIE, "Latex")
    dossier.ajouter_observation(ctx, 1, "Plaie du talon.")
    sien = brouillons.nouveau_brouillon(ctx, 1, "11506-3")
    brouillon = preparer(lina, ctx)
    with lina.store.lecture() as u:
        assert [b.id for b in u.documents.brouillons(1)] == [brouillon.id]
        with pytest.raises(Introuvable):
            u.documents.lire_brouillon(sien.id)
    assert brouillons.lire_brouillon(lina, brouillon.id, 1).texte == TEXTE
    with pytest.raises(Refus, match="n’existe plus"):
        brouillons.lire_brouillon(lina, sien.id, 1)
    valeurs = champs_dossier.valeurs(lina, 1, champs_dossier.EnteteCourrier(),
                                     ("Vaccinations",), MARIAM)
    assert "Allergies" not in valeurs and "Dernières observations" not in valeurs
    assert valeurs["Professionnel"].texte == "Mme Mariam DIALLO, infirmière"
    assert "Allergies" in champs_dossier.valeurs(ctx, 1, champs_dossier.EnteteCourrier())
    with pytest.raises(Refus):
        dossier_clinique.elements(lina, 1)
    equipes.revoquer(ctx, donnee)
    with lina.store.lecture() as u:
        assert u.documents.brouillons(1) == []
    with pytest.raises(Refus):
        brouillons.lire_brouillon(lina, brouillon.id, 1)


def test_a_form_is_prepared_as_its_author_issues_it(ctx: Contexte, lina: Contexte) -> None:
    donnee = confier(ctx, lina)
    genres = [cle for cle, _ in formulaires.accueil(lina, 1, ctx.compte_id).genres]
    assert genres == [cle for cle, _ in formulaires.accueil(ctx, 1).genres] != []
    ouverte = formulaires.nouvelle(lina, 1, genres[0], pour=ctx.compte_id)
    assert [x[0] for x in formulaires.accueil(lina, 1, ctx.compte_id).en_cours] == [
        ouverte.saisie.id]
    gardee = formulaires.garder(lina, ouverte.saisie)
    preparations.proposer(lina, FORMULAIRE, gardee.id)
    with pytest.raises(Refus, match="à valider par"):
        formulaires.garder(lina, gardee)
    with pytest.raises(formulaires.FormeIncomplete):
        a_valider.valider(ctx, ligne(ctx))
    a_valider.renvoyer(ctx, ligne(ctx).preparation, "Le lot manque")
    equipes.revoquer(ctx, donnee)
    with pytest.raises(Refus):
        formulaires.garder(lina, replace(gardee, valeur={**gardee.valeur, "note": "fin"}))
    assert formulaires.reprendre(ctx, gardee.id).saisie.valeur["note"] == "fin"
    assert a_valider.nombre(ctx) == 1
    formulaires.abandonner(ctx, gardee.id)
    assert a_valider.prepares(lina)[0].preparation.etat is EtatPreparation.ECARTEE


def test_nobody_delegates_what_they_have_not(ctx: Contexte, lina: Contexte) -> None:
    with pytest.raises(Refus, match="on ne confie que ce que l’on peut faire"):
        confier(lina, ctx, Geste.REDIGER)
    julie = compte(ctx, JULIE, "salarie")
    confier(julie, lina)
    assert equipes.pour_qui(lina, Geste.REDIGER) == (lina.compte_id, julie.compte_id)
    comptes.changer_acces(ctx, julie.compte_id, Acces(("secretaire",)))
    assert equipes.pour_qui(lina, Geste.REDIGER) == (lina.compte_id,)
    comptes.changer_acces(ctx, julie.compte_id, Acces(("salarie",)))
    comptes.retirer_compte(ctx, julie.compte_id)
    assert equipes.pour_qui(lina, Geste.REDIGER) == (lina.compte_id,)


@pytest.mark.attaque("Horloge reculée pour ranimer une délégation",
                     tente="remettre l’horloge du poste avant la fin d’une délégation terminée",
                     constat="elle reste terminée\u00a0: l’heure ne recule pas sous la dernière "
                             "ligne du journal")
def test_a_delegation_holds_to_the_minute(ctx: Contexte, lina: Contexte,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    zero = datetime.now().astimezone().replace(second=0, microsecond=0) + timedelta(days=2)

    def il_est(minutes: int, secondes: int = 0) -> None:
        quand = (zero + timedelta(minutes=minutes, seconds=secondes)).isoformat(
            timespec="milliseconds")
        monkeypatch.setattr(depot_trail, "local_maintenant", lambda: quand)

    def permis() -> bool:
        return ctx.compte_id in equipes.pour_qui(lina, Geste.REDIGER)

    confier(ctx, lina, du=f"{zero:%Y-%m-%dT%H:%M}",
            au=f"{zero + timedelta(minutes=30):%Y-%m-%dT%H:%M}")
    for minutes, secondes, attendu in ((-1, 59, False), (0, 0, True), (29, 59, True),
                                       (30, 0, False)):
        il_est(minutes, secondes)
        assert permis() is attendu, (minutes, secondes)
    il_est(31)
    with pytest.raises(Refus):
        brouillons.nouveau_brouillon(lina, 1, "11506-3", pour=ctx.compte_id)  # traced at 31
    il_est(10)  # the clock moved back doesn't resurrect it
    assert not permis()
    with pytest.raises(Refus, match="sa fin est déjà passée"):
        confier(ctx, lina, du=f"{zero:%Y-%m-%dT%H:%M}",
                au=f"{zero + timedelta(minutes=20):%Y-%m-%dT%H:%M}")


@pytest.mark.exigence("SC.DMP/CONF.06.BIS")
def test_a_consent_collected_for_somebody_keeps_both_names(ctx: Contexte, lina: Contexte) -> None:
    with pytest.raises(Refus, match="noter le consentement"):
        consentement.noter_consentement(lina, 1, True, False, pour=ctx.compte_id)
    with ctx.store.lecture() as u:
        assert u.episodes.courant(1) is None
    donnee = confier(ctx, lina, Geste.CONSENTEMENT)
    consentement.noter_consentement(lina, 1, True, False, pour=ctx.compte_id)
    with ctx.store.lecture() as u:
        episode, patient = u.episodes.courant(1), u.patients.lire(1)
    assert episode is not None
    assert (episode.informe_par, episode.recueilli_par) == ("Mariam DIALLO", "Lina PETIT")
    assert any("recueilli pour Mariam DIALLO" in x and x.startswith("Lina PETIT")
               for x in traces(ctx, "consentement"))
    assert any("consentement pour Mariam DIALLO" in x for x in traces(ctx, "delegation.usage"))
    assert "par Lina PETIT pour Mariam DIALLO" in str(
        consult_dmp.dica_local(ctx, patient, episode))
    equipes.revoquer(ctx, donnee)
    with pytest.raises(Refus):
        consentement.noter_consentement(lina, 1, False, None, pour=ctx.compte_id)
    # Asked again by the nurse herself: hers alone.
    consentement.noter_consentement(ctx, 1, True, False)
    with ctx.store.lecture() as u:
        episode = u.episodes.courant(1)
    assert episode is not None and episode.recueilli_par == ""


def test_a_delegate_who_left_stops_too(ctx: Contexte, lina: Contexte) -> None:
    confier(ctx, lina)
    preparer(lina, ctx)
    assert a_valider.nombre(ctx) == 0
    comptes.retirer_compte(ctx, lina.compte_id)
    assert a_valider.nombre(ctx) == 1
    assert ligne(ctx).sans_suite


def test_a_delegate_fills_the_recipients(ctx: Contexte, lina: Contexte) -> None:
    medecin = Destinataire("MARTIN", "Paul", qualite="Médecin généraliste")
    with pytest.raises(Refus):
        correspondants.enregistrer(lina, medecin)
    confier(ctx, lina)
    id = correspondants.enregistrer(lina, medecin)
    correspondants.lier(lina, 1, id, RoleCorrespondant.MEDECIN_TRAITANT)
    assert [qui.nom for _, _, qui in correspondants.du_patient(lina, 1)] == ["MARTIN"]


def test_undoing_a_deletion_gives_the_visit_back_to_its_colleague(ctx: Contexte) -> None:
    julie = compte(ctx, JULIE, "salarie")
    jour = datetime.now().date().isoformat()
    passage = agenda.ajouter_passage(julie, jour, "10:00", 1, "Pansement", 30)
    passage = agenda.marquer_passage(julie, passage, EtatPassage.FAIT)
    agenda.supprimer_passage(ctx, passage)
    assert agenda.tournee(ctx, jour) == []
    remis = agenda.retablir_passage(ctx, passage)
    assert replace(remis, id=passage.id, version=passage.version) == passage
    assert remis.professionnel_id == julie.compte_id
    with pytest.raises(Refus, match="n’est plus à remettre"):  # once
        agenda.retablir_passage(ctx, passage)
    with pytest.raises(Refus):  # and by who removed it
        agenda.retablir_passage(julie, passage)
    assert [x.split(" ; ")[2].split(",")[0] for x in traces(ctx, "agenda.collegue")] == [
        "remise après suppression", "suppression"]


def test_a_prepared_draft_can_t_be_given_to_another(ctx: Contexte, lina: Contexte) -> None:
    julie = compte(ctx, JULIE, "salarie")
    donnee = confier(ctx, lina)
    confier(julie, lina)
    brouillon = preparer(lina, ctx)
    vole = replace(brouillon, auteur_id=julie.compte_id)
    gardes = (brouillons.enregistrer_brouillon(lina, vole),)
    gardes += (brouillons.enregistrer_brouillon(
        lina, replace(vole, version=gardes[0].version, texte="x"), gardes[0]),)
    assert {g.auteur_id for g in gardes} == {ctx.compte_id}
    equipes.revoquer(ctx, donnee)
    with pytest.raises(Refus):
        brouillons.garder(lina, replace(vole, version=gardes[1].version, texte="y"))
    assert brouillons.lire_brouillon(ctx, brouillon.id, 1).texte == "y"


def test_what_is_announced_is_what_the_queue_holds(ctx: Contexte, lina: Contexte) -> None:
    """« Envoi au DMP maintenant » was said of what a patient opposed to."""
    confier(ctx, lina)

    def valider(*, retenir: bool = False) -> outbox.Suite:
        brouillon = preparer(lina, ctx)
        preparations.proposer(lina, COURRIER, brouillon.id, "Passage")
        return outbox.suite_de_validation(ctx, a_valider.valider(ctx, ligne(ctx), retenir).id)

    assert valider() == outbox.Suite("L’envoi attend la qualification.", True)
    assert valider(retenir=True) == outbox.Suite("Son envoi est retenu.")
    consentement.noter_consentement(ctx, 1, True, True)
    assert valider() == outbox.Suite("Il reste au cabinet.")


def test_contacts_changed_leave_a_line(ctx: Contexte) -> None:
    patient = dossier.ouvrir_dossier(ctx, 1).patient
    patients.enregistrer_contact(ctx, 1, replace(patient.contact, telephone="0102030405"),
                                 patient.version)
    (trace,) = traces(ctx, "identite.contact")
    assert "0102030405" not in trace
