import type { Mutants } from './mutant.ts';
import { drop, instead, never, only, value } from './operators.ts';
import { NOT_SHOWN, WRONGLY_OFFLINE, WRONGLY_ONLINE } from './violations.ts';

/** Publishes all users that another node owns now as offline. */
const SEND_OFFLINE = `for (const { user, lastSeen } of this.#users.all()) {
	if (isOwn(topicOf('user', user))) continue;
	this.#users.remove(user);
	this.#publish(topicOf('user', user), { online: false, lastSeen }, lastSeen + this.#goneMs);
}`;

/**
 * Mutants of presence. One lost heartbeat, or one that a new owner does not receive at once, breaks
 * nothing: an entry, and the time without offline notices, outlive a whole period.
 */
export const PRESENCE: Mutants = {
	'an owner is certain of its users right after a change of the ring': {
		changes: { 'uncertain-after-ring': drop },
		violates: WRONGLY_OFFLINE,
		seed: 19,
	},
	'a dispatcher is certain of its users when it starts': {
		changes: { 'uncertain-at-start': value('now') },
		violates: WRONGLY_OFFLINE,
		seed: 229,
	},
	'a user that is overdue is shown as online to a viewer that connects': {
		changes: { 'shows-no-overdue': drop },
		violates: WRONGLY_ONLINE,
		seed: 20_000_533,
	},
	'a stall is not noticed': { changes: { 'detects-stall': never }, violates: WRONGLY_OFFLINE, seed: 1_030 },
	'presence that waited during a stall is stored': {
		changes: { 'looks-before-storing': drop },
		violates: WRONGLY_ONLINE,
		seed: 42_001_010,
	},
	'an entry lives for one period only': { changes: { 'outlives-a-period': only('left') }, violates: WRONGLY_OFFLINE },
	'an owner that is uncertain publishes users as offline': {
		changes: { 'waits-until-sure': never },
		violates: WRONGLY_OFFLINE,
		seed: 296,
	},
	'an owner that loses users publishes them as offline': {
		changes: { 'drops-users-of-others': instead(SEND_OFFLINE), 'drops-updates-of-others': drop },
		violates: WRONGLY_OFFLINE,
	},
	'an owner that loses users goes on to watch them': {
		changes: { 'drops-users-of-others': drop },
		violates: WRONGLY_OFFLINE,
	},
	'a new owner shows users as offline before their first heartbeat': {
		changes: { 'shows-no-uncertain': drop },
		violates: WRONGLY_OFFLINE,
	},
	'a user is not watched any more after a second heartbeat': {
		changes: { 'watches-again': drop },
		violates: WRONGLY_ONLINE,
	},
	'a user that comes online is not published': { changes: { 'publishes-online': drop }, violates: NOT_SHOWN },
	'a user that is offline when its owner becomes certain stays online': {
		changes: { 'publishes-when-certain': drop },
		violates: WRONGLY_ONLINE,
	},
	'a user with two devices is offline when one leaves': {
		changes: { 'counts-devices': value('left > 1') },
		violates: NOT_SHOWN,
	},
	'heartbeats are sent once': { changes: { 'repeats-heartbeats': drop }, violates: NOT_SHOWN },
	'heartbeats of a user that left are sent for ever': {
		changes: { 'forgets-gone': value('!part.has(user)') },
		violates: WRONGLY_ONLINE,
	},
};
