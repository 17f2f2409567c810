import type { Mutants } from './mutant.ts';
import { drop, instead, never, only, value } from './operators.ts';
import { NOT_SHOWN, WRONGLY_OFFLINE, WRONGLY_ONLINE } from './violations.ts';

/** Tells, of all users that another node owns now, that they are offline. */
const TELL_GONE = `for (const { user, lastSeen } of this.#users.all()) {
	if (isOwn(topicOf('user', user))) continue;
	this.#users.remove(user);
	this.#publish(topicOf('user', user), { online: false, lastSeen }, lastSeen + this.#goneMs);
}`;

/**
 * What it takes to tell who is there, and who is not. One heartbeat that is lost, or that an owner which is new does not
 * get at once, is none of it: an entry and the time without offline notices outlive a whole period.
 */
export const PRESENCE: Mutants = {
	'an owner is certain of its users right after a change of the ring': {
		changes: { 'uncertain-after-ring': drop },
		violates: WRONGLY_OFFLINE,
		seed: 180,
	},
	'a dispatcher is certain of its users when it starts': {
		changes: { 'uncertain-at-start': value('now') },
		violates: WRONGLY_OFFLINE,
		seed: 70,
	},
	'a user that is overdue is shown as online to a viewer who comes': {
		changes: { 'shows-no-overdue': drop },
		violates: WRONGLY_ONLINE,
		seed: 20_000_450,
	},
	'a stall is not noticed': { changes: { 'detects-stall': never }, violates: WRONGLY_OFFLINE, seed: 110 },
	'an entry lives d only': { changes: { 'outlives-a-period': only('left') }, violates: WRONGLY_OFFLINE },
	'an owner that is uncertain publishes users as offline': {
		changes: { 'waits-until-sure': never },
		violates: WRONGLY_OFFLINE,
		seed: 280,
	},
	'who loses people tells that they are gone': {
		changes: { 'drops-users-of-others': instead(TELL_GONE), 'drops-news-of-others': drop },
		violates: WRONGLY_OFFLINE,
	},
	'who loses people goes on to watch them': { changes: { 'drops-users-of-others': drop }, violates: WRONGLY_OFFLINE },
	'an owner that is new shows as gone whom it has not heard of yet': {
		changes: { 'shows-no-uncertain': drop },
		violates: WRONGLY_OFFLINE,
	},
	'who is heard of again is not watched any more': { changes: { 'watches-again': drop }, violates: WRONGLY_ONLINE },
	'who comes is not told': { changes: { 'publishes-online': drop }, violates: NOT_SHOWN },
	'a user that is gone when its owner becomes certain stays online': {
		changes: { 'publishes-when-certain': drop },
		violates: WRONGLY_ONLINE,
	},
	'one device that goes takes the others with it': {
		changes: { 'counts-devices': value('left > 1') },
		violates: NOT_SHOWN,
	},
	'heartbeats are told once': { changes: { 'repeats-heartbeats': drop }, violates: NOT_SHOWN },
	'who went is told of for ever': { changes: { 'forgets-gone': value('!part.has(user)') }, violates: WRONGLY_ONLINE },
};
