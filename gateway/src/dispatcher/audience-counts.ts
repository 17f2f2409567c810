import type { Register, Registers } from '../delivery/kind.ts';
import { VIEWERS } from '../delivery/kinds/viewers.ts';
import { kindOf } from '../delivery/topic.ts';
import { newsOfRegisters, type Update, type Updates } from '../delivery/update.ts';
import type { Dispatch } from './dispatch.ts';
import { HeardValues, isRenewal } from './heard-values.ts';
import { StallWatch } from './stall-watch.ts';

/** The viewers of a topic are told at most once in it, in milliseconds. */
export const COUNT_WINDOW_MS = 1_000;

/** Other regions are told again so often, in milliseconds, while somebody follows the topic here. */
export const COUNT_RENEWAL_MS = 30_000;

/** A count of another region that was not renewed for so long, in milliseconds, is over. */
export const COUNT_LIFETIME_MS = 90_000;

/** Topics of which other regions' counts are remembered. */
const MAX_HEARD_TOPICS = 100_000;

/** After a stall of so long, in milliseconds, the table is believed again once every frontend has told all of it anew. */
const STALL_MS = 2_000;

export interface AudienceCountsOptions {
	/** The region of this node. */
	readonly region: string;
	/** There are others. */
	readonly isAbroad: boolean;
	readonly dispatch: Dispatch;
	/** Brings news to other regions, and nowhere else. */
	readonly relay: (updates: Updates) => void;
}

/** What was told of a topic. */
interface Told extends Register<number> {
	/** When other regions are told again, by the monotonic clock. */
	readonly renewAt: number;
}

/**
 * Counts the viewers of videos: the sum over all frontends on the subscription table, told when it changed and the table
 * is known to be whole. The first change after a quiet time is told at once. Deterministic; `now` is the monotonic clock,
 * and `wallTime`, in Unix milliseconds, orders what is told, also after what another owner told before.
 */
export class AudienceCounts {
	readonly #region: string;
	readonly #isAbroad: boolean;
	readonly #dispatch: Dispatch;
	readonly #relay: (updates: Updates) => void;
	/** What other regions count. */
	readonly #others: HeardValues<number>;
	/** By when they are renewed: the first is the next. */
	readonly #told = new Map<string, Told>();
	/** When each topic may be told again; the first is the next. */
	readonly #windows = new Map<string, number>();
	/** Topics to count now, and those that changed while their window was closed. */
	readonly #changed = new Set<string>();
	readonly #waiting = new Set<string>();
	/** A frontend knows them otherwise, so what was told may have gone under. */
	readonly #doubted = new Set<string>();
	readonly #stalls = new StallWatch(STALL_MS);
	#stalledAt = Number.NEGATIVE_INFINITY;
	#wasWhole = false;

