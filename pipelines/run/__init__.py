"""The parts of a run: its plan, and the files that work items leave."""
