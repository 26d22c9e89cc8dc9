"""Classifiers that want their classes numbered."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class LabelledClassifier(ClassifierMixin, BaseEstimator):
    """A classifier that wants classes 0 … k−1, fitted on and answering with the real labels."""

    def __init__(self, classifier: Any) -> None:
        self.classifier = classifier

    def fit(self, X: Any, y: Any, **fit_params: Any) -> LabelledClassifier:
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        self.classifier.fit(X, codes, **fit_params)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        return np.asarray(self.classifier.predict_proba(X), dtype=np.float64)

    def predict(self, X: Any) -> np.ndarray:
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])
