"""Write the templates of letters and reports, per profession, from the tables of the trade.

Input: `modeles_courriers.csv` (title, type, professions, recipients, content) and `formulaires.csv`
(the fields that a form gives to its letter: option « c ») of the reference material beside the
project. Output: `resources/modeles/courriers.json`.

A text between double brackets is a field: `[[Allergies]]` is filled from the record when the letter
is begun, any other one (`[[Motif]]`) waits for the hand of its author.

    python packaging/resources/make_modeles.py ../shared/data/metiers resources/modeles
"""

import csv
import json
import sys
from pathlib import Path

#: Template -> kind of document of `resources/documents/types.csv`; those that aren't here have a
#: screen of their own (vaccination, TROD, prescriptions, sampling) or a structured content.
TYPES = {
    "T01": "fiche-suivi-soins", "T02": "bilan-soins-infirmiers", "T03": "compte-rendu-plaie",
    "T04": "demande-renouvellement", "T05": "liaison-urgence", "T06": "note-transfert",
    "T09": "mesures-signes-vitaux", "T10": "plan-soins", "T11": "bilan-autonomie",
    "T12": "synthese-fin-soins", "T13": "adressage", "T20": "compte-rendu-ipa",
    "T21": "suivi-pathologie-chronique", "T22": "plan-prevention",
    "T30": "consultation-prenatale", "T32": "entretien-prenatal",
    "T35": "consultation-gynecologie", "T37": "declaration-grossesse",
    "T38": "reeducation-perineale", "T40": "bilan-kinesitherapie", "T41": "suivi-kinesitherapie",
    "T42": "bilan-kinesitherapie", "T43": "bilan-fonctionnel", "T50": "bilan-orthophonique",
    "T51": "suivi-orthophonique", "T60": "bilan-orthoptique",
    "T61": "reorientation-ophtalmologiste", "T62": "examen-vue", "T70": "bilan-podologique",
    "T71": "synthese-pied-diabetique", "T72": "adressage", "T80": "certificat", "T82": "telesoin",
    "T83": "consentement"}
#: What is written to the patient or to the file has no greeting.
SANS_SALUTATION = frozenset({"T05", "T09", "T10", "T11", "T22", "T37", "T62", "T80", "T83"})
#: A word of the column « champs » -> heading, blocks below it.
DOSSIER = {
    "allergies": ("Allergies", ["[[Allergies]]"]),
    "traitements": ("Traitements en cours", ["[[Traitements en cours]]"]),
    "constantes": ("Constantes", ["[[Dernières mesures]]"]),
    "mesures": ("Mesures", ["[[Dernières mesures]]"]),
    "av": ("Acuité visuelle", ["[[Acuité visuelle]]"]),
    "identité": ("Identité", ["[[Patient]], [[Né(e) le]], [[Adresse du patient]]."]),
    "contacts": ("Contacts", ["Médecin traitant : [[Médecin traitant]].",
                              "Personne à prévenir : [[Personne à prévenir]]."]),
    "vaccins": ("Vaccinations", ["[[Vaccinations]]"]),
    "testing initial/final": ("Testing", ["Initial : [[testing initial]]. "
                                          "Final : [[testing final]]."]),
    "période": ("Période", ["Du [[début]] au [[fin]]."]),
}
#: What the table names in one word, said in full.
LIBELLES = {
    "évolution %": "Évolution (en %)", "gir": "GIR", "tug": "TUG", "tinetti": "Tinetti",
    "berg": "Berg", "séances": "Séances", "question": "Question posée",
    "délai": "Délai souhaité", "idem + motif": "Motif du transfert",
    "épreuves (et)": "Épreuves (écarts-types)",
    "idem + absence de prescription": "Accès direct, sans prescription",
    "séances (obligatoire: s loi 2023-379)": "Séances", "dates": "Dates",
    "constantes: tableau et courbe": "Constantes", "constantes (tableau, courbe)": "Constantes",
    "limite 8 séances": "Séances (huit au plus sans diagnostic médical)",
    "photo": "Photo (à joindre)", "prochain": "Prochain rendez-vous",
    "courbes": "Évolution des mesures", "date": "Date", "heures": "Heures"}
