"""The stages of the line, one room each, and the shared rooms below them (storage, runtime)."""
