import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { FakeViewer } from '../../../test/fake-viewer.ts';
import { makeHub } from '../../../test/hub.ts';
import { createLoadMonitor } from './load-monitor.ts';

it('logs a level that rises in a line with each key once', () => {
	const lines: string[] = [];
	// As in the process: with a name of the node, and a tier.
	const logger = pino({ base: { node: 'n1' } }, { write: (line: string) => lines.push(line) });
	const hub = makeHub();
	for (const id of ['a', 'b']) hub.subscribe(new FakeViewer(hub, id, { now: 0 }).connection, 'video:v1', 0);
	hub.topics.deliver(new Map([['video:v1', { rows: {}, complete: true, sample: [], at: 0 }]]));
	// A pass over the viewers that begins at 0 and ends after 5 s.
	hub.run(0, 1);
	hub.run(5_000);
	const watch = createLoadMonitor(hub, logger.child({ tier: 'frontend' }));
	onTestFinished(() => watch.close());
	watch.look(5_000);
	expect(lines).toHaveLength(1);
	const keys = [...(lines[0] ?? '').matchAll(/"(\w+)":/g)].map(([, key]) => key);
	expect(keys).toEqual([...new Set(keys)]);
	expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, loadLevel: 3, tier: 'frontend', node: 'n1' });
});
