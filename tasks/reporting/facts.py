"""What a report states, as plain data: the page, the Prefect artifacts and summary.json all show this and nothing else."""

from pydantic import BaseModel, ConfigDict, Field


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class RunFacts(_Facts):
    """What only the flow knows about its run.

    started: local time. seconds: wall time of the run. Both are empty when they are not known. sources: what was read.
    machine: label -> value, for people. stage_seconds: stage -> wall seconds of the tasks that were computed in this run, which
    overlap; a stage that is absent came from the cache. measures: by name, with the unit in it.
    """

    name: str
    flow: str = ""
    outcome: str = "Completed"
    message: str = ""
    started: str = ""
    seconds: float = 0.0
    sources: list[str] = Field(default_factory=list)
    machine: dict[str, str] = Field(default_factory=dict)
    stage_seconds: dict[str, float] = Field(default_factory=dict)
    measures: dict[str, float] = Field(default_factory=dict)


class Books(_Facts):
    """Counts of documents. inputs == kept + rejected + failed + duplicate. aliases: byte-identical copies, files beyond the
    inputs. ignored: files that the settings pass over by name. source_missing: known from before, gone now. containers: archives
    whose members are documents of their own, and which are no inputs themselves."""

    inputs: int = 0
    kept: int = 0
    rejected: int = 0
    failed: int = 0
    duplicate: int = 0
    aliases: int = 0
    ignored: int = 0
    source_missing: int = 0
    containers: int = 0
    bytes: int = 0


class FunnelStep(_Facts):
    """How many documents entered a stage and how many left it for the next."""

    stage: str
    entered: int
    left: int


class ReasonCount(_Facts):
    """A reason, how often it was given, what it means, and a few documents (short paths) that got it."""

    code: str
    verdict: str
    count: int
    meaning: str
    transient: bool
    examples: list[str]


class ReasonExample(_Facts):
    """A document that got a reason. judged: each of its values beside what was asked of it, and whether that decided."""

    path: str
    format: str | None
    bytes: int
    detail: str | None
    language: str | None
    score: float | None
    judged: list[tuple[str, bool]]


class ReasonPage(_Facts):
    """The page of one reason. asks: what its gates ask for, in words."""

    reason: ReasonCount
    examples: list[ReasonExample]
    asks: list[str]


class FormatCount(_Facts):
    """What became of the documents of one format. seconds: mean work per document."""

    format: str
    documents: int
    kept: int
    bytes: int
    seconds: float


class Throughput(_Facts):
    """What a stage's document work costs. seconds: sum over documents, in workers, when last computed. peak_mib: the largest
    worker, None where it is not known. cached: nothing of it was computed in this run."""

    stage: str
    documents: int
    seconds: float
    documents_per_second: float | None
    peak_mib: float | None
    cached: bool


class Histogram(_Facts):
    """Quality scores: equal bins over [0, 1], the last one closed. kept and ended: documents per bin."""

    kept: list[int]
    ended: list[int]


class LostDocument(_Facts):
    """A document that was not kept. path: below its source. detail: with documents named by path."""

    path: str
    format: str | None
    verdict: str
    reason: str
    detail: str | None


class AuditFacts(_Facts):
    """The audit sample: rejected documents that were measured to the end. would_pass: of these, the ones that no other gate
    rejects, not even the score: an estimate of false rejections. low, high: 95 % interval of their share (Wilson 1927).
    mean_score: mean probability that a person would call an audited text natural; None when none was scored."""

    audited: int
    would_pass: int
    low: float
    high: float
    mean_score: float | None


class SecondFacts(_Facts):
    """What the second stage did. looked_at: documents of an uncertain score. Of these, brought_back: the score alone would have
    refused them; refused: the score alone would have let them pass."""

    looked_at: int
    brought_back: int
    refused: int


class SavedFacts(_Facts):
    """Work of one stage that was not done. documents: those that ended before it. seconds: their number times the median cost for
    their format."""

    stage: str
    documents: int
    seconds: float


class ThresholdFacts(_Facts):
    """What another lowest score would have kept, of the documents that no other gate rejected."""

    min_score: float
    kept: int


class LanguageCount(_Facts):
    """Documents in a language (ISO 639-1, "und" for too little text)."""

    language: str
    documents: int
    kept: int


class PrivacyFacts(_Facts):
    """Personal data or secrets of one type in kept texts: how many places, in how many documents."""

    type: str
    findings: int
    documents: int


class ClusterFacts(_Facts):
    """Texts that are copies of each other. survivor, members: short paths. similarity: the smallest of the members' with the one
    most like it; None for exact copies alone."""

    survivor: str
    members: list[str]
    size: int
    similarity: float | None


class RepetitionFacts(_Facts):
    """Paragraphs that stand in many documents. paragraphs: different ones. places: where they stand."""

    paragraphs: int
    places: int


