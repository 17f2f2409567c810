import { describeChanges } from './changes-contract.ts';
import { describeComments } from './comment-contract.ts';
import { describeHistories } from './history-contract.ts';
import { describeLog } from './log-contract.ts';
import { describeLogReplicas } from './log-replica-contract.ts';
import { describeReplicas } from './replica-contract.ts';
import { describeStore } from './store-contract.ts';
import type { StorePlace } from './store-place.ts';
import { describeValues } from './values-contract.ts';

/** All that every store has to do. */
export function describeContracts(name: string, makePlace: () => StorePlace): void {
	describeStore(name, makePlace);
	describeReplicas(name, makePlace);
	describeLog(name, makePlace);
	describeComments(name, makePlace);
	describeHistories(name, makePlace);
	describeLogReplicas(name, makePlace);
	describeValues(name, makePlace);
	describeChanges(name, makePlace);
}
