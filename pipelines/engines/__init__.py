"""Engines do the work of a run, and show people how far it is.

`engine.Engine` says who does it: processes of this machine (`local`), or any of
Beam's runners, for which `service` fills in what a cluster or Dataflow needs.
`progress` reads from the output folder how far a run is, and `dashboard` puts
its facts on a service's page. `memory` measures a machine and a process.
"""

from ul2_flan.pipelines.engines.engine import Engine
