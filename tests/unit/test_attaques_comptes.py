"""Each kind of account tries to see or do what isn't its own (LABEL.04)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.documents.courrier import Courrier, EnteteCourrier, depuis_texte, en_texte
from app.domain.confidentialite import Niveau
from app.domain.document import Brouillon, EtatDocument, FicheDocument, OrigineDocument
from app.domain.formulaire import SaisieForme
from app.domain.outbox import EtatOrdre
from app.store.errors import Introuvable
from app.usecases import (
    brouillons,
    classement,
    confidentialite,
    documents,
    equipes,
    formulaires,
    fusion,
    importation,
    outbox,
    versions_documents,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.comptes_outils import collegue
from tests.sauvegarde_outils import Cabinet, creer

SOIN, ADMIN = "11488-4", "51851-4"


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


@pytest.fixture
def infirmier(cabinet: Cabinet) -> Iterator[Contexte]:
    """A nurse of the same practice, with every care right, who isn't the author."""
    ctx = collegue(cabinet, "salarie", profession="60")
    yield ctx
    ctx.store.fermer()


@pytest.fixture
def secretaire(cabinet: Cabinet) -> Iterator[Contexte]:
    ctx = collegue(cabinet, "secretaire", nom="SECRETAIRE")
    yield ctx
    ctx.store.fermer()


def deposer(ctx: Contexte, numero: int = 1, *, ensemble: str = "", version: int = 1,
            origine: OrigineDocument = OrigineDocument.CABINET) -> FicheDocument:
    with ctx.store.ecriture() as u:
        return u.documents.ajouter(FicheDocument(
            0, 1, origine, EtatDocument.VALIDE, SOIN, f"Titre secret {numero}", "2026-11-20",
            ctx.qui, cda_id=f"1.2.{numero}", set_id=ensemble, version_number=version,
            auteur_id=ctx.compte_id if origine is OrigineDocument.CABINET else None),
            cda=f"<a>{numero}</a>".encode(), pdf=None)


def vus(ctx: Contexte) -> set[int]:
    return {li.document_id or 0 for li in documents.documents_du_patient(ctx, 1).lignes}


@pytest.mark.attaque("Version suivante d’un document restreint",
                     tente="lire, comme collègue, le brouillon puis la nouvelle version d’un "
                           "document gardé « moi seul », ou ses versions anciennes",
                     constat="le brouillon n’est qu’à son auteur, et toutes les versions ont le "
                             "niveau du document")
def test_a_new_version_is_closed_as_the_former_one(cabinet: Cabinet, infirmier: Contexte) -> None:
    ctx = cabinet.ctx
    avant = deposer(ctx, 1, ensemble="1.9", version=1)
    un = deposer(ctx, 2, ensemble="1.9", version=2)
    with ctx.store.ecriture() as u:
        u.courriers.garder_source(un.id, en_texte(Courrier((), EnteteCourrier())))
    confidentialite.restreindre_document(ctx, un.id, Niveau.AUTEUR)
    brouillon = versions_documents.nouvelle_version(ctx, un.id)
    assert depuis_texte(brouillon.texte).entete.remplace == un.id
    deux = deposer(ctx, 3, ensemble="1.9", version=3)

    assert documents.documents_du_patient(infirmier, 1).lignes == ()
    with pytest.raises(Refus, match="n’existe plus"):
        brouillons.lire_brouillon(infirmier, brouillon.id, 1)
    for numero in (avant.id, un.id, deux.id):
        with infirmier.store.lecture() as u, pytest.raises(Introuvable):
            u.documents.lire(numero)
    assert vus(ctx) == {avant.id, un.id, deux.id, 0}
    confidentialite.restreindre_document(ctx, deux.id, Niveau.EQUIPE)
    assert vus(infirmier) == {avant.id, un.id, deux.id}


@pytest.mark.attaque("Document d’une homonyme",
                     tente="changer, sous le même nom et le même prénom, l’accès au document "
                           "d’une collègue",
                     constat="refusé\u00a0: l’auteur est un compte, pas un nom\u00a0; un document "
                             "ancien dont l’auteur est douteux n’est à personne")
def test_a_namesake_is_not_the_author(cabinet: Cabinet) -> None:
    ctx = cabinet.ctx
    homonyme = collegue(cabinet, "salarie", profession="60", nom=ctx.professionnel.nom,
                        prenom=ctx.professionnel.prenom)
    assert homonyme.qui == ctx.qui and homonyme.compte_id != ctx.compte_id
    sien = deposer(ctx)
    with ctx.store.ecriture() as u:
        douteux = u.documents.ajouter(replace(sien, id=0, cda_id="1.2.99", auteur_id=None),
                                      cda=b"<a/>", pdf=None)
    for personne, document in ((homonyme, sien), (homonyme, douteux), (ctx, douteux)):
        with pytest.raises(Refus) as refus:
            confidentialite.restreindre_document(personne, document.id, Niveau.AUTEUR)
        assert refus.value.code == "AUTRE-AUTEUR"
    assert confidentialite.restreindre_document(ctx, sien.id, Niveau.AUTEUR) is Niveau.AUTEUR
    assert vus(homonyme) == {douteux.id}
    homonyme.store.fermer()


