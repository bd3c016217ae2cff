"""Two people edit one thing, on both engines: merged where they agree, asked where they don't."""

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.agenda import EtatPassage
from app.domain.document import Brouillon
from app.domain.patient import Contact
from app.domain.roles import Acces, Role
from app.store import places
from app.store.errors import ErreurStore
from app.store.unite import Unite
from app.usecases import agenda, brouillons, comptes, dossier, garde, orthographe, patients
from app.usecases.access import DemandeCabinet, creer_cabinet, deverrouiller
from app.usecases.concurrence import ConflitSaisie, Texte
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.fiches_comptes import FicheCompte, ecrire_fiche, lire_fiche
from app.usecases.settings import enregistrer_reglages, lire_reglages
from tests.centre_outils import CENTRE, MARIAM, MOT_DE_PASSE
from tests.store_outils import nouvelle_base, serveur_commun, supprimer_base, traits

POSTGRESQL = pytest.param("postgresql", marks=[pytest.mark.postgres,
                                               pytest.mark.xdist_group("postgres")])


@pytest.fixture(params=["sqlite", POSTGRESQL])
def deux(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
         ) -> Iterator[tuple[Contexte, Contexte]]:
    """Two windows on one practice."""
    monkeypatch.setattr(places, "dossier_donnees", lambda: tmp_path / "donnees")
    ou: Path | str = tmp_path / "c.pleiade"
    nom = f"deux_{secrets.token_hex(4)}"
    if request.param == "postgresql":
        (tmp_path / "donnees").mkdir()
        ou = nouvelle_base(serveur_commun(), nom)
    un = creer_cabinet(ou, DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE)).contexte
    autre = deverrouiller(ou, MOT_DE_PASSE)
    yield un, autre
    un.fermer()
    autre.fermer()
    if request.param == "postgresql":
        supprimer_base(serveur_commun(), nom)


Deux = tuple[Contexte, Contexte]


def test_an_identity_that_two_correct(deux: Deux) -> None:
    un, autre = deux
    lu = patients.creer_patient(un, traits()).patient
    assert lu is not None
    base = lu.identite.traits
    patients.modifier_traits(autre, lu.id, replace(base, nom_utilise="MARTIN"), lu.version, base)
    # Another field: both are kept without a question.
    ecrit = patients.modifier_traits(un, lu.id, replace(base, prenom_utilise="MANON"), lu.version,
                                     base)
    assert (ecrit.identite.traits.nom_utilise, ecrit.identite.traits.prenom_utilise) == (
        "MARTIN", "MANON")
    with pytest.raises(ConflitSaisie) as conflit:
        patients.modifier_traits(un, lu.id, replace(base, nom_utilise="DUPONT"), lu.version, base)
    (champ,) = conflit.value.champs
    assert (champ.libelle, champ.base, champ.mien, champ.leur) == (
        "Nom utilisé", "", "DUPONT", "MARTIN")
    assert conflit.value.par == "Un autre poste"  # the same person, elsewhere
    with un.store.lecture() as u:
        assert u.patients.lire(lu.id) == ecrit
    # A third one writes while the choice is on screen: nothing of it is lost.
    patients.modifier_traits(autre, lu.id, replace(ecrit.identite.traits, prenom_utilise="LOU"),
                             ecrit.version, ecrit.identite.traits)
    choisi = conflit.value.appliquer({"nom_utilise": "mien"}).identite.traits
    assert (choisi.nom_utilise, choisi.prenom_utilise) == ("DUPONT", "LOU")


def test_an_address_typed_twice(deux: Deux) -> None:
    un, autre = deux
    lu = patients.creer_patient(un, traits()).patient
    assert lu is not None
    patients.enregistrer_contact(autre, lu.id, Contact(telephone="0102030405"), lu.version,
                                 lu.contact)
    ecrit = patients.enregistrer_contact(un, lu.id, Contact(commune="Mazoires"), lu.version,
                                         lu.contact)
    assert ecrit.contact == Contact(telephone="0102030405", commune="Mazoires")
    with pytest.raises(ConflitSaisie) as conflit:
        patients.enregistrer_contact(un, lu.id, Contact(telephone="0611111111"), lu.version,
                                     lu.contact)
    assert conflit.value.appliquer({"telephone": "leur"}).contact.telephone == "0102030405"


def test_a_note_corrected_in_two_windows(deux: Deux) -> None:
    un, autre = deux
    lu = patients.creer_patient(un, traits()).patient
    assert lu is not None
    note = dossier.ajouter_observation(un, lu.id, "Plaie propre.")
    dossier.modifier_observation(autre, note, "Plaie propre. Pansement changé.")
    with pytest.raises(ConflitSaisie) as conflit:
        dossier.modifier_observation(un, note, "Plaie propre. Douleur 3/10.")
    (champ,) = conflit.value.champs
    assert champ.long
    garde = conflit.value.appliquer({"texte": Texte(champ.ensemble)})
    assert "Pansement changé." in garde.texte
    assert "Douleur 3/10." in garde.texte
    with un.store.lecture() as u:
        assert [t for t, _ in u.observations.anciennes(note.id)] == [
            "Plaie propre.", "Plaie propre. Pansement changé."]


