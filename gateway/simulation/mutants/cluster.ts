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
	LATE_OR_ROW_MISSING,
	ROW_MISSING,
	ROW_MISSING_OR_OLD,
	STORE_MISCOUNTS,
	UNSETTLED,
	WRONG_CURSOR,
	WRONG_DELTA,
	WRONG_TIMELINE,
	WRONG_TOTAL,
	WRONG_VIEWER_COUNT,
} from './violations.ts';

/** Mutants of totals and their fan-out. Each was in the code once. */
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
	'likes are left out of the timeline': { changes: { 'counts-seconds': drop }, violates: WRONG_TIMELINE },
	'a like is taken back at the second of the request': {
		changes: { 'lowers-second-of-like': value('Math.floor(at / 1_000)') },
		violates: WRONG_TIMELINE,
	},
	'a blocked connection is forgotten': { changes: { 'sends-once-drained': drop }, violates: WRONG_TOTAL },
	'a blocked connection counts as served': {
		changes: { 'stops-at-blocked': evaluatedThenFalse },
		violates: EVENT_MISSING,
	},
	'a digest is not compared': {
		changes: { 'compares-digests': value('hash === undefined') },
		violates: WRONG_TOTAL,
		seed: 60,
	},
	'viewers visited before an update came in a pass are forgotten': {
		changes: { 'visits-all': never },
		violates: WRONG_TOTAL,
	},
	'a frame is kept for the next version': { changes: { 'clears-frames': drop }, violates: WRONG_DELTA },
};

/** Mutants of the machines of a cluster. */
const NODES: Mutants = {
	'frontends send no digests': { changes: { 'digests-at-view': drop, 'digests-at-times': drop }, violates: UNSETTLED },
	'nothing is flooded': { changes: { floods: drop }, violates: LATE },
	'an owner trusts its table without digests': {
		changes: { 'waits-for-digests': always },
		violates: LATE_OR_ROW_MISSING,
		seed: 970,
	},
	'forwarded updates that reach no owner are dropped': {
		changes: { 'takes-forwarded': instead('if (!isOwner) continue;') },
		violates: LATE,
		seed: 183,
	},
	'an outbox forgets a batch that failed': { changes: { 'keeps-failed-batch': drop }, violates: FLOODS },
	'nodes wait for an owner that fails': { changes: { 'doubts-failing-owner': drop }, violates: LATE, seed: 114 },
	'updates for an unresponsive owner do not flood': { changes: { 'floods-while-in-doubt': drop }, violates: LATE },
	'nothing is delivered indirectly around a cut': { changes: { indirect: drop }, violates: LATE, seed: 426 },
	'a registration that failed is not sent again': {
		changes: { 'registers-again': drop },
		violates: ROW_MISSING_OR_OLD,
		seed: 40,
	},
	'a frontend does not note that a registration failed': {
		changes: { 'notes-failed-registration': drop },
		violates: UNSETTLED,
	},
	'a frontend takes a node that does not answer for a dead store': {
		changes: { 'trusts-silence': always },
		violates: GIVEN_UP,
	},
	'a dispatcher does not note that a read failed': {
		changes: { 'notes-failed-read': onlyIf('known !== undefined') },
		violates: WRONG_TOTAL,
	},
	'a list drops the rows that it names': { changes: { 'drops-unlisted-rows': always }, violates: UNSETTLED },
	'rows that a list does not name stay': { changes: { 'drops-unlisted-rows': never }, violates: UNSETTLED },
	'sums of digests keep topics that are gone': { changes: { 'subtracts-from-sums': drop }, violates: UNSETTLED },
	'an owner keeps the sum of a state that changed': { changes: { 'touches-sums': drop }, violates: WRONG_TOTAL },
	'buckets that differ are not listed': { changes: { 'lists-buckets': drop }, violates: UNSETTLED },
	'an owner trusts its table whatever the sum of its rows': {
		changes: { 'compares-rows': always },
		violates: ROW_MISSING_OR_OLD,
		seed: 30,
	},
	'a dispatcher that begins serves what it does not know': {
		changes: { 'begins-incomplete': value('{ ...NOTHING_KNOWN, complete: true }') },
		violates: GIVEN_UP,
		seed: 129,
	},
	'rows of frontends that are gone stay': { changes: { 'drops-rows-of-gone': drop }, violates: WRONG_VIEWER_COUNT },
	'topics are never read again': { changes: { 'reads-again': drop }, violates: WRONG_TOTAL, seed: 51 },
	'a Likes node that dies with its updates is no reason to read': {
		changes: { 'reads-after-likes-node': drop },
		violates: WRONG_TOTAL,
		seed: 390,
	},
	'a ring does not close': { changes: { 'closes-ring': value('low') }, violates: ROW_MISSING },
	'nodes draw rings in orders of their own': {
		changes: { 'sorts-members': value('[...members]') },
		violates: /goes by a ring of/,
	},
	'a dispatcher that leaves stays on the ring': { changes: { 'leaves-ring': never }, violates: /goes by a ring of/ },
	"a transaction's updates are published only half the time": {
		changes: { 'publishes-all': onlyIf('update.at % 2 === 0') },
		violates: LATE,
	},
};

