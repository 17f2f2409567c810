import { PRESENCE, type Presence, presenceIn } from '../../state/kinds/presence.ts';
import type { Register, Registers } from '../../state/kinds/register.ts';
import { kindOf } from '../../state/topics/topic.ts';
import type { Update, Updates } from '../../state/update.ts';
import type { Dispatch } from '../fan-out/dispatch.ts';
import { isRenewal, RemoteValues } from '../fan-out/remote-values.ts';
import type { PresencePublisher } from './presence-publisher.ts';

/** Who is there in another region is not any more when that was not said again for so long, in milliseconds. */
export const PRESENCE_LIFETIME_MS = 90_000;

/** People of whom is remembered what other regions say. */
const MAX_HEARD_USERS = 1_000_000;

export interface RemotePresenceOptions {
	/** The region of this node. */
	readonly region: string;
	readonly dispatch: Dispatch;
	readonly news: PresencePublisher;
}

/**
 * What other regions say of the people that hash to this dispatcher: they are there as long as that is said again.
 * Deterministic.
 */
export class RemotePresence {
	readonly #dispatch: Dispatch;
	readonly #news: PresencePublisher;
	readonly #heard: RemoteValues<Presence>;

	constructor({ region, dispatch, news }: RemotePresenceOptions) {
		this.#dispatch = dispatch;
		this.#news = news;
		this.#heard = new RemoteValues({
			kind: PRESENCE.name,
			region,
			lifetimeMs: PRESENCE_LIFETIME_MS,
			maxTopics: MAX_HEARD_USERS,
		});
	}

	/** Takes in what other regions say, and gives back what is news: not that somebody is there still. */
	hear(updates: Updates, now: number): Updates {
		const news = new Map<string, Update>();
		for (const [topic, update] of updates) {
			const said = update.values?.[PRESENCE.name];
			if (said === undefined || kindOf(topic) !== 'user' || !this.#dispatch.owns(topic)) {
				news.set(topic, update);
				continue;
			}
			const before = this.#heard.of(topic);
			this.#heard.hear(topic, said, now);
			for (const [region, register] of Object.entries(this.#heard.of(topic))) {
				if (!isSame(before[region]?.value, register.value)) this.#news.lastSeen.keep(topic, { [region]: register });
			}
			// To who follows them here something may be news that was heard before.
			const known = this.#dispatch.table.has(topic) ? this.#news.shown(topic) : before;
			if (!isRenewal(PRESENCE.name, update, known, isSame)) news.set(topic, update);
		}
		return news.size === updates.size ? updates : news;
	}

	/** What was heard of somebody that is newer than what the store has, by region. */
	newerThan(topic: string, stored: Registers<Presence>, now: number): Registers<Presence> {
		// Who was there in another region, and is not any more, is told as gone when nobody says otherwise in time.
		const heard = this.#heard.of(topic);
		const unheard = Object.entries(stored).filter(([region, { value }]) => value.online && heard[region] === undefined);
		if (this.#dispatch.owns(topic)) this.#heard.hear(topic, Object.fromEntries(unheard), now);
		const newer: Record<string, Register<Presence>> = {};
		for (const [region, register] of Object.entries(heard)) {
			if (register.order > (stored[region]?.order ?? -1)) newer[region] = register;
		}
		return newer;
	}

	/** Whether somebody is there in another region; undefined when none says so. */
	presenceOf(topic: string): Presence | undefined {
		const presence = presenceIn(this.#heard.of(topic));
		return presence.online ? presence : undefined;
	}

	/** Forgets people who are not owned here any more. */
	keepOnly(isOwn: (topic: string) => boolean): void {
		this.#heard.keepOnly(isOwn);
	}

	/** This dispatcher stood still: nobody is gone for what it could not hear. */
	excuse(now: number): void {
		this.#heard.excuse(now);
	}

	/** Tells who was not said to be there in time. */
	run(now: number): void {
		for (const [topic, over] of this.#heard.expire(now)) this.#news.tellOver(topic, over);
	}

	/** When `run` has something to do next; undefined when nothing. */
	get dueAt(): number | undefined {
		return this.#heard.dueAt;
	}
}

/** Whether it shows the same: when somebody who is there was last heard of does not matter. */
function isSame(a: Presence | undefined, b: Presence): boolean {
	return a?.online === b.online && (b.online || a.lastSeen === b.lastSeen);
}
