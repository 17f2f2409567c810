/**
 * Loaded before a gateway, it shifts the wall clock of its process by the milliseconds in a file, which may change at any
 * time. The shipped code knows nothing of it.
 */
import { readFileSync, watchFile } from 'node:fs';

const LOOK_MS = 100;

const file = process.env.DRILL_CLOCK;
const wallClock = Date.now;
let shiftMs = 0;

function read() {
	shiftMs = Number(readFileSync(file, 'utf8'));
}

read();
watchFile(file, { interval: LOOK_MS, persistent: false }, read);
Date.now = () => wallClock() + shiftMs;
