"""What a browser gets back besides events."""

import datetime

from pydantic import BaseModel, ConfigDict


class Receipt(BaseModel):
    """A message arrived."""

    model_config = ConfigDict(json_encoders={datetime.datetime: lambda at: at.isoformat()})

    run_id: str
    at: datetime.datetime
