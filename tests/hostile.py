"""Hostile documents, made on the spot: `python -m tests.hostile FOLDER` writes them all.

Each class of attack stands in a module of tests/hostile_files; here they are written to a folder. Nothing in them is random
between two runs.
"""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.hostile_files.archives import make_archives
from tests.hostile_files.case import TEXT, HostileFile, Made
from tests.hostile_files.compound import make_compounds
from tests.hostile_files.damaged import make_damaged, make_disguised
from tests.hostile_files.mail import make_mail
from tests.hostile_files.markup import make_entities, make_markup
from tests.hostile_files.office import make_office
from tests.hostile_files.pdfs import make_pdfs
from tests.hostile_files.texts import make_texts
from tests.hostile_files.words import make_words

__all__ = ["SECRET", "TEXT", "HostileFile", "make_hostile", "make_hostile_archives", "make_hostile_tree"]

SECRET = "a secret that no document may show"
NOWHERE = "http://127.0.0.1:9"


def make_hostile(folder: Path, server: str = NOWHERE, heavy: bool = True) -> list[HostileFile]:
    """Write the hostile documents and archives to a new folder. heavy: those too that take long to read.

    server: address that external references point to; nobody may ask it. Beside the documents stands `secret`, a file that
    external references point to; no text may show SECRET.
    """
    folder.mkdir(parents=True)
    secret = folder / "secret"
    secret.write_text(SECRET)
    return _write(folder, _all(secret, server), heavy)


def make_hostile_archives(folder: Path, heavy: bool = True) -> list[HostileFile]:
    """Write the hostile archives alone. Members that lead out of the place where they are unpacked are named `evil`."""
    folder.mkdir(parents=True)
    return _write(folder, make_archives(), heavy)


def make_hostile_tree(folder: Path) -> Path:
    """A folder that is hard to walk: links in circles, out of it and to nothing, a pipe, odd names, great depth.

    Returns its only good document.
    """
    folder.mkdir(parents=True)
    good = folder / "good.txt"
    good.write_text("Words that anybody may read.\n")
    (folder / "circle").symlink_to(folder, target_is_directory=True)
    (folder / "parent").symlink_to("..", target_is_directory=True)
    (folder / "self.txt").symlink_to("self.txt")
    (folder / "nothing.txt").symlink_to("missing.txt")
    (folder / "passwd.txt").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(folder, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/socket.txt" if sys.platform == "linux" else str(folder / "socket.txt"))
        os.close(here)
    for name in ("new\nline.txt", "\x1b[2J.txt", "\u202etxt.exe", " .txt", "n" * 250 + ".txt", "-rf.txt", "$(touch evil).txt"):
        (folder / name).write_bytes(b"")
    deep = folder
    for _ in range(60):
        deep = deep / "deep"
    deep.mkdir(parents=True)
    return good


def _all(secret: Path, server: str) -> Iterator[Made]:
    yield from make_archives()
    yield from make_words()
    yield from make_office()
    yield from make_compounds()
    yield from make_entities(secret.as_uri(), server)
    yield from make_markup()
    yield from make_pdfs()
    yield from make_texts(str(secret))
    yield from make_mail()
    yield from make_damaged()
    yield from make_disguised()


def _write(folder: Path, made: Iterator[Made], heavy: bool) -> list[HostileFile]:
    files = []
    for file, content in made:
        if heavy or not file.heavy:
            with (folder / file.name).open("xb") as stream:  # "x": no two of the same name
                stream.write(content)
            files.append(file)
    return files


if __name__ == "__main__":
    sys.stdout.write(f"{len(make_hostile(Path(sys.argv[1])))} files\n")
