"""What the portal writes to people: letters, the outbox that keeps them, and the ways they go out."""

from core.portal.mail.announce import announce
from core.portal.mail.events import Event
from core.portal.mail.outbox import Correspondence, Mail, MailState, Outbox

__all__ = ["Correspondence", "Event", "Mail", "MailState", "Outbox", "announce"]
