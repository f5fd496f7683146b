"""Where gin finds these files: it needs a package for each folder."""
