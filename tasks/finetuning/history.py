"""The history of adapters: what was trained on what, which one was the current one when, and why.

`adapters/history.jsonl` is only ever added to. Which adapter is the current one stands in `adapters/current.json`; which one
was it before, and what a user took out of use by hand, follows from the history.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tasks.finetuning.adapter import read_adapter
from tasks.finetuning.errors import AdapterUnavailable
from tasks.storage.artifacts import AdapterRef, publish_current, read_current, read_manifest
from tasks.storage.root import append_bytes, find_files, read_bytes

HISTORY = "adapters/history.jsonl"
FOLDER = "adapters/"
HAND = "by hand"  # what stands for the run when a user decided
What = Literal["promoted", "not promoted", "rolled back"]


class Entry(BaseModel):
    """Something that became of an adapter. adapter: its id, the name of its folder. when: local time, ISO 8601. run: whose
    decision it was. rival: what it was compared with. dataset, model: digests. model_source: what the user named as the model.
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    event: What
    adapter: str
    digest: str
    when: str
    run: str
    why: str
    rival: str | None = None
    dataset: str
    model: str
    model_source: str | None = None
    metrics: dict[str, float]
    settings: dict[str, Any]


def id_of(adapter: AdapterRef) -> str:
    """The id of an adapter: the name of its folder."""
    return adapter.path.removeprefix(FOLDER)


def current_adapter() -> AdapterRef | None:
    """The adapter that is in use; None when there is none or its files are gone."""
    found = read_current("adapters")
    return found if isinstance(found, AdapterRef) else None


def read_history() -> list[Entry]:
    """All entries, oldest first; a line that is no entry is passed over."""
    try:
        lines = read_bytes(HISTORY).decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    entries = []
    for line in lines:
        try:
            entries.append(Entry.model_validate_json(line))
        except ValidationError:  # cut off when the machine went down
            continue
    return entries


def promote(adapter: AdapterRef, *, run: str, why: str, rival: str | None = None, model_source: str | None = None) -> None:
    """Make an adapter the current one and remember it; nothing happens when it is that already."""
    before = current_adapter()
    if before is not None and before.digest == adapter.digest:
        return
    line = succession(read_history())
    if before is not None and (not line or line[-1] != id_of(before)):  # made current by an older version, or by a copied file
        _record("promoted", before, run=HAND, why="it was the current one when the history began")
    _record("promoted", adapter, run=run, why=why, rival=rival, model_source=model_source)
    publish_current("adapters", adapter)


def pass_over(adapter: AdapterRef, *, run: str, why: str, rival: str | None = None, model_source: str | None = None) -> None:
    """Remember that an adapter was not promoted, once for each reason."""
    last = next((entry for entry in reversed(read_history()) if entry.adapter == id_of(adapter)), None)
    if last is None or (last.event, last.why) != ("not promoted", why):
        _record("not promoted", adapter, run=run, why=why, rival=rival, model_source=model_source)


def roll_back() -> tuple[AdapterRef, AdapterRef]:
    """Make the adapter before the current one the current one; return (now, before).

    Raises AdapterUnavailable when there is none whose files are there.
    """
    current = current_adapter()
    earlier = previous_adapter()
    if current is None or earlier is None:
        raise AdapterUnavailable("no earlier adapter is there to go back to")
    _record("rolled back", current, run=HAND, why=f"taken back to {id_of(earlier)[:8]}")
    publish_current("adapters", earlier)
    return earlier, current


def previous_adapter() -> AdapterRef | None:
    """The adapter that `roll_back` would make the current one; None when there is none."""
    current = current_adapter()
    for name in reversed(succession(read_history())):
        if current is not None and name == id_of(current):
            continue
        if (found := read_adapter(FOLDER + name)) is not None:
            return found
    return None


def succession(entries: Sequence[Entry]) -> list[str]:
    """The ids of the adapters that followed each other, the current one last; a rolled back one is in it no more."""
    line: list[str] = []
    for entry in entries:
        if entry.event == "promoted" and (not line or line[-1] != entry.adapter):
            line.append(entry.adapter)
        elif entry.event == "rolled back" and entry.adapter in line:
            line = line[: len(line) - 1 - line[::-1].index(entry.adapter)]
    return line


def set_aside(entries: Sequence[Entry]) -> set[str]:
    """The ids of adapters that a user took out of use, by a roll back or by another one: no rule promotes them again."""
    aside: set[str] = set()
    current: str | None = None
    for number, entry in enumerate(entries):
        if entry.event == "promoted":
            aside.discard(entry.adapter)
            if entry.run == HAND and current not in (None, entry.adapter):
                aside.add(str(current))
            current = entry.adapter
        elif entry.event == "rolled back":
            aside.add(entry.adapter)
            line = succession(entries[: number + 1])
            current = line[-1] if line else None
    return aside


def find_adapter_by_id(name: str) -> AdapterRef:
    """The adapter whose id begins so. Raises AdapterUnavailable when none or several do, or its files are gone."""
    known = {path.removeprefix(FOLDER).partition("/")[0] for path in find_files("adapters") if path.count("/") > 1}
    found = sorted(each for each in known if each.startswith(name)) if name else []
    if len(found) > 1:
        raise AdapterUnavailable(f"several adapters begin with {name}: {', '.join(each[:12] for each in found[:5])}")
    adapter = read_adapter(FOLDER + found[0]) if found else None
    if adapter is None:
        raise AdapterUnavailable(f"no adapter {name} below this data root (or its files are gone): `doctune adapters` lists them")
    return adapter


def model_source_of(adapter: AdapterRef) -> str:
    """What names the base model of an adapter: as it was given when the adapter was trained, else its name."""
    named = [entry.model_source for entry in read_history() if entry.adapter == id_of(adapter) and entry.model_source]
    if named:
        return str(named[-1])
    config = json.loads(read_bytes(f"{adapter.path}/adapter_config.json"))
    return str(config["model"])


def _record(
    event: What, adapter: AdapterRef, *, run: str, why: str, rival: str | None = None, model_source: str | None = None
) -> None:
    manifest = read_manifest(adapter.path)
    entry = Entry(
        event=event,
        adapter=id_of(adapter),
        digest=adapter.digest,
        when=datetime.now().astimezone().isoformat(timespec="seconds"),
        run=run,
        why=why,
        rival=rival,
        dataset=adapter.dataset_digest,
        model=adapter.model_digest,
        model_source=model_source,
        metrics=adapter.metrics,
        settings=manifest[2]["settings"] if manifest else {},
    )
    append_bytes(HISTORY, (entry.model_dump_json() + "\n").encode())
