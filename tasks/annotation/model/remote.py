"""Servers, through LangExtract's own providers: Gemini, whatever speaks OpenAI's chat completions, and Ollama.

Each provider is made directly: LangExtract's choice by name would import every plug-in and take keys from the environment.
"""

import math
from typing import TYPE_CHECKING, Any

from tasks.annotation.errors import ModelError
from tasks.annotation.model.settings import ModelSettings

if TYPE_CHECKING:
    from langextract.core.base_model import BaseLanguageModel

# Given always, as the client would otherwise take another from the environment (OPENAI_BASE_URL).
OPENAI_URL = "https://api.openai.com/v1"
OLLAMA_URL = "http://localhost:11434"
CHARACTERS_PER_TOKEN = 2  # at least, in most languages; Ollama silently cuts what is longer than the context it was told


def connect(settings: ModelSettings, longest_prompt: int, schema: dict[str, Any] | None) -> "BaseLanguageModel":
    """The provider of the settings, which sends nothing before the first prompt.

    longest_prompt: in characters. schema: of the answer, to send along. Raises ModelError.
    """
    from langextract.core.exceptions import LangExtractError

    makers = {"openai": _openai, "gemini": _gemini, "ollama": _ollama}
    try:
        model = makers[settings.provider](settings, longest_prompt)
        if schema is not None:
            model.apply_output_schema(schema)
    except (LangExtractError, ImportError) as error:
        raise ModelError(f"the provider {settings.provider} cannot be used: {error}") from error
    return model


def _openai(settings: ModelSettings, _longest_prompt: int) -> "BaseLanguageModel":
    from langextract.providers.openai import OpenAILanguageModel

    model = OpenAILanguageModel(
        settings.model,
        api_key=settings.api_key(),
        base_url=settings.base_url or OPENAI_URL,
        temperature=settings.temperature,
        max_workers=1,
        max_output_tokens=settings.max_tokens,
    )
    # The client would wait ten minutes, and send again by itself what the budget does not see.
    model._client = model._client.with_options(timeout=settings.timeout, max_retries=0)
    return model


def _gemini(settings: ModelSettings, _longest_prompt: int) -> "BaseLanguageModel":
    from langextract.providers.gemini import GeminiLanguageModel

    options: dict[str, Any] = {"timeout": int(settings.timeout * 1000)}
    if settings.base_url:
        options["base_url"] = settings.base_url
    return GeminiLanguageModel(
        settings.model,
        api_key=settings.api_key(),
        temperature=settings.temperature,
        max_workers=1,
        max_retries=0,
        http_options=options,
        max_output_tokens=settings.max_tokens,
    )


def _ollama(settings: ModelSettings, longest_prompt: int) -> "BaseLanguageModel":
    from langextract.providers.ollama import OllamaLanguageModel

    key: dict[str, Any] = {"api_key": settings.api_key()} if settings.api_key_env else {}
    return OllamaLanguageModel(
        settings.model,
        base_url=settings.base_url or OLLAMA_URL,
        timeout=math.ceil(settings.timeout),
        temperature=settings.temperature,
        max_output_tokens=settings.max_tokens,
        num_ctx=longest_prompt // CHARACTERS_PER_TOKEN + settings.max_tokens,
        **key,
    )
