"""What reviews say: how much they like a thing, which of its aspects, and what several of them agree on."""
