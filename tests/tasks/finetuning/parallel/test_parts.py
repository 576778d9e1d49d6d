"""Arrays written by several processes."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from tasks.finetuning.parallel.parts import find_parts, merge, part_name, read_parts


def test_parts_become_one_file(tmp_path: Path) -> None:
    arrays = {
        "b": np.arange(6, dtype=np.float32).reshape(2, 3),
        "a": np.array([1, 2], np.float16),
        "c": np.zeros((0, 4), np.float32),
        "d": np.arange(5, dtype=np.int32),
    }
    names = [part_name("weights.safetensors", rank) for rank in (0, 1, 2, 10)]
    assert names == ["weights.safetensors", "weights-1.safetensors", "weights-2.safetensors", "weights-10.safetensors"]
    for name, kept in zip(names, (["a", "b"], [], ["c"], ["d"]), strict=True):
        save_file({each: arrays[each] for each in kept}, tmp_path / name)
    save_file(arrays, tmp_path / "weights-old.safetensors")
    parts = find_parts(tmp_path, "weights.safetensors")
    assert [part.name for part in parts] == names

    merge(parts, tmp_path / "whole")
    whole = load_file(tmp_path / "whole")
    assert set(whole) == set(arrays)
    for name, array in arrays.items():
        assert whole[name].dtype == array.dtype
        assert np.array_equal(whole[name], array)
    with (tmp_path / "whole").open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        assert json.loads(stream.read(length))["__metadata__"] == {"format": "mlx"}
    assert {name: tuple(array.shape) for name, array in read_parts(tmp_path, "weights.safetensors").items()} == {
        name: array.shape for name, array in arrays.items()
    }
