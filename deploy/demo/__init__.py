"""`shelftalk demo`: the real processes on this machine, a shop fed to them, and an account of where everything went."""
