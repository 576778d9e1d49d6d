"""Messages and mailboxes: depth, floods of headers and parts, charsets that are none."""

import base64
from collections.abc import Iterator

from tests.hostile_files.case import CORRUPT, DAMAGED, EMPTY, ENCRYPTED, LIMIT, READ, UNSUPPORTED, Made, hostile

SENTENCE = "The quick brown fox jumps over the lazy dog near the river bank."
HEAD = (
    "From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: Words\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"
)
PLAIN = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{SENTENCE}\r\n"
ANY = READ | LIMIT | CORRUPT | EMPTY
MAILBOX = ANY | UNSUPPORTED


def make_mail() -> Iterator[Made]:
    yield from _structures()
    yield from _headers()
    yield from _bodies()
    yield from _mailboxes()


def _structures() -> Iterator[Made]:
    for depth in (90, 3000):
        opening = "".join(f'Content-Type: multipart/mixed; boundary="b{at}"\r\n\r\n--b{at}\r\n' for at in range(depth))
        yield hostile(f"deep-parts-{depth}.eml", f"recursion: {depth} multiparts in one another", ANY, HEAD + opening + PLAIN)
    attached = "Content-Type: message/rfc822\r\n\r\n" + HEAD
    yield hostile("deep-messages.eml", "recursion: 2,000 messages in one another", ANY, HEAD + attached * 2000 + PLAIN)
    part = f"--x\r\n{PLAIN}"
    for count, heavy in ((20_000, False), (100_000, True)):
        content = HEAD + 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + part * count + "--x--\r\n"
        yield hostile(f"parts-{count}.eml", f"time: {count} parts", ANY, content, heavy=heavy)
    empty = HEAD + 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + "--x\r\n" * 200_000
    yield hostile("parts-empty.eml", "time: 200,000 parts with nothing in them", ANY, empty)
    same = (
        HEAD
        + 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
        + '--x\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n' * 2000
        + part
    )
    yield hostile("same-boundary.eml", "parts in one another with one boundary", ANY, same)
    none = HEAD + "Content-Type: multipart/mixed\r\n\r\n" + part
    yield hostile("no-boundary.eml", "a multipart without a boundary", ANY, none)
    long = "b" * 500_000
    yield hostile(
        "long-boundary.eml",
        "time: a boundary of 500,000 letters",
        ANY,
        f'{HEAD}Content-Type: multipart/mixed; boundary="{long}"\r\n\r\n--{long}\r\n{PLAIN}',
    )
    attachment = (
        '--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="../../../evil-{}.pdf"\r\n\r\nabc\r\n'
    )
    many = "".join(attachment.format(at) for at in range(5000))
    yield hostile(
        "attachments.eml",
        "time: 5,000 attachments whose names lead outside",
        ANY,
        f'{HEAD}Content-Type: multipart/mixed; boundary="x"\r\n\r\n{part}{many}--x--\r\n',
    )


def _headers() -> Iterator[Made]:
    for name, attacks, header in (
        ("flood", "time: 100,000 headers", "".join(f"X-{at}: x\r\n" for at in range(100_000))),
        ("long", "time: a header of 1 MB", f"X-Long: {'x ' * 500_000}\r\n"),
        ("folded", "time: a header of 100,000 lines", "References: " + "<a@b>\r\n " * 100_000 + "\r\n"),
        ("comments", "recursion: 50,000 nested comments in an address", f"Cc: {'(' * 50_000}a@example.org\r\n"),
        ("groups", "time: addresses that open and never close", f"Cc: {'<' * 30_000}\r\n"),
        ("quotes", "time: quotes in an address", "Cc: " + '"a' * 30_000 + "\r\n"),
        ("addresses", "time: 50,000 addresses", f"Cc: {', '.join(['a@example.org'] * 50_000)}\r\n"),
        ("commas", "time: 100,000 addresses that are none", f"Cc: {',' * 100_000}\r\n"),
        ("words", "time: 20,000 encoded words", f"Comments: {'=?utf-8?q?=41?= ' * 20_000}\r\n"),
        ("dates", "a date that is none", f"Date: {'9' * 100_000}\r\n"),
        ("languages", "time: languages without end", f"Content-Language: {'en,' * 100_000}\r\n"),
        ("parameters", "time: 20,000 parameters", "X-Type: a" + "".join(f"; a{at}=b" for at in range(20_000)) + "\r\n"),
        ("identifier", "an identifier that is none", f"Message-ID: {'<' * 20_000}\r\nMessage-ID: {'[' * 20_000}\r\n"),
    ):
        yield hostile(f"header-{name}.eml", attacks, ANY, HEAD.replace("MIME", header + "MIME", 1) + PLAIN)
    for name, subject in (
        ("words", "=?utf-8?q?=41?= " * 20_000),
        ("broken", "=?utf-8?b?" + "A" * 100_001 + "?="),
        ("charset", "=?zlib_codec?b?eJwDAAAAAAE=?= =?undefined?q?a?= =?utf-7?q?+ADw-?="),
        ("open", "=?" * 50_000),
    ):
        yield hostile(f"subject-{name}.eml", "time: encoded words in a subject", ANY, HEAD.replace("Words", subject) + PLAIN)
    for name, kind in (
        ("continued", "text/plain" + "".join(f"; charset*{at}*=utf-8''x" for at in range(5000))),
        ("negative", "text/plain; charset*-1=a; charset*99999999999999999999=b; charset**=c"),
        ("type", "/" * 100_000),
        ("quotes", 'text/plain; charset="' + "\\" * 100_000),
    ):
        content = HEAD + f"Content-Type: {kind}\r\n\r\n{SENTENCE}\r\n"
        yield hostile(f"type-{name}.eml", "parameters of a content type", ANY, content)


