"""What the programs are asked to do: the documents that the workbench writes for them."""
