// The telephones that ring at the same time, and for how long.
var telephones = ['sip:1001@127.0.0.1:5071', 'sip:1002@127.0.0.1:5072'];
var ringing = '25s';
