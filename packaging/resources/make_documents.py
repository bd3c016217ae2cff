"""Cut the value sets of the CI-SIS that the product needs into small tables.

Input: the folder `jeuxDeValeurs` and `schematrons` of ansforge/TestContenuCDA-3-0 (Agence du
Numérique en Santé, snapshot of 19/02/2025), which the reference material beside the project holds.
Output: `resources/documents/codes.csv` (every document type code, with its class) and
`resources/documents/nomenclatures.csv`. The other tables of that folder are kept by hand.

    python packaging/resources/make_documents.py ../shared/cda-kit resources/documents
"""

import csv
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

SVS = "{urn:ihe:iti:svs:2008}"
SOURCE = ("Agence du Numérique en Santé, ansforge/TestContenuCDA-3-0 du 19/02/2025, complété des "
          "codes de JDV_J07 du 29/06/2026")

#: typeCode -> classCode: ASS_X04 of 23/02/2024; codes newer than it have the class of their kin,
#: marked « à confirmer » in the column `source`.
CLASSES = {
    "10": "11506-3 34120-6? 47420-5 11488-4 96349-6 29274-8 11505-5 75482-0 70004-7 75492-9 "
          "85208-7 75496-0 78513-9 89233-1 15508-5 59283-2 BIL_AUTO 28653-4 11502-2 34112-3 "
          "11490-0 15507-7 34749-2 34794-8 34874-8 34875-5 51969-4 60568-3 77436-4 78601-2 93024-8 "
          "60280-5? 67851-6? 78341-5? 28617-9? 97694-4? 68814-3? 34876-3? 100967-9? DOCPAT03 "
          "DOCPAT05 DOCPAT06",
    "11": "18761-7 34133-9 SYNTH 60591-5 74207-2 57055-6 57057-2 57075-4 89235-6 78489-2 68817-6 "
          "34842-5 96163-1? 68599-0? 83981-1? 88348-8? DOCPAT01 DOCPAT08 83963-9? 84067-8?",
    "31": "18748-4 IMG-KOS DOCPAT04 52040-3?",
    "42": "57833-6 57832-8 57828-6 PRESC-BIO PRESC-INF PRESC-KINE PRESC-PEDI PRESC-ORTHOPHO "
          "PRESC-ORTHOPTIE PRESC-AAT 55115-0 75468-9? DOCPAT02",
    "43": "60593-1 DISP_AUT 61357-0? 56445-0?",
    "44": "18776-5 77604-7 83869-8 PROT_ALD 80771-9? 80788-3?",
    "45": "80565-5",
    "52": "87273-9 11369-6 96173-0 CERT_DECL 89601-9 96874-3 DOCPAT07 86531-1? 55751-2?",
    "60": "REMB",
    "90": "EXPPAT_1 EXPPAT_2 EXPPAT_3 DOCPAT10",
    "95": "59284-0 51851-4 56446-8 PIECE-IDENTITE DOCPAT09 34895-3? FICHE-CONTACTS EXPORT_DUI "
          "ATTEST-ASS-COMPL ATTEST-RESID ATTEST-HEBGT ATTEST-DROITS-AM AUTORIS-SOINS",
}

