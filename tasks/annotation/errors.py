"""What can go wrong before any text is annotated, in words that say what to do."""


class AnnotationError(RuntimeError):
    """Anything below, for callers that treat all alike."""


class SchemaError(AnnotationError):
    """An annotation schema cannot be read, or breaks a rule; the message names file and field."""


class LabelError(AnnotationError):
    """Labels cannot be read, or are too few to learn from; the message names file and line."""
