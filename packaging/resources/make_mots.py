"""Build `resources/mots/francais.txt`: the words that a guesser of French passwords tries first.

First what keyboards and habits give (AZERTY runs, the words of the trade), then the most frequent
words of French, most frequent first, without accents: zxcvbn ranks by line.

Usage: python packaging/resources/make_mots.py (needs the package wordfreq, not the program's).
"""

import json
import unicodedata
from pathlib import Path

NOMBRE = 12_000
#: AZERTY runs and words that people choose for a password in a practice.
HABITUDES = """azerty azertyuiop qsdfgh qsdfghjklm wxcvbn motdepasse passe bonjour soleil doudou
chouchou loulou coucou jetaime marseille nicolas camille julien thomas chocolat princesse
infirmier infirmiere cabinet medical sante patient patients soins tournee vaccin piqure seringue
kine kinesitherapeute orthophoniste orthoptiste podologue sagefemme pansement docteur medecin
vitale ordonnance planning secretariat accueil janvier fevrier mars avril mai juin juillet aout
septembre octobre novembre decembre printemps ete automne hiver lundi mardi mercredi jeudi
vendredi samedi dimanche pleiade""".split()
SOURCE = "wordfreq 3.1 (Robyn Speer), liste « small » du français, données jusqu’en 2021"


def sans_accents(mot: str) -> str:
    """Lower case, no accents."""
    return "".join(c for c in unicodedata.normalize("NFD", mot.casefold())
                   if not unicodedata.combining(c))


def main() -> None:
    """Write the list and what it is."""
    from wordfreq import top_n_list

    mots = [m for m in map(sans_accents, top_n_list("fr", NOMBRE, wordlist="small"))
            if len(m) >= 3 and m.isascii() and m.isalpha()]
    dossier = Path(__file__).resolve().parents[2] / "resources" / "mots"
    dossier.mkdir(exist_ok=True)
    lignes = dict.fromkeys([*HABITUDES, *mots])
    (dossier / "francais.txt").write_text("\n".join(lignes) + "\n", encoding="utf-8")
    (dossier / "reference.json").write_text(json.dumps([{
        "nom": "Mots français fréquents (robustesse des mots de passe)", "version": "3.1",
        "date": "2021", "source": SOURCE, "licence": "CC BY-SA 4.0"}], ensure_ascii=False) + "\n",
        encoding="utf-8")


if __name__ == "__main__":
    main()
