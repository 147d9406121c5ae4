"""Messages that flows leave in the outbox, SMS and e-mail, on their way out (A17)."""
