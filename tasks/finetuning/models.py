"""Which model a name means: the starter, a folder, or a model of a hub; resolved to files and to one digest of their content."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from tasks.finetuning.errors import ModelUnavailable
from tasks.finetuning.starter import STARTER, build_starter
from tasks.storage.artifacts import ModelRef
from tasks.storage.root import read_bytes, write_bytes

HUB_ID = re.compile(r"[\w.\-]+/[\w.\-]+")
HUB_PATTERNS = ["*.json", "model*.safetensors", "tokenizer.model", "*.txt", "*.jinja"]  # no code is downloaded
MODEL_SUFFIXES = (".json", ".safetensors", ".model", ".jinja", ".txt")
DIGESTS = "models/digests.json"
BLOCK = 1 << 20


def resolve_model(name: str, allow_hub: bool) -> ModelRef:
    """The model that a name means. A hub's model that was downloaded before is used without asking the hub.

    allow_hub: whether a missing one may be downloaded. Raises ModelUnavailable, saying what to do.
    """
    if name == STARTER:
        return build_starter()
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _of_folder(name, folder)
    if HUB_ID.fullmatch(name) and not name.startswith("."):
        return _of_folder(name, _hub_folder(name, allow_hub))
    raise ModelUnavailable(f'{name!r} is no folder here; name "{STARTER}", the folder of a model, or a hub id such as org/name')


def _hub_folder(name: str, allow_hub: bool) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        return Path(snapshot_download(name, allow_patterns=HUB_PATTERNS, local_files_only=not allow_hub))
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        reason = "and the hub cannot be reached" if allow_hub else "and doctune does not go online by itself"
        raise ModelUnavailable(
            f"the model {name} is not on this machine {reason}: allow the download in the settings, or download it with "
            f"`hf download {name}` and run again, or name a local folder"
        ) from error
    except (HfHubHTTPError, OSError) as error:
        raise ModelUnavailable(f"the hub refused {name}: {error}") from error


def _of_folder(name: str, folder: Path) -> ModelRef:
    folder = folder.absolute()
    files = sorted(path for path in folder.iterdir() if is_model_file(path.name) and path.is_file())
    names = [path.name for path in files]
    missing = [needed for needed in ("config.json", "tokenizer.json") if needed not in names]
    if not any(found.endswith(".safetensors") for found in names):
        missing.append("*.safetensors")
    if missing:
        raise ModelUnavailable(f"{folder} is not a whole model: {', '.join(missing)} missing")
    return ModelRef(source=name, digest=digest_of_files(_file_digests(files)), folder=str(folder))


def is_model_file(name: str) -> bool:
    """Whether a file of a model's folder shapes what the model does: configuration, tokenizer, weights."""
    return name.endswith(MODEL_SUFFIXES)


def digest_of_files(digests: Mapping[str, str]) -> str:
    """The digest of a folder: sha256 over names and sha256 of its files, hex."""
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in sorted(digests.items())).encode()).hexdigest()


def _file_digests(files: list[Path]) -> dict[str, str]:
    """sha256 of each file by name; a file is read again only when its size, time or inode changed (weights are gigabytes)."""
    known = _known_digests()
    fresh: dict[str, dict[str, str]] = {}
    for path in files:
        info = path.stat()
        state = f"{info.st_size}/{info.st_mtime_ns}/{info.st_ino}"
        entry = known.get(str(path), {})
        fresh[str(path)] = entry if entry.get("state") == state else {"state": state, "sha256": _sha256(path)}
    if any(known.get(path) != entry for path, entry in fresh.items()):
        write_bytes(DIGESTS, (json.dumps(known | fresh, indent=1, sort_keys=True) + "\n").encode())
    return {path.name: fresh[str(path)]["sha256"] for path in files}


def _known_digests() -> dict[str, dict[str, str]]:
    try:
        known = json.loads(read_bytes(DIGESTS))
    except (FileNotFoundError, ValueError):  # a damaged list is only a list to make again
        return {}
    return known if isinstance(known, dict) else {}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