@pytest.mark.attaque("Brouillon d’une collègue",
                     tente="lister, lire, réécrire et jeter le courrier qu’une collègue est en "
                           "train d’écrire",
                     constat="introuvable ; qui prépare pour elle, aux jours dits, ne voit que ce "
                             "qu’il tape lui-même")
def test_a_draft_is_its_author_s_or_of_who_prepares_for_her(
        cabinet: Cabinet, infirmier: Contexte) -> None:
    from datetime import date

    from app.domain.equipes import Geste

    ctx = cabinet.ctx
    garde = brouillons.enregistrer_brouillon(ctx, Brouillon(
        0, 1, ctx.compte_id, SOIN, "Secret", en_texte(Courrier()), ""))
    assert documents.documents_du_patient(infirmier, 1).lignes == ()
    with pytest.raises(Introuvable):
        brouillons.enregistrer_brouillon(infirmier, replace(garde, texte="écrasé"))
    with pytest.raises(Introuvable):
        brouillons.abandonner_brouillon(infirmier, garde.id)
    assert brouillons.lire_brouillon(ctx, garde.id, 1) == garde

    jour = date.today().isoformat()
    equipes.deleguer(ctx, infirmier.compte_id, [Geste.REDIGER], jour, jour)
    # Who prepares sees what they type for her, and nothing that she writes herself.
    assert documents.documents_du_patient(infirmier, 1).lignes == ()
    with pytest.raises(Refus):
        brouillons.lire_brouillon(infirmier, garde.id, 1)
    prepare = brouillons.nouveau_brouillon(infirmier, 1, SOIN, pour=ctx.compte_id)
    (ligne,) = documents.documents_du_patient(infirmier, 1).lignes
    assert ligne.auteur == "LINE INFIRMIERE", "the draft is said to be its author's"
    assert ligne.cle == f"brouillon:{prepare.id}"


@pytest.mark.attaque("Formulaire d’une collègue",
                     tente="reprendre, réécrire ou jeter par son numéro le formulaire qu’une "
                           "collègue remplit",
                     constat="introuvable ; rien n’est modifié")
def test_a_form_begun_is_its_author_s(cabinet: Cabinet, infirmier: Contexte) -> None:
    with cabinet.ctx.store.ecriture() as u:
        saisie = u.saisies.enregistrer(SaisieForme(0, 1, cabinet.ctx.compte_id, "x", {"a": 1}))
    with pytest.raises(Introuvable):
        formulaires.reprendre(infirmier, saisie.id)
    with pytest.raises(Introuvable):
        formulaires.enregistrer(infirmier, replace(saisie, valeur={}))
    with pytest.raises(Introuvable):
        formulaires.abandonner(infirmier, saisie.id)
    with cabinet.ctx.store.lecture() as u:
        assert u.saisies.lire(saisie.id).valeur == {"a": 1}


@pytest.mark.attaque("Envoi d’un document caché",
                     tente="compter, retenir, annuler ou reprendre par son numéro l’envoi d’un "
                           "document gardé « moi seul »",
                     constat="ni compté, ni nommé, ni touché : la réponse est celle d’un envoi "
                             "qui n’existe pas")
def test_an_order_of_a_hidden_document_isn_t_there(cabinet: Cabinet, infirmier: Contexte,
                                                   secretaire: Contexte) -> None:
    un = deposer(cabinet.ctx)
    with cabinet.ctx.store.ecriture() as u:
        ordre = outbox.ajouter_ordre_dmp(u, document_id=un.id, patient_id=1, delai_min=0,
                                         auteur_id=cabinet.ctx.compte_id, retenir_envoi=False)
        pris = u.outbox.prendre(auteur_id=cabinet.ctx.compte_id)
        assert pris is not None
        ordre = u.outbox.terminer(ordre.id, etat=EtatOrdre.REFUSE, motif="Refusé")
    assert outbox.compter_echecs(cabinet.ctx) == outbox.compter_echecs(infirmier) == 1
    assert outbox.compter_echecs(secretaire) == 0
    confidentialite.restreindre_document(cabinet.ctx, un.id, Niveau.AUTEUR)
    assert outbox.lister_envois(infirmier) == () and outbox.compter_echecs(infirmier) == 0
    for geste in (outbox.retenir, outbox.annuler, outbox.reessayer, outbox.liberer):
        for numero in (ordre.id, 999):
            with pytest.raises(Introuvable, match="Cet envoi n’existe pas"):
                geste(infirmier, numero, ordre.version)
    for par_document in (outbox.retenir_document, outbox.annuler_document):
        with pytest.raises(Introuvable):
            par_document(infirmier, un.id)
    with cabinet.ctx.store.ecriture() as u:
        autre = u.patients.ajouter(u.patients.lire(1).identite, auteur="T", cause="C")
    comparee = fusion.comparer_dossiers(infirmier, 1, autre.id)
    assert (comparee.contenu_a.documents, comparee.contenu_a.envois) == (0, 0)
    assert outbox.compter_echecs(cabinet.ctx) == 1
    with cabinet.ctx.store.lecture() as u:
        assert u.outbox.lire(ordre.id).etat is EtatOrdre.REFUSE


