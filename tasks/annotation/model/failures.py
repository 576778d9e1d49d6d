"""What a model failed on, in words, and which of it another run may mend."""

CUT = "the answer was cut off at its budget of tokens; {} values of it are kept"
BROKEN = "the answer is no whole JSON"
TOO_MANY = "the answer has {} values; {} of them are kept"
_ANSWERED = (BROKEN, *(words.partition("{}")[0] for words in (CUT, TOO_MANY)))


def may_pass(failure: str) -> bool:
    """Whether a line of ANNOTATED's failures may be another one in the next run: the model was not asked, or did not answer. A
    bad answer would be given again."""
    return not any(words in failure for words in _ANSWERED)
