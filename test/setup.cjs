// oclif prints with console.log, which Jest replaces; without the real one captured output stays empty.
global.console = require('node:console');
