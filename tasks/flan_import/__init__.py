"""Imports the templates of google-research/FLAN as files of our form.

For people who must have the original text. Their files are Python, which is
read as text and never run.
"""

from ul2_flan.tasks.flan_import.importer import import_templates
