"""google-research/FLAN's templates, as files of this project's form.

For people who must have the original words. Their files are Python, which is
read as text and never run.
"""

from ul2_flan.tasks.flan_import.importer import (
  import_templates as import_templates,
)
