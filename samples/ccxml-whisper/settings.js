// The agent's telephone.
var agentAddress = 'sip:1001@127.0.0.1:5071';
