import type { Mutants } from './mutant.ts';
import { always, drop, instead, only, or, replaced, value } from './operators.ts';
import {
	EVENT_MISSING,
	EVENT_REPEATED,
	GAP_MISSING,
	GIVEN_UP,
	REGION_BEHIND,
	REGION_BEHIND_OR_RELAYS,
	WRONG_COMMENT_LIKES,
	WRONG_LOG,
	WRONG_TOTAL,
} from './violations.ts';

const NEITHER_EPOCH = 'iif(excluded.epoch > epoch, excluded.added, max(added, excluded.added))';

/**
 * Mutants of the replication between regions; each of these rules alone prevents a fault. The deletion
 * of rows of lower epochs after the last page of a region has none: no read shows such rows, so their
 * deletion only frees space.
 */
export const REGIONS: Mutants = {
	'relays carry rows of other regions': {
		changes: { 'relays-own-only': only('right') },
		violates: /relays to \S+ an update of \S+ for/,
	},
	'updates are not relayed': { changes: { relays: drop }, violates: REGION_BEHIND },
	'a relay queue whose relay failed stays closed': {
		changes: { 'retries-relay': value('Number.POSITIVE_INFINITY') },
		violates: REGION_BEHIND,
	},
	'a region that greets is not asked what changed': {
		changes: { 'asks-after-greeting': only('right') },
		violates: REGION_BEHIND,
		seed: 118,
	},
	'only the dispatcher in charge asks a region that greets': {
		changes: { 'asks-when-greeted': only('right') },
		violates: REGION_BEHIND,
		seed: 23,
	},
	'no dispatcher is in charge of asking': {
		changes: { 'asks-when-greeted': only('left') },
		violates: REGION_BEHIND,
		seed: 79,
	},
	'no dispatcher asks what changed': { changes: { 'asks-what-changed': value('[]') }, violates: REGION_BEHIND },
	'updates of other regions are shown and not stored': {
		changes: { 'stores-what-regions-say': drop },
		violates: REGION_BEHIND,
	},
	'updates that could not be stored are forgotten': {
		changes: { 'stores-again': instead('this.#toKeep.arrived(batch);') },
		violates: REGION_BEHIND,
		seed: 19,
	},
	'only the first page is asked for': { changes: { 'asks-next-page': always }, violates: REGION_BEHIND },
	'a position is stored without the rows before it': {
		changes: { 'stores-rows-of-page': or('reached?.last === false') },
		violates: REGION_BEHIND,
	},
	'reads leave out rows of other regions': {
		changes: { 'reads-replicas': value('[own.topic]') },
		violates: REGION_BEHIND,
	},
	'a store is restored and keeps its epoch': { changes: { 'epoch-rises': value('before') }, violates: REGION_BEHIND },
	'reads do not say that all of a lower epoch is over': {
		changes: { 'tells-complete-epoch': drop },
		violates: WRONG_TOTAL,
	},
	'a lower epoch is merged into a state': {
		changes: { 'ignores-lower-epoch': drop },
		violates: WRONG_TOTAL,
		seed: 24,
	},
	'a higher epoch is merged into a state of a lower one': {
		changes: { 'replaces-lower-epoch': only('left') },
		violates: WRONG_TOTAL,
	},
	'a lower epoch is merged into the store': {
		changes: {
			'merges-replicas': replaced('WHERE excluded.epoch >= epoch', ''),
			'stores-rows-of-page': only('left'),
		},
		violates: REGION_BEHIND,
	},
	'a higher epoch is merged into rows of the store': {
		changes: { 'merges-replicas': replaced(NEITHER_EPOCH, 'max(added, excluded.added)') },
		violates: REGION_BEHIND,
	},
	'a store that was restored goes on where it was': {
		changes: { 'begins-after-restore': value('since === undefined') },
		violates: REGION_BEHIND,
		seed: 79,
	},
	'a scan of changes begins where the last one ended, and not where that began': {
		changes: { 'begins-where-walk-began': value('ceiling') },
		violates: REGION_BEHIND,
	},
	'a store that was restored goes on with its old log': {
		changes: { 'begins-new-epoch': instead('if (known !== undefined) return known;') },
		violates: GAP_MISSING,
	},
	'a restored store causes no gap': {
		changes: { 'reports-restored': instead('this.#missingSince = undefined;') },
		violates: GAP_MISSING,
	},
	'a restored store with an empty log is not asked': {
		changes: { 'asks-restored-log': only('left') },
		violates: GAP_MISSING,
	},
	'cursors know one region only': {
		changes: { 'cursor-of-all-regions': value('new Map()') },
		violates: EVENT_REPEATED,
	},
	"a viewer takes one region's likes of a comment for all": {
		changes: { 'merges-comment-likes': value('{ ...update, complete: known?.complete ?? update.complete }') },
		violates: WRONG_COMMENT_LIKES,
	},
	'changes of a region leave out stored registers': {
		changes: { 'says-changed-values': value('[]') },
		violates: /\S+ has receipt \S+ of .+, and \d+ is the newest/,
	},
	'an event is published under the log of another store': {
		changes: {
			'publishes-under-its-log': value('{ ...outcome, region, epoch: commit.rows.get(command.topic)[region].epoch }'),
		},
		violates: WRONG_LOG,
	},
	'a deletion erases every comment of its id in the store': {
		changes: {
			'erases-one-comment': replaced(
				'AND region = $region AND number = $offset AND id = $comment AND author = $user',
				'AND id = $comment',
			),
		},
		violates: WRONG_LOG,
	},
	'a deletion hides every comment of its id in frontends': {
		changes: { 'names-one-comment': value('id') },
		violates: EVENT_MISSING,
	},
	'events are ordered by the clock alone': {
		changes: { 'orders-by-own-log': value('at * ORDERS_PER_MS') },
		violates: /with an order that is not behind event/,
	},
	'the rest of an update that does not fit into a relay is forgotten': {
		changes: { 'keeps-rest': value('NO_UPDATES') },
		violates: WRONG_COMMENT_LIKES,
		seed: 85,
	},
	'a relay that a region refuses as too long is sent again as it was': {
		changes: { 'halves-what-is-too-long': drop },
		violates: /still has relays for another region/,
	},
	'rows of logs are relayed, and their events are not': {
		changes: { 'relays-events': value('undefined') },
		violates: GIVEN_UP,
		seed: 310,
	},
	'a relay goes to the same dispatcher again after a failure': {
		changes: { 'asks-next-dispatcher': drop },
		violates: REGION_BEHIND_OR_RELAYS,
		seed: 100,
	},
};
