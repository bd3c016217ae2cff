"""Chapter 1 INS: birthplaces (COG), search before creation, creation."""

from typing import TYPE_CHECKING

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from app.domain.identity import COG_INCONNU, StatutIdentite, Traits
from app.ui.models.recherche import Resultat
from app.ui.views.nouveau_patient import DialogueNouveauPatient
from app.usecases import patients
from tests.scenarios.ins_outils import (
    ajouter,
    attendre_statut,
    choisir_lieu,
    id_de,
    identite,
    lieux_proposes,
)

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

LIEU = "Lieu de naissance (INSEE)"


def nouveau(poste: "Poste") -> DialogueNouveauPatient:
    """Ctrl+N."""
    poste.pilote.touche(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    return dialogue(poste)


def dialogue(poste: "Poste") -> DialogueNouveauPatient:
    """The dialog on screen."""
    poste.pilote.attendre(lambda: poste.pilote.visibles(DialogueNouveauPatient), "le dialogue")
    return poste.pilote.visibles(DialogueNouveauPatient)[0]


def remplir(poste: "Poste", nom: str, prenom: str, naissance: str, sexe: str) -> None:
    """Four of the five traits, as one types them."""
    pilote = poste.pilote
    pilote.remplir("Nom de naissance", nom)
    pilote.remplir("1er prénom de naissance", prenom)
    pilote.remplir("Date de naissance", naissance)
    if sexe:
        pilote.cliquer(sexe)


def creer(poste: "Poste") -> None:
    """Ctrl+Entrée creates and opens."""
    poste.pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    poste.pilote.attendre(lambda: not poste.pilote.visibles(DialogueNouveauPatient), "créé")


@pytest.mark.exigence("SC.INS.01", "SC.INS.02", "SC.INS.06", "INS/va1.22",
                      titre="Lieu de naissance : communes, anciens noms, pays, inconnu")
def test_birthplaces(poste: "Poste", preuve: "Preuve") -> None:
    """A commune by its name, an old one at the birth date with its successor, a country, an
    overseas collectivity, INCONNU; nothing is proposed before one types."""
    pilote = poste.pilote
    poste.ouvrir()
    vue = nouveau(poste)
    assert vue.lieu.text() == "" and vue._cog == ""  # INCONNU is never pre-filled
    preuve.noter("Le lieu de naissance est vide à l’ouverture : rien n’est prérempli.")
    pilote.capturer("lieu-vide")
    remplir(poste, "durand", "léa", "12/03/1960", "Féminin")
    pilote.remplir(LIEU, "annecy le v")
    pilote.attendre(lambda: any("74011" in x for x in lieux_proposes(poste)), "commune fusionnée")
    (ancienne,) = [x for x in lieux_proposes(poste) if "74011" in x]
    assert "jusqu’au 31/12/2016, aujourd’hui Annecy (74010)" in ancienne  # its successor
    pilote.capturer("commune-fusionnee")
    for texte, attendu, nom in (("St Flour", "15187", "saint-abrege"),
                                ("paris 14", "75114", "arrondissement"),
                                ("Mali", "99335", "pays"),
                                ("Nouvelle Cal", "988", "collectivite-d-outre-mer")):
        pilote.remplir(LIEU, texte)
        pilote.attendre(lambda a=attendu: any(a in x for x in lieux_proposes(poste)), texte)
        pilote.capturer(nom)
    pilote.remplir(LIEU, "inconnu")
    pilote.attendre(lambda: any(COG_INCONNU in x for x in lieux_proposes(poste)), "INCONNU")
    choisir_lieu(poste, "annecy le v", "74011")
    creer(poste)
    pilote.attendre(lambda: pilote.voit("74011"), "le dossier, avec l’ancien code")
    assert identite(poste, id_de(poste, "DURAND")).traits.lieu_naissance == "74011"
    pilote.capturer("ancien-code-garde")
    # The same with the place unknown: one click, and nothing else asked.
    nouveau(poste)
    remplir(poste, "durand", "jeanne", "311270", "Féminin")
    pilote.cliquer("Lieu inconnu")
    pilote.attendre(lambda: pilote.voit("Aucun dossier semblable"), "recherche faite")
    pilote.capturer("lieu-inconnu")
    with poste.geste("Créer le dossier saisi"):
        pilote.cliquer("Créer le dossier")
    pilote.attendre(lambda: pilote.voit("99999"), "INCONNU au dossier")
    traits = identite(poste, id_de(poste, "DURAND JEANNE")).traits
    assert traits == Traits("DURAND", "JEANNE", "1970-12-31", "F", COG_INCONNU)
    poste.assemblage.reglages.ouvrir("a_propos")
    pilote.attendre(lambda: pilote.voit("Code officiel géographique"), "À propos")
    pilote.capturer("referentiel-version-et-date")


@pytest.mark.exigence("INS/va1.21", titre="Les cinq traits sont exigés, un par un")
def test_each_mandatory_trait_is_asked_for(poste: "Poste") -> None:
    """Each one left out in turn: the creation is refused, the field says it."""
    pilote = poste.pilote
    poste.ouvrir()
    vue = nouveau(poste)
    champs = ("Nom de naissance", "1er prénom de naissance", "Date de naissance", "Sexe", LIEU)
    avant = len(patients.ids_patients(poste.ctx))
    for rang, manquant in enumerate(champs):
        remplir(poste, "" if rang == 0 else "DURAND", "" if rang == 1 else "PAUL",
                "" if rang == 2 else "12/03/1960", "Masculin")
        if rang == 3:
            vue.sexe.effacer()
        pilote.remplir(LIEU, "")
        if rang != 4:
            pilote.cliquer("Lieu inconnu")
        pilote.cliquer("Créer")
        fautes = [c.libelle.text() for c in (vue._champ_nom, vue._champ_prenom, vue._champ_date,
                                             vue._champ_sexe, vue._champ_lieu)
                  if c.faute.isVisible()]
        assert fautes == [manquant]
        pilote.capturer(f"sans-{manquant.split()[0].lower()}-{rang}")
        assert len(patients.ids_patients(poste.ctx)) == avant


@pytest.mark.exigence("SC.INS.22", "INS/va1.25",
                      titre="Chercher avant de créer, sans tenir compte des accents et des tirets")
def test_search_before_creation(connecte: "Poste") -> None:
    """Beginning of the name and birth date, matricule, used name; look-alikes shown while typing;
    the card fills the creation."""
    poste, pilote = connecte, connecte.pilote
    dupont = ajouter(poste, Traits("DUPONT", "ANNE", "1960-03-12", "F", "63113",
                                   nom_utilise="O'BRIEN"))
    ajouter(poste, Traits("DUPONTEL", "ANNE", "1961-03-12", "F", "63113"))
    recherche = poste.application.fenetre.barre.recherche
    champ = recherche.findChild(QLineEdit)
    assert champ is not None
    modele = recherche.panneau().modele

    def trouves() -> list[str]:
        lignes = [modele.ligne(i) for i in range(modele.rowCount())]
        return [x.titre for x in lignes
                if isinstance(x, Resultat) and x.cle.startswith("patient:")]

    for texte in ("D-UPONT", "DÛPONT", "D'UPONT", "d’upont 12/03/1960", "dup 12031960", "o brien"):
        pilote.touche(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        champ.selectAll()
        pilote.ecrire(champ, texte)
        if any(c.isdigit() for c in texte):
            pilote.attendre(lambda: trouves() == ["DUPONT ANNE"], texte)
        else:
            pilote.attendre(lambda: "DUPONT ANNE" in trouves(), texte)
        pilote.capturer("recherche-" + "".join(c if c.isalnum() else "-" for c in texte))
    pilote.touche(Qt.Key.Key_Escape)
    nouveau(poste)
    remplir(poste, "DUPOND", "Anne", "12/03/1960", "Féminin")
    pilote.attendre(lambda: pilote.voit("Déjà dans le cabinet"), "semblables pendant la saisie")
    assert pilote.bouton("Créer quand même") and not pilote.bouton("Créer le dossier")
    pilote.capturer("semblables")
    with poste.geste("Ouvrir le dossier semblable"):
        pilote.cliquer("Ouvrir ce dossier")
    pilote.attendre(lambda: poste.assemblage.dossier.montre(dupont), "dossier existant ouvert")
    # A card whose holder INSi doesn't know: the creation opens, filled with the card's traits.
    httpx.put(f"{poste.bac.controle}/controle/carte", json={"beneficiaires": [
        {"nom": "NOUVELLE", "prenom": "MARIE", "date_naissance_brute": "19510204",
         "nir": "251026311395012"}]}).raise_for_status()
    vue = dialogue(poste)
    pilote.attendre(lambda: vue.nom.text() == "NOUVELLE", "traits de la carte")
    assert vue.prenom.text() == "MARIE" and vue.naissance.text() == "04/02/1951"
    assert vue.sexe.valeur == "F"
    pilote.capturer("creation-remplie-par-la-carte")


@pytest.mark.exigence("INS/va1.56", titre="Les dix traits de la règle 1, à l’écran et en base")
def test_the_ten_fields(connecte: "Poste", preuve: "Preuve") -> None:
    """The ten fields and the separate social security number, in the Identité panel and stored."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("PAT-TROIS")
    attendre_statut(poste, patient_id, StatutIdentite.RECUPEREE)
    with poste.geste("Voir l’identité complète"):
        pilote.cliquer("Identité ")
        pilote.choisir("Identité complète")
    pilote.remplir("Nom utilisé", "Martin-Trois")
    pilote.remplir("Prénom utilisé", "Domi")
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: not pilote.visibles(DialogueNouveauPatient), "enregistré")
    pilote.touche(Qt.Key.Key_F3)
    lus = {nom: pilote.champ(nom).text() for nom in (
        "Matricule INS", "OID", "Nom de naissance", "Prénoms de naissance",
        "1er prénom de naissance", "Date de naissance", LIEU, "Nom utilisé", "Prénom utilisé")}
    pilote.capturer("dix-traits")
    assert lus["Matricule INS"].replace("\u00a0", " ") == "2 79 03 51 215 189 89 (TEST)"
    assert lus["Date de naissance"] == "28/03/1979" and "51215" in lus[LIEU]
    t, i = identite(poste, patient_id).traits, identite(poste, patient_id)
    base = {"matricule_ins": i.matricule_ins, "oid": i.oid, "nom_naissance": t.nom_naissance,
            "prenoms": t.prenoms, "premier_prenom": t.premier_prenom,
            "date_naissance": t.date_naissance, "sexe": t.sexe, "lieu_naissance": t.lieu_naissance,
            "nom_utilise": t.nom_utilise, "prenom_utilise": t.prenom_utilise}
    assert base == {
        "matricule_ins": "279035121518989", "oid": "1.2.250.1.213.1.4.10",
        "nom_naissance": "PAT-TROIS", "prenoms": "DOMINIQUE MARIE-LOUISE",
        "premier_prenom": "DOMINIQUE", "date_naissance": "1979-03-28", "sexe": "F",
        "lieu_naissance": "51215", "nom_utilise": "MARTIN-TROIS", "prenom_utilise": "DOMI"}
    preuve.fichier("dix-traits-en-base.txt",
                   "\n".join(f"{nom} = {valeur}" for nom, valeur in base.items()).encode())
