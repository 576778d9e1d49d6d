"""What is there: walk the sources, hash files, fold byte-identical copies into one document, cut shards.

Never looks inside a document.
"""
