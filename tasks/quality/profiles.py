"""Thresholds of the gates per kind of documents. None: the gate is off.

The published thresholds were tuned for web pages and refuse most technical and business documents (on 1,143 technical texts a
library's own Gopher filter keeps 2 %). `web` has them as they are published; the others say where and why they differ.
"""

from typing import Literal

ProfileName = Literal["office", "web", "code", "strict"]
Thresholds = dict[str, float | None]

WEB: Thresholds = {
    # Gopher (arXiv 2112.11446), appendix A.1
    "min_words": 50,
    "max_words": 100_000,
    "min_mean_word_length": 3,
    "max_mean_word_length": 10,
    "max_symbols_per_word": 0.1,
    "max_bullet_lines": 0.9,
    "max_ellipsis_lines": 0.3,
    "min_alpha_words": 0.8,
    "min_stop_words": 2,
    # Gopher, Table A1
    "max_dup_line": 0.3,
    "max_dup_para": 0.3,
    "max_dup_line_chars": 0.2,
    "max_dup_para_chars": 0.2,
    "max_top_2": 0.20,
    "max_top_3": 0.18,
    "max_top_4": 0.16,
    "max_dup_5": 0.15,
    "max_dup_6": 0.14,
    "max_dup_7": 0.13,
    "max_dup_8": 0.12,
    "max_dup_9": 0.11,
    "max_dup_10": 0.10,
    # C4 (arXiv 1910.10683) refuses a page for a single mention; shares of the text are measured here
    "max_lorem_share": 0.0,
    "max_policy_share": 0.3,
    # FineWeb (arXiv 2406.17557), section 3.6; the paper's 0.1 for repeated lines, not the 0.01 of its code
    "min_line_punct": 0.12,
    "max_short_lines": 0.67,
    "max_fineweb_dup_line_chars": 0.1,
    "max_newlines_per_word": 0.3,
    # doctune's own
    "max_symbols": 0.3,
    "min_score": 0.5,
}

OFFICE: Thresholds = {
    **WEB,
    "min_words": 30,  # a short memo has 40 words, a page of links fewer than 30
    "max_words": None,
    "min_mean_word_length": 2.5,
    "max_mean_word_length": 15,  # FineWeb-2 for German
    "max_bullet_lines": 0.97,  # slides are bullets
    "min_alpha_words": 0.3,  # tables of figures
    "min_stop_words": 1,
    "max_dup_line": 0.5,  # forms and schedules repeat lines
    "max_dup_para": 0.5,
    "max_dup_line_chars": 0.3,
    "max_dup_para_chars": 0.3,
    "max_dup_5": 0.50,  # contracts, patents and manuals repeat phrases
    "max_dup_6": 0.48,
    "max_dup_7": 0.46,
    "max_dup_8": 0.44,
    "max_dup_9": 0.42,
    "max_dup_10": 0.40,
    "max_lorem_share": 0.3,  # a document may mention it
    "max_policy_share": 0.5,
    "min_line_punct": None,  # headings, lists and forms have no full stops
    "max_short_lines": 0.9,
    "max_fineweb_dup_line_chars": None,
    "max_newlines_per_word": None,
    "min_score": 0.3,
}

CODE: Thresholds = {
    **OFFICE,
    "min_words": 10,
    "max_mean_word_length": 25,  # names of functions, paths
    "max_symbols_per_word": 0.3,  # comments begin with a hash
    "min_alpha_words": 0.2,
    "min_stop_words": None,
    "max_symbols": 0.5,
    "max_dup_line": 0.7,  # closing brackets, imports
    "max_dup_line_chars": 0.5,
    "max_short_lines": None,
    "max_dup_5": 0.7,
    "max_dup_6": 0.68,
    "max_dup_7": 0.66,
    "max_dup_8": 0.64,
    "max_dup_9": 0.62,
    "max_dup_10": 0.6,
    "min_score": None,  # the score was learned from prose
}

STRICT: Thresholds = {
    **OFFICE,
    "min_words": 50,
    "max_words": 100_000,
    "min_mean_word_length": 3,
    "max_mean_word_length": 12,
    "max_bullet_lines": 0.9,
    "min_alpha_words": 0.6,
    "min_stop_words": 2,
    "max_dup_line": 0.3,
    "max_dup_para": 0.3,
    "max_dup_line_chars": 0.2,
    "max_dup_para_chars": 0.2,
    "max_dup_5": 0.25,
    "max_dup_6": 0.24,
    "max_dup_7": 0.23,
    "max_dup_8": 0.22,
    "max_dup_9": 0.21,
    "max_dup_10": 0.20,
    "max_lorem_share": 0.1,
    "max_policy_share": 0.2,
    "max_symbols": 0.2,
    "max_short_lines": 0.67,
    "max_newlines_per_word": 0.3,
    "min_score": 0.7,
}

PROFILES: dict[str, Thresholds] = {"office": OFFICE, "web": WEB, "code": CODE, "strict": STRICT}
