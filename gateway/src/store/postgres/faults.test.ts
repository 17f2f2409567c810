import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { pino } from 'pino';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { startCutProxy } from '../../../test/cut-proxy.ts';
import { freePort } from '../../../test/free-port.ts';
import { describeWithPostgres, sharePostgres } from '../../../test/postgres.ts';
import { type LikeCommand, type Store, StoreError } from '../store.ts';
import { createPostgresStore } from './postgres-store.ts';

const postgres = sharePostgres();
const TOPIC = 'video:v1';
let url: string;
beforeEach(async () => {
	await postgres().start();
	url = await postgres().createDatabase();
});

/** The log of the store. */
let log = '';

async function opened(at = url): Promise<Store> {
	log = '';
	const logger = pino({}, { write: (line) => (log += line) });
	const options = { url: at, region: 'north', poolSize: 4, statementTimeoutMs: 500, logger };
	const store = await createPostgresStore(options);
	onTestFinished(() => store.close());
	return store;
}

const like = (id: string = randomUUID()): LikeCommand => ({
	kind: 'like',
	topic: TOPIC,
	id,
	user: 'ann',
	type: 'heart',
	once: false,
	at: 1,
});
const heartsOf = async (store: Store) => (await store.read([TOPIC])).get(TOPIC)?.north?.counts.heart?.[0] ?? 0;
const admin = (text: string, values?: readonly unknown[]) =>
	postgres().query<Record<string, unknown>>(text, url, values);
const isBack = (store: Store) => vi.waitUntil(() => store.available, { timeout: 60_000, interval: 10 });
const isAway = (store: Store) => vi.waitUntil(() => !store.available, { timeout: 60_000, interval: 10 });

/** Returns the number of recoveries in the log. */
const recoveries = () => log.split('database usable again').length - 1;

/** Expects that the store refuses a like for a reason. */
async function expectRefused(store: Store, reason: RegExp, command = like()): Promise<void> {
	const refused = store.commit([command]);
	await expect(refused).rejects.toThrow(reason);
	await expect(refused).rejects.toBeInstanceOf(StoreError);
}

/** Ends all other connections to the database. */
async function endConnections(): Promise<void> {
	await admin(
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
	);
}

/** Opens another session that locks all topics until it rolls back. */
async function lockVideos(): Promise<Client> {
	const other = new Client(url);
	await other.connect();
	onTestFinished(() => other.end());
	await other.query('BEGIN');
	await other.query('SELECT FROM likewire.topics FOR UPDATE');
	return other;
}

