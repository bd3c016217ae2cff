"""The style sheet, as a template: `@name` is a colour token, `@12` a length that follows the text.

Rows of lists are never styled here (`::item`): their delegate paints them. Every class that the
sheet touches has its own `:focus` rule, because Fusion's frame vanishes then.
"""

import re
from collections.abc import Mapping

BASE = """
QToolTip{background:@texte;color:@surface;border:0;padding:@4 @8}
QWidget[fond="fond"]{background:@fond}
QWidget[fond="surface"]{background:@surface}
QWidget[fond="surface2"]{background:@surface2}
QWidget[fond="nuit"]{background:@nuit}
QFrame[carte="oui"]{background:@surface;border:1px solid @bordure;border-radius:6px}
QFrame[carte="flottante"]{background:@surface;border:1px solid @bordure_forte;border-radius:6px}
QFrame[trait="bas"]{border:0;border-bottom:1px solid @bordure}
QFrame[trait="haut"]{border:0;border-top:1px solid @bordure}
QFrame[trait="gauche"]{border:0;border-left:1px solid @bordure}
QFrame[trait="droite"]{border:0;border-right:1px solid @bordure}
QFrame[filet="oui"]{background:@bordure;border:0;min-height:1px;max-height:1px}
QFrame[filet="vertical"]{background:@bordure;border:0;min-width:1px;max-width:1px}
QDialog{background:@surface}
QScrollArea{background:transparent;border:0}
QScrollArea>QWidget>QWidget[fond=""]{background:transparent}
QSplitter::handle{background:@bordure}
QSplitter::handle:horizontal{width:1px}
QSplitter::handle:vertical{height:1px}
QSplitter::handle:focus{background:@focus}
"""

TEXTES = "".join(
    f'QLabel[ton="{ton}"]{{color:@{ton}}}\n'
    for ton in ("texte", "texte2", "texte_off", "accent", "sur_accent", "succes", "alerte",
                "erreur", "info", "violet", "neutre", "sur_nuit", "etoile", "blanc_nuit")
) + """
QLabel{background:transparent;border:0}
QLabel[touche="oui"]{background:@surface2;color:@texte2;border:1px solid @bordure;
  border-radius:3px;padding:1px @4}
QLabel[badge]{border-radius:@11;padding:@3 @8;font-weight:600}
QLabel[badge="succes"],QLabel[badge="qualifiee"]{background:@succes_doux;color:@succes}
QLabel[badge="alerte"],QLabel[badge="homonyme"]{background:@alerte_doux;color:@alerte}
QLabel[badge="erreur"],QLabel[badge="douteuse"]{background:@erreur_douce;color:@erreur}
QLabel[badge="info"],QLabel[badge="recuperee"]{background:@info_doux;color:@info}
QLabel[badge="violet"],QLabel[badge="validee"]{background:@violet_doux;color:@violet}
QLabel[badge="neutre"],QLabel[badge="provisoire"],QLabel[badge="fictive"]{
  background:@neutre_doux;color:@neutre}
QLabel[pastille="oui"]{background:@accent_doux;color:@accent;border-radius:@9;padding:1px @6;
  font-weight:600}
"""

