"""The training process: `python -m tasks.finetuning.train_worker SPEC.json`.

A process of its own, because a failed allocation kills it (139, 134 or 137), and because mlx-lm lowers the limit of open files
of the process that imports it. It writes events line by line, and its result at the end, into the output folder of the spec.
"""

import importlib.metadata
import json
import math
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tasks.finetuning.batches import count_steps
from tasks.finetuning.examination import EXAMINATIONS, Examinations, prove
from tasks.finetuning.held_out import read_questions
from tasks.finetuning.spec import (
    ADAPTER_FILES,
    EVENTS,
    EXIT_DIVERGED,
    EXIT_ORPHANED,
    EXIT_UNFIT,
    RESULT,
    Event,
    HeldOut,
    Sample,
    TrainingResult,
    TrainingSpec,
)
from tasks.finetuning.trackers import open_trackers
from tasks.runtime.blas import enable_fast_blas
from tasks.runtime.offline import forbid_telemetry

SAMPLES = 2
PROMPT_WORDS = 12
STARTER_STEPS = 40  # it has learned what it can by then: which tokens are common


class UnfitError(ValueError):
    """The model or the dataset cannot be trained with; the message says why, on one line."""


def main(spec_file: str) -> int:
    """Train as the specification says; return the exit code."""
    threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
    spec = TrainingSpec.model_validate_json(Path(spec_file).read_bytes())
    forbid_telemetry()
    fast = enable_fast_blas()
    import mlx.core as mx

    if mx.default_device() == mx.Device(mx.cpu):
        # On a CPU, mlx compiles with the g++ it finds: half a minute before the first step, to save a tenth afterwards.
        mx.disable_compile()
    from tasks.finetuning.trainer import DivergedError

    output = Path(spec.output)
    tracked = open_trackers(
        spec.settings.report_to, spec.settings.report_project, spec.dataset_digest[:12], spec.settings.cache_identity()
    )
    with (output / EVENTS).open("a", encoding="utf-8") as stream, tracked as trackers:

        def tell(event: Event) -> None:
            stream.write(json.dumps(event) + "\n")
            stream.flush()
            trackers.tell(event)

        tell(
            {
                "event": "start",
                "device": str(mx.default_device()),
                "fast_blas": bool(fast),
                "mlx": importlib.metadata.version("mlx"),
            }
        )
        try:
            result = _train(spec, tell)
        except DivergedError as error:
            sys.stderr.write(f"{error}\n")
            return EXIT_DIVERGED
        except UnfitError as error:
            sys.stderr.write(f"{error}\n")
            return EXIT_UNFIT
        (output / RESULT).write_text(result.model_dump_json(indent=2) + "\n", encoding="utf-8")
        tell({"event": "done", "peak_memory_mib": mx.get_peak_memory() / 2**20})
    return 0


def _end_with_parent() -> None:
    """End this process when the parent does: the parent holds the other end of standard input and never writes to it."""
    while os.read(0, 1):
        pass
    os._exit(EXIT_ORPHANED)


def _train(spec: TrainingSpec, tell: Callable[[Event], None]) -> TrainingResult:
    from mlx_lm import load

    from tasks.finetuning.exam import Examiner
    from tasks.finetuning.trainer import Reporter, add_adapter, lora_parameters, train_adapter

    settings = spec.settings
    output = Path(spec.output)
    try:
        loaded: Any = load(spec.model, return_config=True)
    except (ValueError, OSError) as error:
        raise UnfitError(f"mlx-lm cannot load the model {spec.model_name}: {' '.join(str(error).split())[:500]}") from error
    model, tokenizer, config = loaded
    texts = {split: _read_texts(Path(spec.dataset) / f"{split}.jsonl") for split in ("train", "valid", "test")}
    for split in ("valid", "test"):  # rows are in the order of a digest: the first ones are a fair and steady choice
        texts[split] = texts[split][: settings.evaluation_examples]
    rows = {split: [_encode(tokenizer, text, settings.max_seq_length) for text in found] for split, found in texts.items()}
    questions = read_questions(Path(spec.dataset), settings.evaluation_examples, settings.extraction_examples)
    measured = questions.split
    examiner = Examiner(tokenizer, questions, settings.extraction_tokens)
    trainable = add_adapter(model, settings)
    if trainable == 0:
        raise UnfitError("no layer of this model can take an adapter: mlx-lm found no linear layers in it")
    from_scratch = bool(config.get("doctune", {}).get("from_scratch"))
    most = STARTER_STEPS if from_scratch and settings.max_steps is None else settings.max_steps
    steps = count_steps(len(rows["train"]), settings.batch_size, settings.epochs, most)
    tell({"event": "plan", "steps": steps, "trainable": trainable, "examples": len(rows["train"]), "measured_on": measured})

    prompts = [" ".join(text.split()[:PROMPT_WORDS]) for text in texts[measured][:SAMPLES]] if settings.sample_tokens else []
    untuned = [_continue(model, tokenizer, prompt, settings.sample_tokens) for prompt in prompts]
    before = examiner.examine(model)
    tell({"event": "held_out", "when": "before", "split": measured, **HeldOut.of(before.rows).model_dump()})
    reporter = Reporter(tell)
    train_adapter(
        model,
        rows["train"],
        rows["valid"],
        settings,
        steps=steps,
        adapter_file=output / ADAPTER_FILES[0],
        reporter=reporter,
    )
    after = examiner.examine(model)
    tell({"event": "held_out", "when": "after", "split": measured, **HeldOut.of(after.rows).model_dump()})
    tuned = [_continue(model, tokenizer, prompt, settings.sample_tokens) for prompt in prompts]

    about = {
        "fine_tune_type": "lora",
        "num_layers": settings.layers,
        "lora_parameters": lora_parameters(settings),
        "model": spec.model_name,
        "model_sha256": spec.model_digest,
        "dataset_sha256": spec.dataset_digest,
        "settings": settings.cache_identity(),
    }
    (output / ADAPTER_FILES[1]).write_text(json.dumps(about, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    examinations = Examinations(split=measured, before=before, after=after)
    (output / EXAMINATIONS).write_text(examinations.model_dump_json() + "\n", encoding="utf-8")
    return TrainingResult(
        split=measured,
        before=HeldOut.of(before.rows),
        after=HeldOut.of(after.rows),
        proof=prove(before, after),
        steps=steps,
        epochs=steps / math.ceil(len(rows["train"]) / settings.batch_size),
        trained_tokens=reporter.trained_tokens,
        trainable=trainable,
        losses=reporter.losses,
        valid_losses=reporter.valid_losses,
        samples=[Sample(prompt=p, before=b, after=a) for p, b, a in zip(prompts, untuned, tuned, strict=True)],
    )


def _read_texts(file: Path) -> list[str]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="\n") as stream:
        return [json.loads(line)["text"] for line in stream]


def _encode(tokenizer: Any, text: str, longest: int) -> list[int]:
    """As mlx-lm encodes a text example: with the end-of-text token. Raises UnfitError instead of cutting it off."""
    tokens: list[int] = list(tokenizer.encode(text))
    if not tokens or tokens[-1] != tokenizer.eos_token_id:
        tokens.append(tokenizer.eos_token_id)
    if len(tokens) > longest:
        raise UnfitError(
            f"an example has {len(tokens)} tokens, more than max_seq_length {longest}: raise it, or make the dataset again"
        )
    return tokens


def _continue(model: Any, tokenizer: Any, prompt: str, tokens: int) -> str:
    from mlx_lm import generate

    text: str = generate(model, tokenizer, prompt=prompt, max_tokens=tokens)
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
