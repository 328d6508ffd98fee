"""What the repository itself can tell: git, sources, owners."""
