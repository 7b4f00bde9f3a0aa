"""Trains the testbed's byte-level BPE tokenizer and writes it in Hugging Face format.

One JSON object on stdin:
    corpusFile  text file, one training text a line
    outDir      folder to write tokenizer.json, tokenizer_config.json and special_tokens_map.json to
    vocabSize   size of the vocabulary, specials, units and the 256 bytes included
    specials    {pad, bos, eos, others: [...]}: ids 0, 1, 2, ... in this order
    units       texts that are one token but not special
    split       regular expression of the pieces that merges may not cross
One JSON object on stdout: {vocabSize}. Equal input gives equal files.
"""

import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers


def main() -> None:
    job = json.load(sys.stdin)
    specials = job["specials"]
    special_texts = [specials["pad"], specials["bos"], specials["eos"], *specials["others"]]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(job["split"]), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        # Units get their ids after training: they are matched in the text, not merged.
        vocab_size=job["vocabSize"] - len(job["units"]),
        special_tokens=special_texts,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    corpus = Path(job["corpusFile"]).read_text(encoding="utf-8").splitlines()
    for unit in job["units"]:
        corpus = [piece for line in corpus for piece in line.split(unit)]
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_tokens([AddedToken(unit, normalized=False, special=False) for unit in job["units"]])
    if tokenizer.get_vocab_size() != job["vocabSize"]:
        sys.exit(
            f"the corpus has merges for {tokenizer.get_vocab_size()} tokens only, {job['vocabSize']} were asked for: "
            "give a larger corpus or a smaller vocabSize"
        )
    out = Path(job["outDir"])
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(out / "tokenizer.json"))
    named = {f"{name}_token": specials[name] for name in ("pad", "bos", "eos")}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "additional_special_tokens": specials["others"],
        **named,
    }
    write_json(out / "tokenizer_config.json", config)
    write_json(out / "special_tokens_map.json", {**named, "additional_special_tokens": specials["others"]})
    print(json.dumps({"vocabSize": tokenizer.get_vocab_size()}))


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
