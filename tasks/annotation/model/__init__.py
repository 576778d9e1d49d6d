"""The LangExtract leg: providers, constrained decoding, prompts, salvage and grounding."""
