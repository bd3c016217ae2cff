"""Fictive patients by the hundred thousand, in an encrypted file, fast and always the same.

Names follow a Zipf law over 30,000 surnames (the usual French ones first), a third of the women
bear another name than at birth, some names and first names are double.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from app.domain import matricule
from app.domain.agenda import LieuPassage
from app.domain.identity import (
    OID_NIR_TEST,
    Identite,
    ModeQualification,
    StatutIdentite,
    Traits,
)
from app.domain.people import Professionnel, Structure
from app.store import coding, vault
from app.store.engine import Store, ouvrir
from app.store.search.index import remplacer
from app.store.tables import T_MATRICULE, T_PATIENT

MOT_DE_PASSE = "Mesure-2026 fictive"
GRAINE = 20260101
_NOMS = """MARTIN BERNARD THOMAS PETIT ROBERT RICHARD DURAND DUBOIS MOREAU LAURENT SIMON MICHEL
LEFEBVRE LEROY ROUX DAVID BERTRAND MOREL FOURNIER GIRARD BONNET DUPONT LAMBERT FONTAINE ROUSSEAU
VINCENT MULLER LEFEVRE FAURE ANDRE MERCIER BLANC GUERIN BOYER GARNIER CHEVALIER FRANCOIS LEGRAND
GAUTHIER GARCIA PERRIN ROBIN CLEMENT MORIN NICOLAS HENRY ROUSSEL MATHIEU GAUTIER MASSON MARCHAND
DUVAL DENIS DUMONT MARIE LEMAIRE NOEL MEYER DUFOUR MEUNIER BRUN BLANCHARD GIRAUD JOLY RIVIERE
LUCAS BRUNET GAILLARD BARBIER ARNAUD MARTINEZ GERARD ROCHE RENARD SCHMITT ROY LEROUX COLIN VIDAL
CARON PICARD ROGER FABRE AUBERT LEMOINE RENAUD DUMAS LACROIX OLIVIER PHILIPPE BOURGEOIS PIERRE
BENOIT REY LECLERC PAYET ROLLAND LECLERCQ GUILLAUME LECOMTE LOPEZ JEAN DUPUY GUILLOT HUBERT
BERGER CARPENTIER SANCHEZ DUPUIS MOULIN LOUIS DESCHAMPS HUET VASSEUR PEREZ BOUCHER FLEURY ROYER
D'ARTAGNAN L'HERMITTE D'ESTIENNE LE-GOFF LE-GALL SAINT-MARTIN DU-BOIS""".split()
_FEMMES = """MARIE JEANNE FRANCOISE MONIQUE CATHERINE NATHALIE ISABELLE JACQUELINE ANNE SYLVIE
MARTINE NICOLE CHRISTINE VALERIE SOPHIE SANDRINE CELINE STEPHANIE AURELIE JULIE CAMILLE LEA MANON
CHLOE EMMA LINA JADE LOUISE ALICE ROSE ANNA MARIE-JEANNE ANNE-MARIE MARIE-LOUISE ZOE INES SARAH
LUCIE MATHILDE CHARLOTTE AGATHE""".split()
_HOMMES = """JEAN PIERRE MICHEL ANDRE PHILIPPE RENE LOUIS ALAIN JACQUES BERNARD MARCEL DANIEL
ROGER ROBERT PAUL CLAUDE CHRISTIAN HENRI GEORGES NICOLAS CHRISTOPHE THOMAS JULIEN MAXIME LUCAS HUGO
LEO GABRIEL RAPHAEL ARTHUR JULES ADAM JEAN-PIERRE JEAN-PAUL JEAN-MARIE PIERRE-YVES NOE LIAM MAEL
CHARLES VICTOR AUGUSTIN""".split()
_SYLLABES = """BA BEL BON BOU BRE CAR CHA CHE COR COU DA DEL DI DU FA FER FOU GA GER GOU GRI HAR
HE JAN JO KER LA LAN LE LI LOU MA MAR MEN MON MOU NA NE NI PA PEL PI POU QUE RA RE RI RO ROU SA
SAL SE SI TA TER TI TOU VA VER VI""".split()
_FINS = "ARD AUD EAU ERT ET IER IN OIS ON OT OUX ULT Y EZ IC AC AN ELLE".split()


