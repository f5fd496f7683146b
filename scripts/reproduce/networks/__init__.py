"""A package, because gin looks for its files in packages."""
