"""Renders P3 from raw rows and promptsource's templates."""
