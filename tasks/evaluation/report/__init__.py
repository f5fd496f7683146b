"""From files of predictions to a table of scores."""
