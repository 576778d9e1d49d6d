import io

import pytest

from tasks.storage.compound import CompoundFile
from tests.hostile_files.compound import make_compounds
from tests.tasks.extraction.documents import ole

LOOPS = {file.name: content for file, content in make_compounds() if file.name.startswith("loop")}


@pytest.mark.parametrize("name", LOOPS)
def test_chains_without_an_end_are_refused(name: str) -> None:
    with CompoundFile(io.BytesIO(LOOPS[name])) as file:
        (stream,) = file.listdir()
        with pytest.raises(OSError, match="in a file of"):
            file.openstream(stream)


def test_sound_streams_are_read() -> None:
    streams = {"One": b"a" * 4_096, "Two": b"b" * 20_000}
    with CompoundFile(io.BytesIO(ole(streams))) as file:
        assert {name: file.openstream(name).read() for name in streams} == streams
