"""What stands around a text: options, turns, and layouts of exemplars."""
