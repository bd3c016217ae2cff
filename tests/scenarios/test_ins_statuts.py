"""Chapter 1 INS: statuses, attributes, locked traits, history, work lists, indicators."""

import csv
import io
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu

from app.domain.agenda import EtatPassage
from app.domain.identity import Attribut, ModeQualification, StatutIdentite
from app.ui.views.dossier import PageDossier
from app.ui.views.nouveau_patient import DialogueNouveauPatient
from app.usecases import identify, tableau_ins
from app.usecases.droits_identite import DroitsIdentite, definir_droits
from tests.scenarios.ins_outils import (
    MATRICULE_ADRUN,
    attendre_statut,
    document_controle,
    id_de,
    identite,
    marquer,
    qualifiee,
)

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

PROVISOIRE, VALIDEE = StatutIdentite.PROVISOIRE, StatutIdentite.VALIDEE
RECUPEREE, QUALIFIEE = StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE


def page(poste: "Poste") -> PageDossier:
    """The patient file."""
    vue = poste.application.fenetre.page("dossier")
    assert isinstance(vue, PageDossier)
    return vue


def quatre(poste: "Poste") -> dict[StatutIdentite, int]:
    """One patient of each status."""
    validee = id_de(poste, "HOUILLES")
    identify.controler_document(poste.ctx, validee, "CN")
    return {QUALIFIEE: qualifiee(poste, "ADRUN ZOE", MATRICULE_ADRUN),
            RECUPEREE: qualifiee(poste, "CORSE", "180032B02040123", document=""),
            VALIDEE: validee, PROVISOIRE: id_de(poste, "ECETINSI")}


@pytest.mark.exigence("SC.DMP/UX.11", "SENTINELLE.05", "MIN.INS.TIP",
                      titre="Statut visible sans clic, info-bulle de ce qui reste à faire")
def test_four_patients_of_each_status(poste: "Poste", preuve: "Preuve") -> None:
    """The badge says the status without a click; the mouse left on it says what is done and what
    remains; attributes are named."""
    pilote = poste.pilote
    poste.ouvrir()
    attendus = {
        QUALIFIEE: ("Document (carte nationale", "INSi contrôlés"),
        RECUPEREE: ("Fait\u00a0: appel INSi", "À faire\u00a0: document d’identité"),
        VALIDEE: ("Fait\u00a0: document d’identité", "À faire\u00a0: appel INSi"),
        PROVISOIRE: ("À faire\u00a0: document d’identité, appel INSi",)}
    for statut, patient_id in quatre(poste).items():
        poste.assemblage.dossier.ouvrir(patient_id)
        attendre_statut(poste, patient_id, statut)
        badge = page(poste).bandeau.statut
        pilote.attendre(lambda b=badge, s=statut: b.statut is s, statut.value)
        bulle = pilote.survoler(badge)
        assert all(mots in bulle for mots in attendus[statut]), bulle
        preuve.noter(f"{statut.value}, info-bulle\u00a0: {bulle}")
        pilote.capturer(f"statut-{statut.value}")
        pilote.quitter_survol(badge)
    poste.application.fenetre.aller("patients")
    pilote.attendre(lambda: pilote.voit("Nouveau patient"), "liste")
    pilote.capturer("statuts-dans-la-liste")
    poste.dossier("ECETINSI")
    poste.assemblage.identite.marquer(id_de(poste, "ECETINSI"), Attribut.HOMONYME, True)
    pilote.attendre(lambda: "homonyme" in page(poste).bandeau.statut.toolTip(), "attribut")
    pilote.survoler(page(poste).bandeau.statut)
    pilote.capturer("attribut-homonyme")


@pytest.mark.exigence("INS/va1.54", "INS/va1.23", "INS/va1.27", "SC.INS.17",
                      titre="Qualifiée par document puis INSi, dans les deux ordres ; traces")
