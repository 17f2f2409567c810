import type { Mutants } from './mutant.ts';
import { always, drop, evaluatedThenFalse, instead, never, offBy, onlyIf, unless, value } from './operators.ts';
import {
	COUNTED_TWICE,
	EVENT_MISSING,
	EVENT_REPEATED,
	EVENT_TWICE,
	FLOODS,
	GIVEN_UP,
	LATE,
	ROW_MISSING,
	ROW_MISSING_OR_OLD,
	STORE_MISCOUNTS,
	UNSETTLED,
	WRONG_CURSOR,
	WRONG_DELTA,
	WRONG_HEADCOUNT,
	WRONG_TOTAL,
} from './violations.ts';

/** Totals and their fan-out. Each of these was in the code once. */
const TOTALS: Mutants = {
	'counts of two hops are summed': {
		changes: { 'merges-added': value('known[0] + next[0]') },
		violates: COUNTED_TWICE,
	},
	'a snapshot shows what is pending, not what was flushed': {
		changes: { 'shows-flushed': value('{ ...version, totals: totalsOf(this.#rows) }') },
		violates: WRONG_DELTA,
	},
	'taking back leaves no tombstone': {
		changes: { 'keeps-tombstone': value("database.prepare('DELETE FROM likes WHERE ? > 0 AND topic = ? AND id = ?')") },
		violates: STORE_MISCOUNTS,
	},
	'a blocked connection is forgotten': { changes: { 'sends-once-drained': drop }, violates: WRONG_TOTAL },
	'a blocked connection counts as told': {
		changes: { 'stops-at-blocked': evaluatedThenFalse },
		violates: EVENT_MISSING,
	},
	'a digest is not compared': { changes: { 'compares-digests': value('hash === undefined') }, violates: WRONG_TOTAL },
	'viewers visited before the news came in a pass are forgotten': {
		changes: { 'visits-all': never },
		violates: WRONG_TOTAL,
	},
	'a frame is kept for the next version': { changes: { 'clears-frames': drop }, violates: WRONG_DELTA },
};

/** What the machines of a cluster are there to prevent. */
const NODES: Mutants = {
	'frontends send no digests': { changes: { 'digests-at-view': drop, 'digests-at-times': drop }, violates: UNSETTLED },
	'nothing is flooded': { changes: { floods: drop }, violates: LATE },
	'an owner trusts its table without digests': {
		changes: { 'waits-for-digests': always },
		violates: LATE,
		seed: 115,
	},
	'forwarded news that reach no owner are dropped': {
		changes: { 'takes-forwarded': instead('if (!isOwner) continue;') },
		violates: LATE,
		seed: 183,
	},
	'an outbox forgets a batch that failed': { changes: { 'keeps-failed-batch': drop }, violates: FLOODS },
	'an owner that fails is waited for': { changes: { 'doubts-failing-owner': drop }, violates: LATE, seed: 114 },
	'news for an owner in doubt do not flood': { changes: { 'floods-while-in-doubt': drop }, violates: LATE },
	'no way round a cut is taken': { changes: { detours: drop }, violates: LATE, seed: 426 },
	'a registration that failed is not told again': {
		changes: { 'registers-again': drop },
		violates: ROW_MISSING_OR_OLD,
		seed: 60,
	},
	'an old message drops a newer row': { changes: { 'drops-older-row': always }, violates: ROW_MISSING },
	'a dispatcher that begins serves what it does not know': {
		changes: { 'begins-incomplete': value('{ ...NOTHING_KNOWN, complete: true }') },
		violates: GIVEN_UP,
		seed: 217,
	},
	'rows of frontends that are gone stay': { changes: { 'drops-rows-of-gone': drop }, violates: WRONG_HEADCOUNT },
	'topics are never read again': { changes: { 'reads-again': drop }, violates: WRONG_TOTAL, seed: 128 },
	'a Likes node that dies with its news is no reason to read': {
		changes: { 'reads-after-likes-node': drop },
		violates: WRONG_TOTAL,
		seed: 393,
	},
	'a ring does not close': { changes: { 'closes-ring': value('low') }, violates: ROW_MISSING },
	'nodes draw rings in orders of their own': {
		changes: { 'sorts-members': value('[...members]') },
		violates: /goes by a ring of/,
	},
	'a dispatcher that leaves stays on the ring': { changes: { 'leaves-ring': never }, violates: /goes by a ring of/ },
	"a transaction's news are published only half the time": {
		changes: { 'publishes-all': onlyIf('update.at % 2 === 0') },
		violates: LATE,
	},
};

/**
 * What the log of a topic, and how many watch it, is told by; each of these rules alone prevents something. Others heal
 * each other: an event that is held is fetched when it is not, an event that came before is never next, a duplicate is
 * read from the store when it is not told again, and who waits tries once more before it gives up.
 */
const LOGS: Mutants = {
	'a cursor stands before its event': { changes: { 'cursor-behind-event': offBy(-1) }, violates: WRONG_CURSOR },
	'a cursor stands behind the event that comes next': {
		changes: { 'cursor-behind-event': offBy(1) },
		violates: WRONG_CURSOR,
	},
	'a hole is given up in silence': {
		changes: { 'waits-for-sources': value('isLate'), 'reports-lost': instead('this.#missingSince = undefined;') },
		violates: EVENT_MISSING,
	},
	'a hole is skipped, and not fetched': {
		changes: { 'asks-for-missing': drop },
		violates: EVENT_MISSING,
	},
	'what was fetched is told though it came meanwhile': {
		changes: { 'passes-over-known': value('this.#begun && event.offset <= this.#offset + 1') },
		violates: EVENT_TWICE,
	},
	'heads are ignored': { changes: { 'heads-count': drop }, violates: EVENT_MISSING },
	'a buffer is served past its start': { changes: { 'knows-its-start': never }, violates: EVENT_MISSING },
	'who comes back is told what is new before what it missed': {
		changes: { 'replays-first': value('topic.state') },
		violates: EVENT_REPEATED,
	},
	'who comes back is told backwards what it missed': {
		changes: { 'replays-in-order': value('this.#behind(from).reverse()') },
		violates: EVENT_MISSING,
	},
	'who comes back and is ahead of the frontend goes on where that is': {
		changes: { 'waits-when-ahead': drop },
		violates: EVENT_TWICE,
	},
	'who is far behind is told only what is new': {
		changes: { 'sends-whole-log': unless('sent.next + 2 < this.position.next', "''") },
		violates: EVENT_MISSING,
	},
	'two events of a transaction get one number': {
		changes: { 'numbers-each-event': value('1') },
		violates: /has event \d+ behind event \d+/,
	},
	'a comment that was deleted keeps its text, so it is deleted again': {
		changes: { 'erases-text': drop },
		violates: EVENT_TWICE,
	},
	'what was told before a comment was deleted is told on': {
		changes: { 'forgets-erased-text': drop },
		violates: /is told on though it is deleted/,
	},
	'viewers that come to a whole table are not counted': {
		changes: { 'counts-changes': value('new Set(this.#mismatched)') },
		violates: WRONG_HEADCOUNT,
	},
	'viewers are told of news of the log, and its values wait': {
		changes: { 'flushes-values': always },
		violates: WRONG_HEADCOUNT,
	},
};

/** Mutants that the simulation of a cluster has to find. */
export const CLUSTER: Mutants = { ...TOTALS, ...NODES, ...LOGS };
