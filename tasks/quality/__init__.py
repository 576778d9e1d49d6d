"""Measures signals of a text, then decides by gates: signals are stored, decisions derived, so a threshold can be re-tuned.

Never changes a text and never compares two documents.
"""
