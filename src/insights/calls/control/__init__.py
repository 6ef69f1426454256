"""Were the planned calls made, on whom, and what did they leave behind?"""
