#!/usr/bin/env node
const { version } = require('../package.json');
const { main } = require('../dist/src/cli/main.cjs');

const drivers = async () => require('../dist/drivers/index.cjs').builtInDrivers;

// Handles that a library left open must not keep a finished command alive.
main({ process, version, drivers }).then((status) => process.exit(status));
