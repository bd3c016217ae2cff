"""One prescribed medicine: narrative and entry FR-Traitement-prescrit (`spec/cda.md` §6)."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from app.documents.cda_clinique import avec_unite, nombre
from app.documents.cda_n3 import SIMPLE_OBSERVATION, id_local, ta
from app.documents.cda_xml import PHARM, Element, code, el, horodatage, jour, modeles, reference
from app.documents.contenus import DroitsLigne, LigneMedicament, Prise, Substance
from app.documents.model import Bloc, DocumentClinique, Fragment, Intertitre, Tableau, Texte
from app.documents.types import Code, jeu
from app.domain.dates import est_calendaire, formater

_CIS, _CIP = "1.2.250.1.213.2.3.1", "1.2.250.1.213.2.3.2"
_MV, _ATC = "1.2.250.1.213.2.59", "2.16.840.1.113883.6.73"
_EDQM, _SMS = "0.4.0.127.0.16.1.1.2.1", "2.16.840.1.113883.3.6905.2"
_BOITE = "30009000"
_UNITES_TEMPS = {"min": ("minute", "minutes"), "h": ("heure", "heures"), "d": ("jour", "jours"),
                 "wk": ("semaine", "semaines"), "mo": ("mois", "mois")}
#: attribute, suffix of the narrative ID, last template, code, column of the table.
_RAPPORTS = (
    ("ald", "ALD", "13", ta("MED-574", "En rapport avec une ALD"), "ALD"),
    ("accident_travail", "ATMP", "14", ta(
        "GEN-180", "En rapport avec un accident du travail ou une maladie professionnelle"),
     "AT/MP"),
    ("prevention", "prev", "34", ta("GEN-295", "En rapport avec la prévention"), "Prévention"),
    ("non_remboursable", "non-remb", "15", ta("GEN-181", "Non remboursable"), "Non remb."),
    ("hors_amm", "horsamm", "12", ta("GEN-179", "Hors Autorisation de Mise sur le Marché (AMM)"),
     "Hors AMM"))


# --- Wording ------------------------------------------------------------------------------------

def quand(debut: str, fin: str) -> str:
    """« du 01/12/2026 au 06/12/2026 »."""
    return f"du {formater(debut)}\nau {formater(fin)}"


def oui_non(valeur: bool) -> str:
    """Oui or Non."""
    return "Oui" if valeur else "Non"


def frequence(prise: Prise) -> str:
    """« 3 fois par jour à partir du 01/12/2026 pendant 2 jours »."""
    singulier, pluriel = _UNITES_TEMPS[prise.periode_unite]
    par_jour = Decimal(24) / prise.periode if prise.periode_unite == "h" else None
    if par_jour is not None and par_jour >= 1 and par_jour == par_jour.to_integral_value():
        rythme = f"{par_jour.to_integral_value()}\u00a0fois par jour"
    elif prise.periode == 1:
        rythme = f"1\u00a0fois par {singulier}"
    else:
        rythme = f"1\u00a0fois toutes les {avec_unite(prise.periode, pluriel)}"
    jours = "jour" if prise.jours == 1 else "jours"
    return f"{rythme} à partir du {formater(prise.debut)} pendant {prise.jours}\u00a0{jours}"


def manques_medicament(ligne: LigneMedicament) -> Iterator[str]:
    """What the line lacks, as ends of French sentences."""
    if not ligne.denomination.strip():
        yield "il manque son nom."
    if not ligne.posologie.strip():
        yield "il manque sa posologie."
    if not est_calendaire(ligne.debut) or not est_calendaire(ligne.fin) or ligne.fin < ligne.debut:
        yield "il manque ses dates, ou elles sont inversées."
    if ligne.renouvellements < 0 or (ligne.boites is not None and ligne.boites < 1):
        yield "le nombre de renouvellements ou de boîtes est impossible."
    for nom, valeur, forme in (("CIS", ligne.cis, r"\d{8}"), ("CIP", ligne.cip13, r"\d{13}")):
        if valeur and not re.fullmatch(forme, valeur):
            yield f"le code {nom} n’a pas la bonne forme."
    if ligne.voie and ligne.voie not in jeu("voie"):
        yield f"la voie « {ligne.voie} » n’est pas dans la liste."
    for prise in ligne.prises:
        if prise.periode_unite not in _UNITES_TEMPS or prise.periode <= 0 or prise.jours < 1:
            yield "le rythme d’une prise est impossible."
        if prise.dose_min <= 0 or prise.dose_max < prise.dose_min or not prise.unite:
            yield "la dose d’une prise est impossible."
        if not est_calendaire(prise.debut):
            yield "la date de début d’une prise manque."


# --- Narrative ----------------------------------------------------------------------------------

def tableau_medicaments(lignes: Sequence[LigneMedicament], bizone: bool) -> tuple[Bloc, ...]:
    """Medicines, then what the insurance must know; two zones when the form asks for them."""
    numerotees = list(enumerate(lignes, 1))
    zones = [("Prescriptions relatives au traitement de l’affection de longue durée reconnue",
              [x for x in numerotees if x[1].droits.ald]),
             ("Prescriptions sans rapport avec l’affection de longue durée",
              [x for x in numerotees if not x[1].droits.ald])] if bizone else [("", numerotees)]
    blocs: list[Bloc] = []
    for titre, zone in zones:
        if titre and zone:
            blocs.append(Intertitre(titre, 2))
        if zone:
            blocs.append(Tableau(
                ("Médicament", "Posologie", "Durée", "Délivrance"),
                tuple(_rang(n, ligne) for n, ligne in zone), (30, 34, 17, 19)))
    blocs.append(lignes_droits([(f"med-{n:03d}", li.denomination, li.droits)
                                for n, li in numerotees], hors_amm=True))
    return tuple(blocs)


def _rang(numero: int, ligne: LigneMedicament) -> tuple[Texte, ...]:
    ref = f"med-{numero:03d}"
    nom = [Fragment(ligne.denomination, gras=True, ref=ref)]
    if ligne.voie:
        nom += [Fragment("\n"), Fragment(jeu("voie")[ligne.voie].libelle, ref=f"{ref}-voie")]
    posologie = [Fragment(ligne.posologie, ref=f"{ref}-posologie")]
    for n, prise in enumerate(ligne.prises, 1):
        posologie += [Fragment("\n"), Fragment(
            avec_unite(prise.dose_min, prise.unite_libelle), ref=f"{ref}-doseMin-{n}")]
        if prise.dose_max != prise.dose_min:
            posologie += [Fragment(" à "), Fragment(
                avec_unite(prise.dose_max, prise.unite_libelle), ref=f"{ref}-doseMax-{n}")]
        posologie += [Fragment(", "), Fragment(frequence(prise), ref=f"{ref}-frequence-{n}")]
    if ligne.dose_max_jour is not None:
        posologie.append(Fragment(f"\nMaximum {nombre(ligne.dose_max_jour)} par jour"))
    for titre, texte, suffixe in (("Si ", ligne.condition, "precondition"),
                                  ("Pour le patient : ", ligne.instructions_patient,
                                   "instrPatient"),
                                  ("Pour le pharmacien : ", ligne.instructions_dispensateur,
                                   "instrDisp")):
        if texte:
            posologie += [Fragment(f"\n{titre}", gras=True),
                          Fragment(texte, ref=f"{ref}-{suffixe}")]
    delivrance = [Fragment(f"{ligne.boites}\u00a0boîte{'s' if ligne.boites > 1 else ''}\n")
                  ] if ligne.boites else []
    delivrance.append(Fragment(f"Renouvellements : {ligne.renouvellements}\n"))
    motif = ligne.motif_non_substituable
    delivrance.append(Fragment(f"Non substituable ({motif})" if motif
                               else "Substitution autorisée", ref=f"{ref}-substitution"))
    return tuple(nom), tuple(posologie), quand(ligne.debut, ligne.fin), tuple(delivrance)


def lignes_droits(lignes: Sequence[tuple[str, str, DroitsLigne]], *,
                  hors_amm: bool) -> Tableau:
    """Table of the marks of each line: ALD, AT/MP, prevention, not reimbursed, off-label."""
    colonnes = _RAPPORTS if hors_amm else _RAPPORTS[:4]
    return Tableau(
        ("En rapport avec", *(c[4] for c in colonnes)),
        tuple((nom, *((Fragment(oui_non(getattr(droits, c[0])), ref=f"{ref}-{c[1]}"),)
                      for c in colonnes)) for ref, nom, droits in lignes),
        (40, *([60 / len(colonnes)] * len(colonnes))))


# --- Entry --------------------------------------------------------------------------------------

def medicament(entree: Element, doc: DocumentClinique, ligne: LigneMedicament,
               numero: int) -> None:
    """substanceAdministration of a line; several takes make subordinate administrations."""
    ref = f"med-{numero:03d}"
    acte = el(entree, "substanceAdministration", classCode="SBADM", moodCode="INT")
    modeles(acte, "2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.7",
            "1.3.6.1.4.1.19376.1.9.1.3.2", "1.2.250.1.213.1.1.3.83")
    if ligne.prises:
        modeles(acte, "1.3.6.1.4.1.19376.1.9.1.3.6")
    # Tapered doses have their own mode; all else is the normal one.
    modeles(acte, "1.3.6.1.4.1.19376.1.5.3.1.4.8" if len(ligne.prises) > 1
            else "1.3.6.1.4.1.19376.1.5.3.1.4.7.1")
    el(acte, "id", root=id_local(doc, ref))
    code(acte, Code("DRUG", "Médicament", "2.16.840.1.113883.5.4", "HL7:ActCode"))
    reference(acte, ref)
    el(acte, "statusCode", code="completed")
    duree = el(acte, "effectiveTime", xsi_type="IVL_TS")
    el(duree, "low", value=jour(ligne.debut))
    el(duree, "high", value=jour(ligne.fin))
    seule = ligne.prises[0] if len(ligne.prises) == 1 else None
    if seule is not None:
        _periode(el(acte, "effectiveTime", xsi_type="PIVL_TS", operator="A"), seule,
                 f"{ref}-frequence-1")
    el(acte, "repeatNumber", value=str(ligne.renouvellements))
    if ligne.voie and ligne.prises:
        reference(code(acte, jeu("voie")[ligne.voie], "routeCode"), f"{ref}-voie", "originalText")
    if seule is not None:
        _dose(acte, seule, ref, 1)
    if ligne.dose_max_jour is not None and ligne.prises:
        maximum = el(acte, "maxDoseQuantity")
        el(maximum, "numerator", value=nombre(ligne.dose_max_jour))
        el(maximum, "denominator", value="1", unit="d")
    _produit(acte, ligne, ref)
    if len(ligne.prises) > 1:
        for n, prise in enumerate(ligne.prises, 1):
            _subordonnee(acte, doc, prise, ref, n)
    _instruction(acte, ligne.instructions_patient, f"{ref}-instrPatient", "PINSTRUCT",
                 ("2.16.840.1.113883.10.20.1.49", "1.3.6.1.4.1.19376.1.5.3.1.4.3",
                  "1.2.250.1.213.1.1.3.33"))
    _instruction(acte, ligne.instructions_dispensateur, f"{ref}-instrDisp", "FINSTRUCT",
                 ("2.16.840.1.113883.10.20.1.43", "1.3.6.1.4.1.19376.1.5.3.1.4.3.1",
                  "1.2.250.1.213.1.1.3.34"))
    if ligne.boites is not None:
        fourniture = el(el(acte, "entryRelationship", typeCode="COMP"), "supply",
                        classCode="SPLY", moodCode="RQO")
        modeles(fourniture, "1.3.6.1.4.1.19376.1.9.1.3.8", "1.2.250.1.213.1.1.3.86")
        el(fourniture, "independentInd", value="false")
        el(fourniture, "quantity", value=str(ligne.boites), unit=_BOITE)
    _substitution(acte, ligne, ref)
    rapports(acte, doc, ref, ligne.droits, hors_amm=True)
    if ligne.condition:
        critere = el(el(acte, "precondition"), "criterion")
        reference(critere, f"{ref}-precondition")


def _periode(porteur: Element, prise: Prise, ref: str) -> None:
    periode = el(porteur, "period", value=nombre(prise.periode), unit=prise.periode_unite)
    reference(el(periode, "translation"), ref, "originalText")


def _dose(acte: Element, prise: Prise, ref: str, numero: int) -> None:
    dose = el(acte, "doseQuantity")
    haut = "doseMin" if prise.dose_max == prise.dose_min else "doseMax"
    for nom, valeur, suffixe in (("low", prise.dose_min, "doseMin"),
                                 ("high", prise.dose_max, haut)):
        borne = el(dose, nom, value=nombre(valeur), unit=prise.unite)
        reference(el(borne, "translation"), f"{ref}-{suffixe}-{numero}", "originalText")


def _subordonnee(acte: Element, doc: DocumentClinique, prise: Prise, ref: str,
                 numero: int) -> None:
    lien = el(acte, "entryRelationship", typeCode="COMP")
    el(lien, "sequenceNumber", value=str(numero))
    etape = el(lien, "substanceAdministration", classCode="SBADM", moodCode="INT")
    modeles(etape, "1.2.250.1.213.1.1.3.83.1")
    el(etape, "id", root=id_local(doc, f"{ref}-prise-{numero}"))
    reference(etape, f"{ref}-frequence-{numero}")
    el(etape, "statusCode", code="completed")
    quand_ = el(etape, "effectiveTime", xsi_type="SXPR_TS")
    duree = el(quand_, "comp", xsi_type="IVL_TS", operator="A")
    el(duree, "low", value=jour(prise.debut))
    el(duree, "width", value=str(prise.jours), unit="d")
    _periode(el(quand_, "comp", xsi_type="PIVL_TS", operator="A"), prise,
             f"{ref}-frequence-{numero}")
    _dose(etape, prise, ref, numero)
    materiel = _manufacture(etape)
    el(materiel, "code", nullFlavor="NA")
    el(materiel, "name", nullFlavor="NA")


def _manufacture(acte: Element) -> Element:
    produit = el(el(acte, "consumable", typeCode="CSM"), "manufacturedProduct", classCode="MANU")
    modeles(produit, "2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2",
            "1.2.250.1.213.1.1.3.43")
    materiel = el(produit, "manufacturedMaterial", classCode="MMAT", determinerCode="KIND")
    modeles(materiel, "1.3.6.1.4.1.19376.1.9.1.3.1")
    return materiel


def _produit(acte: Element, ligne: LigneMedicament, ref: str) -> None:
    materiel = _manufacture(acte)
    if ligne.cis:
        produit = code(materiel, Code(ligne.cis, ligne.denomination, _CIS, "CIS"))
    else:
        # A magistral preparation, or a product that the drug base doesn't know.
        produit = el(materiel, "code", nullFlavor="NA")
    reference(produit, ref, "originalText")
    if ligne.code_mv:
        code(produit, Code(ligne.code_mv, ligne.libelle_mv or ligne.denomination, _MV, "MV"),
             "translation")
    if ligne.cip13:
        code(produit, Code(ligne.cip13, ligne.presentation or ligne.denomination, _CIP, "CIP"),
             "translation")
    if ligne.cis:
        el(materiel, "name", ligne.denomination)
    else:
        el(materiel, "name", nullFlavor="NA")
    if ligne.forme:
        el(materiel, "formCode", espace=PHARM, code=ligne.forme,
           displayName=ligne.forme_libelle or ligne.forme, codeSystem=_EDQM,
           codeSystemName="EDQM")
    if ligne.atc:
        genre = el(materiel, "asSpecializedKind", espace=PHARM, classCode="GRIC")
        classe = el(genre, "generalizedMedicineClass", espace=PHARM, classCode="MMAT")
        libelle = ligne.atc_libelle or ligne.atc
        el(classe, "code", espace=PHARM, code=ligne.atc, displayName=libelle, codeSystem=_ATC,
           codeSystemName="ATC")
        el(classe, "name", libelle, espace=PHARM)
    for substance in ligne.substances:
        _substance(materiel, substance)


def _substance(materiel: Element, substance: Substance) -> None:
    ingredient = el(materiel, "ingredient", espace=PHARM, classCode="ACTI")
    if substance.dosage is not None:
        quantite = el(ingredient, "quantity", espace=PHARM)
        el(quantite, "numerator", xsi_type="PQ", value=nombre(substance.dosage),
           unit=substance.unite or None)
        el(quantite, "denominator", xsi_type="PQ", value="1")
    matiere = el(ingredient, "ingredient", espace=PHARM, classCode="MMAT", determinerCode="KIND")
    if substance.code_sms:
        el(matiere, "code", espace=PHARM, code=substance.code_sms, displayName=substance.nom,
           codeSystem=_SMS, codeSystemName="SMS")
    else:
        el(matiere, "code", espace=PHARM, nullFlavor="UNK")
    el(matiere, "name", substance.nom, espace=PHARM)


def _instruction(acte: Element, texte: str, ref: str, genre: str,
                 templates: tuple[str, ...]) -> None:
    if not texte:
        return
    lien = el(acte, "entryRelationship", typeCode="SUBJ", inversionInd="true")
    consigne = el(lien, "act", classCode="ACT", moodCode="INT")
    modeles(consigne, *templates)
    el(consigne, "code", code=genre, codeSystem="1.3.6.1.4.1.19376.1.5.3.2",
       codeSystemName="IHEActCode")
    reference(consigne, ref)
    el(consigne, "statusCode", code="completed")


def _substitution(acte: Element, ligne: LigneMedicament, ref: str) -> None:
    permis = el(el(acte, "entryRelationship", typeCode="COMP"), "act", classCode="ACT",
                moodCode="DEF")
    modeles(permis, "1.3.6.1.4.1.19376.1.9.1.3.9.1", "1.2.250.1.213.1.1.3.87")
    valeur = jeu("substitution")["N" if ligne.motif_non_substituable else "G"]
    reference(code(permis, valeur), f"{ref}-substitution", "originalText")
    el(permis, "statusCode", code="completed")


def rapports(acte: Element, doc: DocumentClinique, ref: str, droits: DroitsLigne, *,
             hors_amm: bool) -> None:
    """The boolean observations of a line: ALD, AT/MP, prevention, not reimbursed, off-label."""
    for attribut, suffixe, modele, valeur, _ in _RAPPORTS if hors_amm else _RAPPORTS[:4]:
        observation = el(el(acte, "entryRelationship", typeCode="COMP"), "observation",
                         classCode="OBS", moodCode="EVN")
        modeles(observation, *SIMPLE_OBSERVATION, f"1.2.250.1.213.1.1.3.48.{modele}")
        el(observation, "id", root=id_local(doc, f"{ref}-{suffixe}"))
        code(observation, valeur)
        reference(observation, f"{ref}-{suffixe}")
        el(observation, "statusCode", code="completed")
        el(observation, "effectiveTime", value=horodatage(doc.date_creation))
        el(observation, "value", xsi_type="BL",
           value="true" if getattr(droits, attribut) else "false")
