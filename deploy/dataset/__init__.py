"""Sets of training examples out of files and topics, each with the prompt that a worker sends."""
