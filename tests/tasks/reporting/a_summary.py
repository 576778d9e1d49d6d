"""A summary with something in every place, for tests that look at what is made of it."""

from tasks.reporting.facts import (
    AuditFacts,
    Books,
    ClusterFacts,
    DatasetFacts,
    FormatCount,
    FunnelStep,
    Histogram,
    LanguageCount,
    LeftOutFacts,
    LostDocument,
    MeasureFacts,
    PrivacyFacts,
    ReasonCount,
    RepetitionFacts,
    RunFacts,
    RunSummary,
    SampleFacts,
    SavedFacts,
    SecondFacts,
    ThresholdFacts,
    Throughput,
    TrainingFacts,
)

NASTY = "a<script>alert('x')</script>&.pdf"


def make_training(split: str = "test", model: str = "starter") -> TrainingFacts:
    """A training that went well."""
    return TrainingFacts(
        model=model,
        from_scratch=model == "starter",
        split=split,
        loss_before=8.0,
        loss_after=5.5,
        perplexity_before=2980.9,
        perplexity_after=244.7,
        measured_tokens=4000,
        measured_documents=12,
        measures=[
            MeasureFacts(
                words="Loss, nats per token",
                digits=4,
                before=8.0,
                after=5.5,
                before_interval=(7.9, 8.1),
                after_interval=(5.25, 5.75),
            ),
            MeasureFacts(words="Perplexity", digits=2, before=2980.9, after=244.7),
        ],
        steps=30,
        epochs=1.5,
        trained_tokens=64_000,
        trainable_parameters=123_456,
        curve=[(1, 8.0), (15, 6.5), (30, 5.5)],
        valid_curve=[(1, 8.1), (30, 5.6)],
        rate_curve=[(1, 1e-4), (30, 1e-5)],
        memory_curve=[(1, 100.0), (30, 130.5)],
        tokens_per_second=1400.5,
        samples=[SampleFacts(prompt="The <b>gauge</b>", before="zzz", after="hangs")],
        seconds=12.5,
        digest="cd" * 32,
        folder="adapters/one",
        promoted=False,
        decision="its gain <may> be chance",
    )


def make_summary() -> RunSummary:
    """A run over 100 documents."""
    reasons = [
        ReasonCount(
            code="quality.score", verdict="rejected", count=5, meaning="too low", transient=False, examples=["one.txt", NASTY]
        ),
        ReasonCount(code="extraction.timeout", verdict="failed", count=1, meaning="too slow", transient=True, examples=["b.pdf"]),
    ]
    return RunSummary(
        run=RunFacts(
            name="2026-01-02T030405-nightly",
            flow="nightly",
            message="adapter trained",
            started="2026-01-02 03:04",
            seconds=99.0,
            sources=["/documents"],
            machine={"Machine": "a machine"},
            measures={"worker_peak_mib": 412.0, "work_seconds": 3.0},
        ),
        books=Books(inputs=100, kept=90, rejected=6, failed=1, duplicate=3, aliases=2, ignored=1, source_missing=1, bytes=10**6),
        funnel=[FunnelStep(stage="extraction", entered=100, left=99), FunnelStep(stage="quality", entered=99, left=93)],
        reasons=reasons,
        formats=[FormatCount(format="pdf", documents=100, kept=90, bytes=10**6, seconds=0.02)],
        scores=Histogram(kept=[0] * 19 + [90], ended=[3] + [0] * 19),
        throughput=[
            Throughput(stage="extraction", documents=100, seconds=4.0, documents_per_second=25.0, peak_mib=300.0, cached=False),
            Throughput(stage="chunks", documents=93, seconds=0.0, documents_per_second=None, peak_mib=None, cached=True),
        ],
        saved_seconds=7.5,
        saved=[SavedFacts(stage="chunks", documents=7, seconds=7.5)],
        lost=[LostDocument(path=NASTY, format="pdf", verdict="rejected", reason="quality.score", detail="score <0.2>")],
        lost_total=10,
        audit=AuditFacts(audited=4, would_pass=1, low=0.05, high=0.7, mean_score=0.3),
        second=SecondFacts(looked_at=3, brought_back=1, refused=2),
        thresholds=[ThresholdFacts(min_score=0.5, kept=80)],
        languages=[LanguageCount(language="en", documents=99, kept=90), LanguageCount(language="und", documents=1, kept=0)],
        privacy=[PrivacyFacts(type="email", findings=12, documents=3)],
        masked=2,
        clusters=[ClusterFacts(survivor=NASTY, members=["b.pdf"], size=9, similarity=0.91)],
        clusters_total=1,
        repetition=RepetitionFacts(paragraphs=2, places=14),
        left_out=[LeftOutFacts(reason="dataset.contaminated", detail="exam.jsonl", examples=4, documents=2)],
        dataset=DatasetFacts(
            examples={"train": 200, "test": 10}, tokens={"train": 60_000, "test": 4000}, digest="ab" * 32, folder="datasets/one"
        ),
        training=make_training(),
    )
