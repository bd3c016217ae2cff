"""Values of documents for the tests: one plain, and hypothesis strategies over the hard ones."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from app.documents.model import (
    Destinataire,
    DocumentClinique,
    Fragment,
    Intertitre,
    Intervenant,
    Liste,
    Operateur,
    Paragraphe,
    RoleIntervenant,
    Tableau,
    patient_document,
)
from app.documents.oids import RACINE_BAC_A_SABLE as RACINE
from app.documents.oids import nouvel_oid, racine_patients
from app.documents.types import type_document
from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    OID_NIR_TEST,
    Identite,
    StatutIdentite,
    Traits,
)
from app.domain.matricule import cle
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure

FUSEAU = timezone(timedelta(hours=1))
DATE = datetime(2026, 3, 2, 9, 30, tzinfo=FUSEAU)
ADRUN = Identite(Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", prenoms="ZOE"),
                 StatutIdentite.QUALIFIEE, "275126322074974", OID_NIR)
INFIRMIERE = Professionnel("810000000001", "DURAND", "Camille", "60", "", "MME")
SAGE_FEMME = Professionnel("810000000002", "LEROY", "Inès", "50", "", "MME")
IPA = Professionnel("810000000003", "NGUYEN", "Paul", "60", "SI01", "M")
AUTEURS = {
    "IDE": INFIRMIERE, "SF": SAGE_FEMME, "IPA": IPA,
    "MK": Professionnel("810000000004", "KERGOAT", "Yann", "70", "", "M"),
    "ORTHO": Professionnel("810000000005", "D’ORNANO", "Clémence", "91", "", "MME"),
    "OPT": Professionnel("810000000006", "ŒUVRARD", "Léa", "92", "", "MME"),
    "PP": Professionnel("810000000007", "PIED", "Hugo", "80", "", "M")}
#: Who types for the author: the secretary, known in the practice alone, or a colleague.
OPERATEURS = tuple(Operateur(qui, DATE - timedelta(minutes=5)) for qui in (
    Professionnel("interne-0a1b2c3d4e5f", "D’ARC", "Lina", "", "", "MME"), AUTEURS["SF"]))
CABINET = Structure("499900000001001", "Cabinet des Lilas", "SA08", "4 place Bellecour", "69002",
                    "LYON", "04 72 00 00 00", "cabinet@exemple.mssante.fr")
MEDECIN = Destinataire("MARTIN", "Paul", "810000000099", "Médecin généraliste", "M",
                       "Maison de santé des Capucins", "1750000001", "8 rue des Capucins",
                       "69001", "LYON", "04 78 00 00 00", "paul.martin@medecin.mssante.fr")
RGPD = ("Vos données de santé sont traitées par le cabinet pour votre prise en charge. Vous "
        "disposez d’un droit d’accès et de rectification.")


def document(type_cle: str = "compte-rendu-soins", **champs: object) -> DocumentClinique:
    """A plain valid document of that kind."""
    modele = type_document(type_cle)
    valeurs: dict[str, object] = {
        "id": nouvel_oid(RACINE, 1), "set_id": nouvel_oid(RACINE, 2),
        "type_code": modele.type_code, "type_libelle": modele.libelle,
        "code_system": modele.code_system, "titre": modele.titre, "type_cle": type_cle,
        "date_creation": DATE, "date_acte": DATE - timedelta(minutes=45),
        "patient": patient_document(ADRUN, "7", racine_patients(RACINE)),
        "auteur": AUTEURS[modele.professions[0]], "structure": CABINET,
        "destinataires": (MEDECIN,), "mention_rgpd": RGPD, "version_logiciel": "0.1.0",
        "corps": (Paragraphe("L’évolution est favorable."),)}
    return DocumentClinique(**(valeurs | champs))  # type: ignore[arg-type]


# --- Strategies ---------------------------------------------------------------------------------

noms = st.one_of(
    st.sampled_from(["O'NEIL", "D'ALEMBERT LE-GALL", "DE LA ROCHEFOUCAULD--MONTMORENCY", "LI",
                     "WOLFESCHLEGELSTEINHAUSENBERGERDORFF" * 2]),
    st.from_regex(r"[A-Z]{1,14}([-' ][A-Z]{1,14}){0,3}", fullmatch=True))
prenoms = st.lists(st.sampled_from(["JEAN-PIERRE", "ZOE", "MARIE LOUISE", "D'ARTAGNAN", "ANNE"]),
                   min_size=1, max_size=6)
#: Any text that a person may type or paste.
saisies = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
francais = st.lists(st.sampled_from(
    ["L’œdème", "régresse", "« nettement »", "à 36,8 °C ;", "≤ 4 cm²", "<b>&amp;</b>", "10 %",
     "anticonstitutionnellement" * 6, "été\nhiver"]), min_size=1, max_size=60).map(" ".join)


@st.composite
def identites(draw: st.DrawFn, statut: StatutIdentite | None = None) -> Identite:
    """Identities of every status, place and matricule: Corsica, abroad, NIA, unknown parts."""
    liste = draw(prenoms)
    sexe = draw(st.sampled_from("MF"))
    annee, mois = draw(st.integers(1920, 2025)), draw(st.integers(1, 12))
    cog = draw(st.sampled_from(["2A004", "2B033", "75101", "63220", "97411", "99352"]))
    treize = (f"{'1' if sexe == 'M' else '2'}{annee % 100:02d}{mois:02d}{cog[:2]}"
              f"{draw(st.integers(1, 999)):03d}{draw(st.integers(1, 999)):03d}")
    traits = Traits(draw(noms), liste[0], f"{annee}-{mois:02d}-{draw(st.integers(1, 28)):02d}",
                    sexe, cog, " ".join(liste), draw(st.just("") | noms),
                    draw(st.sampled_from(["", "ZAZA"])))
    return Identite(traits, statut or draw(st.sampled_from(StatutIdentite)), treize + cle(treize),
                    draw(st.sampled_from([OID_NIR, OID_NIA, OID_NIR_TEST])))


contacts = st.one_of(st.just(Contact()), st.builds(
    Contact, st.sampled_from(["12 rue de l’Église", "Bât. C\nlieu-dit La Croix"]),
    st.just("69003"), st.just("LYON"), st.sampled_from(["", "06 12 34 56 78", "+33472000000"]),
    st.sampled_from(["", "zoe@exemple.fr"])))
destinataires = st.builds(
    Destinataire, nom=noms, prenom=st.sampled_from(["", "Zoé"]),
    identifiant=st.sampled_from(["", "810000000098"]), qualite=st.sampled_from(["", "Médecin"]),
    civilite=st.sampled_from(["", "M", "MME"]), structure=st.sampled_from(["", "Cabinet d’à côté"]),
    structure_identifiant=st.sampled_from(["", "1750000001"]),
    commune=st.sampled_from(["", "LYON"]), messagerie=st.sampled_from(["", "a.b@c.mssante.fr"]))
textes = st.one_of(francais, st.lists(st.builds(
    Fragment, francais, st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=4
    ).map(tuple))


@st.composite
def tableaux(draw: st.DrawFn) -> Tableau:
    """Tables of 1 to 6 columns and up to 40 rows."""
    colonnes = draw(st.integers(1, 6))
    cellules = st.sampled_from(["", "12,5 g/L", "constante", "a" * 60, "Pression artérielle "
                                "mesurée au bras gauche, patient assis depuis cinq minutes"])
    return Tableau(tuple(f"Colonne {n}" for n in range(colonnes)), tuple(
        tuple(draw(cellules) for _ in range(colonnes))
        for _ in range(draw(st.sampled_from([1, 3, 40])))))


blocs = st.one_of(st.builds(Paragraphe, textes), st.builds(Intertitre, st.just("Évolution"),
                  st.sampled_from([1, 2])), tableaux(), st.builds(
    Liste, st.lists(textes, min_size=1, max_size=5).map(tuple), st.booleans()))


@st.composite
def documents(draw: st.DrawFn, type_cle: str = "compte-rendu-soins",
              statut: StatutIdentite | None = None) -> DocumentClinique:
    """Documents of a kind: long names, missing optional parts, 0 to 12 recipients, versions."""
    modele = type_document(type_cle)
    patient = patient_document(draw(identites(statut)), draw(st.sampled_from(["7", "IPP-42"])),
                               racine_patients(RACINE), draw(contacts))
    version = draw(st.sampled_from([1, 1, 3]))
    roles = draw(st.lists(st.sampled_from(RoleIntervenant), max_size=3, unique=True))
    doc = document(
        type_cle, patient=patient, version=version,
        remplace_id=nouvel_oid(RACINE, 1) if version > 1 else None,
        auteur=AUTEURS[draw(st.sampled_from(modele.professions))],
        structure=replace(CABINET, secteur=draw(st.sampled_from(["SA07", "SA08", "SA05"])),
                          telephone=draw(st.sampled_from(["", "0472000000"])),
                          adresse=draw(st.sampled_from(["", "4 place Bellecour"]))),
        destinataires=tuple(draw(st.one_of(st.just([]), st.lists(destinataires, min_size=1,
                                                                 max_size=12)))),
        intervenants=tuple(Intervenant(r, draw(destinataires), draw(st.sampled_from([None, DATE])))
                           for r in roles),
        mention_rgpd=draw(st.sampled_from(["", RGPD, RGPD * 20])),
        cadre=draw(st.sampled_from(["AMBULATOIRE", "SAD"])),
        saisi_par=draw(st.sampled_from([None, *OPERATEURS])),
        date_fin=draw(st.sampled_from([None, DATE])))
    return replace(doc, corps=tuple(draw(st.lists(blocs, min_size=1, max_size=5))))
