"""What `make_cog.py` adds to the Insee files: labels, aliases and links that they lack.

Labels of codes that no longer have a country are those of the Insee list kept by FranceConnect,
with their accents. Aliases are what people say. Saint-Barthélemy and Saint-Martin left
Guadeloupe on 15 July 2007.
"""

#: Codes without a country today -> label.
DISPARUS = {
    "99115": "Tchécoslovaquie", "99124": "Turquie d’Europe",
    "99141": "République démocratique allemande",
    "99142": "République fédérale d’Allemagne (avant 1990)",
    "99202": "République arabe du Yémen", "99209": "Sibérie", "99210": "Turkestan russe",
    "99211": "Kamtchatka", "99218": "Mandchourie",
    "99221": "Possessions britanniques au Proche-Orient", "99228": "États malais non fédérés",
    "99233": "Yémen démocratique", "99237": "Corée (avant 1948)",
    "99244": "Viêt Nam du Nord", "99245": "Viêt Nam du Sud", "99305": "Cameroun et Togo",
    "99307": "Soudan anglo-égyptien, Kenya, Ouganda",
    "99320": "Îles portugaises de l’océan Indien", "99325": "Tanger", "99402": "Terre-Neuve",
    "99403": "Labrador", "99504": "Hawaï",
}

#: States whose territory others took over, or that joined another: both codes name one place.
DISSOUS = frozenset({"99115", "99121", "99123", "99124", "99141", "99142", "99202", "99213",
                     "99231", "99233", "99237", "99244", "99245", "99343"})

#: Said beside a country whose code also named a larger state.
PRECISIONS = {"99121": "pays, et code de l’ex-Yougoslavie",
              "99123": "pays, et code de l’ex-URSS"}

#: Other names that people type.
ALIAS = {
    "99121": ["Yougoslavie"], "99123": ["URSS", "Union soviétique"],
    "99132": ["Angleterre", "Écosse", "Pays de Galles", "Grande-Bretagne", "Irlande du Nord",
              "UK"],
    "99135": ["Hollande"], "99136": ["Eire"], "99141": ["RDA", "Allemagne de l’Est"],
    "99142": ["RFA", "Allemagne de l’Ouest"], "99129": ["Vatican"],
    "99116": ["République tchèque"], "99156": ["Macédoine"],
    "99216": ["Chine populaire"], "99224": ["Myanmar"], "99219": ["Siam"], "99234": ["Kampuchéa"],
    "99235": ["Ceylan"], "99204": ["Perse"],
    "99238": ["Corée du Nord"], "99239": ["Corée du Sud"],
    "99312": ["Congo belge", "Zaïre", "Congo Kinshasa", "RDC"], "99324": ["Congo Brazzaville"],
    "99326": ["Côte d’Ivoire"], "99331": ["Haute-Volta"], "99327": ["Dahomey"],
    "99404": ["USA", "États-Unis d’Amérique"], "99396": ["Cap-Vert"],
    "99391": ["Swaziland"], "93048": ["Montreuil-sous-Bois"],
}

#: Communes missing from the derived list: code, name, end.
LIEUX_AJOUTES = [("97123", "Saint-Barthélemy", "2007-07-15"),
                 ("97127", "Saint-Martin", "2007-07-15")]

#: Events missing from the files: before, after, date.
EVENEMENTS_AJOUTES = [("97123", "97701", "2007-07-15"), ("97127", "97801", "2007-07-15")]
