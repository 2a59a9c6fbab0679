"""The admin site itself: navigation, look, Today, and pages composed from several apps."""
