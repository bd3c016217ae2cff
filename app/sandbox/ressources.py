"""Where the data of the bac à sable lie: `resources/bac_a_sable`."""

import json
from pathlib import Path
from typing import Any

DOSSIER = Path(__file__).parents[2] / "resources" / "bac_a_sable"


def lire_json(nom: str) -> Any:
    """Parse one JSON file of the resources."""
    return json.loads((DOSSIER / nom).read_text(encoding="utf-8"))
