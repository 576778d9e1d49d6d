"""Which formats have lines that end where the paper does, and not where a paragraph does."""

PRINTED = frozenset({"pdf", "png", "jpeg", "tiff", "bmp", "gif", "webp", "jp2"})  # the text is what stands on a page
TYPED = frozenset({"text", "eml", "msg", "mbox"})  # the text may be wrapped at a width, by a person or a program
