"""From a settings file and `--set` options to checked flow parameters; whatever is wrong is refused before any work starts."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from flows.settings import CurationSettings, FinetuningSettings, RuntimeSettings, check_together

SECTIONS: dict[str, type[BaseModel]] = {
    "curation": CurationSettings,
    "finetuning": FinetuningSettings,
    "runtime": RuntimeSettings,
}


class SettingsError(ValueError):
    """Settings that cannot be used; the message names each field, what it got and what is allowed."""


def read_settings(file: str | None, overrides: Sequence[str]) -> dict[str, BaseModel]:
    """The three sections of settings, from defaults, then a TOML file, then NAME=VALUE overrides.

    A value is read as JSON where it is JSON, else as text. Raises SettingsError.
    """
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values = tomllib.loads(Path(file).read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file}: not a TOML file: {error}") from error
    for override in overrides:
        name, equals, text = override.partition("=")
        if not equals:
            raise SettingsError(f"--set {override}: write NAME=VALUE, for example finetuning.epochs=3")
        _put(values, name.strip().split("."), _value(text))
    unknown = sorted(set(values) - set(SECTIONS))
    if unknown:
        raise SettingsError(f"{', '.join(unknown)}: no such section; there are {', '.join(SECTIONS)}")
    sections = {name: _check(name, section, values.get(name, {})) for name, section in SECTIONS.items()}
    curation, finetuning = sections["curation"], sections["finetuning"]
    assert isinstance(curation, CurationSettings)
    assert isinstance(finetuning, FinetuningSettings)
    try:
        check_together(curation, finetuning)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    return sections


def _put(values: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = values.setdefault(name, {})
        if not isinstance(inner, dict):
            raise SettingsError(f"{'.'.join(path)}: {name} is a value, not a section")
        values = inner
    values[path[-1]] = value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _check(name: str, section: type[BaseModel], values: Any) -> BaseModel:
    try:
        return section.model_validate(values)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            field = ".".join([name, *map(str, problem["loc"])])
            lines.append(f"{field}: {problem['msg']} (got {problem['input']!r})")
        raise SettingsError("\n".join(lines)) from error
