"""The work lists of identities open where there is work."""

from pytestqt.qtbot import QtBot

from app.domain.listes_identite import ListeIdentite
from app.ui.views.listes_identite import LISTES, VueListesIdentite


def test_the_first_list_with_work_is_shown_until_one_is_chosen(qtbot: QtBot) -> None:
    vue = VueListesIdentite()
    qtbot.addWidget(vue)
    demandees: list[ListeIdentite] = []
    vue.liste_demandee.connect(demandees.append)
    vide = dict.fromkeys(LISTES, 0)
    vue.montrer_comptes(vide)
    assert demandees == []
    deuxieme, troisieme = list(LISTES)[1:3]
    vue.montrer_comptes(vide | {deuxieme: 4, troisieme: 2})
    assert demandees == [deuxieme]
    vue._choix[vue.liste].click()  # the user wants the empty one
    vue.montrer_comptes(vide | {troisieme: 2})
    assert demandees == [deuxieme, vue.liste] and vue.liste is ListeIdentite.VERIFICATION_KO
