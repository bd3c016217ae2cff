"""Synthèse antepartum, OBP-SAP 2024.01 (`spec/cda.md` §8): what the maternity must know."""

from collections.abc import Iterator
from decimal import Decimal

from app.documents.cda_clinique import (
    IMC,
    POIDS,
    TAILLE,
    TEMPLATES_SIGNES_VITAUX,
    Mesure,
    avec_unite,
    cim10,
    nombre,
    probleme,
    section_statut,
    signes_vitaux,
    statut,
)
from app.documents.cda_entete import entite
from app.documents.cda_n3 import (
    Section,
    copie_pdf,
    ecrire_section,
    id_local,
    loinc,
    ouvrir,
)
from app.documents.cda_perinatal import DIAGNOSTIC, manques_mere, modele
from app.documents.cda_xml import (
    SNOMED,
    Element,
    code,
    el,
    horodatage,
    jour,
    modeles,
    octets,
    reference,
)
from app.documents.contenus_obstetrique import (
    PATHOLOGIES_SUIVIES,
    Pathologie,
    RencontreGrossesse,
    SyntheseAntepartum,
    TraitementGrossesse,
)
from app.documents.model import Bloc, DocumentClinique, Fragment, Paragraphe, Tableau, Texte
from app.documents.texte import majuscule
from app.documents.types import Code, jeu
from app.domain.dates import est_calendaire, formater

_TEMPLATES = modele(1)
_CONSULTATION = Code("11429006", "consultation", SNOMED, "SNOMED CT")
_SANS_TRAITEMENT = Code("no-known-medications", "Pas de traitement médicamenteux connu",
                        "2.16.840.1.113883.5.1150.1")


def manques(doc: DocumentClinique, contenu: SyntheseAntepartum) -> Iterator[str]:
    """What the model demands and the synthesis lacks."""
    yield from manques_mere(doc)
    if not est_calendaire(contenu.date_dernieres_regles):
        yield "La date des dernières règles manque."
    if contenu.foetus < 1 or contenu.grossesses_anterieures < 0:
        yield "Le nombre de fœtus ou de grossesses antérieures est impossible."
    if contenu.verres_alcool_jour < 0 or contenu.paquets_tabac_jour < 0:
        yield "Les consommations d’alcool et de tabac sont à renseigner (0 si aucune)."
    if not (Decimal(20) <= contenu.poids_kg <= 300 and Decimal(100) <= contenu.taille_cm <= 230):
        yield "Le poids (kg) ou la taille (cm) en début de grossesse manque ou est impossible."
    if contenu.groupe not in jeu("groupe_rhesus") or not est_calendaire(contenu.date_groupe):
        yield "Le groupe sanguin et sa date manquent."
    if not contenu.rencontres:
        yield "Il faut au moins une rencontre : entretien prénatal, préparation…"
    for visite in contenu.rencontres:
        if visite.genre not in jeu("rencontre_grossesse") or not est_calendaire(visite.debut):
            yield "Chaque rencontre a un type de la liste et une date."
    for inconnue in sorted(contenu.presentes - set(PATHOLOGIES_SUIVIES)):
        yield f"La pathologie « {inconnue} » n’est pas de celles que la synthèse suit."
    for pathologie in contenu.autres_pathologies:
        if not pathologie.code_cim10 or not pathologie.libelle:
            yield "Chaque pathologie a un code CIM-10 et un libellé."


# --- Narrative ----------------------------------------------------------------------------------

def _pathologies(contenu: SyntheseAntepartum) -> list[tuple[Pathologie, bool]]:
    """Every problem to state, and whether it is absent."""
    suivies = [(Pathologie(c, libelle), c not in contenu.presentes)
               for c, libelle in PATHOLOGIES_SUIVIES.items()]
    return suivies + [(p, False) for p in contenu.autres_pathologies]


def sections(_doc: DocumentClinique, contenu: SyntheseAntepartum) -> tuple[Section, ...]:
    """The sections, in the order of the model."""
    sortie = [_grossesses(contenu), _habitus(contenu)]
    if contenu.suivi_propose:
        sortie.append(Section(
            ("2.16.840.1.113883.10.20.1.10", "1.3.6.1.4.1.19376.1.5.3.1.3.31",
             "1.2.250.1.213.1.1.2.154"), loinc("18776-5", "Plan de soins"),
            "Suivi psychosocial proposé", (Paragraphe(contenu.suivi_propose),)))
    return (*sortie, _mesures(contenu), _groupe(contenu), _rencontres(contenu),
            _problemes(contenu), _traitements(contenu), section_statut())


