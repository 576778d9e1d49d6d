import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.annotation.document import TextDocument
from tasks.annotation.finders.dates import find_dates
from tasks.annotation.normalizers.dates import MONTHS, dates_in, normalize_date
from tasks.annotation.schema import FieldSpec

FIELD = FieldSpec(name="day", description="A day.", type="date", cues=("dated as of",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("this 3rd day of May, 2001", "2001-05-03"),
        ("this 24t h day of August 2018", "2018-08-24"),
        ("July 11 , 2006", "2006-07-11"),
        ("the third day of May, two thousand and one", "2001-05-03"),
        ("the twenty-first day of June, nineteen hundred and ninety-nine", "1999-06-21"),
        ("4/25/2018", "2018-04-25"),
        ("18/9/2008", "2008-09-18"),
        ("5/17/12", "2012-05-17"),
        ("3-14-18", "2018-03-14"),
        ("31.12.1999", "1999-12-31"),
        ("2020-02-29", "2020-02-29"),
        ("3. März 2015", "2015-03-03"),
        ("1er janvier 2020", "2020-01-01"),
        ("3 de mayo de 2001", "2001-05-03"),
        ("2019年7月31日", "2019-07-31"),
    ],
)
def test_dates_become_iso_days(text: str, value: str) -> None:
    assert [found.value for found in dates_in(text)] == [value]
    assert normalize_date(text, FIELD) == value


@pytest.mark.parametrize(
    "text", ["____ day of ______ 2013", "May 2001", "February 30, 2001", "Section 4.1.10", "1.2.99", "none", ""]
)
def test_incomplete_or_impossible_dates_are_none(text: str) -> None:
    assert list(dates_in(text)) == []


def test_dateparser_helps_with_other_languages() -> None:
    assert normalize_date("5 stycznia 2021", FIELD) == "2021-01-05"
    assert normalize_date("no date", FIELD) is None


def test_day_first_is_a_matter_of_the_language() -> None:
    assert [found.value for found in dates_in("3/4/2001")] == ["2001-03-04"]
    assert [found.value for found in find_dates(TextDocument("am 3/4/2001", "de"), FIELD)] == ["2001-04-03"]


@given(day=st.dates(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)), month=st.sampled_from(sorted(MONTHS)))
def test_written_dates_are_read_back(day: datetime.date, month: str) -> None:
    day = day.replace(month=MONTHS[month], day=min(day.day, 28))
    assert [found.value for found in dates_in(f"on {day.day} {month} {day.year}.")] == [day.isoformat()]
    assert [found.value for found in dates_in(f"on {day.isoformat()}.")] == [day.isoformat()]


@given(
    text=st.text(max_size=60)
    | st.lists(st.sampled_from(["May ", "3", "rd", " day of ", "2001", "/", "-", "twenty "]), max_size=9).map("".join)
)
def test_any_text_is_read_without_overlaps(text: str) -> None:
    end = 0
    for found in dates_in(text):
        assert end <= found.start < found.end <= len(text)
        datetime.date.fromisoformat(found.value)
        end = found.end


def test_cues_tell_the_date_of_the_agreement_from_others() -> None:
    text = "This Agreement is dated as of May 3, 2001 and amends the lease of June 1, 1999.\n\nSource: ACME, 10-K, 7/1/2001"
    found = {one.value: one for one in find_dates(TextDocument(text, "en"), FIELD)}
    assert "own_cue" in found["2001-05-03"].cue.split()
    assert found["2001-05-03"].confidence > found["1999-06-01"].confidence > 0
    assert "source_line" in found["2001-07-01"].cue.split()
