"""From the raw rows of a task to examples as text: pure functions on blocks.

`prepare` makes instances of rows, `trim` shortens those that are too long,
`Renderer.render` makes examples of instances, and `Charset.apply` examples that
a vocabulary can encode.
"""

from ul2_flan.tasks.rendering.charset import Charset
from ul2_flan.tasks.rendering.few_shot.exemplar_count import MANY, ExemplarCount
from ul2_flan.tasks.rendering.few_shot.pool import (
  POOL_SIZE,
  Pool,
  choose_pool,
  pool_rank,
)
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.prepare import Prepared, prepare
from ul2_flan.tasks.rendering.rendered import Rendered
from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.templates.family import (
  Family,
  family_of,
  load_family,
)
from ul2_flan.tasks.rendering.templates.own_templates import OwnTemplates
from ul2_flan.tasks.rendering.templates.setting import SETTINGS, Setting
from ul2_flan.tasks.rendering.templates.template import TK_INSTRUCT
from ul2_flan.tasks.rendering.trimming.trim import Trimmed, trim
