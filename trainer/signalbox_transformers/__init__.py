"""The workbench's own scikit-learn transformers.

They import nothing of the trainer: the folder is copied into every saved model (`code_paths`), so that a stock MLflow
client loads and applies the whole pipeline. Its names are therefore part of the model format.
"""
