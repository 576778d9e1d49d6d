"""What became of every document, and the page that says so: the books, the summary, the report.

Never decides about a document: verdicts follow from the reasons that earlier stages wrote.
"""
