// Who is turned away (a number that ends in * stands for all that begin so), who reaches the desk at once, and where it is.
var blacklist = ['13900000000', '00882*'];
var vips = ['13800138000'];
var desk = 'sip:1001@127.0.0.1:5071';
