"""The index of evaluation grams, and the pieces that share some. Runs in workers."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tasks.dataset.errors import EvaluationError
from tasks.dataset.evaluation import EvaluationFile, read_evaluation
from tasks.dataset.grams import evaluation_size, hash_grams, hash_words, words_of
from tasks.storage.parquet import ParquetRef, TextAt, read_table, write_batches
from tasks.storage.root import use_data_root
from tasks.storage.schemas import EVALUATION

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
            words = words_of(text)
            size = evaluation_size(len(words))
            if size:
                yield number, row, hash_grams(hash_words(words), frozenset({size}))[size], size


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

    def find(self, hashes: "npt.NDArray[np.uint64]") -> "npt.NDArray[np.int64]":
        """Positions in the index of those hashes that are in it, each once, ascending."""
        import numpy as np

        likely = np.unique(hashes[self.occupied[(hashes >> np.uint64(self.shift)).astype(np.int64)]])
        places = np.minimum(np.searchsorted(self.grams, likely), max(len(self.grams) - 1, 0))
        return places[self.grams[places] == likely] if len(likely) else places


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


@dataclass(frozen=True)
class Comparing:
    """The pieces of one document part, (chunk, where its text is), to compare with the index at a path below the root."""

    root: str
    path: str
    sha256: str
    document_id: str
    part: int
    pieces: tuple[tuple[int, TextAt], ...]


def find_shared(job: Comparing) -> list[dict[str, Any]]:
    """The rows of CONTAMINATION for one document part."""
    index = load_index(job.root, job.path, job.sha256)
    rows = []
    for chunk, place in job.pieces:
        found = shared_grams(place.read(), index)
        if found:
            rows.append(
                {"document_id": job.document_id, "part": job.part, "chunk": chunk, **found, "reason": None, "detail": None}
            )
    return rows


def shared_grams(text: str, index: Index) -> dict[str, Any] | None:
    """What a text shares with the evaluation files; None when nothing. The share is of the text's grams of the longest size."""
    import numpy as np

    grams = hash_grams(hash_words(words_of(text)), index.sizes)
    if not grams:
        return None
    places = np.concatenate([index.find(hashes) for hashes in grams.values()])
    if not len(places):
        return None
    longest = grams[max(grams)]
    return {
        "grams": index.grams[places].tolist(),
        "evaluation": [index.names[file] for file in index.files[places].tolist()],
        "evaluation_row": index.rows[places].tolist(),
        "share": round(float(np.isin(longest, index.grams[places]).mean()), 6),
    }
