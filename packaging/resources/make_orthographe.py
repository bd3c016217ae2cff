"""Copy the French dictionary of spelling and write the list of the words of care.

Input: the unpacked Debian package `hunspell-fr-classical` (Dicollecte, MPL 2.0: `fr.aff`,
`fr.dic`), and the tables of the trade beside the project. Output in `resources/orthographe/`: the
two files of the dictionary, and `soins.txt`: the words of those tables and of `resources/vaccins`
that the dictionary doesn't know, with those of the list below.

    apt-get download hunspell-fr-classical && dpkg -x hunspell-fr-classical_*.deb dico
    python packaging/resources/make_orthographe.py dico ../shared/data/metiers resources
"""

import csv
import re
import shutil
import sys
from pathlib import Path

from hunspell import Hunspell

#: Words of every day that no general dictionary holds: products, dressings, examinations, names of
#: medicines as people write them.
SOINS = """
Actiskenan Adalate Aldactone Amlor Apidra Augmentin Bactrim bêtabloquant bêtabloquants Bétadine
Biseptine Bricanyl Clexane Contramal Coumadine Cordarone Coversyl Crestor Dafalgan Diamicron
Diprosone Doliprane Duoderm Durogésic Efferalgan Eliquis Fercayl Forlax Fragmine Fucidine
Furadantine Gaviscon Glucophage Haldol Humalog Imovane Inexium Innohep Innovair Jardiance Januvia
Kardégic Keppra Lantus Lasilix Levemir Levothyrox Lexomil Lovenox Lyrica Metformine Mopral
Motilium Mépitel Novorapid Oxycontin Oxynorm Parkinane Plavix Préviscan Profenid Quviviq Risperdal
Rivotril Sectral Seresta Seretide Sérétide Sintrom Skenan Smecta Spasfon Stagid Stilnox Symbicort
Tahor Targocid Temgésic Tétagrip Toujeo Tramadol Tresiba Trulicity Uvédose Ventoline Victoza
Voltarène Xanax Xarelto Zophren Zymad acénocoumarol alginate alginates amlodipine amoxicilline
anti-escarre anti-escarres anti-inflammatoire apixaban aspirine atorvastatine azithromycine
bisoprolol BPCO ceftriaxone cétirizine ciprofloxacine clopidogrel cotation dabigatran
dapagliflozine désinfiltration diclofénac énoxaparine érythème fluindione fondaparinux furosémide
gabapentine glargine gliclazide HbA1c héparine hydrocellulaire hydrocellulaires hydrocolloïde
hydrocolloïdes hydrofibre hydrofibres hydrogel hypoallergénique ibuprofène interligne irbésartan
kétoprofène lévothyroxine lispro lopéramide lorazépam macrogol méropénem métoclopramide
métronidazole mésothérapie micronutrition midline nébivolol oméprazole ondansétron oxazépam
oxycodone pantoprazole paracétamol périarthrite périlésionnel périlésionnelle périlésionnelles
PICC-line PICC Port-à-cath prégabaline prednisolone prednisone pristinamycine ramipril rivaroxaban
rosuvastatine salbutamol sertraline simvastatine sitagliptine sulfadiazine tinzaparine tramadol
tulle valsartan vancomycine warfarine zolpidem zopiclone physiothérapie podologue kinésithérapique
kinésithérapiques masso-kinésithérapique proprioceptif proprioception posturologie onychomycose
hyperkératose orthonyxie onychoplastie orthoplastie ectropion hétérophorie ésophorie exophorie
ésotropie exotropie amblyope hypermétrope sensorimoteur dysphagie dyscalculie dysorthographie
dysphasie logopédie orthophonique orthophoniques multipare nullipare primipare gestité parité
métrorragie métrorragies leucorrhée leucorrhées épisiotomie macrosomie lochies gravidogramme MAF
BDCF tocolyse péridurale vésicosphinctérienne MSSanté télésoin télésurveillance téléexpertise
téléconsultation IDEL MKDE
""".split()
#: What the tables write without accent, or in English: never taught.
FAUTES = frozenset("and coeur coherence deplacement elimination interieur Beta Enright Hexa "
                   "Ingesta Timed Voice toussaint saint-étienne slideum Xbb status Sat Bcg Tetra "
                   "M-m-rvaxpro d’automesure".split())
_MOT = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


def mots(dossier: Path, vaccins: Path) -> set[str]:
    """Words of the labels of the tables, and the names of the vaccines."""
    trouves: set[str] = set()
    for fichier in sorted(dossier.glob("*.csv")):
        with fichier.open(encoding="utf-8", newline="") as flux:
            for ligne in csv.DictReader(flux, delimiter=";"):
                for colonne in ("libelle", "titre", "nom", "valeurs", "precision", "acte"):
                    trouves.update(_MOT.findall(ligne.get(colonne) or ""))
    with vaccins.open(encoding="utf-8", newline="") as flux:
        for ligne in csv.DictReader((x for x in flux if not x.startswith("#")), delimiter=";"):
            trouves.update(m.capitalize() for m in _MOT.findall(ligne["marque"]))
    return {m.replace("'", "’") for m in trouves if len(m) > 2 and (m.isupper() or not any(
        c.isupper() for c in m[1:]))}


def main(dico: Path, metiers: Path, ressources: Path) -> None:
    """Write the three files and where they come from."""
    vers = ressources / "orthographe"
    vers.mkdir(exist_ok=True)
    for nom in ("fr.aff", "fr.dic"):
        shutil.copy(dico / "usr/share/hunspell" / nom, vers / nom)
    francais = Hunspell("fr", hunspell_data_dir=str(vers))
    inconnus = sorted({m for m in {*SOINS, *mots(metiers, ressources / "vaccins/vaccins.csv")}
                       if m not in FAUTES and not francais.spell(m)}, key=lambda m: (m.lower(), m))
    (vers / "soins.txt").write_text("\n".join(inconnus) + "\n", "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
