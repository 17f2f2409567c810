import { setTimeout as after } from 'node:timers/promises';
import { until } from '../../local-cluster/until.ts';
import type { Convergence, Observation } from './audit/checker.ts';
import { type Counts, difference } from './audit/cluster-counters.ts';
import { auditHistory } from './audit/history-audit.ts';
import { auditLikes } from './audit/store-audit.ts';
import type { DrillCluster } from './environment/drill-cluster.ts';
import type { Fault } from './fault.ts';
import type { SentLike } from './load/like-load.ts';
import { auditComments, type ReceivedComments } from './viewers/comment-audit.ts';
import { missedFrames } from './viewers/missed-frames.ts';

/** The time of load before a fault hits, in milliseconds. */
const WARM_UP_MS = 2_000;
/** The least time of load before and after the end of a fault during which viewers agreed, in milliseconds. */
const RETURN_MS = 1_000;
/** The time of load before viewers have to agree during a fault, in milliseconds. */
const LOAD_MS = 3_000;
/** The time without load before the end of a fault after which viewers have to agree, in milliseconds. */
const LAST_LIKE_BEFORE_MS = 1_000;
/** The longest time that writes are retried, in milliseconds. */
const ANSWER_TIMEOUT_MS = 30_000;
/** The extra wait after the bound, in milliseconds, which separates late convergence from none. */
const GRACE_MS = 15_000;
/** The resolution of measured times, in milliseconds. */
const POLL_MS = 10;

/** The violation of a total that is smaller than before. */
const FALL = / fell from \d+ to \d+$/;

export interface RunOptions {
	/** The duration of the fault, in milliseconds; by default the fault defines it. */
	readonly lastsMs?: number;
	/** The factor for the time in which viewers have to agree; 1 by default, more on a busy machine. */
	readonly patience?: number;
	/** Called with each step. */
	readonly onProgress: (text: string) => void;
}

/** Runs one fault on a settled cluster, and resolves with the observations. It lets the cluster settle again. */
export async function runFault(fault: Fault, target: DrillCluster, options: RunOptions): Promise<Observation> {
	const run = new FaultRun(fault, target, options);
	try {
		await run.play();
	} catch (error) {
		run.wrongs.push(error instanceof Error ? error.message : String(error));
	}
	return run.observe();
}

class FaultRun {
	readonly wrongs: string[] = [];
	readonly #convergences: Convergence[] = [];
	readonly #fault: Fault;
	readonly #target: DrillCluster;
	readonly #onProgress: RunOptions['onProgress'];
	readonly #lastsMs: number;
	readonly #boundMs: number;
	#begunAt = 0;
	#fallsBefore = 0;
	#countsBefore: Counts = new Map();
	/** The names of viewers that read nothing during the fault. */
	readonly #notReading = new Set<string>();

	constructor(fault: Fault, target: DrillCluster, { lastsMs = fault.lastsMs, patience = 1, onProgress }: RunOptions) {
		this.#fault = fault;
		this.#target = target;
		this.#onProgress = onProgress;
		this.#lastsMs = lastsMs;
		this.#boundMs = patience * fault.boundMs;
	}

