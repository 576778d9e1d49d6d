"""Where datasets live: schemas, references, atomic writes and the cache policy; and what several stages must know of foreign
files (encodings, compound files, mail headers), which none may learn from another.

Never knows what a stage does with its rows.
"""
