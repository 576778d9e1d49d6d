"""The instruction examples of one document part, made in a worker process."""

import heapq
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from tasks.dataset.chunking import split_text
from tasks.dataset.instructions import extraction, generated, question_answer, section_title, table_lookup
from tasks.dataset.instructions.chat import ChatFormat, load_chat
from tasks.dataset.instructions.fitting import Example, fit
from tasks.dataset.instructions.grounding import check_grounded
from tasks.dataset.instructions.material import Draft, Material, position_of, read_material
from tasks.dataset.instructions.survey import Surveyor
from tasks.dataset.settings import InstructionSettings
from tasks.dataset.tokens import ModelTokens, load_tokens
from tasks.storage.parquet import TextAt
from tasks.storage.schemas import FIRST_INSTRUCTION

LONGEST_TOKEN = 8  # characters per token that are reckoned with at most, to leave out early what cannot fit
LEAST_PASSAGE = 24  # tokens


@dataclass(frozen=True)
class InstructionJob:
    """One part to make examples from. text: where it stands. annotated: its row of ANNOTATED, None without one. fields: of its
    annotation schema, as plain data. folder: the model's files on this machine. digest: of the model."""

    document_id: str
    part: int
    text: TextAt
    language: str | None
    annotated: Mapping[str, Any] | None
    fields: tuple[Mapping[str, Any], ...]
    folder: str
    digest: str
    max_tokens: int
    settings: InstructionSettings


def instruction_rows(job: InstructionJob) -> Iterator[dict[str, Any]]:
    """The rows of INSTRUCTIONS for one part, none where nothing can be asked. Raises ContractError, as every check does."""
    tokens = load_tokens(f"{job.folder}/tokenizer.json", job.digest)
    chat = load_chat(job.folder, job.digest, tokens)
    material = cut_material(job, tokens)
    examples = choose(drafts(material, tokens, job), material, chat, job)
    for number, example in enumerate(sorted(examples, key=_order)):
        yield _row(job, FIRST_INSTRUCTION + number, example, material)


def cut_material(job: InstructionJob, tokens: ModelTokens) -> Material:
    """The material of the part, in pieces that leave room for question and answer: half of what an example may have."""
    text = job.text.read()
    budget = job.max_tokens // 2
    pieces = split_text(text, tokens, budget, min(LEAST_PASSAGE, budget // 4))
    spans = [(piece.start, piece.end) for piece in pieces]
    return read_material(text, job.annotated, job.fields, language=job.language, pieces=spans)


def drafts(material: Material, tokens: ModelTokens, job: InstructionJob) -> dict[str, list[Draft]]:
    """Kind -> drafts in the order in which they are tried. Of the negative ones as many as their share of this kind allows."""
    settings = job.settings
    seed = f"{settings.seed}/{job.document_id}/{job.part}"
    surveyor = Surveyor(material, settings.least_confidence)
    made: dict[str, Iterator[Draft]] = {
        extraction.KIND: extraction.make(material, surveyor, tokens, job.max_tokens // 4, seed),
        question_answer.KIND: question_answer.make(material, surveyor, seed),
        table_lookup.KIND: table_lookup.make(material, job.max_tokens * LONGEST_TOKEN, seed),
        section_title.KIND: section_title.make(material, seed),
        generated.KIND: generated.make(material, seed),
    }
    return {kind: _balanced(made[kind], settings.negatives, f"{seed}/{kind}") for kind in sorted(set(settings.kinds))}


def _balanced(found: Iterator[Draft], share: float, seed: str) -> list[Draft]:
    """Drafts in an order drawn by the seed; a fraction of a negative draft is one with that probability."""
    drawn = sorted(((position_of(seed, draft.passage, draft.before, draft.after), draft) for draft in found), key=itemgetter(0))
    positive = [each for each in drawn if not each[1].negative]
    negative = [each for each in drawn if each[1].negative]
    allowed = int(len(positive) * share / (1 - share) + position_of(seed, "negatives"))
    return [draft for _, draft in sorted([*positive, *negative[:allowed]], key=itemgetter(0))]


def choose(by_kind: Mapping[str, list[Draft]], material: Material, chat: ChatFormat, job: InstructionJob) -> list[Example]:
    """The examples of a part: kinds in turn, each draft fitted and checked, until there are as many as a document may have."""
    chosen: dict[str, Example] = {}
    turns = ([(at, kind, draft) for at, draft in enumerate(of_kind)] for kind, of_kind in sorted(by_kind.items()))
    for _, _, draft in heapq.merge(*turns, key=lambda turn: turn[:2]):
        if len(chosen) == job.settings.per_document:
            break
        example = fit(draft, material.text, chat, job.max_tokens)
        if example is not None:
            check_grounded(example.draft, material)
            chosen.setdefault(example.rendered.text, example)
    return list(chosen.values())


def _order(example: Example) -> tuple[Any, ...]:
    return example.draft.passage, example.draft.kind, example.rendered.text


def _row(job: InstructionJob, number: int, example: Example, material: Material) -> dict[str, Any]:
    draft, rendered = example.draft, example.rendered
    return {
        "document_id": job.document_id,
        "part": job.part,
        "chunk": number,
        "kind": draft.kind,
        "text": rendered.text,
        "messages": json.dumps(example.messages, ensure_ascii=False),
        "tokens": rendered.tokens,
        "prompt_tokens": rendered.prompt_tokens,
        "start": draft.passage[0],
        "end": draft.passage[1],
        "heading": material.structure.heading_at(draft.passage[0]),
        "negative": draft.negative,
        "answers": [
            {"field": each.field, "start": each.start, "end": each.end, "derived_by": each.derived_by} for each in draft.answers
        ],
        "reason": None,
        "detail": None,
    }


def ending(job: InstructionJob, reason: str, detail: str | None) -> dict[str, Any]:
    """The one row of a part whose worker failed."""
    return {
        "document_id": job.document_id,
        "part": job.part,
        "chunk": -1,
        **dict.fromkeys(("kind", "text", "messages", "heading")),
        **dict.fromkeys(("tokens", "prompt_tokens", "start", "end"), 0),
        "negative": False,
        "answers": [],
        "reason": reason,
        "detail": detail,
    }
