"""What templates say around the facts, in every language that has a file of phrases."""
