#!/usr/bin/env node
/** The `cascade` command. Nothing imports this file. */
import { run } from './cli/program.js';

await run(process.argv);
