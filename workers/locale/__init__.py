"""How numbers, measures, prices and lists are written in a locale."""
