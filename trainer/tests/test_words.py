import numpy as np
import pandas as pd
import pytest
from support import events, failure, make_table, run, train_spec, write_table

from signalbox_trainer.errors import TrainerError
from signalbox_trainer.features.preprocessing import build_preprocessor
from signalbox_trainer.features.words import check_words, wordless_warnings, words_of
from signalbox_trainer.specs.schemas import read_column, read_feature_schema


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A C F", ["a", "c", "f"]),
        ("★★★ ★☆", ["★★★", "★☆"]),
        ("+ -- 5", ["+", "--", "5"]),
        ("good, bad; (ugly)!", ["good", "bad", "ugly"]),
        ("I ❤ it👍", ["i", "❤", "it", "👍"]),
        ("很好的产品", list("很好的产品")),
        ("とてもGood品", ["と", "て", "も", "good", "品"]),
        ("ดี", ["ด", "ี"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("좋은 제품", ["좋은", "제품"]),
        ("dep_delay 12.5", ["dep_delay", "12", "5"]),
        ("", []),
        ("  \n", []),
    ],
)
def test_every_letter_symbol_and_character_counts_as_a_word(text, words):
    assert words_of(text) == words


def text_feature(vectorize, **more):
    block = {"column": "note", "vectorize": vectorize, "max_features": 64, **more}
    return read_feature_schema({"version": 1, "text": [block]}, "feature")


@pytest.mark.parametrize("vectorize", ["tfidf", "hashing"])
@pytest.mark.parametrize("texts", [["A", "C", "F"], ["★", "★★", "★★★"], ["好", "坏", "一般"], ["+", "-", "?"]])
def test_short_texts_give_features_that_tell_them_apart(vectorize, texts):
    contract = {"note": read_column({"type": "string"}, "column")}
    frame = pd.DataFrame({"note": texts})
    step = build_preprocessor(text_feature(vectorize), contract, "regression", seed=1, is_dense=True)
    matrix = np.asarray(step.fit_transform(frame, np.arange(3)))
    assert np.abs(matrix).sum(axis=1).min() > 0
    assert len(np.unique(matrix, axis=0)) == 3


def test_a_column_without_any_word_is_named_where_it_has_no_vocabulary():
    empty = pd.DataFrame({"note": ["", None, " "]})
    feature = text_feature("tfidf", impute={"constant": ""})
    with pytest.raises(TrainerError, match="note has no word in any of the 3 training rows"):
        check_words(feature, empty)
    check_words(feature, pd.DataFrame({"note": ["", None, "x"]}))
    hashed = text_feature("hashing", impute={"constant": ""})
    check_words(hashed, empty)
    assert wordless_warnings(hashed, empty) == [
        "The text column note has no word in 3 of 3 training rows: its features are 0 there."
    ]


def test_training_counts_the_rows_without_a_word_and_refuses_an_empty_vocabulary(tmp_path):
    frame = make_table(60)
    frame["note"] = ["★" if i % 3 else "" for i in range(60)]
    spec = train_spec(write_table(frame, tmp_path / "some.parquet"), tmp_path / "some")
    assert run("train", spec) == 0
    assert any("note has no word in 20 of 60 training rows" in it["message"] for it in events(spec, "warning"))
    frame["note"] = ""
    spec = train_spec(write_table(frame, tmp_path / "none.parquet"), tmp_path / "none")
    spec["feature"] = {**spec["feature"], "text": [{**spec["feature"]["text"][0], "vectorize": "tfidf"}]}
    error = failure("train", spec)
    assert (error["code"], error["details"]["columns"]) == ("training/schema-mismatch", ["note"])
