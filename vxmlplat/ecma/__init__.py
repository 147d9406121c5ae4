"""ECMAScript for VoiceXML, CCXML and SISR: scopes, limits, a read-only DOM."""
