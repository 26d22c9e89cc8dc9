"""The program `train`: fitting a model, alone or made of others."""
