import { describe } from 'vitest';
import { describeChanges } from './changes-contract.ts';
import { describeComments } from './comment-contract.ts';
import { describeHistories } from './history-contract.ts';
import { describeLog } from './log-contract.ts';
import { describeLogReplicas } from './log-replica-contract.ts';
import { describeOnce } from './once-contract.ts';
import { describeReplicas } from './replica-contract.ts';
import { describeStore } from './store-contract.ts';
import type { StorePlace } from './store-place.ts';
import { describeTimelines } from './timeline-contract.ts';
import { describeTwoLogs } from './two-logs-contract.ts';
import { describeValues } from './values-contract.ts';

const CONTRACTS = {
	likes: describeStore,
	'once reactions': describeOnce,
	timelines: describeTimelines,
	replicas: describeReplicas,
	logs: describeLog,
	comments: describeComments,
	histories: describeHistories,
	'log replicas': describeLogReplicas,
	'two logs': describeTwoLogs,
	values: describeValues,
	changes: describeChanges,
};

/** The tests that each store has to pass, each with separate data. */
export function describeContracts(name: string, makePlace: () => StorePlace): void {
	for (const [part, describeContract] of Object.entries(CONTRACTS)) {
		// In separate blocks: hooks of one contract would open a store for each test of the others, too.
		describe(part, () => describeContract(name, makePlace));
	}
}
