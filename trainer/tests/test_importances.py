import zlib

import numpy as np
import pytest
from scipy import sparse
from support import COLUMNS, FEATURE, make_table

from signalbox_trainer.assessing.fold_fit import Fitting, fit_rows
from signalbox_trainer.assessing.importances import permutation_importances
from signalbox_trainer.assessing.leakage import score_of
from signalbox_trainer.features.blocks import feature_columns
from signalbox_trainer.specs.schemas import read_contract, read_feature_schema
from signalbox_trainer.specs.tasks import Family
from signalbox_transformers.columns import ContractColumns

# Blocks of several columns, whose matrix columns must not be confused, and a column in two blocks.
MANY = {
    "version": 1,
    "numeric": [
        {"columns": ["wind speed", "distance"], "scale": "standard"},
        {"columns": ["seats"], "impute": "median"},
    ],
    "categorical": [
        {"columns": ["carrier", "dest"], "encode": "onehot", "min_frequency": 10},
        {"columns": ["größe", "is_weekday"], "encode": "binary", "impute": "most_frequent"},
        {"columns": ["dest", "carrier"], "encode": "target"},
    ],
    "text": FEATURE["text"],
    "datetime": FEATURE["datetime"],
}
# Mostly zeros: the matrix stays sparse for models that support it.
SPARSE = {**MANY, "text": [{**FEATURE["text"][0], "max_features": 500}]}
FAMILIES = [("ridge", "y"), ("logistic_regression", "late"), ("hist_gradient_boosting", "y")]


def fitted(feature, name, target):
    schema, contract = read_feature_schema(feature, "feature"), read_contract({"columns": COLUMNS}, "contract").columns
    table = make_table(300)
    y = table.y.to_numpy() if target == "y" else (table.late == "yes").to_numpy().astype(int)
    names = feature_columns(schema)
    typed = ContractColumns(names, [contract[one].type for one in names]).fit(table).transform(table)
    params = {"max_iter": 5} if name == "hist_gradient_boosting" else {}
    task = "regression" if target == "y" else "binary"
    fitting = Fitting(task, contract, Family(name, name, params, 1), 1, None)
    return fit_rows(fitting, schema, (typed, y), seed=1), typed, y


@pytest.mark.parametrize(("name", "target"), FAMILIES)
@pytest.mark.parametrize("feature", [MANY, FEATURE, SPARSE])
def test_an_importance_is_the_loss_from_shuffling_the_input_column(feature, name, target):
    model, typed, y = fitted(feature, name, target)

    def score(truth, predicted):
        return score_of(model.task, truth, predicted)

    found = permutation_importances(model, (model.matrix(typed), y), score, seed=3, max_rows=1000)
    assert list(found) == list(typed.columns)
    base = score(y, model.predict_matrix(model.matrix(typed)))
    for column in typed.columns:
        order = np.random.default_rng([3, zlib.crc32(column.encode())]).permutation(len(y))
        shuffled = typed.assign(**{column: typed[column].to_numpy()[order]})
        expected = base - score(y, model.predict_matrix(model.matrix(shuffled)))
        assert found[column] == pytest.approx(expected, abs=1e-12)


def test_a_linear_models_matrix_of_much_text_is_sparse_and_a_trees_dense():
    assert [sparse.issparse(model.matrix(typed)) for model, typed, _ in (fitted(SPARSE, *one) for one in FAMILIES)] == [
        True,
        True,
        False,
    ]


def test_importances_are_measured_on_the_requested_number_of_rows(monkeypatch):
    model, typed, y = fitted(MANY, "ridge", "y")
    seen = []

    def score(truth, predicted):
        seen.append(len(truth))
        return score_of("regression", truth, predicted)

    permutation_importances(model, (model.matrix(typed), y), score, seed=3, max_rows=50)
    assert set(seen) == {50}


def test_a_score_that_is_undefined_gives_no_importances():
    model, typed, y = fitted(MANY, "ridge", "y")
    assert permutation_importances(model, (model.matrix(typed), y), lambda *_: None, seed=3, max_rows=50) is None


@pytest.mark.parametrize(("name", "target"), FAMILIES)
def test_every_matrix_column_belongs_to_one_input_column_and_block(name, target):
    model, typed, _ = fitted(MANY, name, target)
    places = model.matrix_columns()
    assert sorted(np.concatenate(list(places.values()))) == list(range(model.matrix(typed).shape[1]))
    # One position for the number, one for each frequent category and its mean.
    assert len(places["wind speed"]) == 1
    assert len(places["carrier"]) == typed.carrier.nunique() + 1
