"""The text of a document as Markdown: a registry of readers, one per format, each imported when it is needed.

Never cleans or judges the text, and never recognizes characters in images.
"""
