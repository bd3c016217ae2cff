"""A prepared document under attack: another patient, another author, another document replaced."""

from dataclasses import replace

import pytest

from app.documents.courrier import depuis_texte, en_texte
from app.domain.equipes import Geste
from app.usecases import (
    a_valider,
    brouillons,
    dossier,
    equipes,
    formulaires,
    patients,
    preparations,
    produce,
    versions_documents,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.centre_outils import JULIE
from tests.store_outils import traits
from tests.unit.test_usecases_preparations import (
    COURRIER,
    FORMULAIRE,
    TEXTE,
    compte,
    confier,
    ctx,
    ligne,
    lina,
    preparer,
)

__all__ = ["ctx", "lina"]


def second_patient(ctx: Contexte) -> int:
    lu = patients.creer_patient(ctx, replace(traits(), nom_naissance="AUTRE",
                                             premier_prenom="PAUL", prenoms="PAUL")).patient
    assert lu is not None and lu.id != 1
    return lu.id


def remplacant(texte: str, document_id: int) -> str:
    """The text, said to replace a document."""
    courrier = depuis_texte(texte)
    return en_texte(replace(courrier, entete=replace(courrier.entete, remplace=document_id)))


@pytest.mark.attaque("Brouillon donné à une collègue ou à un autre patient",
                     tente="récrire son propre brouillon, ou celui que l’on prépare, sous un autre "
                           "auteur ou pour un autre patient que ceux de sa création",
                     constat="l’auteur et le patient d’un brouillon ne changent plus après sa "
                             "création\u00a0; la collègue n’a rien reçu")
def test_a_draft_keeps_its_author_and_its_patient(ctx: Contexte, lina: Contexte) -> None:
    julie, autre = compte(ctx, JULIE, "salarie"), second_patient(ctx)
    sien = brouillons.nouveau_brouillon(julie, 1, "11506-3")
    gardes = [brouillons.enregistrer_brouillon(
        julie, replace(sien, auteur_id=ctx.compte_id, patient_id=autre, texte="x"))]
    gardes.append(brouillons.enregistrer_brouillon(
        julie, replace(gardes[0], auteur_id=ctx.compte_id, patient_id=autre, texte="y"),
        gardes[0]))
    assert {(g.auteur_id, g.patient_id) for g in gardes} == {(julie.compte_id, 1)}
    with ctx.store.lecture() as u:
        assert u.documents.brouillons(1) == u.documents.brouillons(autre) == []
    confier(ctx, lina)
    prepare = preparer(lina, ctx)
    garde = brouillons.garder(lina, replace(prepare, patient_id=autre, texte="z"), prepare)
    assert (garde.brouillon.patient_id, garde.brouillon.texte) == (1, "z")
    assert brouillons.lire_brouillon(ctx, prepare.id, 1).texte == "z"


@pytest.mark.attaque("Document d’un autre patient remplacé par une version préparée",
                     tente="dire, dans l’en-tête d’un courrier ou d’un formulaire, qu’il remplace "
                           "le document d’un autre patient\u00a0; le dire d’un document que l’on "
                           "prépare pour une professionnelle",
                     constat="refusé avant toute signature\u00a0; le document visé reste la "
                             "version en cours")
def test_a_version_replaces_a_document_of_its_own_patient_and_author(
        ctx: Contexte, lina: Contexte) -> None:
    autre = second_patient(ctx)
    vise = produce.valider(ctx, replace(brouillons.nouveau_brouillon(ctx, autre, "11506-3"),
                                        titre="Bilan", texte=TEXTE))
    mien = replace(brouillons.nouveau_brouillon(ctx, 1, "11506-3"), titre="Bilan")
    with pytest.raises(Refus, match="autre patient"):
        produce.valider(ctx, replace(mien, texte=remplacant(TEXTE, vise.id)))
    forme = formulaires.nouvelle(ctx, 1, formulaires.accueil(ctx, 1).genres[0][0]).saisie
    with pytest.raises(Refus, match="autre patient"):
        formulaires.apercu(ctx, replace(forme, valeur={**forme.valeur, "remplace": vise.id}))
    # Prepared for her: replacing what she signed is hers to decide.
    fait = produce.valider(ctx, replace(brouillons.nouveau_brouillon(ctx, 1, "11506-3"),
                                        titre="Fait", texte=TEXTE))
    confier(ctx, lina)
    brouillon = preparer(lina, ctx, remplacant(TEXTE, fait.id))
    preparations.proposer(lina, COURRIER, brouillon.id)
    for geste in (a_valider.apercu, a_valider.valider):
        with pytest.raises(Refus, match="préparé par une autre personne"):
            geste(ctx, ligne(ctx))
    with ctx.store.lecture() as u:
        assert u.documents.lire(vise.id) == vise and u.documents.lire(fait.id) == fait
    suite = versions_documents.nouvelle_version(ctx, fait.id)  # by herself, it goes on
    assert produce.valider(ctx, suite).version_number == 2


def test_a_prepared_form_replaces_nothing(ctx: Contexte, lina: Contexte) -> None:
    fait = produce.valider(ctx, replace(brouillons.nouveau_brouillon(ctx, 1, "11506-3"),
                                        titre="Fait", texte=TEXTE))
    confier(ctx, lina)
    genre = formulaires.accueil(lina, 1, ctx.compte_id).genres[0][0]
    saisie = formulaires.nouvelle(lina, 1, genre, pour=ctx.compte_id).saisie
    formulaires.garder(lina, replace(saisie, valeur={**saisie.valeur, "remplace": fait.id}))
    preparations.proposer(lina, FORMULAIRE, saisie.id)
    with pytest.raises(Refus, match="préparé par une autre personne"):
        a_valider.valider(ctx, ligne(ctx))


@pytest.mark.attaque("Identité changée entre la lecture et la signature",
                     tente="laisser la professionnelle lire un document préparé, changer le nom du "
                           "patient, puis attendre qu’elle valide",
                     constat="rien n’est signé\u00a0: le document, qui porterait un autre nom que "
                             "celui qu’elle a lu, est à relire")
def test_another_identity_is_read_before_it_is_signed(ctx: Contexte, lina: Contexte) -> None:
    confier(ctx, lina)
    brouillon = preparer(lina, ctx)
    preparations.proposer(lina, COURRIER, brouillon.id)
    vue = ligne(ctx)
    with ctx.store.ecriture() as u:
        patient = u.patients.lire(1)
        identite = patient.identite
        u.patients.enregistrer_identite(
            1, replace(identite, traits=replace(identite.traits, premier_prenom="ZOE")),
            auteur="Lina PETIT", cause="correction", version=patient.version)
    with pytest.raises(Refus, match="vient de changer"):
        a_valider.valider(ctx, vue)
    assert a_valider.valider(ctx, ligne(ctx)).auteur == ctx.qui


@pytest.mark.attaque("Geste sur ce qui est à une collègue, par une valeur forgée",
                     tente="reprendre la délégation d’une collègue ou corriger son observation en "
                           "présentant une fiche où l’on s’est mis à sa place",
                     constat="refusé\u00a0: ce que garde le dossier décide, pas ce que la fiche "
                             "annonce\u00a0; rien n’a changé")
def test_a_forged_value_takes_nobody_s_place(ctx: Contexte, lina: Contexte) -> None:
    julie = compte(ctx, JULIE, "salarie")
    donnee = confier(ctx, lina)
    with pytest.raises(Refus, match="Seule la personne"):
        equipes.revoquer(julie, replace(donnee, de_id=julie.compte_id))
    assert ctx.compte_id in equipes.pour_qui(lina, Geste.REDIGER)
    note = dossier.ajouter_observation(ctx, 1, "Plaie propre.")
    with pytest.raises(Refus, match="autre auteur"):
        dossier.modifier_observation(julie, replace(note, auteur_id=julie.compte_id), "Autre.")
    with ctx.store.lecture() as u:
        assert u.observations.lire(note.id).texte == "Plaie propre."
