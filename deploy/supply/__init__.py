"""What the software is made of: a bill of materials, its licences, and what is known against any of it."""
