import { createInterface } from 'node:readline';
import { VIDEO } from './bench-environment.ts';
import { ended, start } from './processes/child-processes.ts';
import { compile } from './processes/compile.ts';
import type { ViewerClient } from './viewers/viewer-client.ts';
import { createViewers } from './viewers/viewers.ts';

const SECONDS = 4;

/** The program has room for this number of connections. */
const MAX_CONNECTIONS = 19_000;

/**
 * Measures the frames that a C program sends to the viewers in a second of one core: the ceiling of any gateway on this
 * machine. Undefined without a C compiler.
 */
export async function plainSendRate(
	client: ViewerClient,
	viewerCount: number,
	frameBytes: number,
): Promise<number | undefined> {
	if (client.language !== 'c') return undefined;
	const connections = Math.min(viewerCount, MAX_CONNECTIONS);
	const args = [connections, Math.round(frameBytes), SECONDS].map(String);
	const sender = start('server', compile('plain-send'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
	if (sender.stdout === null) throw new Error('the sender has no output');
	const lines = createInterface({ input: sender.stdout })[Symbol.asyncIterator]();
	const next = async () => JSON.parse((await lines.next()).value ?? '{}') as Record<string, number>;
	const viewers = createViewers(client, (await next()).port ?? 0, VIDEO);
	try {
		await viewers.open('all', connections);
		const { sent = Number.NaN, cpuSeconds = Number.NaN } = await next();
		return sent / cpuSeconds;
	} finally {
		await viewers.close();
		await ended(sender, 1_000);
	}
}