def _grossesses(contenu: SyntheseAntepartum) -> Section:
    lignes: tuple[tuple[Texte, ...], ...] = (
        ("Date de début des dernières règles", (Fragment(
            formater(contenu.date_dernieres_regles), gras=True, ref="ddr"),)),
        ("Nombre de fœtus", (Fragment(str(contenu.foetus), ref="nb-foetus"),)),
        ("Nombre de grossesses antérieures", (Fragment(
            str(contenu.grossesses_anterieures), ref="grossesses-anterieures"),)))
    suite: tuple[Bloc, ...] = (
        (Paragraphe(contenu.histoire_obstetricale),) if contenu.histoire_obstetricale else ())
    return Section(("1.3.6.1.4.1.19376.1.5.3.1.1.5.3.4", "1.2.250.1.213.1.1.2.77"),
                   loinc("10162-6", "Historique des grossesses"), "Historique des grossesses",
                   (Tableau((), lignes, (45, 55)), *suite))


def _habitus(contenu: SyntheseAntepartum) -> Section:
    lignes: tuple[tuple[Texte, ...], ...] = (
        ((Fragment("Consommation d’alcool", ref="habitus-alcool"),),
         avec_unite(contenu.verres_alcool_jour, "verre(s) par jour")),
        ((Fragment("Consommation de tabac", ref="habitus-tabac"),),
         avec_unite(contenu.paquets_tabac_jour, "paquet(s) par jour")))
    return Section(
        ("2.16.840.1.113883.10.20.1.15", "1.3.6.1.4.1.19376.1.5.3.1.3.16",
         "1.3.6.1.4.1.19376.1.5.3.1.3.16.1", "1.2.250.1.213.1.1.2.141"),
        loinc("29762-2", "Habitus, Mode de vie"), "Habitus, mode de vie",
        (Tableau(("En début de grossesse", "Précision"), lignes, (45, 55)),))


def _mesures(contenu: SyntheseAntepartum) -> Section:
    mesures = (("Poids", contenu.poids_kg, "kg", "poids"),
               ("Taille", contenu.taille_cm, "cm", "taille"),
               ("Indice de masse corporelle", contenu.imc, "kg/m²", "imc"))
    lignes: tuple[tuple[Texte, ...], ...] = tuple(
        (nom, (Fragment(avec_unite(valeur, unite), ref=ref),))
        for nom, valeur, unite, ref in mesures)
    return Section(TEMPLATES_SIGNES_VITAUX, loinc("8716-3", "Signes vitaux"),
                   "Poids, taille et IMC en début de grossesse",
                   (Tableau(("Mesure", "Valeur"), lignes, (45, 55)),))


def _groupe(contenu: SyntheseAntepartum) -> Section:
    libelle = jeu("groupe_rhesus")[contenu.groupe].libelle
    return Section(
        ("1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70"),
        loinc("18717-9", "Immunohématologie"), "Analyses immunohématologiques",
        (Tableau(("Date du résultat", "Objet", "Résultat"), ((
            formater(contenu.date_groupe),
            (Fragment("Groupe sanguin ABO-RH1/D", ref="groupe-objet"),),
            (Fragment(majuscule(libelle), gras=True, ref="groupe"),)),), (25, 40, 35)),))


def _rencontres(contenu: SyntheseAntepartum) -> Section:
    lignes: list[tuple[Texte, ...]] = []
    for n, r in enumerate(contenu.rencontres, 1):
        quand = formater(r.debut) + (f"\nau {formater(r.fin)}" if r.fin else "")
        libelle = jeu("rencontre_grossesse")[r.genre].libelle
        lignes.append((quand, (Fragment(libelle, ref=f"rencontre-{n}"),), r.commentaire or "-"))
    return Section(
        ("2.16.840.1.113883.10.20.1.3", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.3",
         "1.2.250.1.213.1.1.2.76"), loinc("46240-8", "Historique des rencontres"),
        "Historique des rencontres",
        (Tableau(("Date", "Rencontre", "Commentaire"), tuple(lignes), (20, 45, 35)),))


def _problemes(contenu: SyntheseAntepartum) -> Section:
    lignes: list[tuple[Texte, ...]] = []
    for n, (p, absente) in enumerate(_pathologies(contenu), 1):
        note: Texte = (Fragment(p.commentaire, ref=f"probleme-{n}-comment"),
                       ) if p.commentaire else "-"
        lignes.append(((Fragment(p.libelle, ref=f"probleme-{n}"),),
                       "Non" if absente else (Fragment("Oui", gras=True),), note))
    return Section(
        ("2.16.840.1.113883.10.20.1.11", "1.3.6.1.4.1.19376.1.5.3.1.3.6",
         "1.2.250.1.213.1.1.2.132"), loinc("11450-4", "Liste des problèmes actifs"),
        "Problèmes au cours de la grossesse actuelle",
        (Tableau(("Pathologie maternelle", "Présente", "Commentaire"), tuple(lignes),
                 (55, 15, 30)),))


