"""Generated: a passage and a question that a model wrote about it, answered with words of the passage."""

from collections.abc import Iterator

from tasks.dataset.instructions.material import MASKED, Answer, Draft, Material, position_of
from tasks.dataset.instructions.survey import fold

KIND = "generated"


def make(material: Material, seed: object) -> Iterator[Draft]:
    """A draft for each question. Its passage is never cut, as the question was checked with all of it."""
    for each in material.questions:
        answer = material.text[each.start : each.end]
        if MASKED.search(each.question) or MASKED.search(answer) or fold(answer) in fold(each.question):
            continue
        first = position_of(seed, KIND, each.passage, each.question) < 0.5
        yield Draft(
            KIND,
            each.passage,
            before=f"{each.question}\n\n" if first else "",
            after="" if first else f"\n\n{each.question}",
            answer=answer,
            answers=(Answer(answer, each.start, each.end),),
            kept=each.passage,
        )
