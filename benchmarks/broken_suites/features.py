"""A chat backend of features that are alike in shape: what tells them apart. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """The words of one feature."""

    noun: str
    verb: str  # the service's main method
    field: str  # what an item holds besides its name
    event: str  # what the service announces


FEATURES = tuple(
    Feature(noun=noun, verb=verb, field=field, event=event)
    for noun, verb, field, event in (
        ("room", "open_door", "topic", "room_opened"),
        ("message", "post", "body", "message_posted"),
        ("agent", "launch", "prompt", "agent_started"),
        ("invoice", "charge", "amount_due", "invoice_charged"),
        ("token", "issue", "secret_hash", "token_issued"),
        ("upload", "store_blob", "checksum", "upload_stored"),
        ("thread", "reply", "subject", "thread_replied"),
        ("webhook", "deliver", "target_url", "webhook_delivered"),
        ("export", "render_page", "layout", "export_rendered"),
        ("presence", "ping", "status_line", "presence_pinged"),
        ("search", "lookup", "query_text", "search_finished"),
        ("audit", "write_entry", "severity_name", "audit_written"),
        ("invite", "greet", "guest_email", "invite_greeted"),
        ("digest", "compile_rows", "period", "digest_compiled"),
        ("session", "renew", "device", "session_renewed"),
        ("quota", "consume", "limit_kind", "quota_consumed"),
        ("channel", "tune", "frequency", "channel_tuned"),
        ("badge", "award", "motto", "badge_awarded"),
    )
)
