import type { Mutants } from './mutant.ts';
import { drop, never, or, value } from './operators.ts';
import { SIGNAL_AGAIN, SIGNAL_MISSING, TYPES_FOR_EVER } from './violations.ts';

/** Mutants of signals: no store keeps signals, and no digest repairs a signal that an older one hides. */
export const SIGNALS: Mutants = {
	'signals are ordered by the wall clock': {
		changes: { 'orders-by-hybrid-clock': value('Math.floor(wallTime * ORDERS_PER_MS)') },
		violates: SIGNAL_MISSING,
	},
	'a node that starts does not learn the clock of its region': {
		changes: { 'learns-clock': drop },
		violates: SIGNAL_MISSING,
	},
	'a merge drops that a user stopped typing': {
		changes: { 'takes-newer-register': or('register.value === false') },
		violates: SIGNAL_MISSING,
	},
	'an older signal replaces a newer one': {
		changes: { 'takes-newer-register': never },
		violates: SIGNAL_AGAIN,
	},
	'custom signals are not relayed to other regions': {
		changes: { 'relays-values': value('update.values?.custom ? undefined : ownValues(region, update.values)') },
		violates: SIGNAL_MISSING,
	},
	'a stall of a frontend counts as load, so it leaves signals out': {
		changes: { 'forgives-stall': value('false') },
		violates: SIGNAL_MISSING,
		seed: 1_066,
	},
	'typing does not end by itself': { changes: { 'ends-typing': drop }, violates: TYPES_FOR_EVER },
};