def test_both_orders_and_their_history(connecte: "Poste", preuve: "Preuve") -> None:
    """Document then INSi, INSi then document; the history tells who, when, what and which proof;
    a trait changed is in it; the trail is exported."""
    poste, pilote = connecte, connecte.pilote
    # INSi finds nobody at first: the document comes first.
    poste.panne("insi", "*", "code", "01", fois=1)
    adrun = poste.dossier("ADRUN ZOE")
    pilote.attendre(lambda: pilote.voit("ne trouve pas"), "01")
    with poste.geste("Contrôler un document d’identité"):
        document_controle(poste, "Passeport")
    attendre_statut(poste, adrun, VALIDEE)
    pilote.capturer("validee-par-document")
    with poste.geste("Appeler INSi"):
        pilote.cliquer("Identité ")
        pilote.choisir("Appeler INSi maintenant")
    attendre_statut(poste, adrun, QUALIFIEE)
    pilote.capturer("qualifiee")
    # The other order, from the card: nothing to click for INSi, two clicks for the document.
    corse = poste.dossier("CORSE")
    attendre_statut(poste, corse, RECUPEREE)
    with poste.geste("Qualifier une identité récupérée"):
        document_controle(poste, "Carte nationale")
    attendre_statut(poste, corse, QUALIFIEE)
    for patient_id, suite in ((adrun, [PROVISOIRE, VALIDEE, QUALIFIEE]),
                              (corse, [PROVISOIRE, RECUPEREE, QUALIFIEE])):
        with poste.ctx.store.lecture() as u:
            lignes = u.patients.historique(patient_id)
        assert [x.identite.statut for x in lignes] == suite
        assert all(x.auteur == "Claire MOREAU" and x.horodatage for x in lignes[1:])
    # A complementary trait is changed: one more line (rule 16).
    pilote.touche(Qt.Key.Key_F3)
    pilote.remplir("Nom utilisé", "Paoli")
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: not pilote.visibles(DialogueNouveauPatient), "enregistré")
    poste.assemblage.vigilance.ouvrir_historique(corse)
    pilote.attendre(lambda: pilote.voit("Nom utilisé : vide, puis PAOLI."), "trait modifié")
    assert pilote.voit("Document contrôlé : Carte nationale d’identité.")
    assert pilote.voit("par Claire MOREAU")
    pilote.capturer("historique-de-l-identite")
    poste.assemblage.vigilance.ouvrir_historique(adrun)
    pilote.attendre(lambda: pilote.voit("Document contrôlé : Passeport."), "justificatif")
    pilote.capturer("historique-document-puis-insi")
    # Trail: three INSi calls, each with its user, operation and code; changes of status.
    appels = poste.traces("insi.appel")
    assert [x.resultat for x in appels] == ["01", "00", "00"]
    assert all(x.qui == "Claire MOREAU" and x.horodatage for x in appels)
    assert {x.resultat for x in poste.traces("identite.statut")} >= {"validee", "qualifiee"}
    chemin = preuve.dossier / "traces.csv"
    from app.usecases.traces import exporter_traces

    export = exporter_traces(poste.ctx, chemin)
    assert export.chaine.intacte
    lues = list(csv.DictReader(io.StringIO(chemin.read_text("utf-8-sig")), delimiter=";"))
    assert [x["resultat"] for x in lues if x["quoi"] == "insi.appel"] == ["01", "00", "00"]


@pytest.mark.exigence("INS/va1.20", "INS/va1.44",
                      titre="Douteuse et fictive : provisoire, matricule retiré, INSi bloqué")
def test_doubtful_and_fictive(connecte: "Poste") -> None:
    """From each of the three other statuses, by each attribute: provisoire, blanked, the INSi
    button disabled, no call in the journal."""
    poste, pilote = connecte, connecte.pilote
    ids = quatre(poste)
    ids.pop(PROVISOIRE)
    for rang, patient_id in enumerate(ids.values()):
        attribut, mot = (("Identité douteuse", "douteuse"),
                         ("Identité fictive", "fictive"))[rang % 2]
        poste.assemblage.dossier.ouvrir(patient_id)
        pilote.attendre(lambda p=patient_id: poste.assemblage.dossier.patient_id == p)
        pilote.attendre(lambda p=patient_id: page(poste).bandeau.statut.statut is identite(
            poste, p).statut, "dossier affiché")
        pilote.laisser(0.3)
        nombre = len(poste.journal("insi"))
        if rang == 0:
            with poste.geste("Marquer une identité douteuse"):
                marquer(poste, attribut)
        else:
            marquer(poste, attribut)
        attendre_statut(poste, patient_id, PROVISOIRE)
        pilote.attendre(lambda: pilote.voit("non attribué"), "matricule effacé")
        pilote.attendre(lambda m=mot: pilote.voit(
            f"Identité {m} : appel INSi et envois bloqués."), "raison")
        apres = identite(poste, patient_id)
        assert (apres.matricule_ins, apres.oid) == ("", "")
        assert identify.qualifier_insi(poste.ctx, patient_id).etat == "impossible"
        pilote.cliquer("Identité ")
        pilote.attendre(lambda: pilote.visibles(QMenu), "menu")
        insi = [(a.text().replace("\u00a0", " "), a.isEnabled())
                for m in pilote.visibles(QMenu) for a in m.actions() if "INSi" in a.text()]
        assert set(insi) == {(f"Appel INSi bloqué : identité {mot}", False)}
        pilote.capturer(f"{mot}-{rang}")
        pilote.touche(Qt.Key.Key_Escape)
        assert len(poste.journal("insi")) == nombre
    # From qualifiée by « fictive » too.
    corse = qualifiee(poste, "CORSE", "180032B02040123") if identite(
        poste, id_de(poste, "CORSE")).attributs == frozenset() else qualifiee(
        poste, "ADRDEUX", "181016322075140")
    poste.assemblage.dossier.ouvrir(corse)
    attendre_statut(poste, corse, QUALIFIEE)
    marquer(poste, "Identité fictive")
    attendre_statut(poste, corse, PROVISOIRE)
    pilote.capturer("qualifiee-puis-fictive")


