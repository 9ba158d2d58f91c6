"""What the model is asked to write: one module a task."""
