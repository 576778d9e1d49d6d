"""What stands in a text: fields of a schema, each with the exact place of its value.

Sources propose candidates, a ranker scores them, reconciliation decides per document. LangExtract is one of the sources, and the
format in which annotations leave. Importing this room costs nothing; a model is loaded on the first document that needs it.
"""
