import * as uws from 'uWebSockets.js';

/** What the library has and its types do not tell: the flag as a value, and a host together with options. */
interface ExclusiveListen {
	readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}
interface ListeningApp {
	listen(host: string, port: number, options: number, done: (socket: uws.us_listen_socket | false) => void): void;
}

// Exclusive: by default uWebSockets.js shares a port with any other process that asks for the same.
const { LIBUS_LISTEN_EXCLUSIVE_PORT: EXCLUSIVE } = uws as unknown as ExclusiveListen;

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
export function listen(host: string, port: number, prepare: (app: uws.TemplatedApp) => void): Promise<Listener> {
	const app = uws.App();
	prepare(app);
	return new Promise((resolve, reject) => {
		(app as unknown as ListeningApp).listen(host, port, EXCLUSIVE, (socket) => {
			if (!socket) {
				app.close();
				reject(new ListenError(`cannot listen on ${host}:${port}: the port is taken, or not allowed`));
				return;
			}
			let listening = true;
			const stop = () => {
				if (listening) uws.us_listen_socket_close(socket);
				listening = false;
			};
			resolve({
				port: uws.us_socket_local_port(socket),
				stop,
				close() {
					stop();
					app.close();
				},
			});
		});
	});
}
