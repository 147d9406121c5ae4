"""The designer's graph: schema, node types, checks, compilation to VoiceXML, versions."""
