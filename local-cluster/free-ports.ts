import { createServer } from 'node:net';

/** Ports that this process reserved: no process may listen on one yet. */
const reserved = new Set<number>();

/** Resolves with whether a port on loopback is free. */
export async function isFree(port: number): Promise<boolean> {
	const probe = createServer();
	const free = await new Promise<boolean>((resolve) => {
		probe.once('error', () => resolve(false));
		probe.listen(port, '127.0.0.1', () => resolve(true));
	});
	if (free) await new Promise((resolve) => probe.close(resolve));
	return free;
}

/**
 * Resolves with a free port below the ephemeral range. A client that connects to a stopped gateway in the ephemeral range may
 * get this port as its own, connect to itself, and block the port for the gateway.
 */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = 15_000 + Math.floor(Math.random() * 15_000);
		if (reserved.has(port)) continue;
		reserved.add(port);
		if (await isFree(port)) return port;
	}
}
