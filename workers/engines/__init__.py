"""What turns prompts into text: one small protocol and its implementations."""