def _bodies() -> Iterator[Made]:
    for charset in (
        "utf-7",
        "zlib_codec",
        "hex",
        "rot13",
        "unicode_escape",
        "idna",
        "undefined",
        "mbcs",
        "x" * 100_000,
        "\u00e9",
        "utf-16",
        "",
    ):
        content = f'{HEAD}Content-Type: text/plain; charset="{charset}"\r\n\r\n{SENTENCE}\r\n'
        yield hostile(f"charset-{len(charset)}-{charset[:6].strip('é') or 'none'}.eml", "a charset that is none", ANY, content)
    for name, encoding, body in (
        ("base64", "base64", "!" * 500_000 + base64.b64encode(SENTENCE.encode()).decode()),
        ("base64-cut", "base64", base64.b64encode(SENTENCE.encode()).decode()[:-3]),
        ("quoted", "quoted-printable", "=" * 500_000 + SENTENCE),
        ("uu", "x-uuencode", "begin 644 ../../evil.txt\r\n" + "M" + "x" * 500_000),
        ("unknown", "x" * 1000, SENTENCE),
        ("nul", "8bit", "\0" * 1000 + SENTENCE),
    ):
        content = f"{HEAD}Content-Type: text/plain\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
        yield hostile(f"encoded-{name}.eml", "a transfer encoding that does not hold", ANY | UNSUPPORTED, content)
    deep = "<div>" * 50_000 + SENTENCE
    yield hostile(
        "deep-html.eml", "recursion: 50,000 nested elements", ANY, f"{HEAD}Content-Type: text/html\r\n\r\n<html><body>{deep}\r\n"
    )
    quoted = "".join(">" * at + f" {SENTENCE}\r\n" for at in range(1000))
    yield hostile("quoted.eml", "time: history quoted 1,000 deep", ANY, HEAD + PLAIN + quoted)
    locked = HEAD + "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIIB\r\n"
    yield hostile("locked.eml", "a message that only its recipient can open", ENCRYPTED, locked)
    version = "--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x--\r\n"
    pgp = f'{HEAD}Content-Type: multipart/encrypted; boundary="x"\r\n\r\n{version}'
    yield hostile("locked-pgp.eml", "a message that only its recipient can open", ENCRYPTED, pgp)
    yield hostile("head.eml", "success without text: headers only", ANY, HEAD)
    yield hostile("nul.eml", "NUL bytes after the headers", DAMAGED, HEAD + "\r\n" + "\0" * 10_000)


def _mailboxes() -> Iterator[Made]:
    one = f"From ann@example.org Mon Jun  2 10:00:00 2025\r\n{HEAD}{PLAIN}\r\n"
    yield hostile("crowd.mbox", "time: 5,000 messages", MAILBOX, one * 5_000, heavy=True)
    yield hostile("lines.mbox", "time: 200,000 messages with nothing in them", MAILBOX, one + "From \r\n" * 200_000)
    yield hostile("long.mbox", "memory: one message of 2 MB", MAILBOX, one + "x" * 2_000_000)
    yield hostile(
        "deep.mhtml",
        "recursion: a web archive of 3,000 levels",
        MAILBOX,
        HEAD + "Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\n" * 3000,
    )