#: Templates whose content is better said than listed.
TEXTES: dict[str, list[object]] = {
    "T80": ["Je soussigné(e) [[Professionnel]] certifie que [[Patient]], né(e) le "
            "[[Date de naissance]], s’est présenté(e) au cabinet le [[date]] de [[heure de début]] "
            "à [[heure de fin]].",
            "Attestation remise en main propre, à la demande de l’intéressé(e)."],
    "T83": ["Je soussigné(e) [[Patient]], né(e) le [[Date de naissance]], reconnais avoir été "
            "informé(e) par [[Professionnel]] de [[nature de l’acte ou du partage]], de son "
            "déroulement, de ses risques et de ses alternatives.",
            "J’ai pu poser mes questions et je donne mon consentement, que je peux retirer à tout "
            "moment.", "Fait à [[Commune du cabinet]], le [[Date du jour]]."],
    "T13": ["Je vous adresse [[Patient]], [[Âge]], pour [[motif]].",
            {"intertitre": "Antécédents"}, "[[Antécédents]]",
            {"intertitre": "Allergies"}, "[[Allergies]]",
            {"intertitre": "Traitements en cours"}, "[[Traitements en cours]]",
            {"intertitre": "Dernières mesures"}, "[[Dernières mesures]]",
            {"intertitre": "Ce que j’attends de vous"}, "[[question et délai]]"],
    "T37": ["Je soussigné(e) [[Professionnel]] atteste que [[Patient]], née le "
            "[[Date de naissance]], est enceinte. Début de grossesse estimé : [[date]]. Date "
            "présumée d’accouchement : [[date présumée]]."],
}
#: Form -> what its letter tells, in a table.
SAISIES = {
    "ide_autonomie": ("GIR", "Toilette et habillage", "Alimentation", "Continence", "Transferts",
                      "Déplacements", "Chutes", "Nutrition et poids", "État cutané"),
    "sf_visite": ("Terme (SA)", "Poids et prise de poids", "Pression artérielle",
                  "Hauteur utérine", "Bruits du cœur", "Mouvements actifs", "Bandelette urinaire",
                  "Signes fonctionnels", "Examens prescrits"),
    "sf_contraception": ("Motif", "Méthode choisie", "Contre-indications recherchées",
                         "Examen clinique", "Frottis ou test HPV", "Suivi prévu"),
}
CLINIQUES = frozenset({"T01", "T02", "T03", "T06", "T12", "T20", "T21", "T30", "T40", "T42",
                       "T50", "T60", "T70", "T71", "T72", "T82"})
SOURCE = ("« Modèles de courriers » et « Formulaires » du dossier de référence des sept "
          "professions (codes de JDV_J07, CI-SIS), rédigés par la maison")


def lignes(fichier: Path) -> list[dict[str, str]]:
    """Rows of a `;` table."""
    with fichier.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux, delimiter=";"))


def sections(champs: str, formulaires: dict[str, list[str]]) -> list[str]:
    """Names of the parts that a template lists, or that its form gives to the letter."""
    forme, deux_points, reste = champs.partition(":")
    if not deux_points and forme.split(" ")[0] in formulaires:
        return formulaires[forme.split(" ")[0]]
    if deux_points and forme.strip() in formulaires:
        champs = reste
    elif "_" in forme and " " not in forme:
        return formulaires.get(forme, [])
    return [c.strip() for c in champs.split(";") if c.strip()]


def mesures(champs: str, formulaires: dict[str, list[str]]) -> dict[str, object] | None:
    """A table of what is to be noted, when the template is a form without parts of its own."""
    lignes_ = SAISIES.get(champs.split(" ")[0].strip(), ())
    if sections(champs, formulaires) or not lignes_:
        return None
    return {"tableau": {"entetes": ["Élément", "Constat"],
                        "lignes": [[nom, f"[[{nom}]]"] for nom in lignes_]}}


def majuscule(texte: str) -> str:
    """First letter in capital."""
    return texte[:1].upper() + texte[1:]


def corps(cle: str, champs: str, formulaires: dict[str, list[str]]) -> list[object]:
    """Blocks of a template."""
    blocs: list[object] = []
    if cle not in SANS_SALUTATION:
        blocs.append("[[Formule d’appel]],")
    if cle in TEXTES:
        blocs += TEXTES[cle]
    else:
        if cle not in SANS_SALUTATION:
            blocs.append("Voici des nouvelles de [[Patient]], [[Âge]], que nous suivons ensemble.")
        if cle in CLINIQUES:
            for titre in ("Antécédents", "Allergies", "Traitements en cours"):
                blocs += [{"intertitre": titre}, f"[[{titre}]]"]
        if tableau := mesures(champs, formulaires):
            blocs += [{"intertitre": "Examen"}, tableau, {"intertitre": "Conclusion"},
                      "[[Conclusion]]"]
        for nom in sections(champs, formulaires):
            titre = LIBELLES.get(nom.lower(), majuscule(nom))
            titre, contenu = DOSSIER.get(titre.lower(), (titre, [f"[[{titre}]]"]))
            if {"intertitre": titre} in blocs:
                continue
            blocs += [{"intertitre": titre}, *contenu]
    if cle not in SANS_SALUTATION:
        blocs.append("Je reste à votre disposition et vous prie d’agréer mes salutations "
                     "confraternelles.")
    return [{"paragraphe": b} if isinstance(b, str) else b for b in blocs]


def main(source: Path, vers: Path) -> None:
    """Write the templates and where they come from."""
    formulaires: dict[str, list[str]] = {}
    for ligne in lignes(source / "formulaires.csv"):
        donnes = formulaires.setdefault(ligne["form"], [])
        if "c" in ligne["options"]:
            donnes.append(ligne["libelle"])
    modeles = []
    for ligne in lignes(source / "modeles_courriers.csv"):
        cle = ligne["id"]
        if cle not in TYPES:
            continue
        modeles.append({
            "cle": cle, "titre": ligne["titre"], "type_cle": TYPES[cle],
            "professions": [] if ligne["professions"] == "tous"
            else ligne["professions"].split("|"),
            "destinataires": [d.split(" (")[0].strip() for d in ligne["destinataires"].split("|")],
            "corps": corps(cle, ligne["champs"], formulaires)})
    (vers / "courriers.json").write_text(json.dumps(
        {"source": SOURCE, "modeles": modeles}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (vers / "reference.json").write_text(json.dumps([{
        "nom": "Modèles de courriers des sept professions", "version": "1", "date": "2026-11",
        "source": "Textes rédigés pour Pléiade, types du CI-SIS", "licence": "AGPL-3.0"}],
        ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
