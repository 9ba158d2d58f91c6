"""`shelftalk dead-letters`: what could not be processed, whether it may go back, and the way there."""
