import { afterAll, beforeAll } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';

const FILES = [
	'./stream.test.ts',
	'./plain-clients.test.ts',
	'../cluster/routing/relayed-streams.test.ts',
	'../cluster/routing/drain.test.ts',
];

beforeAll(() => {
	EventStream.acceptsGzip = true;
});

// Other files may run in this process.
afterAll(() => {
	EventStream.acceptsGzip = false;
});

// The tests of streams again, with viewers that accept gzip and check the end of each stream. Another query is another
// module: this process may have run the file before, and would not run the same module again.
for (const file of FILES) await import(`${file}?gzip`);
