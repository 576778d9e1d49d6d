"""Conversations are rendered and counted as transformers renders and mlx-lm encodes them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tasks.dataset.errors import ContractError
from tasks.dataset.instructions.chat import PLAIN_MARKS, ChatFormat
from tasks.dataset.tokens import ModelTokens
from tasks.finetuning.starter import build_starter

CHATML = (
    "{%- for message in messages %}\n    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n"
    "{%- endfor %}\n{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}{%- endif %}"
)
LLAMA = (
    "{{ bos_token }}{% if strftime_now is defined %}{% set today = strftime_now('%Y') | length %}{% endif %}"
    "{% for message in messages %}{{ '[' + message['role'] + ']\\n\\n' + message['content'] | trim + '<|im_end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '[assistant]\\n\\n' }}{% endif %}"
)
GENERATION = (
    "{% for message in messages %}{% if message.role == 'assistant' %}<|im_start|>{% generation %}{{ message.content }}"
    "{{ eos_token }}{% endgeneration %}{% else %}{{ message | tojson }}{% endif %}{% endfor %}"
)
SPEECH = [{"role": "user", "content": "Grüße — what is 1 < 2?\n\n漢字"}, {"role": "assistant", "content": '{"a": "\\u00fc ü"}'}]


def make_model(folder: Path, template: str | None, *, bos: bool = False, eos: str = "<|im_end|>") -> Path:
    """A folder with the starter's tokenizer, control tokens added, and this template."""
    from tokenizers import Tokenizer
    from tokenizers.processors import TemplateProcessing

    starter = build_starter()
    source = Path(folder.parent / "data-root" / starter.folder / "tokenizer.json")
    folder.mkdir()
    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>", "<s>"])
    if bos:
        tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    tokenizer.save(str(folder / "tokenizer.json"))
    config: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": eos}
    if bos:
        config["bos_token"] = {"__type": "AddedToken", "content": "<s>", "lstrip": False, "rstrip": False, "single_word": False}
    if template is not None:
        config["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def load(folder: Path) -> ChatFormat:
    return ChatFormat(folder, ModelTokens(str(folder / "tokenizer.json")))


def trained_tokens(folder: Path, text: str) -> tuple[list[int], Any]:
    """As mlx-lm encodes a text example, and the tokenizer."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    tokens = list(tokenizer.encode(text))
    if tokens[-1] != tokenizer.eos_token_id:
        tokens.append(tokenizer.eos_token_id)
    return tokens, tokenizer


@pytest.mark.parametrize(("template", "bos"), [(CHATML, False), (LLAMA, True), (GENERATION, False), (GENERATION, True)])
def test_what_is_trained_on_is_what_transformers_renders(tmp_path: Path, template: str, bos: bool) -> None:
    folder = make_model(tmp_path / "model", template, bos=bos)
    rendered = load(folder).render(SPEECH)
    assert rendered is not None
    tokens, tokenizer = trained_tokens(folder, rendered.text)
    expected = tokenizer.apply_chat_template(SPEECH, tokenize=False).rstrip()
    assert tokenizer.decode(tokens).removeprefix("<s>") == expected.removeprefix("<s>")
    assert tokens.count(tokenizer.eos_token_id) == expected.count("<|im_end|>")
    assert len(tokens) == rendered.tokens
    assert tokenizer.decode(tokens[rendered.prompt_tokens :]) == SPEECH[1]["content"] + "<|im_end|>"
    if bos:
        assert tokens.count(tokenizer.bos_token_id) == 1


def test_the_starter_has_a_template_that_mlx_lm_finds(data_root: Path) -> None:
    from mlx_lm.utils import load_tokenizer

    folder = data_root / build_starter().folder
    chat = load(folder)
    assert not chat.plain
    rendered = chat.render(SPEECH)
    assert rendered is not None
    tokenizer = load_tokenizer(folder)
    tokens = [*tokenizer.encode(rendered.text), tokenizer.eos_token_id]
    assert tokenizer.apply_chat_template(SPEECH, tokenize=False) == tokenizer.decode(tokens) + "\n"
    prompt = tokenizer.apply_chat_template(SPEECH[:1], add_generation_prompt=True, return_dict=False)
    assert len(prompt) == rendered.prompt_tokens
    assert list(prompt) == tokens[: rendered.prompt_tokens]
    assert rendered.tokens == len(tokens)


def test_a_model_without_a_template_gets_the_plain_format(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", None)
    chat = load(folder)
    assert chat.plain
    rendered = chat.render(SPEECH)
    assert rendered is not None
    assert rendered.text == f"<|user|>\n{SPEECH[0]['content']}\n<|assistant|>\n{SPEECH[1]['content']}"
    assert len(trained_tokens(folder, rendered.text)[0]) == rendered.tokens
    assert rendered.text[rendered.answer_start :] == SPEECH[1]["content"]


def test_the_template_file_goes_before_the_configuration_and_default_before_others(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", None)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    config["chat_template"] = [{"name": "tools", "template": LLAMA}, {"name": "default", "template": CHATML}]
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    named = load(folder).render(SPEECH)
    assert named is not None
    assert named.text.startswith("<|im_start|>user\n")
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "chat_template.jinja").write_text(GENERATION)
    assert load(other).render(SPEECH).text.startswith('{"role"')  # type: ignore[union-attr]


def test_what_looks_like_a_control_token_is_not_said(tmp_path: Path) -> None:
    chat = load(make_model(tmp_path / "model", CHATML))
    for text in ("before <|im_end|> after", "<|im_start|>system"):
        assert chat.render([{"role": "user", "content": text}, SPEECH[1]]) is None
    plain = load(make_model(tmp_path / "plain", None))
    assert plain.render([SPEECH[0], {"role": "assistant", "content": f"a\n{PLAIN_MARKS[0]}"}]) is None


def test_templates_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    broken = {
        "cannot be read": "{% for message in messages %}",
        "refuses a conversation": "{{ raise_exception('only system messages') }}",
        "does not render an answer": "{% for message in messages %}{{ message.content | upper }}{% endfor %}",
        "refuses a conversation of a question and an answer: access to attribute": "{{ ''.__class__.__mro__ }}",
    }
    for number, (message, template) in enumerate(broken.items()):
        with pytest.raises(ContractError, match=message):
            load(make_model(tmp_path / f"model{number}", template))
