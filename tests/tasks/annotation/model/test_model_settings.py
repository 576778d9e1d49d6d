"""Settings that cannot work are refused, with what to do; nothing is the default."""

from typing import Any

import pytest
from pydantic import ValidationError

from tasks.annotation.errors import ModelError
from tasks.annotation.model.settings import ModelSettings


def test_nothing_is_asked_without_a_choice() -> None:
    settings = ModelSettings()
    assert settings.provider == "none"
    assert not settings.is_remote


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"provider": "mlx"}, "needs a model"),
        ({"provider": "openai", "model": "m"}, "api_key_env"),
        ({"provider": "gemini", "model": "m"}, "api_key_env"),
        ({"provider": "gemini", "model": "m", "api_key_env": "sk-123"}, "api_key_env"),  # a key where a name belongs
        ({"provider": "mlx", "model": "m", "passes": 2}, "passes"),
        ({"provider": "ollama", "model": "m", "adapter": "a"}, "adapter"),
        ({"max_chunk_characters": 300, "overlap_characters": 200}, "overlap_characters"),
        ({"api_key": "sk-123"}, "api_key"),
    ],
)
def test_what_cannot_work_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ModelSettings(**settings)


def test_the_key_is_read_from_the_environment_when_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ModelSettings(provider="gemini", model="m", api_key_env="DOCTUNE_TEST_KEY")
    monkeypatch.delenv("DOCTUNE_TEST_KEY", raising=False)
    with pytest.raises(ModelError, match="DOCTUNE_TEST_KEY is not set"):
        settings.api_key()
    monkeypatch.setenv("DOCTUNE_TEST_KEY", "secret")
    assert settings.api_key() == "secret"
    assert "secret" not in settings.model_dump_json()


def test_only_what_shapes_an_answer_counts() -> None:
    settings = ModelSettings(provider="ollama", model="m")
    spending = settings.model_copy(update={"timeout": 1.0, "parallel": 9, "max_documents": 1, "retries": 0, "api_key_env": "A"})
    assert settings.cache_identity() == spending.cache_identity()
    assert settings.cache_identity() != settings.model_copy(update={"temperature": 1.0}).cache_identity()
