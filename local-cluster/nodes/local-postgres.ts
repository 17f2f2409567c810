import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { findPostgres } from '../../gateway/test/postgres-programs.ts';
import { PostgresServer } from '../../gateway/test/postgres-server.ts';
import { makeOwnedDirectory, removeOwnedDirectory, startOwned } from '../cleanup.ts';
import { freePort } from '../free-ports.ts';

/** The name of the database of Likes nodes. */
const DATABASE = 'likewire';

/** A running PostgreSQL with a database for the Likes nodes of a region. */
export interface LocalPostgres {
	readonly server: PostgresServer;
	/** The URL of the database, with the password. */
	readonly url: string;
	/** Shuts the server down, and removes its data unless the caller chose the directory. */
	stop(): Promise<void>;
}

/** Returns whether PostgreSQL is installed. */
export const hasPostgres = () => findPostgres() !== undefined;

/**
 * Starts a server that ends at the latest with this process. With a directory it keeps its data and the password there.
 * Rejects when PostgreSQL is not installed.
 */
export async function startPostgres(directory?: string): Promise<LocalPostgres> {
	if (directory !== undefined) mkdirSync(directory, { recursive: true });
	const dataDirectory = directory ?? makeOwnedDirectory();
	const server = await PostgresServer.create({
		// A port below the ephemeral range, so that no client takes it while the server is down.
		port: await freePort(),
		directory: dataDirectory,
		password: randomBytes(24).toString('base64url'),
		durable: directory !== undefined,
		start: startOwned,
	});
	return {
		server,
		url: await server.createDatabase(DATABASE),
		async stop() {
			await server.stop('fast');
			if (directory === undefined) removeOwnedDirectory(dataDirectory);
		},
	};
}