BOUTONS = """
QPushButton[role="principal"]{background-color:@accent;color:@sur_accent;font-weight:600;
  background-clip:padding;border:2px solid transparent;border-radius:6px;padding:2px @12;
  min-height:@30}
QPushButton[role="principal"]:hover{background-color:@accent_survol}
QPushButton[role="principal"]:pressed{background-color:@accent_presse}
QPushButton[role="principal"]:focus{border-color:@focus}
QPushButton[role="principal"]:disabled{background-color:@surface2;color:@texte_off;
  border:1px solid @bordure;margin:2px;border-radius:4px;padding:1px @12}
QPushButton[role="danger"]{background-color:@erreur;color:@sur_accent;font-weight:600;
  background-clip:padding;border:2px solid transparent;border-radius:6px;padding:2px @12;
  min-height:@30}
QPushButton[role="danger"]:focus{border-color:@focus}
QPushButton[role="danger"]:disabled{background-color:@surface2;color:@texte_off;
  border:1px solid @bordure;margin:2px;border-radius:4px;padding:1px @12}
QPushButton[role="second"]{background:@surface;color:@texte;border:1px solid @bordure_forte;
  border-radius:4px;margin:1px;padding:2px @12;min-height:@26;font-weight:500}
QPushButton[role="second"]:hover{background:@survol}
QPushButton[role="second"]:pressed{background:@accent_doux}
QPushButton[role="second"]:checked{background:@accent_doux;color:@accent;font-weight:600}
QPushButton[role="second"]:focus{border:2px solid @focus;margin:0}
QPushButton[role="second"]:disabled{background:@surface2;color:@texte_off;border-color:@bordure}
QPushButton[role="discret"]{background:transparent;color:@accent;border:1px solid transparent;
  border-radius:4px;margin:1px;padding:2px @8;min-height:@26;font-weight:500}
QPushButton[role="discret"]:hover{background:@survol}
QPushButton[role="discret"]:pressed{background:@accent_doux}
QPushButton[role="discret"]:focus{border:2px solid @focus;margin:0}
QPushButton[role="discret"]:disabled{color:@texte_off}
QPushButton[role="lien"]{background:transparent;color:@accent;text-decoration:underline;
  border:1px solid transparent;border-radius:4px;margin:1px;padding:1px 2px;min-height:@20;
  font-weight:500;text-align:left}
QPushButton[role="lien"]:hover{color:@accent_survol}
QPushButton[role="lien"]:focus{border:2px solid @focus;margin:0}
QPushButton[role="lien"]:disabled{color:@texte_off}
QPushButton[taille="petit"]{min-height:@22;padding:1px @8}
QPushButton[role="principal"][taille="petit"]{min-height:@24;padding:1px @10}
QPushButton[taille="psc"]{min-height:@46;font-weight:600}
QPushButton[taille="choix"]{min-height:@40;padding:@6 @12;text-align:left}

QToolButton{background:transparent;color:@texte;border:1px solid transparent;border-radius:4px;
  margin:1px;padding:@4 @6}
QToolButton:hover{background:@survol}
QToolButton:pressed,QToolButton:checked{background:@accent_doux}
QToolButton:focus{border:2px solid @focus;margin:0}
QToolButton:disabled{color:@texte_off}
QToolButton::menu-indicator{image:none;width:0}
QToolButton[role="second"]{background:@surface;border:1px solid @bordure_forte}
QToolButton[role="second"]:hover{background:@survol}
QToolButton[role="second"]:checked{background:@accent_doux}
QToolButton[role="second"]:focus{border:2px solid @focus}
QToolButton[role="compteur"]{background:@surface;border:1px solid @bordure;padding:@2 @8}
QToolButton[role="compteur"]:hover{background:@survol}
QToolButton[role="compteur"]:focus{border:2px solid @focus}
QToolButton[role="barre"][ton="alerte"]{color:@alerte;font-weight:600}
QToolButton[role="barre"][ton="erreur"]{color:@erreur;font-weight:600}
QToolButton[role="segment"]{background:@surface;color:@texte2;border:1px solid @bordure_forte;
  border-right:0;border-radius:0;margin:0;padding:@6 @11;min-height:@18;font-weight:500}
QToolButton[role="segment"]:hover{background:@survol}
QToolButton[role="segment"]:checked{background:@accent_doux;color:@accent;font-weight:600}
QToolButton[role="segment"][place="debut"]{border-top-left-radius:4px;
  border-bottom-left-radius:4px}
QToolButton[role="segment"][place="fin"]{border-right:1px solid @bordure_forte;
  border-top-right-radius:4px;border-bottom-right-radius:4px}
QToolButton[role="segment"][place="seul"]{border:1px solid @bordure_forte;border-radius:4px}
QToolButton[role="segment"]:focus{border:2px solid @focus;padding:@6 @10;min-height:@16}
QToolButton[role="segment"][place="fin"]:focus{border:2px solid @focus}
"""

