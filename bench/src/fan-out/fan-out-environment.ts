import { randomBytes } from 'node:crypto';
import { freePort } from '../../../local-cluster/free-ports.ts';
import { fetchClusterReport } from '../../../local-cluster/nodes/cluster-report.ts';
import { LocalNode } from '../../../local-cluster/nodes/local-node.ts';
import { after } from '../bench-environment.ts';
import { Histogram } from '../measure/histogram.ts';
import { cpuTime } from '../measure/process-usage.ts';
import { BUILD_DIR, type GatewayOptions } from '../processes/gateway-process.ts';
import { liftSendCeiling } from '../processes/network-namespace.ts';
import { type Load, startLoad } from './load.ts';
import type { LoadRate } from './load-messages.ts';
import { type Sinks, startSinks } from './sinks.ts';

/** The number of publishing Likes nodes. */
const LIKES_NODES = 5;

/** The time for all states to reach all frontends after the registrations, in milliseconds. */
const SETTLE_MS = 2_000;

/** The time of load before a measurement, in milliseconds. */
const WARM_UP_MS = 1_000;

export interface FanOutOptions {
	readonly gateway: GatewayOptions;
	readonly frontends: number;
	readonly videos: number;
	/** Viewers of each video on each frontend. */
	readonly viewersEach: number;
}

/** The figures of a dispatcher under a rate of likes. */
export interface FanOutMeasure {
	readonly rate: LoadRate;
	/** Per second. */
	readonly events: number;
	readonly updates: number;
	readonly batches: number;
	readonly requests: number;
	readonly megabytes: number;
	/** Cores of the dispatcher's event loop, and of the whole process. */
	readonly mainThread: number;
	readonly process: number;
	/** Cores of the processes around it. */
	readonly sinks: number;
	readonly load: number;
	/** From the publishing of a like to its arrival at a frontend. */
	readonly delay: ReturnType<Histogram['summary']>;
	/** From sending a batch to the answer of the dispatcher. */
	readonly answered: ReturnType<Histogram['summary']>;
	/** Updates that went to every frontend, since the dispatcher was late or uncertain; and batches that were sent again. */
	readonly floods: number;
	readonly retries: number;
	readonly dropped: number;
}

/** A dispatcher in its own process, with fake nodes around it. */
export interface FanOut {
	readonly dispatcher: LocalNode;
	measure(rate: LoadRate, seconds: number): Promise<FanOutMeasure>;
}

/** Runs `play` with a new dispatcher whose frontends have registered their topics, and ends all processes after it. */
export async function withFanOut<Result>(
	options: FanOutOptions,
	play: (fanOut: FanOut) => Promise<Result>,
): Promise<Result> {
	const { gateway, frontends, videos, viewersEach } = options;
	const restoreCeiling = liftSendCeiling();
	const sinks = await startSinks(frontends);
	const load = startLoad();
	const secret = randomBytes(24).toString('base64url');
	const likesPorts = await Promise.all(Array.from({ length: LIKES_NODES }, freePort));
	const internalPort = await freePort();
	const peers = [
		`dispatcher-1=dispatcher@127.0.0.1:${internalPort}`,
		...sinks.ports.map((port, index) => `frontend-${index}=frontend@127.0.0.1:${port}`),
		...likesPorts.map((port, index) => `likes-${index}=likes@127.0.0.1:${port}`),
	];
	const dispatcher = new LocalNode({
		node: 'dispatcher-1',
		roles: ['dispatcher'],
		port: await freePort(),
		internalPort,
		dataDir: BUILD_DIR,
		flags: ['--peers', peers.join(), '--static-dir', 'none', '--log-level', 'error', ...(gateway.flags ?? [])],
		env: { LIKEWIRE_CLUSTER_SECRET: secret },
		nodeFlags: gateway.nodeFlags,
		file: gateway.file,
		showLog: true,
	});
	try {
		await dispatcher.start();
		await load.play({
			dispatcher: { node: dispatcher.node, url: dispatcher.internalUrl },
			secret,
			frontendPorts: sinks.ports,
			frontendIncarnation: sinks.incarnation,
			likesPorts,
			videos,
			viewersEach,
		});
		await after(SETTLE_MS);
		return await play({ dispatcher, measure: (rate, seconds) => measure(dispatcher, sinks, load, rate, seconds) });
	} finally {
		await dispatcher.stop();
		await load.close();
		await sinks.close();
		restoreCeiling();
	}
}

async function measure(
	dispatcher: LocalNode,
	sinks: Sinks,
	load: Load,
	rate: LoadRate,
	seconds: number,
): Promise<FanOutMeasure> {
	await load.setRate(rate);
	await after(WARM_UP_MS);
	const ownBefore = await readCounters(dispatcher);
	await load.reset();
	sinks.reset();
	const before = await readUsage(dispatcher, sinks, load);
	await after(seconds * 1000);
	const { cpu, delivered, published } = await readUsage(dispatcher, sinks, load);
	const own = await readCounters(dispatcher);
	const elapsed = (cpu?.readAt ?? Number.NaN) - (before.cpu?.readAt ?? Number.NaN);
	const delay = new Histogram();
	delay.merge(delivered.delay.buckets);
	const answered = new Histogram();
	answered.merge(published.answered);
	const perSecond = (from: number, to: number) => (to - from) / elapsed;
	return {
		rate,
		events: published.events / elapsed,
		updates: published.updates / elapsed,
		batches: published.batches / elapsed,
		requests: delivered.requests / elapsed,
		megabytes: delivered.bytes / 1e6 / elapsed,
		mainThread: perSecond(before.cpu?.mainThread ?? Number.NaN, cpu?.mainThread ?? Number.NaN),
		process: perSecond(before.cpu?.process ?? Number.NaN, cpu?.process ?? Number.NaN),
		sinks: perSecond(before.delivered.cpuMs, delivered.cpuMs) / 1000,
		load: perSecond(before.published.cpuSeconds, published.cpuSeconds),
		delay: delay.summary(),
		answered: answered.summary(),
		floods: published.floods + own.floods - ownBefore.floods,
		retries: published.retries + own.retries - ownBefore.retries,
		dropped: own.dropped - ownBefore.dropped,
	};
}

/** Reads the counters, for which the dispatcher sends requests to all nodes: never during a measurement. */
async function readCounters(dispatcher: LocalNode) {
	const { members } = await fetchClusterReport(dispatcher);
	const self = members.find(({ state }) => state === 'self');
	return {
		floods: (self?.counters?.floods ?? 0) + (self?.counters?.unsettled ?? 0),
		retries: self?.counters?.retries ?? 0,
		dropped: self?.dropped ?? 0,
	};
}

async function readUsage(dispatcher: LocalNode, sinks: Sinks, load: Load) {
	return { cpu: cpuTime(dispatcher.pid), delivered: await sinks.report(), published: await load.report() };
}
