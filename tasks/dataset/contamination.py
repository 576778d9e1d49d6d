"""The index of evaluation grams, and the pieces that share some. Runs in workers."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from tasks.dataset.errors import EvaluationError
from tasks.dataset.evaluation import EvaluationFile, read_evaluation
from tasks.dataset.grams import evaluation_size, find_grams, has_placeholder, prepare, without_maskable
from tasks.storage.parquet import ParquetRef, TextAt, read_table, write_batches
from tasks.storage.root import use_data_root
from tasks.storage.schemas import EVALUATION
from tasks.storage.words import find_words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MERGED = 1 << 20  # grams that wait before they are joined to the index
_WRITTEN = 1 << 16  # rows per batch
_FILTER_BITS = 4  # of the table that most grams of a text are refused by: slots per gram of the index, as a power of two


@dataclass(frozen=True)
class Indexing:
    """Files to index, and where to write. root: the data root. output: relative to it."""

    root: str
    output: str
    files: tuple[EvaluationFile, ...]
    fields: tuple[str, ...]


def build_index(job: Indexing) -> ParquetRef | EvaluationError:
    """Write EVALUATION. Its memory grows with the distinct grams, some 60 bytes each, not with the files."""
    import numpy as np

    use_data_root(job.root)
    kind = np.dtype([("gram", "u8"), ("file", "i4"), ("row", "i8"), ("words", "i1")])
    index = np.zeros(0, dtype=kind)
    waiting: list[npt.NDArray[Any]] = []
    count = 0
    try:
        for number, row, grams, words in _grams_of(job):
            rows = np.zeros(len(grams), dtype=kind)
            rows["gram"], rows["file"], rows["row"], rows["words"] = grams, number, row, words
            waiting.append(rows)
            count += len(rows)
            if count > max(_MERGED, len(index)):
                index, waiting, count = _merge([index, *waiting]), [], 0
    except EvaluationError as error:
        return error
    index = _merge([index, *waiting])
    names = pa.array([file.name for file in job.files], type=pa.string())
    batches = (
        pa.RecordBatch.from_arrays(
            [
                pa.array(part["gram"]),
                pa.array(part["words"]),
                pa.DictionaryArray.from_arrays(pa.array(part["file"]), names),
                pa.array(part["row"]),
            ],
            schema=EVALUATION,
        )
        for part in (index[start : start + _WRITTEN] for start in range(0, len(index), _WRITTEN))
    )
    return write_batches(job.output, batches, EVALUATION)


def _grams_of(job: Indexing) -> "Iterator[tuple[int, int, npt.NDArray[np.uint64], int]]":
    for number, file in enumerate(job.files):
        for row, text in read_evaluation(file, job.fields):
            for variant in {text: None, without_maskable(text): None}:
                words = find_words(prepare(variant))
                size = evaluation_size(words)
                if size:
                    yield number, row, find_grams(words, frozenset({size}))[size].hashes, size


def _merge(pieces: "Sequence[npt.NDArray[Any]]") -> "npt.NDArray[Any]":
    """Sorted distinct grams, each where it was seen first: the pieces are in the order of files and rows."""
    import numpy as np

    together = np.concatenate(pieces)
    return together[np.unique(together["gram"], return_index=True)[1]]


@dataclass(frozen=True)
class Index:
    """The index in memory. grams: sorted. occupied: whether some gram begins with these bits. sizes: words of its grams."""

    grams: "npt.NDArray[np.uint64]"
    files: "npt.NDArray[np.int32]"
    rows: "npt.NDArray[np.int64]"
    names: list[str]
    sizes: frozenset[int]
    occupied: "npt.NDArray[np.bool_]"
    shift: int

    def find(self, hashes: "npt.NDArray[np.uint64]") -> "tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]":
        """Which of the hashes are in the index, ascending, and the place of each there."""
        import numpy as np

        likely = np.flatnonzero(self.occupied[(hashes >> np.uint64(self.shift)).astype(np.int64)])
        places = np.minimum(np.searchsorted(self.grams, hashes[likely]), max(len(self.grams) - 1, 0))
        there = self.grams[places] == hashes[likely]
        return likely[there], places[there]


@functools.lru_cache(maxsize=1)  # one index per run; a worker meets it with every part
def load_index(root: str, path: str, _sha256: str) -> Index:
    """The index at a path below the root. Raises FileNotFoundError."""
    import numpy as np

    use_data_root(root)
    table = read_table(path).unify_dictionaries().combine_chunks()
    grams = table["gram"].to_numpy()
    evaluation = table["evaluation"].combine_chunks()
    bits = max(len(grams).bit_length() + _FILTER_BITS, 8)
    occupied = np.zeros(1 << bits, dtype=np.bool_)
    occupied[(grams >> np.uint64(64 - bits)).astype(np.int64)] = True
    if isinstance(evaluation, pa.ChunkedArray):
        evaluation = evaluation.chunk(0) if evaluation.num_chunks else pa.array([], type=evaluation.type)
    return Index(
        grams,
        evaluation.indices.to_numpy(zero_copy_only=False),
        table["evaluation_row"].to_numpy(),
        evaluation.dictionary.to_pylist(),
        frozenset(np.unique(table["words"].to_numpy()).tolist()),
        occupied,
        64 - bits,
    )


class Piece(NamedTuple):
    """A chunk of a document part. start, end: characters of the part. text: where it stands."""

    chunk: int
    start: int
    end: int
    text: TextAt


@dataclass(frozen=True)
class Comparing:
    """The pieces of one document part, in order, to compare with the index at a path below the root. apart: each by itself, since
    instruction examples do not follow one another as chunks do."""

    root: str
    path: str
    sha256: str
    document_id: str
    part: int
    pieces: tuple[Piece, ...]
    apart: bool = False


def find_shared(job: Comparing) -> list[dict[str, Any]]:
    """The rows of CONTAMINATION for one document part."""
    index = load_index(job.root, job.path, job.sha256)
    if job.apart:
        found = [shared_grams([piece.text.read()], index)[0] for piece in job.pieces]
    else:
        found = shared_grams(_joinable(job.pieces), index)
    ids = {"document_id": job.document_id, "part": job.part}
    return [
        {**ids, "chunk": piece.chunk, **shared, "reason": None, "detail": None}
        for piece, shared in zip(job.pieces, found, strict=True)
        if shared
    ]


def _joinable(pieces: Sequence[Piece]) -> list[str]:
    """The texts of chunks so that they can be joined."""
    texts = []
    for number, piece in enumerate(pieces):
        # Nothing but white space is lost between two pieces; where nothing is lost, a word may be cut in two.
        is_cut_off = number > 0 and pieces[number - 1].end != piece.start
        texts.append((" " if is_cut_off else "") + piece.text.read())
    return texts


def shared_grams(texts: Sequence[str], index: Index) -> list[dict[str, Any] | None]:
    """What each of some texts that follow one another shares with the evaluation files; None where nothing.

    A gram that reaches over the end of a text is one of each text that it touches. The share is of a text's grams of the
    longest size. Masked texts are also compared without their placeholders; the share is then the greater of both.
    """
    found = _compare([prepare(text) for text in texts], index)
    if any(map(has_placeholder, texts)):
        others = _compare([prepare(without_maskable(text)) for text in texts], index)
        found = [(one | other, max(share, its)) for (one, share), (other, its) in zip(found, others, strict=True)]
    return [_described(places, share, index) if places else None for places, share in found]


def _compare(texts: Sequence[str], index: Index) -> list[tuple[set[int], float]]:
    """For each of some prepared texts the places in the index of its grams, and its share."""
    import numpy as np

    words = find_words("".join(texts))
    ends = np.cumsum([len(text) for text in texts])
    first_text = np.searchsorted(ends, words.starts, side="right")
    last_text = np.searchsorted(ends, words.ends, side="left")
    places: list[set[int]] = [set() for _ in texts]
    shares = [0.0] * len(texts)
    for grams in find_grams(words, index.sizes).values():  # the longest last: its share stays
        first, last = first_text[: len(grams.ends)], last_text[grams.ends - 1]
        shared, found = index.find(grams.hashes)
        for place, low, high in zip(found.tolist(), first[shared].tolist(), last[shared].tolist(), strict=True):
            for number in range(low, high + 1):
                places[number].add(place)
        touching = _touching(first, last, len(texts))
        shares = (_touching(first[shared], last[shared], len(texts)) / np.maximum(touching, 1)).tolist()
    return list(zip(places, shares, strict=True))


def _touching(first: "npt.NDArray[np.int64]", last: "npt.NDArray[np.int64]", texts: int) -> "npt.NDArray[np.int64]":
    """How many grams touch each text. first, last: the texts of each gram's first and last word, both ascending."""
    import numpy as np

    numbers = np.arange(texts)
    return np.searchsorted(first, numbers, side="right") - np.searchsorted(last, numbers, side="left")


def _described(places: set[int], share: float, index: Index) -> dict[str, Any]:
    import numpy as np

    found = np.array(sorted(places))
    return {
        "grams": index.grams[found].tolist(),
        "evaluation": [index.names[file] for file in index.files[found].tolist()],
        "evaluation_row": index.rows[found].tolist(),
        "share": round(share, 6),
    }
