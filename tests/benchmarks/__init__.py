"""What the guarantees cost: one worker beside loops that promise less, paired in one run on the real broker."""
