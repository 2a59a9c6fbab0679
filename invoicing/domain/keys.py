"""Keys of what zbridge creates: from what is billed alone, never from a click, a process or the time."""

from syncjobs.domain.keys import key


def conversion_key(crm_org: str, books_org: str, sale: str, generation: int = 1, part: int = 1) -> str:
    """`ZB-` and 20 letters of one billing claim; the same on every install and after every restore (design 5).

    `sale` is `Sale.root`: `deal:<CRM id>` or `quote:<CRM id>`.
    """
    return key("v1", crm_org, books_org, sale, str(generation), str(part))
