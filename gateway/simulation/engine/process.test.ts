import { expect, it } from 'vitest';
import { createRunLoop } from '../../src/runtime/run-loop.ts';
import { Clock } from './clock.ts';
import { Process } from './process.ts';
import { inOwnTurn } from './turn.ts';

function makeProcess() {
	const clock = new Clock();
	const process = new Process(clock);
	return { clock, process, time: process.createClock(() => 0) };
}

it('runs all promise callbacks of an event before the next event', async () => {
	const { clock } = makeProcess();
	const seen: string[] = [];
	clock.at(1, async () => {
		for (let turn = 0; turn < 100; turn++) await undefined;
		seen.push(`a promise at ${clock.now}`);
	});
	clock.at(2, () => seen.push('the next event'));
	await inOwnTurn(() => clock.runUntil(3));
	expect(seen).toEqual(['a promise at 1', 'the next event']);
});

it('ends the run with an error that a driver caught', async () => {
	const { clock } = makeProcess();
	clock.at(1, () => clock.fail(new Error('wrong')));
	clock.at(2, () => expect.fail('the run goes on'));
	await expect(inOwnTurn(() => clock.runUntil(3))).rejects.toThrow('wrong');
});

it('lets time pass between two turns of a busy run loop, and runs a woken one now', async () => {
	const { clock, time } = makeProcess();
	const turns: number[] = [];
	const busy = createRunLoop((now) => (turns.push(now) < 3 ? now : undefined), time);
	clock.at(5, busy.wake);
	await inOwnTurn(() => clock.runUntil(1_000));
	expect(turns).toEqual([5, 15, 25]);
});

it('runs timers late after a stop, and none that was cancelled', async () => {
	const { clock, process, time } = makeProcess();
	const ran: string[] = [];
	time.after(10, () => ran.push(`late, at ${clock.now}`));
	const cancelled = time.every(10, () => ran.push('cancelled'));
	clock.at(1, () => process.stop());
	clock.at(2, () => time.cancel(cancelled));
	clock.at(30, () => process.continue());
	await inOwnTurn(() => clock.runUntil(100));
	expect(ran).toEqual(['late, at 30']);
	expect(process.takeLongestStop()).toBe(29);
});

it('runs nothing of a process that was killed', async () => {
	const { clock, process, time } = makeProcess();
	const loop = createRunLoop(() => expect.fail('it runs'), time);
	clock.at(1, () => {
		loop.wake();
		process.kill();
	});
	await inOwnTurn(() => clock.runUntil(100));
});
