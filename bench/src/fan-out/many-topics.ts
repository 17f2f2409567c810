import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { paths } from '@likewire/protocol';
import { type ClusterReport, fetchClusterReport } from '../../../local-cluster/nodes/cluster-report.ts';
import { type LocalCluster, startCluster } from '../../../local-cluster/nodes/local-cluster.ts';
import type { LocalNode } from '../../../local-cluster/nodes/local-node.ts';
import { until } from '../bench-environment.ts';
import type { GatewayOptions } from '../processes/gateway-process.ts';

const TOPICS = 10_000;

/** The topics that one connection may follow. */
const TOPICS_PER_CONNECTION = 100;

/** The interval of polls, in milliseconds, which is the resolution of the result. */
const POLL_MS = 5;

const TIMEOUT_MS = 20_000;

/** The time from a change of the ring until every topic is registered with its new owner, in milliseconds. */
export interface Reregistration {
	/** After a dispatcher left, and the other one took its topics. */
	readonly left: number;
	/** After this dispatcher joined again, and took its share. */
	readonly joined: number;
}

/** Measures a frontend with viewers of 10,000 videos while one of two dispatchers leaves and joins again. */
export async function reregister(gateway: GatewayOptions): Promise<Reregistration> {
	const cluster = await startCluster({
		likes: 1,
		dispatchers: 2,
		frontends: 1,
		flags: ['--static-dir', 'none', '--log-level', 'error'],
		fileOf: () => gateway.file,
		nodeFlags: gateway.nodeFlags,
	});
	const streams: ClientRequest[] = [];
	try {
		const [frontend] = cluster.frontends;
		const [stays, leaves] = cluster.dispatchers;
		if (frontend === undefined || stays === undefined || leaves === undefined) throw new Error('a node is missing');
		for (let from = 0; from < TOPICS; from += TOPICS_PER_CONNECTION) streams.push(await follow(frontend.url, from));
		await rowsOf(cluster, (rows) => rows.reduce((sum, count) => sum + count, 0) === TOPICS);
		const leaving = leaves.stop();
		const left = await timeToRows(stays, 1);
		await leaving;
		leaves.launch();
		const joined = await timeToRows(leaves, 2, stays);
		return { left, joined };
	} finally {
		for (const stream of streams) stream.destroy();
		await cluster.stop();
	}
}

/** Opens a viewer of 100 consecutive videos. */
async function follow(url: string, from: number): Promise<ClientRequest> {
	const query = new URLSearchParams();
	for (let index = from; index < from + TOPICS_PER_CONNECTION; index++) query.append('video', `bench-${index}`);
	const stream = request(`${url}${paths.stream}?${query}`);
	stream.on('error', () => undefined);
	stream.end();
	const [response] = await once(stream, 'response');
	response.on('error', () => undefined);
	response.resume();
	return stream;
}

const ownOf = ({ node, members }: ClusterReport) => members.find((member) => member.node === node);

async function rowsOf(cluster: LocalCluster, enough: (rows: readonly number[]) => boolean): Promise<void> {
	const registered = await until(
		async () => {
			const reports = await Promise.all(cluster.dispatchers.map(fetchClusterReport));
			return enough(reports.map((report) => ownOf(report)?.rows ?? 0));
		},
		TIMEOUT_MS,
		POLL_MS,
	);
	if (!registered) throw new Error('the topics were not registered in time');
}

/**
 * Measures the time from a dispatcher's first ring with `members` dispatchers until it has the rows of all topics that the
 * other dispatcher does not own.
 */
async function timeToRows(dispatcher: LocalNode, members: number, other?: LocalNode): Promise<number> {
	let changedAt: number | undefined;
	let doneAt = Number.NaN;
	const done = await until(
		async () => {
			const report = await fetchClusterReport(dispatcher).catch(() => undefined);
			if (report === undefined || report.members.filter(({ share }) => share !== undefined).length !== members)
				return false;
			const now = performance.now();
			changedAt ??= now;
			const own = ownOf(report)?.rows ?? 0;
			const others = other === undefined ? 0 : (ownOf(await fetchClusterReport(other))?.rows ?? 0);
			doneAt = now;
			return own + others === TOPICS && own > 0;
		},
		TIMEOUT_MS,
		POLL_MS,
	);
	if (!done || changedAt === undefined) throw new Error('the topics were not registered again in time');
	return doneAt - changedAt;
}
