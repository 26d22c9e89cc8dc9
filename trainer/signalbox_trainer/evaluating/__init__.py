"""The programs `evaluate` and `latency`: the predictions of a saved model, and how long they take."""