def _traitements(contenu: SyntheseAntepartum) -> Section:
    lignes: tuple[tuple[Texte, ...], ...] = tuple(
        ((Fragment(t.denomination, ref=f"traitement-{n}"),),)
        for n, t in enumerate(contenu.traitements, 1)) or (
        ((Fragment(_SANS_TRAITEMENT.libelle, ref="traitement-1"),),),)
    return Section(
        ("1.3.6.1.4.1.19376.1.5.3.1.3.21", "1.2.250.1.213.1.1.2.145"),
        loinc("18610-6", "Traitements administrés"), "Traitements administrés pendant la grossesse",
        (Tableau(("Traitement administré à la mère",), lignes),))


# --- CDA ----------------------------------------------------------------------------------------

def rendre(doc: DocumentClinique, contenu: SyntheseAntepartum, pdf: bytes) -> bytes:
    """The CDA of level 3 with its PDF copy."""
    arbre, corps = ouvrir(doc, _TEMPLATES, [_CONSULTATION])
    for section in sections(doc, contenu):
        element = ecrire_section(corps, doc, section)
        match section.code.code:
            case "10162-6":
                _entrees_grossesse(element, doc, contenu)
            case "29762-2":
                _entrees_habitus(element, doc, contenu)
            case "8716-3":
                signes_vitaux(el(element, "entry"), doc, (
                    Mesure(POIDS, contenu.poids_kg, "kg", "poids"),
                    Mesure(TAILLE, contenu.taille_cm, "cm", "taille"),
                    Mesure(IMC, contenu.imc, "kg/m2", "imc")))
            case "18717-9":
                _entree_groupe(element, contenu)
            case "46240-8":
                for n, visite in enumerate(contenu.rencontres, 1):
                    _entree_rencontre(el(element, "entry"), doc, visite, n)
            case "11450-4":
                _entree_problemes(el(element, "entry"), doc, contenu)
            case "18610-6":
                for n, traitement in enumerate(contenu.traitements or (None,), 1):
                    _entree_traitement(el(element, "entry", typeCode="DRIV"), doc, traitement, n)
            case "33557-0":
                statut(el(element, "entry"), doc)
    copie_pdf(corps, doc, pdf)
    return octets(arbre)


def _entrees_grossesse(section: Element, doc: DocumentClinique,
                       contenu: SyntheseAntepartum) -> None:
    for genre, ref, type_valeur, valeur in (
            (loinc("8665-2", "Date de début des dernières règles"), "ddr", "TS",
             jour(contenu.date_dernieres_regles)),
            (loinc("55281-0", "Nombre de foetus"), "nb-foetus", "INT", str(contenu.foetus)),
            (loinc("69043-8", "Nombre de grossesses antérieures"), "grossesses-anterieures", "INT",
             str(contenu.grossesses_anterieures))):
        observation = el(el(section, "entry"), "observation", classCode="OBS", moodCode="EVN")
        modeles(observation, "1.3.6.1.4.1.19376.1.5.3.1.4.13",
                "1.3.6.1.4.1.19376.1.5.3.1.4.13.5", "1.2.250.1.213.1.1.3.53")
        el(observation, "id", root=id_local(doc, ref))
        code(observation, genre)
        reference(observation, ref)
        el(observation, "statusCode", code="completed")
        el(observation, "effectiveTime", nullFlavor="NA")
        el(observation, "value", xsi_type=type_valeur, value=valeur)


def _entrees_habitus(section: Element, doc: DocumentClinique,
                     contenu: SyntheseAntepartum) -> None:
    for genre, ref, valeur, unite in (
            (loinc("74013-4", "Consommation d'alcool"), "habitus-alcool",
             contenu.verres_alcool_jour, "{drink}/d"),
            (loinc("74011-8", "Consommation tabagique"), "habitus-tabac",
             contenu.paquets_tabac_jour, "{pack}/d")):
        observation = el(el(section, "entry"), "observation", classCode="OBS", moodCode="EVN")
        modeles(observation, "2.16.840.1.113883.10.20.1.33", "1.3.6.1.4.1.19376.1.5.3.1.4.13",
                "1.3.6.1.4.1.19376.1.5.3.1.4.13.4", "1.2.250.1.213.1.1.3.52")
        el(observation, "id", root=id_local(doc, ref))
        code(observation, genre)
        reference(observation, ref)
        el(observation, "statusCode", code="completed")
        el(observation, "effectiveTime", nullFlavor="NA")
        el(observation, "value", xsi_type="PQ", value=nombre(valeur), unit=unite)


