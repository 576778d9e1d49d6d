"""Cleans extracted text: Unicode, hyphenation, running headers, page numbers, whitespace; tables, code and lists survive.

Never judges whether a text is worth keeping.
"""
