"""What a search looks through: documents, examples, and rows of tasks."""

from ul2_flan.pipelines.contamination.texts.block import Block, Place
from ul2_flan.pipelines.contamination.texts.documents import read_documents
from ul2_flan.pipelines.contamination.texts.examples import read_examples
from ul2_flan.pipelines.contamination.texts.rows import read_rows
