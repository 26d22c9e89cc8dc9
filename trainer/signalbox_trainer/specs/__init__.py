"""The specifications of the programs: documents that the workbench writes for them."""
