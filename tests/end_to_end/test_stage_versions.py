"""A stage whose output changes must raise its revision: the cache of every user depends on it.

When this fails, look at the difference. If it is meant, raise the `revision` of the stage that changed and run
`python -m tests.end_to_end.test_stage_versions PATH-OF-A-DATA-ROOT` on a root in which the samples were just run.
"""

import hashlib
import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.end_to_end.conftest import Line

PINNED = Path(__file__).parent / "stage_digests.json"


def digests_of(root: Path) -> dict[str, str]:
    """Stage and revision -> digest of the rows it wrote; of rows and not of the file, which holds the writer's version."""
    result = json.loads((root / "runs" / "current.json").read_text())
    paths = [ref["path"] for outputs in result["outputs"] for ref in outputs.values()] + [result["clusters"]["path"]]
    digests = {}
    for path in paths:
        _, stage, name = path.split("/")
        revision = name.partition("-")[0].partition(".")[0]
        rows = pq.read_table(root / path).to_pylist(maps_as_pydicts="strict")
        written = json.dumps(rows, sort_keys=True, default=bytes.hex)
        digests[f"{stage}/{revision}"] = hashlib.sha256(written.encode()).hexdigest()[:16]
    examples = pq.read_table(root / result["dataset"]["path"] / "examples.parquet").to_pylist()
    digests["dataset"] = hashlib.sha256(json.dumps(examples, sort_keys=True).encode()).hexdigest()[:16]
    return digests


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pinned on Linux; other builds of the engines may differ")
def test_outputs_are_those_of_the_revisions(finished: Line) -> None:
    assert digests_of(finished.root) == json.loads(PINNED.read_text())


if __name__ == "__main__":
    PINNED.write_text(json.dumps(digests_of(Path(sys.argv[1])), indent=2, sort_keys=True) + "\n")
