import { after, until } from '../bench-environment.ts';
import { Histogram } from '../measure/histogram.ts';
import { coresUsed, cpuTime, residentBytes } from '../measure/process-usage.ts';
import type { Check, Figure } from '../scenario.ts';
import type { GroupReport } from '../viewers/viewer-report.ts';
import type { Viewers } from '../viewers/viewers.ts';

/** A server with viewers: the gateway, or a peer. */
export interface MeasuredServer {
	readonly name: string;
	/** The process that has the viewers. */
	readonly pid: number;
	readonly viewers: Viewers;
	/**
	 * Runs a phase of load, at the speed of the server or at a rate. Resolves with the hearts that each viewer must have at its
	 * end, and with the frames of the phase where the server may not merge events.
	 */
	play(seconds: number, perSecond?: number): Promise<{ readonly hearts: number; readonly frames?: number }>;
}

/** What one phase of load measured. */
export interface Phase {
	readonly frames: number;
	/** Frames a second to all viewers. */
	readonly rate: number;
	readonly bytesPerFrame: number;
	/** CPU of all threads, in microseconds. */
	readonly cpuPerFrame: number;
	readonly cores: number;
	readonly latency: Histogram;
}

export interface PeerMeasures {
	readonly saturated: Phase;
	readonly steady: Phase;
	/** Resident bytes after all phases, and those of them that came with the viewers. */
	readonly bytes: number;
	readonly bytesPerViewer: number;
	readonly checks: readonly Check[];
}

/** Events a second of the steady phase: few enough for each peer. */
export const STEADY_PER_SECOND = 2;

/** The time of load without measurement, in which V8 compiles the code, in seconds. */
const WARM_UP_SECONDS = 3;

/** The time for the last frame to reach all viewers, in milliseconds. */
const SETTLE_TIMEOUT_MS = 30_000;

/** The pause after the viewers opened, in milliseconds, in which their garbage goes. */
const REST_MS = 1_000;

/** Opens viewers of a server, and measures both phases. */
export async function measureServer(server: MeasuredServer, count: number, seconds: number): Promise<PeerMeasures> {
	const { name, pid, viewers } = server;
	const before = residentBytes(pid) ?? Number.NaN;
	await viewers.open('all', count);
	await after(REST_MS);
	const checks: Check[] = [];

	async function phase(label: string, forSeconds: number, perSecond?: number): Promise<Phase> {
		viewers.reset();
		const from = cpuTime(pid);
		const startedAt = performance.now();
		const { hearts, frames } = await server.play(forSeconds, perSecond);
		const elapsed = (performance.now() - startedAt) / 1000;
		const to = cpuTime(pid);
		const report = async () => (await viewers.report()).groups.get('all') as GroupReport;
		// The last pass may not be over, and frames after this moment took further time.
		const { frames: inTime } = await report();
		await until(async () => isComplete(await report(), hearts, frames && frames * count), SETTLE_TIMEOUT_MS);
		const group = await report();
		checks.push(checkOf(`${name}, ${label}`, group, hearts, frames && frames * count));
		const latency = new Histogram();
		latency.merge(group.latency.buckets);
		return {
			frames: group.frames,
			rate: inTime / elapsed,
			bytesPerFrame: group.bytes / group.frames,
			cpuPerFrame: from && to ? ((to.process - from.process) / inTime) * 1e6 : Number.NaN,
			cores: coresUsed(from, to)?.process ?? Number.NaN,
			latency,
		};
	}

	await phase('warm-up', WARM_UP_SECONDS);
	const saturated = await phase('saturated', seconds);
	const steady = await phase('at a rate', seconds, STEADY_PER_SECOND);
	const bytes = residentBytes(pid) ?? Number.NaN;
	return { saturated, steady, bytes, bytesPerViewer: (bytes - before) / count, checks };
}

/** Returns whether every viewer has all hearts, and all of them `expected` frames where the server may not merge events. */
function isComplete({ frames, lowest, highest }: GroupReport, hearts: number, expected: number | undefined): boolean {
	const sum = (totals: GroupReport['lowest']) => Object.values(totals).reduce((a, b) => a + b, 0);
	return sum(lowest) === hearts && sum(highest) === hearts && (expected === undefined || frames === expected);
}

/** Returns the check that no viewer missed an event. */
export function checkOf(label: string, group: GroupReport, hearts: number, expected: number | undefined): Check {
	const { violations, closed, frames, lowest, highest } = group;
	return {
		label: `${label}: every viewer has every event`,
		ok: isComplete(group, hearts, expected) && closed === 0 && Object.values(violations).every((times) => times === 0),
		detail: JSON.stringify({ hearts, lowest, highest, frames, expected, closed, ...violations }),
	};
}

/** Returns the figures of a server. */
export function peerFigures(name: string, { saturated, steady, bytes, bytesPerViewer }: PeerMeasures): Figure[] {
	const at = `at ${STEADY_PER_SECOND} frames/s to a viewer`;
	return [
		{ label: `${name}: frames, saturated`, value: saturated.rate, unit: '/s' },
		...phaseFigures('saturated', saturated),
		...phaseFigures(at, steady),
		{ label: '  bytes of a frame, saturated', value: saturated.bytesPerFrame, unit: 'B' },
		{ label: '  memory with all viewers', value: bytes / 2 ** 20, unit: 'MiB' },
		{ label: '  memory of a viewer', value: bytesPerViewer, unit: 'B' },
	];
}

function phaseFigures(when: string, { cpuPerFrame, cores, latency }: Phase): Figure[] {
	return [
		{ label: `  ${when}: CPU of a frame`, value: cpuPerFrame, unit: 'µs of CPU' },
		{ label: `  ${when}: cores`, value: cores, unit: 'cores' },
		{ label: `  ${when}: P50`, value: latency.percentile(0.5), unit: 'ms' },
		{ label: `  ${when}: P90`, value: latency.percentile(0.9), unit: 'ms' },
	];
}
