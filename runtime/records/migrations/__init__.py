"""The schema's history, one numbered file a step in `versions/`. A test keeps `HEAD` honest."""

HEAD = "0010"
