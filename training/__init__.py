"""Feedback and data to model: straight scripts, evaluation, gated release."""
