import { App, type TemplatedApp, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';
import { type AddressInfo, createServer } from 'node:net';

/** A port that is being served. */
export interface Listener {
	/** The port, also when a free one was requested. */
	readonly port: number;
	/** Takes no new connection; open ones continue. */
	stop(): void;
	/** Stops, and cuts all connections. */
	close(): void;
}

/** Why the gateway cannot listen on a port. */
export class ListenError extends Error {
	override name = 'ListenError';
}

/**
 * Serves the routes that `prepare` adds to an app. Rejects with a {@link ListenError} for a port in
 * use or not allowed.
 */
export async function listen(host: string, port: number, prepare: (app: TemplatedApp) => void): Promise<Listener> {
	await claim(host, port);
	return listenShared(host, port, prepare);
}

/**
 * Serves on a port, not 0, that other processes of this node serve, too: the kernel spreads the
 * connections. uWebSockets.js shares no free port that it finds itself.
 */
export function listenShared(host: string, port: number, prepare: (app: TemplatedApp) => void): Promise<Listener> {
	const app = App();
	prepare(app);
	return new Promise((resolve, reject) => {
		app.listen(host, port, (socket) => {
			if (!socket) {
				app.close();
				reject(new ListenError(`cannot listen on ${host}:${port}`));
				return;
			}
			let listening = true;
			const stop = () => {
				if (listening) us_listen_socket_close(socket);
				listening = false;
			};
			resolve({
				port: us_socket_local_port(socket),
				stop,
				close() {
					stop();
					app.close();
				},
			});
		});
	});
}

const REASONS: Readonly<Record<string, string>> = {
	EADDRINUSE: 'the port is taken; name another with --port or --internal-port',
	EACCES: 'the port is not allowed to this user',
	EADDRNOTAVAIL: 'the address is not one of this machine',
};

/**
 * Checks that the port is free, and resolves with it; 0 finds a free one. Rejects with the reason when
 * it is not free. uWebSockets.js reports no reason: it shares a port with any other process, and its
 * exclusive mode refuses a port on which connections of a killed process linger.
 */
export function claim(host: string, port: number): Promise<number> {
	const probe = createServer();
	return new Promise((resolve, reject) => {
		probe.once('error', (cause: NodeJS.ErrnoException) => {
			const reason = REASONS[cause.code ?? ''] ?? cause.message;
			reject(new ListenError(`cannot listen on ${host}:${port}: ${reason}`, { cause }));
		});
		probe.listen(port, host, () => {
			const { port: free } = probe.address() as AddressInfo;
			probe.close(() => resolve(free));
		});
	});
}
