"""The registry of model types, and the estimators that are made from it."""
