"""What can go wrong before any text is annotated, in words that say what to do."""


class AnnotationError(RuntimeError):
    """Anything below, for callers that treat all alike."""


class SchemaError(AnnotationError, ValueError):
    """An annotation schema cannot be read, or breaks a rule; the message names file and field."""
