import { until } from '../../../local-cluster/until.ts';
import type { DrillCluster } from '../environment/drill-cluster.ts';
import { REGIONS } from '../environment/topology.ts';
import type { Fault } from '../fault.ts';
import { restoredPostgres } from './restored-store.ts';

/** The servers that the nodes of a region use: its PostgreSQL, and its etcd. */
const SERVER = { topology: REGIONS, boundMs: 5_000 } as const;

/**
 * Until the database is back, likes that belong to its region are insisted on. A frontend that lacks a comment which is late
 * has nobody to ask for it then: after a second it tells a gap.
 */
const DATABASE = {
	...SERVER,
	lastsMs: 4_000,
	lastLike: 'while it lasts',
	viewersAgree: 'after it',
	gaps: ['lost'],
} as const;

/** So many Likes nodes commit at the same time. */
const BOTH = 2;

/** The PostgreSQL of a region. */
export function postgresOf(target: DrillCluster, region = 'eu') {
	const { postgres } = target.region(region);
	if (postgres === undefined) throw new Error(`${region} has no PostgreSQL`);
	return postgres;
}

export const servers: readonly Fault[] = [
	{
		...DATABASE,
		name: 'postgres-killed',
		about: 'kill -9 of all processes of the PostgreSQL of a region, which starts again 4 s later',
		short: true,
		inject: (target) => postgresOf(target).server.kill(),
	},
	{
		...DATABASE,
		name: 'postgres-stopped',
		about: 'the PostgreSQL of a region is stopped in good order, and started 4 s later',
		inject: (target) => postgresOf(target).server.stop('fast'),
	},
	{
		...SERVER,
		name: 'likes-killed-in-commit',
		about: 'kill -9 of one of two Likes nodes of a database, while the commits of both wait for a lock there',
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
		about: 'kill -9 of the etcd of a region for 12 s, longer than it remembers a node that it does not hear',
		needsEtcd: true,
		lastsMs: 12_000,
		lastLike: 'while it lasts',
		viewersAgree: 'while it lasts',
		inject: ({ cluster }) => cluster.etcd?.kill(),
	},
	...restoredPostgres,
];
