"""The program `assess-worker`: how well a family of models does on the rows of a target."""