def test_a_visit_moved_and_marked(deux: Deux) -> None:
    un, autre = deux
    vu = agenda.ajouter_passage(un, "2026-06-01", "10:00", None)
    agenda.marquer_passage(autre, vu, EtatPassage.FAIT)
    deplace = agenda.deplacer_passage(un, vu, "2026-06-01", "11:00")
    assert (deplace.heure, deplace.etat) == ("11:00", EtatPassage.FAIT)
    with pytest.raises(ConflitSaisie) as conflit:
        agenda.deplacer_passage(autre, vu, "2026-06-01", "12:00")
    assert [c.code for c in conflit.value.champs] == ["heure"]
    with pytest.raises(Refus, match="vient d’être modifié"):
        agenda.supprimer_passage(autre, vu)
    agenda.supprimer_passage(autre, deplace)
    agenda.supprimer_passage(un, deplace)


def test_a_draft_in_two_windows(deux: Deux) -> None:
    un, autre = deux
    lu = patients.creer_patient(un, traits()).patient
    assert lu is not None
    base = brouillons.nouveau_brouillon(un, lu.id, "11506-3")
    brouillons.enregistrer_brouillon(autre, replace(base, titre="Passage du soir"), base)
    ecrit: Brouillon = brouillons.enregistrer_brouillon(un, replace(base, texte="Plaie."), base)
    assert (ecrit.titre, ecrit.texte) == ("Passage du soir", "Plaie.")
    with pytest.raises(ConflitSaisie, match="ce brouillon"):
        brouillons.enregistrer_brouillon(autre, replace(base, texte="Autre."), base)


def test_settings_changed_by_two(deux: Deux) -> None:
    un, autre = deux
    base = lire_reglages(un)
    enregistrer_reglages(autre, replace(base, delai_envoi_min=15), base)
    ecrits = enregistrer_reglages(un, replace(base, mention_rgpd="Autre mention."), base)
    assert (ecrits.delai_envoi_min, ecrits.mention_rgpd) == (15, "Autre mention.")
    assert lire_reglages(autre) == ecrits
    with pytest.raises(ConflitSaisie) as conflit:
        enregistrer_reglages(un, replace(base, delai_envoi_min=60), base)
    assert [(c.mien, c.leur) for c in conflit.value.champs] == [("60 min", "15 min")]
    assert conflit.value.appliquer({"delai_envoi_min": "mien"}).delai_envoi_min == 60


