"""What the workbench's pages work out by themselves."""
