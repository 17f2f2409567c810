import { createCheckProof } from '../cluster/rpc/peer-auth.ts';
import { Rejection } from '../http/rejections.ts';
import type { Request } from '../http/request.ts';
import type { CounterRows } from '../state/counters.ts';
import type { Values } from '../state/registers.ts';
import type { Updates } from '../state/update.ts';
import { isInFuture } from '../store/epoch.ts';
import type { LogPage } from '../store/log-store.ts';
import type { Changes, Position } from '../store/store.ts';

/** Returns the region that sent a request; throws a {@link Rejection} for any other request. */
export type AuthenticateRegion = (request: Request) => string;

/**
 * Returns a check of requests. `own` is the region of this node, `others` are those of `--regions`.
 *
 * All share one secret.
 */
export function createRegionAuth(secret: string, own: string, others: readonly string[]): AuthenticateRegion {
	const checkProof = createCheckProof(secret);
	return (request) => {
		checkProof(request);
		const region = request.headers['x-likewire-region'];
		if (region === own) {
			const node = request.headers['x-likewire-node'];
			const detail = `Node ${node} names its region ${own}, which is the region of this node; set a different --region.`;
			throw new Rejection('peer_conflict', 'peer_region_own', detail);
		}
		if (!others.includes(region)) {
			const detail = `Region ${JSON.stringify(region)} is unknown to this node of ${own}; add it to --regions.`;
			throw new Rejection('peer_conflict', 'peer_region_unknown', detail);
		}
		// Checked before any write: a like that a wrong region counts would count again in the right one.
		const target = request.headers['x-likewire-to'];
		if (target === own) return region;
		const detail = `${region} sent a request for region ${JSON.stringify(target)} to a node of ${own}; correct the addresses in its --regions.`;
		throw new Rejection('peer_conflict', 'peer_region_other', detail);
	};
}

/**
 * Throws a {@link Rejection} unless all rows are of the region's own store, in a valid epoch.
 *
 * Only that region knows its own rows. An epoch is valid unless it is further after `now` than clocks may differ: it would
 * outlive every restored backup.
 */
export function checkRows(region: string, rowsOfTopics: Iterable<CounterRows>, now: number): void {
	for (const rows of rowsOfTopics) {
		for (const [store, { epoch }] of Object.entries(rows)) {
			if (store !== region) throw rowsOfAnother(region, `rows of the store of ${JSON.stringify(store)}`);
			checkEpoch(region, epoch, now);
		}
	}
}

/**
 * Throws a {@link Rejection} unless all updates of a region are its own.
 *
 * Rows and events have to be of its own store, in a valid epoch, and registers of its own origin.
 */
export function checkUpdates(region: string, updates: Updates, now: number): void {
	for (const [topic, { rows, log = {}, values = {} }] of updates) {
		checkRows(region, [rows], now);
		for (const [store, { epoch }] of Object.entries(log)) {
			if (store !== region) throw rowsOfAnother(region, `events of the log of ${JSON.stringify(store)}`);
			checkEpoch(region, epoch, now);
		}
		checkValues(region, topic, values);
	}
}

function checkValues(region: string, topic: string, values: Values): void {
	for (const registers of Object.values(values)) {
		for (const { from } of Object.values(registers)) {
			if (from !== region) throw rowsOfAnother(region, `registers of ${topic} from ${JSON.stringify(from)}`);
		}
	}
}

/** Throws a {@link Rejection} unless a page of a region's log is of a valid epoch. */
export function checkLogPage(region: string, { epoch }: Pick<LogPage, 'epoch'>, now: number): void {
	checkEpoch(region, epoch, now);
}

function rowsOfAnother(region: string, what: string): Rejection {
	return new Rejection('peer_conflict', 'peer_rows', `${region} sent ${what}; a region sends only its own state.`);
}

/**
 * Throws a {@link Rejection} unless a page is of a valid epoch, and not before the known one.
 *
 * That holds for an empty page, too. Merging drops rows of an older epoch, so each sync of them would be in vain.
 */
export function checkPage(
	region: string,
	{ rows, values, next }: Changes,
	since: Position | undefined,
	now: number,
): void {
	checkRows(region, rows.values(), now);
	for (const [topic, registers] of values) checkValues(region, topic, registers);
	checkEpoch(region, next.epoch, now);
	if (since === undefined || next.epoch >= since.epoch) return;
	const detail = `The store of ${region} has epoch ${next.epoch}, and had epoch ${since.epoch} before; run 'likewire store restored' in that region after you restore a backup.`;
	throw new Rejection('peer_conflict', 'peer_epoch', detail);
}

function checkEpoch(region: string, epoch: number, now: number): void {
	if (!isInFuture(epoch, now)) return;
	const detail = `The store of ${region} has epoch ${epoch}, which is in the future; in that region, set the clock, run 'likewire store restored' and restart the nodes.`;
	throw new Rejection('peer_conflict', 'peer_epoch', detail);
}