#: Name in `nomenclatures.csv` -> (file, filter on the code or None).
JEUX = {
    "profession": ("JDV_J01_XdsAuthorSpecialty_CISIS", None),
    "secteur": ("JDV_J02_XdsHealthcareFacilityTypeCode_CISIS", r"SA\d+"),
    "cadre": ("JDV_J04_XdsPracticeSettingCode_CISIS", r"(?!EXP_PATIENT|SNR).*"),
    "rencontre": ("JDV_J142_TypeRencontre_CISIS", None),
    "sexe": ("JDV_J143_AdministrativeGender_CISIS", None),
    "civilite": ("JDV_J245_Civilite_CISIS", None),
    "fonction": ("JDV_J47_FunctionCode_CISIS", None),
    "vaccination": ("JDV_HL7_ActSubstanceAdministrationImmunizationCode_CISIS", None),
    "voie_vaccination": ("JDV_ImmunizationRouteCodes_CISIS", None),
    "site_vaccination": ("JDV_ImmunizationApproachSiteCode_CISIS", None),
    "substitution": ("JDV_HL7_ActSubstanceAdminSubstitutionCode_CISIS", None),
    "voie": ("JDV_RouteofAdministration_CISIS", None),
    "rencontre_grossesse": ("JDV_TypeRencontre_OBP_CISIS", None),
    "groupe_rhesus": ("JDV_GroupeRhesus_CISIS", None),
    "sortie_couches": ("JDV_ModeSortie_OBP_SCM_CISIS", None),
    "mode_naissance": ("JDV_ModeNaissance_CISIS", None),
    "intervention_voie_basse": ("JDV_TypeInterventionVoieBasse_CISIS", None),
    "presentation_foetale": ("JDV_PresentationFoetale_CISIS", None),
    "quantite_liquide": ("JDV_QuantiteLA_CISIS", None),
    "aspect_liquide": ("JDV_AspectLA_CISIS", None),
    "sortie_naissance_mere": ("JDV_ModeSortie_OBP_SNM_CISIS", None),
    "sortie_naissance_enfant": ("JDV_ModeSortie_OBP_SNE_CISIS", None),
    "sortie_maternite_enfant": ("JDV_ModeSortie_OBP_SEM_CISIS", None),
    "allaitement": ("JDV_TypeAllaitementNouveauNe_CISIS", None),
    "test_audition": ("JDV_OBP_TestAudition_CISIS", None),
    "debut_travail": ("JDV_ModeDebutTravail_CISIS", None),
    "motif_declenchement": ("JDV_MotifDeclenchementTravail_CISIS", None),
    "anesthesie_avant": ("JDV_TypeAnesthesieAvantNaissance_CISIS", None),
    "anesthesie_apres": ("JDV_TypeAnesthesieApresNaissance_CISIS", None),
    "acte_post_partum": ("JDV_TypeActePostPartum_CISIS", r"\S+"),
    "statut_document": ("JDV_StatutDoc_CISIS", None),
    "resultat_depistage": ("JDV_ResultatDepistage_CISIS", None),
}


def concepts(fichier: Path) -> list[tuple[str, str, str]]:
    """(code, system, label) of a value set."""
    racine = ElementTree.parse(fichier).getroot()
    return [(c.get("code", ""), c.get("codeSystem", ""), c.get("displayName", ""))
            for c in racine.iter(f"{SVS}Concept")]


def ecrire(fichier: Path, entetes: list[str], lignes: list[tuple[str, ...]]) -> None:
    """Write a table whose first line names its source."""
    with fichier.open("w", encoding="utf-8", newline="") as flux:
        flux.write(f"# Source : {SOURCE}\n")
        table = csv.writer(flux, delimiter=";", lineterminator="\n")
        table.writerow(entetes)
        table.writerows(lignes)


def main(kit: Path, vers: Path) -> None:
    """Write both tables."""
    classes = {code.rstrip("?"): (classe, code.endswith("?"))
               for classe, codes in CLASSES.items() for code in codes.split()}
    connus = concepts(kit / "jeuxDeValeurs" / "JDV_J07_XdsTypeCode_CISIS.xml")
    recents = (kit / "schematrons/profils/structurationMinimale/include"
               / "voc-1.2.250.1.213.1.1.5.471-DYNAMIC.xml").read_text(encoding="utf-8")
    deja = {(code, systeme) for code, systeme, _ in connus}
    for balise in re.findall(r"<concept ([^>]*)/>", recents):
        attributs = dict(re.findall(r'(\w+)="([^"]*)"', balise))
        cle = attributs["code"], attributs["codeSystem"]
        if cle not in deja and cle[1] in (connus[0][1], "2.16.840.1.113883.6.1"):
            connus.append((*cle, attributs["displayName"]))
    lignes: list[tuple[str, ...]] = []
    for code, systeme, libelle in sorted(connus):
        if systeme == "ASTM":
            continue
        classe, doute = classes.get(code, ("", False))
        lignes.append((code, systeme, libelle, classe,
                       "X04 à confirmer" if doute else "X04" if classe else ""))
    ecrire(vers / "codes.csv", ["code", "systeme", "libelle", "classe", "source_classe"], lignes)
    valeurs: list[tuple[str, ...]] = []
    for nom, (fichier, filtre) in JEUX.items():
        valeurs += [(nom, code, systeme, libelle.strip()) for code, systeme, libelle
                    in concepts(kit / "jeuxDeValeurs" / f"{fichier}.xml")
                    if filtre is None or re.fullmatch(filtre, code)]
    ecrire(vers / "nomenclatures.csv", ["jeu", "code", "systeme", "libelle"], valeurs)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