def test_many_write_the_same_patient_at_once_and_nothing_is_lost(deux: Deux) -> None:
    un, autre = deux
    lu = patients.creer_patient(un, traits()).patient
    assert lu is not None
    champs = ("adresse", "code_postal", "commune", "telephone", "courriel")
    pret = threading.Barrier(len(champs))

    def ecrire(rang: int, champ: str) -> None:
        pret.wait()
        patients.enregistrer_contact((un, autre)[rang % 2], lu.id,
                                     replace(lu.contact, **{champ: champ}), lu.version,
                                     lu.contact)

    fils = [threading.Thread(target=ecrire, args=x) for x in enumerate(champs)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    with un.store.lecture() as u:
        assert u.patients.lire(lu.id).contact == Contact(*champs)


def _ensemble(*gestes: Callable[[], object]) -> list[object]:
    """Run gestures at the same instant; what each gave or raised."""
    pret = threading.Barrier(len(gestes))
    issues: list[object] = [None] * len(gestes)

    def faire(rang: int) -> None:
        pret.wait()
        try:
            issues[rang] = gestes[rang]()
        except (Refus, ErreurStore) as erreur:
            issues[rang] = erreur

    fils = [threading.Thread(target=faire, args=(r,)) for r in range(len(gestes))]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    return issues


def test_two_administrators_who_retire_each_other_at_once_leave_one(deux: Deux) -> None:
    """What a unit reads is still true when it writes, on a server too."""
    un, autre = deux
    sans = Acces(("titulaire",))
    for tour in range(4):
        with un.store.ecriture() as u:
            numero = u.comptes.ajouter_professionnel(
                replace(MARIAM, identifiant=f"interne-{tour}", nom="JEU"))
            ecrire_fiche(u, numero, FicheCompte("jeu", ("administrateur",)))
        issues = _ensemble(lambda n=numero: comptes.changer_acces(un, n, sans),
                           lambda: comptes.changer_acces(autre, un.compte_id, sans))
        assert any(isinstance(i, Refus) for i in issues)
        with un.store.lecture() as u:
            restants = [i for i, _ in u.comptes.professionnels()
                        if lire_fiche(u, i).acces.administre]
        assert restants in ([un.compte_id], [numero])
        with un.store.ecriture() as u:
            for i, _ in u.comptes.professionnels():
                ecrire_fiche(u, i, replace(lire_fiche(u, i), roles=(
                    "titulaire", "administrateur") if i == un.compte_id else ("titulaire",)))


def test_one_patient_created_by_two_secretaries_at_once(deux: Deux) -> None:
    un, autre = deux
    issues = _ensemble(lambda: patients.creer_patient(un, traits()),
                       lambda: patients.creer_patient(autre, traits()))
    crees = [i.patient for i in issues if isinstance(i, patients.CreationPatient)]
    assert sum(c is not None for c in crees) == 1
    with un.store.lecture() as u:
        assert u.patients.compter() == 1


def test_two_settings_kept_at_once_in_one_list(deux: Deux) -> None:
    """A list read, completed and written: no word of a colleague is lost."""
    un, autre = deux
    _ensemble(*(lambda c=(un, autre)[n % 2], m=f"mot{'abcdef'[n]}": orthographe.ajouter_mot(c, m)
                for n in range(6)))
    assert len(orthographe.mots_personnels(un)) == 6


@pytest.mark.attaque("Deux administrateurs se retirent leur rôle au même instant",
                     tente="sur deux postes, après que chacun a vérifié que l’autre reste "
                           "administrateur ; de même, supprimer un rôle pendant qu’il est donné",
                     constat="l’un passe, l’autre est refusé : il reste un administrateur, et "
                             "aucun compte n’a de rôle disparu (fichier et PostgreSQL)")
def test_the_last_administrator_outlives_two_at_once(
        deux: Deux, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.domain.people import Professionnel
    from app.domain.roles import ADMINISTRATEUR
    from app.usecases import roles

    un, autre = deux
    second = comptes.ajouter_compte(un, Professionnel("", "DUPONT", "JULIE", "60"),
                                    Acces(("titulaire", ADMINISTRATEUR)),
                                    "Quatre mots sans rapport 7").id
    rendez_vous = threading.Barrier(2)
    exiger, tous = comptes._exiger_autre_administrateur, comptes.defauts_acces

    def ensemble() -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            rendez_vous.wait(0.7)  # short: where units take turns nobody comes

    def exiger_puis_attendre(u: Unite, compte_id: int) -> None:
        exiger(u, compte_id)
        ensemble()

    monkeypatch.setattr(comptes, "_exiger_autre_administrateur", exiger_puis_attendre)
    issues: list[str] = []

    def tenter(geste: Callable[[], object]) -> None:
        try:
            geste()
            issues.append("fait")
        except Refus as refus:
            issues.append(refus.code)

    def jouer(*gestes: Callable[[], object]) -> list[str]:
        issues.clear()
        rendez_vous.reset()
        fils = [threading.Thread(target=tenter, args=(g,)) for g in gestes]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
        return sorted(issues)

    titulaire = Acces(("titulaire",))
    refus, fait = jouer(lambda: comptes.changer_acces(un, second, titulaire),
                        lambda: comptes.changer_acces(autre, un.compte_id, titulaire))
    # Refused as the last one, or for want of the right that the other had just withdrawn.
    assert refus in ("DERNIER-ADMINISTRATEUR", "DROIT-COMPTES") and fait == "fait"
    with un.store.ecriture() as u:  # both administrators again, whoever stayed
        fiches = {i: lire_fiche(u, i) for i, _ in u.comptes.professionnels()}
        assert sum(f.acces.administre for f in fiches.values()) == 1
        for i, fiche in fiches.items():
            ecrire_fiche(u, i, replace(fiche, roles=("titulaire", ADMINISTRATEUR)))
    garde.oublier()

    def lire_puis_attendre(acces: Acces, connus: Mapping[str, Role]) -> list[str]:
        fautes = tous(acces, connus)
        if "salarie" in acces.roles:
            ensemble()
        return fautes

    monkeypatch.setattr(comptes, "_exiger_autre_administrateur", exiger)
    monkeypatch.setattr(comptes, "defauts_acces", lire_puis_attendre)

    def supprimer() -> None:
        ensemble()  # the other has just read that the role is there
        roles.supprimer_role(autre, "salarie")

    issue = jouer(lambda: comptes.changer_acces(un, second, Acces(("salarie", ADMINISTRATEUR))),
                  supprimer)
    connus = {r.code for r in roles.lister_roles(un)}
    assert all(set(c.acces.roles) <= connus for c in comptes.lister_comptes(un)), issue
