"""Every reason a document can leave the line with: one table, so that a code never means two things.

A stage names a reason by its code; the verdict and the words a person reads follow from here.
"""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["kept", "rejected", "failed", "duplicate", "opened", "unchanged_source_missing"]
OPENED = "unpacking.opened"  # no fate of a document: the container is not counted, its members are


@dataclass(frozen=True)
class Reason:
    """What a reason code means.

    code: stable dotted name, `<stage>.<what>`; never renamed once released.
    verdict: the verdict a document gets that ends with it.
    meaning: one sentence for a person, with what to do about it where something can be done.
    transient: the same document may pass on another try (load, memory), so a retry is worth offering.
    retried: so surely that the next run tries by itself: the file was out of reach, and nothing was found out about it.
    """

    code: str
    verdict: Verdict
    meaning: str
    transient: bool = False
    retried: bool = False


# What can happen to a document in the worker pool (tasks/runtime/pool.py), whatever the stage.
WORKER_STAGES = (
    "unpacking",
    "detection",
    "extraction",
    "normalization",
    "quality",
    "privacy",
    "deduplication",
    "annotation",
    "dataset",
)
WORKER_REASONS = {
    "timeout": ("took longer than the stage's time limit; the worker was stopped", True),
    "crashed": ("crashed its worker process; the document was not tried again in that run", True),
    "out_of_memory": ("needed more memory than a worker may use; the worker was stopped", True),
    "error": ("made the stage raise an error; the detail names it", False),
}

