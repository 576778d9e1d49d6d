"""What came out of which container: remembered, so that a container is opened once, as long as its members are still there."""

import pyarrow as pa

from tasks.storage import parquet
from tasks.storage.reasons import REASONS
from tasks.storage.root import find_files
from tasks.unpacking.work import Opened, OpenedMember

FOLDER = "unpacked"
MEMO_PATH = f"{FOLDER}/containers.parquet"

_MEMBER = pa.struct(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("location", pa.string(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("sha256", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
    ]
)
_MEMO = pa.schema(
    [
        pa.field("key", pa.string(), nullable=False),
        pa.field("members", pa.list_(_MEMBER), nullable=False),
        pa.field("is_container", pa.bool_(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
    ]
)


def read_memo() -> dict[str, Opened]:
    """Key of an opening -> what came out, for those whose members are all still there with their sizes."""
    there = find_files(FOLDER)
    found = {}
    for row in parquet.read_memo(MEMO_PATH, _MEMO.names):
        members = tuple(OpenedMember(**member) for member in row["members"])
        if all(there.get(member.location) == member.bytes for member in members if member.reason is None):
            found[row["key"]] = Opened(members, row["is_container"], row["reason"], row["detail"])
    return found


def write_memo(memo: dict[str, Opened]) -> None:
    """Remember all openings but those that the next run should try again by itself."""
    rows = [
        {"key": key, **vars(opened), "members": [vars(member) for member in opened.members]}
        for key, opened in sorted(memo.items())
        if opened.reason is None or not REASONS[opened.reason].retried
    ]
    parquet.write_table(MEMO_PATH, rows, _MEMO)


def forget_transient() -> None:
    """Forget the containers that timed out, crashed or ran out of memory, so that they are tried again."""
    memo = read_memo()
    kept = {key: opened for key, opened in memo.items() if opened.reason is None or not REASONS[opened.reason].transient}
    if len(kept) < len(memo):
        write_memo(kept)
