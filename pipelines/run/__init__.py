"""What a run is made of: its plan, and what work items leave behind."""
