"""Request to result: generate, check and publish, exactly once for a read_committed reader."""
