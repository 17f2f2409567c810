import { setTimeout as after } from 'node:timers/promises';
import { until } from '../../local-cluster/until.ts';
import type { Convergence, Observation } from './audit/checker.ts';
import { type Counts, difference } from './audit/cluster-counters.ts';
import { auditHistory } from './audit/history-audit.ts';
import { auditLikes } from './audit/store-audit.ts';
import type { DrillCluster } from './environment/drill-cluster.ts';
import type { Fault } from './fault.ts';
import type { SentLike } from './load/like-load.ts';
import { auditComments, type ToldComments } from './viewers/comment-audit.ts';
import { missedFrames } from './viewers/missed-frames.ts';

/** Load before a fault hits, in milliseconds. */
const WARM_UP_MS = 2_000;
/** Load before and after the end of a fault in which viewers agreed while it lasted, at the least, in milliseconds. */
const RETURN_MS = 1_000;
/** Load goes on for so long before viewers have to agree while a fault lasts, in milliseconds. */
const LOAD_MS = 3_000;
/** Load ends so long before the end of a fault after which viewers have to agree, in milliseconds. */
const LAST_LIKE_BEFORE_MS = 1_000;
/** So long a like may be insisted on, in milliseconds. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Beyond its bound an agreement is waited for so long, in milliseconds, to tell late from never. */
const GRACE_MS = 15_000;
/** How exactly agreements are timed, in milliseconds. */
const LOOK_MS = 10;

/** What a viewer says of a total that is lower than before. */
const FALL = / fell from \d+ to \d+$/;

export interface RunOptions {
	/** How long the fault lasts, in milliseconds; as long as it says itself when not given. */
	readonly lastsMs?: number;
	/** What the time in which viewers have to agree is multiplied by: 1 when not given, more on a machine that is busy. */
	readonly patience?: number;
	/** Told what is being done. */
	readonly say: (text: string) => void;
}

