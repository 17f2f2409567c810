import type { Register, Registers } from '../../state/kinds/register.ts';
import { VIEWERS } from '../../state/kinds/viewers.ts';
import { kindOf } from '../../state/topics/topic.ts';
import { newsOfRegisters, type Update, type Updates } from '../../state/update.ts';
import type { Dispatch } from './dispatch.ts';
import { isRenewal, RemoteValues } from './remote-values.ts';

/** The period in which the viewers of all topics that changed are published, in milliseconds. */
export const COUNT_PERIOD_MS = 1_000;

/** The period in which other regions receive a count again, in milliseconds, while a frontend follows the topic here. */
export const COUNT_RENEWAL_MS = 30_000;

/** A count of another region that was not renewed for this long, in milliseconds, is over. */
export const COUNT_LIFETIME_MS = 90_000;

/** Topics whose counts in other regions are remembered. */
const MAX_HEARD_TOPICS = 100_000;

/** After a stall longer than this, in milliseconds, the table counts again once every frontend has sent a new digest. */
const STALL_MS = 2_000;

export interface ViewerCountsOptions {
	/** The region of this node. */
	readonly region: string;
	/** There are other regions. */
	readonly isAbroad: boolean;
	readonly dispatch: Dispatch;
	/** Sends updates to other regions, and nowhere else. */
	readonly relay: (updates: Updates) => void;
}

/** The last count that was published of a topic. */
interface Published extends Register<number> {
	/** When other regions receive it again, by the monotonic clock. */
	readonly renewAt: number;
}

/**
 * Counts the viewers of videos: the sum over all frontends on the subscription table, published once a second where it
 * changed, while the table is known to be whole. Deterministic; `now` is the monotonic clock, and `wallTime`, in Unix
 * milliseconds, orders what is published, also after what another owner published before.
 */
export class ViewerCounts {
	readonly #region: string;
	readonly #isAbroad: boolean;
	readonly #dispatch: Dispatch;
	readonly #relay: (updates: Updates) => void;
	/** What other regions count. */
	readonly #others: RemoteValues<number>;
	/** In the order of their renewals. */
	readonly #published = new Map<string, Published>();
	/** Topics that a frontend has otherwise: what was published of them may be lost. */
	readonly #mismatched = new Set<string>();
	#tickedAt: number | undefined;
	#stalledAt = Number.NEGATIVE_INFINITY;
	#wasWhole = false;

	constructor({ region, isAbroad, dispatch, relay }: ViewerCountsOptions) {
		this.#region = region;
		this.#isAbroad = isAbroad;
		this.#dispatch = dispatch;
		this.#relay = relay;
		this.#others = new RemoteValues({
			kind: VIEWERS.name,
			region,
			lifetimeMs: COUNT_LIFETIME_MS,
			maxTopics: MAX_HEARD_TOPICS,
		});
	}

	/** A frontend has another state of a topic: an owner whose clock is ahead may have published it. */
	mismatch(topic: string): void {
		if (isCounted(topic)) this.#mismatched.add(topic);
	}

	/** Takes in what other regions count, and gives back what is news: not that all is as it was. */
	hear(updates: Updates, now: number): Updates {
		const news = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const said = update.values?.[VIEWERS.name];
			if (said === undefined || !isCounted(topic) || !this.#dispatch.owns(topic)) {
				news.set(topic, update);
				continue;
			}
			// Frontends that follow it since may lack what was known before.
			const known = this.#dispatch.table.has(topic) ? this.#shown(topic) : this.#others.of(topic);
			this.#others.hear(topic, said, now);
			if (!isRenewal(VIEWERS.name, update, known, Object.is)) news.set(topic, update);
		}
		return news.size === updates.size ? updates : news;
	}

	/** The ring changed: the new owner of a topic counts it. */
	setView(): void {
		const isOwn = (topic: string) => this.#dispatch.owns(topic);
		this.#others.keepOnly(isOwn);
		for (const topics of [this.#published, this.#mismatched]) {
			for (const topic of topics.keys()) if (!isOwn(topic)) topics.delete(topic);
		}
		this.#wasWhole = false;
	}

	/** Connections that follow the topic, in all regions. */
	viewers(topic: string): number {
		let sum = this.#dispatch.table.viewers(topic);
		for (const { value } of Object.values(this.#others.of(topic))) sum += value;
		return sum;
	}

	/** Publishes what changed since the last call. To be called once in {@link COUNT_PERIOD_MS}: that shows stalls. */
	tick(now: number, wallTime: number): void {
		this.#noticeStall(now);
		const recounted = this.#dispatch.table.takeRecounted();
		if (!this.#isWhole()) return;
		const updates = new Map<string, Update>();
		for (const topic of this.#topicsToCount(recounted)) {
			const registers = this.#count(topic, now, wallTime);
			if (registers !== undefined) updates.set(topic, newsOfRegisters(VIEWERS.name, registers));
		}
		for (const [topic, over] of this.#others.expire(now)) {
			if (!this.#dispatch.table.has(topic)) continue;
			const none = Object.entries(over).map(([region, { order }]) => [
				region,
				{ order: order + 1, value: 0, from: region },
			]);
			const known = updates.get(topic)?.values?.[VIEWERS.name];
			updates.set(topic, newsOfRegisters(VIEWERS.name, { ...known, ...Object.fromEntries(none) }));
		}
		if (updates.size > 0) this.#dispatch.publishOwn(updates);
		if (this.#isAbroad) this.#renew(now, wallTime);
	}

	#noticeStall(now: number): void {
		const stalledMs = now - (this.#tickedAt ?? now);
		this.#tickedAt = now;
		if (stalledMs <= STALL_MS) return;
		this.#stalledAt = now;
		this.#others.excuse(now);
	}

	/** Whether the table is known to be whole. */
	#isWhole(): boolean {
		if (this.#dispatch.settled && this.#dispatch.settledSince(this.#stalledAt)) return true;
		this.#wasWhole = false;
		return false;
	}

	/** All topics when the table was not whole before, those too that lost their last frontend since. */
	#topicsToCount(recounted: Iterable<string>): ReadonlySet<string> {
		// mutant: counts-changes
		const topics = new Set([...recounted, ...this.#mismatched]);
		if (this.#wasWhole) return topics;
		this.#wasWhole = true;
		return new Set([...topics, ...this.#dispatch.table.topics(), ...this.#published.keys()]);
	}

	/** What to publish of a topic; undefined when that was published before. */
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
		// Other counts may have been published before a frontend followed the topic here.
		return { ...this.#others.of(topic), [this.#region]: own };
	}

	/** What frontends that follow the topic show. */
	#shown(topic: string): Registers<number> {
		return (this.#dispatch.table.state(topic)?.values?.[VIEWERS.name] ?? {}) as Registers<number>;
	}

	#note(topic: string, register: Register<number>, now: number): void {
		this.#published.delete(topic);
		this.#published.set(topic, { ...register, renewAt: now + COUNT_RENEWAL_MS });
	}

	/** Other regions receive again what is true still. */
	#renew(now: number, wallTime: number): void {
		const again = new Map<string, Update>();
		for (const [topic, { order, value, renewAt }] of this.#published) {
			if (renewAt > now) break;
			const register = { order: Math.max(wallTime, order + 1), value, from: this.#region };
			this.#note(topic, register, now);
			if (value === 0) continue;
			again.set(topic, newsOfRegisters(VIEWERS.name, { [this.#region]: register }));
		}
		if (again.size > 0) this.#relay(again);
	}
}

function isCounted(topic: string): boolean {
	return kindOf(topic) === 'video';
}
