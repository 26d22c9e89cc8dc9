"""The program `train`: fits a single model or a composite."""
