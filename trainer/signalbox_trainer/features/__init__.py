"""From a feature schema to the matrix that a model is fitted on."""
