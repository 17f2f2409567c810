import { afterAll, beforeAll, describe } from 'vitest';
import { findPostgres } from './postgres-programs.ts';
import { PostgresServer } from './postgres-server.ts';

const IS_MISSING = findPostgres() === undefined && process.env.CI === undefined;

/** Tests that need a PostgreSQL: skipped on a machine without one, but not in CI. */
export const describeWithPostgres = describe.skipIf(IS_MISSING);

if (IS_MISSING) {
	process.stderr.write(
		"No PostgreSQL: its tests are skipped. Install Debian's postgresql, 13 or newer, to run them.\n",
	);
}

/** One server for all tests of a file; each makes databases of its own. */
export function sharePostgres(): () => PostgresServer {
	let server: PostgresServer | undefined;
	beforeAll(async () => {
		if (!IS_MISSING) server = await PostgresServer.create();
	}, 240_000);
	// One that hosted a database for each test of a large file has much to put away.
	afterAll(() => server?.remove(), 240_000);
	return () => {
		if (server === undefined) throw new Error('the PostgreSQL of this file is not up');
		return server;
	};
}
