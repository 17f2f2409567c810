import { until } from '../../../local-cluster/until.ts';
import type { DrillCluster } from '../environment/drill-cluster.ts';
import { REGIONS } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';
import { restoredPostgres } from './restored-store.ts';

/** Faults of the PostgreSQL and the etcd of a region. */
const SERVER = { topology: REGIONS, boundMs: 5_000 } as const;

/**
 * Clients retry likes of a region until its database is back. A frontend that misses a late comment cannot read it from the
 * store: after a second it sends a gap.
 */
const DATABASE = {
	...SERVER,
	lastsMs: 4_000,
	lastLike: 'while it lasts',
	viewersAgree: 'after it',
	gaps: ['lost'],
} as const;

/** The number of Likes nodes that commit at the same time. */
const BOTH = 2;

/** Returns the PostgreSQL of a region. */
export function postgresOf(target: DrillCluster, region = 'eu') {
	const { postgres } = target.region(region);
	if (postgres === undefined) throw new Error(`${region} has no PostgreSQL`);
	return postgres;
}

export const servers: readonly Fault[] = [
	{
		...DATABASE,
		name: 'postgres-killed',
		about: 'kill -9 of all processes of the PostgreSQL of a region, which restarts 4 s later',
		short: true,
		inject: (target) => postgresOf(target).server.kill(),
	},
	{
		...DATABASE,
		name: 'postgres-stopped',
		about: 'a shutdown of the PostgreSQL of a region, which restarts 4 s later',
		inject: (target) => postgresOf(target).server.stop('fast'),
	},
	{
		...SERVER,
		name: 'likes-killed-in-commit',
		about: 'kill -9 of one of two Likes nodes of a database, while the commits of both wait for a lock',
		lastsMs: 2_000,
		lastLike: 'as it hits',
		viewersAgree: 'while it lasts',
		async inject(target) {
			const { server, url } = postgresOf(target);
			const release = await server.hold(
				`SELECT FROM likewire.topics WHERE topic = 'video:${target.hot}' FOR UPDATE`,
				url,
			);
			const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
			await until(async () => (await server.query(waiting, url)).length >= BOTH, { what: 'both to commit' });
			await target.random.pick(target.cluster.likes).kill();
			await release();
		},
	},
	{
		...SERVER,
		name: 'etcd-killed',
		about: 'kill -9 of the etcd of a region for 12 s, longer than the lease of a node',
		needsEtcd: true,
		lastsMs: 12_000,
		lastLike: 'while it lasts',
		viewersAgree: 'while it lasts',
		inject: ({ cluster }) => cluster.etcd?.kill(),
	},
	...restoredPostgres,
];
