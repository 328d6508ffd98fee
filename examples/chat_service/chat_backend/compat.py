"""What changes between the Pythons we run on: 3.11 in the images, newer ones on laptops."""

import datetime as _datetime
import sys
import warnings

if sys.version_info >= (3, 12):
    from datetime import datetime as datetime
else:

    class datetime(_datetime.datetime):
        """Says on 3.11 what 3.12 will say, so that the upgrade brings no surprise."""

        @classmethod
        def utcnow(cls):
            warnings.warn(
                "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. "
                "Use timezone-aware objects to represent datetimes in UTC: datetime.datetime.now(datetime.UTC).",
                DeprecationWarning,
                stacklevel=2,
            )
            return super().utcnow()
