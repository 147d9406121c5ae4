// Whom to call, how many at once, how often, and how long to wait before the next attempt.
var recipients = ['sip:1001@127.0.0.1:5071', 'sip:1002@127.0.0.1:5072', 'sip:1003@127.0.0.1:5073'];
var atOnce = 2;
var attempts = 3;
var pause = '60s';
var ringing = '30s';
