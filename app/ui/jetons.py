"""Design tokens: the only place where a colour, a size or a radius is written.

Text pairs hold at least 5.3:1, borders of fields 3.1:1 (WCAG 2.1 AA asks 4.5 and 3).
"""

#: name -> (light, dark)
_COULEURS: dict[str, tuple[str, str]] = {
    "fond": ("#EDF0F4", "#10161D"),
    "surface": ("#FFFFFF", "#19212A"),
    "surface2": ("#F5F7FA", "#1F2933"),
    "survol": ("#EAF0F7", "#26323E"),
    "bordure": ("#D2D9E2", "#364452"),
    "bordure_forte": ("#7C8998", "#75869A"),
    "texte": ("#16202C", "#E9EEF4"),
    "texte2": ("#4B5969", "#AEBBC9"),
    "texte_off": ("#8D98A5", "#6C7A8A"),
    "accent": ("#1C5BA6", "#86BAF7"),
    "accent_survol": ("#174C8B", "#A5CDFA"),
    "accent_presse": ("#123C6F", "#C3DEFC"),
    "accent_doux": ("#E1ECF8", "#1D3552"),
    "sur_accent": ("#FFFFFF", "#0B1D33"),
    "succes": ("#17663A", "#7FD6A2"),
    "succes_doux": ("#E0F2E7", "#17372A"),
    "alerte": ("#8A5200", "#F2BE6B"),
    "alerte_doux": ("#FDF0D9", "#3F2F14"),
    "erreur": ("#AD1F2D", "#FF9C9C"),
    "erreur_douce": ("#FCE8E8", "#472127"),
    "info": ("#1C5BA6", "#86BAF7"),
    "info_doux": ("#E1ECF8", "#1D3552"),
    "violet": ("#6438A0", "#C9AEF2"),
    "violet_doux": ("#EFE8F8", "#33264B"),
    "neutre": ("#4B5969", "#AEBBC9"),
    "neutre_doux": ("#E7EBF0", "#2B3743"),
    "nuit": ("#13233A", "#0A1018"),
    "nuit2": ("#223B5C", "#1D3552"),
    "sur_nuit": ("#C3D0E0", "#AEBBC9"),
    "etoile": ("#8FC2FF", "#8FC2FF"),
    "focus": ("#0B1D33", "#F4F8FD"),
    # Fixed in both themes.
    "focus_nuit": ("#FFFFFF", "#FFFFFF"),
    "blanc_nuit": ("#FFFFFF", "#FFFFFF"),
    "compteur": ("#C3D0E0", "#C3D0E0"),
    "sur_compteur": ("#13233A", "#13233A"),
    "compteur_echec": ("#FFB4B4", "#FFB4B4"),
    "sur_compteur_echec": ("#4A0B12", "#4A0B12"),
    "papier": ("#FFFFFF", "#FFFFFF"),
    "encre": ("#16202C", "#16202C"),
    "selection_papier": ("#1C5BA6", "#1C5BA6"),
}

CLAIR: dict[str, str] = {nom: paire[0] for nom, paire in _COULEURS.items()}
SOMBRE: dict[str, str] = {nom: paire[1] for nom, paire in _COULEURS.items()}

#: Veil under a modal: red, green, blue, alpha.
VOILE = (13, 22, 36, 140)

#: Soft background of each state colour.
FONDS_DOUX = {"succes": "succes_doux", "alerte": "alerte_doux", "erreur": "erreur_douce",
              "info": "info_doux", "violet": "violet_doux", "neutre": "neutre_doux",
              "accent": "accent_doux"}

#: role -> (points at 100 %, weight)
POLICES: dict[str, tuple[float, int]] = {
    "micro": (8.5, 400),
    "small": (9, 400),
    "body": (10, 400),
    "trait": (10.5, 500),
    "title": (11.5, 600),
    "page": (14, 700),
    "figure": (20, 700),
    "liaison": (40, 700),
}


#: Fixed frame, px at 100 % text.
LARGEUR_RAIL = 84
HAUTEUR_BARRE = 48
