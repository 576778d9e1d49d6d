"""Writing a dataset folder: JSONL per split, Parquet, card, manifest; the same bytes for the same examples."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import IO, Any

import pyarrow as pa

from tasks.dataset.card import CardFacts, write_card
from tasks.dataset.errors import ContractError
from tasks.dataset.examples import Selection
from tasks.dataset.first_reading import Sources
from tasks.dataset.leaving_out import BOILERPLATE, Choice, per_evaluation
from tasks.dataset.rows import read_examples
from tasks.dataset.settings import DatasetSettings
from tasks.dataset.tokens import Tokens
from tasks.storage.artifacts import DatasetRef, write_manifest
from tasks.storage.parquet import write_batches, write_table
from tasks.storage.root import atomic_output, write_bytes
from tasks.storage.schemas import EXAMPLES, LEFT_OUT

# The trainer reads "text", and "prompt_tokens" to leave the question out of the loss; the other keys say where the text is from.
# No "messages" here: mlx-lm takes a file whose first row has them for conversations throughout. They are in the Parquet file.
JSONL_KEYS = ("text", "example_id", "kind", "prompt_tokens", "document_id", "part", "start", "end", "heading", "group")
RECOUNTED = 64  # examples per batch of rows whose tokens are counted again
CARD, PARQUET, LEFT = "README.md", "examples.parquet", "left_out.parquet"


class _Lines:
    """A JSONL file that is being written, its size and its digest."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.bytes = 0

    def add(self, row: dict[str, Any]) -> None:
        line = (json.dumps({name: row[name] for name in JSONL_KEYS}, ensure_ascii=False) + "\n").encode()
        self._digest.update(line)
        self._stream.write(line)
        self.bytes += len(line)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


def write_dataset(
    folder: str,
    sources: Sources,
    selection: Selection,
    choice: Choice,
    settings: DatasetSettings,
    *,
    tokens: Tokens,
    tokenizer_digest: str,
    masked: Mapping[str, int],
) -> DatasetRef:
    """Write everything below `folder` (relative to the data root), the manifest last.

    Raises ContractError when a token count of the chunks is not the one of this tokenizer.
    """
    with ExitStack() as stack:
        lines = {
            split: _Lines(stack.enter_context(atomic_output(f"{folder}/{split}.jsonl"))) for split in selection.plan.examples
        }
        batches = _also_as_lines(read_examples(sources, selection, choice), lines, tokens)
        parquet = write_batches(f"{folder}/{PARQUET}", batches, EXAMPLES)
    left = sorted(selection.left_out, key=lambda each: (each.document_id, each.part, each.chunk))
    rows = [{name: getattr(each, name) for name in LEFT_OUT.names} for each in left]
    left_out = write_table(f"{folder}/{LEFT}", rows, LEFT_OUT)
    facts = _facts(selection, tokenizer_digest, masked)
    card = write_card(facts, settings).encode()
    write_bytes(f"{folder}/{CARD}", card)
    files = {f"{split}.jsonl": (file.bytes, file.sha256) for split, file in lines.items()}
    files[PARQUET] = (parquet.bytes, parquet.sha256)
    files[LEFT] = (left_out.bytes, left_out.sha256)
    files[CARD] = (len(card), hashlib.sha256(card).hexdigest())
    content = {
        "examples": facts.examples,
        "tokens": facts.tokens,
        "kinds": {
            split: {kind: {"examples": count, "tokens": size} for kind, (count, size) in kinds.items()}
            for split, kinds in facts.kinds.items()
        },
        "documents": {"count": facts.documents, "sha256": facts.documents_sha256},
        "tokenizer": tokenizer_digest,
        "settings": settings.recorded(),
    }
    digest, sizes = write_manifest(folder, files, content)
    return DatasetRef(path=folder, digest=digest, files=sizes, examples=facts.examples, tokens=facts.tokens)


def _also_as_lines(batches: Iterator[pa.RecordBatch], lines: dict[str, _Lines], tokens: Tokens) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        rows = batch.to_pylist()
        _recount(rows[:RECOUNTED], tokens)
        for row in rows:
            lines[row["split"]].add(row)
        yield batch


def _recount(rows: list[dict[str, Any]], tokens: Tokens) -> None:
    for row, count in zip(rows, tokens.count([row["text"] for row in rows]), strict=True):
        if count + tokens.extra != row["tokens"]:
            raise ContractError(
                f"example {row['example_id']} has {count + tokens.extra} tokens with this tokenizer and {row['tokens']} in its "
                "chunk: the chunks or instruction examples were made for another model"
            )


def _facts(selection: Selection, tokenizer_digest: str, masked: Mapping[str, int]) -> CardFacts:
    documents = selection.document_ids()
    return CardFacts(
        examples=selection.plan.examples,
        tokens=selection.tokens(),
        kinds=selection.kinds(),
        offered=selection.offered,
        groups=len(selection.plan.of_group),
        documents=len(documents),
        documents_sha256=hashlib.sha256("\n".join(documents).encode()).hexdigest(),
        left_out=selection.duplicates,
        repeated=selection.repeated_in_train(),
        longest=int(selection.entries["tokens"].max()),
        tokenizer=tokenizer_digest,
        notes=selection.plan.notes,
        contaminated=per_evaluation(selection.left_out),
        paragraphs_removed=selection.paragraphs_removed,
        boilerplate=sum(each.reason == BOILERPLATE for each in selection.left_out),
        masked=dict(sorted(masked.items())),
    )