class Population:
    """A reproducible crowd."""

    def __init__(self, graine: int = GRAINE) -> None:
        self._hasard = random.Random(graine)
        noms = list(_NOMS)
        connus = set(noms)
        while len(noms) < 30_000:
            nom = "".join(self._hasard.choices(_SYLLABES, k=self._hasard.choice((1, 2, 2, 3))))
            nom += self._hasard.choice(_FINS)
            if nom not in connus:
                connus.add(nom)
                noms.append(nom)
        self.noms = noms
        self._poids_noms = list(accumulate(1 / (10 + i) for i in range(len(noms))))
        self._prenoms = {"F": _FEMMES, "M": _HOMMES}
        self._poids_prenoms = {s: list(accumulate(1 / (5 + i) for i in range(len(p))))
                               for s, p in self._prenoms.items()}

    def _nom(self) -> str:
        nom = self._hasard.choices(self.noms, cum_weights=self._poids_noms)[0]
        if self._hasard.random() < 0.02:
            nom += "-" + self._hasard.choices(self.noms, cum_weights=self._poids_noms)[0]
        return nom

    def identites(self, nombre: int) -> Iterator[Identite]:
        """That many identities; four out of five have a (test) matricule."""
        h = self._hasard
        origine = date(1925, 1, 1)
        for i in range(nombre):
            sexe = "F" if h.random() < 0.55 else "M"
            prenoms = h.choices(self._prenoms[sexe], cum_weights=self._poids_prenoms[sexe], k=3)
            prenoms = list(dict.fromkeys(prenoms))[:h.choice((1, 2, 3))]
            naissance = self._nom()
            marie = sexe == "F" and h.random() < 1 / 3
            ne = origine + timedelta(days=h.randrange(36_500))
            traits = Traits(naissance, prenoms[0], ne.isoformat(), sexe, f"75{100 + i % 20 + 1}",
                            " ".join(prenoms), self._nom() if marie else "", "")
            if i % 5 == 4:
                yield Identite(traits)
                continue
            sans_cle = (f"{'1' if sexe == 'M' else '2'}{ne.year % 100:02d}{ne.month:02d}"
                        f"{i // 1000 % 95 + 1:02d}{i // 1000 % 900 + 1:03d}{i % 1000:03d}")
            yield Identite(
                traits, StatutIdentite.QUALIFIEE, sans_cle + matricule.cle(sans_cle), OID_NIR_TEST,
                mode_qualification=ModeQualification.DOCUMENT, justificatif="CN",
                date_insi="2026-01-05T09:00:00+01:00")


def peupler(store: Store, nombre: int, graine: int = GRAINE) -> None:
    """Fill an empty file with patients, by the bulk path, in one unit of work."""
    vide = dict.fromkeys(coding.CHAMPS_CONTACT, "")
    commun: dict[str, Any] = vide | {
        "numero_secu": "", "cree_le": "2026-01-05T09:00:00+01:00", "version": 1}
    patients, matricules, traits = [], [], []
    for id, identite in enumerate(Population(graine).identites(nombre), start=1):
        patients.append(coding.colonnes_identite(identite) | commun | {"id": id})
        traits.append((id, identite.traits))
        if identite.matricule_ins:
            matricules.append((identite.matricule_ins, id))
    matricules.sort()
    with store.ecriture() as u:
        u.connexion.execute(insert(T_PATIENT), patients)
        u.connexion.execute(insert(T_MATRICULE), [
            {"matricule_ins": m, "patient_id": id, "actif": True} for m, id in matricules])
        remplacer(u.connexion, traits)
        if u.connexion.dialect.name == "postgresql":
            u.connexion.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence('patient', 'id'), "
                "(SELECT max(id) FROM patient))")
        u.trail.ecrire(qui="Mesure", quoi="population", detail=f"{nombre} patients fictifs")


def installer(store: Store) -> int:
    """A practice, its professional, today's visits; returns the account."""
    with store.ecriture() as u:
        u.comptes.enregistrer_structure(Structure("10B0000000", "CABINET FICTIF"))
        compte = u.comptes.ajouter_professionnel(
            Professionnel("899700000016", "INFIRMIERE", "LINE", civilite="MME"))
        jour = date.today().isoformat()
        for rang, patient_id in enumerate(u.patients.ids()[:25]):
            u.agenda.ajouter(jour, f"{7 + rang // 4:02d}:{rang % 4 * 15:02d}", compte, patient_id,
                             "Soins infirmiers", 15, LieuPassage.DOMICILE, "1 rue de la Mesure")
    return compte


def creer_dossier(emplacement: Path, nombre: int) -> str:
    """Make a whole encrypted file of `nombre` patients; returns its password."""
    coffre = vault.creer_coffre(emplacement, MOT_DE_PASSE, "899700000016")
    store = ouvrir(emplacement, coffre.cle)
    try:
        peupler(store, nombre)
        installer(store)
    finally:
        store.fermer()
    return MOT_DE_PASSE
