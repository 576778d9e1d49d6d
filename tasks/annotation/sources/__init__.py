"""Sources of candidates: each proposes places in a text for the fields of a schema."""
