import { createServer, type Server } from 'node:net';

/**
 * Ports below the ephemeral range. A client that connects to a stopped gateway in the ephemeral range may get this port as its
 * own, connect to itself, and block the port for the gateway.
 */
const FIRST_PORT = 15_000;
const END_PORT = 30_000;

/**
 * Processes own blocks of this many ports, so that none takes the port of a node that another one has stopped, and starts again.
 * The owner of a block listens on its first port: when it ends, however it ends, the block is free.
 */
const BLOCK_PORTS = 50;

/** Ports of the blocks of this process that it has not returned. */
const ports: number[] = [];

/** Resolves with a server that listens on a port of loopback; undefined when the port is taken. */
function listen(port: number): Promise<Server | undefined> {
	const server = createServer();
	return new Promise((resolve) => {
		server.once('error', () => resolve(undefined));
		server.listen(port, '127.0.0.1', () => resolve(server));
	});
}

/** Resolves with whether a port on loopback is free. */
export async function isFree(port: number): Promise<boolean> {
	const server = await listen(port);
	if (server === undefined) return false;
	await new Promise((resolve) => server.close(resolve));
	return true;
}

/** Resolves with the ports of a block that no other process owns. Rejects when none is left. */
async function takeBlock(): Promise<number[]> {
	const blocks = (END_PORT - FIRST_PORT) / BLOCK_PORTS;
	const first = Math.floor(Math.random() * blocks);
	for (let block = 0; block < blocks; block++) {
		const lock = FIRST_PORT + ((first + block) % blocks) * BLOCK_PORTS;
		const server = await listen(lock);
		if (server === undefined) continue;
		server.unref();
		return Array.from({ length: BLOCK_PORTS - 1 }, (_, index) => lock + BLOCK_PORTS - 1 - index);
	}
	throw new Error(`other processes own all ports from ${FIRST_PORT} to ${END_PORT - 1}`);
}

/** Resolves with a free port of loopback that this function returns once, and to no other process while this one runs. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = ports.pop();
		if (port === undefined) ports.push(...(await takeBlock()));
		else if (await isFree(port)) return port;
	}
}
