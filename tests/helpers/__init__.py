"""What several test files share: random architectures, small problems, ways to compare."""
