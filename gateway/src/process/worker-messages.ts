/** What the main process orders. */
export type WorkerOrder =
	/** Starts to listen for the main process, with this setup. */
	| { readonly kind: 'start'; readonly setup: unknown }
	/** The main process knows the address of the worker, which now serves viewers on this port. */
	| { readonly kind: 'serve'; readonly port: number }
	/** Owners changed: heartbeats of users are due again. */
	| { readonly kind: 'repeat-heartbeats' }
	/** The node stops soon: each answer is the last one on its connection. */
	| { readonly kind: 'closing' }
	/** Ends all connections, and then the process. */
	| { readonly kind: 'stop' };

/** What a worker reports. */
export type WorkerReport =
	/** It listens for the main process at this address. */
	| { readonly kind: 'linked'; readonly url: string }
	/** It serves viewers. */
	| { readonly kind: 'serving' }
	/** It cannot start, and ends. */
	| { readonly kind: 'failed'; readonly reason: string };
