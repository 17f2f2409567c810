import type { Register, Registers } from '../../state/kinds/register.ts';
import { VIEWERS } from '../../state/kinds/viewers.ts';
import { kindOf } from '../../state/topics/topic.ts';
import { type Update, type Updates, updateOfRegisters } from '../../state/update.ts';
import type { Dispatch } from './dispatch.ts';
import { isRenewal, RemoteValues } from './remote-values.ts';

/** The period in which changed numbers of viewers are published, in milliseconds. */
export const COUNT_PERIOD_MS = 1_000;

/** The period in which other regions receive a followed count again, in milliseconds. */
export const COUNT_RENEWAL_MS = 30_000;

/** A count that its region does not renew for this long, in milliseconds, expires. */
export const COUNT_LIFETIME_MS = 90_000;

/** The most topics with counts of other regions. */
const MAX_REMOTE_TOPICS = 100_000;

/** The pause that is a stall, in milliseconds; then the table counts after a digest of each frontend. */
const STALL_MS = 2_000;

export interface ViewerCountsOptions {
	/** The region of this node. */
	readonly region: string;
	/** Whether the cluster has other regions. */
	readonly hasOtherRegions: boolean;
	readonly dispatch: Dispatch;
	/** Sends updates to other regions only. */
	readonly relay: (updates: Updates) => void;
}

/** The last published count of a topic. */
interface Published extends Register<number> {
	/** When other regions receive it again, by the monotonic clock. */
	readonly renewAt: number;
}

/**
 * Counts the viewers of videos: the sum over all frontends on the subscription table. It publishes a
 * changed sum once a second while the table is complete. Deterministic; `now` is the monotonic clock.
 * `wallTime`, in Unix milliseconds, orders the counts, also after the counts of an earlier owner.
 */
export class ViewerCounts {
	readonly #region: string;
	readonly #hasOtherRegions: boolean;
	readonly #dispatch: Dispatch;
	readonly #relay: (updates: Updates) => void;
	/** The counts of other regions. */
	readonly #others: RemoteValues<number>;
	/** In the order of renewal. */
	readonly #published = new Map<string, Published>();
	/** Topics whose state differs at a frontend: it may have missed the published count. */
	readonly #mismatched = new Set<string>();
	#tickedAt: number | undefined;
	#stalledAt = Number.NEGATIVE_INFINITY;
	#wasComplete = false;

