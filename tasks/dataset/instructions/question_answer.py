"""Question and answer: a passage and a question about one field, answered with its value, or that it is not stated."""

from collections.abc import Iterator

from tasks.dataset.instructions.material import LIST_JOINT, Answer, Draft, Field, Material, Span, hull, pick, position_of
from tasks.dataset.instructions.phrases import BY_NAME, ENGLISH, EVERY_BY_NAME, Phrases, phrases_of
from tasks.dataset.instructions.survey import Surveyor, answer_of, fields_by_name, fold

KIND = "question_answer"


def make(material: Material, surveyor: Surveyor, seed: object) -> Iterator[Draft]:
    """For each piece a question about every field that stands in it, and about one that does not."""
    fields = fields_by_name(material)
    for piece in material.readable_pieces:
        survey = surveyor.survey(piece)
        for name, values in survey.present.items():
            field = fields[name]
            question, _ = _question(field, material, piece, seed)
            answers = tuple(answer_of(each, field) for each in values)
            reply = LIST_JOINT.join(answer.text for answer in answers)
            ambiguous = len(answers) > 1 and any(LIST_JOINT.strip() in answer.text for answer in answers)
            if fold(reply) not in fold(question) and not ambiguous:
                yield _draft(piece, question, reply, seed, answers=answers)
        if survey.absent:
            name = min(survey.absent, key=lambda name: position_of(seed, piece, name))
            question, phrases = _question(fields[name], material, piece, seed)
            yield _draft(piece, question, phrases.absent, seed, absent=(name,))


def _question(field: Field, material: Material, passage: Span, seed: object) -> tuple[str, Phrases]:
    """A question about a field, and the phrases of its language. A label that stands in the passage speaks its language."""
    phrases = phrases_of(material.language)
    folded = fold(material.text[passage[0] : passage[1]])
    labels = [label for label in field.labels if fold(label) in folded]
    choices = (phrases.every_by_label if field.many else phrases.by_label) if labels else ()
    if phrases is ENGLISH or not labels:
        choices = (*choices, *(EVERY_BY_NAME if field.many else BY_NAME))
        phrases = ENGLISH
    chosen = pick(choices, seed, KIND, passage, field.name)
    return chosen.format(words=field.words, description=field.description, label=labels[0] if labels else ""), phrases


def _draft(
    passage: Span,
    question: str,
    reply: str,
    seed: object,
    *,
    answers: tuple[Answer, ...] = (),
    absent: tuple[str, ...] = (),
) -> Draft:
    """The question stands before the passage or after it."""
    first = position_of(seed, KIND, passage, question) < 0.5
    return Draft(
        KIND,
        passage,
        before=f"{question}\n\n" if first else "",
        after="" if first else f"\n\n{question}",
        answer=reply,
        answers=answers,
        kept=hull([(answer.start, answer.end) for answer in answers]) if answers else (passage[0], passage[0]),
        absent=absent,
    )
