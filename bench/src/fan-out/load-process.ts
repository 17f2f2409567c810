import type { Peer } from '../../../gateway/src/cluster/membership/peer.ts';
import type { Known } from '../../../gateway/src/state/update.ts';
import { Histogram } from '../measure/histogram.ts';
import { runFakeFrontend } from './fake-frontend.ts';
import { Due, FakeLikes } from './fake-likes.ts';
import { createFakeNode, type FakeNode, servePeers } from './fake-node.ts';
import type { FakeCluster, LoadAnswer, LoadCommand, LoadReport } from './load-messages.ts';

/** The interval at which each Likes node publishes a batch, in milliseconds: the time of a transaction. */
const TICK_MS = 10;

const local = (port: number) => `http://127.0.0.1:${port}`;

const nodes: FakeNode[] = [];
let dues: readonly Due[] = [];
let answered = new Histogram();
let done = { events: 0, updates: 0, batches: 0 };
let countersBefore = { floods: 0, retries: 0 };

/** Starts all fake nodes, and resolves when the dispatcher has the topics of every frontend. */
async function play(cluster: FakeCluster): Promise<void> {
	const { dispatcher, secret, frontendPorts, frontendIncarnation, likesPorts, videos, viewersEach } = cluster;
	const likes = new FakeLikes(videos);
	const dispatchers: Peer[] = [{ ...dispatcher, roles: ['dispatcher'] }];
	const frontends = frontendPorts.map(
		(port, index): Peer => ({ node: `frontend-${index}`, roles: ['frontend'], url: local(port) }),
	);
	for (const [index, port] of likesPorts.entries()) {
		const self = { node: `likes-${index}`, roles: ['likes'], url: local(port), incarnation: Date.now() } as const;
		// Likes nodes do not know the frontends: a flood would slow this process down, and counting it is enough.
		const options = { self, peers: dispatchers, secret, onPublished: (ms: number) => answered.record(ms) };
		const node = createFakeNode(options);
		await servePeers(node, options, async (topics) => {
			return new Map(topics.map((topic): [string, Known] => [topic, { rows: likes.rows(topic) }]));
		});
		nodes.push(node);
		setTimeout(() => setInterval(() => publish(node, index, likes), TICK_MS), (TICK_MS / likesPorts.length) * index);
	}
	const registered = frontends.map((peer, index) =>
		runFakeFrontend({
			self: { ...peer, incarnation: frontendIncarnation },
			dispatchers,
			secret,
			topics: {
				topicNames: () => likes.topics,
				registration: (topic) => ({ topic, count: viewersEach, ...likes.known(topic) }),
			},
			phase: index / frontends.length,
		}),
	);
	await Promise.all(registered);
}

function publish({ cluster }: FakeNode, index: number, likes: FakeLikes): void {
	const due = dues[index];
	const count = due?.take(performance.now()) ?? 0;
	if (due === undefined || count === 0) return;
	const batch = likes.add(count, due.hotShare);
	done.events += count;
	done.updates += batch.size;
	done.batches++;
	cluster.publish(batch);
}

function counters(): typeof countersBefore {
	const sum = (name: 'floods' | 'retries') =>
		nodes.reduce((all, { cluster }) => all + cluster.router.counters[name], 0);
	return { floods: sum('floods'), retries: sum('retries') };
}

function reset(): void {
	answered = new Histogram();
	done = { events: 0, updates: 0, batches: 0 };
	countersBefore = counters();
}

function report(): LoadReport {
	const { user, system } = process.cpuUsage();
	const { floods, retries } = counters();
	return {
		...done,
		floods: floods - countersBefore.floods,
		retries: retries - countersBefore.retries,
		answered: answered.buckets(),
		cpuSeconds: (user + system) / 1e6,
	};
}

async function execute(command: LoadCommand): Promise<LoadAnswer> {
	if (command.ask === 'play') await play(command.cluster);
	else if (command.ask === 'reset') reset();
	else if (command.ask === 'report') return { answer: 'report', report: report() };
	else {
		const { perSecond, hotShare } = command.rate;
		const rate = { perSecond: perSecond / nodes.length, hotShare };
		dues = nodes.map(() => new Due(rate, performance.now()));
	}
	return { answer: 'done' };
}

process.on('message', (command: LoadCommand) => {
	execute(command).then(
		(answer) => process.send?.(answer),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		},
	);
});
process.on('disconnect', () => process.exit(0));
