import { PRESENCE, type Presence } from '../../state/kinds/presence.ts';
import type { Register, Registers } from '../../state/kinds/register.ts';
import { newsOfRegisters, type Update, type Updates } from '../../state/update.ts';
import type { Dispatch } from '../fan-out/dispatch.ts';
import { LastSeenWrites } from './last-seen-writes.ts';

export interface PresencePublisherOptions {
	/** The region of this node. */
	readonly region: string;
	readonly dispatch: Dispatch;
	/** Brings news to other regions, and nowhere else. */
	readonly relay: (updates: Updates) => void;
}

/**
 * What is told of who is there: to those who follow them here, to other regions, and to the store. It gathers until it is
 * sent. Deterministic; `wallTime`, in Unix milliseconds, orders what is told.
 */
export class PresencePublisher {
	/** What is to be stored. */
	readonly lastSeen = new LastSeenWrites();
	readonly #region: string;
	readonly #dispatch: Dispatch;
	readonly #relay: (updates: Updates) => void;
	#news = new Map<string, Update>();
	#renewals = new Map<string, Update>();

	constructor({ region, dispatch, relay }: PresencePublisherOptions) {
		this.#region = region;
		this.#dispatch = dispatch;
		this.#relay = relay;
	}

	get isEmpty(): boolean {
		return this.#news.size === 0 && this.#renewals.size === 0;
	}

	/** What is shown to who follows them here. */
	shown(topic: string): Registers<Presence> {
		return (this.#dispatch.table.state(topic)?.values?.[PRESENCE.name] ?? {}) as Registers<Presence>;
	}

	/** Later than what was known `before`, whose clock may have been ahead. */
	register(value: Presence, before: number, wallTime: number): Register<Presence> {
		return { order: Math.max(wallTime, before + 1), value, from: this.#region };
	}

	/** Somebody is there, or is not any more. */
	put(topic: string, presence: Presence, wallTime: number): void {
		const known = this.#news.get(topic)?.values?.[PRESENCE.name];
		const before = Math.max(known?.[this.#region]?.order ?? -1, this.shown(topic)[this.#region]?.order ?? -1);
		const registers = { [this.#region]: this.register(presence, before, wallTime) };
		this.lastSeen.keep(topic, registers);
		this.#news.set(topic, newsOfRegisters(PRESENCE.name, { ...known, ...registers }));
	}

	/** Other regions are to hear again that somebody is there. */
	renew(topic: string, lastSeen: number, wallTime: number): void {
		const register = this.register({ online: true, lastSeen }, -1, wallTime);
		this.#renewals.set(topic, newsOfRegisters(PRESENCE.name, { [this.#region]: register }));
	}

	/** Other regions did not say again that somebody is there. */
	tellOver(topic: string, over: Registers<Presence>): void {
		const gone = Object.entries(over)
			.filter(([, { value }]) => value.online)
			.map(([region, { order, value }]) => [
				region,
				{ order: order + 1, value: { ...value, online: false }, from: region },
			]);
		if (gone.length === 0) return;
		const registers = Object.fromEntries(gone) as Registers<Presence>;
		this.lastSeen.keep(topic, registers);
		if (!this.#dispatch.table.has(topic)) return;
		const known = this.#news.get(topic)?.values?.[PRESENCE.name];
		this.#news.set(topic, newsOfRegisters(PRESENCE.name, { ...known, ...registers }));
	}

	/** Forgets what was to be told of people who are not owned here any more. */
	keepOnly(isOwn: (topic: string) => boolean): void {
		// mutant: drops-news-of-others
		for (const topic of [...this.#news.keys()]) if (!isOwn(topic)) this.#news.delete(topic);
	}

	/** Drops all that waits to be sent or stored: it is of the past. */
	forget(): void {
		this.#news.clear();
		this.#renewals.clear();
		this.lastSeen.forget();
	}

	/** Sends all that was gathered. */
	send(): void {
		const news = this.#news;
		if (news.size > 0) {
			this.#news = new Map();
			this.#dispatch.publishOwn(news);
		}
		const renewals = this.#renewals;
		if (renewals.size > 0) {
			this.#renewals = new Map();
			this.#relay(renewals);
		}
	}
}
