"""The rules of C4, and of mC4 about paragraphs.

Source: Raffel et al., "Exploring the Limits of Transfer Learning" (arXiv 1910.10683), section 2.2; reference code: tensorflow
datasets, text/c4_utils.py; mC4: Xue et al. (arXiv 2010.11934). C4 drops lines, and then pages that have little left. No text
loses a line here: the share of lines that C4 would drop is measured instead, and what would be left. Lines are lines of prose
(tasks/quality/text_view.py), so neither tables nor code are judged.

Not here: the list of bad words, whose licence asks for attribution in every copy, and the language, which
tasks/quality/signals/language.py measures (C4: langdetect, rejected under 0.99).
"""

import re

from tasks.quality.text_view import TextView, split_words

C4_POLICY_PHRASES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
POLICY_PHRASES = (
    *(*C4_POLICY_PHRASES, "javascript"),
    *("accept all cookies", "accept cookies", "cookie settings", "cookie preferences", "manage cookies", "your cookies"),
    *("verwendet cookies", "verwenden cookies", "utilise des cookies", "utilisons des cookies", "utiliza cookies"),
)
_POLICY = re.compile("|".join(re.escape(phrase) for phrase in POLICY_PHRASES))
_POLICY_HINTS = ("cookie", "javascript", "terms of use", "privacy policy")  # one of them is part of every phrase
LINE_ENDS = (".", "?", "!", '"', "\u201d", "\u3002", "\uff01", "\uff1f")
LEAST_LINE_WORDS = 3
LONGEST_WORD = 1000  # characters
LONG_LINE = 200  # characters, from which a line is a paragraph for mC4
_SENTENCE_END = re.compile(r"[.?!\u2026][\"')\]\u201d\u2019]*(?!\S)|[\u3002\uff01\uff1f]")
_PLACEHOLDER_WORDS = frozenset(
    re.findall(
        r"\w+",
        """lorem ipsum dolor sit amet consectetur adipiscing adipisicing elit sed do eiusmod tempor incididunt ut labore et dolore
    magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute
    irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non proident
    sunt culpa qui officia deserunt mollit anim id est laborum
        consetetur sadipscing elitr diam nonumy eirmod invidunt aliquyam erat voluptua vero eos accusam justo duo dolores rebum
        stet clita kasd gubergren sea takimata sanctus vestibulum pellentesque nunc faucibus odio massa neque varius tellus
        mauris vivamus phasellus nulla quam lacus semper euismod gravida ultrices vulputate tincidunt mattis maecenas suscipit
        eget nec ac sed a quis vel at purus libero ante lectus turpis augue nisl nibh orci ligula sem sapien tortor risus
        praesent morbi curabitur fusce donec integer etiam cras aenean aliquam quisque proin nam nullam suspendisse interdum
        malesuada fames primis bibendum sagittis hendrerit pharetra facilisis lobortis viverra placerat dapibus ornare
        rhoncus congue dictum efficitur finibus venenatis molestie porttitor accumsan elementum blandit feugiat felis metus
        leo arcu enim urna mi eu et non porta tempus fringilla convallis scelerisque dignissim posuere laoreet""",
    )
)


def measure_c4(view: TextView) -> dict[str, float]:
    """Over the words of the prose:
    c4.lorem: share of words that belong to the placeholder text; 0 unless "lorem ipsum" stands in it. C4 rejects over 0.
    c4.policy: share of words in lines with one of POLICY_PHRASES: those that the reference code drops lines for, and more.

    Over the lines of the prose, as shares:
    c4.line_end: lines that do not end in one of LINE_ENDS, or end in "..."; C4 drops them, FineWeb does not. The paper says
    "period, exclamation mark, question mark, or end quotation mark", the code has the ASCII ones; datatrove adds the apostrophe.
    c4.line_words: lines of fewer than LEAST_LINE_WORDS words; C4 drops them. 3 in the paper, 5 in the reference code.
    c4.long_word: lines with a word over LONGEST_WORD characters; dropped by the code, not in the paper.
    c4.javascript: lines with "javascript" in any case; dropped in the paper and the code.
    c4.curly: lines with a curly bracket that opens; C4 rejects over 0, which 28 % of technical documents are.

    As counts:
    c4.sentences: sentences in the lines that none of these rules nor the six phrases of C4's policy drops; rejected under 5 in
    the paper, under 3 in the code. c4.paragraphs: lines of LONG_LINE characters or more; mC4 rejects under 3.
    """
    lines, words = view.lines, len(view.prose_words)
    if not words:
        return {}
    lowered = "\n".join(lines).lower()
    placeholder = 0
    if "lorem ipsum" in lowered:
        placeholder = sum(1 for word in view.prose_words if word.lower().strip(".,;:") in _PLACEHOLDER_WORDS)
    # Nearly no text has any of these phrases, and looking for the hints in the whole of it is cheap.
    low_lines = lowered.split("\n") if any(hint in lowered for hint in _POLICY_HINTS) else []
    scripts = {index for index, line in enumerate(low_lines) if "javascript" in line}
    notices = {index for index, line in enumerate(low_lines) if any(phrase in line for phrase in C4_POLICY_PHRASES)}
    open_end = {index for index, line in enumerate(lines) if not line.endswith(LINE_ENDS) or line.endswith("...")}
    few_words = {index for index, line in enumerate(lines) if has_few_words(line)}
    long_word = {index for index, line in enumerate(lines) if has_long_word(line)}
    dropped = scripts | notices | open_end | few_words | long_word
    return {
        "c4.lorem": placeholder / words,
        "c4.policy": sum(len(split_words(line)) for line in low_lines if _POLICY.search(line)) / words,
        "c4.line_end": len(open_end) / len(lines),
        "c4.line_words": len(few_words) / len(lines),
        "c4.long_word": len(long_word) / len(lines),
        "c4.javascript": len(scripts) / len(lines),
        "c4.curly": sum(1 for line in lines if "{" in line) / len(lines),
        "c4.sentences": float(sum(count_sentences(line) for index, line in enumerate(lines) if index not in dropped)),
        "c4.paragraphs": float(sum(1 for line in lines if len(line) >= LONG_LINE)),
    }


def has_few_words(line: str) -> bool:
    """Whether a line has fewer than LEAST_LINE_WORDS words."""
    if len(line.split(None, LEAST_LINE_WORDS - 1)) >= LEAST_LINE_WORDS:
        return False
    return len(split_words(line)) < LEAST_LINE_WORDS


def has_long_word(line: str) -> bool:
    """Whether a line has a word over LONGEST_WORD characters."""
    return len(line) > LONGEST_WORD and max(map(len, split_words(line))) > LONGEST_WORD


def count_sentences(line: str) -> int:
    """Sentences of a line: ends of sentences before white space (in Chinese and Japanese anywhere), and what follows the last.

    C4 takes NLTK's punkt, which knows abbreviations.
    """
    ends = 0
    last = 0
    for end in _SENTENCE_END.finditer(line):
        ends += 1
        last = end.end()
    return ends + bool(line[last:].strip())