def recevoir(ctx: Contexte, texte: str) -> int:
    """A text file that waits to be filed."""
    bilan = importation.importer(ctx, [("compte rendu.txt", texte.encode())], None)
    (attente,) = bilan.attente
    assert attente.entrant_id is not None
    return attente.entrant_id


@pytest.mark.attaque("Lire par « À classer » un document classé puis restreint",
                     tente="ouvrir la ligne par son numéro après son classement",
                     constat="refusé : le document se lit dans le dossier, où son niveau décide")
def test_a_line_once_filed_shows_nothing(cabinet: Cabinet, infirmier: Contexte,
                                         secretaire: Contexte) -> None:
    numero = recevoir(cabinet.ctx, "Plaie du talon")
    ligne = classement.detailler(secretaire, numero).ligne.entrant
    fiche = classement.classer(cabinet.ctx, numero, 1, type_code=SOIN, titre="Secret")
    confidentialite.restreindre_document(cabinet.ctx, fiche.id, Niveau.AUTEUR)
    for ctx in (infirmier, secretaire):
        for geste in (lambda c: classement.detailler(c, numero),
                      lambda c: classement.recu(c, ligne),
                      lambda c: classement.comparer(c, numero, 1),
                      lambda c: classement.proposer_creation(c, numero)):
            with pytest.raises(Refus, match="se lit dans le dossier"):
                geste(ctx)
        with pytest.raises(Refus, match="ne peut plus être annulé"):
            classement.annuler_classement(ctx, numero)
    assert vus(cabinet.ctx) == {fiche.id}


def test_a_secretary_undoes_the_filing_of_what_she_may_not_read(
        cabinet: Cabinet, secretaire: Contexte) -> None:
    """Ctrl+Z said « Ce document n’est pas dans le dossier »."""
    numero = recevoir(secretaire, "Plaie du talon")
    fiche = classement.classer(secretaire, numero, 1, type_code=SOIN, titre="Compte rendu")
    assert vus(secretaire) == set() and vus(cabinet.ctx) == {fiche.id}
    classement.annuler_classement(secretaire, numero)
    assert [li.entrant.id for li in classement.lister(secretaire)] == [numero]
    with cabinet.ctx.store.lecture() as u:
        assert u.documents.lister(1) == []


@pytest.mark.attaque("Retirer un document par l’annulation d’un classement",
                     tente="classer un double d’un document présent, ou un document qu’un soignant "
                           "a restreint depuis, puis annuler le classement",
                     constat="la ligne revient à classer, le document du dossier reste")
def test_undoing_a_filing_takes_out_nothing_else(cabinet: Cabinet,
                                                 secretaire: Contexte) -> None:
    numero = recevoir(secretaire, "Plaie du talon")
    fiche = classement.classer(secretaire, numero, 1, type_code=SOIN, titre="Compte rendu")
    confidentialite.restreindre_document(cabinet.ctx, fiche.id, Niveau.AUTEUR)
    with pytest.raises(Refus, match="repris par un soignant"):
        classement.annuler_classement(secretaire, numero)
    assert vus(cabinet.ctx) == {fiche.id}


@pytest.mark.attaque("Chercher un document caché en déposant son double",
                     tente="importer les mêmes octets qu’un document gardé « moi seul »",
                     constat="« déjà au dossier d’un patient » : ni son nom, ni son numéro")
def test_a_duplicate_of_a_hidden_document_names_nobody(cabinet: Cabinet,
                                                       infirmier: Contexte) -> None:
    (classe,) = importation.importer(cabinet.ctx, [("a.txt", b"Plaie du talon")], 1).classes
    (deja,) = importation.importer(infirmier, [("a.txt", b"Plaie du talon")], 1).deja
    assert deja.patient_id == 1 and deja.document_id == classe.document_id
    assert classe.document_id is not None
    confidentialite.restreindre_document(cabinet.ctx, classe.document_id, Niveau.AUTEUR)
    (deja,) = importation.importer(infirmier, [("a.txt", b"Plaie du talon")], 1).deja
    assert (deja.patient_id, deja.document_id) == (None, None)
    assert "dossier d’un patient" in deja.raison