class FieldFacts(_Facts):
    """How often a field was found, and in how many documents. No values: many are personal."""

    schema_name: str
    field: str
    values: int
    documents: int


class ViewerFacts(_Facts):
    """A page that shows the fields of a document in its text. page: relative to the report's folder."""

    path: str
    page: str


class AnnotationFacts(_Facts):
    """What annotation found. documents: that were annotated. empty: of these, the ones in which no field was found. failed: that
    could not be annotated. failed_chunks, chunks: pieces of text that a model failed on, and all that it was given.

    questions: that a model wrote and that were kept. refused_questions: reason -> those that were not. failed_questions: requests
    for questions, or for an answer to one, that the model failed on.
    """

    documents: int
    empty: int
    failed: int
    chunks: int
    failed_chunks: int
    ungrounded: int
    schemas: dict[str, int]
    fields: list[FieldFacts]
    questions: int = 0
    refused_questions: dict[str, int] = Field(default_factory=dict)
    failed_questions: int = 0
    viewers: list[ViewerFacts] = Field(default_factory=list)


class LeftOutFacts(_Facts):
    """Examples left out of the dataset for one reason. detail: which evaluation file."""

    reason: str
    detail: str
    examples: int
    documents: int


class DatasetFacts(_Facts):
    """The dataset: examples and tokens per split, and the folder."""

    examples: dict[str, int]
    tokens: dict[str, int]
    digest: str
    folder: str


class SampleFacts(_Facts):
    """A text continued before and after the training."""

    prompt: str
    before: str
    after: str


class MeasureFacts(_Facts):
    """A number before and after the training, with 95 % intervals (low, high) where there are some. words: what it is."""

    words: str
    digits: int
    before: float
    after: float
    before_interval: tuple[float, float] | None = None
    after_interval: tuple[float, float] | None = None


class TrainingFacts(_Facts):
    """The adapter. split: where losses were measured; "train" means that nothing was held out. losses in nats per token.

    curve, valid_curve: (step, loss). rate_curve: (step, learning rate). memory_curve: (step, most MiB so far).
    tokens_per_second: of the fastest stretch. promoted: it is in use after the run; decision: why, or why not; None when unknown.
    seconds: wall time, None when the adapter came from an earlier run.
    from_scratch: the base model has random weights (the starter).
    """

    model: str
    from_scratch: bool
    split: str
    loss_before: float
    loss_after: float
    perplexity_before: float
    perplexity_after: float
    measured_tokens: int
    measured_documents: int | None = None
    measures: list[MeasureFacts] = []
    steps: int
    epochs: float
    trained_tokens: int
    trainable_parameters: int
    curve: list[tuple[int, float]]
    valid_curve: list[tuple[int, float]]
    rate_curve: list[tuple[int, float]] = []
    memory_curve: list[tuple[int, float]] = []
    tokens_per_second: float | None = None
    samples: list[SampleFacts]
    seconds: float | None
    digest: str
    folder: str
    promoted: bool | None = None
    decision: str | None = None


class GapFacts(_Facts):
    """What is missing from documents that were read. pages: pages that could not be read, of `incomplete` documents. flagged:
    documents in which a step of cleaning was left undone because it would have removed too much."""

    pages: int = 0
    incomplete: int = 0
    flagged: int = 0


class RunSummary(_Facts):
    """Everything that the report of a run states. books: None for a run that read no documents, and all that counts documents
    is empty then. lost_total: documents not kept; `lost` holds the first of them.

    saved_seconds, saved per stage: work not done on documents that ended early, at the median cost for their format.
    """

    run: RunFacts
    books: Books | None = None
    funnel: list[FunnelStep] = Field(default_factory=list)
    reasons: list[ReasonCount] = Field(default_factory=list)
    formats: list[FormatCount] = Field(default_factory=list)
    scores: Histogram | None = None
    throughput: list[Throughput] = Field(default_factory=list)
    saved_seconds: float = 0.0
    saved: list[SavedFacts] = Field(default_factory=list)
    lost: list[LostDocument] = Field(default_factory=list)
    lost_total: int = 0
    gaps: GapFacts = Field(default_factory=GapFacts)
    audit: AuditFacts | None = None
    second: SecondFacts | None = None
    thresholds: list[ThresholdFacts] = Field(default_factory=list)
    languages: list[LanguageCount] = Field(default_factory=list)
    privacy: list[PrivacyFacts] = Field(default_factory=list)
    masked: int = 0
    clusters: list[ClusterFacts] = Field(default_factory=list)
    clusters_total: int = 0
    repetition: RepetitionFacts | None = None
    annotation: AnnotationFacts | None = None
    left_out: list[LeftOutFacts] = Field(default_factory=list)
    dataset: DatasetFacts | None = None
    training: TrainingFacts | None = None
