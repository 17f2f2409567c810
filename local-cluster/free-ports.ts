import { createServer } from 'node:net';

/** Those handed out: one that is not listened on yet must not go to somebody else in this process. */
const taken = new Set<number>();

/** Whether nobody listens on a port of loopback now. */
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
 * A port below those that the system gives to outgoing connections: clients that try to reach a gateway that is down would
 * otherwise hit upon its own port to start from, connect to themselves, and keep it from coming back.
 */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = 15_000 + Math.floor(Math.random() * 15_000);
		if (taken.has(port)) continue;
		taken.add(port);
		if (await isFree(port)) return port;
	}
}
