// Whom the moderator's call brings together.
var guests = ['sip:1001@127.0.0.1:5071', 'sip:1002@127.0.0.1:5072'];