describeWithPostgres('a PostgreSQL store', () => {
	it('refuses likes at once, with a reason, while its server is stopped, and takes likes after its start', async () => {
		const store = await opened();
		await store.commit([like()]);
		await postgres().stop('fast');
		await isAway(store);
		await expectRefused(store, /the database cannot be reached/);
		await expect(store.read([TOPIC])).rejects.toBeInstanceOf(StoreError);
		await postgres().start();
		await isBack(store);
		await store.commit([like()]);
		expect(await heartsOf(store)).toBe(2);
	});

	it('loses no like and counts none twice when its server crashes repeatedly under load', async () => {
		const store = await opened();
		const answered = new Set<string>();
		let stopping = false;
		async function viewer(): Promise<void> {
			while (!stopping) {
				const command = like();
				while (!answered.has(command.id)) {
					await store.commit([command]).then(
						() => answered.add(command.id),
						// Retries without a wait would keep this process busy.
						() => new Promise((resolve) => setTimeout(resolve, 20)),
					);
				}
			}
		}
		const viewers = Array.from({ length: 8 }, viewer);
		for (let crash = 0; crash < 3; crash++) {
			const before = answered.size;
			await vi.waitUntil(() => answered.size > before + 50, { timeout: 60_000, interval: 5 });
			await (crash === 1 ? postgres().stop('immediate') : postgres().kill());
			await postgres().start();
		}
		stopping = true;
		await Promise.all(viewers);
		expect(await heartsOf(store)).toBe(answered.size);
		expect(await admin('SELECT count(*)::int AS likes FROM likewire.likes')).toEqual([{ likes: answered.size }]);
	});

	it('does not wait for a server that hangs, and counts a like of that time once', async () => {
		const store = await opened();
		await store.commit([like()]);
		const [one] = [like()];
		postgres().signal('SIGSTOP');
		onTestFinished(() => postgres().signal('SIGCONT'));
		await expectRefused(store, /the database cannot be reached: Query read timeout/, one);
		expect(store.available).toBe(false);
		await expectRefused(store, /the database cannot be reached/, one);
		postgres().signal('SIGCONT');
		await isBack(store);
		await store.commit([one]);
		expect(await heartsOf(store)).toBe(2);
	});

	it('refuses likes while its database is read-only, and answers reads', async () => {
		const store = await opened();
		await store.commit([like()]);
		const { pathname } = new URL(url);
		const name = pathname.slice(1);
		await admin(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
		await endConnections();
		await vi.waitUntil(() => recoveries() === 1, { timeout: 60_000, interval: 10 });
		await expectRefused(store, /the database takes no writes now/);
		expect(await heartsOf(store)).toBe(1);
		await postgres().query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
		await endConnections();
		await vi.waitUntil(() => recoveries() === 2, { timeout: 60_000, interval: 10 });
		await store.commit([like()]);
		expect(await heartsOf(store)).toBe(2);
	});

	it('refuses likes while the server has no connection left, or refuses the user', async () => {
		const role = `app_${randomUUID().slice(0, 8)}`;
		await admin(`CREATE ROLE ${role} LOGIN PASSWORD 'first'`);
		await admin(`ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO ${role}`);
		const own = new URL(url);
		[own.username, own.password] = [role, 'first'];
		const store = await opened(own.href);
		await store.commit([like()]);
		const troubles = [
			[`CONNECTION LIMIT 0`, `CONNECTION LIMIT -1`, /the database has no connection left/],
			[`PASSWORD 'other'`, `PASSWORD 'first'`, /the database refuses the user or the password/],
			['NOLOGIN', 'LOGIN', /the database refuses the user or the password/],
		] as const;
		for (const [trouble, remedy, reason] of troubles) {
			await admin(`ALTER ROLE ${role} ${trouble}`);
			await endConnections();
			await vi.waitUntil(() => reason.test(log), { timeout: 60_000, interval: 10 });
			await expectRefused(store, reason);
			await admin(`ALTER ROLE ${role} ${remedy}`);
			await isBack(store);
			await store.commit([like()]);
			log = '';
		}
		expect(await heartsOf(store)).toBe(1 + troubles.length);
	});

	it('counts a like once when its answer gets lost', async () => {
		const proxy = await startCutProxy(postgres().port);
		onTestFinished(() => proxy.close());
		const through = new URL(url);
		through.port = String(proxy.port);
		const store = await opened(through.href);
		await store.commit([like()]);
		const one = like();
		proxy.cutNextAnswer();
		await expectRefused(store, /the database cannot be reached: Connection terminated/, one);
		// The like is stored, only its answer was lost.
		expect(await admin('SELECT id FROM likewire.likes WHERE id = $1', [one.id])).toEqual([{ id: one.id }]);
		await isBack(store);
		expect((await store.commit([one])).outcomes).toEqual([{ kind: 'duplicate', id: one.id }]);
		expect(await heartsOf(store)).toBe(2);
	});

	it('counts a like once when its connection ends before the commit', async () => {
		const store = await opened();
		await store.commit([like()]);
		const other = await lockVideos();
		const one = like();
		const refused = expectRefused(store, /the database cannot be reached/, one);
		const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
		await vi.waitUntil(async () => (await admin(waiting)).length > 0, 60_000);
		await admin(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS waiting`);
		await refused;
		await other.query('ROLLBACK');
		await isBack(store);
		expect((await store.commit([one])).outcomes).toEqual([{ kind: 'counted' }]);
		expect(await heartsOf(store)).toBe(2);
	});

	it('refuses a like that waits too long for a lock, and counts its retry once', async () => {
		const store = await opened();
		await store.commit([like()]);
		const other = await lockVideos();
		const one = like();
		await expectRefused(store, /the database took too long/, one);
		await other.query('ROLLBACK');
		expect((await store.commit([one])).outcomes).toEqual([{ kind: 'counted' }]);
	});
});

describeWithPostgres('createPostgresStore', () => {
	it.each([
		['with a wrong password', () => url.replace(/:[^:@]+@/, ':hush-hush@'), /refuses the user or the password/],
		['without a password', () => url.replace(/:[^:@]+@/, '@'), /password/],
		['with an unknown user', () => url.replace('likewire:', 'unknown:'), /refuses the user or the password/],
		['on an unknown database', () => `${url}_not`, /database "test_\d+_not" does not exist/],
	])('rejects %s, with a reason without the password', async (_, wrong, reason) => {
		const refused = opened(wrong());
		await expect(refused).rejects.toThrow(reason);
		await expect(refused).rejects.toBeInstanceOf(StoreError);
		await expect(refused).rejects.not.toThrow(/hush-hush|secret-of-the-tests/);
	});

	it('refuses a database with another version of the schema, and does not change it', async () => {
		await (await opened()).close();
		await admin('UPDATE likewire.schema SET version = 99');
		await expect(opened()).rejects.toThrow(/schema version 99, this gateway needs version 2; .*--database-url/);
		expect(await admin('SELECT version FROM likewire.schema')).toEqual([{ version: 99 }]);
	});

	it('rejects for a user without the right to create tables, unless the tables exist', async () => {
		const role = `reader_${randomUUID().slice(0, 8)}`;
		await admin(`CREATE ROLE ${role} LOGIN PASSWORD 'first'`);
		const own = new URL(url);
		[own.username, own.password] = [role, 'first'];
		await expect(opened(own.href)).rejects.toThrow(/the database denies its user a permission/);
		await (await opened()).close();
		await admin(`GRANT USAGE ON SCHEMA likewire TO ${role}`);
		await admin(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA likewire TO ${role}`);
		const store = await opened(own.href);
		expect((await store.commit([like()])).outcomes).toEqual([{ kind: 'counted' }]);
	});

	it('resolves while the server is down with a store that refuses requests at once, and recovers', async () => {
		const port = await freePort();
		const away = await opened(`postgres://likewire@127.0.0.1:${port}/likewire`);
		expect(away.available).toBe(false);
		await expectRefused(away, new RegExp(`the database cannot be reached: .*ECONNREFUSED.*${port}`));
		await postgres().stop('fast');
		const store = await opened();
		expect(store.available).toBe(false);
		await expectRefused(store, /the database cannot be reached/);
		await postgres().start();
		await isBack(store);
		expect((await store.commit([like()])).outcomes).toEqual([{ kind: 'counted' }]);
		expect(log).not.toContain('secret-of-the-tests');
	});
});
