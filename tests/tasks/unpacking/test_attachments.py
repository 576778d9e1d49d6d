"""Attachments of mails that are made to do harm."""

from pathlib import Path

from tasks.unpacking.attachments import iterate_eml

ATTACHMENT = "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nabc\r\n"
TYPE = 'Content-Type: multipart/mixed; boundary="x"\r\n'


def attachments(tmp_path: Path, content: str) -> list[tuple[str, str | None]]:
    path = tmp_path / "mail.eml"
    path.write_text(content, newline="")
    return [(member.name, member.problem) for member in iterate_eml(path)]


def test_floods_of_headers_hide_no_attachment(tmp_path: Path) -> None:
    for flood in ("X: y\r\n" * 50_000, f"Content-ID: {'<' * 1_000_000}\r\n", f"Subject: {'=?utf-8?q?=41?= ' * 100_000}\r\n"):
        content = f"{flood}{TYPE}\r\n--x\r\n{flood}{ATTACHMENT}--x--\r\n"
        assert attachments(tmp_path, content) == [("a.pdf", None)]


def test_parts_nested_too_deep_are_a_problem_with_a_name(tmp_path: Path) -> None:
    nested = "".join(f"Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n" for at in range(3000))
    assert attachments(tmp_path, nested + ATTACHMENT) == [("attachment", "unpacking.archive_bomb")]
