import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { type ClientRequest, get } from 'node:http';
import { paths } from '@likewire/protocol';
import type { View } from '../../../gateway/src/cluster/membership/view.ts';
import { createPresenceReporter } from '../../../gateway/src/frontend/presence/presence-reporter.ts';
import { makeOwnedDirectory, removeOwnedDirectory } from '../../../local-cluster/cleanup.ts';
import { freePort } from '../../../local-cluster/free-ports.ts';
import { fetchClusterReport } from '../../../local-cluster/nodes/cluster-report.ts';
import { LocalNode } from '../../../local-cluster/nodes/local-node.ts';
import { after, until } from '../bench-environment.ts';
import { createFakeNode, type FakeNode, servePeers } from '../fan-out/fake-node.ts';
import { quiet } from '../fan-out/quiet.ts';
import { Histogram } from '../measure/histogram.ts';
import { coresUsed, cpuTime } from '../measure/process-usage.ts';
import { BUILD_DIR, type GatewayOptions } from '../processes/gateway-process.ts';
import type { Plot, Scenario } from '../scenario.ts';

/** The number of users with heartbeats. */
const USERS = 60_000;

/** The measured rates in heartbeats a second; one frontend cannot send more to one dispatcher. */
const RATES = [2_500, 10_000, 20_000];

/** The rate at which users connect while a stream follows them. */
const WATCHED_RATE = 10_000;

/** The number of users that one stream may follow. */
const WATCHED = 100;

/** The time for registrations and the first heartbeats of all users, in milliseconds. */
const SETTLE_MS = 3_000;

interface Measure {
	readonly rate: number;
	/** Per second. */
	readonly heartbeats: number;
	/** Cores of the dispatcher's event loop. */
	readonly mainThread: number;
}

export const presence: Scenario = {
	name: 'presence',
	about: `one dispatcher, ${USERS} online users: heartbeats a second, and the time until a new user is seen online`,
	seconds: 5,

	async run({ gateway, quick, seconds, progress }) {
		const cluster = await startCluster(gateway);
		try {
			const measures: Measure[] = [];
			const seen = new Histogram();
			for (const rate of quick ? [WATCHED_RATE] : RATES) {
				const pulse = createPresenceReporter({
					presenceMs: (USERS / rate) * 1_000,
					presenceGraceMs: 0,
					ring: cluster.fake.cluster.view.ring,
					sendHeartbeats: cluster.fake.calls.presence,
					logger: quiet,
				});
				for (let user = 0; user < USERS; user++) pulse.present(`user-${user}`, true);
				await after(SETTLE_MS);
				const measure = await measureRate(cluster.dispatcher, rate, seconds);
				measures.push(measure);
				progress(`${Math.round(measure.heartbeats)} heartbeats/s: ${measure.mainThread.toFixed(2)} cores`);
				if (rate === WATCHED_RATE) {
					progress(`${WATCHED} users connect, one after another`);
					await measureOnline(cluster.frontend, seen);
				}
				pulse.close();
			}
			const best = measures.at(-1) as Measure;
			return {
				figures: [
					{ label: 'heartbeats taken', value: best.heartbeats, unit: '/s' },
					{
						label: 'heartbeats for a second of one core',
						value: best.heartbeats / best.mainThread,
						unit: '/s',
						target: { bound: 'at least', value: 10_000 },
					},
					{ label: 'connects → seen online P50', value: seen.percentile(0.5), unit: 'ms' },
					{
						label: 'connects → seen online P99',
						value: seen.percentile(0.99),
						unit: 'ms',
						target: { bound: 'under', value: 200 },
					},
				],
				checks: [
					{
						label: 'every user that connected was seen online',
						ok: seen.count === WATCHED,
						detail: `${seen.count} of ${WATCHED}`,
					},
				],
				plots: [plotOf(measures)],
				details: { users: USERS, measures, seen: seen.summary() },
			};
		} finally {
			await cluster.stop();
		}
	},
};

/** Returns the plot of the cores that heartbeats take. */
function plotOf(measures: readonly Measure[]): Plot {
	const points = measures.map(({ rate, mainThread }) => [rate, mainThread] as const);
	const title = 'Event loop of a dispatcher, by heartbeats a second';
	const lines = [{ name: 'main thread', points }];
	return { name: 'heartbeats', title, x: 'heartbeats/s', y: 'cores', logarithmic: 'none', lines };
}

