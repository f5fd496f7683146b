"""Files wherever they lie: local disks, buckets, and all that Beam opens."""
