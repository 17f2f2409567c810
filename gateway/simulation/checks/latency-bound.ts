import { PING_MS } from '../../src/cluster/membership/peer-state.ts';
import type { Disruption } from '../faults/cluster-faults.ts';
import { Violation, type World } from '../node/environment.ts';
import type { Node } from '../node/node.ts';
import type { Audience } from '../workload/audience.ts';
import { running } from './cluster-checker.ts';

/** Viewers know of a like so soon after it is in the store, in milliseconds, whichever node is missing … */
const PROMPT_MS = 800;

/** … and so soon when a way is cut: once a ping was missed, another dispatcher is asked. */
const DETOURED_MS = 2_300;

/**
 * A Likes node that goes on after a stop takes its peers for gone until they answer its next ping: what it stores before that
 * may be as much later, in milliseconds.
 */
const NEXT_PING_MS = PING_MS;

/** News that a node took so long before its end, in milliseconds, may be lost with it until the ring has settled. */
const LOST_MS = 400;

/** When a way is cut for longer, one end takes the other for gone, in milliseconds; shorter cuts change nothing but the way. */
const GONE_MS = 2_900;

/** A first snapshot may wait until the ring goes without an owner that is gone, in milliseconds. */
const SNAPSHOT_MS = 10_000;

/**
 * Holds a cluster to its word where the network is fair: whatever happens to nodes, a like that is stored reaches every
 * viewer at once. Only what a node held when it died or stopped may be late.
 */
export class Promptness {
	readonly #world: World;
	readonly #audience: Audience;
	readonly #disruptions: Disruption[] = [];
	/** The last change of each video. */
	readonly #changes = new Map<string, { readonly revision: number; readonly at: number }>();

	constructor(world: World, audience: Audience) {
		this.#world = world;
		this.#audience = audience;
	}

	onDisruption(disruption: Disruption): void {
		this.#disruptions.push(disruption);
	}

	/** A Likes node stored a like: makes sure that viewers receive it. */
	onCommit(video: string, revision: number, { process }: Node): void {
		const { timeline } = this.#world;
		const at = timeline.now;
		this.#changes.set(video, { revision, at });
		const isDetoured = () => this.#cuts(at).length > 0;
		const promptMs = process.runsSince > at - NEXT_PING_MS ? PROMPT_MS + NEXT_PING_MS : PROMPT_MS;
		timeline.after(promptMs, () => {
			if (isDetoured()) timeline.after(DETOURED_MS - promptMs, () => this.#check(video, revision, at));
			else this.#check(video, revision, at);
		});
	}

	/** Makes sure that who came after a like has it in the snapshot, once all has been quiet since. */
	look(): void {
		const { now } = this.#world.timeline;
		for (const { seat, video, event } of this.#audience.told()) {
			const change = this.#changes.get(video);
			if (change === undefined || event === undefined || event.revision >= change.revision) continue;
			const { viewer, node, since, readsSince } = seat;
			if (now < Math.max(since, readsSince, change.at) + DETOURED_MS) continue;
			// What came while it stood still it gets with its next digest.
			if (!node.process.runs || node.process.runsSince > change.at || node.leaving) continue;
			const isQuiet = this.#disruptions.every((disruption) => {
				return change.at > (disruption.kind === 'way' ? disruption.until : disruption.at) + LOST_MS;
			});
			if (!isQuiet) continue;
			const known = `knows ${event.revision} of ${change.revision} changes of ${video}`;
			throw new Violation(`${viewer.name}: quiet for long, and it ${known} (at ${Math.round(now)} ms)`);
		}
	}

	#check(video: string, revision: number, at: number): void {
		const { timeline } = this.#world;
		const lost = this.#disruptions.some(
			(disruption) => disruption.kind === 'node' && disruption.at - LOST_MS <= at && at <= disruption.at + LOST_MS,
		);
		if (lost) return;
		for (const { seat, video: followed, event } of this.#audience.told()) {
			const { viewer, node, since, readsSince } = seat;
			if (followed !== video || since > at || readsSince > at) continue;
			if (!node.process.runs || node.process.runsSince > at || node.leaving) continue;
			if (this.#cuts(at).some((cut) => this.#isCutOff(node, cut))) continue;
			if (event === undefined && (since > timeline.now - SNAPSHOT_MS || !this.#isServed())) continue;
			if (event !== undefined && event.revision >= revision) continue;
			const late = `${Math.round(timeline.now - at)} ms after change ${revision} of ${video}`;
			throw new Violation(
				`${viewer.name}: ${late} it knows ${event?.revision ?? 'none'} (at ${Math.round(timeline.now)} ms)`,
			);
		}
	}
	/** Whether some dispatcher was there long enough to own what others leave behind. */
	#isServed(): boolean {
		const { now } = this.#world.timeline;
		return running(this.#world).some(
			({ dispatcher, process }) => dispatcher && process.runs && process.runsSince < now - SNAPSHOT_MS,
		);
	}

	/** The ways that were cut when a like was to be told. */
	#cuts(at: number) {
		return this.#disruptions
			.filter((disruption) => disruption.kind === 'way')
			.filter(({ at: from, until }) => from <= at + PROMPT_MS && at <= until + PROMPT_MS);
	}

	/** Whether no other dispatcher may know that the frontend is still there, and tell it. */
	#isCutOff({ name, dispatcher }: Node, { at, until, from, to }: Extract<Disruption, { kind: 'way' }>): boolean {
		if (from !== name && to !== name) return false;
		// News for an owner that has viewers itself go straight there, and nobody else is asked.
		if (dispatcher !== undefined) return true;
		const others = running(this.#world).filter(
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
