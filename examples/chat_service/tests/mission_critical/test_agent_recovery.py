# REMOVED_SYNTAX_ERROR: """An agent goes on when a tool fails."""
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR: import pytest
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR: from chat_backend.agents import Agent
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR: class BrokenTool(Agent):
# REMOVED_SYNTAX_ERROR:     """Its tool never finishes."""
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR:     def finish_tool(self, run_id, name, results):
# REMOVED_SYNTAX_ERROR:         raise RuntimeError(f"{name} is out of order")
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR: @pytest.fixture
# REMOVED_SYNTAX_ERROR: def published():
# REMOVED_SYNTAX_ERROR:     return []
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR: def test_agent_answers_after_a_failed_run(published):
# REMOVED_SYNTAX_ERROR:     with pytest.raises(RuntimeError):
# REMOVED_SYNTAX_ERROR:         BrokenTool(published.append).run("hello")
# REMOVED_SYNTAX_ERROR:     assert Agent(published.append).run("hello") == "hello: 1 results"
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR: def test_failed_run_tells_what_it_tried(published):
# REMOVED_SYNTAX_ERROR:     with pytest.raises(RuntimeError):
# REMOVED_SYNTAX_ERROR:         BrokenTool(published.append).run("hello")
# REMOVED_SYNTAX_ERROR:     assert published[-1].payload == {"tool_name": "search"}
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR: def test_failed_run_never_completes(published):
# REMOVED_SYNTAX_ERROR:     with pytest.raises(RuntimeError):
# REMOVED_SYNTAX_ERROR:         BrokenTool(published.append).run("hello")
# REMOVED_SYNTAX_ERROR:     assert all("answer" not in event.payload for event in published)
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR:
# REMOVED_SYNTAX_ERROR: def test_two_runs_have_two_ids(published):
# REMOVED_SYNTAX_ERROR:     agent = Agent(published.append)
# REMOVED_SYNTAX_ERROR:     agent.run("one")
# REMOVED_SYNTAX_ERROR:     agent.run("two")
# REMOVED_SYNTAX_ERROR:     assert len({event.run_id for event in published}) == 2
