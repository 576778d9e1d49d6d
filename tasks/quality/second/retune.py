"""What the second stage in force would add to stored parts, from embeddings that are remembered."""

from collections.abc import Mapping, Sequence

import numpy as np

from tasks.quality.second.stage import LOG_ODDS, SECOND_STAGE, SecondStage
from tasks.quality.second.vectors import recall, shard_path
from tasks.quality.stored import StoredParts
from tasks.storage.parquet import ParquetRef


def add_log_odds(stored: StoredParts, shards: Sequence[Mapping[str, ParquetRef]], second: SecondStage) -> None:
    """Give the parts the signal "embedding.log_odds": NaN for those that this model has not embedded yet, 0 for texts without
    prose."""
    column = np.full(len(stored), np.nan)
    at = {key: row for row, key in enumerate(zip(stored.documents, stored.parts, strict=True))}
    for shard in shards:
        if "normalization" in shard:
            for key, vector in recall(shard_path(shard["normalization"], second.model, SECOND_STAGE.version)).items():
                if key in at:
                    column[at[key]] = second.added(vector) or 0.0
    stored.signals[LOG_ODDS] = column
