"""Whether a new adapter takes the place of the current one: a rule over what was measured, and nothing else."""

from collections.abc import Callable, Collection

from pydantic import BaseModel, ConfigDict

from tasks.finetuning.examination import Examination, Examinations, field_f1_gain, loss_gain
from tasks.finetuning.intervals import FEWEST_GROUPS, Estimate
from tasks.finetuning.trained_on import leave_out

BASE = "base"  # the rival of an adapter that no other one stands in the way of


class Promotion(BaseModel):
    """The decision. why: in words. already: it was the current adapter before.

    rival: what it was compared with, "base" or the id of an adapter; None: with nothing. gain: nats per token that
    it loses less than the rival on the same held-out examples. general_change: nats per token that it loses more than the base
    on general prompts. field_f1_gain: over the rival, of answers in JSON. documents: held out.
    """

    model_config = ConfigDict(frozen=True)

    promoted: bool
    why: str
    already: bool = False
    rival: str | None = None
    documents: int = 0
    gain: Estimate | None = None
    general_change: Estimate | None = None
    field_f1_gain: Estimate | None = None


def decide_beside_current(
    own: Examinations, examine: Callable[[], Examination], *, current: str, seen: Collection[str] | None, margin: float
) -> Promotion:
    """Compare a candidate with the current adapter, on the documents that neither was trained on.

    own: what was measured of the candidate. examine: measures the current adapter on the same examples. current: its id. seen:
    groups among the held-out ones that it was trained on (splits change when their settings do), None when nobody can tell. With
    fewer than two documents left the base model is the rival, and the verdict says so.
    """
    held_out = {row.group for row in own.after.rows}
    left = held_out - set(seen or ())
    trained = (
        f"the current adapter {current[:8]} was trained on {len(held_out) - len(left)} of {len(held_out)} documents held out"
    )
    if len(left) < FEWEST_GROUPS <= len(held_out):
        found = decide_promotion(own.split, own.after, own.before, own.before, rival_name=BASE, margin=margin)
        return found.model_copy(update={"why": f"{found.why}; {trained}, so the rival is the base model"})
    candidate, rival = (leave_out(each, seen or ()) for each in (own.after, examine()))
    found = decide_promotion(own.split, candidate, rival, own.before, rival_name=current, margin=margin)
    if seen is None:
        note = "the dataset of the current adapter is gone, so it may have been trained on some of them"
    elif left != held_out:
        note = f"{trained}, which are left out"
    else:
        return found
    return found.model_copy(update={"why": f"{found.why}; {note}"})


def decide_promotion(
    split: str, candidate: Examination, rival: Examination, base: Examination, *, rival_name: str, margin: float
) -> Promotion:
    """Promote if the loss on documents that it never saw is lower than the rival's, beyond chance, and nothing got worse for it.

    Beyond chance: the 95 % interval of the gain, drawn over documents and paired, lies above 0. Nothing got worse: on general
    prompts the loss rose by at most `margin` nats per token over the base model's; the F1 of answers in JSON, where the dataset
    holds some out, is not lower than the rival's with its whole interval.
    """
    gain = loss_gain(rival.rows, candidate.rows)
    change = loss_gain(candidate.general, base.general)
    answers = field_f1_gain(rival.answers, candidate.answers) if candidate.answers else None
    documents = len({row.group for row in candidate.rows})
    against = "the base model" if rival_name == BASE else f"the current adapter {rival_name[:8]}"
    measured = f"{gain.show(signed=True)} nats per token beside {against} on {documents} documents held out ({split} split)"
    if split == "train":
        promoted, why = False, "no document is held out, so nothing shows that it is better; add documents to the dataset"
    elif gain.low is None:
        promoted, why = False, "only one document is held out, which is too few to tell; add documents to the dataset"
    elif gain.high is not None and gain.high < 0:
        promoted, why = False, f"it is worse: {measured}"
    elif gain.low <= 0:
        promoted, why = False, f"its gain may be chance: {measured}"
    elif change.value > margin:
        promoted, why = False, f"it forgets: {change.show(signed=True)} nats per token on general prompts, more than {margin:g}"
    elif answers is not None and answers.high is not None and answers.high < 0:
        promoted, why = False, f"its answers are worse: field F1 {answers.show(signed=True)} beside {against}"
    else:
        promoted, why = True, f"it is better: {measured}"
    return Promotion(
        promoted=promoted,
        why=why,
        rival=rival_name,
        documents=documents,
        gain=gain,
        general_change=change,
        field_f1_gain=answers,
    )