	async play(): Promise<void> {
		const { load, audience, counters } = this.#target;
		if (this.#fault.prepare !== undefined) {
			this.#onProgress('prepares');
			await this.#fault.prepare(this.#target);
		}
		audience.forgetFrames();
		await this.#target.forgetReceived();
		audience.takeViolations();
		load.likes.periods.length = 0;
		load.goHome();
		this.#begunAt = performance.now();
		this.#fallsBefore = audience.falls;
		load.start();
		await after(WARM_UP_MS);
		this.#countsBefore = await counters.read();

		this.#onProgress(this.#fault.about);
		const hitAt = performance.now();
		await this.#fault.inject(this.#target);
		for (const { name, paused } of audience.viewers) if (paused) this.#notReading.add(name);
		const agreesDuringFault = this.#fault.viewersAgree === 'while it lasts';
		if (this.#fault.lastLike === 'while it lasts') {
			await after(agreesDuringFault ? LOAD_MS : Math.max(LOAD_MS, this.#lastsMs - LAST_LIKE_BEFORE_MS));
		}
		load.stop();
		if (agreesDuringFault) {
			await this.#converge('while it lasted', hitAt);
			load.start();
		}
		await after(Math.max(RETURN_MS, hitAt + this.#lastsMs - performance.now()));

		if (!agreesDuringFault) await this.#noteViewersBehind();
		this.#onProgress('heals');
		const healedAt = performance.now();
		await (this.#fault.heal?.(this.#target) ?? this.#target.restore());
		if (agreesDuringFault) {
			await after(RETURN_MS);
			load.stop();
		}
		await this.#converge('after it', healedAt);
	}

	/** Ends the load and the fault, and resolves with all observations. */
	async observe(): Promise<Observation> {
		const { load, audience, counters } = this.#target;
		load.stop();
		const falls = audience.falls - this.#fallsBefore;
		await this.#settle();
		const counts = difference(this.#countsBefore, await counters.read());
		const likes = [...load.likes.sent.values()].filter(({ sentAt }) => sentAt >= this.#begunAt);
		const store = await this.#target.store();
		const received = (await this.#target.expected()).comments.compareAll(audience.viewers);
		return {
			audit: auditLikes(load.likes.sent, store, this.#begunAt),
			comments: {
				stored: auditComments(load.comments.sent, store.logs, this.#begunAt),
				received,
			},
			unanswered: load.waiting,
			slowestMs: Math.max(0, ...likes.map(({ sentAt, acceptedAt = sentAt }) => acceptedAt - sentAt)),
			convergences: this.#convergences,
			missed: missedFrames(
				load.likes.periods,
				likes,
				audience.viewers.filter(({ name }) => !this.#notReading.has(name)),
			),
			counters: Object.fromEntries(counts),
			falls,
			wrongs: [
				...this.wrongs,
				...summary('viewers received wrong events', this.#violations()),
				...this.#unexpectedGaps(received),
				...(await auditHistory(this.#target.historyUrls, store.logs)),
				...summary('writes were refused', load.takeRefusals()),
				...this.#target.takeUnexpectedEnds(),
			],
			notes: [...this.#target.takeNotes(), ...spread(likes)],
		};
	}

	/** Measures the time from the last answer, or from `since` if that is later, until all viewers show the stored state. */
	async #converge(when: Convergence['when'], since: number): Promise<void> {
		const { load, audience } = this.#target;
		const boundMs = this.#boundMs;
		const answered = () => load.waiting === 0;
		await until(answered, { what: 'answers', timeoutMs: ANSWER_TIMEOUT_MS, intervalMs: POLL_MS }).catch(
			() => undefined,
		);
		const expected = await this.#target.expected();
		const from = Math.max(load.lastAnswerAt, since);
		const of = audience.reading.length;
		let ms: number | undefined;
		try {
			const agreed = () => this.#target.astray(expected) === 0;
			const timeoutMs = Math.max(0, from + boundMs + GRACE_MS - performance.now());
			await until(agreed, { what: 'agreement', timeoutMs, intervalMs: POLL_MS });
			ms = performance.now() - from;
		} catch {
			const mismatch = audience.firstMismatch(expected);
			if (mismatch !== undefined) this.#target.note(mismatch);
			this.#onProgress(`${this.#target.astray(expected)} of ${of} viewers do not agree with the store: ${mismatch}`);
		}
		this.#convergences.push({ when, ms, boundMs, of, agreeing: of - this.#target.astray(expected) });
	}

	/** Notes how many viewers do not show the stored state at the end of the fault. */
	async #noteViewersBehind(): Promise<void> {
		// If the fault is a store that is down, its state is unknown.
		const expected = await this.#target.expected().catch(() => undefined);
		const behind = expected === undefined ? 0 : this.#target.astray(expected);
		if (behind > 0) this.#target.note(`${behind} viewers were behind while it lasted`);
	}

	#violations(): string[] {
		const violations = this.#target.audience.takeViolations();
		return this.#fault.totalsMayFall ? violations.filter((text) => !FALL.test(text)) : violations;
	}

	#unexpectedGaps({ gaps }: ReceivedComments): string[] {
		return Object.entries(gaps)
			.filter(([reason]) => !this.#fault.gaps?.some((allowed) => allowed === reason))
			.map(([reason, count]) => `viewers received ${count} gaps in comments: ${reason}`);
	}

	async #settle(): Promise<void> {
		this.#onProgress('settles');
		try {
			await this.#target.restore();
			await this.#target.settled();
		} catch (error) {
			this.wrongs.push(`the cluster did not settle: ${error instanceof Error ? error.message : error}`);
		}
	}
}

/** Returns the number of likes by region; nothing without regions. */
function spread(likes: readonly SentLike[]): string[] {
	const counts = new Map<string, number>();
	for (const { region } of likes) if (region !== undefined) counts.set(region, (counts.get(region) ?? 0) + 1);
	if (counts.size === 0) return [];
	return [`likes of ${[...counts].map(([region, count]) => `${region}: ${count}`).join(', ')}`];
}

/** Returns one line for all details of one kind, with the first of them. */
function summary(what: string, details: readonly string[]): string[] {
	return details.length === 0 ? [] : [`${what}, ${details.length} times: ${details[0]}`];
}
