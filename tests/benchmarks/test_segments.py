"""The metric of main content."""

from benchmarks.metrics.segments import SegmentCounts, count_segments


def test_segments_are_found_whatever_the_white_space() -> None:
    counts = count_segments("one\n two three", ["one two", "four"], ["three", "five"])
    assert counts == SegmentCounts(true_positives=1, false_negatives=1, false_positives=1)
    assert counts.f1 == 0.5


def test_counts_add_up_before_f1_is_taken() -> None:
    total = count_segments("a", ["a"], []) + count_segments("", ["b"], [])
    assert total == SegmentCounts(1, 1, 0)
    assert SegmentCounts().f1 == 0
