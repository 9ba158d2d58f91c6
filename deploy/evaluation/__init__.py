"""How good a model's texts are, task by task, on files of examples."""
