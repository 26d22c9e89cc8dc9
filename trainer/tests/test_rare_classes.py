import numpy as np
from support import events, make_table, run, train_spec, training_result, write_table

from signalbox_trainer.models.estimators import estimator_class, settle_early_stopping
from signalbox_trainer.models.model_types import MODEL_TYPES


def boosting(task):
    return estimator_class(MODEL_TYPES["hist_gradient_boosting"], task)()


def test_early_stopping_stays_unless_a_class_of_many_rows_has_one():
    many, few = np.array(["a"] * 12_000, dtype=str), np.array(["a"] * 50, dtype=str)
    many[:6_000], few[:20] = "b", "b"
    for y in (many, few):
        model = boosting("binary")
        assert settle_early_stopping(model, y) is None
        assert model.early_stopping == "auto"
    many[0] = few[0] = "c"
    assert settle_early_stopping(boosting("binary"), few) is None
    model = boosting("binary")
    assert "1 have one: c" in settle_early_stopping(model, many)
    assert model.early_stopping is False
    assert settle_early_stopping(boosting("regression"), np.arange(12_000.0)) is None


def test_a_class_with_one_training_row_does_not_stop_the_training_of_many_rows(tmp_path):
    frame = make_table(11_000)
    frame.loc[0, "band"] = "once"
    path = write_table(frame, tmp_path / "rare.parquet")
    spec = train_spec(path, tmp_path / "out", "hist_gradient_boosting", "multiclass")
    spec["model"]["model"]["params"] = {"max_iter": 2}
    assert run("train", spec) == 0
    assert any("once" in it["message"] for it in events(spec, "warning"))
    assert training_result(spec)["params"]["model.early_stopping"] == "false"
