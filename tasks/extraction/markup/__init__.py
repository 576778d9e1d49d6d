"""What the readers of markup languages share: the document being converted, and trees of XML and XHTML.

Tables of symbols and inline markup of one language stand here too, apart from its reader.
"""
