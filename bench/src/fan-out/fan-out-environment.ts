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

/** Likes nodes that publish. */
const LIKES_NODES = 5;

/** What registering brings, all states to all frontends, gets so long to arrive, in milliseconds. */
const SETTLE_MS = 2_000;

/** Before a rate is measured it lasts so long, in milliseconds. */
const WARM_UP_MS = 1_000;

export interface FanOutOptions {
	readonly gateway: GatewayOptions;
	readonly frontends: number;
	readonly videos: number;
	/** Viewers of each video on each frontend. */
	readonly viewersEach: number;
}

/** What a dispatcher did under a rate of likes. */
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
	/** Cores of what is around it. */
	readonly sinks: number;
	readonly load: number;
	/** From the publishing of a like to its arrival at a frontend. */
	readonly delay: ReturnType<Histogram['summary']>;
	/** From a batch to the dispatcher's answer. */
	readonly answered: ReturnType<Histogram['summary']>;
	/** How often news went to all since the dispatcher was too late, or unsure; and batches that were sent again. */
	readonly floods: number;
	readonly retries: number;
	readonly dropped: number;
}

/** A dispatcher in a process of its own, with everything around it played. */
export interface FanOut {
	readonly dispatcher: LocalNode;
	measure(rate: LoadRate, seconds: number): Promise<FanOutMeasure>;
}

/** Runs `play` with a fresh dispatcher that has its frontends and their topics, and clears all away. */
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
	const { cpu, taken, given } = await readUsage(dispatcher, sinks, load);
	const own = await readCounters(dispatcher);
	const elapsed = (cpu?.readAt ?? Number.NaN) - (before.cpu?.readAt ?? Number.NaN);
	const delay = new Histogram();
	delay.merge(taken.delay.buckets);
	const answered = new Histogram();
	answered.merge(given.answered);
	const perSecond = (from: number, to: number) => (to - from) / elapsed;
	return {
		rate,
		events: given.events / elapsed,
		updates: given.updates / elapsed,
		batches: given.batches / elapsed,
		requests: taken.requests / elapsed,
		megabytes: taken.bytes / 1e6 / elapsed,
		mainThread: perSecond(before.cpu?.mainThread ?? Number.NaN, cpu?.mainThread ?? Number.NaN),
		process: perSecond(before.cpu?.process ?? Number.NaN, cpu?.process ?? Number.NaN),
		sinks: perSecond(before.taken.cpuMs, taken.cpuMs) / 1000,
		load: perSecond(before.given.cpuSeconds, given.cpuSeconds),
		delay: delay.summary(),
		answered: answered.summary(),
		floods: given.floods + own.floods - ownBefore.floods,
		retries: given.retries + own.retries - ownBefore.retries,
		dropped: own.dropped - ownBefore.dropped,
	};
}

/** The dispatcher asks all others for it, so not while it is measured. */
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
	return { cpu: cpuTime(dispatcher.pid), taken: await sinks.report(), given: await load.report() };
}
