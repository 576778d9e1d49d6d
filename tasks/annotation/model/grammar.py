"""Constrained decoding: llguidance says which tokens may come next, plain mlx operations mask the others, on Metal and on CPUs.

llguidance's own mask is a Metal kernel and does not run without Metal. (llguidance: MIT.)
"""

import functools
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tasks.annotation.errors import ModelError
from tasks.annotation.model.prompt import ITEM_SEPARATOR, KEY_SEPARATOR

if TYPE_CHECKING:
    import mlx.core as mx
    import numpy as np
    from llguidance import LLMatcher, LLTokenizer
    from mlx_lm.tokenizer_utils import TokenizerWrapper

CLOSING_TOKENS = 16  # kept of the budget to close what is open, besides a key that was begun


class GrammarError(ModelError):
    """A JSON schema that llguidance cannot follow, or a tokenizer that it cannot read."""


class Grammar:
    """A JSON schema over the tokens of one model.

    tokenizer: the model's. vocabulary: width of the model's logits, which may be more than the tokenizer knows.
    Raises GrammarError.
    """

    def __init__(self, schema: Mapping[str, Any], tokenizer: "TokenizerWrapper", vocabulary: int) -> None:
        from llguidance import LLMatcher

        self.vocabulary = vocabulary
        self._tokenizer = wrapped(tokenizer, vocabulary)
        self._grammar = LLMatcher.grammar_from_json_schema(
            json.dumps(schema),
            overrides={
                "whitespace_flexible": False,  # a weak model would fill its budget with blanks
                "item_separator": ITEM_SEPARATOR,
                "key_separator": KEY_SEPARATOR,
            },
        )
        fault = LLMatcher.validate_grammar(self._grammar, self._tokenizer)
        if fault:
            raise GrammarError(fault)
        pieces = [
            b"" if self._tokenizer.is_special_token(each) else self._tokenizer.decode_bytes([each]) for each in range(vocabulary)
        ]
        # A bracket inside of a string is only a character of it, so what ends a string goes first.
        self.closing = tuple(
            _bits([bool(found.fullmatch(piece)) for piece in pieces], vocabulary) for found in (_ENDS_STRING, _ENDS_OTHERS)
        )
        ends = set(tokenizer.eos_token_ids)
        self.ending = _bits([each in ends for each in range(vocabulary)], vocabulary)
        self.reserve = CLOSING_TOKENS + _longest_key(schema)

    def mask(self, budget: int) -> "Mask":
        """A fresh mask for one answer of at most `budget` tokens, the end token included."""
        from llguidance import LLMatcher

        return Mask(self, LLMatcher(self._tokenizer, self._grammar, log_level=0), budget)


_ENDS_STRING, _ENDS_OTHERS = re.compile(rb'"[]}]*'), re.compile(rb"[]}]+")


def _bits(chosen: list[bool], vocabulary: int) -> "np.ndarray[Any, Any]":
    """Tokens as bits, in the order and the width of llguidance's masks."""
    import numpy as np

    padded = np.zeros(-(-vocabulary // 32) * 32, bool)
    padded[:vocabulary] = chosen
    return np.packbits(padded, bitorder="little")


def _longest_key(schema: object) -> int:
    """Characters of the longest name of a property at any depth."""
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        names = properties if isinstance(properties, Mapping) else ()
        return max([*map(len, names), *map(_longest_key, schema.values())], default=0)
    return max(map(_longest_key, schema), default=0) if isinstance(schema, list) else 0


@functools.lru_cache(maxsize=4)
def wrapped(tokenizer: "TokenizerWrapper", vocabulary: int) -> "LLTokenizer":
    """The tokenizer as llguidance reads it; takes up to a second for large vocabularies."""
    from llguidance.hf import from_tokenizer

    try:
        return from_tokenizer(tokenizer._tokenizer, vocabulary, eos_token=sorted(tokenizer.eos_token_ids))
    except ValueError as error:
        raise GrammarError(f"the tokenizer cannot be read for constrained decoding: {error}") from error


class Mask:
    """mlx-lm's hook on the logits of one answer: called once per token with all tokens so far, the prompt's included.

    Near the end of the budget only tokens that close something are left wherever the grammar has one, so that an answer is whole
    whatever the model would rather say.
    """

    def __init__(self, grammar: Grammar, matcher: "LLMatcher", budget: int) -> None:
        import numpy as np

        self._grammar = grammar
        self._matcher = matcher
        self._left = budget
        self._begun = False
        self.is_hurried = False  # whether the end had to be brought about
        self._bits = np.zeros((1, -(-grammar.vocabulary // 32)), np.int32)

    def __call__(self, tokens: "mx.array", logits: "mx.array") -> "mx.array":
        """The logits (1, vocabulary) with minus infinity where the grammar forbids. Raises GrammarError."""
        import numpy as np
        from llguidance.numpy import fill_next_token_bitmask

        if self._begun and not self._matcher.is_stopped():
            self._matcher.consume_token(int(tokens[-1]))
        self._begun = True
        if self._matcher.is_error():
            raise GrammarError(self._matcher.get_error())
        if self._matcher.is_stopped():  # the grammar has nothing more to say, but the model does not know that
            return self._keep(self._grammar.ending, logits)
        fill_next_token_bitmask(self._matcher, self._bits)
        allowed = self._bits.view(np.uint8)[0]
        if self._left <= self._grammar.reserve:
            self.is_hurried = True
            allowed = next((both for closing in self._grammar.closing if (both := allowed & closing).any()), allowed)
        self._left -= 1
        return self._keep(allowed, logits)

    def _keep(self, allowed: "np.ndarray[Any, Any]", logits: "mx.array") -> "mx.array":
        import mlx.core as mx
        import numpy as np

        chosen = np.unpackbits(allowed, bitorder="little")[: self._grammar.vocabulary].astype(bool)
        return mx.where(mx.array(chosen)[None], logits, mx.array(-np.inf, logits.dtype))
