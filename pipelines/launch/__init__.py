"""From a command to a finished run: flags, resuming, the graph, the end."""