_TABLE = [
    # inventory
    Reason("inventory.unreadable", "failed", "the file could not be opened; check its permissions", transient=True, retried=True),
    Reason("inventory.special_file", "rejected", "not a regular file (device, socket, pipe or dangling link)"),
    Reason(
        "inventory.source_missing",
        "unchanged_source_missing",
        "the document was processed before, and its file is gone from the sources now",
    ),
    # unpacking
    Reason(OPENED, "opened", "an archive: its members are documents of their own"),
    Reason("unpacking.archive_bomb", "rejected", "unpacks to far more than its size, nests too deep or holds too many members"),
    Reason("unpacking.encrypted", "failed", "protected by a password; save it without one"),
    Reason("unpacking.corrupt", "failed", "the archive, or a member of it, is damaged or cut off"),
    Reason("unpacking.special_member", "rejected", "not a regular file (link, device or pipe in an archive)"),
    Reason("unpacking.missing_extra", "failed", "opening this kind of archive needs an optional package; the detail says which"),
    Reason("unpacking.disk_full", "failed", "no room on the disk to unpack it", transient=True, retried=True),
    Reason(
        "unpacking.source_changed",
        "failed",
        "the file changed or vanished while the run was going on",
        transient=True,
        retried=True,
    ),
    # detection
    Reason(
        "detection.unreadable",
        "failed",
        "the file vanished or could not be read while the run was going on",
        transient=True,
        retried=True,
    ),
    Reason("detection.empty", "rejected", "the file has no content"),
    Reason("detection.unsupported", "rejected", "no reader for this format yet; the detail names the format"),
    Reason("detection.too_large", "rejected", "larger than the largest size that the settings allow"),
    Reason("detection.encrypted", "failed", "protected by a password; save it without one"),
    Reason("detection.corrupt", "failed", "the container is damaged or cut off"),
    Reason("detection.archive_bomb", "rejected", "unpacks to far more than its size, nests too deep or holds too many members"),
    # extraction
    Reason(
        "extraction.source_changed",
        "failed",
        "the file changed or vanished while the run was going on",
        transient=True,
        retried=True,
    ),
    Reason("extraction.encrypted", "failed", "protected by a password; save it without one, or name it in the settings (PDF)"),
    Reason("extraction.corrupt", "failed", "the reader found the document damaged"),
    Reason("extraction.empty", "failed", "the reader succeeded and found no text"),
    Reason("extraction.needs_ocr", "failed", "pages are images without a text layer; text recognition is needed"),
    Reason("extraction.limit", "failed", "a reader's safety limit was reached"),
    Reason("extraction.missing_extra", "failed", "the reader needs an optional package; the detail says which"),
    # normalization
    Reason("normalization.empty", "rejected", "nothing was left after headers, footers and noise were removed"),
    # quality: shape of the text
    Reason("quality.length.min_words", "rejected", "fewer words than the settings ask for"),
    Reason("quality.length.max_words", "rejected", "more words than the settings allow"),
    Reason("quality.language", "rejected", "written in a language that the settings do not allow"),
    Reason("quality.symbols.ratio", "rejected", "too many symbols for its words"),
    Reason("quality.c4.lorem", "rejected", "mostly placeholder text (lorem ipsum)"),
    Reason("quality.c4.policy", "rejected", "mostly notices about cookies, privacy or scripts"),
    Reason("quality.c4.sentences", "rejected", "too few sentences in lines that read like prose"),
    Reason("quality.c4.line_end", "rejected", "too many lines do not end like sentences"),
    Reason("quality.c4.line_words", "rejected", "too many lines of only a word or two"),
    Reason("quality.c4.long_word", "rejected", "too many lines hold a word of over 1,000 characters"),
    Reason("quality.c4.javascript", "rejected", "too many lines mention JavaScript"),
    Reason("quality.c4.curly", "rejected", "too many lines of the prose hold a curly bracket, as program code does"),
    Reason("quality.c4.paragraphs", "rejected", "too few lines of 200 characters or more"),
    Reason("quality.gopher.mean_word_length", "rejected", "its words are too short or too long on average"),
    Reason("quality.gopher.symbol_word", "rejected", "too many hash signs or ellipses for its words"),
    Reason("quality.gopher.bullets", "rejected", "nearly every line is a bullet"),
    Reason("quality.gopher.ellipsis_lines", "rejected", "too many lines end in an ellipsis"),
    Reason("quality.gopher.alpha_words", "rejected", "too few of its words contain a letter"),
    Reason("quality.gopher.stop_words", "rejected", "almost none of the most common English words occur"),
    Reason("quality.gopher.dup_line", "rejected", "too many lines are repeated"),
    Reason("quality.gopher.dup_para", "rejected", "too many paragraphs are repeated"),
    Reason("quality.gopher.dup_line_chars", "rejected", "too much of the text stands in repeated lines"),
    Reason("quality.gopher.dup_para_chars", "rejected", "too much of the text stands in repeated paragraphs"),
    Reason("quality.gopher.top_n", "rejected", "one short phrase makes up too much of the text"),
    Reason("quality.gopher.dup_n", "rejected", "too much of the text stands in repeated phrases"),
    Reason("quality.fineweb.line_punct", "rejected", "too few lines end like sentences"),
    Reason("quality.fineweb.short_lines", "rejected", "nearly all lines are short"),
    Reason("quality.fineweb.dup_line_chars", "rejected", "too much of the text stands in repeated lines"),
    Reason("quality.fineweb.newline_word", "rejected", "too many line breaks for its words"),
    Reason("quality.office.boilerplate", "rejected", "mostly confidentiality notices, unsubscribe footers or signatures"),
    Reason("quality.office.tables", "rejected", "too much of the text stands in tables"),
    Reason("quality.office.figures", "rejected", "too many of its words are numbers"),
    Reason("quality.office.placeholders", "rejected", "a template that nobody filled in"),
    Reason("quality.office.machine_lines", "rejected", "mostly written by machines: logs, dumps, hashes or records"),
    Reason("quality.office.navigation", "rejected", "mostly menus and lists of links"),
    Reason("quality.office.code", "rejected", "mostly code; the profile code keeps it"),
    Reason("quality.damage.garbage_words", "rejected", "too many garbled words, as from failed text recognition"),
    Reason("quality.damage.encoding", "rejected", "too many characters were decoded with a wrong encoding"),
    Reason("quality.score", "rejected", "the weighted quality score is below the threshold"),
    # privacy
    Reason("privacy.personal_data", "rejected", "holds personal data of a kind that the settings leave out; the detail counts"),
    Reason("privacy.secrets", "rejected", "holds passwords, keys or tokens, which the settings leave out; the detail counts"),
    # deduplication
    Reason(
        "deduplication.exact", "duplicate", "the same text, but for case and white space, as the document named in the detail"
    ),
    Reason("deduplication.near", "duplicate", "nearly the same text as the document named in the detail"),
    Reason("deduplication.contained", "duplicate", "its text stands in the longer document named in the detail"),
    # dataset
    Reason("dataset.too_short", "rejected", "no chunk reaches the least number of tokens for an example"),
    Reason("dataset.contaminated", "rejected", "shares a phrase with an evaluation file, which the detail names"),
    Reason("dataset.boilerplate", "rejected", "nothing but paragraphs that recur across documents, or too little besides"),
]

REASONS: dict[str, Reason] = {reason.code: reason for reason in _TABLE} | {
    f"{stage}.{what}": Reason(f"{stage}.{what}", "failed", meaning, transient)
    for stage in WORKER_STAGES
    for what, (meaning, transient) in WORKER_REASONS.items()
}


def verdict_of(reason: str | None) -> Verdict:
    """The verdict that follows from a reason code; no reason is `kept`.

    Raises KeyError with the code for a reason that is not in the table.
    """
    return "kept" if reason is None else REASONS[reason].verdict
