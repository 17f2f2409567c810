import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { PeerEvents } from './peer-events.ts';

/** A server that is compared with the gateway, or its publisher. */
export interface PeerServer {
	/** The port of viewers on loopback. */
	readonly port: number;
	/** Sends the JSON of an event to all viewers. */
	broadcast(json: string): void;
	/** Whether the kernel has all that was sent. */
	isDrained(): boolean;
}

/** A phase of load. A phase with a rate keeps to it; one without sends the next event when the last one is drained. */
export interface PeerLoad {
	readonly seconds: number;
	/** The bytes of the JSON of an event. */
	readonly bytes: number;
	readonly perSecond?: number;
}

/** The number of events that a phase sent. */
export interface PeerSent {
	readonly sent: number;
}

/** The pause before another look at what is not drained, in milliseconds. */
const BLOCKED_MS = 1;

/**
 * Starts a peer, and runs the phases of load that the standard input names, one a line. Writes the port, and then the result
 * of each phase. Ends the process with its input.
 */
export async function runPeer(start: (events: PeerEvents) => Promise<PeerServer>): Promise<void> {
	const events = new PeerEvents();
	const server = await start(events);
	const print = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
	print({ port: server.port });
	for await (const line of createInterface({ input: process.stdin })) {
		print(await play(server, events, JSON.parse(line)));
	}
	process.exit(0);
}

async function play(server: PeerServer, events: PeerEvents, load: PeerLoad): Promise<PeerSent> {
	const { seconds, bytes, perSecond } = load;
	const startedAt = performance.now();
	const end = startedAt + seconds * 1000;
	let sent = 0;
	for (; performance.now() < end; sent++) {
		server.broadcast(events.next(bytes));
		if (perSecond === undefined) await drained(server);
		else await after(Math.max(0, startedAt + ((sent + 1) * 1000) / perSecond - performance.now()));
	}
	await drained(server);
	return { sent };
}

/** Resolves when the kernel has all that was sent. Each call lets the server read what arrived. */
async function drained(server: PeerServer): Promise<void> {
	await new Promise(setImmediate);
	while (!server.isDrained()) await after(BLOCKED_MS);
}
