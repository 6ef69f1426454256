"""Many strategies x metrics: false discoveries, other metrics, groups, regions, lessons."""
