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

/** What the store logged. */
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

/** How often the store found its database again. */
const recoveries = () => log.split('the database can be used again').length - 1;

/** That it refuses a like, and says why. */
async function expectRefused(store: Store, reason: RegExp, command = like()): Promise<void> {
	const refused = store.commit([command]);
	await expect(refused).rejects.toThrow(reason);
	await expect(refused).rejects.toBeInstanceOf(StoreError);
}

/** Ends the connections of everybody else. */
async function endConnections(): Promise<void> {
	await admin(
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
	);
}

/** Somebody else who holds all topics, until they roll back. */
async function lockVideos(): Promise<Client> {
	const other = new Client(url);
	await other.connect();
	onTestFinished(() => other.end());
	await other.query('BEGIN');
	await other.query('SELECT FROM likewire.topics FOR UPDATE');
	return other;
}

describeWithPostgres('a PostgreSQL store', () => {
	it('refuses likes while its server is stopped, at once and with a reason, and takes them when it is back', async () => {
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

	it('loses no like and counts none twice, though its server crashes under load again and again', async () => {
		const store = await opened();
		const answered = new Set<string>();
		let stopping = false;
		async function viewer(): Promise<void> {
			while (!stopping) {
				const command = like();
				while (!answered.has(command.id)) {
					await store.commit([command]).then(
						() => answered.add(command.id),
						// Whoever tries again at once would keep this process busy.
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

	it('does not wait for a server that hangs, and counts once what it was sent meanwhile', async () => {
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

	it('refuses likes of a database that is read-only, and tells what it knows meanwhile', async () => {
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

	it('refuses likes while the server has no connection left, or does not let it in any more', async () => {
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

	it('counts a like once whose answer was lost on the way', async () => {
		const proxy = await startCutProxy(postgres().port);
		onTestFinished(() => proxy.close());
		const through = new URL(url);
		through.port = String(proxy.port);
		const store = await opened(through.href);
		await store.commit([like()]);
		const one = like();
		proxy.cutNextAnswer();
		await expectRefused(store, /the database cannot be reached: Connection terminated/, one);
		// It is stored: the answer was on its way.
		expect(await admin('SELECT id FROM likewire.likes WHERE id = $1', [one.id])).toEqual([{ id: one.id }]);
		await isBack(store);
		expect((await store.commit([one])).outcomes).toEqual([{ kind: 'duplicate', id: one.id }]);
		expect(await heartsOf(store)).toBe(2);
	});

	it('counts a like once whose connection was ended before it was committed', async () => {
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

	it('gives up a like that waits for others too long, and counts it once when it comes again', async () => {
		const store = await opened();
		await store.commit([like()]);
		const other = await lockVideos();
		const one = like();
		await expectRefused(store, /the database took too long/, one);
		await other.query('ROLLBACK');
		expect((await store.commit([one])).outcomes).toEqual([{ kind: 'counted' }]);
	});
});

describeWithPostgres('a PostgreSQL store that is opened', () => {
	it.each([
		['with a wrong password', () => url.replace(/:[^:@]+@/, ':hush-hush@'), /refuses the user or the password/],
		['without a password', () => url.replace(/:[^:@]+@/, '@'), /password/],
		['with a user that there is not', () => url.replace('likewire:', 'nobody:'), /refuses the user or the password/],
		['on a database that there is not', () => `${url}_not`, /database "test_\d+_not" does not exist/],
	])('%s is refused with a reason, and without the password', async (_, wrong, reason) => {
		const refused = opened(wrong());
		await expect(refused).rejects.toThrow(reason);
		await expect(refused).rejects.toBeInstanceOf(StoreError);
		await expect(refused).rejects.not.toThrow(/hush-hush|secret-of-the-tests/);
	});

	it('refuses a database with another version of the schema and leaves it alone', async () => {
		await (await opened()).close();
		await admin('UPDATE likewire.schema SET version = 99');
		await expect(opened()).rejects.toThrow(/schema version 99, this gateway needs version 1; .*--database-url/);
		expect(await admin('SELECT version FROM likewire.schema')).toEqual([{ version: 99 }]);
	});

	it('as a user who may not make tables is refused, and is not when they are there', async () => {
		const role = `reader_${randomUUID().slice(0, 8)}`;
		await admin(`CREATE ROLE ${role} LOGIN PASSWORD 'first'`);
		const own = new URL(url);
		[own.username, own.password] = [role, 'first'];
		await expect(opened(own.href)).rejects.toThrow(/the user of the database may not do that/);
		await (await opened()).close();
		await admin(`GRANT USAGE ON SCHEMA likewire TO ${role}`);
		await admin(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA likewire TO ${role}`);
		const store = await opened(own.href);
		expect((await store.commit([like()])).outcomes).toEqual([{ kind: 'counted' }]);
	});

	it('while nothing is there waits for it: what is asked meanwhile fails at once', async () => {
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
