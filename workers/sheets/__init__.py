"""What builds and reads workbooks and forms."""

import os

# openpyxl writes and reads by lxml wherever that is installed, which the forms in Word need: other bytes, and another
# parser than defusedxml. It looks once, when it is imported, which only modules of this package do.
os.environ["OPENPYXL_LXML"] = "False"
