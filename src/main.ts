#!/usr/bin/env node
/** The `cascade` command. Nothing imports this file. */
import { setFlagsFromString } from 'node:v8';
import { run } from './cli/program.js';

// V8 lets a small heap grow to three times what lives in it before it looks; most of what lists and pages are made of is dead by
// then. bench/RESULTS.md has what this saves, and what it costs.
setFlagsFromString('--heap-growing-percent=80');

await run(process.argv);
// Nothing that a command which failed left open keeps it running.
if (process.exitCode) process.exit();