/**
 * Mutants of the logs of topics, and of the numbers of viewers. Each of these rules alone prevents a
 * fault. Other rules repair each other: a frontend fetches an event that it does not buffer, takes no
 * event that came before for the next one, reads a duplicate from the store that no update brings, and
 * asks once more before it gives up.
 */
const LOGS: Mutants = {
	'a cursor is before its event': { changes: { 'cursor-behind-event': offBy(-1) }, violates: WRONG_CURSOR },
	'a cursor is behind the event that comes next': {
		changes: { 'cursor-behind-event': offBy(1) },
		violates: WRONG_CURSOR,
	},
	'a hole is given up without a gap': {
		changes: { 'waits-for-sources': value('isLate'), 'reports-lost': instead('this.#missingSince = undefined;') },
		violates: EVENT_MISSING,
	},
	'a hole is skipped, and not fetched': {
		changes: { 'asks-for-missing': drop },
		violates: EVENT_MISSING,
	},
	'a fetched event is sent though it came during the fetch': {
		changes: { 'passes-over-known': value('this.#begun && event.offset <= this.#offset + 1') },
		violates: EVENT_TWICE,
	},
	'heads are ignored': { changes: { 'heads-count': drop }, violates: EVENT_MISSING },
	'a buffer is served past its start': { changes: { 'knows-its-start': never }, violates: EVENT_MISSING },
	'a viewer that comes back receives new events before missed ones': {
		changes: { 'replays-first': value('topic.state') },
		violates: EVENT_REPEATED,
	},
	'a viewer that comes back receives missed events backwards': {
		changes: { 'replays-in-order': value('this.#behind(from).reverse()') },
		violates: EVENT_MISSING,
	},
	'a viewer ahead of its frontend resumes where the frontend is': {
		changes: { 'waits-when-ahead': drop },
		violates: EVENT_TWICE,
	},
	'a viewer that is far behind receives only new events': {
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
	'a comment that was sent before its deletion is sent after it': {
		changes: { 'forgets-erased-text': drop },
		violates: /is sent after its deletion/,
	},
	'viewers that come to a whole table are not counted': {
		changes: { 'counts-changes': value('new Set(this.#mismatched)') },
		violates: WRONG_VIEWER_COUNT,
	},
	'viewers receive new log events, and values wait': {
		changes: { 'flushes-values': always },
		violates: WRONG_VIEWER_COUNT,
	},
};

/** Mutants that the simulation of a cluster must find. */
export const CLUSTER: Mutants = { ...TOTALS, ...NODES, ...LOGS };
