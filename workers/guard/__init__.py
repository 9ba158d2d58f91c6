"""What stands between a text and its publication: nothing unsupported passes, and errors withhold."""
