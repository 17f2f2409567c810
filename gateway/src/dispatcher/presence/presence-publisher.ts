import { PRESENCE, type Presence } from '../../state/kinds/presence.ts';
import type { Register, Registers } from '../../state/kinds/register.ts';
import { type Update, type Updates, updateOfRegisters } from '../../state/update.ts';
import type { Dispatch } from '../fan-out/dispatch.ts';
import { LastSeenWrites } from './last-seen-writes.ts';

export interface PresencePublisherOptions {
	/** The region of this node. */
	readonly region: string;
	readonly dispatch: Dispatch;
	/** Sends updates to other regions only. */
	readonly relay: (updates: Updates) => void;
}

/**
 * The presence that waits to be sent: to viewers, to other regions, and to the store. Deterministic;
 * `wallTime`, in Unix milliseconds, orders the registers.
 */
export class PresencePublisher {
	/** The presence that waits for the store. */
	readonly lastSeen = new LastSeenWrites();
	readonly #region: string;
	readonly #dispatch: Dispatch;
	readonly #relay: (updates: Updates) => void;
	#updates = new Map<string, Update>();
	#renewals = new Map<string, Update>();

	constructor({ region, dispatch, relay }: PresencePublisherOptions) {
		this.#region = region;
		this.#dispatch = dispatch;
		this.#relay = relay;
	}

	get isEmpty(): boolean {
		return this.#updates.size === 0 && this.#renewals.size === 0;
	}

	/** Returns the presence that viewers of this region see. */
	shown(topic: string): Registers<Presence> {
		return (this.#dispatch.table.state(topic)?.values?.[PRESENCE.name] ?? {}) as Registers<Presence>;
	}

	/** Returns a register that is newer than order `before`, which may come from a clock that was ahead. */
	register(value: Presence, before: number, wallTime: number): Register<Presence> {
		return { order: Math.max(wallTime, before + 1), value, from: this.#region };
	}

	/** Publishes that a user is online or offline. */
	put(topic: string, presence: Presence, wallTime: number): void {
		const known = this.#updates.get(topic)?.values?.[PRESENCE.name];
		const before = Math.max(known?.[this.#region]?.order ?? -1, this.shown(topic)[this.#region]?.order ?? -1);
		const registers = { [this.#region]: this.register(presence, before, wallTime) };
		this.lastSeen.keep(topic, registers);
		this.#updates.set(topic, updateOfRegisters(PRESENCE.name, { ...known, ...registers }));
	}

	/** Sends to other regions again that a user is online. */
	renew(topic: string, lastSeen: number, wallTime: number): void {
		const register = this.register({ online: true, lastSeen }, -1, wallTime);
		this.#renewals.set(topic, updateOfRegisters(PRESENCE.name, { [this.#region]: register }));
	}

	/** Publishes as offline a user whose presence other regions did not renew. */
	expire(topic: string, expired: Registers<Presence>): void {
		const gone = Object.entries(expired)
			.filter(([, { value }]) => value.online)
			.map(([region, { order, value }]) => [
				region,
				{ order: order + 1, value: { ...value, online: false }, from: region },
			]);
		if (gone.length === 0) return;
		const registers = Object.fromEntries(gone) as Registers<Presence>;
		this.lastSeen.keep(topic, registers);
		if (!this.#dispatch.table.has(topic)) return;
		const known = this.#updates.get(topic)?.values?.[PRESENCE.name];
		this.#updates.set(topic, updateOfRegisters(PRESENCE.name, { ...known, ...registers }));
	}

	/** Drops the updates of users that this dispatcher does not own any more. */
	keepOnly(isOwn: (topic: string) => boolean): void {
		// mutant: drops-updates-of-others
		for (const topic of [...this.#updates.keys()]) if (!isOwn(topic)) this.#updates.delete(topic);
	}

	/** Drops everything that waits to be sent or stored: it may be out of date. */
	forget(): void {
		this.#updates.clear();
		this.#renewals.clear();
		this.lastSeen.forget();
	}

	/** Sends everything that waits. */
	send(): void {
		const updates = this.#updates;
		if (updates.size > 0) {
			this.#updates = new Map();
			this.#dispatch.publishOwn(updates);
		}
		const renewals = this.#renewals;
		if (renewals.size > 0) {
			this.#renewals = new Map();
			this.#relay(renewals);
		}
	}
}
