import { PRESENCE, type Presence, presenceIn } from '../../state/kinds/presence.ts';
import type { Register, Registers } from '../../state/kinds/register.ts';
import { kindOf } from '../../state/topics/topic.ts';
import type { Update, Updates } from '../../state/update.ts';
import type { Dispatch } from '../fan-out/dispatch.ts';
import { isRenewal, RemoteValues } from '../fan-out/remote-values.ts';
import type { PresencePublisher } from './presence-publisher.ts';

/** The lifetime of the presence of a user in another region without a renewal, in milliseconds. */
export const PRESENCE_LIFETIME_MS = 90_000;

/** The most users with presence in other regions. */
const MAX_REMOTE_USERS = 1_000_000;

export interface RemotePresenceOptions {
	/** The region of this node. */
	readonly region: string;
	readonly dispatch: Dispatch;
	readonly publisher: PresencePublisher;
}

/**
 * The presence in other regions of the users that this dispatcher owns. A user is online while the
 * other region renews it. Deterministic.
 */
export class RemotePresence {
	readonly #dispatch: Dispatch;
	readonly #publisher: PresencePublisher;
	readonly #registers: RemoteValues<Presence>;

	constructor({ region, dispatch, publisher }: RemotePresenceOptions) {
		this.#dispatch = dispatch;
		this.#publisher = publisher;
		this.#registers = new RemoteValues({
			kind: PRESENCE.name,
			region,
			lifetimeMs: PRESENCE_LIFETIME_MS,
			maxTopics: MAX_REMOTE_USERS,
		});
	}

	/** Takes the presence of other regions. Returns the updates without those that only renew it. */
	receive(updates: Updates, now: number): Updates {
		const changes = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const received = update.values?.[PRESENCE.name];
			if (received === undefined || kindOf(topic) !== 'user' || !this.#dispatch.owns(topic)) {
				changes.set(topic, update);
				continue;
			}
			const before = this.#registers.of(topic);
			this.#registers.receive(topic, received, now);
			for (const [region, register] of Object.entries(this.#registers.of(topic))) {
				if (!isSame(before[region]?.value, register.value))
					this.#publisher.lastSeen.keep(topic, { [region]: register });
			}
			// Viewers of this region may miss a register that this dispatcher received before.
			const known = this.#dispatch.table.has(topic) ? this.#publisher.shown(topic) : before;
			if (!isRenewal(PRESENCE.name, update, known, isSame)) changes.set(topic, update);
		}
		return changes.size === updates.size ? updates : changes;
	}

	/** Returns the registers of a user that are newer than the stored ones, by region. */
	newerThan(topic: string, stored: Registers<Presence>, now: number): Registers<Presence> {
		// A stored online register expires when its region does not renew it in time.
		const known = this.#registers.of(topic);
		const unknown = Object.entries(stored).filter(([region, { value }]) => value.online && known[region] === undefined);
		if (this.#dispatch.owns(topic)) this.#registers.receive(topic, Object.fromEntries(unknown), now);
		const newer: Record<string, Register<Presence>> = {};
		for (const [region, register] of Object.entries(known)) {
			if (register.order > (stored[region]?.order ?? -1)) newer[region] = register;
		}
		return newer;
	}

	/** Returns the presence of a user that is online in another region; undefined when no region says so. */
	presenceOf(topic: string): Presence | undefined {
		const presence = presenceIn(this.#registers.of(topic));
		return presence.online ? presence : undefined;
	}

	/** Drops the users that this dispatcher does not own any more. */
	keepOnly(isOwn: (topic: string) => boolean): void {
		this.#registers.keepOnly(isOwn);
	}

	/** Restarts the lifetime of all registers after a stall of this dispatcher. */
	excuse(now: number): void {
		this.#registers.excuse(now);
	}

	/** Publishes as offline the users whose presence expired. */
	run(now: number): void {
		for (const [topic, expired] of this.#registers.expire(now)) this.#publisher.expire(topic, expired);
	}

	/** When `run` is due next; undefined while nothing waits. */
	get dueAt(): number | undefined {
		return this.#registers.dueAt;
	}
}

/** Returns whether viewers see no difference: the last heartbeat of an online user does not matter. */
function isSame(a: Presence | undefined, b: Presence): boolean {
	return a?.online === b.online && (b.online || a.lastSeen === b.lastSeen);
}
