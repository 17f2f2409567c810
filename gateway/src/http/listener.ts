import { App, type TemplatedApp, us_listen_socket_close, us_socket_local_port } from 'uWebSockets.js';
import { createServer } from 'node:net';

/** A port that is being served. */
export interface Listener {
	/** The port, also when a free one was asked for. */
	readonly port: number;
	/** Takes no new connection; those that stand go on. */
	stop(): void;
	/** Stops, and cuts all connections. */
	close(): void;
}

/** Why a port cannot be listened on. */
export class ListenError extends Error {
	override name = 'ListenError';
}

/** Serves what `prepare` puts on an app. Rejects with a {@link ListenError} when the port is taken or not allowed. */
export async function listen(host: string, port: number, prepare: (app: TemplatedApp) => void): Promise<Listener> {
	await claim(host, port);
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
 * Makes sure that nobody listens there, and says why it cannot be done. uWebSockets.js tells no reason; it shares a port
 * with whoever asks for the same, and its exclusive mode refuses a port on which connections of a killed process linger.
 */
function claim(host: string, port: number): Promise<void> {
	const probe = createServer();
	return new Promise((resolve, reject) => {
		probe.once('error', (cause: NodeJS.ErrnoException) => {
			const reason = REASONS[cause.code ?? ''] ?? cause.message;
			reject(new ListenError(`cannot listen on ${host}:${port}: ${reason}`, { cause }));
		});
		probe.listen(port, host, () => probe.close(() => resolve()));
	});
}
