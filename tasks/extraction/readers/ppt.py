"""PowerPoint presentations of 1997 to 2003 (Microsoft, MS-PPT), slide by slide with their notes."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.extraction.office.blocks import gather_blocks, hold_pages
from tasks.extraction.office.ole import open_ole
from tasks.extraction.reading import CorruptError, EncryptedError, Part, Source
from tasks.extraction.settings import ExtractionSettings

# Types of records, MS-PPT 2.13.24.
_DOCUMENT, _SLIDE, _SLIDE_ATOM, _NOTES, _SLIDE_PLACE, _SLIDE_LIST = 0x03E8, 0x03EE, 0x03EF, 0x03F0, 0x03F3, 0x0FF0
_USER_EDIT, _DIRECTORY, _TEXT_BOX = 0x0FF5, 0x1772, 0xF00D
_TEXT_KIND, _TEXT, _TEXT_BYTES, _TEXT_ELSEWHERE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_LOCKED = 0xF3D1C4DF
_SLIDES, _NOTES_PAGES = 0, 2  # kinds of slide lists
_TITLES = (0, 6)  # kinds of text: title, title in the centre
_NOTE = 2
_MOST_EDITS = 10_000


@dataclass(frozen=True)
class _Record:
    kind: int
    instance: int
    begin: int
    end: int


@dataclass
class _Entry:
    """A slide in a list of slides. place: its number in the directory. texts: of its placeholders, by kind."""

    place: int
    name: int
    texts: list[tuple[int, str]] = field(default_factory=list)


def read(source: Source, settings: ExtractionSettings) -> Iterator[Part]:
    """Read a presentation; its pages are slides, separated by form feeds. A slide that is damaged is counted as lost."""
    with open_ole(source) as file:
        user = file.stream("Current User")
        data = file.stream("PowerPoint Document")
        try:
            deck = _Deck(data, user)
            slides = hold_pages(map(deck.slide, deck.slides))
        except (struct.error, IndexError, KeyError) as error:
            raise CorruptError(f"ppt: {error}") from error
        lost = sum(slide is None for slide in slides)
        if slides and lost == len(slides):
            raise CorruptError("ppt: no slide could be read")
        for text in gather_blocks((slide or "" for slide in slides), settings.part_characters, "\f"):
            yield Part(text, file.title, pages=len(slides), pages_lost=lost)


class _Deck:
    """slides: in their order."""

    def __init__(self, data: bytes, user: bytes) -> None:
        self._data = data
        token, edit = struct.unpack_from("<II", user, 12)
        if token == _LOCKED:
            raise EncryptedError("ppt")
        self._directory, document = self._read_edits(edit)
        lists = [record for record in self._walk(self._record(self._directory[document])) if record.kind == _SLIDE_LIST]
        self.slides = [entry for record in lists if record.instance == _SLIDES for entry in self._entries(record)]
        notes = [entry for record in lists if record.instance == _NOTES_PAGES for entry in self._entries(record)]
        self._notes = {entry.name: entry for entry in notes}

    def slide(self, entry: _Entry) -> str | None:
        """A slide: its title, its other texts, its notes; None when it cannot be read."""
        try:
            record = self._record(self._directory[entry.place])
            texts = list(self._texts(record, entry.texts))
            blocks = [f"## {' '.join(text.split())}" for kind, text in texts if kind in _TITLES and text.strip()]
            blocks += [text for kind, text in texts if kind not in _TITLES]
            note = self._notes.get(self._notes_of(record))
            if note is not None:
                page = self._record(self._directory[note.place])
                spoken = "\n\n".join(text for kind, text in self._texts(page, note.texts) if kind == _NOTE and text)
                blocks += [f"Notes: {spoken}"] if spoken else []
        except (struct.error, IndexError, KeyError):
            return None
        return "\n\n".join(block for block in blocks if block)

    def _read_edits(self, edit: int) -> tuple[dict[int, int], int]:
        """Where the objects of the newest state are, by number, and the number of the document."""
        places: dict[int, int] = {}
        document = 0
        for _ in range(_MOST_EDITS):
            record = self._record(edit)
            if record.kind != _USER_EDIT:
                raise CorruptError("ppt: no list of edits")
            earlier, directory, newest = struct.unpack_from("<III", self._data, record.begin + 8)
            if record.end - record.begin >= 32:  # a further field, of the key that the objects are encrypted with
                raise EncryptedError("ppt")
            document = document or newest
            for number, place in self._directory_entries(self._record(directory)):
                places.setdefault(number, place)
            if earlier == 0:
                return places, document
            if earlier >= edit:
                break
            edit = earlier
        raise CorruptError("ppt: its edits go round in a circle")

    def _directory_entries(self, record: _Record) -> Iterator[tuple[int, int]]:
        at = record.begin
        while at + 4 <= record.end:
            head = struct.unpack_from("<I", self._data, at)[0]
            count = head >> 20
            for offset, place in enumerate(struct.unpack_from(f"<{count}I", self._data, at + 4)):
                yield (head & 0xFFFFF) + offset, place
            at += 4 + 4 * count

    def _entries(self, slide_list: _Record) -> Iterator[_Entry]:
        """The slides of a list, with the texts that stand there instead of in the slide."""
        entry: _Entry | None = None
        kind = 4
        for record in self._walk(slide_list):
            if record.kind == _SLIDE_PLACE:
                if entry is not None:
                    yield entry
                place, _, _, name = struct.unpack_from("<IIiI", self._data, record.begin)
                entry = _Entry(place, name)
            elif record.kind == _TEXT_KIND:
                kind = struct.unpack_from("<I", self._data, record.begin)[0]
                if entry is not None:
                    entry.texts.append((kind, ""))
            elif record.kind in (_TEXT, _TEXT_BYTES) and entry is not None and entry.texts:
                entry.texts[-1] = (kind, self._text(record))
        if entry is not None:
            yield entry

    def _texts(self, slide: _Record, elsewhere: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        """The texts of a slide with their kinds."""
        kind = 4
        within = 0  # end of the text box
        for record in self._walk(slide):
            if record.kind == _TEXT_BOX:
                within = record.end
            elif record.begin > within:
                continue
            elif record.kind == _TEXT_KIND:
                kind = struct.unpack_from("<I", self._data, record.begin)[0]
            elif record.kind in (_TEXT, _TEXT_BYTES):
                yield kind, self._text(record)
            elif record.kind == _TEXT_ELSEWHERE:
                number = struct.unpack_from("<i", self._data, record.begin)[0]
                if 0 <= number < len(elsewhere):
                    yield elsewhere[number]

    def _notes_of(self, slide: _Record) -> int:
        """The name of a slide's notes, 0 for none."""
        atom = next((record for record in self._walk(slide) if record.kind == _SLIDE_ATOM), None)
        return struct.unpack_from("<I", self._data, atom.begin + 16)[0] if atom is not None else 0

    def _text(self, record: _Record) -> str:
        """Paragraphs; a lone asterisk stands for a slide's number or a date."""
        raw = self._data[record.begin : record.end]
        text = raw.decode("utf-16-le" if record.kind == _TEXT else "latin-1", "replace")
        text = "\n\n".join(line.strip() for line in text.replace("\x0b", "\n").split("\r") if line.strip())
        return "" if text == "*" else text

    def _record(self, at: int) -> _Record:
        version, kind, size = struct.unpack_from("<HHI", self._data, at)
        if at + 8 + size > len(self._data):
            raise IndexError("a record goes beyond the end")
        return _Record(kind, version >> 4, at + 8, at + 8 + size)

    def _walk(self, outer: _Record) -> Iterator[_Record]:
        """All records within one, those of containers after the container itself."""
        at = outer.begin
        while at + 8 <= outer.end:
            record = self._record(at)
            yield record
            is_container = self._data[at] & 0x0F == 0x0F
            at = record.begin if is_container else record.end
