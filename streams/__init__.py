"""Event to request: Faust agents that decide what needs writing."""
