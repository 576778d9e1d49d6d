"""LangExtract's formats: JSON Lines with one annotated document each, both ways, and its page that shows values in the text.

No model takes part. LangExtract's own writer is not atomic, refuses to write nothing, and makes random ids.
"""

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tasks.annotation.errors import AnnotationError
from tasks.annotation.model.grounding import fold

if TYPE_CHECKING:
    from langextract.core.data import AnnotatedDocument, Extraction

SOURCE = "langextract"  # of annotations read from a file
# The page runs LangExtract's script and nothing else reaches out of it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>.lx-text-window {{ max-height: 70vh !important; }}</style>
</head>
<body>
<h1>{title}</h1>
{viewer}
</body>
</html>
"""


class ExchangeError(AnnotationError, ValueError):
    """A file that should be LangExtract's JSON Lines is not; the message names the line."""


@dataclass(frozen=True)
class ExchangedDocument:
    """A document as it is exchanged. document_id: of the part, see `exchange_id`. annotations, ungrounded: as in ANNOTATED."""

    document_id: str
    text: str
    annotations: tuple[Mapping[str, Any], ...]
    ungrounded: tuple[Mapping[str, Any], ...] = ()


def exchange_id(document_id: str, part: int) -> str:
    """The id of a part: the document's, with the number of the part where it is not the first."""
    return f"{document_id}.{part}" if part else document_id


def of_row(row: Mapping[str, Any], text: str) -> ExchangedDocument:
    """A row of ANNOTATED with the text of its part."""
    return ExchangedDocument(
        exchange_id(row["document_id"], row["part"]), text, tuple(row["annotations"]), tuple(row["ungrounded"])
    )


def to_langextract(document: ExchangedDocument) -> "AnnotatedDocument":
    """As LangExtract holds it: what is grounded has its interval, with value, confidence and sources as attributes; else it has
    none."""
    from langextract.core.data import AlignmentStatus, AnnotatedDocument, CharInterval, Extraction

    extractions = [
        Extraction(
            each["field"],
            document.text[each["start"] : each["end"]],
            char_interval=CharInterval(each["start"], each["end"]),
            alignment_status=AlignmentStatus.MATCH_EXACT,
            extraction_index=number,
            attributes={
                **({"value": each["value"]} if each["value"] is not None else {}),
                "confidence": f"{each['confidence']:.4f}",
                "sources": list(each["sources"]),
            },
        )
        for number, each in enumerate(document.annotations, start=1)
    ]
    extractions += [
        Extraction(each["field"], each["text"], extraction_index=number, attributes={"sources": [each["source"]]})
        for number, each in enumerate(document.ungrounded, start=len(extractions) + 1)
    ]
    return AnnotatedDocument(document_id=document.document_id, extractions=extractions, text=document.text)


def jsonl_line(document: ExchangedDocument) -> bytes:
    """A document as a line of LangExtract's JSON Lines, UTF-8. The same document gives the same bytes."""
    from langextract.data_lib import annotated_document_to_dict

    content = annotated_document_to_dict(to_langextract(document))
    return (json.dumps(content, ensure_ascii=False) + "\n").encode()


def read_jsonl(lines: Iterable[str]) -> Iterator[ExchangedDocument]:
    """Documents from LangExtract's JSON Lines, ours or anybody's. Raises ExchangeError.

    Only what stands in the text at its interval, after folding, becomes an annotation: LangExtract also calls near misses exact.
    """
    from langextract.data_lib import dict_to_annotated_document

    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = dict_to_annotated_document(json.loads(line))
            yield _from_langextract(found, number)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ExchangeError(f"line {number} is no annotated document of LangExtract: {error}") from error


def _from_langextract(found: "AnnotatedDocument", number: int) -> ExchangedDocument:
    text = found.text
    if not isinstance(text, str):
        raise ValueError("it has no text")
    annotations: list[dict[str, Any]] = []
    ungrounded: list[dict[str, Any]] = []
    for each in found.extractions or []:
        place = _place(each, text)
        attributes = each.attributes or {}
        if place is None:
            ungrounded.append({"field": each.extraction_class, "text": each.extraction_text, "source": SOURCE})
            continue
        value, sources = attributes.get("value"), attributes.get("sources")
        annotations.append(
            {
                "field": each.extraction_class,
                "start": place[0],
                "end": place[1],
                "text": text[slice(*place)],
                "value": value if isinstance(value, str) else None,
                "sources": sources if isinstance(sources, list) else [SOURCE],
                "confidence": _confidence(attributes.get("confidence")),
            }
        )
    annotations.sort(key=lambda each: (each["start"], each["end"], each["field"]))
    return ExchangedDocument(found.document_id or f"line-{number}", text, tuple(annotations), tuple(ungrounded))


def _place(extraction: "Extraction", text: str) -> tuple[int, int] | None:
    interval = extraction.char_interval
    if interval is None or interval.start_pos is None or interval.end_pos is None:
        return None
    start, end = interval.start_pos, interval.end_pos
    stands = 0 <= start < end <= len(text) and fold(text[start:end]) == fold(extraction.extraction_text)
    return (start, end) if stands else None


def _confidence(attribute: object) -> float:
    """The attribute that we write; 1 where others wrote none, as they have decided."""
    try:
        return min(1.0, max(0.0, float(str(attribute))))
    except ValueError:
        return 1.0


def viewer_page(document: ExchangedDocument, title: str) -> str:
    """A page by itself that shows the values in the text."""
    import langextract as lx

    shown = to_langextract(document)
    for each in shown.extractions or []:
        # LangExtract puts these two into its script as they are, where `</script>` would end it. It shows neither from there.
        each.extraction_text = html.escape(each.extraction_text)
        each.extraction_class = html.escape(each.extraction_class)
    viewer = lx.visualize(shown, gif_optimized=False)
    return PAGE.format(policy=POLICY, title=html.escape(title), viewer=getattr(viewer, "data", viewer))
