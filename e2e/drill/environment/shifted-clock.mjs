/**
 * Shifts the wall clock of a process by the milliseconds in a file, which may change at any time. The drill loads this
 * module before the gateway; the shipped code does not have it.
 */
import { readFileSync, watchFile } from 'node:fs';

const POLL_MS = 100;

const file = process.env.DRILL_CLOCK;
const wallClock = Date.now;
let shiftMs = 0;

function read() {
	shiftMs = Number(readFileSync(file, 'utf8'));
}

read();
watchFile(file, { interval: POLL_MS, persistent: false }, read);
Date.now = () => wallClock() + shiftMs;
