"""Open the containers among the files, and those inside them, within what each outermost one is allowed to give."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tasks.runtime.pool import Job, Outcome, map_documents
from tasks.storage.parquet import ParquetRef, read_rows, write_table
from tasks.storage.reasons import OPENED
from tasks.storage.root import data_root, local_copy
from tasks.storage.schemas import FILES, MEMBER_MARK
from tasks.storage.stage import digest_of
from tasks.unpacking.kinds import ARCHIVES, HEAD_BYTES, name_container
from tasks.unpacking.libarchive import LIBARCHIVE, engine_version
from tasks.unpacking.members import Allowance
from tasks.unpacking.memo import FOLDER, read_memo, write_memo
from tasks.unpacking.settings import UnpackingSettings
from tasks.unpacking.work import Opened, OpeningRequest, open_container, remove_members

REVISION = 1  # raised whenever other members would come out of the same container
AT_ONCE = 256  # containers after which what came out is remembered, lest a kill costs it all

Row = dict[str, Any]


class NotOpenedYet(Exception):
    """There is a container that was never opened, and no leave to open it now."""


@dataclass
class _Outermost:
    """A container in the sources, what it may still give, and those found inside it that wait: (row, depth)."""

    allowance: Allowance
    waiting: deque[tuple[Row, int]]


@dataclass(frozen=True)
class _Opening:
    """A container whose turn it is."""

    outermost: _Outermost
    row: Row
    kind: str
    depth: int
    key: str
    folder: str


def unpack_files(files: ParquetRef, settings: UnpackingSettings, *, only_known: bool = False) -> ParquetRef:
    """The files with the members of all containers beside them (schema FILES in and out).

    An archive that was opened gets the reason OPENED; a mail stays a document, its attachments stand beside it. A container that
    cannot be opened has a row with a reason. only_known: raise NotOpenedYet instead of opening one.
    """
    rows = read_rows(files)
    memo = read_memo()
    waiting = deque(_Outermost(Allowance.of(row["bytes"], settings), deque([(row, 1)])) for row in rows if row["reason"] is None)
    found: list[Row] = []
    opened_any = False
    while waiting:
        openings = list(_next_openings(waiting, settings))
        fresh = {opening.key: opening for opening in openings if opening.key not in memo}
        if fresh:
            if only_known:
                raise NotOpenedYet
            memo |= _open(list(fresh.values()), settings)
            write_memo(memo)
        for opening in openings:
            found += _settle(opening, memo[opening.key])
            opened_any = True
    if not opened_any:
        return files
    everything = sorted([*rows, *found], key=lambda row: row["path"])
    return write_table(f"inventory/files/{digest_of(everything)[:32]}.parquet", everything, FILES)


def _next_openings(waiting: deque[_Outermost], settings: UnpackingSettings) -> Iterator[_Opening]:
    """At most one container of each outermost one, since what it gives decides what the next may."""
    count = 0
    for _ in range(len(waiting)):
        outermost = waiting.popleft()
        if count == AT_ONCE:
            waiting.append(outermost)
            continue
        while outermost.waiting:
            row, depth = outermost.waiting.popleft()
            kind = _kind_of(row, settings)
            if kind is None:
                continue
            if depth > settings.max_depth:
                if kind in ARCHIVES:
                    row |= {"reason": "unpacking.archive_bomb", "detail": f"archives more than {settings.max_depth} deep"}
                continue
            yield _make_opening(outermost, row, kind, depth)
            count += 1
            waiting.append(outermost)
            break


def _make_opening(outermost: _Outermost, row: Row, kind: str, depth: int) -> _Opening:
    allowance = outermost.allowance
    left = [allowance.members - allowance.used_members, allowance.unpacked - allowance.used_bytes, allowance.max_ratio]
    # The name of a compressed file is that of its one member without the ending.
    name = PurePosixPath(row["path"]).name if kind in ("gzip", "bzip2", "xz") else ""
    engine = engine_version() if kind in LIBARCHIVE else None
    key = digest_of([REVISION, row["sha256"], kind, engine, name, left, allowance.ratio_from_bytes])[:32]
    return _Opening(outermost, row, kind, depth, key, f"{FOLDER}/{key}")


def _kind_of(row: Row, settings: UnpackingSettings) -> str | None:
    try:
        with local_copy(row["location"]) as path, path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError:
        return None  # detection meets the same trouble and tells of it
    kind = name_container(head, PurePosixPath(row["path"]).suffix.lower().lstrip("."))
    wanted = settings.archives if kind in ARCHIVES else settings.attachments
    return kind if wanted else None


def _open(openings: Sequence[_Opening], settings: UnpackingSettings) -> Mapping[str, Opened]:
    jobs = []
    for opening in openings:
        whole, row = opening.outermost.allowance, opening.row
        allowance = Allowance(
            row["bytes"],
            whole.members - whole.used_members,
            whole.unpacked - whole.used_bytes,
            whole.max_ratio,
            whole.ratio_from_bytes,
        )
        name = PurePosixPath(row["path"]).name
        request = OpeningRequest(data_root(), row["location"], name, opening.kind, row["sha256"], opening.folder, allowance)
        jobs.append(Job(row["sha256"], 0, request))
    outcomes = map_documents(open_container, jobs, timeout_seconds=settings.timeout_seconds)
    return {opening.key: _result_of(outcome) for opening, outcome in zip(openings, outcomes, strict=True)}


def _result_of(outcome: Outcome) -> Opened:
    if outcome.status == "ok":
        opened: Opened = outcome.value
        return opened
    remove_members(outcome.job.argument.folder)
    return Opened(reason=f"unpacking.{outcome.status}", detail=outcome.detail)


def _settle(opening: _Opening, opened: Opened) -> Iterator[Row]:
    """The rows of what came out; the container's own row gets its reason."""
    row, allowance = opening.row, opening.outermost.allowance
    allowance.used_members += len(opened.members)
    allowance.used_bytes += sum(member.bytes for member in opened.members)
    if opening.kind in ARCHIVES:
        if opened.reason is not None:
            row |= {"reason": opened.reason, "detail": opened.detail}
        elif opened.is_container:
            row |= {"reason": OPENED, "detail": f"{len(opened.members)} members"}
    elif opened.reason is not None:  # the mail itself is read all the same
        yield _member_row(row, "attachments", {"reason": opened.reason, "detail": opened.detail})
    for member in opened.members:
        found = _member_row(
            row,
            member.name,
            {
                "location": member.location,
                "bytes": member.bytes,
                "sha256": member.sha256,
                "reason": member.reason,
                "detail": member.detail,
            },
        )
        if member.reason is None:
            opening.outermost.waiting.append((found, opening.depth + 1))
        yield found


def _member_row(container: Row, name: str, values: Row) -> Row:
    plain = {"location": "", "bytes": 0, "sha256": None, "reason": None, "detail": None}
    return {**plain, "path": f"{container['path']}{MEMBER_MARK}{name}", "modified_ns": container["modified_ns"], **values}
