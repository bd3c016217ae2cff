"""CDA R2 of a fictive document: N1 with a PDF or a text, N3, vaccination note (`spec/cda.md`)."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from app.sandbox.contenus.modeles import LOINC, Auteur, Modele
from app.sandbox.identites import Personne

_ANNUAIRE_PS, _ANNUAIRE_ST = "1.2.250.1.71.4.2.1", "1.2.250.1.71.4.2.2"
_SPECIALITE = "1.2.250.1.213.1.1.4.5"
_VACCINATION = ("1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2", "1.2.250.1.213.1.1.1.46")


@dataclass(frozen=True, slots=True)
class Identifiants:
    """Identity of one version of a document, and its dates (local, with offset)."""

    id: str
    set_id: str
    version: int
    creation: datetime
    acte: datetime
    remplace: str = ""


def horodatage(instant: datetime) -> str:
    """HL7 time stamp, second and offset."""
    return instant.strftime("%Y%m%d%H%M%S%z")


def _attribut(valeur: str) -> str:
    return quoteattr(valeur)


def _personne(a: Auteur, avec_code: bool = True, cadre: bool = False) -> str:
    """Content of an assignedEntity or assignedAuthor."""
    code = (f'<code code="{a.specialite[0]}" displayName={_attribut(a.specialite[1])} '
            f'codeSystem="{_SPECIALITE}"/>' if avec_code and a.specialite[0] else "")
    classe = (f'<standardIndustryClassCode code="{a.cadre[0]}" displayName='
              f'{_attribut(a.cadre[1])} codeSystem="1.2.250.1.213.1.1.4.9"/>' if cadre else "")
    adresse = (f"<addr><streetAddressLine>{escape(a.adresse)}</streetAddressLine>"
               f"<streetAddressLine>{a.code_postal} {escape(a.ville)}</streetAddressLine></addr>"
               f'<telecom value="tel:{a.telephone}" use="WP"/>')
    prefixe = f"<prefix>{a.civilite}</prefix>" if a.civilite else ""
    return (f'<id root="{_ANNUAIRE_PS}" extension="{a.id}"/>{code}{adresse}<assignedPerson><name>'
            f"{prefixe}<given>{escape(a.prenom)}</given><family>{escape(a.nom)}</family></name>"
            f'</assignedPerson><representedOrganization><id root="{_ANNUAIRE_ST}" extension='
            f'"{a.structure_id}"/><name>{escape(a.structure)}</name>{classe}'
            "</representedOrganization>")


def _patient(p: Personne) -> str:
    sexe = "Féminin" if p.sexe == "F" else "Masculin"
    liste = p.liste_prenoms or p.prenom
    return (
        f'<recordTarget><patientRole><id root="{p.oid}" extension="{p.matricule}"/>'
        f'<id root="1.2.250.1.999.1.9.3" extension="{int(p.matricule[-6:], 36) % 10**8}"/>'
        '<addr nullFlavor="NASK"/><telecom nullFlavor="NASK"/><patient classCode="PSN"><name>'
        f'<family qualifier="BR">{escape(p.nom)}</family><given>{escape(liste)}</given>'
        f'<given qualifier="BR">{escape(p.prenom)}</given></name>'
        f'<administrativeGenderCode code="{p.sexe}" displayName="{sexe}" '
        f'codeSystem="2.16.840.1.113883.5.1"/>'
        f'<birthTime value="{p.date_naissance.replace("-", "")}"/><birthplace><place><addr>'
        f"<county>{p.cog}</county></addr></place></birthplace></patient></patientRole>"
        "</recordTarget>")


def rendre(modele: Modele, auteur: Auteur, patient: Personne, ids: Identifiants, pdf: bytes
           ) -> bytes:
    """Write one document.

    Parameters
    ----------
    pdf
        Needed by the forms n1 and n3_pdf, ignored by the others.
    """
    creation = horodatage(ids.creation)
    modeles = {"n1": ("1.3.6.1.4.1.19376.1.2.20",), "n1_texte": ("1.3.6.1.4.1.19376.1.2.20",),
               "vaccination": _VACCINATION}.get(
                   modele.forme, ("1.3.6.1.4.1.19376.1.5.3.1.1.1",))
    gabarits = "".join(
        f'<templateId root="{t}"' + (' extension="2023.01"' if t == _VACCINATION[1] else "") + "/>"
        for t in ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", *modeles))
    code, systeme, libelle = modele.type
    est_patient = not auteur.structure_id
    gardien = (('<id root="1.2.250.1.213.4.1"/>', "DMP") if est_patient else
               (f'<id root="{_ANNUAIRE_ST}" extension="{auteur.structure_id}"/>',
                auteur.structure))
    acteur = _acteur_patient(patient) if est_patient else _personne(auteur)
    executant = (acteur + '<representedOrganization><standardIndustryClassCode code='
                 '"AMBULATOIRE" displayName="Ambulatoire" codeSystem="1.2.250.1.213.1.1.4.9"/>'
                 "</representedOrganization>" if est_patient else _personne(auteur, cadre=True))
    remplace = (f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{ids.remplace}"/>'
                "</parentDocument></relatedDocument>" if ids.remplace else "")
    acte = horodatage(ids.acte)
    texte = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><realmCode code="FR"/>'
        '<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        f'{gabarits}<id root="{ids.id}"/><code code="{code}" displayName={_attribut(libelle)} '
        f'codeSystem="{systeme}"/><title>{escape(modele.titre)}</title>'
        f'<effectiveTime value="{creation}"/><confidentialityCode code="N" displayName="Normal" '
        'codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>'
        f'<setId root="{ids.set_id}"/><versionNumber value="{ids.version}"/>{_patient(patient)}'
        f'<author><time value="{creation}"/><assignedAuthor>{acteur}</assignedAuthor></author>'
        "<custodian><assignedCustodian><representedCustodianOrganization>"
        f'{gardien[0]}<name>{escape(gardien[1])}</name><telecom nullFlavor="NASK"/>'
        '<addr nullFlavor="NASK"/></representedCustodianOrganization></assignedCustodian>'
        f'</custodian><legalAuthenticator><time value="{creation}"/><signatureCode code="S"/>'
        f"<assignedEntity>{acteur}</assignedEntity></legalAuthenticator><documentationOf>"
        f'<serviceEvent><code code="{code}" displayName={_attribut(libelle)} codeSystem='
        f'"{systeme}"/><effectiveTime><low value="{acte}"/></effectiveTime>'
        f'<performer typeCode="PRF"><assignedEntity>{executant}</assignedEntity></performer>'
        f"</serviceEvent></documentationOf>{remplace}<componentOf><encompassingEncounter>"
        f'<effectiveTime><low value="{acte}"/></effectiveTime><location><healthCareFacility>'
        f'<code code="{auteur.secteur[0]}" displayName={_attribut(auteur.secteur[1])} '
        'codeSystem="1.2.250.1.71.4.2.4"/></healthCareFacility></location>'
        f"</encompassingEncounter></componentOf><component>{_corps(modele, auteur, ids, pdf)}"
        "</component></ClinicalDocument>\n")
    return texte.encode()


def _acteur_patient(p: Personne) -> str:
    return (f'<id root="{p.oid}" extension="{p.matricule}"/><addr nullFlavor="NASK"/>'
            '<telecom nullFlavor="NASK"/><assignedPerson><name>'
            f"<given>{escape(p.prenom)}</given><family>{escape(p.nom)}</family></name>"
            "</assignedPerson>")


def _corps(modele: Modele, auteur: Auteur, ids: Identifiants, pdf: bytes) -> str:
    if modele.forme == "n1":
        return ('<nonXMLBody><text mediaType="application/pdf" representation="B64">'
                f"{base64.b64encode(pdf).decode()}</text></nonXMLBody>")
    if modele.forme == "n1_texte":
        octets = base64.b64encode(texte_brut(modele).encode()).decode()
        return ('<nonXMLBody><text mediaType="text/plain" representation="B64">'
                f"{octets}</text></nonXMLBody>")
    if modele.forme == "vaccination":
        return f"<structuredBody>{_section_vaccin(modele, auteur, ids)}</structuredBody>"
    sections = "".join(_section(s) for s in modele.sections)
    return f"<structuredBody>{sections}{_copie_pdf(ids, pdf)}</structuredBody>"


def texte_brut(modele: Modele) -> str:
    """A model as plain text."""
    lignes = [modele.titre, ""]
    for section in modele.sections:
        lignes += [section["titre"].upper(), *[b.get("p", "") for b in section["blocs"]], ""]
    return "\r\n".join(lignes)


def _recit(blocs: list[dict[str, Any]]) -> str:
    morceaux = []
    for bloc in blocs:
        if "liste" in bloc:
            morceaux.append("<list>" + "".join(f"<item>{escape(x)}</item>"
                                               for x in bloc["liste"]) + "</list>")
        elif "lignes" in bloc:
            tete = "".join(f"<th>{escape(c)}</th>" for c in bloc["entetes"])
            lignes = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in ligne) + "</tr>"
                             for ligne in bloc["lignes"])
            morceaux.append(f"<table><thead><tr>{tete}</tr></thead><tbody>{lignes}</tbody>"
                            "</table>")
        else:
            morceaux.append(f"<paragraph>{escape(bloc['p'])}</paragraph>")
    return "".join(morceaux)


def _section(section: dict[str, Any]) -> str:
    titre = section["titre"]
    return (f'<component><section><code code="{section.get("code", "48767-8")}" displayName='
            f'{_attribut(titre)} codeSystem="{LOINC}"/><title>{escape(titre)}</title>'
            f"<text>{_recit(section['blocs'])}</text></section></component>")


def _copie_pdf(ids: Identifiants, pdf: bytes) -> str:
    """PDF copy section (`spec/cda.md` §3)."""
    octets = base64.b64encode(pdf).decode()
    return (
        '<component><section><templateId root="1.2.250.1.213.1.1.2.243"/>'
        f'<code code="55108-5" displayName="Copie du document" codeSystem="{LOINC}"/>'
        '<title>Copie du document</title><text><content ID="copie-1">Copie du document</content>'
        '<renderMultiMedia referencedObject="doc-1"/></text><entry>'
        '<organizer classCode="CLUSTER" moodCode="EVN"><templateId root="1.2.250.1.213.1.1.3.18"/>'
        f'<id root="{ids.id}.1"/><code code="55107-7" displayName='
        f'"Document attaché" codeSystem="{LOINC}"/><statusCode code="completed"/><component>'
        '<observation classCode="OBS" moodCode="EVN">'
        '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.13"/>'
        '<templateId root="1.2.250.1.213.1.1.3.48"/>'
        f'<templateId root="1.2.250.1.213.1.1.3.48.18"/><id root="{ids.id}.2"/>'
        '<code code="69764-9" displayName='
        f'"Type de document" codeSystem="{LOINC}"/><text><reference value="#copie-1"/></text>'
        '<statusCode code="completed"/>'
        '<effectiveTime nullFlavor="NA"/><value xsi:type="CD" code="55108-5" displayName='
        f'"Copie du document" codeSystem="{LOINC}"/></observation></component><component>'
        '<observationMedia classCode="OBS" moodCode="EVN" ID="doc-1"><value '
        f'mediaType="application/pdf" representation="B64">{octets}</value></observationMedia>'
        "</component></organizer></entry></section></component>")


def _section_vaccin(modele: Modele, auteur: Auteur, ids: Identifiants) -> str:
    """The only section of a VAC-NOTE 2023.01 (`spec/cda.md` §4)."""
    v = modele.vaccin or {}
    rang = "" if v.get("rang") is None else (
        '<entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN">'
        '<templateId root="2.16.840.1.113883.10.20.1.46"/>'
        '<templateId root="1.2.250.1.213.1.1.3.82"/><code code="30973-2" displayName='
        f'"Rang de la vaccination" codeSystem="{LOINC}"/><statusCode code="completed"/>'
        f'<value xsi:type="INT" value="{v["rang"]}"/></observation></entryRelationship>')
    libelle = _attribut(v["nom"])
    return (
        '<component><section><templateId root="2.16.840.1.113883.10.20.1.6"/>'
        '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.3.23"/>'
        '<templateId root="1.2.250.1.213.1.1.2.147"/>'
        f'<id root="{ids.id}.1"/><code code="11369-6" displayName='
        f'"Historique des vaccinations" codeSystem="{LOINC}"/>'
        "<title>Note de vaccination</title>"
        f'<text><paragraph><content ID="vac-1">{escape(v["nom"])}, lot {v["lot"]}</content>'
        f'</paragraph>{_recit(modele.sections[0]["blocs"])}</text>'
        '<entry><substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="false">'
        '<templateId root="2.16.840.1.113883.10.20.1.24"/>'
        '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.12"/>'
        f'<templateId root="1.2.250.1.213.1.1.3.45"/><id root="{ids.id}.2"/>'
        f'<code code="{v["acte"][0]}" displayName={_attribut(v["acte"][1])} '
        'codeSystem="2.16.840.1.113883.5.4"/><text><reference value="#vac-1"/></text>'
        f'<statusCode code="completed"/><effectiveTime value="{ids.acte:%Y%m%d}"/>'
        '<routeCode code="20035000" displayName="Voie intramusculaire" '
        'codeSystem="0.4.0.127.0.16.1.1.2.1"/><consumable typeCode="CSM"><manufacturedProduct>'
        '<templateId root="2.16.840.1.113883.10.20.1.53"/>'
        '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.7.2"/>'
        '<templateId root="1.2.250.1.213.1.1.3.43"/><manufacturedMaterial>'
        f'<code code="{v["cis"]}" displayName={libelle} codeSystem="1.2.250.1.213.2.3.1">'
        f'<originalText><reference value="#vac-1"/></originalText><translation code="{v["atc"]}" '
        f'displayName={_attribut(v["atc_libelle"])} codeSystem="2.16.840.1.113883.6.73"/>'
        f'<translation code="{v["cip"]}" displayName={libelle} '
        'codeSystem="1.2.250.1.213.2.3.2"/></code>'
        f"<name>{escape(v['nom'])}</name><lotNumberText>{v['lot']}</lotNumberText>"
        "</manufacturedMaterial></manufacturedProduct></consumable>"
        f'<performer typeCode="PRF"><assignedEntity>{_personne(auteur, cadre=True)}'
        '</assignedEntity></performer><author contextControlCode="OP" typeCode="AUT">'
        f'<time value="{horodatage(ids.creation)}"/>'
        f"<assignedAuthor>{_personne(auteur)}</assignedAuthor></author>{rang}"
        "</substanceAdministration></entry></section></component>")
