"""Where a run is done: on this machine, on a cluster, or by a service."""
