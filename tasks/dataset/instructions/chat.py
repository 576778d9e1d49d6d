"""A conversation as the model expects it: rendered with the model's own chat template, or in a plain format without one.

The template is run as transformers does it (utils/chat_template_utils.py): jinja2's immutable sandbox, trimmed blocks, loop
controls, `{% generation %}` blocks passed through. jinja2 alone is loaded in a tenth of the time, and what is rendered is the
same (a test compares). One thing differs: where a template asks for today's date it gets DATE, so that the same documents give
the same dataset on every day.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tasks.dataset.errors import ContractError
from tasks.dataset.tokens import ModelTokens

DATE = date(2024, 7, 26)  # what the templates of Llama 3 say where they are not told the date
PLAIN_MARKS = ("<|user|>", "<|assistant|>")
# Each turn on lines of its own below the mark of its role; the end-of-text token follows the last answer.
PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] + '\n' }}{% endfor %}"
    "{{ '<|assistant|>\n' if add_generation_prompt else '' }}"
)
SPECIAL_TOKENS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
_PLACE = "\ue000answer\ue000"  # private use: stands for the answer to see what comes before it

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Rendered:
    """A conversation as one text, without the tokens that the trainer adds itself (at the start, and the end of text).

    answer_start: character at which the answer begins. tokens: with the added ones. prompt_tokens: those before the answer.
    """

    text: str
    answer_start: int
    tokens: int
    prompt_tokens: int


class ChatFormat:
    """The chat format of a model folder, and its tokenizer. Raises ContractError when its template cannot render a turn."""

    def __init__(self, folder: Path, tokens: ModelTokens) -> None:
        config = _read_json(folder / "tokenizer_config.json")
        self._tokens = tokens
        self._special = {name: _content(config[name]) for name in SPECIAL_TOKENS if config.get(name)}
        template = _find_template(folder, config)
        self.plain = template is None
        self.marks = (*tokens.special, *(PLAIN_MARKS if self.plain else ()))
        self._compiled = _compile(PLAIN_TEMPLATE if template is None else template)
        if self.render([{"role": "user", "content": "question"}, {"role": "assistant", "content": "answer"}]) is None:
            raise ContractError("the chat template of the model does not render an answer as it is given: name another model")

    def render(self, messages: Messages) -> Rendered | None:
        """Render a conversation whose last message is the answer.

        None when it cannot be rendered faithfully: a message holds a control token of the model, or the template changes the
        answer. Raises ContractError when the template refuses the conversation.
        """
        answer = messages[-1]["content"]
        if any(mark in message["content"] for message in messages for mark in self.marks):
            return None
        whole = self._render(messages)
        before, found, _ = self._render([*messages[:-1], {**messages[-1], "content": _PLACE}]).partition(_PLACE)
        if not found or not whole.startswith(before + answer):
            return None
        text, skipped = self._without_added(whole)
        start = len(before) - skipped
        if start < 0 or len(text) < start + len(answer):
            return None
        tokens, prompt = self._tokens.count_before(text, start)
        return Rendered(text, start, tokens, prompt)

    def _without_added(self, text: str) -> tuple[str, int]:
        """The text without the tokens that encoding it adds again, and how many characters went at its start."""
        skipped = 0
        first = self._special.get("bos_token")
        if self._tokens.front and first and text.startswith(first):
            skipped = len(first)
        last = self._special.get("eos_token", "")
        return text[skipped:].rstrip().removesuffix(last).rstrip(), skipped

    def _render(self, messages: Messages) -> str:
        import jinja2

        try:
            rendered: str = self._compiled.render(
                messages=[dict(message) for message in messages],
                tools=None,
                documents=None,
                add_generation_prompt=False,
                **self._special,
            )
        except jinja2.TemplateError as error:
            raise ContractError(
                f"the chat template of the model refuses a conversation of a question and an answer: {error}"
            ) from error
        return rendered


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}


def _content(token: Any) -> str:
    return str(token["content"] if isinstance(token, dict) else token)


def _find_template(folder: Path, config: Mapping[str, Any]) -> str | None:
    """chat_template.jinja goes before the tokenizer's configuration; of several templates the one named "default"."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    template = config.get("chat_template")
    if isinstance(template, list):
        template = {each["name"]: each["template"] for each in template}.get("default")
    return template if isinstance(template, str) and template else None


def _to_json(
    value: Any, ensure_ascii: bool = False, indent: int | None = None, separators: Any = None, sort_keys: bool = False
) -> str:
    """JSON for templates; jinja2's own filter escapes what HTML would take for marks."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _compile(template: str) -> Any:
    import jinja2
    from jinja2.ext import Extension, loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """`{% generation %}` marks what the assistant says; here it renders its content and nothing else."""

        tags = {"generation"}  # noqa: RUF012 - as jinja2 declares it

        def parse(self, parser: Any) -> Any:
            line = next(parser.stream).lineno
            body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
            return jinja2.nodes.Scope(body).set_lineno(line)

    def refuse(message: str) -> None:
        raise jinja2.TemplateError(message)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = DATE.strftime
    try:
        return environment.from_string(template)
    except jinja2.TemplateError as error:
        raise ContractError(f"the chat template of the model cannot be read: {error}") from error


_LOADED: dict[str, ChatFormat] = {}


def load_chat(folder: str, digest: str, tokens: ModelTokens) -> ChatFormat:
    """The chat format of the model with this digest; a second call in the same process costs nothing."""
    if digest not in _LOADED:
        _LOADED.clear()  # as with its tokenizer
        _LOADED[digest] = ChatFormat(Path(folder), tokens)
    return _LOADED[digest]
