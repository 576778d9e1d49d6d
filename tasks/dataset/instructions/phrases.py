"""How tasks are said, per language. Several phrasings each, so that a model learns the task and not the sentence.

Braces name what is put in: fields have {words} (their name), {description} and {label} (a key that stands in the passage).
Names and descriptions of fields are in the language of the schema, mostly English; so a question in another language is asked
only by a label of the text itself.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """Phrasings of one language. absent: the answer when the text does not state what is asked for."""

    extraction: tuple[str, ...]
    several: str
    normalized: str
    by_label: tuple[str, ...]
    every_by_label: tuple[str, ...]
    lookup: tuple[str, ...]
    title: tuple[str, ...]
    body: tuple[str, ...]
    absent: str


# Questions by the name and description of a field.
BY_NAME = (
    "What is the {words}? ({description})",
    "Which {words} does the text state? {description}",
    "Find the {words} in the text. {description}",
    "Read the text and answer with the {words} only. {description}",
)
EVERY_BY_NAME = (
    "Name each {words} in the text, divided by semicolons. {description}",
    "List each {words} that the text names, divided by semicolons. {description}",
)

ENGLISH = Phrases(
    extraction=(
        "Extract these fields from the text and answer with JSON. Use null for a field that the text does not state.",
        "Read the text and fill in this form as JSON. A field that does not stand in the text is null.",
        "Give the following fields of the text as a JSON object, null where the text says nothing.",
    ),
    several="list",
    normalized="as {normalizer}",
    by_label=(
        "What does the text give for “{label}”?",
        "Which value stands with “{label}”?",
        "What is stated for “{label}” in the text?",
    ),
    every_by_label=(
        "Which values does the text give for “{label}”? Divide several by semicolons.",
        "Name all that the text states for “{label}”, divided by semicolons.",
    ),
    lookup=(
        "In the table, what is “{column}” for “{row}”?",
        "Look at the row “{row}” of the table: what stands under “{column}”?",
        "Which value of “{column}” belongs to “{key}” “{row}”?",
    ),
    title=(
        "Which heading does the document give this passage? Answer with the heading only.",
        "Under which heading does this passage stand? Answer with the heading only.",
        "Name the heading of this section.",
    ),
    body=(
        "Quote what the text says under the heading “{title}”.",
        "What stands in the section “{title}”? Answer word for word.",
        "Give the passage under “{title}” as it stands in the text.",
    ),
    absent="The text does not state this.",
)

GERMAN = Phrases(
    extraction=(
        "Entnimm dem Text diese Felder und antworte mit JSON. Ein Feld, das der Text nicht nennt, ist null.",
        "Fülle dieses Formular aus dem Text als JSON aus; null, wo der Text nichts sagt.",
    ),
    several="Liste",
    normalized="als {normalizer}",
    by_label=("Was steht im Text bei „{label}“?", "Welche Angabe macht der Text zu „{label}“?"),
    every_by_label=("Was nennt der Text alles unter „{label}“? Trenne mehrere Angaben durch Semikolons.",),
    lookup=(
        "Was steht in der Tabelle unter „{column}“ für „{row}“?",
        "Welchen Wert hat „{column}“ in der Zeile „{row}“ der Tabelle?",
    ),
    title=(
        "Welche Überschrift trägt dieser Abschnitt im Dokument? Antworte nur mit der Überschrift.",
        "Unter welcher Überschrift steht diese Passage? Antworte nur mit der Überschrift.",
    ),
    body=(
        "Gib wörtlich wieder, was unter der Überschrift „{title}“ steht.",
        "Was steht im Abschnitt „{title}“? Zitiere wörtlich.",
    ),
    absent="Der Text nennt das nicht.",
)

FRENCH = Phrases(
    extraction=(
        "Relève ces champs dans le texte et réponds en JSON. Un champ que le texte ne donne pas vaut null.",
        "Remplis ce formulaire en JSON d'après le texte ; null là où le texte ne dit rien.",
    ),
    several="liste",
    normalized="en {normalizer}",
    by_label=("Que donne le texte pour « {label} » ?", "Quelle est la valeur de « {label} » dans le texte ?"),
    every_by_label=("Que nomme le texte sous « {label} » ? Sépare les valeurs par des points-virgules.",),
    lookup=(
        "Dans le tableau, que vaut « {column} » pour « {row} » ?",
        "Que trouve-t-on sous « {column} » à la ligne « {row} » du tableau ?",
    ),
    title=(
        "Quel titre le document donne-t-il à ce passage ? Réponds par le titre seul.",
        "Sous quel titre se trouve ce passage ? Réponds par le titre seul.",
    ),
    body=("Cite mot pour mot ce qui figure sous le titre « {title} ».", "Que dit la section « {title} » ? Cite le texte."),
    absent="Le texte ne le précise pas.",
)

SPANISH = Phrases(
    extraction=(
        "Extrae estos campos del texto y responde con JSON. Un campo que el texto no indica es null.",
        "Rellena este formulario como JSON a partir del texto; null donde el texto no dice nada.",
    ),
    several="lista",
    normalized="como {normalizer}",
    by_label=("¿Qué indica el texto en «{label}»?", "¿Cuál es el valor de «{label}» en el texto?"),
    every_by_label=("¿Qué nombra el texto en «{label}»? Separa los valores con punto y coma.",),
    lookup=(
        "En la tabla, ¿cuál es «{column}» de «{row}»?",
        "¿Qué figura bajo «{column}» en la fila «{row}» de la tabla?",
    ),
    title=(
        "¿Qué título da el documento a este pasaje? Responde solo con el título.",
        "¿Bajo qué título está este pasaje? Responde solo con el título.",
    ),
    body=("Cita literalmente lo que figura bajo el título «{title}».", "¿Qué dice el apartado «{title}»? Cita el texto."),
    absent="El texto no lo indica.",
)

PHRASES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}
ABSENT_ANSWERS = frozenset(phrases.absent for phrases in PHRASES.values())


def phrases_of(language: str | None) -> Phrases:
    """The phrasings of a language (ISO 639-1); English ones for a language that has none here."""
    return PHRASES.get(language or "", ENGLISH)
