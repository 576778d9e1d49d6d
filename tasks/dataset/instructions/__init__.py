"""Examples with a question and an answer, made by rules from what stands in a document. No model writes any of it, but for the
questions of kind `generated`, which the annotation's model wrote where a user asked for them.

A maker (one module per kind) `make`s drafts from the material of a document part; `fitting` brings a draft to the model's
length, `chat` renders it as the model expects, `grounding` refuses whatever does not stand in its source.
"""
