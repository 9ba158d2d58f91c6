"""`python -m deploy` is the command `shelftalk`, where the project is not installed as a package."""

from deploy.cli import main

main()
