"""Hand-written VoiceXML as a flow.

A dialog that says what a node type says becomes such nodes; every other one becomes a node "VoiceXML code",
so that nothing is lost. The flow behaves as the document did.

The face of the package::

    imported = import_voicexml(text, "my-flow", base="https://ivr.example/main.vxml")
    imported.flow                    # the flow's JSON
    imported.report                  # what became what, and why
"""

from vxmlplat.flows.importing.importer import Imported, import_voicexml
from vxmlplat.flows.importing.reading import DocumentRefused
from vxmlplat.flows.importing.report import Became

__all__ = ["Became", "DocumentRefused", "Imported", "import_voicexml"]
