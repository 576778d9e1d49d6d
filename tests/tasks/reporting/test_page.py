"""The page is whole, stands alone, escapes what others wrote, and its charts draw what they are given."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.reporting import charts
from tasks.reporting.facts import Books, FunnelStep, Histogram, RunFacts, RunSummary
from tasks.reporting.page import format_bytes, format_measure, format_seconds, headline, percent, render_page
from tests.tasks.reporting.a_summary import NASTY, make_summary, make_training

VOID = {"meta", "br", "link", "img", "hr", "input"}
amounts = st.integers(0, 10**6)
losses = st.lists(st.tuples(st.integers(0, 10**5), st.floats(0, 1e4)), max_size=20)


class Checker(HTMLParser):
    """Collects tags and refuses ones that are closed in the wrong order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def check(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    assert len(set(checker.ids)) == len(checker.ids)
    return checker


def test_the_page_is_well_formed_and_needs_nothing_else() -> None:
    page = render_page(make_summary())
    tags = check(page).tags
    assert tags.count("h1") == 1
    assert tags.count("table") == tags.count("caption") > 3
    assert {"script", "link", "img", "iframe"}.isdisjoint(tags)
    assert "http" not in page
    assert "url(" not in page


def test_every_chart_says_in_words_what_it_shows() -> None:
    page = render_page(make_summary())
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == 7
    for drawing in drawings:
        title = ElementTree.fromstring(drawing).find("title")
        assert title is not None
        assert title.text


def test_what_others_wrote_is_escaped() -> None:
    page = render_page(make_summary())
    assert "<script" not in page
    assert "<b>gauge" not in page
    assert "score <0.2>" not in page
    assert page.count("a&lt;script&gt;alert(") == 3
    assert NASTY not in page


def test_the_page_says_what_the_summary_says() -> None:
    page = render_page(make_summary())
    for words in ("100 = 90 + 6 + 3 + 1", "quality.score", "too low", "datasets/one", "adapters/one", "7.5 s", "412 MiB"):
        assert words in page
    assert "The starter model has random weights" in page
    assert "Trying again may help" in page
    assert "1 of them (25" in page  # the audit
    assert "3 documents of an uncertain score were looked at again" in page
    assert "2 that it would have let pass were refused" in page


def test_measured_on_training_examples_is_said_plainly() -> None:
    training = make_training(split="train", model="mlx-community/some-model")
    page = render_page(make_summary().model_copy(update={"training": training}))
    assert "measured on the training examples themselves" in page
    assert "random weights" not in page
    assert "on the training examples themselves fell" in headline(make_summary().model_copy(update={"training": training}))


def test_the_proof_and_the_decision_stand_on_the_page() -> None:
    page = render_page(make_summary())
    assert "from 12 documents" in page
    assert '5.5000 <span class="soft">(5.2500 to 5.7500)</span>' in page
    assert "-2.5000" in page
    assert "This adapter was not promoted: its gain &lt;may&gt; be chance." in page
    assert "Learning rate over 30 steps" in page
    assert "Largest memory so far in MiB over 30 steps" in page
    assert "1,400 tokens per second" in page
    kept = make_training().model_copy(update={"promoted": True, "decision": "it is better", "memory_curve": [], "rate_curve": []})
    page = render_page(make_summary().model_copy(update={"training": kept}))
    assert "This adapter is in use: it is better." in page
    assert "Learning rate" not in page


def test_a_run_without_documents_has_a_page_too() -> None:
    page = render_page(RunSummary(run=RunFacts(name="two"), training=make_training()))
    check(page)
    assert "Where documents ended" not in page
    assert "Loss over the training" in page


def test_a_run_that_kept_nothing_has_a_page_too() -> None:
    page = render_page(RunSummary(run=RunFacts(name="three"), books=Books(), scores=Histogram(kept=[0] * 20, ended=[0] * 20)))
    check(page)
    assert "No dataset was made" in page


def test_the_same_summary_gives_the_same_page() -> None:
    assert render_page(make_summary()) == render_page(make_summary())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=20))
def test_bars_stay_inside_the_drawing(pairs: list[tuple[int, int]]) -> None:
    steps = [FunnelStep(stage="s", entered=left + ended, left=left) for left, ended in pairs]
    scores = Histogram(kept=[left for left, _ in pairs], ended=[ended for _, ended in pairs])
    for drawing in (charts.funnel(steps), charts.histogram(scores)):
        height = float(ElementTree.fromstring(drawing).attrib["viewBox"].split()[3])
        for bar in ElementTree.fromstring(drawing).iter("rect"):
            x, y, width, tall = (float(bar.attrib[name]) for name in ("x", "y", "width", "height"))
            assert x >= 0
            assert width > 0
            assert x + width <= charts.WIDTH + 2
            assert y >= -2
            assert y + tall <= height + 2


@settings(max_examples=50, deadline=None)
@given(losses, losses)
def test_curves_stay_inside_the_drawing(training: list[tuple[int, float]], valid: list[tuple[int, float]]) -> None:
    drawing = charts.loss_curve(sorted(training), sorted(valid))
    if not drawing:
        assert not training
        assert not valid
        return
    for line in ElementTree.fromstring(drawing).iter("polyline"):
        for point in line.attrib["points"].split():
            x, y = (float(value) for value in point.split(","))
            assert 0 <= x <= charts.WIDTH
            assert 0 <= y <= 230


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1e6), st.floats(0, 1e6), st.booleans())
def test_ticks_enclose_the_values(low: float, more: float, whole: bool) -> None:
    ticks = charts.nice_ticks(low, low + more, whole)
    assert ticks == sorted(set(ticks))
    assert 2 <= len(ticks) <= 12
    tolerance = 1e-6 * max(1.0, low + more)
    assert ticks[0] <= low + tolerance
    assert ticks[-1] >= low + more - tolerance


def test_a_strip_leaves_out_what_is_not_there() -> None:
    drawing = charts.verdict_strip([("kept", 3, "kept"), ("failed", 0, "failed")])
    assert drawing.count("<rect") == 1
    assert charts.verdict_strip([("kept", 0, "kept")]) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.0004, "0.4 ms"),
        (0.04, "40 ms"),
        (8.31, "8.3 s"),
        (59.97, "1 min 00 s"),
        (250, "4 min 10 s"),
        (7500, "2 h 05 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert format_seconds(seconds) == words


def test_sizes_shares_and_measures() -> None:
    assert [format_bytes(size) for size in (0, 817, 3277, 2**20 * 200, 2**50)] == [
        "0 B",
        "817 B",
        "3.2 KiB",
        "200 MiB",
        "1024.0 TiB",
    ]
    assert [percent(share).replace("\N{NO-BREAK SPACE}", " ") for share in (0, 0.034, 0.5)] == ["0 %", "3.4 %", "50 %"]
    assert format_measure(412.0, "worker_peak_mib") == "412 MiB"
    assert format_measure(3.0, "work_seconds") == "3.0 s"
    assert format_measure(0.5, "busy_share").startswith("50")
    assert format_measure(1234.0, "things") == "1,234"
