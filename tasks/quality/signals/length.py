"""How much text there is."""

from tasks.quality.text_view import TextView, split_words


def measure_length(view: TextView) -> dict[str, float]:
    """length.words: words of prose, table cells and code. length.characters: characters of the same without line ends.

    Source: Gopher (arXiv 2112.11446), appendix A.1, which refuses documents under 50 and over 100,000 words.
    """
    code_words = sum(len(split_words(line)) for line in view.code)
    characters = sum(len(line) for part in (view.lines, view.cells, view.code) for line in part)
    return {"length.words": float(len(view.words) + code_words), "length.characters": float(characters)}
