"""Shows examples of a finished run in the terminal.

`find` looks for them, `lines` writes them as stretches of text with styles.
"""