interface PresenceCluster {
	readonly dispatcher: LocalNode;
	readonly frontend: LocalNode;
	/** A frontend with all users, of which only the heartbeats are real. */
	readonly fake: FakeNode;
	stop(): Promise<void>;
}

async function startCluster({ file, nodeFlags }: GatewayOptions): Promise<PresenceCluster> {
	mkdirSync(BUILD_DIR, { recursive: true });
	const dataDir = makeOwnedDirectory(BUILD_DIR);
	const secret = randomBytes(24).toString('base64url');
	const roles = { 'likes-1': 'likes', 'dispatcher-1': 'dispatcher', 'frontend-1': 'frontend', 'played-1': 'frontend' };
	const names = Object.keys(roles) as (keyof typeof roles)[];
	const ports = await Promise.all(names.map(freePort));
	const list = names.map((name, index) => `${name}=${roles[name]}@127.0.0.1:${ports[index]}`).join();
	const start = async (name: keyof typeof roles) => {
		const node = new LocalNode({
			node: name,
			roles: [roles[name] as 'likes'],
			port: await freePort(),
			internalPort: ports[names.indexOf(name)] as number,
			dataDir,
			flags: ['--peers', list, '--static-dir', 'none', '--log-level', 'error'],
			env: { LIKEWIRE_CLUSTER_SECRET: secret },
			nodeFlags,
			file,
			showLog: true,
		});
		await node.start();
		return node;
	};
	const nodes = await Promise.all((['likes-1', 'dispatcher-1', 'frontend-1'] as const).map(start));
	const [, dispatcher, frontend] = nodes as [LocalNode, LocalNode, LocalNode];
	const peers = names.map((node, index) => ({
		node,
		roles: [roles[node] as 'likes'],
		url: `http://127.0.0.1:${ports[index]}`,
	}));
	const self = { ...(peers.at(-1) as (typeof peers)[number]), incarnation: Date.now() };
	let view: View | undefined;
	const options = {
		self,
		peers: peers.slice(0, -1),
		secret,
		onView: (next: View) => {
			view = next;
		},
	};
	const fake = createFakeNode(options);
	await servePeers(fake, options, async () => new Map());
	const hasRing = await until(() => (view ?? fake.cluster.view).ring.members.length === 1, 10_000, 20);
	if (!hasRing) throw new Error('the fake frontend did not reach the dispatcher in time');
	return {
		dispatcher,
		frontend,
		fake,
		async stop() {
			fake.cluster.close();
			await Promise.all(nodes.map((node) => node.stop()));
			removeOwnedDirectory(dataDir);
		},
	};
}

async function measureRate(dispatcher: LocalNode, rate: number, seconds: number): Promise<Measure> {
	const taken = async () => {
		const { members } = await fetchClusterReport(dispatcher);
		return members.find(({ state }) => state === 'self')?.counters?.heartbeats ?? Number.NaN;
	};
	const before = await taken();
	const from = cpuTime(dispatcher.pid);
	await after(seconds * 1_000);
	const to = cpuTime(dispatcher.pid);
	const heartbeats = ((await taken()) - before) / seconds;
	return { rate, heartbeats, mainThread: coresUsed(from, to)?.mainThread ?? Number.NaN };
}

/** Connects users one after another, and measures how soon a stream that follows them shows each online. */
async function measureOnline({ url }: LocalNode, seen: Histogram): Promise<void> {
	const streams: ClientRequest[] = [];
	const open = (query: URLSearchParams) => {
		const stream = get(`${url}${paths.stream}?${query}`, { agent: false });
		stream.on('error', () => undefined);
		streams.push(stream);
		return stream;
	};
	const connectedAt = new Map<string, number>();
	const users = Array.from({ length: WATCHED }, (_, index) => `watched-${index}`);
	const [watching] = await once(open(new URLSearchParams(users.map((user) => ['presence', user]))), 'response');
	watching.setEncoding('utf8').on('data', (text: string) => {
		for (const [, user = ''] of text.matchAll(/"user":"([^"]+)","online":true/g)) {
			const from = connectedAt.get(user);
			if (from === undefined) continue;
			seen.record(performance.now() - from);
			connectedAt.delete(user);
		}
	});
	await after(500);
	for (const user of users) {
		connectedAt.set(user, performance.now());
		const [response] = await once(open(new URLSearchParams({ video: 'bench', user })), 'response');
		response.resume();
		await after(20);
	}
	await until(() => connectedAt.size === 0, 3_000, 20);
	for (const stream of streams) stream.destroy();
}
