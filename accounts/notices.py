"""The outbox of messages to people: one per event, whoever tells it again."""

from accounts.models import Connection, Notice, User
from zbridge.clock import Clock


def tell(
    connection: Connection | None, event: str, title: str, text: str, *, clock: Clock, role: str = "",
    user: User | None = None, subject: tuple[str, str] = ("", ""),
) -> None:  # fmt: skip
    """Tell a role or a person about an event; the same event is told once."""
    Notice.objects.bulk_create(
        [
            Notice(
                connection=connection, event=event[:120], title=title[:200], text=text, role=role, user=user,
                subject_kind=subject[0], subject_id=subject[1], created_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
