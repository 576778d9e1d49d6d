"""Finds documents whose text is the same or nearly the same, and picks the one of each cluster that stays.

Never looks at the bytes of files (inventory does) and never changes a text.
"""
