"""Which model writes: proposed, tried beside what is live, released, and taken back, by people."""
