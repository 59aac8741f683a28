#!/usr/bin/env node
const { version } = require('../package.json');
const { main } = require('../dist/src/cli/main.cjs');

const drivers = async () => require('../dist/drivers/index.cjs').builtInDrivers;
const findPlugin = (name, computer) => require('../dist/drivers/index.cjs').findPlugin(name, computer);

// Handles that a library left open must not keep a finished command alive.
main({ process, version, drivers, findPlugin }).then((status) => process.exit(status));
