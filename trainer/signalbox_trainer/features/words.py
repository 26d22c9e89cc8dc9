"""What counts as a word of a text feature.

scikit-learn's own pattern drops words of one letter (`A C F`) and symbols (stars), breaks words at combining marks, and
takes a sentence of Chinese for one word.
"""

from __future__ import annotations

import re

import pandas as pd

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.blocks import text_fill
from signalbox_trainer.features.rules import SCHEMA_MISMATCH
from signalbox_trainer.specs.schemas import FeatureSchema

# Scripts written without spaces, where each character is a word: Thai, Lao, Burmese, Khmer, kana, Bopomofo, Han.
_UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u312f\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Combining marks, which Python doesn't count as parts of words: accents, vowels of Hebrew and Arabic, vowels of India.
_MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u094f\u0951-\u0957"
    "\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d\u0a81-\u0a83\u0abc-\u0acd\u0b01-\u0b03"
    "\u0b3c-\u0b4d\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc-\u0cd6\u0d00-\u0d03\u0d3b-\u0d4d"
    "\u0d82\u0d83\u0dca-\u0ddf"
)
# What isn't a word beside a letter. Other symbols are: stars, hearts, arrows, emoji.
_PUNCTUATION = (
    "\u0000-\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\u2000-\u206f\u3000-\u3004\u3008-\u303f"
    "\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)

# A regular expression, each match of which is a word: a character of an unspaced script; letters and digits with their
# marks; whatever is between spaces and has no letter (`+`, `--`); a run of symbols.
TOKEN_PATTERN = (
    f"[{_UNSPACED}]"
    f"|[^\\W{_UNSPACED}]+(?:[{_MARKS}]+[^\\W{_UNSPACED}]*)*"
    f"|(?<!\\S)[^\\w\\s{_UNSPACED}{_MARKS}]+(?!\\S)"
    f"|[^\\w\\s{_UNSPACED}{_MARKS}{_PUNCTUATION}]+"
)
_TOKEN = re.compile(TOKEN_PATTERN)


def words_of(text: str) -> list[str]:
    """The words of a text, in order, as a vectoriser sees them."""
    return _TOKEN.findall(text.lower())


def _without_words(feature: FeatureSchema, typed: pd.DataFrame) -> dict[str, int]:
    """Rows of each text column in which there is no word; missing texts count as their replacement."""
    found = {}
    for block in feature.text:
        values = typed[block.column]
        texts = pd.Series(values).where(pd.notna(values), text_fill(block)).astype(str)
        distinct = texts.value_counts()
        found[block.column] = int(sum(rows for text, rows in distinct.items() if _TOKEN.search(str(text)) is None))
    return found


def check_words(feature: FeatureSchema, typed: pd.DataFrame) -> None:
    """Raises training/schema-mismatch if a column for tf-idf has no word in any row: it would have no vocabulary.

    The buckets of `hashing` are 0 then, which does no harm: a segment may have no texts where others have some.
    """
    counted = {block.column for block in feature.text if block.vectorize == "tfidf"}
    empty = [name for name, rows in _without_words(feature, typed).items() if name in counted and rows == len(typed)]
    if empty:
        raise TrainerError(
            SCHEMA_MISMATCH,
            f"The text column {', '.join(empty)} has no word in any of the {len(typed)} training rows.",
            hint="Remove it from the feature schema, or use `vectorize: hashing`.",
            details={"columns": empty},
        )


def wordless_warnings(feature: FeatureSchema, typed: pd.DataFrame) -> list[str]:
    """A sentence for each text column with rows without a word, whose features are 0 there."""
    return [
        f"The text column {name} has no word in {rows} of {len(typed)} training rows: its features are 0 there."
        for name, rows in _without_words(feature, typed).items()
        if rows > 0
    ]
