"""The registry of model types, and the estimators built from it."""
