import { afterAll, beforeAll, describe } from 'vitest';
import { findPostgres } from './postgres-programs.ts';
import { PostgresServer } from './postgres-server.ts';

const IS_MISSING = findPostgres() === undefined && process.env.CI === undefined;

/** Declares tests that need PostgreSQL, which are skipped on a machine without it, but not in CI. */
export const describeWithPostgres = describe.skipIf(IS_MISSING);

if (IS_MISSING) {
	process.stderr.write(
		"No PostgreSQL: its tests are skipped. Install Debian's postgresql, 13 or newer, to run them.\n",
	);
}

/** Starts one server for all tests of a file, which create separate databases. */
export function sharePostgres(): () => PostgresServer {
	let server: PostgresServer | undefined;
	beforeAll(async () => {
		if (!IS_MISSING) server = await PostgresServer.create();
	}, 240_000);
	// A server with a database for each test of a large file takes long to remove.
	afterAll(() => server?.remove(), 240_000);
	return () => {
		if (server === undefined) throw new Error('the PostgreSQL of this file is not up');
		return server;
	};
}
