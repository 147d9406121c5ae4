"""CCXML 1.0 (W3C Recommendation of 5 July 2011): sessions driven by events, over one port to telephones."""