	constructor({ region, hasOtherRegions, dispatch, relay }: ViewerCountsOptions) {
		this.#region = region;
		this.#hasOtherRegions = hasOtherRegions;
		this.#dispatch = dispatch;
		this.#relay = relay;
		this.#others = new RemoteValues({
			kind: VIEWERS.name,
			region,
			lifetimeMs: COUNT_LIFETIME_MS,
			maxTopics: MAX_REMOTE_TOPICS,
		});
	}

	/** Notes a different state at a frontend: an owner whose clock is ahead may have published it. */
	mismatch(topic: string): void {
		if (isCounted(topic)) this.#mismatched.add(topic);
	}

	/** Takes the counts of other regions. Returns the updates without those that only renew a count. */
	receive(updates: Updates, now: number): Updates {
		const changes = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const registers = update.values?.[VIEWERS.name];
			if (registers === undefined || !isCounted(topic) || !this.#dispatch.owns(topic)) {
				changes.set(topic, update);
				continue;
			}
			// A frontend that joined since may miss a count that the table does not have.
			const known = this.#dispatch.table.has(topic) ? this.#shown(topic) : this.#others.of(topic);
			this.#others.receive(topic, registers, now);
			if (!isRenewal(VIEWERS.name, update, known, Object.is)) changes.set(topic, update);
		}
		return changes.size === updates.size ? updates : changes;
	}

	/** Drops the topics of other owners after a change of the ring. */
	setView(): void {
		const isOwn = (topic: string) => this.#dispatch.owns(topic);
		this.#others.keepOnly(isOwn);
		for (const topics of [this.#published, this.#mismatched]) {
			for (const topic of topics.keys()) if (!isOwn(topic)) topics.delete(topic);
		}
		this.#wasComplete = false;
	}

	/** Returns the number of connections that follow the topic, in all regions. */
	viewers(topic: string): number {
		let sum = this.#dispatch.table.viewers(topic);
		for (const { value } of Object.values(this.#others.of(topic))) sum += value;
		return sum;
	}

	/** Publishes changed counts. The caller runs it each {@link COUNT_PERIOD_MS}: a pause is a stall. */
	tick(now: number, wallTime: number): void {
		this.#noticeStall(now);
		const recounted = this.#dispatch.table.takeRecounted();
		if (!this.#isComplete()) return;
		const updates = new Map<string, Update>();
		for (const topic of this.#topicsToCount(recounted)) {
			const registers = this.#count(topic, now, wallTime);
			if (registers !== undefined) updates.set(topic, updateOfRegisters(VIEWERS.name, registers));
		}
		for (const [topic, expired] of this.#others.expire(now)) {
			if (!this.#dispatch.table.has(topic)) continue;
			const none = Object.entries(expired).map(([region, { order }]) => [
				region,
				{ order: order + 1, value: 0, from: region },
			]);
			const known = updates.get(topic)?.values?.[VIEWERS.name];
			updates.set(topic, updateOfRegisters(VIEWERS.name, { ...known, ...Object.fromEntries(none) }));
		}
		if (updates.size > 0) this.#dispatch.publishOwn(updates);
		if (this.#hasOtherRegions) this.#renew(now, wallTime);
	}

	#noticeStall(now: number): void {
		const stalledMs = now - (this.#tickedAt ?? now);
		this.#tickedAt = now;
		if (stalledMs <= STALL_MS) return;
		this.#stalledAt = now;
		this.#others.excuse(now);
	}

	/** Returns whether the table is complete, also since the last stall. */
	#isComplete(): boolean {
		if (this.#dispatch.settled && this.#dispatch.settledSince(this.#stalledAt)) return true;
		this.#wasComplete = false;
		return false;
	}

	/** Returns all topics after the table was incomplete, also those that lost their last frontend since. */
	#topicsToCount(recounted: Iterable<string>): ReadonlySet<string> {
		// mutant: counts-changes
		const topics = new Set([...recounted, ...this.#mismatched]);
		if (this.#wasComplete) return topics;
		this.#wasComplete = true;
		return new Set([...topics, ...this.#dispatch.table.topics(), ...this.#published.keys()]);
	}

	/** Returns the counts to publish of a topic; undefined when they are published already. */
	#count(topic: string, now: number, wallTime: number): Registers | undefined {
		const { table } = this.#dispatch;
		if (!isCounted(topic) || !this.#dispatch.owns(topic)) return undefined;
		const isMismatched = this.#mismatched.delete(topic);
		const shown = this.#shown(topic);
		const last = this.#published.get(topic);
		const value = table.viewers(topic);
		if (!table.has(topic)) {
			if (last === undefined) return undefined;
			this.#published.delete(topic);
			if (last.value === 0) return undefined;
		} else if (last !== undefined && shown[this.#region]?.value === value && !isMismatched) return undefined;
		const order = Math.max(wallTime, (last?.order ?? 0) + 1, (shown[this.#region]?.order ?? 0) + 1);
		const own = { order, value, from: this.#region };
		if (table.has(topic)) this.#note(topic, own, now);
		// Counts of other regions may have arrived before a frontend of this region followed the topic.
		return { ...this.#others.of(topic), [this.#region]: own };
	}

	/** Returns the counts that viewers of the topic see. */
	#shown(topic: string): Registers<number> {
		return (this.#dispatch.table.state(topic)?.values?.[VIEWERS.name] ?? {}) as Registers<number>;
	}

	#note(topic: string, register: Register<number>, now: number): void {
		this.#published.delete(topic);
		this.#published.set(topic, { ...register, renewAt: now + COUNT_RENEWAL_MS });
	}

	/** Sends counts to other regions again before they expire. */
	#renew(now: number, wallTime: number): void {
		const again = new Map<string, Update>();
		for (const [topic, { order, value, renewAt }] of this.#published) {
			if (renewAt > now) break;
			const register = { order: Math.max(wallTime, order + 1), value, from: this.#region };
			this.#note(topic, register, now);
			if (value === 0) continue;
			again.set(topic, updateOfRegisters(VIEWERS.name, { [this.#region]: register }));
		}
		if (again.size > 0) this.#relay(again);
	}
}

function isCounted(topic: string): boolean {
	return kindOf(topic) === 'video';
}
