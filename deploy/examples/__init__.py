"""What a shop's own services look like on both sides of Shelftalk: small, whole, and made to be copied."""
