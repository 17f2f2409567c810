import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { findPostgres } from '../../gateway/test/postgres-programs.ts';
import { PostgresServer } from '../../gateway/test/postgres-server.ts';
import { makeOwnedDirectory, removeOwnedDirectory, startOwned } from '../cleanup.ts';
import { freePort } from '../free-ports.ts';

/** The database of the Likes nodes on a server. */
const DATABASE = 'likewire';

/** A PostgreSQL of this machine with a database for the Likes nodes of a region. */
export interface LocalPostgres {
	readonly server: PostgresServer;
	/** Where the database is, with the password. */
	readonly url: string;
	/** Ends the server in good order; its data go unless they are in a directory that was named. */
	stop(): Promise<void>;
}

/** Whether PostgreSQL is installed. */
export const hasPostgres = () => findPostgres() !== undefined;

/**
 * Starts a server that ends with this process at the latest. With a directory it keeps its data there, and the password
 * beside them. Rejects when PostgreSQL is not installed.
 */
export async function startPostgres(directory?: string): Promise<LocalPostgres> {
	if (directory !== undefined) mkdirSync(directory, { recursive: true });
	const place = directory ?? makeOwnedDirectory();
	const server = await PostgresServer.create({
		// Below those of outgoing connections: whoever tries to reach it while it is down must not take its port.
		port: await freePort(),
		directory: place,
		password: randomBytes(24).toString('base64url'),
		durable: directory !== undefined,
		start: startOwned,
	});
	return {
		server,
		url: await server.createDatabase(DATABASE),
		async stop() {
			await server.stop('fast');
			if (directory === undefined) removeOwnedDirectory(place);
		},
	};
}
