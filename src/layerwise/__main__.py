"""`python -m layerwise`: the command, where it is not on the path."""

from layerwise.cli import main

if __name__ == "__main__":  # and not where processes that it starts import it
    main()
