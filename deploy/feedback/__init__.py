"""What people make of published texts: written down by hand, and counted for each revision."""
