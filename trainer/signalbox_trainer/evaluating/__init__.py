"""The programs `evaluate` and `latency`: what a saved model predicts, and how fast."""
