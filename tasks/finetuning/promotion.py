"""Whether a new adapter takes the place of the current one: a rule over what was measured, and nothing else."""

from pydantic import BaseModel, ConfigDict

from tasks.finetuning.examination import Examination, field_f1_gain, loss_gain
from tasks.finetuning.intervals import Estimate

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
