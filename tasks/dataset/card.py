"""The dataset card: what is in the folder, where it came from, how to use it. Markdown with the front matter that hubs read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.dataset.first_reading import TEXT
from tasks.dataset.settings import DatasetSettings
from tasks.dataset.splits import TRAIN


@dataclass(frozen=True)
class CardFacts:
    """What the card states. examples, tokens: per split. documents: distinct documents; documents_sha256: of their sorted ids.

    left_out: document parts left out as duplicates. repeated: held-out examples whose text is also in training.
    longest: tokens of the longest example. tokenizer: digest of the model whose tokenizer counted. notes: on the splits.
    contaminated: examples left out per evaluation file. paragraphs_removed: recurring paragraphs taken out of examples.
    boilerplate: examples left out because too little was left then. masked: personal data and secrets, by type.
    kinds: split -> kind -> examples and tokens. offered: instruction examples that there were to draw from, by kind.
    """

    examples: dict[str, int]
    tokens: dict[str, int]
    groups: int
    documents: int
    documents_sha256: str
    left_out: int
    repeated: int
    longest: int
    tokenizer: str
    notes: list[str]
    kinds: Mapping[str, Mapping[str, tuple[int, int]]]
    offered: Mapping[str, int] = field(default_factory=dict)
    contaminated: Mapping[str, int] = field(default_factory=dict)
    paragraphs_removed: int = 0
    boilerplate: int = 0
    masked: Mapping[str, int] = field(default_factory=dict)


def size_category(examples: int) -> str:
    """The size class of a dataset as the Hugging Face hub names it."""
    classes = [(1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M")]
    return next((name for limit, name in classes if examples < limit), "n>1M")


def dropped_rows(examples: int, batch_size: int) -> int:
    """Rows that stock `mlx_lm.lora` never trains on: it drops the last batch when that is not full (0.32, trainer.py)."""
    return examples % batch_size


def write_card(facts: CardFacts, settings: DatasetSettings) -> str:
    """The text of README.md."""
    return (
        "\n\n".join(
            [
                _front_matter(facts, settings),
                f"# {settings.name}",
                "Texts for continued pretraining, made from documents by doctune: read, cleaned, judged, freed of near-"
                "duplicates and cut into pieces that fit the model. No text was written or changed by a language model.",
                _splits(facts, settings),
                *_instructions(facts),
                _origin(facts),
                _training(facts, settings),
                "## Settings\n\n```json\n" + json.dumps(settings.recorded(), indent=2, sort_keys=True) + "\n```",
            ]
        )
        + "\n"
    )


def _front_matter(facts: CardFacts, settings: DatasetSettings) -> str:
    lines = [
        "---",
        f"license: {settings.license}",
        f"pretty_name: {json.dumps(settings.name)}",
        "task_categories:",
        "- text-generation",
        *(["- question-answering"] if any(kind != TEXT for kinds in facts.kinds.values() for kind in kinds) else []),
        "size_categories:",
        f"- {size_category(sum(facts.examples.values()))}",
        "configs:",
        "- config_name: default",
        "  data_files:",
    ]
    for split in facts.examples:
        lines += [f"  - split: {'validation' if split == 'valid' else split}", f"    path: {split}.jsonl"]
    return "\n".join([*lines, "---"])


def _splits(facts: CardFacts, settings: DatasetSettings) -> str:
    lines = [
        "## Splits",
        "",
        f"| split | kind | examples | tokens | left out by stock `mlx_lm.lora` at batch size {settings.batch_size} |",
        "|---|---|---:|---:|---:|",
    ]
    for split, count in facts.examples.items():
        kinds = facts.kinds[split]
        dropped = dropped_rows(count, settings.batch_size)
        if len(kinds) > 1:
            lines += [f"| {split} | {kind} | {examples} | {tokens} | |" for kind, (examples, tokens) in kinds.items()]
        name = next(iter(kinds)) if len(kinds) == 1 else "all"
        lines.append(f"| {split} | {name} | {count} | {facts.tokens[split]} | {dropped} |")
    lines += [
        "",
        f"Split by group ({facts.groups} groups): all parts of a document and all members of a near-duplicate cluster are in one "
        f"split. The longest example has {facts.longest} tokens, the end-of-text token included; none is cut off at "
        f"{settings.max_seq_length}.",
    ]
    if facts.repeated:
        lines += ["", f"{facts.repeated} held-out example(s) also stand word for word in another document of the training split."]
    for note in facts.notes:
        lines += ["", note]
    return "\n".join(lines)


def _instructions(facts: CardFacts) -> list[str]:
    """What the examples with a question and an answer are; nothing when there are none."""
    counted = [each for kinds in facts.kinds.values() for kind, each in kinds.items() if kind != TEXT]
    if not counted:
        return []
    examples, tokens = (sum(numbers) for numbers in zip(*counted, strict=True))
    share = tokens / sum(facts.tokens.values())
    offered = ", ".join(f"{kind} {count}" for kind, count in facts.offered.items())
    return [
        f"## Questions and answers\n\n{examples} examples ({share:.1%} of the tokens) are conversations made by rules from the "
        "same documents: fields extracted as JSON, questions about fields, look-ups in tables, titles of sections. Questions are "
        "phrased from templates. Every value of an answer stands in its document, at the places that `answers` names in "
        "`examples.parquet`, or was derived from what stands there by the normalizer named with it; negative examples answer "
        f"that the text does not state what is asked. They were drawn from: {offered}.\n\n"
        "`text` holds the conversation in the chat format of the model whose tokenizer counted (a plain one where it has none: "
        "each turn below a line `<|user|>` or `<|assistant|>`), `prompt_tokens` how many of its tokens come before the answer, "
        "and `messages` in `examples.parquet` the conversation itself."
    ]


def _origin(facts: CardFacts) -> str:
    return "\n".join(
        [
            "## Origin",
            "",
            f"- Documents: {facts.documents}; sha256 over their sorted digests: `{facts.documents_sha256}`",
            f"- Document parts left out as duplicates: {facts.left_out}",
            *_left_out(facts),
            f"- Tokens were counted with the tokenizer of the model `{facts.tokenizer}`",
            "- Each example names its document (`document_id`, the sha256 of the file), `part` and the characters `start` to "
            "`end` of the cleaned text. `examples.parquet` holds the same rows with their types.",
            "- `manifest.json` holds the digest and size of every file.",
        ]
    )


def _left_out(facts: CardFacts) -> list[str]:
    lines = [
        f"- Examples left out because they share a phrase with the evaluation file `{name}`: {count}"
        for name, count in facts.contaminated.items()
    ]
    if facts.paragraphs_removed or facts.boilerplate:
        lines.append(
            f"- Paragraphs that recur across documents, taken out of examples: {facts.paragraphs_removed}; examples left out "
            f"because too little was left: {facts.boilerplate}"
        )
    if facts.masked:
        named = ", ".join(f"{count} {kind}" for kind, count in facts.masked.items())
        lines.append(f"- Personal data and secrets masked in the documents: {named}")
    return lines


def _training(facts: CardFacts, settings: DatasetSettings) -> str:
    batch = min(settings.batch_size, *facts.examples.values())
    test = " --test" if "test" in facts.examples else ""
    text = [
        "## Training on it",
        "",
        "`doctune finetune` trains on this folder and leaves no example out. With mlx-lm alone, run in this folder:",
        "",
        "```",
        f"mlx_lm.lora --model MODEL --train{test} --data . --num-layers -1 --batch-size {batch} "
        f"--max-seq-length {settings.max_seq_length}",
        "```",
    ]
    if facts.examples[TRAIN] < settings.batch_size:
        text += ["", f"Training has fewer examples than the batch size {settings.batch_size}; the command above uses {batch}."]
    return "\n".join(text)
