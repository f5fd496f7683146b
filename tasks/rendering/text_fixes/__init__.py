"""Text fixes: what the catalog's `tidy` names, to undo what a source did."""

from ul2_flan.tasks.rendering.text_fixes.of_sources import TIDY as TIDY
