"""`doctune gates --learn-head`: the head of the second stage, learned from the verdicts that people gave."""

import click

from flows.exits import EXIT_FAILED, EXIT_USAGE
from flows.results import newest_result
from tasks.finetuning.errors import ModelUnavailable
from tasks.finetuning.models import resolve_model
from tasks.quality.judging import load_judging
from tasks.quality.label_file import read_labels
from tasks.quality.review import locate_texts
from tasks.quality.second.head import HEAD_FILE, save_head
from tasks.quality.second.learning import Learned, TooFewLabels, gather_labels, learn_head, read_labelled_texts
from tasks.quality.second.stage import LEARN, check_memory
from tasks.quality.settings import GateSettings
from tasks.runtime.hardware import probe
from tasks.runtime.model_pool import close_model_pool
from tasks.runtime.offline import forbid_telemetry
from tasks.storage.artifacts import ModelRef
from tasks.storage.root import display_path, use_data_root


def learn_second_stage(data_root: str, settings: GateSettings, texts: str | None) -> int:
    """Learn a head for the model that the settings name and keep it below the data root; returns the exit code.

    texts: a JSONL file of labelled texts to learn from as well.
    """
    use_data_root(data_root)
    forbid_telemetry()
    if settings.embedding_model is None:
        click.echo(f"Error: name the model whose embeddings to learn from: `{LEARN} --set embedding_model=FOLDER`", err=True)
        return EXIT_USAGE
    try:
        model = resolve_model(settings.embedding_model, allow_hub=False)
        check_memory(model, probe().memory_bytes)
        learned = _learn(settings, model, texts)
    except TooFewLabels as error:
        click.echo(f"Error: {error}: give more with `doctune label`, or name a file with --texts", err=True)
        return EXIT_FAILED
    except (ModelUnavailable, ValueError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        return EXIT_USAGE
    finally:
        close_model_pool()
    save_head(learned.head)
    _print_learned(learned, settings, model)
    return 0


def _learn(settings: GateSettings, model: ModelRef, texts: str | None) -> Learned:
    score = load_judging().model
    result = newest_result()
    labelled = gather_labels(read_labels().values(), locate_texts(result.outputs) if result else {}, score)
    labelled += read_labelled_texts(texts, score) if texts is not None else []
    return learn_head(labelled, model, score.version, settings.second_stage_low, settings.second_stage_high)


def _print_learned(learned: Learned, settings: GateSettings, model: ModelRef) -> None:
    band = f"{settings.second_stage_low:g} to {settings.second_stage_high:g}"
    click.echo(
        f"Learned from {learned.texts} texts with a score from {band}, {learned.rejected} of them rejected, with {model.name}."
    )
    for count, why in (
        (learned.sure, "have a score outside of that and are never looked at again"),
        (learned.missing, "are not in the newest run"),
        (learned.failed, "could not be embedded"),
    ):
        if count:
            click.echo(f"{count} other labelled texts {why}.")
    click.echo(
        f"Each judged by a head that had not seen it, their mean squared error goes from {learned.brier_before:.4f} to "
        f"{learned.brier_after:.4f} (gain {learned.gain:.4f}, standard error {learned.gain_error:.4f}): "
        + ("the second stage helps." if learned.helps else "no gain that chance would not bring; leave it off.")
    )
    click.echo(f"{display_path(HEAD_FILE)}: used by runs with curation.gates.embedding_model={settings.embedding_model}")
