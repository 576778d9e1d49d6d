"""Normalizers that leave values as they are: what a model found is tested here, not what is made of it."""

import pytest

from tasks.annotation.model import leg


@pytest.fixture(autouse=True)
def plain_normalizers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leg, "normalizer_of", lambda _field: lambda text, _field: text)
