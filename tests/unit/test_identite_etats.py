"""No sequence of gestures reaches an illegal state, or lets an unqualified matricule leave.

The gestures are the real use cases over a real file; after each one, every patient is read again
and everything that could leave the house is rendered.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from app.devices.apcv import BeneficiaireApcv, ContexteApcv, LectureApcv
from app.documents.datamatrix import charge_ins
from app.documents.model import patient_document
from app.domain import statuts
from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    Attribut,
    Identite,
    ModeQualification,
    StatutIdentite,
)
from app.domain.outbox_rules import envoi_possible
from app.domain.patient import Patient
from app.store.errors import ErreurStore
from app.usecases import (
    apcv,
    fusion,
    gestes_identite,
    identify,
    import_identites,
    patients,
    verification,
)
from app.usecases.acces_dmp import acces_alimentation, acces_consultation
from app.usecases.droits_identite import DroitsIdentite, definir_droits
from app.usecases.errors import Refus
from app.usecases.reglages_identite import ReglagesIdentite, enregistrer_reglages_identite
from tests.identite_outils import ADRUN, AUTRE_MATRICULE, MATRICULE, InsiFictif, contexte, reponse

NOMS = ("ADRUN", "ADRUM", "LE-GALL")
MATRICULES = ((MATRICULE, OID_NIR), (AUTRE_MATRICULE, OID_NIR), ("1090763220888" + "65", OID_NIA))
MOTIF = "Motif du test"
PARTIE = (Refus, statuts.TransitionInterdite, ErreurStore)


class Gestes(RuleBasedStateMachine):
    """Two professionals, a few patients, every gesture in any order."""

    dossiers = Bundle("dossiers")

    def __init__(self) -> None:
        super().__init__()
        self.dossier = Path(tempfile.mkdtemp(prefix="etats-"))
        self.insi = InsiFictif()
        self.ctx = contexte(self.dossier, self.insi)
        enregistrer_reglages_identite(self.ctx, ReglagesIdentite(procedure_transitoire=True))
        definir_droits(self.ctx, self.ctx.compte_id, DroitsIdentite(traits_stricts=True))

    def teardown(self) -> None:
        self.ctx.fermer()
        shutil.rmtree(self.dossier, ignore_errors=True)

    def _lire(self, id: int) -> Patient:
        with self.ctx.store.lecture() as u:
            return u.patients.lire(id)

    def _faire(self, geste: Any, *args: Any, **kw: Any) -> Any:
        """A gesture, or its refusal: a refusal changes nothing."""
        avant = self._tous()
        try:
            return geste(self.ctx, *args, **kw)
        except PARTIE:
            apres = self._tous()
            assert {i: p.identite for i, p in avant.items()} == {
                i: p.identite for i, p in apres.items()}
            return None

    def _tous(self) -> dict[int, Patient]:
        with self.ctx.store.lecture() as u:
            return {id: u.patients.lire(id) for id in range(1, self._dernier(u) + 1)}

    @staticmethod
    def _dernier(u: Any) -> int:
        from sqlalchemy import func, select

        from app.store.tables import T_PATIENT

        return int(u.connexion.execute(select(func.max(T_PATIENT.c.id))).scalar() or 0)

    # -- Gestures ---------------------------------------------------------------------------

    @rule(target=dossiers, nom=st.sampled_from(NOMS), sexe=st.sampled_from("FI"))
    def creer(self, nom: str, sexe: str) -> Any:
        fait = patients.creer_patient(self.ctx, replace(ADRUN, nom_naissance=nom, sexe=sexe),
                                      force=True)
        assert fait.patient is not None
        return fait.patient.id

    @rule(id=dossiers, quoi=st.sampled_from(MATRICULES), nom=st.sampled_from(NOMS),
          date=st.sampled_from(("1975-12-31", "1975-00-00")))
    def interroger(self, id: int, quoi: tuple[str, str], nom: str, date: str) -> None:
        recue = reponse(replace(ADRUN, nom_naissance=nom, date_naissance=date), *quoi)
        self.insi.recherche = lambda *_a: recue
        resultat = self._faire(identify.qualifier_insi, id)
        if resultat is not None and resultat.etat == "a_comparer":
            self._faire(identify.accepter_insi, id, resultat.reponse)

    @rule(id=dossiers, code=st.sampled_from(("CN", "PA", "CV", "XX")))
    def controler(self, id: int, code: str) -> None:
        self._faire(identify.controler_document, id, code)

    @rule(id=dossiers, attribut=st.sampled_from(list(Attribut)), present=st.booleans())
    def marquer(self, id: int, attribut: Attribut, present: bool) -> None:
        self._faire(identify.marquer, id, attribut, present)

    @rule(id=dossiers, nom=st.sampled_from(NOMS), fort=st.booleans())
    def modifier(self, id: int, nom: str, fort: bool) -> None:
        patient = self._lire(id)
        traits = replace(patient.identite.traits, nom_naissance=nom)
        if fort:
            self._faire(gestes_identite.modifier_traits_stricts, id, traits, patient.version,
                        MOTIF)
        else:
            self._faire(patients.modifier_traits, id, traits, patient.version)

    @rule(id=dossiers)
    def transitoire(self, id: int) -> None:
        self._faire(gestes_identite.qualifier_procedure_transitoire, id, MOTIF)

    @rule(id=dossiers, confirme=st.booleans(), revient=st.booleans())
    def verifier(self, id: int, confirme: bool, revient: bool) -> None:
        self.insi.verification = lambda _i: confirme
        recue = reponse(self._lire(id).identite.traits)
        vide = replace(recue, code="01", identite=None)
        self.insi.recherche = lambda *_a: recue if revient else vide
        self._faire(verification.verifier_identite, id)

    @rule(id=dossiers, quoi=st.sampled_from(MATRICULES), ins=st.booleans(), demo=st.booleans())
    def apcv(self, id: int, quoi: tuple[str, str], ins: bool, demo: bool) -> None:
        identite = Identite(ADRUN, matricule_ins=quoi[0], oid=quoi[1]) if ins else None
        personne = BeneficiaireApcv("ADRUN", "ZOE", "19751231", ins=identite)
        lecture = LectureApcv(ContexteApcv("x", "2999-01-01T00:00:00+00:00"), (personne,), demo)
        self._faire(apcv.qualifier_par_apcv, lecture, personne, id, accepte=True)

    @rule(a=dossiers, b=dossiers)
    def fusionner(self, a: int, b: int) -> None:
        self._faire(fusion.fusionner, self._lire(a), self._lire(b), MOTIF)

    @rule()
    def defaire(self) -> None:
        for faite in fusion.regroupements(self.ctx)[:1]:
            self._faire(fusion.defaire_fusion, faite)

    @rule(target=dossiers, id=dossiers)
    def separer(self, id: int) -> Any:
        patient = self._lire(id)
        with self.ctx.store.ecriture() as u:
            note = u.observations.ajouter(id, "note", auteur_id=self.ctx.compte_id)
        faite = self._faire(fusion.separer, id, replace(ADRUN, premier_prenom="LEA"),
                            {"observation": [note.id]}, MOTIF, patient.version)
        return multiple() if faite is None else faite.nouveau.id

    # -- What must hold ---------------------------------------------------------------------

    @invariant()
    def chaque_etat_est_legal(self) -> None:
        for patient in self._tous().values():
            i = patient.identite
            avec_insi = i.statut in statuts.AVEC_INSI
            assert avec_insi == bool(i.matricule_ins) == bool(i.oid)
            assert avec_insi or not i.historique
            if i.attributs & statuts.BLOQUANTS:
                assert i.statut is StatutIdentite.PROVISOIRE
            if i.statut is StatutIdentite.QUALIFIEE:
                assert i.mode_qualification is not ModeQualification.AUCUN
            if i.statut in (StatutIdentite.PROVISOIRE, StatutIdentite.RECUPEREE):
                assert i.mode_qualification is ModeQualification.AUCUN
            if avec_insi:
                assert "00" not in i.traits.date_naissance.split("-")

    @invariant()
    def aucun_matricule_non_qualifie_ne_sort(self) -> None:
        tous = self._tous()
        exports = (import_identites.exporter(self.ctx, "csv")
                   + import_identites.exporter(self.ctx, "fhir")).decode()
        permis = {p.identite.matricule_ins for p in tous.values()
                  if p.identite.statut is StatutIdentite.QUALIFIEE}
        for matricule, _ in MATRICULES:
            assert matricule in permis or matricule not in exports
        for patient in tous.values():
            qualifiee = patient.identite.statut is StatutIdentite.QUALIFIEE
            document = patient_document(patient, "1", "1.2.3")
            assert bool(document.matricule_ins) == qualifiee == bool(document.oid)
            assert qualifiee or envoi_possible(patient.identite, None, None)
            if not qualifiee:
                with pytest.raises(ValueError, match="qualified"):
                    charge_ins(patient.identite)
                for acces in (acces_alimentation, acces_consultation):
                    with pytest.raises(Refus):
                        acces(self.ctx, patient)

    @invariant()
    def les_listes_menent_aux_bons_dossiers(self) -> None:
        with self.ctx.store.lecture() as u:
            vivants = set(u.patients.ids())
            tous = {id: u.patients.lire(id) for id in vivants}
            for matricule, _ in MATRICULES:
                assert set(u.patients.par_matricule(matricule)) == {
                    id for id, p in tous.items() if p.identite.matricule_ins == matricule}
            for id in range(1, self._dernier(u) + 1):
                assert u.regroupements.actuel(id) in vivants

    @invariant()
    def l_historique_finit_par_l_etat(self) -> None:
        with self.ctx.store.lecture() as u:
            for id in u.patients.ids():
                assert u.patients.historique(id)[-1].identite == u.patients.lire(id).identite


TestGestes = Gestes.TestCase
TestGestes.settings = settings(max_examples=20, stateful_step_count=20, deadline=None,
                               suppress_health_check=list(HealthCheck))