CHAMPS = """
QLineEdit,QComboBox,QDateTimeEdit,QTimeEdit,QSpinBox{background:@surface;color:@texte;
  border:1px solid @bordure_forte;border-radius:4px;padding:@5 @8;min-height:@20;
  selection-background-color:@accent;selection-color:@sur_accent}
QLineEdit,QTextEdit,QPlainTextEdit{placeholder-text-color:@texte2}
QLineEdit:focus,QComboBox:focus,QDateTimeEdit:focus,QTimeEdit:focus,QSpinBox:focus{
  border:2px solid @focus;padding:@4 @7}
QLineEdit:read-only{background:@surface2;border-color:@bordure}
QLineEdit:disabled,QComboBox:disabled,QDateTimeEdit:disabled,QTimeEdit:disabled,QSpinBox:disabled{
  background:@surface2;color:@texte_off;border-color:@bordure}
QLineEdit[etat="erreur"],QComboBox[etat="erreur"],QDateTimeEdit[etat="erreur"],
QTextEdit[etat="erreur"],QPlainTextEdit[etat="erreur"]{border:2px solid @erreur;padding:@4 @7}
QLineEdit[role="nu"]{border:0;background:transparent;padding:0}
QTextEdit,QPlainTextEdit,QTextBrowser{background:@surface;color:@texte;
  border:1px solid @bordure_forte;border-radius:4px;padding:@4;
  selection-background-color:@accent;selection-color:@sur_accent}
QTextEdit:focus,QPlainTextEdit:focus,QTextBrowser:focus{border:2px solid @focus;padding:@3}
QTextBrowser[role="papier"]{border:2px solid transparent;background:@papier;color:@encre;
  selection-background-color:@selection_papier;selection-color:@papier}
QTextBrowser[role="papier"]:focus{border-color:@focus}
QTextEdit[role="nu"],QPlainTextEdit[role="nu"],QTextBrowser[role="nu"]{border:2px solid transparent;
  border-radius:0;padding:@3}
QTextEdit[role="nu"]:focus,QPlainTextEdit[role="nu"]:focus,QTextBrowser[role="nu"]:focus{
  border:2px solid @focus}
QComboBox::drop-down,QDateTimeEdit::drop-down{border:0;width:@26}
QComboBox::down-arrow,QDateTimeEdit::down-arrow{image:url(icones:bas.svg);width:@16;height:@16}
QComboBox::down-arrow:disabled{image:url(icones:bas-inactif.svg)}
QComboBox QAbstractItemView{background:@surface;color:@texte;border:1px solid @bordure_forte;
  padding:2px;outline:0;selection-background-color:@accent_doux;selection-color:@texte}
QSpinBox::up-button,QTimeEdit::up-button,QSpinBox::down-button,QTimeEdit::down-button{border:0;
  width:@22;background:transparent}
QSpinBox::up-arrow,QTimeEdit::up-arrow{image:url(icones:haut.svg);width:@12;height:@12}
QSpinBox::down-arrow,QTimeEdit::down-arrow{image:url(icones:bas.svg);width:@12;height:@12}
QCheckBox,QRadioButton{color:@texte;spacing:@8;border:1px solid transparent;border-radius:4px;
  padding:@3;background:transparent}
QCheckBox:focus,QRadioButton:focus{border:2px solid @focus;padding:@2}
QCheckBox:disabled,QRadioButton:disabled{color:@texte_off}
QCheckBox::indicator{width:@16;height:@16;border:1px solid @bordure_forte;border-radius:3px;
  background:@surface}
QCheckBox::indicator:hover{background:@survol}
QCheckBox::indicator:checked{background:@accent;border-color:@accent;image:url(icones:coche.svg)}
QCheckBox::indicator:indeterminate{background:@accent;border-color:@accent;
  image:url(icones:tiret.svg)}
QListView::indicator{width:@16;height:@16;border:1px solid @bordure_forte;border-radius:3px;
 background:@surface}
QListView::indicator:checked{background:@accent;border-color:@accent;image:url(icones:coche.svg)}
QCheckBox::indicator:disabled{background:@surface2;border-color:@bordure}
QCheckBox::indicator:checked:disabled{image:url(icones:coche-inactive.svg)}
QRadioButton::indicator{width:@16;height:@16;border:1px solid @bordure_forte;border-radius:@8;
  background:@surface}
QRadioButton::indicator:hover{background:@survol}
QRadioButton::indicator:checked{background:@accent;border-color:@accent;
  image:url(icones:point.svg)}
QRadioButton::indicator:disabled{background:@surface2;border-color:@bordure}
"""

