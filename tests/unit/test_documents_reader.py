"""The reader: every document of the ANS, every age, every wrapping (`spec/cda.md` §14)."""

import base64
import json
import pickle
from dataclasses import replace
from pathlib import Path

import cda_fictifs as f
import pytest

from app.__main__ import main
from app.documents.lu import Emballage, NatureDocument, PatientLu
from app.documents.reader import DocumentIllisible, lire
from app.domain.comparison import comparer_identites
from app.domain.identity import Identite, Traits


def exemples(shared: Path) -> list[Path]:
    lus = sorted((shared / "cda-kit" / "examples").glob("*.xml"))
    assert len(lus) == 45
    return lus


def test_every_example_of_the_ans_is_read(shared: Path) -> None:
    for chemin in exemples(shared):
        (lu,) = lire(chemin.read_bytes(), chemin.name)
        assert lu.nature in (NatureDocument.CDA_N1, NatureDocument.CDA_N3), chemin.name
        assert lu.id and lu.set_id and lu.version and lu.type_code and lu.titre, chemin.name
        assert lu.date_acte and lu.auteur.nom and lu.auteur.identifiant, chemin.name
        assert lu.patient.matricule_ins and lu.patient.nom_naissance, chemin.name
        assert lu.patient.premier_prenom and lu.patient.lieu_naissance, chemin.name
        assert lu.patient.date_naissance and lu.patient.sexe, chemin.name
        assert (lu.nature == "CDA-N1") == (lu.sections == ()), chemin.name


def test_known_values_of_an_example(shared: Path) -> None:
    (lu,) = lire((shared / "cda-kit/examples/VSM_1.4_2022.01.xml").read_bytes(), "vsm.xml")
    assert (lu.type_code, lu.titre, lu.version) == ("SYNTH", "Synthèse Médicale", 1)
    assert lu.id == "1.2.250.1.213.1.1.1.13.2022.1.1" and lu.set_id == lu.id[:-2]
    assert (lu.date_acte, lu.date_creation) == ("2020-03-12", "2020-03-12")
    assert (lu.patient.prenoms, lu.patient.premier_prenom) == ("DOMINIQUE MARIE-LOUISE",
                                                              "DOMINIQUE")
    assert "Points de vigilance" in lu.sections and len(lu.sections) == 13


def test_an_n1_gives_its_pdf() -> None:
    (lu,) = lire(f.cda().encode(), "n1.xml")
    assert lu.nature == "CDA-N1" and lu.pdf == f.PDF and lu.pdf_incorpore
    assert (lu.set_id, lu.version, lu.date_acte) == ("1.2.250.1.999.1.1.2.1", 3, "2026-03-31")
    assert (lu.auteur.nom, lu.auteur.prenom, lu.auteur.profession) == ("DÉMO", "Camille",
                                                                      "Infirmier")
    assert lu.auteur.structure_id == "499700366240001" and lu.conservateur == "Cabinet Démo"
    assert (lu.patient.nom_utilise, lu.patient.prenom_utilise) == ("DURAND", "DOM")
    assert [i.valeur for i in lu.patient.identifiants] == ["279035121518989", "IPP-1"]
    assert lu.avertissements == ()


@pytest.mark.parametrize(("mime", "octets"), [
    ("text/plain", b"Bonjour"), ("text/rtf", b"{\\rtf1}"), ("image/jpeg", b"\xff\xd8\xff"),
])
def test_an_n1_may_carry_something_else(mime: str, octets: bytes) -> None:
    (lu,) = lire(f.cda(f.corps_n1(octets, mime)).encode())
    assert (lu.mime_incorpore, lu.incorpore, lu.pdf, lu.pdf_incorpore) == (mime, octets, None,
                                                                         False)


def test_the_copy_section_gives_the_pdf_before_any_other() -> None:
    def media(pdf: bytes) -> str:
        b64 = base64.b64encode(pdf).decode()
        return ('<entry><observationMedia ID="m"><value mediaType="application/pdf" '
                f'representation="B64">{b64}</value></observationMedia></entry>')
    copie = ('<component><section><templateId root="1.2.250.1.213.1.1.2.243"/>'
             f"<title>Copie du document</title><text/>{media(f.PDF + b'copie')}"
             "</section></component>")
    corps = f.corps_n3(f.section("x", autres=media(f.PDF + b"autre")) + copie)
    (lu,) = lire(f.cda(corps).encode())
    assert lu.nature == "CDA-N3" and lu.pdf == f.PDF + b"copie"
    assert lu.sections == ("Titre", "Copie du document")


