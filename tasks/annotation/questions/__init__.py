"""Questions with their answers, written by the model of the settings about passages of a text. Off until asked for.

`passages` chooses what is asked about, `prompt` says what the model is told, `faithfulness` refuses what does not hold, and
`generator` puts them together. Nothing that a model wrote is kept unchecked.
"""
