"""The second stage: texts of an uncertain score are looked at again, by what a local model makes of their words.

It never looks at a text whose score is sure, and never loads a model in the process of a flow.
"""
