"""Thresholds per profile: one number for each setting of tasks/quality/settings.py; None switches its gate off.

Published thresholds were tuned for web pages and refuse most technical and business documents (on 1,143 technical texts a
library's own Gopher filter keeps 2 %). A comment says where and why a number differs from its source.
"""

from collections.abc import Mapping
from types import MappingProxyType

# As published: Gopher (arXiv 2112.11446), A.1 and Table A1; C4 (arXiv 1910.10683); FineWeb (arXiv 2406.17557), 3.6.
_PUBLISHED: dict[str, float | None] = {
    "min_words": 50,
    "max_words": 100_000,
    "max_lorem_share": 0.0,  # C4 drops a page that holds the words "lorem ipsum"
    "min_sentences": 5,  # the paper's; 3 in the reference code
    "max_curly_lines": 0.0,
    # C4 drops such lines, not the document, so there is no published share; mC4's three long lines refuse every list.
    "max_open_lines": None,
    "max_few_word_lines": None,
    "max_long_word_lines": None,
    "max_javascript_lines": None,
    "min_paragraphs": None,
    "min_alpha_words": 0.8,
    "min_mean_word_length": 3,
    "max_mean_word_length": 10,
    "max_hashes_per_word": 0.1,
    "max_ellipses_per_word": 0.1,
    "max_ellipsis_lines": 0.3,
    "max_bullet_lines": 0.9,
    "max_short_lines": 0.67,
    "min_line_punct": 0.12,
    "max_fineweb_dup_line_chars": 0.1,  # the paper's; datatrove's default is 0.01, for FineWeb-2 it took 0.1
    "max_newlines_per_word": 0.3,  # datatrove's code only
    "max_dup_line": 0.3,
    "max_dup_para": 0.3,
    "max_dup_line_chars": 0.2,
    "max_dup_para_chars": 0.2,
    "max_top_2_gram": 0.20,
    "max_top_3_gram": 0.18,
    "max_top_4_gram": 0.16,
    "max_dup_5_gram": 0.15,
    "max_dup_6_gram": 0.14,
    "max_dup_7_gram": 0.13,
    "max_dup_8_gram": 0.12,
    "max_dup_9_gram": 0.11,
    "max_dup_10_gram": 0.10,
    "min_stop_words": 2,
}

# Our own rules, which have no published threshold.
_OWN: dict[str, float | None] = {
    "max_policy_share": 0.5,  # C4 drops the lines, not the document
    "max_symbols": 0.3,
    "max_boilerplate": 0.6,
    "max_table_words": None,  # a report may be all tables; the figures in them decide
    "max_figures": 0.7,
    "max_placeholders": 0.2,
    "max_machine_lines": 0.7,
    "max_navigation": 0.8,
    "max_code": 0.8,
    "max_garbage_words": 0.25,
    "max_encoding_damage": 20,
    "min_score": 0.5,  # of labelled web pages, this rejects 2 % of the natural ones and 21 % of the others
}

_OFFICE: dict[str, float | None] = {
    **_PUBLISHED,
    **_OWN,
    "min_words": 30,  # a short memo has 40 words, a page of links fewer than 30
    "max_words": None,  # a long manual is no worse for its length
    "max_lorem_share": 0.3,  # a document about layout may mention the words
    "min_sentences": None,  # forms, slides and lists have few
    "max_curly_lines": None,  # 28 % of technical documents hold one
    "min_alpha_words": 0.3,  # tables of figures have few words with a letter
    "min_mean_word_length": 2.5,
    "max_mean_word_length": 15,  # FineWeb-2 for German
    "max_bullet_lines": 0.97,  # slides
    "max_short_lines": 0.9,  # slides, forms, agendas
    "min_line_punct": None,  # headings, tables and lists do not end like sentences
    "max_fineweb_dup_line_chars": None,  # gopher.dup_line_chars says the same with a bound for office documents
    "max_newlines_per_word": None,  # forms and agendas
    "max_dup_line": 0.5,  # forms repeat their labels
    "max_dup_para": 0.5,
    "max_dup_line_chars": 0.3,
    "max_dup_para_chars": 0.3,
    # Contracts, patents and manuals repeat their phrases.
    "max_dup_5_gram": 0.50,
    "max_dup_6_gram": 0.48,
    "max_dup_7_gram": 0.46,
    "max_dup_8_gram": 0.44,
    "max_dup_9_gram": 0.42,
    "max_dup_10_gram": 0.40,
    "min_score": 0.1,  # it was fitted to web pages: a list of products or a form may have little of what these have
    "min_stop_words": 1,  # lists and tables of names
}

# Source code and technical documentation: names joined by dots and underscores, short lines, repeated blocks.
_CODE: dict[str, float | None] = {
    **_OFFICE,
    "min_words": 20,
    "max_policy_share": None,  # "javascript" is a word of the trade here
    "max_symbols": 0.5,
    "min_mean_word_length": 2,
    "max_mean_word_length": 25,
    "max_hashes_per_word": None,  # comments
    "max_ellipses_per_word": None,  # placeholders in signatures
    "max_ellipsis_lines": None,
    "max_bullet_lines": None,  # references of an interface
    "max_short_lines": None,
    "max_dup_line": 0.7,
    "max_dup_para": 0.7,
    "max_dup_line_chars": 0.5,
    "max_dup_para_chars": 0.5,
    "max_top_2_gram": 0.30,
    "max_top_3_gram": 0.28,
    "max_top_4_gram": 0.26,
    "max_dup_5_gram": 0.70,
    "max_dup_6_gram": 0.68,
    "max_dup_7_gram": 0.66,
    "max_dup_8_gram": 0.64,
    "max_dup_9_gram": 0.62,
    "max_dup_10_gram": 0.60,
    "min_stop_words": None,
    "max_placeholders": None,  # "<name>" and "{{name}}" are syntax
    "max_navigation": None,  # lists of functions
    "max_code": None,
    "max_garbage_words": None,  # identifiers
    "min_score": None,  # it was fitted to what people call natural text, which source code is not
}

# For a small set of good prose: published thresholds where an office document can meet them.
_STRICT: dict[str, float | None] = {
    **_PUBLISHED,
    **_OWN,
    "max_policy_share": 0.2,
    "max_symbols": 0.15,
    "min_sentences": None,
    "max_curly_lines": None,
    "min_alpha_words": 0.7,  # FineWeb-2 for Russian and German: 0.71 and 0.77
    "max_mean_word_length": 12,  # German compounds
    "max_dup_5_gram": 0.30,  # contracts
    "max_dup_6_gram": 0.28,
    "max_dup_7_gram": 0.26,
    "max_dup_8_gram": 0.24,
    "max_dup_9_gram": 0.22,
    "max_dup_10_gram": 0.20,
    "max_boilerplate": 0.3,
    "max_table_words": 0.7,
    "max_figures": 0.4,
    "max_placeholders": 0.05,
    "max_machine_lines": 0.3,
    "max_navigation": 0.5,
    "max_code": 0.4,
    "max_garbage_words": 0.1,
    "max_encoding_damage": 2,
    "min_score": 0.6,
}

PROFILES: Mapping[str, Mapping[str, float | None]] = MappingProxyType(
    {
        "office": MappingProxyType(_OFFICE),
        "web": MappingProxyType({**_PUBLISHED, **_OWN}),
        "code": MappingProxyType(_CODE),
        "strict": MappingProxyType(_STRICT),
    }
)
