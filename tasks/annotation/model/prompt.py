"""What a model is told: the fields of a schema in words, their examples, and the JSON schema of the answer."""

from typing import TYPE_CHECKING, Any

from tasks.annotation.model.salvage import EXTRACTIONS
from tasks.annotation.schema import AnnotationSchema, FieldSpec

if TYPE_CHECKING:
    from langextract.core.data import ExampleData
    from langextract.core.format_handler import FormatHandler
    from langextract.core.tokenizer import Tokenizer

QUESTION = "Q: "  # how LangExtract begins each text, examples and pieces alike
MOST_ITEMS = 32  # in one answer
ITEM_SEPARATOR, KEY_SEPARATOR = ", ", ": "  # of JSON, as models have mostly seen it

INSTRUCTIONS = """\
Find the values of the fields below in a text of this kind: {description}
Copy each value exactly as it stands in the text, in the order of the text. Leave a field out when the text has no value for it.
Fields:
{fields}"""

# For schemas without examples: LangExtract insists on one, and this one teaches to leave out what is not there.
NOTHING_HERE = "Nothing of this kind stands here."


def describe(schema: AnnotationSchema) -> str:
    """The instructions for a schema."""
    return INSTRUCTIONS.format(description=schema.description, fields="\n".join(map(_describe, schema.fields)))


def _describe(field: FieldSpec) -> str:
    many = ", may occur several times" if field.cardinality == "many" else ""
    kinds = f", one of: {', '.join(field.values)}" if field.values else ""
    return f"- {field.name} ({field.type}{many}{kinds}): {field.description}"


def examples_of(schema: AnnotationSchema) -> "list[ExampleData]":
    """The examples of all fields, one per text, values in the order of the text."""
    from langextract.core.data import ExampleData, Extraction

    values: dict[str, list[tuple[int, Extraction]]] = {}
    for field in schema.fields:
        for example in field.examples:
            found = values.setdefault(example.text, [])
            if example.value is not None:
                found.append((example.text.index(example.value), Extraction(field.name, example.value)))
    ordered = {text: [each for _, each in sorted(found, key=lambda pair: pair[0])] for text, found in values.items()}
    return [ExampleData(text=text, extractions=found) for text, found in (ordered or {NOTHING_HERE: []}).items()]


def answer_schema(schema: AnnotationSchema, bounded: bool) -> dict[str, Any]:
    """The JSON schema of an answer: a list of items of one field each.

    bounded: with the lengths that a value and a list may have, so that a constrained answer comes to an end; servers refuse them.
    """
    items = [
        {
            "type": "object",
            "properties": {
                field.name: {"type": "string", **({"minLength": 1, "maxLength": field.max_length} if bounded else {})}
            },
            "required": [field.name],
            "additionalProperties": False,
        }
        for field in schema.fields
    ]
    return {
        "type": "object",
        "properties": {
            EXTRACTIONS: {"type": "array", "items": {"anyOf": items}, **({"maxItems": MOST_ITEMS} if bounded else {})},
        },
        "required": [EXTRACTIONS],
        "additionalProperties": False,
    }


def compact_format() -> "FormatHandler":
    """LangExtract's format with examples on one line and without empty attributes: a third of the tokens."""
    import json

    from langextract.core.data import Extraction, FormatType
    from langextract.core.format_handler import FormatHandler

    class CompactFormat(FormatHandler):
        def format_extraction_example(self, extractions: list[Extraction]) -> str:
            items = [{each.extraction_class: each.extraction_text} for each in extractions]
            return json.dumps({EXTRACTIONS: items}, ensure_ascii=False, separators=(ITEM_SEPARATOR, KEY_SEPARATOR))

    return CompactFormat(format_type=FormatType.JSON, use_wrapper=True, wrapper_key=EXTRACTIONS, use_fences=False)


def whole_piece_tokenizer() -> "Tokenizer":
    """A tokenizer that takes each text as one token, so that LangExtract neither cuts our pieces nor spends time on aligning.

    Both are done here; its way of aligning takes seconds where a word repeats.
    """
    from langextract.core.tokenizer import CharInterval, Token, TokenizedText, Tokenizer, TokenType

    class WholePiece(Tokenizer):
        def tokenize(self, text: str) -> TokenizedText:
            return TokenizedText(text, [Token(0, TokenType.WORD, CharInterval(0, len(text)))])

    return WholePiece()