LISTES = """
QTableView,QListView,QTreeView{background:@surface;color:@texte;border:0;outline:0;
  selection-background-color:@accent_doux;selection-color:@texte;gridline-color:@bordure}
QListView[liste="saisie"]{border:1px solid @bordure_forte;border-radius:4px;padding:@4 0}
QListView[liste="saisie"]::item{padding:@5 @8;border:0}
QListView[liste="saisie"]::item:selected{background:@accent_doux;color:@texte}
QHeaderView{background:@surface2;border:0}
QHeaderView::section{background:@surface2;color:@texte2;border:0;
  border-bottom:1px solid @bordure;padding:@6 @8;font-weight:500}
QHeaderView[marge="page"]::section:first{padding-left:@16}
QHeaderView::section:hover{background:@survol}
QHeaderView::down-arrow{image:url(icones:bas.svg);width:@12;height:@12}
QHeaderView::up-arrow{image:url(icones:haut.svg);width:@12;height:@12}
QTableCornerButton::section{background:@surface2;border:0}
QScrollBar:vertical{background:transparent;width:@12;margin:0}
QScrollBar:horizontal{background:transparent;height:@12;margin:0}
QScrollBar::handle{background:@bordure_forte;border-radius:@3;margin:@3}
QScrollBar::handle:vertical{min-height:@32}
QScrollBar::handle:horizontal{min-width:@32}
QScrollBar::handle:hover{background:@texte2}
QScrollBar::add-line,QScrollBar::sub-line{width:0;height:0;border:0}
QScrollBar::add-page,QScrollBar::sub-page{background:transparent}
QTabBar{background:@surface;border:0}
QTabBar::tab{background:transparent;color:@texte2;border:2px solid transparent;
  border-bottom:3px solid transparent;padding:@6 12px;font-weight:500}
QTabBar[serre="oui"]::tab{padding:@6 4px}
QTabBar QToolButton{background:@surface;border:1px solid @bordure;margin:2px 0;padding:0}
QTabBar::scroller{width:@28}
QTabBar::tab:hover{background:@survol}
QTabBar::tab:selected{color:@texte;border-bottom:3px solid @accent;font-weight:600}
QTabBar::tab:selected:focus{border:2px solid @focus;border-bottom:3px solid @accent}
QMenu{background:@surface;color:@texte;border:1px solid @bordure_forte;padding:@4 0}
QMenu::item{padding:@6 @24 @6 @12;border:0}
QMenu::item:selected{background:@accent_doux;color:@texte}
QMenu::item:disabled{color:@texte_off}
QMenu::icon{padding-left:@10}
QMenu::separator{height:1px;background:@bordure;margin:@4 0}
QProgressBar{background:@neutre_doux;border:0;border-radius:2px;max-height:@4;min-height:@4}
QProgressBar::chunk{background:@accent;border-radius:2px}
QCalendarWidget QToolButton{color:@texte}
QCalendarWidget QAbstractItemView{selection-background-color:@accent;
  selection-color:@sur_accent;alternate-background-color:@surface2}
"""

