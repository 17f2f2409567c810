import { beforeEach, describe, expect, it } from 'vitest';
import { SYNC_MS, SYNC_RETRY_MS, SyncSchedule } from './sync-schedule.ts';

const inCharge = () => true;
const notInCharge = () => false;

let catchUp: SyncSchedule;
beforeEach(() => {
	catchUp = new SyncSchedule(['us', 'ap']);
});

/** Asks the regions that are due, and all of them answer. */
function round(now: number, isInCharge: (region: string) => boolean): string[] {
	const asked = catchUp.take(now, isInCharge);
	for (const region of asked) catchUp.done(region, now);
	return asked;
}

describe('a node that is in charge of regions', () => {
	it('asks each when it starts, and then every 30 s', () => {
		expect(round(1_000, inCharge)).toEqual(['us', 'ap']);
		expect(catchUp.dueAt).toBe(1_000 + SYNC_MS);
		expect(round(999 + SYNC_MS, inCharge)).toEqual([]);
		expect(round(1_000 + SYNC_MS, inCharge)).toEqual(['us', 'ap']);
	});

	it('has one question for each under way', () => {
		catchUp.take(0, inCharge);
		expect([catchUp.dueAt, catchUp.take(SYNC_MS * 10, inCharge)]).toEqual([undefined, []]);
	});

	it('asks those that are its own to ask', () => {
		expect(round(0, (region) => region === 'ap')).toEqual(['ap']);
	});

	it('asks soon again after a failure, though another node is in charge by then', () => {
		expect(catchUp.take(0, inCharge)).toEqual(['us', 'ap']);
		catchUp.failed('us', 100);
		catchUp.done('ap', 100);
		expect(catchUp.dueAt).toBe(100 + SYNC_RETRY_MS);
		expect(round(99 + SYNC_RETRY_MS, notInCharge)).toEqual([]);
		expect(round(100 + SYNC_RETRY_MS, notInCharge)).toEqual(['us']);
	});
});

describe('a node that is not', () => {
	it('asks nobody, and looks every second whether it is', () => {
		expect(round(0, notInCharge)).toEqual([]);
		expect(catchUp.dueAt).toBe(SYNC_RETRY_MS);
		expect(round(SYNC_RETRY_MS, inCharge)).toEqual(['us', 'ap']);
	});

	it('asks who greets it, at once and once', () => {
		round(0, notInCharge);
		catchUp.want('us');
		expect(round(1, notInCharge)).toEqual(['us']);
		expect(round(2, notInCharge)).toEqual([]);
	});
});

describe('a greeting', () => {
	it('while the region is asked has it asked again after that: it may have come too late for the answer', () => {
		expect(catchUp.take(0, inCharge)).toEqual(['us', 'ap']);
		catchUp.want('us');
		expect(catchUp.take(1, inCharge)).toEqual([]);
		catchUp.done('us', 2);
		expect(round(2, inCharge)).toEqual(['us']);
		catchUp.done('ap', 2);
		expect(catchUp.dueAt).toBe(2 + SYNC_MS);
	});

	it('does not wait for the pause after a failure', () => {
		catchUp.take(0, inCharge);
		catchUp.failed('us', 0);
		catchUp.want('us');
		expect(round(1, notInCharge)).toEqual(['us']);
	});

	it('of a region that nobody knows changes nothing', () => {
		round(0, inCharge);
		catchUp.want('mars');
		catchUp.done('mars', 0);
		catchUp.failed('mars', 0);
		expect([catchUp.dueAt, round(1, inCharge)]).toEqual([SYNC_MS, []]);
	});
});