def _entree_groupe(section: Element, contenu: SyntheseAntepartum) -> None:
    entree = el(section, "entry", typeCode="DRIV")
    modeles(entree, "1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21")
    acte = el(entree, "act", classCode="ACT", moodCode="EVN")
    code(acte, loinc("18717-9", "Immunohématologie"))
    el(acte, "statusCode", code="completed")
    observation = el(el(acte, "entryRelationship", typeCode="COMP"), "observation",
                     classCode="OBS", moodCode="EVN")
    modeles(observation, "1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80")
    genre = code(observation, loinc(
        "882-1", "ABO et RHD groupage:Type:Ponctuel:Sang:Résultat nominal:"))
    reference(genre, "groupe-objet", "originalText")
    el(observation, "statusCode", code="completed")
    el(observation, "effectiveTime", value=jour(contenu.date_groupe))
    valeur = code(observation, jeu("groupe_rhesus")[contenu.groupe], "value", xsi_type="CE")
    reference(valeur, "groupe", "originalText")


def _entree_rencontre(entree: Element, doc: DocumentClinique, visite: RencontreGrossesse,
                      numero: int) -> None:
    ref = f"rencontre-{numero}"
    acte = el(entree, "encounter", classCode="ENC", moodCode="EVN")
    modeles(acte, "2.16.840.1.113883.10.20.1.21", "1.3.6.1.4.1.19376.1.5.3.1.4.14",
            "1.2.250.1.213.1.1.3.58")
    el(acte, "id", root=id_local(doc, ref))
    code(acte, jeu("rencontre_grossesse")[visite.genre])
    reference(acte, ref)
    periode = el(acte, "effectiveTime")
    el(periode, "low", value=jour(visite.debut))
    if visite.fin:
        el(periode, "high", value=jour(visite.fin))
    entite(el(acte, "performer", typeCode="PRF"), doc.auteur, doc.structure, "")


def _entree_problemes(entree: Element, doc: DocumentClinique,
                      contenu: SyntheseAntepartum) -> None:
    acte = el(entree, "act", classCode="ACT", moodCode="EVN", negationInd="false")
    modeles(acte, "2.16.840.1.113883.10.20.1.27", "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5.2", "1.2.250.1.213.1.1.3.39")
    el(acte, "id", root=id_local(doc, "problemes"))
    el(acte, "code", nullFlavor="NA")
    el(acte, "statusCode", code="completed")
    periode = el(acte, "effectiveTime", xsi_type="IVL_TS")
    el(periode, "low", value=jour(contenu.date_dernieres_regles))
    el(periode, "high", value=horodatage(doc.date_acte))
    for n, (p, absente) in enumerate(_pathologies(contenu), 1):
        lien = el(acte, "entryRelationship", typeCode="SUBJ", inversionInd="false")
        probleme(lien, doc, f"probleme-{n}", cim10(p.code_cim10, p.libelle), p.date,
                 absent=absente, genre=DIAGNOSTIC, avec_commentaire=bool(p.commentaire))


def _entree_traitement(entree: Element, doc: DocumentClinique,
                       traitement: TraitementGrossesse | None, numero: int) -> None:
    ref = f"traitement-{numero}"
    acte = el(entree, "substanceAdministration", classCode="SBADM", moodCode="EVN")
    modeles(acte, "2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.7",
            "1.3.6.1.4.1.19376.1.5.3.1.4.7.1", "1.2.250.1.213.1.1.3.42")
    el(acte, "id", root=id_local(doc, ref))
    if traitement is None:
        code(acte, _SANS_TRAITEMENT)
    reference(acte, ref)
    el(acte, "statusCode", code="completed")
    periode = el(acte, "effectiveTime", xsi_type="IVL_TS")
    el(periode, "low", nullFlavor="UNK")
    el(periode, "high", nullFlavor="UNK")
    el(acte, "doseQuantity", nullFlavor="NA")
    produit = el(el(acte, "consumable"), "manufacturedProduct")
    modeles(produit, "2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2",
            "1.2.250.1.213.1.1.3.43")
    materiel = el(produit, "manufacturedMaterial")
    if traitement is not None and traitement.cis:
        valeur = code(materiel, Code(traitement.cis, traitement.denomination,
                                     "1.2.250.1.213.2.3.1", "CIS"))
        reference(valeur, ref, "originalText")
        el(materiel, "name", traitement.denomination)
    else:
        reference(el(materiel, "code", nullFlavor="NA"), ref, "originalText")
        if traitement is None:
            el(materiel, "name", nullFlavor="NA")
        else:
            el(materiel, "name", traitement.denomination)
