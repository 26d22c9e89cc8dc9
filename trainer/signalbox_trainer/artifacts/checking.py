"""The program `check-model`: loads a model in this process and predicts its input example."""

from __future__ import annotations

from typing import Any

from signalbox_trainer.artifacts.trust import load_trusted
from signalbox_trainer.errors import TrainerError
from signalbox_trainer.specs.questions import read_check_spec


def check_model(document: object) -> dict[str, Any]:
    """{"loaded", "has_signature", "rows", "predictions": class names or numbers}; raises as `load_trusted` does."""
    spec = read_check_spec(document, "spec")
    model = load_trusted(
        spec.model_dir,
        spec.model_type,
        expected=spec.expected_digest,
        is_explicitly_trusted=spec.explicit_trust,
    )
    from mlflow.models import Model

    from signalbox_trainer.tables.labels import class_text

    described = Model.load(str(spec.model_dir))
    example = described.load_input_example(str(spec.model_dir))
    if example is None:
        raise TrainerError("evaluation/failed", "The model has no input example to predict.")
    predictions = model.predict(example)
    is_classifier = hasattr(model, "classes_")
    return {
        "schema": 1,
        "loaded": True,
        "has_signature": described.signature is not None,
        "rows": len(example),
        "predictions": [class_text(value) if is_classifier else float(value) for value in predictions],
    }
