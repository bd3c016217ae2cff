"""Small fictive CDA documents for the tests of the reader; every part may be replaced."""

import base64

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

PATIENT = """<recordTarget><patientRole>
<id root="1.2.250.1.213.1.4.10" extension="279035121518989"/><id root="1.2.3.4" extension="IPP-1"/>
<patient><name><family qualifier="BR">PAT-TROIS</family><given>DOMINIQUE MARIE-LOUISE</given>
<given qualifier="BR">DOMINIQUE</given><family qualifier="CL">DURAND</family>
<given qualifier="CL">DOM</given></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>
<birthTime value="19790328"/>
<birthplace><place><addr><county>51215</county><city>DOMPREMY</city></addr></place></birthplace>
</patient></patientRole></recordTarget>"""

AUTEUR = """<author><time value="20260401103000+0200"/><assignedAuthor>
<id root="1.2.250.1.71.4.2.1" extension="899700366240"/>
<code code="G15_60" displayName="Infirmier" codeSystem="1.2.250.1.213.1.1.4.5"/>
<assignedPerson><name><family>DÉMO</family><given>Camille</given></name></assignedPerson>
<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="499700366240001"/>
<name>Cabinet Démo</name></representedOrganization></assignedAuthor></author>"""

ACTE = """<documentationOf><serviceEvent><effectiveTime><low value="20260331"/></effectiveTime>
<performer typeCode="PRF"><assignedEntity/></performer></serviceEvent></documentationOf>"""

SECTION = """<component><section><title>Observation</title><text><paragraph>Plaie propre.
</paragraph></text></section></component>"""

SET_ID = '<setId root="1.2.250.1.999.1.1.2.1"/><versionNumber value="3"/>'


def corps_n1(pdf: bytes | str = PDF, mime: str = "application/pdf") -> str:
    """Body of an N1; a text is put in as it is."""
    contenu = pdf if isinstance(pdf, str) else base64.b64encode(pdf).decode()
    return (f'<component><nonXMLBody><text mediaType="{mime}" representation="B64">{contenu}'
            "</text></nonXMLBody></component>")


def corps_n3(sections: str = SECTION) -> str:
    """Body of an N3."""
    return f"<component><structuredBody>{sections}</structuredBody></component>"


def section(texte: str, titre: str = "Titre", autres: str = "") -> str:
    """One section with that narrative."""
    return (f"<component><section><title>{titre}</title><text>{texte}</text>{autres}"
            "</section></component>")


def cda(corps: str | None = None, *, patient: str = PATIENT, auteur: str = AUTEUR,
        set_id: str = SET_ID, titre: str = "<title>Compte rendu</title>", autres: str = "",
        declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    """A whole document as text."""
    return f"""{declaration}<ClinicalDocument xmlns="urn:hl7-org:v3">
<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="1.2.250.1.213.1.1.1.1"/>
<id root="1.2.250.1.999.1.1.1.7"/>
<code code="11506-3" displayName="CR ou fiche de suivi" codeSystem="2.16.840.1.113883.6.1"/>
{titre}<effectiveTime value="20260401103000+0200"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="fr-FR"/>
{set_id}{patient}{auteur}
<custodian><assignedCustodian><representedCustodianOrganization>
<id root="1.2.250.1.71.4.2.2" extension="499700366240001"/><name>Cabinet Démo</name>
</representedCustodianOrganization></assignedCustodian></custodian>
{autres}{ACTE}{corps_n1() if corps is None else corps}</ClinicalDocument>"""
