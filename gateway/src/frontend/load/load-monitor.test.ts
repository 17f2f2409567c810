import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { FakeViewer } from '../../../test/fake-viewer.ts';
import { makeHub } from '../../../test/hub.ts';
import type { Hub } from '../connections/hub.ts';
import { createLoadMonitor } from './load-monitor.ts';

/** Returns a hub whose pass over its viewers begins at 0, and ends after 5 s. */
function makeSlowHub(): Hub {
	const hub = makeHub();
	for (const id of ['a', 'b']) hub.subscribe(new FakeViewer(hub, id, { now: 0 }).connection, 'video:v1', 0);
	hub.topics.deliver(new Map([['video:v1', { rows: {}, complete: true, sample: [], at: 0 }]]));
	hub.run(0, 1);
	hub.run(5_000);
	return hub;
}

it('logs a level that rises in a line with each key once', () => {
	const lines: string[] = [];
	// As in the process: with a name of the node, and a tier.
	const logger = pino({ base: { node: 'n1' } }, { write: (line: string) => lines.push(line) });
	const watch = createLoadMonitor(makeSlowHub(), logger.child({ tier: 'frontend' }));
	onTestFinished(() => watch.close());
	watch.look(5_000);
	expect(lines).toHaveLength(1);
	const keys = [...(lines[0] ?? '').matchAll(/"(\w+)":/g)].map(([, key]) => key);
	expect(keys).toEqual([...new Set(keys)]);
	expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, loadLevel: 3, tier: 'frontend', node: 'n1' });
});

it.each([
	['in the same period', [5_000, 0]],
	['in the period before', [5_000, 0, 0]],
])('takes a pass that a stall of the process interrupted %s for no load', (_, stalls) => {
	const hub = makeSlowHub();
	const { takeSigns } = hub.topics;
	// The pass ends after the stall: in the period of the second last value.
	const pass = takeSigns.call(hub.topics);
	const delays = [...stalls];
	const watch = createLoadMonitor(
		{
			blocked: 0,
			topics: { shed: 0, setLevel: () => {}, takeSigns: () => (delays.length === 1 ? pass : { updateAgeMs: 0 }) },
		},
		pino({ level: 'silent' }),
		{ take: () => ({ usualMs: 0, longestMs: delays.shift() ?? 0, utilization: 1 }), close: () => {} },
	);
	for (let now = 1_000; delays.length > 0; now += 1_000) {
		watch.look(now);
		expect(watch.report.level).toBe(0);
	}
});