/** Runs one fault on a cluster that is settled, and returns all that was seen. The cluster is settled again, or the report says not. */
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
	readonly #say: RunOptions['say'];
	readonly #lastsMs: number;
	readonly #boundMs: number;
	#begunAt = 0;
	#fallsBefore = 0;
	#countsBefore: Counts = new Map();
	#deaf = new Set<string>();

	constructor(fault: Fault, target: DrillCluster, { lastsMs = fault.lastsMs, patience = 1, say }: RunOptions) {
		this.#fault = fault;
		this.#target = target;
		this.#say = say;
		this.#lastsMs = lastsMs;
		this.#boundMs = patience * fault.boundMs;
	}

	async play(): Promise<void> {
		const { load, audience, counters } = this.#target;
		if (this.#fault.prepare !== undefined) {
			this.#say('prepares');
			await this.#fault.prepare(this.#target);
		}
		audience.forgetFrames();
		await this.#target.forgetTold();
		audience.takeViolations();
		load.likes.periods.length = 0;
		load.goHome();
		this.#begunAt = performance.now();
		this.#fallsBefore = audience.falls;
		load.start();
		await after(WARM_UP_MS);
		this.#countsBefore = await counters.read();

		this.#say(this.#fault.about);
		const hitAt = performance.now();
		await this.#fault.inject(this.#target);
		for (const { name, paused } of audience.viewers) if (paused) this.#deaf.add(name);
		const agreeMeanwhile = this.#fault.viewersAgree === 'while it lasts';
		if (this.#fault.lastLike === 'while it lasts') {
			await after(agreeMeanwhile ? LOAD_MS : Math.max(LOAD_MS, this.#lastsMs - LAST_LIKE_BEFORE_MS));
		}
		load.stop();
		if (agreeMeanwhile) {
			await this.#converge('while it lasted', hitAt);
			// What is broken comes back under load.
			load.start();
		}
		await after(Math.max(RETURN_MS, hitAt + this.#lastsMs - performance.now()));

		if (!agreeMeanwhile) await this.#noteWhoIsBehind();
		this.#say('heals');
		const healedAt = performance.now();
		await (this.#fault.heal?.(this.#target) ?? this.#target.restore());
		if (agreeMeanwhile) {
			await after(RETURN_MS);
			load.stop();
		}
		await this.#converge('after it', healedAt);
	}

	/** All that was seen, after everything is as it was before. */
	async observe(): Promise<Observation> {
		const { load, audience, counters } = this.#target;
		load.stop();
		const falls = audience.falls - this.#fallsBefore;
		await this.#settle();
		const counts = difference(this.#countsBefore, await counters.read());
		const likes = [...load.likes.sent.values()].filter(({ sentAt }) => sentAt >= this.#begunAt);
		const store = await this.#target.store();
		const told = (await this.#target.expected()).comments.compareAll(audience.viewers);
		return {
			audit: auditLikes(load.likes.sent, store, this.#begunAt),
			comments: {
				stored: auditComments(load.comments.sent, store.logs, this.#begunAt),
				told,
			},
			unanswered: load.waiting,
			slowestMs: Math.max(0, ...likes.map(({ sentAt, acceptedAt = sentAt }) => acceptedAt - sentAt)),
			convergences: this.#convergences,
			missed: missedFrames(
				load.likes.periods,
				likes,
				audience.viewers.filter(({ name }) => !this.#deaf.has(name)),
			),
			counters: Object.fromEntries(counts),
			falls,
			wrongs: [
				...this.wrongs,
				...summary('viewers were told what they should not have been', this.#violations()),
				...this.#needlessGaps(told),
				...(await auditHistory(this.#target.historyUrls, store.logs)),
				...summary('writes were refused', load.takeRefusals()),
				...this.#target.takeUnexpectedEnds(),
			],
			notes: [...this.#target.takeNotes(), ...spread(likes)],
		};
	}

	/** Measures the time from the last answer, or from `since` if that is later, until everybody shows what is stored. */
	async #converge(when: Convergence['when'], since: number): Promise<void> {
		const { load, audience } = this.#target;
		const boundMs = this.#boundMs;
		const answered = () => load.waiting === 0;
		await until(answered, { what: 'answers', timeoutMs: ANSWER_TIMEOUT_MS, intervalMs: LOOK_MS }).catch(
			() => undefined,
		);
		const expected = await this.#target.expected();
		const from = Math.max(load.lastAnswerAt, since);
		const of = audience.reading.length;
		let ms: number | undefined;
		try {
			const agreed = () => this.#target.astray(expected) === 0;
			const timeoutMs = Math.max(0, from + boundMs + GRACE_MS - performance.now());
			await until(agreed, { what: 'agreement', timeoutMs, intervalMs: LOOK_MS });
			ms = performance.now() - from;
		} catch {
			const lack = audience.firstLack(expected);
			if (lack !== undefined) this.#target.note(lack);
			this.#say(`${this.#target.astray(expected)} of ${of} viewers do not agree with the store: ${lack}`);
		}
		this.#convergences.push({ when, ms, boundMs, of, agreeing: of - this.#target.astray(expected) });
	}

	/** Those who do not show yet what is stored: that they will is what the end of the fault has to bring. */
	async #noteWhoIsBehind(): Promise<void> {
		// A store that is away is the fault itself: nobody can say then.
		const expected = await this.#target.expected().catch(() => undefined);
		const behind = expected === undefined ? 0 : this.#target.astray(expected);
		if (behind > 0) this.#target.note(`${behind} viewers were behind while it lasted`);
	}

	#violations(): string[] {
		const violations = this.#target.audience.takeViolations();
		return this.#fault.totalsMayFall ? violations.filter((text) => !FALL.test(text)) : violations;
	}

	#needlessGaps({ gaps }: ToldComments): string[] {
		return Object.entries(gaps)
			.filter(([reason]) => !this.#fault.gaps?.some((allowed) => allowed === reason))
			.map(([reason, count]) => `viewers were told ${count} gaps of comments: ${reason}`);
	}

	async #settle(): Promise<void> {
		this.#say('settles');
		try {
			await this.#target.restore();
			await this.#target.settled();
		} catch (error) {
			this.wrongs.push(`the cluster did not settle: ${error instanceof Error ? error.message : error}`);
		}
	}
}

/** Where likes were given, if there are regions. */
function spread(likes: readonly SentLike[]): string[] {
	const counts = new Map<string, number>();
	for (const { region } of likes) if (region !== undefined) counts.set(region, (counts.get(region) ?? 0) + 1);
	if (counts.size === 0) return [];
	return [`likes of ${[...counts].map(([region, count]) => `${region}: ${count}`).join(', ')}`];
}

/** One line for many things of one kind, with the first of them. */
function summary(what: string, details: readonly string[]): string[] {
	return details.length === 0 ? [] : [`${what}, ${details.length} times: ${details[0]}`];
}
