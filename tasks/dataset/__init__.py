"""From kept text to a dataset: pieces that fit the model, examples, splits without leaks, a card.

Never judges quality, and never writes a file that breaks a rule of the trainer.
"""
