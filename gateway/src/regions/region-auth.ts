import { createCheckProof } from '../cluster/rpc/peer-auth.ts';
import { Rejection } from '../http/rejections.ts';
import type { Request } from '../http/request.ts';
import type { CounterRows } from '../state/counters.ts';
import type { Values } from '../state/registers.ts';
import type { Updates } from '../state/update.ts';
import { isYetToCome } from '../store/epoch.ts';
import type { LogPage } from '../store/log-store.ts';
import type { Changes, Position } from '../store/store.ts';

/** Lets requests of other regions in, and names the region; throws a {@link Rejection} for any other. */
export type AuthenticateRegion = (request: Request) => string;

/** `own` is the region of this node, `others` the ones that it was told of. All share one secret. */
export function createRegionAuth(secret: string, own: string, others: readonly string[]): AuthenticateRegion {
	const checkProof = createCheckProof(secret);
	return (request) => {
		checkProof(request);
		const region = request.headers['x-likewire-region'];
		if (region === own) {
			const detail = `${request.headers['x-likewire-node']} says that it is of ${own}, as this node is: regions need names of their own.`;
			throw new Rejection('peer_conflict', 'peer_region_own', detail);
		}
		if (!others.includes(region)) {
			const detail = `This node of ${own} knows no region ${JSON.stringify(region)}: --regions should name it.`;
			throw new Rejection('peer_conflict', 'peer_region_unknown', detail);
		}
		// Before anything is done: a like that is counted in a wrong region counts again in the right one.
		const meant = request.headers['x-likewire-to'];
		if (meant === own) return region;
		const detail = `${region} takes this node for one of ${JSON.stringify(meant)}, and it is of ${own}: its --regions has a wrong address.`;
		throw new Rejection('peer_conflict', 'peer_region_other', detail);
	};
}

/**
 * Throws a {@link Rejection} unless all rows are of the store of the region that says them, which alone can know them, and
 * of an epoch that can have begun by `now`: one from the future would outlive every restored backup.
 */
export function checkRows(region: string, rowsOfTopics: Iterable<CounterRows>, now: number): void {
	for (const rows of rowsOfTopics) {
		for (const [store, { epoch }] of Object.entries(rows)) {
			if (store !== region) throw notItsOwn(region, `the store of ${JSON.stringify(store)}`);
			checkEpoch(region, epoch, now);
		}
	}
}

/**
 * Throws a {@link Rejection} unless all of a region's news are its own: rows and events of its own store, of an epoch that can
 * have begun by `now`, and values that were said there.
 */
export function checkUpdates(region: string, updates: Updates, now: number): void {
	for (const [topic, { rows, log = {}, values = {} }] of updates) {
		checkRows(region, [rows], now);
		for (const [store, { epoch }] of Object.entries(log)) {
			if (store !== region) throw notItsOwn(region, `the log of ${JSON.stringify(store)}`);
			checkEpoch(region, epoch, now);
		}
		checkValues(region, topic, values);
	}
}

function checkValues(region: string, topic: string, values: Values): void {
	for (const registers of Object.values(values)) {
		for (const { from } of Object.values(registers)) {
			if (from !== region) throw notItsOwn(region, `what was said in ${JSON.stringify(from)} about ${topic}`);
		}
	}
}

/** Throws a {@link Rejection} unless a part of a region's log is of an epoch that can have begun by `now`. */
export function checkPart(region: string, { epoch }: Pick<LogPage, 'epoch'>, now: number): void {
	checkEpoch(region, epoch, now);
}

function notItsOwn(region: string, what: string): Rejection {
	return new Rejection('peer_conflict', 'peer_rows', `${region} tells of ${what}.`);
}

/**
 * Throws a {@link Rejection} unless a page of what changed in a region is of an epoch that can have begun by `now`, also when
 * it is empty, and that is none before the one that was known: its store would be read again and again, and not believed.
 */
export function checkPage(
	region: string,
	{ rows, values, next }: Changes,
	since: Position | undefined,
	now: number,
): void {
	checkRows(region, rows.values(), now);
	for (const [topic, said] of values) checkValues(region, topic, said);
	checkEpoch(region, next.epoch, now);
	if (since === undefined || next.epoch >= since.epoch) return;
	const detail = `The store of ${region} says that it began at ${next.epoch}, and said ${since.epoch} before: after a backup was restored there, 'likewire store restored' is to be run.`;
	throw new Rejection('peer_conflict', 'peer_epoch', detail);
}

function checkEpoch(region: string, epoch: number, now: number): void {
	if (!isYetToCome(epoch, now)) return;
	const detail = `The store of ${region} says that it began at ${epoch}, which is yet to come: its clock is to be set, 'likewire store restored' to be run there, and its nodes to be restarted.`;
	throw new Rejection('peer_conflict', 'peer_epoch', detail);
}
