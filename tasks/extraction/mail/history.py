"""Cut what a reply repeats from the mails before it, and signatures, as GitHub's email_reply_parser does: from the end.

Quotations with an answer below them stay: the answer would make no sense without them. A mail that is nothing but a quotation or
a forwarded one stays whole, and so does one whose answer is no longer than two lines of 72 characters, signature aside: "Yes, on
Monday" says nothing without the question, so there the history is the content.
"""

import re

_LEAST_CHARACTERS = 2 * 72  # of an answer that can stand alone; 72 is the usual line of a mail
_LONGEST_SIGNATURE = 15  # lines
_LONGEST_INTRODUCTION = 3  # lines that "On ... wrote:" may be wrapped to
_RULE = re.compile(
    r"[-_ ]{2,}\s*(?:original message|original appointment|ursprüngliche nachricht|message d'origine|message original|"
    r"mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original)\s*[-_ ]{2,}",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"(?:on|am|le|el|il|op|em|den|dnia)\b.{4,300}(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napisał)"
    r"\b.{0,120}:",
    re.IGNORECASE | re.DOTALL,
)
_FROM = re.compile(r"[*_]{0,2}(?:from|von|de|da|van)\s?:[*_]{0,2}\s", re.IGNORECASE)
_SENT = re.compile(
    r"[*_]{0,2}(?:sent|date|gesendet|datum|envoyé|enviado|inviato|verzonden|data|fecha)\s?:[*_]{0,2}\s", re.IGNORECASE
)
_TO = re.compile(r"[*_]{0,2}(?:to|an|à|para|a|aan|subject|betreff|objet|asunto|oggetto|onderwerp)\s?:[*_]{0,2}\s", re.IGNORECASE)
_FORWARDED = re.compile(r"forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado", re.IGNORECASE)
_DEVICE = re.compile(
    r"(?:sent from my|sent from mail for|get outlook for|von meinem .{1,40} gesendet|gesendet von|envoyé de mon|enviado desde mi|"
    r"inviato da).{0,80}",
    re.IGNORECASE,
)


def cut_history(body: str) -> str:
    """A body without the mails before it, quoted at its end; the body as it is where only a line or two would be left."""
    lines = body.split("\n")
    kept = _before_copied_mail(lines)
    kept = _before_trailing_quote(kept)
    answer = "\n".join(kept).rstrip()
    return body if len(" ".join(cut_signature(answer).split())) < _LEAST_CHARACTERS else answer


def cut_signature(body: str) -> str:
    """A body without the signature at its end (RFC 3676, section 4.3: from a line of two hyphens) and what devices add."""
    lines = body.rstrip().split("\n")
    for at in range(len(lines) - 1, max(-1, len(lines) - 2 - _LONGEST_SIGNATURE), -1):
        if lines[at].rstrip() == "--":
            lines = lines[:at]
            break
    while lines and (not lines[-1].strip() or _DEVICE.fullmatch(lines[-1].strip())):
        lines.pop()
    return "\n".join(lines) if any(line.strip() for line in lines) else body


def _before_copied_mail(lines: list[str]) -> list[str]:
    """Up to where a mail client pasted the mail that was answered: a rule with words, or a block of its headers."""
    for at, line in enumerate(lines):
        text = line.strip()
        if not text or len(text) > 300:
            continue
        if _RULE.fullmatch(text):
            return lines if _has_answers(lines[at:]) else lines[:at]
        if _FROM.match(text) and not _is_forwarded(lines, at):
            following = [other.strip() for other in lines[at + 1 : at + 8]]
            if any(map(_SENT.match, following)) and any(map(_TO.match, following)):
                return lines if _has_answers(lines[at:]) else _without_rule(lines[:at])
    return lines


def _has_answers(lines: list[str]) -> bool:
    """Whether text stands below a quoted line: somebody answered in between."""
    quoted = False
    for line in lines:
        if line.lstrip().startswith(">"):
            quoted = True
        elif quoted and line.strip():
            return True
    return False


def _is_forwarded(lines: list[str], at: int) -> bool:
    return any(_FORWARDED.search(line) for line in lines[max(0, at - 4) : at])


def _without_rule(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip(" \t_-*"):
        lines = lines[:-1]
    return lines


def _before_trailing_quote(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    if not any(line.lstrip().startswith(">") for line in lines[end:]):
        return lines
    for size in range(1, _LONGEST_INTRODUCTION + 1):
        if end >= size and _WROTE.fullmatch("\n".join(lines[end - size : end]).strip()):
            return lines[: end - size]
    return lines[:end]
