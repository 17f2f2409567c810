import { type Client, type ClientOptions, type ConnectionState, createClient } from '../index.ts';

/**
 * The client of a provider: made when the first component needs it, in an effect, so that rendering opens nothing (on a
 * server, or twice in Strict Mode).
 */
export interface ClientScope {
	/** Returns the client. Each call takes one {@link ClientScope.release}. */
	acquire(): Client;
	release(): void;
	/** The state of the client's connection; `connecting` while there is none. */
	state(): ConnectionState;
}

/** A scope whose client the page made, and closes. */
export function sharedClient(client: Client): ClientScope {
	return { acquire: () => client, release() {}, state: () => client.state };
}

/** A scope that makes a client of its own, and closes it when no component is left. */
export function ownClient(options: ClientOptions): ClientScope {
	let client: Client | undefined;
	let uses = 0;
	return {
		acquire() {
			uses++;
			client ??= createClient(options);
			return client;
		},
		release() {
			uses--;
			// React unmounts and mounts again in one turn, in Strict Mode and when a list is drawn in a new order.
			setTimeout(() => {
				if (uses > 0) return;
				client?.close();
				client = undefined;
			});
		},
		state: () => client?.state ?? 'connecting',
	};
}