CADRES = """
QFrame[message]{border:0;border-radius:0;border-top-right-radius:4px;
  border-bottom-right-radius:4px}
QFrame[message="erreur"]{background:@erreur_douce;border-left:4px solid @erreur}
QFrame[message="alerte"]{background:@alerte_doux;border-left:4px solid @alerte}
QFrame[message="info"]{background:@info_doux;border-left:4px solid @info}
QFrame[message="succes"]{background:@succes_doux;border-left:4px solid @succes}
QFrame[option]{background:@surface;border:1px solid @bordure_forte;border-radius:6px}
QFrame[option][choisie="oui"]{background:@accent_doux;border:2px solid @accent}
QFrame[comparaison]{border:0;border-bottom:1px solid @bordure;background:@surface}
QFrame[comparaison="different"]{background:@alerte_doux;border-left:4px solid @alerte}
QFrame#dica{border-radius:6px;background:@surface2}
QFrame#dica[etat="non"],QPushButton#dica[etat="non"],QToolButton#dica[etat="non"]{
  border:1px dashed @bordure_forte;border-radius:6px;background:@surface2}
QFrame#dica[etat="oui"],QPushButton#dica[etat="oui"],QToolButton#dica[etat="oui"]{
  border:1px solid @succes;border-radius:6px;background:@succes_doux}
QPushButton#dica:focus,QToolButton#dica:focus{border:2px solid @focus}
QFrame#rail{background:@nuit;border:0}
QToolButton#rail{background:@nuit;color:@sur_nuit;border:0;border-left:3px solid @nuit;
  border-radius:0;margin:0;padding:@6 0 @6 0}
QToolButton#rail:hover{background:@nuit2;border-left-color:@nuit2}
QToolButton#rail:checked{background:@nuit2;color:@blanc_nuit;border-left-color:@etoile;
  font-weight:600}
QToolButton#rail:focus{border:2px solid @focus_nuit}
QToolButton#version{background:transparent;color:@sur_nuit;border:2px solid transparent;margin:0;
  padding:@2 0}
QToolButton#version:hover{color:@blanc_nuit}
QToolButton#version:focus{border:2px solid @focus_nuit}
QFrame#barre{background:@surface;border:0;border-bottom:1px solid @bordure}
QFrame[champ="oui"]{background:@surface;border:1px solid @bordure_forte;border-radius:4px}
QFrame[champ="oui"][etat="erreur"]{border:2px solid @erreur}
QFrame[champ="oui"][actif="oui"]{border:2px solid @focus}
QFrame[fond="nuit"]{background:@nuit;border:0}
QFrame[fond="nuit2"]{background:@nuit2;border:0}
QFrame#ligneflottante{background:@nuit2;border:0;border-radius:4px}
QFrame#ligneflottante QLabel{color:@blanc_nuit}
QFrame#ligneflottante QLabel[touche="oui"]{background:transparent;color:@sur_nuit;
  border-color:@sur_nuit}
QFrame#ligneflottante QPushButton{background:transparent;color:@etoile;border:2px solid transparent;
  border-radius:4px;padding:2px @8;font-weight:600}
QFrame#ligneflottante QPushButton:focus{border-color:@focus_nuit}
QFrame#ligneflottante QPushButton:hover{background:@nuit}
"""

MODELE = BASE + TEXTES + BOUTONS + CHAMPS + LISTES + CADRES

_JETON = re.compile(r"@([a-z_][a-z0-9_]*|[0-9]+)")


def composer(jetons: Mapping[str, str], echelle: float) -> str:
    """Style sheet with these colours.

    Args:
        jetons: name -> #RRGGBB.
        echelle: text scale, 1.0 to 2.0; multiplies every `@12`.

    Raises:
        KeyError: the template names an unknown token.
    """
    def valeur(trouve: re.Match[str]) -> str:
        nom = trouve[1]
        return f"{round(int(nom) * echelle)}px" if nom.isdigit() else jetons[nom]

    return _JETON.sub(valeur, MODELE)
