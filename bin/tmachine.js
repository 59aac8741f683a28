#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { main } from '../dist/src/cli/main.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const drivers = async () => (await import('../dist/drivers/index.js')).builtInDrivers;

// Handles that a library left open must not keep a finished command alive.
process.exit(await main({ process, version, drivers }));
