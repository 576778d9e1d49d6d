"""What the PDF reader is made of: the document under pdfium, the look at each page, the engines, the router, the repairs."""
