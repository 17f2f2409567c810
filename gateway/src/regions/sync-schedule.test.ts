import { beforeEach, describe, expect, it } from 'vitest';
import { SYNC_MS, SYNC_RETRY_MS, SyncSchedule } from './sync-schedule.ts';

const inCharge = () => true;
const notInCharge = () => false;

let schedule: SyncSchedule;
beforeEach(() => {
	schedule = new SyncSchedule(['us', 'ap']);
});

/** Completes a sync with each region that is due, and returns them. */
function round(now: number, isInCharge: (region: string) => boolean): string[] {
	const asked = schedule.take(now, isInCharge);
	for (const region of asked) schedule.done(region, now);
	return asked;
}

describe('SyncSchedule of a node in charge', () => {
	it('syncs with each region at its start, and then every 30 s', () => {
		expect(round(1_000, inCharge)).toEqual(['us', 'ap']);
		expect(schedule.dueAt).toBe(1_000 + SYNC_MS);
		expect(round(999 + SYNC_MS, inCharge)).toEqual([]);
		expect(round(1_000 + SYNC_MS, inCharge)).toEqual(['us', 'ap']);
	});

	it('has at most one sync with each region under way', () => {
		schedule.take(0, inCharge);
		expect([schedule.dueAt, schedule.take(SYNC_MS * 10, inCharge)]).toEqual([undefined, []]);
	});

	it('syncs only with the regions that the node is in charge of', () => {
		expect(round(0, (region) => region === 'ap')).toEqual(['ap']);
	});

	it('syncs again 1 s after a failure, though another node is in charge by then', () => {
		expect(schedule.take(0, inCharge)).toEqual(['us', 'ap']);
		schedule.failed('us', 100);
		schedule.done('ap', 100);
		expect(schedule.dueAt).toBe(100 + SYNC_RETRY_MS);
		expect(round(99 + SYNC_RETRY_MS, notInCharge)).toEqual([]);
		expect(round(100 + SYNC_RETRY_MS, notInCharge)).toEqual(['us']);
	});
});

describe('SyncSchedule of a node not in charge', () => {
	it('syncs with no region, and checks every second whether the node is in charge', () => {
		expect(round(0, notInCharge)).toEqual([]);
		expect(schedule.dueAt).toBe(SYNC_RETRY_MS);
		expect(round(SYNC_RETRY_MS, inCharge)).toEqual(['us', 'ap']);
	});

	it('syncs at once, and once, with a region that greets', () => {
		round(0, notInCharge);
		schedule.want('us');
		expect(round(1, notInCharge)).toEqual(['us']);
		expect(round(2, notInCharge)).toEqual([]);
	});
});

describe('SyncSchedule.want', () => {
	it('requests another sync during a sync, whose answers may be older than the greeting', () => {
		expect(schedule.take(0, inCharge)).toEqual(['us', 'ap']);
		schedule.want('us');
		expect(schedule.take(1, inCharge)).toEqual([]);
		schedule.done('us', 2);
		expect(round(2, inCharge)).toEqual(['us']);
		schedule.done('ap', 2);
		expect(schedule.dueAt).toBe(2 + SYNC_MS);
	});

	it('ends the pause after a failure', () => {
		schedule.take(0, inCharge);
		schedule.failed('us', 0);
		schedule.want('us');
		expect(round(1, notInCharge)).toEqual(['us']);
	});

	it('ignores an unknown region', () => {
		round(0, inCharge);
		schedule.want('mars');
		schedule.done('mars', 0);
		schedule.failed('mars', 0);
		expect([schedule.dueAt, round(1, inCharge)]).toEqual([SYNC_MS, []]);
	});
});
