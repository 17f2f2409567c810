import { mkdirSync } from 'node:fs';
import { findPostgres } from '../../../gateway/test/postgres-programs.ts';
import { PostgresServer } from '../../../gateway/test/postgres-server.ts';
import { startCluster } from '../../../local-cluster/nodes/local-cluster.ts';
import { type Ledger, likesAtFullSpeed } from '../load/like-load.ts';
import { coresUsed, cpuTime } from '../measure/process-usage.ts';
import { start } from '../processes/child-processes.ts';
import { BUILD_DIR, type GatewayOptions } from '../processes/gateway-process.ts';
import type { Check, Figure, Scenario } from '../scenario.ts';

/** The number of likes in flight. */
const CONNECTIONS = 256;

const WARM_UP_SECONDS = 2;

const HOT = ['bench'];
const MANY = Array.from({ length: 1_000 }, (_, index) => `bench-${index}`);

interface Run {
	readonly label: string;
	readonly likesNodes: number;
	readonly videos: readonly string[];
}

const RUNS: readonly Run[] = [1, 2].flatMap((likesNodes) => [
	{ label: `${likesNodes} Likes node${likesNodes > 1 ? 's' : ''}, one hot video`, likesNodes, videos: HOT },
	{ label: `${likesNodes} Likes node${likesNodes > 1 ? 's' : ''}, 1,000 videos`, likesNodes, videos: MANY },
]);

export const postgres: Scenario = {
	name: 'postgres',
	about: 'durable likes a second with PostgreSQL, with one Likes node and with two on one database',
	seconds: 8,

	async run({ gateway, seconds, progress }) {
		if (findPostgres() === undefined) {
			progress('skipped: PostgreSQL is not installed (Debian: apt-get install postgresql)');
			return { figures: [], checks: [], details: { skipped: 'no PostgreSQL' } };
		}
		mkdirSync(BUILD_DIR, { recursive: true });
		const server = await PostgresServer.create({
			parent: BUILD_DIR,
			durable: true,
			start: (file, args, options) => start('server', file, args, options),
		});
		try {
			const figures: Figure[] = [];
			const checks: Check[] = [];
			for (const run of RUNS) {
				progress(`${run.label}, for ${seconds} s`);
				const done = await measure(server, gateway, run, seconds);
				figures.push(...done.figures);
				checks.push(done.check);
			}
			return { figures, checks, details: {} };
		} finally {
			await server.remove();
		}
	},
};

/** Measures one run on a new database. */
async function measure(
	server: PostgresServer,
	gateway: GatewayOptions,
	{ label, likesNodes, videos }: Run,
	seconds: number,
) {
	const database = await server.createDatabase();
	const cluster = await startCluster({
		likes: likesNodes,
		dispatchers: 1,
		frontends: 0,
		flags: ['--log-level', 'error'],
		env: { LIKEWIRE_DATABASE_URL: database },
		fileOf: () => gateway.file,
		nodeFlags: gateway.nodeFlags,
	});
	try {
		const load = { port: cluster.likes.map(({ port }) => port), video: videos, connections: CONNECTIONS };
		const warmUp = await likesAtFullSpeed({ ...load, seconds: WARM_UP_SECONDS });
		const before = cluster.likes.map(({ pid }) => cpuTime(pid));
		const startedAt = performance.now();
		const ledger = await likesAtFullSpeed({ ...load, seconds });
		const elapsed = (performance.now() - startedAt) / 1000;
		const cores = cluster.likes.map(({ pid }, index) => coresUsed(before[index], cpuTime(pid))?.process ?? Number.NaN);
		return {
			figures: [
				{ label, value: ledger.accepted.size / elapsed, unit: '/s' },
				{ label: '  POST → 201 P50', value: ledger.answerMs.percentile(0.5), unit: 'ms' },
				{ label: '  POST → 201 P99', value: ledger.answerMs.percentile(0.99), unit: 'ms' },
				{ label: '  Likes nodes', value: cores.reduce((sum, one) => sum + one, 0), unit: 'cores' },
			],
			check: await checkDatabase(server, database, label, [warmUp, ledger]),
		};
	} finally {
		await cluster.stop();
	}
}

/** Checks that every accepted like is stored once, and that the totals are the number of likes. */
async function checkDatabase(
	server: PostgresServer,
	database: string,
	label: string,
	ledgers: readonly Ledger[],
): Promise<Check> {
	const likes = await server.query<{ id: string }>('SELECT id FROM likewire.likes', database);
	const [sum] = await server.query<{ total: string }>(
		'SELECT sum(added - removed) AS total FROM likewire.counters',
		database,
	);
	const stored = new Set(likes.map(({ id }) => id));
	const accepted = ledgers.flatMap((ledger) => [...ledger.accepted]);
	const lost = accepted.filter((id) => !stored.has(id)).length;
	const unknown = ledgers.reduce((all, { others }) => all + (others.get(0) ?? 0), 0);
	const unasked = stored.size - (accepted.length - lost);
	return {
		label: `${label}: every like answered with 201 is in the database once, and in the totals`,
		ok: lost === 0 && unasked >= 0 && unasked <= unknown && Number(sum?.total) === likes.length,
		detail: `${accepted.length} answered with 201, ${likes.length} stored, total ${sum?.total}, ${lost} lost`,
	};
}
