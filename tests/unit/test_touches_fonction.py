"""Function keys: none bound twice among those alive together; all of them in the guide."""

import re
from pathlib import Path

RACINE = Path(__file__).resolve().parents[2]
#: What binds a key for the whole window, or for the page of the patient file inside it.
_LIEN = re.compile(r'(?:ajouter_raccourci|\blier)\(\s*"(F\d+)"')
_MONTREE = re.compile(r'Bouton\([^()]*"(F\d+)"')
_DIALOGUE = re.compile(r'QShortcut\(QKeySequence\("(F\d+)"\)')


def _sources() -> list[str]:
    return [p.read_text(encoding="utf-8") for p in sorted((RACINE / "app/ui").rglob("*.py"))]


def test_no_function_key_is_bound_twice_in_the_window() -> None:
    touches = [t for source in _sources() for t in _LIEN.findall(source)]
    assert {"F2", "F3", "F4", "F6", "F7"} <= set(touches)
    assert len(touches) == len(set(touches)), sorted(touches)


def test_a_key_shown_on_a_button_is_bound_and_every_key_is_in_the_guide() -> None:
    liees = {t for source in _sources() for t in (*_LIEN.findall(source),
                                                  *_DIALOGUE.findall(source))}
    montrees = {t for source in _sources() for t in _MONTREE.findall(source)}
    assert montrees and montrees <= liees, montrees - liees
    guide = (RACINE / "docs/guide/README.md").read_text(encoding="utf-8")
    assert {t for t in liees if f"**{t}**" not in guide} == set()
