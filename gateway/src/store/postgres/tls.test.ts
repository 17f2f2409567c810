import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { Authority } from '../../../test/certificates.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { PostgresServer } from '../../../test/postgres-server.ts';
import { makeDirectory, removeDirectory } from '../../../test/temporary-directory.ts';
import { type LikeCommand, type Store, StoreError } from '../store.ts';
import { createPostgresStore } from './postgres-store.ts';
import { markPostgresRestored } from './restored.ts';

const LIKE: LikeCommand = { kind: 'like', topic: 'video:v1', id: 'a', user: 'ann', type: 'heart', once: false, at: 1 };

const withoutTls = sharePostgres();

describeWithPostgres('a PostgreSQL store over TLS', () => {
	let directory: string;
	let server: PostgresServer;
	let ours: Authority;
	let another: Authority;
	beforeAll(async () => {
		directory = makeDirectory();
		ours = new Authority(directory, 'ours');
		another = new Authority(directory, 'another');
		server = await PostgresServer.create({ certificate: ours.sign('database') });
	});
	afterAll(async () => {
		await server?.remove();
		removeDirectory(directory);
	});

	const rootOf = ({ certificate }: Authority) => `&sslrootcert=${encodeURIComponent(certificate.certFile)}`;

	async function opened(url: string): Promise<Store> {
		const store = await createPostgresStore({ url, region: 'north', poolSize: 2, logger: pino({ level: 'silent' }) });
		onTestFinished(() => store.close());
		return store;
	}

	/** Expects that the store does not open, with a reason without a secret. */
	async function expectRefused(url: string, reason: RegExp): Promise<void> {
		const opening = opened(url);
		await expect(opening).rejects.toBeInstanceOf(StoreError);
		await expect(opening).rejects.toThrow(reason);
		await expect(opening).rejects.not.toThrow(new URL(url).password);
	}

	it.each([
		['sslmode=verify-full and the authority of the certificate', () => `?sslmode=verify-full${rootOf(ours)}`],
		['sslmode=require and the authority of the certificate', () => `?sslmode=require${rootOf(ours)}`],
		['sslmode=no-verify', () => '?sslmode=no-verify'],
	])('stores likes with %s, over encrypted connections only', async (_, query) => {
		const database = await server.createDatabase();
		const store = await opened(database + query());
		expect((await store.commit([LIKE])).outcomes).toEqual([{ kind: 'counted' }]);
		const connections = await server.query<{ ssl: boolean }>(
			`SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
			WHERE application_name = 'likewire' AND datname = current_database()`,
			database,
		);
		expect(connections.length).toBeGreaterThan(0);
		expect(connections).toEqual(connections.map(() => ({ ssl: true })));
		await store.close();
		expect((await markPostgresRestored(database + query(), 'north')).after).toBeGreaterThan(0);
	});

	it.each([
		['another authority', () => `?sslmode=verify-full${rootOf(another)}`],
		['another authority and sslmode=require', () => `?sslmode=require${rootOf(another)}`],
		['no authority, which trusts public authorities only', () => '?sslmode=verify-full'],
	])('does not open with %s', async (_, query) => {
		await expectRefused(server.url() + query(), /the certificate of the database is not trusted: .*certificate/);
	});

	it('does not open under a name that is not in the certificate', async () => {
		const url = `${server.url().replace('127.0.0.1', 'localhost')}?sslmode=verify-full${rootOf(ours)}`;
		await expectRefused(url, /the certificate of the database is not trusted: .*localhost/);
	});

	it('does not open when the server has no TLS', async () => {
		await expectRefused(`${withoutTls().url()}?sslmode=verify-full${rootOf(ours)}`, /does not support SSL/);
	});

	it.each(['sslrootcert', 'sslcert', 'sslkey'])(
		'does not open without the file of %s, and names the file',
		async (name) => {
			const url = `${server.url()}?sslmode=verify-full&${name}=${encodeURIComponent(join(directory, 'missing.pem'))}`;
			await expectRefused(url, /its address allows no connection: .*missing\.pem/);
			await expect(markPostgresRestored(url, 'north')).rejects.toThrow(/missing\.pem/);
		},
	);
});