@pytest.mark.exigence("INS/va1.47", "INS/va1.48",
                      titre="Traits stricts verrouillés, traits complémentaires modifiables")
def test_locked_and_complementary_traits(poste: "Poste") -> None:
    """Qualifiée: strict fields read-only with a lock and its reason; used name and contact are
    saved; a habilitated user changes a strict trait, and the INSi proof falls."""
    pilote = poste.pilote
    poste.ouvrir()
    adrun = qualifiee(poste, "ADRUN ZOE", MATRICULE_ADRUN)
    poste.dossier("ADRUN ZOE")
    attendre_statut(poste, adrun, QUALIFIEE)
    pilote.touche(Qt.Key.Key_F3)
    for nom in ("Nom de naissance", "1er prénom de naissance", "Prénoms de naissance",
                "Date de naissance", "Lieu de naissance (INSEE)", "Matricule INS", "OID"):
        champ = pilote.champ(nom)
        assert champ.isReadOnly(), nom
        if nom not in ("Matricule INS", "OID"):
            assert "Ce trait vient d’INSi" in champ.toolTip()
            assert [a for a in champ.actions() if not a.icon().isNull()], nom
        avant = champ.text()
        pilote.ecrire(champ, "X")
        assert champ.text() == avant
    pilote.capturer("traits-verrouilles")
    pilote.remplir("Nom utilisé", "Durand")
    pilote.remplir("Prénom utilisé", "Zo")
    with poste.geste("Corriger un trait complémentaire"):
        pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: not pilote.visibles(DialogueNouveauPatient), "enregistré")
    apres = identite(poste, adrun)
    assert (apres.statut, apres.traits.nom_utilise, apres.traits.prenom_utilise) == (
        QUALIFIEE, "DURAND", "ZO")
    pilote.touche(Qt.Key.Key_F3)
    pilote.capturer("nom-utilise-enregistre")
    pilote.touche(Qt.Key.Key_Escape)
    pilote.attendre(lambda: not pilote.visibles(DialogueNouveauPatient), "fermé")
    pilote.cliquer("Modifier")  # contact details
    pilote.attendre(lambda: [c for c in pilote.visibles(QLineEdit)
                             if "éléphone" in c.accessibleName()], "coordonnées")
    telephone = next(c for c in pilote.visibles(QLineEdit) if "éléphone" in c.accessibleName())
    pilote.remplir(telephone.accessibleName(), "0199000000")
    pilote.cliquer("Enregistrer")

    def numero() -> str:
        with poste.ctx.store.lecture() as u:
            return u.patients.lire(adrun).contact.telephone

    pilote.attendre(lambda: numero().replace(" ", "") == "0199000000", "téléphone enregistré")
    assert identite(poste, adrun).statut is QUALIFIEE
    # Rule 27: with the right « traits stricts », and a reason.
    definir_droits(poste.ctx, poste.ctx.compte_id, DroitsIdentite(traits_stricts=True))
    poste.assemblage.vigilance.ouvrir_historique(adrun)
    pilote.cliquer("Modifier les traits verrouillés")
    pilote.remplir("Nom de naissance", "ADRUNE")
    pilote.remplir("Motif, gardé dans l’historique de l’identité", "Acte de naissance vu")
    pilote.cliquer("Modifier")
    attendre_historique(poste, "Matricule INS retiré.")
    assert (identite(poste, adrun).statut, identite(poste, adrun).matricule_ins) == (VALIDEE, "")
    pilote.capturer("traits-stricts-modifies-par-une-personne-habilitee")


