"""What the model is told when it writes questions, and when it answers one of them again; and the form of what it says."""

import json
from typing import Any

from tasks.annotation.model.prompt import ITEM_SEPARATOR, KEY_SEPARATOR, QUESTION
from tasks.annotation.model.salvage import EXTRACTIONS

VERSION = 1  # of these words: other ones make remembered answers useless
ASKED, ANSWER = "question", "answer"  # names of the fields of an answer
PAIRS = 3  # of one passage
LONGEST_SAID = 250  # characters of a field where a grammar bounds it

WRITE = f"""\
Write questions about the text below, with their answers, at most {PAIRS}.
Each question names what it is about, so that it is clear without the text at hand, and asks for one thing that the text states.
Copy each answer exactly as it stands in the text: a name, a number or a few words. Do not use the answer in the question.
Write in the language of the text. Give an empty list when the text states nothing to ask about."""
REPLY = """\
Answer the question about the text below with a few words, copied exactly as they stand in the text.
Give an empty list when the text does not state it."""

_BRIDGE = "The Tarnbrook bridge was opened in 1932. It was closed to lorries when cracks were found in two piers."
_OPENED, _CLOSED = "In which year was the Tarnbrook bridge opened?", "Why was the Tarnbrook bridge closed to lorries?"
_BUILDER = "Who built the Tarnbrook bridge?"
EXAMPLE_QUESTIONS = (_OPENED, _CLOSED, _BUILDER)


def write_prompt(passage: str) -> str:
    """Ask for questions about a passage."""
    pairs = [{ASKED: _OPENED, ANSWER: "1932"}, {ASKED: _CLOSED, ANSWER: "cracks were found in two piers"}]
    return _prompt(WRITE, [(_BRIDGE, pairs), ("Page 4 of 12", [])], passage)


def reply_prompt(passage: str, question: str) -> str:
    """Ask a question about a passage; it says nothing of the answer that was given first."""
    known = [(_put(_BRIDGE, _OPENED), [{ANSWER: "1932"}]), (_put(_BRIDGE, _BUILDER), [])]
    return _prompt(REPLY, known, _put(passage, question))


def _put(passage: str, question: str) -> str:
    return f"{passage}\nQuestion: {question}"


def _prompt(instructions: str, examples: list[tuple[str, list[dict[str, str]]]], asked: str) -> str:
    """In the form in which LangExtract puts its prompts, so that the work on what they all begin with is kept."""
    shown = "\n\n".join(f"{QUESTION}{text}\nA: {_dump(items)}" for text, items in examples)
    return f"{instructions}\n\nExamples\n{shown}\n\n{QUESTION}{asked}\nA: "


def _dump(items: list[dict[str, str]]) -> str:
    return json.dumps({EXTRACTIONS: items}, ensure_ascii=False, separators=(ITEM_SEPARATOR, KEY_SEPARATOR))


def said_schema(fields: tuple[str, ...], most: int, bounded: bool) -> dict[str, Any]:
    """The JSON schema of an answer: items that have all of the fields.

    bounded: with the lengths that a value and the list may have, so that a constrained answer comes to an end.
    """
    value = {"type": "string", **({"minLength": 1, "maxLength": LONGEST_SAID} if bounded else {})}
    item = {
        "type": "object",
        "properties": dict.fromkeys(fields, value),
        "required": list(fields),
        "additionalProperties": False,
    }
    items = {"type": "array", "items": item, **({"maxItems": most} if bounded else {})}
    return {"type": "object", "properties": {EXTRACTIONS: items}, "required": [EXTRACTIONS], "additionalProperties": False}
