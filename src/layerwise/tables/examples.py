"""A real table that comes with the package, for the demo and the playground."""

from pathlib import Path

# The penguins of Palmer Station, as they were entered: 344 of them (Gorman et al. 2014), given to
# the public domain (CC0) and taken from the package palmerpenguins (Horst et al. 2020).
PENGUINS = Path(__file__).with_name("penguins-raw.csv")
