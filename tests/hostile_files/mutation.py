"""Good documents changed a little: what a fuzzer feeds to readers."""

import io
import random
import zipfile
import zlib

MOST_CHANGES = 8
LONGEST = 64  # bytes that one change moves or removes
# What parsers stumble over: ends and beginnings of what they read, and numbers that are too large, negative or none.
TOKENS = (
    *(b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\n\n", b"\t", b"\x1a", b"\x0c", b"\xc2\xb2"),
    *(
        b"-1",
        b"0",
        b"99999999999999999999",
        b"9" * 5000,
        b"1e999",
        b"NaN",
        b"0x",
        b"%s",
        b"\\",
        b"'",
        b'"',
        b"`",
        b"=",
        b",",
        b";",
    ),
    *(b"<", b">", b"</", b"<!--", b"-->", b"<![CDATA[", b"<?", b"<!DOCTYPE x [", b"&#x110000;", b"&#0;", b"&x;", b"&", b"]]>"),
    *(b"{", b"}", b"[", b"]", b"(", b")", b"{{", b"[[", b"|", b"#", b"*", b"\\u0000", b"\\ud800", b"\\x", b"\\bin99 ", b"\\'"),
    *(b"--", b"---", b"...", b": ", b"!!", b"<<", b">>", b" obj", b"endobj", b"stream", b"/", b"=?", b"?=", b"PK\3\4", b"From "),
)


def mutate(content: bytes, chance: random.Random) -> bytes:
    """The content with one to eight changes: bits turned, pieces removed, repeated, moved, tokens put in."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, MOST_CHANGES)):
        if not changed:
            break
        at = chance.randrange(len(changed))
        length = chance.randint(1, LONGEST)
        match chance.randrange(6):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at] = chance.randrange(256)
            case 2:
                del changed[at : at + length]
            case 3:
                changed[at:at] = changed[at : at + length] * chance.choice((1, 2, 50))
            case 4:
                source = chance.randrange(len(changed))
                changed[at : at + length] = changed[source : source + length]
            case _:
                changed[at:at] = chance.choice(TOKENS)
    return bytes(changed)


def mutate_member(content: bytes, chance: random.Random) -> bytes:
    """A ZIP archive in which one member was changed; its checksum fits, so that the change reaches the reader."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        victim = chance.choice(before.namelist())
        for member in before.infolist():
            data = before.read(member)
            after.writestr(member, mutate(data, chance) if member.filename == victim else data)
    return stream.getvalue()


def mutate_document(content: bytes, chance: random.Random) -> bytes:
    """Mostly a member of an archive, now and then the archive; any other document, and a broken archive, as it stands."""
    if content.startswith(b"PK\3\4") and chance.randrange(4):
        try:
            return mutate_member(content, chance)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError, IndexError):
            return mutate(content, chance)
    return mutate(content, chance)
