import { type Client, type ClientOptions, type ConnectionState, createClient } from '../index.ts';

/**
 * The client of a provider. It opens when the first component needs it, in an effect.
 * So rendering opens nothing, on a server or twice in Strict Mode.
 */
export interface ClientScope {
	/** Returns the client. Each call requires one {@link ClientScope.release}. */
	acquire(): Client;
	release(): void;
	/** Returns the state of the client's connection; `connecting` without a client. */
	state(): ConnectionState;
}

/** Returns a scope of a client that the page made, and closes. */
export function sharedClient(client: Client): ClientScope {
	return { acquire: () => client, release() {}, state: () => client.state };
}

/** Returns a scope that makes a client of its own, and closes it after the last component. */
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
			// React unmounts and mounts again in one turn, in Strict Mode and when it reorders a list.
			setTimeout(() => {
				if (uses > 0) return;
				client?.close();
				client = undefined;
			});
		},
		state: () => client?.state ?? 'connecting',
	};
}
