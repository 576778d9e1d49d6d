"""What was measured of models on devices, kept below the data root: it is not measured again in the same circumstances."""

import json

from pydantic import TypeAdapter, ValidationError

from tasks.finetuning.spec import Event, Probe
from tasks.storage.root import read_bytes, write_bytes

FILE = "models/memory.json"
PROBES = TypeAdapter(dict[str, Probe])


def read_probes() -> dict[str, Probe]:
    """All that was measured, by a digest of its circumstances."""
    try:
        return PROBES.validate_json(read_bytes(FILE))
    except (FileNotFoundError, ValidationError):  # a damaged list is only a list to make again
        return {}


def keep_probe(event: Event) -> None:
    """Keep what an event of a training says was measured; other events are none of its business."""
    if event["event"] == "probed":
        known = read_probes() | {event["key"]: Probe.model_validate(event["probe"])}
        content = {key: probe.model_dump() for key, probe in sorted(known.items())}
        write_bytes(FILE, (json.dumps(content, indent=1) + "\n").encode())
