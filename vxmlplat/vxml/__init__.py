"""The VoiceXML 2.1 interpreter."""
