"""Envois: groups, words, keys, remedies, undo."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.domain.outbox import Destination, Etape, EtatOrdre, Ordre
from app.domain.session import EtatService
from app.ui import theme
from app.ui.controllers import envois as module
from app.ui.controllers.envois import EnvoisController
from app.ui.fenetre import Fenetre
from app.ui.models.envois import ROLE_GROUPE, Colonne, ModeleEnvois, detail, quand
from app.ui.views.confirmation import Confirmation
from app.ui.views.envois import VueEnvois
from app.ui.workers import Workers

E = EtatOrdre
JOUR = date(2026, 11, 23)


def heure(texte: str, jour: str = "2026-11-23") -> str:
    """Local time as UTC ISO."""
    return datetime.fromisoformat(f"{jour}T{texte}").astimezone(UTC).isoformat()


def ordre(i: int, etat: EtatOrdre, **kw) -> Ordre:
    base = Ordre(i, Destination.DMP, 10 + i, 20 + i, 1, etat, heure("12:30"), 1, heure("08:54"),
                 document_titre=f"Lettre {i}", patient_nom=f"PATIENT {chr(64 + i)}",
                 cree_le=heure("08:21"), termine_le=heure("07:33"))
    return replace(base, **kw)


def boutons(vue: VueEnvois) -> dict[str, QPushButton]:
    QApplication.processEvents()
    return {b.text(): b for b in vue.detail.findChildren(QPushButton) if b.isVisibleTo(vue)}


@pytest.fixture
def vue(qapp, qtbot) -> VueEnvois:
    theme.appliquer(qapp, "clair")
    v = VueEnvois()
    qtbot.addWidget(v)
    v.resize(1282, 720)
    v.show()
    v.activateWindow()
    return v


def test_orders_are_grouped_those_to_solve_first() -> None:
    modele = ModeleEnvois()
    modele.definir([ordre(1, E.ENVOYE), ordre(2, E.PROGRAMME), ordre(3, E.REFUSE),
                    ordre(4, E.ANNULE), ordre(5, E.RETENU)], JOUR)
    tetes = [g.titre for i in range(modele.rowCount())
             if (g := modele.index(i, 0).data(ROLE_GROUPE))]
    assert tetes == ["À traiter", "En file", "Terminés"]
    assert modele.ordre(modele.premiere()).id == 3
    assert modele.voisine(1, 1) == 3 and modele.voisine(1, -1) == 1
    modele.filtrer(texte="lettre 2")
    assert modele.rowCount() == 2 and modele.ordre(1).id == 2
    modele.filtrer(groupe="termines")
    assert [modele.ordre(i).id for i in (1, 2)] == [1, 4]


@pytest.mark.parametrize(("valeur", "attendu"), [
    (ordre(1, E.ATTENTE_TECHNIQUE), "Nouvel essai à 08:54"),
    (ordre(1, E.ATTENTE_TECHNIQUE, remede="se_connecter"), "À votre prochaine connexion"),
    (ordre(1, E.PROGRAMME), "Envoi à 12:30"),
    (ordre(1, E.ENVOYE), "Reçu à 07:33"),
    (ordre(1, E.ENVOYE, termine_le=heure("07:33", "2026-11-20")), "Reçu le 20/11"),
    (ordre(1, E.ENVOYE, termine_le=heure("07:33", "2025-11-20")), "Reçu le 20/11/2025"),
    (ordre(1, E.RETENU), "Par le cabinet"),
    (ordre(1, E.REFUSE, motif="Le DMP est fermé."), "Le DMP est fermé."),
])
def test_the_last_column_says_why_or_when(valeur: Ordre, attendu: str) -> None:
    assert detail(valeur, JOUR) == attendu


def test_unknown_hours_stay_empty() -> None:
    assert quand("", JOUR) == ""


def test_the_first_refused_order_is_selected_with_its_remedies(vue, qtbot) -> None:
    vue.montrer([ordre(1, E.ENVOYE), ordre(2, E.REFUSE, motif="Identité non qualifiée.",
                                           remede="qualifier_ins", code="INS-NON-QUALIFIEE")])
    assert vue.courant().id == 2
    assert {"Qualifier l’INS", "Réessayer", "Annuler l’envoi", "Ouvrir le dossier"} \
        <= set(boutons(vue))
    vue.entrer()
    with qtbot.waitSignal(vue.detail.remede) as signal:
        QTest.keyClick(vue.table, Qt.Key.Key_Return)
    assert signal.args[0] == "qualifier_ins"


@pytest.mark.parametrize(("etat", "voulus", "exclus"), [
    (E.RETENU, {"Libérer l’envoi", "Annuler l’envoi"}, {"Réessayer", "Retenir"}),
    (E.PROGRAMME, {"Retenir", "Annuler l’envoi"}, {"Réessayer", "Libérer l’envoi"}),
    (E.ATTENTE_TECHNIQUE, {"Réessayer", "Retenir", "Annuler l’envoi"}, {"Libérer l’envoi"}),
    (E.EN_COURS, {"Ouvrir le dossier"}, {"Annuler l’envoi", "Retenir"}),
    (E.ENVOYE, {"Ouvrir le dossier"}, {"Annuler l’envoi", "Réessayer"}),
])
def test_only_allowed_gestures_are_offered(vue, etat, voulus, exclus) -> None:
    vue.montrer([ordre(1, etat)])
    offerts = set(boutons(vue))
    assert voulus <= offerts and not exclus & offerts


def test_keys_skip_heads_and_sent_orders_cant_be_cancelled(vue, qtbot) -> None:
    vue.montrer([ordre(1, E.REFUSE), ordre(2, E.PROGRAMME), ordre(3, E.ENVOYE)])
    vue.entrer()
    QTest.keyClick(vue.table, Qt.Key.Key_Down)
    assert vue.courant().id == 2
    with qtbot.waitSignal(vue.detail.annuler):
        QTest.keyClick(vue.table, Qt.Key.Key_Delete)
    QTest.keyClick(vue.table, Qt.Key.Key_Down)
    assert vue.courant().id == 3
    with qtbot.assertNotEmitted(vue.detail.annuler):
        QTest.keyClick(vue.table, Qt.Key.Key_Delete)


def test_the_selection_stays_when_the_list_is_refreshed(vue) -> None:
    liste = [ordre(1, E.REFUSE), ordre(2, E.PROGRAMME), ordre(3, E.PROGRAMME)]
    vue.montrer(liste)
    vue.table.aller_a(vue.modele.ligne_de(3))
    vue.montrer([liste[0], liste[1], replace(liste[2], etat=E.ENVOYE), ordre(4, E.REFUSE)])
    assert vue.courant().id == 3
    assert vue.modele.index(vue.modele.ligne_de(3), Colonne.ETAT).data() == "Envoyé"


def test_empty_and_filtered_lists_say_what_to_do(vue, qtbot) -> None:
    vue.montrer([])
    assert vue._titre_vide.text() == "Rien à traiter" and vue.detail.isHidden()
    vue.montrer([ordre(1, E.ENVOYE)])
    vue.filtre.setText("zzz")
    qtbot.waitUntil(lambda: vue._titre_vide.text().startswith("Aucun envoi"))


def test_one_line_says_that_the_dmp_is_down(vue) -> None:
    vue.montrer_services((EtatService("DMP", False, prochain_essai=heure("08:54")),))
    assert "reprise à 08:54" in vue._panne.text() and not vue._zone_panne.isHidden()
    vue.montrer_services((EtatService("DMP"),))
    assert vue._zone_panne.isHidden()


def test_steps_show_the_official_code(vue) -> None:
    vue.montrer([ordre(1, E.REFUSE, etapes=(
        Etape("2026-11-23T08:22:00+01:00", E.REFUSE, "Refusé par le DMP", "DMPPatientClosed"),))])
    textes = " ".join(w.text() for w in vue.detail.findChildren(type(vue._panne)))
    assert "DMPPatientClosed" in textes and "Refusé par le DMP" in textes


# -- Controller -----------------------------------------------------------------------------


class FausseBoite:
    """Use cases over a dictionary."""

    def __init__(self) -> None:
        self.ordres = {1: ordre(1, E.REFUSE), 2: ordre(2, E.PROGRAMME)}
        self.gestes: list[tuple[str, int]] = []

    def geste(self, nom: str, etat: EtatOrdre):
        def faire(ctx, ordre_id: int, version: int) -> Ordre:
            assert version == self.ordres[ordre_id].version
            self.gestes.append((nom, ordre_id))
            self.ordres[ordre_id] = replace(self.ordres[ordre_id], etat=etat, version=version + 1)
            return self.ordres[ordre_id]
        return faire


@pytest.fixture
def boite(qapp, qtbot, monkeypatch):
    theme.appliquer(qapp, "clair")
    b = FausseBoite()
    for nom, etat in (("retenir", E.RETENU), ("liberer", E.PROGRAMME), ("annuler", E.ANNULE),
                      ("reessayer", E.PROGRAMME)):
        monkeypatch.setattr(module.outbox, nom, b.geste(nom, etat))
    monkeypatch.setattr(module.outbox, "lister_envois", lambda ctx: tuple(b.ordres.values()))
    monkeypatch.setattr(module.outbox, "compter_echecs", lambda ctx: sum(
        o.etat is E.REFUSE for o in b.ordres.values()))
    f, w = Fenetre("1"), Workers()
    qtbot.addWidget(f)
    f.construire()
    b.reveils = []
    b.controleur = EnvoisController(f, w, object(), lambda: b.reveils.append(1))
    f.ajouter_page("envois", "send", "Envois", b.controleur.construire)
    f.resize(1366, 768)
    f.show()
    b.fenetre, b.vue = f, f.aller("envois")
    qtbot.waitUntil(lambda: b.vue.courant() is not None)
    yield b
    w.fermer()
    f.fermer_pour_de_bon()


def test_retry_wakes_the_runner_and_updates_the_counter(boite, qtbot) -> None:
    qtbot.waitUntil(lambda: boite.fenetre.rail.entree("envois").compteur == 1)
    boite.vue.detail.principal.click()
    qtbot.waitUntil(lambda: boite.fenetre.rail.entree("envois").compteur == 0)
    assert boite.gestes == [("reessayer", 1)] and boite.reveils


def test_holding_can_be_undone(boite, qtbot) -> None:
    boite.vue.detail.retenir.emit(boite.ordres[2])
    qtbot.waitUntil(lambda: "Envoi retenu" in boite.fenetre.texte_flottant)
    boite.fenetre._flottante._defaire()
    qtbot.waitUntil(lambda: ("liberer", 2) in boite.gestes)


def test_cancelling_asks_first_with_the_focus_on_the_safe_button(boite, qtbot) -> None:
    boite.vue.detail.annuler.emit(boite.ordres[1])
    question = boite.fenetre.findChild(Confirmation)
    assert question is not None and boite.gestes == []
    question.reject()
    assert boite.gestes == []
    boite.vue.detail.annuler.emit(boite.ordres[1])
    boite.fenetre.findChildren(Confirmation)[-1].confirmer.click()
    qtbot.waitUntil(lambda: boite.gestes == [("annuler", 1)])


def test_remedies_go_where_they_are_done(boite, qtbot) -> None:
    with qtbot.waitSignal(boite.controleur.connexion_demandee):
        boite.vue.detail.remede.emit("se_connecter", boite.ordres[1])
    with qtbot.waitSignal(boite.controleur.patient_demande) as signal:
        boite.vue.detail.remede.emit("qualifier_ins", boite.ordres[1])
    assert signal.args == [21]


def test_a_change_of_the_runner_refreshes_the_page(boite, qtbot) -> None:
    boite.ordres[2] = replace(boite.ordres[2], etat=E.ENVOYE)
    boite.controleur.ordre_change.emit(boite.ordres[2])
    qtbot.waitUntil(lambda: boite.vue.modele.compter("termines") == 1)


def test_a_refused_gesture_is_said_and_the_list_read_again(boite, qtbot, monkeypatch) -> None:
    class Conflit(Exception):
        message = "Cette fiche a été modifiée entre-temps."

    def refuser(*_):
        raise Conflit

    monkeypatch.setattr(module.outbox, "retenir", refuser)
    boite.vue.detail.retenir.emit(boite.ordres[2])
    qtbot.waitUntil(lambda: boite.fenetre.messages.textes == [Conflit.message])


def test_hours_are_local() -> None:
    loin = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    assert quand(loin, date.today()).startswith("le ")
