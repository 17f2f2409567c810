import { EventStream } from '../../test/event-stream.ts';

// The tests of streams again, with viewers that accept gzip and check the end of each stream.
EventStream.acceptsGzip = true;
await import('./stream.test.ts');
await import('./plain-clients.test.ts');
await import('../cluster/routing/relayed-streams.test.ts');
await import('../cluster/routing/drain.test.ts');
