"""Made tokenizer.json, the tokenizer of the starter model, from words.txt. Run it only to make another one:

    python tasks/finetuning/starter_files/make_tokenizer.py

The result is committed, because the tokenizer must be the same everywhere and training breaks ties as it likes.
"""

from pathlib import Path

HERE = Path(__file__).parent
VOCABULARY = 2048
SPECIAL = ["<|endoftext|>", "<|pad|>"]
WEIGHT = {"english": 3000, "german": 600, "french": 500}  # occurrences of the commonest word; the n-th occurs 1/n as often
FEWEST = 3  # occurrences of the rarest word
MARKUP = [
    "# ",
    "## ",
    "### ",
    "- ",
    "* ",
    "1. ",
    "2. ",
    "| ",
    " | ",
    "|---|---|",
    "**",
    "```",
    "http://",
    "https://",
    "www.",
    "...",
    " — ",
]


def corpus() -> list[str]:
    """Each word as often as its rank says (Zipf), within a sentence, at the start of one, and in capitals now and then."""
    texts: list[str] = []
    weight = 0
    before = 0  # words of this language on earlier lines
    for line in (HERE / "words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            weight, before = WEIGHT[line.strip("[]")], 0
        elif not line.startswith("#"):
            for rank, word in enumerate(line.split(), before + 1):
                times = max(FEWEST, weight // rank)
                texts += [f" {word}"] * times + [word.capitalize(), f" {word.capitalize()}"] * max(1, times // 8)
            before += len(line.split())
    texts += [mark for mark in MARKUP for _ in range(50)]
    texts += [f" {number}" for number in range(100) for _ in range(3)] + [f" {year}" for year in range(1990, 2035)] * 2
    return texts


def main() -> None:
    """Train and write."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.save(str(HERE / "tokenizer.json"), pretty=False)


if __name__ == "__main__":
    main()
