import type { Update, Updates } from '../../state/update.ts';
import type { SubscriptionTable } from './subscription-table.ts';

/** Updates that go to the same frontends. */
export interface AudienceBatch {
	readonly frontends: Iterable<string>;
	readonly batch: Updates;
}

/** Returns one batch for each set of frontends: it is merged, cut and encoded once for all of them. */
export function batchesByAudience(updates: Updates, table: SubscriptionTable): Iterable<AudienceBatch> {
	const batches = new Map<string, { readonly frontends: Iterable<string>; readonly batch: Map<string, Update> }>();
	for (const [topic, update] of updates) {
		const audience = table.audience(topic);
		const known = batches.get(audience);
		if (known !== undefined) known.batch.set(topic, update);
		else batches.set(audience, { frontends: table.frontends(topic), batch: new Map([[topic, update]]) });
	}
	return batches.values();
}
