"""Signalbox's training and evaluation programs, started by the workbench as jobs: `python -m signalbox_trainer`."""

__version__ = "0.1.0"
