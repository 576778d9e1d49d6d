"""The LangExtract leg: a language model as a source of candidates.

leg.py is the source. It cuts a document (chunks), asks through LangExtract with care for all that can go wrong (asking, salvage,
budget, memo), and finds the place of each value by itself (grounding). Who answers, settings say: a model on this machine
(provider, on decoding and grammar), or a server (remote). exchange.py speaks LangExtract's formats and needs no model.
"""
