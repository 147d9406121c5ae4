(function(){return function(j){return [null]}})()
