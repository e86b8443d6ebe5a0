"""Writing profiles: what a standards body needs to see whether its profile says what it means, and bites."""
