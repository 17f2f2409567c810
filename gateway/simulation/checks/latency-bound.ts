import { PING_MS } from '../../src/cluster/membership/peer-state.ts';
import { INDIRECT_DELIVERY_MS } from '../../src/cluster/routing/router.ts';
import { Violation } from '../engine/violation.ts';
import type { Disruption } from '../faults/cluster-faults.ts';
import type { ClusterEnvironment } from '../node/cluster-environment.ts';
import type { Node } from '../node/node.ts';
import type { Audience } from '../workload/audience.ts';
import { running } from './cluster-checker.ts';

/** The longest time from a commit until viewers receive it, in milliseconds, whichever node fails. */
const PROMPT_MS = 800;

/**
 * The longest time from a commit until viewers receive it when a link is cut, in milliseconds: after
 * one missed ping, delivery is indirect.
 */
const INDIRECT_MS = 2_300;

/**
 * A Likes node that continues after a stop takes its peers for gone until they answer its next ping:
 * what it stores before may be late by this time, in milliseconds.
 */
const NEXT_PING_MS = PING_MS;

/**
 * Updates that a node received within this time before its end, in milliseconds, may be lost until the
 * ring has settled.
 */
const LOST_MS = 400;

/**
 * A longer cut makes one end take the other for gone, in milliseconds; a shorter one only makes
 * delivery indirect.
 */
const GONE_MS = 2_900;

/**
 * The longest time until a first snapshot, in milliseconds: the ring may wait for an owner that is
 * gone.
 */
const SNAPSHOT_MS = 10_000;

/**
 * Checks the latency of a cluster whose network is fair: whatever happens to nodes, every viewer
 * receives a stored like within the bound. Only what a node held when it died or stopped may be late.
 */
export class LatencyBound {
	readonly #environment: ClusterEnvironment;
	readonly #audience: Audience;
	readonly #disruptions: Disruption[] = [];
	/** The last change of each video. */
	readonly #changes = new Map<string, { readonly revision: number; readonly at: number }>();

	constructor(environment: ClusterEnvironment, audience: Audience) {
		this.#environment = environment;
		this.#audience = audience;
	}

	onDisruption(disruption: Disruption): void {
		this.#disruptions.push(disruption);
	}

	/** Takes a commit, and checks later that viewers received it. */
	onCommit(video: string, revision: number, { process }: Node): void {
		const { clock } = this.#environment;
		const at = clock.now;
		this.#changes.set(video, { revision, at });
		const isIndirect = () => this.#cuts(at).length > 0;
		const promptMs = process.runsSince > at - NEXT_PING_MS ? PROMPT_MS + NEXT_PING_MS : PROMPT_MS;
		clock.after(promptMs, () => {
			if (isIndirect()) clock.after(INDIRECT_MS - promptMs, () => this.#check(video, revision, at));
			else this.#check(video, revision, at);
		});
	}

	/**
	 * Checks that viewers which came after a like have it in their snapshot, once all has been quiet
	 * since.
	 */
	look(): void {
		const { now } = this.#environment.clock;
		for (const { session, video, event } of this.#audience.received()) {
			const change = this.#changes.get(video);
			if (change === undefined || event === undefined || event.revision >= change.revision) continue;
			const { viewer, node, since, readsSince } = session;
			if (now < Math.max(since, readsSince, change.at) + INDIRECT_MS) continue;
			// A frontend that was stopped gets the like with its next digest.
			if (!node.process.runs || node.process.runsSince > change.at || node.leaving) continue;
			const isQuiet = this.#disruptions.every((disruption) => {
				return change.at > (disruption.kind === 'link' ? disruption.until : disruption.at) + LOST_MS;
			});
			if (!isQuiet) continue;
			const known = `knows ${event.revision} of ${change.revision} changes of ${video}`;
			throw new Violation(`${viewer.name}: quiet for long, and it ${known} (at ${Math.round(now)} ms)`);
		}
	}

	#check(video: string, revision: number, at: number): void {
		const { clock } = this.#environment;
		// Behind a cut, a dispatcher also holds what its next indirect delivery takes along.
		const heldMs = LOST_MS + (this.#cuts(at).length > 0 ? INDIRECT_DELIVERY_MS : 0);
		const lost = this.#disruptions.some(
			(disruption) => disruption.kind === 'node' && disruption.at - heldMs <= at && at <= disruption.at + LOST_MS,
		);
		if (lost) return;
		for (const { session, video: followed, event } of this.#audience.received()) {
			const { viewer, node, since, readsSince } = session;
			if (followed !== video || since > at || readsSince > at) continue;
			if (!node.process.runs || node.process.runsSince > at || node.leaving) continue;
			if (this.#cuts(at).some((cut) => this.#isCutOff(node, cut))) continue;
			if (event === undefined && (since > clock.now - SNAPSHOT_MS || !this.#isServed())) continue;
			if (event !== undefined && event.revision >= revision) continue;
			const late = `${Math.round(clock.now - at)} ms after change ${revision} of ${video}`;
			throw new Violation(
				`${viewer.name}: ${late} it knows ${event?.revision ?? 'none'} (at ${Math.round(clock.now)} ms)`,
			);
		}
	}
	/** Whether a dispatcher ran long enough to own the topics of those that are gone. */
	#isServed(): boolean {
		const { now } = this.#environment.clock;
		return running(this.#environment).some(
			({ dispatcher, process }) => dispatcher && process.runs && process.runsSince < now - SNAPSHOT_MS,
		);
	}

	/** The links that were cut when viewers had to receive a like. */
	#cuts(at: number) {
		return this.#disruptions
			.filter((disruption) => disruption.kind === 'link')
			.filter(({ at: from, until }) => from <= at + PROMPT_MS && at <= until + PROMPT_MS);
	}

	/** Whether no other dispatcher may know that the frontend is alive, and deliver to it. */
	#isCutOff({ name, dispatcher }: Node, { at, until, from, to }: Extract<Disruption, { kind: 'link' }>): boolean {
		if (from !== name && to !== name) return false;
		// An update for an owner that has viewers itself goes straight to them; delivery is never indirect.
		if (dispatcher !== undefined) return true;
		const others = running(this.#environment).filter(
			(other) =>
				other.dispatcher &&
				other.process.runs &&
				other.process.runsSince < at &&
				other.name !== from &&
				other.name !== to,
		);
		return until - at > GONE_MS || others.length === 0;
	}
}
