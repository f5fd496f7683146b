"""From a task's raw rows to instances with the fields that templates use."""