def attendre_historique(poste: "Poste", phrase: str) -> None:
    """A sentence of the time line."""
    poste.pilote.attendre(lambda: poste.pilote.voit(phrase), phrase)


@pytest.mark.exigence("SENTINELLE.02", "SENTINELLE.07", "TBB.INS.02",
                      titre="Procédure spécifique transitoire : qualifier, compter à part, couper")
def test_transitory_procedure_and_dashboard(connecte: "Poste", preuve: "Preuve") -> None:
    """Off by default: no button. Switched on in the settings: a known, récupérée identity is
    qualified with a reason, counted apart in the dashboard, listed to be checked again."""
    poste, pilote = connecte, connecte.pilote
    corse = poste.dossier("CORSE")
    attendre_statut(poste, corse, RECUPEREE)
    poste.assemblage.vigilance.ouvrir_historique(corse)
    pilote.attendre(lambda: pilote.voit("Historique de l’identité"), "historique")
    pilote.laisser(0.3)
    assert not pilote.bouton("Procédure transitoire")
    pilote.capturer("reglage-eteint-sans-bouton")
    reglage(poste)
    poste.assemblage.vigilance.ouvrir_historique(corse)
    with poste.geste("Qualifier par la procédure transitoire"):
        pilote.cliquer("Procédure transitoire")
        pilote.remplir("Motif, gardé dans l’historique de l’identité", "Patient suivi depuis 2019")
        pilote.cliquer("Qualifier")
    pilote.attendre(lambda: identite(poste, corse).statut is QUALIFIEE, "qualifiée")
    assert identite(poste, corse).mode_qualification is ModeQualification.PROCEDURE_TRANSITOIRE
    attendre_historique(poste, "Procédure spécifique transitoire : Patient suivi depuis 2019")
    pilote.capturer("historique-procedure")
    # Work list of what must be checked again with a document.
    poste.application.fenetre.aller("identites")
    liste = poste.assemblage.vigilance.listes._vue
    assert liste is not None
    pilote.cliquer("Procédure transitoire")
    pilote.attendre(lambda: "CORSE" in str(liste.modele.index(0, 0).data()), "liste transitoire")
    pilote.capturer("liste-procedure-transitoire")
    # Dashboard: patients seen this month, one of them qualified by the procedure.
    with poste.ctx.store.ecriture() as u:
        import datetime

        jour = datetime.date.today().isoformat()
        for passage in u.agenda.du_jour(jour):
            if passage.patient is not None and passage.patient.id == corse:
                u.agenda.marquer(passage.id, EtatPassage.FAIT, version=passage.version)
    poste.application.fenetre.aller("tableau_ins")
    pilote.attendre(lambda: pilote.voit("Procédure transitoire"), "tableau")
    pilote.attendre(lambda: pilote.voit("Identités qualifiées"), "indicateurs")
    tableau = tableau_ins.calculer(poste.ctx)
    mois = tableau.mois[-1]
    assert (mois.transitoires, mois.qualifiees, mois.taux("transitoires")) == (1, 1, 100.0)
    assert mois.uniques == mois.provisoires + mois.recuperees + mois.validees + mois.qualifiees
    pilote.capturer("tableau-TBB-INS-02")
    preuve.fichier("TBB.INS.02.csv", tableau_ins.exporter_csv(poste.ctx, tableau))
    un_autre = tableau_ins.calculer(poste.ctx, rpps="800000000000")
    assert all(m.uniques == 0 for m in un_autre.mois)
    # Switched off again: the button is gone, what was qualified stays listed.
    reglage(poste)
    poste.assemblage.vigilance.ouvrir_historique(id_de(poste, "ADRUN ZOE"))
    pilote.attendre(lambda: pilote.voit("ADRUN ZOE"), "historique")
    pilote.laisser(0.2)
    assert not pilote.bouton("Procédure transitoire")
    pilote.capturer("reglage-coupe")


def reglage(poste: "Poste") -> None:
    """Settings of identities: switch the transitory procedure, save."""
    pilote = poste.pilote
    poste.application.fenetre.aller("reglages_identite")
    pilote.attendre(lambda: pilote.voit("Activer la procédure spécifique transitoire"), "réglages")
    pilote.attendre(lambda: pilote.voit("MOREAU"), "comptes lus")
    pilote.cocher("Activer la procédure spécifique transitoire")
    pilote.cliquer("Enregistrer")
    pilote.attendre(lambda: not pilote.bouton("Enregistrer"), "enregistré")
    pilote.capturer("reglage-procedure")
