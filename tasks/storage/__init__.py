"""Where datasets live: schemas, references, atomic writes and the cache policy.

Never knows what a stage does with its rows.
"""
