"""Faults on the real broker, and the books that show that nothing was lost, doubled or paid for twice."""
