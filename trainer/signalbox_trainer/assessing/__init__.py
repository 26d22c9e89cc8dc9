"""The program `assess-worker`: measures how well a family of models performs on the rows of a target."""