def test_recipients_and_replaced_version() -> None:
    autres = """<informationRecipient><intendedRecipient>
<id root="1.2.250.1.71.4.2.1" extension="801"/><telecom value="mailto:x@y.mssante.fr"/>
<informationRecipient><name><family>MULLER</family><given>Jean</given></name>
</informationRecipient><receivedOrganization><name>Labo</name></receivedOrganization>
</intendedRecipient></informationRecipient>
<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3"/></parentDocument>
</relatedDocument>"""
    (lu,) = lire(f.cda(autres=autres).encode())
    (destinataire,) = lu.destinataires
    assert (destinataire.nom, destinataire.structure) == ("MULLER", "Labo")
    assert destinataire.telecoms == ("mailto:x@y.mssante.fr",)
    assert lu.remplace_id == "1.2.3"


def test_old_documents_have_neither_set_nor_qualifiers() -> None:
    patient = """<recordTarget><patientRole><id root="1.2.250.1.213.1.4.2" extension="0123"/>
<patient><name><family qualifier="SP">ÉPOUSE</family><family>ANCIEN</family>
<given>Zoé</given><given>Marie</given></name><administrativeGenderCode nullFlavor="UNK"/>
<birthTime value="194219"/></patient></patientRole></recordTarget>"""
    (lu,) = lire(f.cda(patient=patient, set_id="", titre='<title nullFlavor="UNK"/>').encode())
    assert (lu.set_id, lu.version) == (None, None)
    assert lu.titre == "CR ou fiche de suivi"
    assert (lu.patient.nom_naissance, lu.patient.nom_utilise) == ("ANCIEN", "ÉPOUSE")
    assert (lu.patient.prenoms, lu.patient.premier_prenom) == ("Zoé Marie", None)
    assert (lu.patient.matricule_ins, lu.patient.sexe) == (None, None)
    assert lu.patient.date_naissance == "1942-19-00"
    texte = " ".join(lu.avertissements)
    assert "setId" in texte and "INS-C" in texte and "version" in texte


def test_identifiers_with_an_extension_and_empty_documents() -> None:
    (lu,) = lire(b'<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2" extension="A"/>'
                 b"</ClinicalDocument>")
    assert (lu.id, lu.nature) == ("1.2^A", NatureDocument.INCONNU)
    assert lu.type_code is None and lu.auteur.nom is None and lu.patient.nom_naissance is None
    assert lu.avertissements


def test_a_device_may_be_the_author() -> None:
    auteur = """<author><assignedAuthor><id root="1.2.3"/><assignedAuthoringDevice>
<manufacturerModelName>X</manufacturerModelName><softwareName>Logiciel</softwareName>
</assignedAuthoringDevice></assignedAuthor></author>"""
    (lu,) = lire(f.cda(auteur=auteur).encode())
    assert (lu.auteur.nom, lu.auteur.identifiant) == ("Logiciel", "1.2.3")


def test_auto_presentable_and_signed() -> None:
    interieur = f.cda(declaration="")
    auto = ('<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#"?>'
            '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
            '<xsl:template match="/"><ClinicalDocument xmlns="urn:hl7-org:v3"/></xsl:template>'
            f'<d:Contenu xmlns:d="urn:asip-sante:ci-sis">{interieur}</d:Contenu>'
            "</xsl:stylesheet>")
    (lu,) = lire(auto.encode())
    assert lu.emballage is Emballage.AUTO_PRESENTABLE and lu.feuille_de_style == "#"
    assert lu.pdf == f.PDF and "autoprésentable" in lu.avertissements[0]
    signe = ('<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/><Object>'
             f"{interieur}</Object></Signature>")
    (lu,) = lire(signe.encode())
    assert lu.emballage is Emballage.SIGNE and lu.titre == "Compte rendu"
    assert "signature" in lu.avertissements[0]


