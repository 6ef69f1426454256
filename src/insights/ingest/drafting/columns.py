"""The columns of a mapping book, and the mark of what is still to be told."""

PLACE = ["file", "sheet", "header"]
SAMPLES = ["sample 1", "sample 2", "sample 3"]
ANSWERS = ["table", "column", "unit"]
COLUMNS = [*PLACE, *SAMPLES, *ANSWERS, "how sure", "note"]
NEEDED = {*PLACE, "table", "column"}
OPEN = "?"  # nobody has told yet: read by its header, as without a mapping
UNITS = ("千", "万", "亿")
