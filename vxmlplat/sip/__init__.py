"""The SIP user agent: transports, transactions, dialogs, calls in and out."""