	constructor({ region, isAbroad, dispatch, relay }: AudienceCountsOptions) {
		this.#region = region;
		this.#isAbroad = isAbroad;
		this.#dispatch = dispatch;
		this.#relay = relay;
		this.#others = new HeardValues({
			kind: VIEWERS.name,
			region,
			lifetimeMs: COUNT_LIFETIME_MS,
			maxTopics: MAX_HEARD_TOPICS,
		});
	}

	/** The count of a topic may be another one. */
	changed(topic: string): void {
		if (!isCounted(topic)) return;
		(this.#windows.has(topic) ? this.#waiting : this.#changed).add(topic);
	}

	/** A frontend knows a topic otherwise: it may have been told by an owner whose clock is ahead. */
	doubt(topic: string): void {
		if (!isCounted(topic)) return;
		this.#doubted.add(topic);
		this.changed(topic);
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
			// To who follows it here something may be news that was heard before.
			const known = this.#dispatch.table.has(topic) ? this.#shown(topic) : this.#others.of(topic);
			this.#others.hear(topic, said, now);
			if (!isRenewal(VIEWERS.name, update, known, Object.is)) news.set(topic, update);
		}
		return news.size === updates.size ? updates : news;
	}

	/** The ring changed: who owns a topic now counts it. */
	setView(): void {
		const isOwn = (topic: string) => this.#dispatch.owns(topic);
		this.#others.keepOnly(isOwn);
		for (const topics of [this.#told, this.#changed, this.#waiting, this.#doubted]) {
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

	/** Tells what is due. To be called also when nothing is, more often than every two seconds: that is how it notices stalls. */
	run(now: number, wallTime: number): void {
		if (this.#stalls.look(now)) {
			this.#stalledAt = now;
			this.#others.excuse(now);
		}
		if (!this.#isWhole()) return;
		this.#openWindows(now);
		const news = new Map<string, Update>();
		for (const topic of this.#changed) {
			const registers = this.#count(topic, now, wallTime);
			if (registers !== undefined) news.set(topic, newsOfRegisters(VIEWERS.name, registers));
		}
		this.#changed.clear();
		for (const [topic, over] of this.#others.expire(now)) {
			if (!this.#dispatch.table.has(topic)) continue;
			const none = Object.entries(over).map(([region, { order }]) => [
				region,
				{ order: order + 1, value: 0, from: region },
			]);
			news.set(
				topic,
				newsOfRegisters(VIEWERS.name, { ...news.get(topic)?.values?.[VIEWERS.name], ...Object.fromEntries(none) }),
			);
		}
		if (news.size > 0) this.#dispatch.publishOwn(news);
		if (this.#isAbroad) this.#renew(now, wallTime);
	}

	/** When `run` has something to do next; undefined when not before something changes. */
	get dueAt(): number | undefined {
		if (!this.#wasWhole) return undefined;
		if (this.#changed.size > 0) return Number.NEGATIVE_INFINITY;
		let due = this.#others.dueAt ?? Number.POSITIVE_INFINITY;
		for (const opensAt of this.#windows.values()) {
			due = Math.min(due, opensAt);
			break;
		}
		if (this.#isAbroad) {
			for (const { renewAt } of this.#told.values()) {
				due = Math.min(due, renewAt);
				break;
			}
		}
		return due === Number.POSITIVE_INFINITY ? undefined : due;
	}

	/** Whether the table can be believed; if it could not before, all of it is counted anew. */
	#isWhole(): boolean {
		const { table } = this.#dispatch;
		if (!this.#dispatch.settled || !this.#dispatch.settledSince(this.#stalledAt)) {
			this.#wasWhole = false;
			return false;
		}
		this.#stalledAt = Number.NEGATIVE_INFINITY;
		if (this.#wasWhole) return true;
		this.#wasWhole = true;
		for (const topic of table.topics()) this.changed(topic);
		// Nobody may have followed them for a while without its being told.
		for (const topic of this.#told.keys()) if (!table.has(topic)) this.changed(topic);
		return true;
	}

	#openWindows(now: number): void {
		for (const [topic, opensAt] of this.#windows) {
			if (opensAt > now) return;
			this.#windows.delete(topic);
			// mutant: counts-after-window
			if (this.#waiting.delete(topic)) this.#changed.add(topic);
		}
	}

	/** What is to be told of a topic; undefined when that was told before. */
	#count(topic: string, now: number, wallTime: number): Registers | undefined {
		const { table } = this.#dispatch;
		if (!this.#dispatch.owns(topic)) return undefined;
		const isDoubted = this.#doubted.delete(topic);
		const shown = this.#shown(topic);
		const told = this.#told.get(topic);
		const value = table.viewers(topic);
		if (!table.has(topic)) {
			if (told === undefined) return undefined;
			this.#told.delete(topic);
			if (told.value === 0) return undefined;
		} else if (told !== undefined && shown[this.#region]?.value === value && !isDoubted) return undefined;
		const order = Math.max(wallTime, (told?.order ?? 0) + 1, (shown[this.#region]?.order ?? 0) + 1);
		const own = { order, value, from: this.#region };
		if (table.has(topic)) this.#note(topic, own, now);
		this.#windows.set(topic, now + COUNT_WINDOW_MS);
		// Others' counts were told before somebody here followed the topic, perhaps.
		return { ...this.#others.of(topic), [this.#region]: own };
	}

	/** What is shown to who follows the topic here. */
	#shown(topic: string): Registers<number> {
		return (this.#dispatch.table.state(topic)?.values?.[VIEWERS.name] ?? {}) as Registers<number>;
	}

	#note(topic: string, register: Register<number>, now: number): void {
		this.#told.delete(topic);
		this.#told.set(topic, { ...register, renewAt: now + COUNT_RENEWAL_MS });
	}

	/** Tells other regions again what they know, so that they know that it is true still. */
	#renew(now: number, wallTime: number): void {
		const again = new Map<string, Update>();
		for (const [topic, { order, value, renewAt }] of this.#told) {
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
