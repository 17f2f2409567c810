import type { LocalNode } from '../nodes/local-node.ts';
import type { LocalRegion } from '../nodes/local-regions.ts';
import type { Balancer } from '../proxies/balancer.ts';
import { table } from './table.ts';

/** A running region with its balancer, if it has one. */
export interface RunningRegion extends LocalRegion {
	readonly balancer: Balancer | undefined;
}

const HINT = 'install haproxy (Debian: apt-get install haproxy)';

/** Returns a description of regions with all their addresses. */
export function describe(regions: readonly RunningRegion[]): string {
	const alone = regions.length === 1;
	const nodes = table([
		['node', 'role', 'for viewers', 'for operators', 'process'],
		...regions.flatMap(({ cluster, postgres }) => [
			...cluster.nodes.map((node) => [node.node, node.roles.join(), node.url, node.internalUrl, node.pid]),
			...(postgres ? [['', 'PostgreSQL', '', hostOf(postgres.url), postgres.server.pid]] : []),
		]),
	]);
	const likes = alone ? '' : 'All regions show the likes of each region. ';
	const lines = [
		'',
		...regions.flatMap((region) => [
			...(alone ? [] : [`Region ${region.name}`, '']),
			...table(addressRows(region)),
			'',
		]),
		...nodes,
		'',
		`On loopback only. ${likes}Kill a node and watch: kill -9 PROCESS. CTRL-C stops the cluster.`,
		'',
	];
	return lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}

function addressRows({ cluster, postgres, balancer }: RunningRegion): string[][] {
	const [first] = cluster.frontends as [LocalNode];
	const demo = balancer
		? [balancer.url, 'through HAProxy']
		: [first.url, `of ${first.node}; for one address of all frontends: ${HINT}`];
	return [
		['Demo', ...demo],
		['Cluster', `${first.internalUrl}/v1/cluster`, 'the view of this node'],
		...(cluster.etcd ? [['etcd', cluster.etcd.endpoints, 'etcdctl get --prefix /likewire/']] : []),
		...(postgres ? [['Likes', postgres.url, 'psql, schema likewire']] : []),
	];
}

function hostOf(url: string): string {
	return new URL(url).host;
}
