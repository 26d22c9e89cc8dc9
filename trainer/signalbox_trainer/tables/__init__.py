"""Reading tables: the train set, targets and keys."""
