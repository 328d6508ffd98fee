"""What a browser may send."""

from pydantic import BaseModel


class UserMessage(BaseModel):
    """A line that a user typed."""

    user_id: str
    text: str

    class Config:
        frozen = True


class ToolResult(BaseModel):
    """What a tool in the browser found."""

    user_id: str
    run_id: str
    tool_name: str
    results: list[str]

    class Config:
        frozen = True
