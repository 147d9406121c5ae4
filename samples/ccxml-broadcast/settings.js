// Everybody who is to hear the announcement.
var listeners = ['sip:1001@127.0.0.1:5071', 'sip:1002@127.0.0.1:5072', 'sip:1003@127.0.0.1:5073'];