@pytest.mark.parametrize("encodage", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_encodings(encodage: str) -> None:
    texte = f.cda(declaration=f'<?xml version="1.0" encoding="{encodage}"?>')
    (lu,) = lire(texte.encode(encodage))
    assert lu.auteur.nom == "DÉMO"


def test_byte_order_mark_outranks_the_declaration() -> None:
    texte = f.cda(declaration='<?xml version="1.0" encoding="ISO-8859-1"?>')
    (lu,) = lire(b"\xef\xbb\xbf" + texte.encode("utf-8"))
    assert lu.auteur.nom == "DÉMO"
    (lu,) = lire("\ufeff".encode("utf-16-be") + texte.encode("utf-16-be"))
    assert lu.auteur.nom == "DÉMO"


def test_latin_1_that_says_utf_8_is_read_with_a_warning() -> None:
    (lu,) = lire(f.cda().encode("latin-1"))
    assert lu.auteur.nom == "DÉMO"
    assert any("encodage" in a for a in lu.avertissements)


def test_a_bare_pdf() -> None:
    (lu,) = lire(f.PDF, "scan.pdf")
    assert (lu.nature, lu.pdf, lu.pdf_incorpore) == ("PDF", f.PDF, False)
    assert lu.avertissements and lu.patient.nom_naissance is None


def test_no_module_of_weight_is_loaded_by_the_reader(racine: Path) -> None:
    import subprocess
    import sys
    code = ("import sys, app.documents.reader; "
            "assert not {'lxml', 'zipfile', 'PySide6', 'reportlab'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=racine)


def test_command_line(shared: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes],
                      ) -> None:
    note = shared / "cda-kit/examples/VAC-NOTE_2023.01.xml"
    absent = tmp_path / "absent.xml"
    assert main(["lire", "--json", str(note), str(absent), str(note)]) == 1
    un, deux, trois = json.loads(capfdbinary.readouterr().out)
    assert list(un) == ["fichier", "nature", "type_code", "titre", "id", "set_id", "version",
                        "date_acte", "patient", "auteur", "pdf_incorpore", "sections",
                        "avertissements"]
    assert un["patient"]["lieu_naissance"] == "51215" and un == trois
    assert deux == {"fichier": str(absent), "erreur": {"code": "fichier_absent",
                                                       "message": "Ce fichier n’existe pas."}}
    assert main(["lire", str(note), "--html", str(tmp_path / "h")]) == 0
    texte = capfdbinary.readouterr().out.decode()
    assert "PAT-TROIS DOMINIQUE, née le 28/03/1979" in texte
    assert "NOTE DE VACCINATION" in (tmp_path / "h" / "001.html").read_text(encoding="utf-8")
    assert main(["lire", str(tmp_path)]) == 1
    with pytest.raises(SystemExit) as sortie:
        main(["lire"])
    assert sortie.value.code == 2


def test_errors_name_their_file() -> None:
    with pytest.raises(DocumentIllisible) as refus:
        lire(b"bonjour", "lettre.txt")
    assert (refus.value.code, refus.value.fichier) == ("format_inconnu", "lettre.txt")


def test_values_and_refusals_cross_to_another_process() -> None:
    (lu,) = lire(f.cda().encode(), "n1.xml")
    assert pickle.loads(pickle.dumps(lu)) == lu
    refus = pickle.loads(pickle.dumps(DocumentIllisible("code", "Message.", "x.xml")))
    assert (refus.code, refus.message, refus.fichier) == ("code", "Message.", "x.xml")


def test_the_patient_of_a_document_compares_with_a_file() -> None:
    (lu,) = lire(f.cda(patient=f.PATIENT.replace("PAT-TROIS", "Pàt-Trois")).encode())
    fiche = Identite(Traits("PAT-TROIS", "DOMINIQUE", "1979-03-28", "F", "51215"))
    assert comparer_identites(fiche, lu.patient.identite()).tout_egal
    autre = replace(fiche, traits=replace(fiche.traits, sexe="M"))
    assert not comparer_identites(autre, lu.patient.identite()).tout_egal
    assert PatientLu().identite() == Identite(Traits("", "", "", "", ""))
