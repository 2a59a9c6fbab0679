"""People and connections: who may do what, how Zoho is reached, and what people did."""

from accounts.models.circuits import Circuit
from accounts.models.connections import Connection, Credential, OAuthState
from accounts.models.crm_fields import CrmField
from accounts.models.deliveries import Delivery, NoticeSeen, TeamChannel
from accounts.models.health import Expiry, Grant, HealthResult, HealthRun
from accounts.models.holds import Alarm, HoldCause
from accounts.models.limits import Bucket, Exchange, Slot, Usage
from accounts.models.retention import Retention
from accounts.models.selftests import SelfTest, SelfTestStep
from accounts.models.trail import AuditEvent, Export, Heartbeat, Notice
from accounts.models.users import User

__all__ = [
    "Alarm",
    "AuditEvent",
    "Bucket",
    "Circuit",
    "Connection",
    "Credential",
    "CrmField",
    "Delivery",
    "Exchange",
    "Expiry",
    "Export",
    "Grant",
    "HealthResult",
    "HealthRun",
    "Heartbeat",
    "HoldCause",
    "Notice",
    "NoticeSeen",
    "OAuthState",
    "Retention",
    "SelfTest",
    "SelfTestStep",
    "Slot",
    "Usage",
    "TeamChannel",
    "User",
]
