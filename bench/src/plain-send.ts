import { createInterface } from 'node:readline';
import { VIDEO } from './bench-environment.ts';
import { ended, start } from './processes/child-processes.ts';
import { compile } from './processes/compile.ts';
import type { ViewerClient } from './viewers/viewer-client.ts';
import { createViewers } from './viewers/viewers.ts';

const SECONDS = 4;

/** The program has room for this number of connections. */
const MAX_CONNECTIONS = 19_000;

/** The frames that C programs sent. */
export interface PlainSendRate {
	/** Frames a second, of all programs. */
	readonly perSecond: number;
	/** Frames for a second of a core. */
	readonly perCpuSecond: number;
}

/**
 * Measures the frames that C programs send to the viewers: the ceiling of any gateway on this machine. Each program has a
 * thread, and its share of the viewers. Undefined without a C compiler.
 */
export async function plainSendRate(
	client: ViewerClient,
	viewerCount: number,
	frameBytes: number,
	programs = 1,
): Promise<PlainSendRate | undefined> {
	if (client.language !== 'c') return undefined;
	const connections = Math.min(Math.floor(viewerCount / programs), MAX_CONNECTIONS);
	const rates = await Promise.all(
		Array.from({ length: programs }, () => runPlainSend(client, connections, Math.round(frameBytes))),
	);
	const perSecond = rates.reduce((sum, rate) => sum + rate.perSecond, 0);
	return { perSecond, perCpuSecond: rates.reduce((sum, rate) => sum + rate.perCpuSecond, 0) / programs };
}

async function runPlainSend(client: ViewerClient, connections: number, frameBytes: number): Promise<PlainSendRate> {
	const args = [connections, frameBytes, SECONDS].map(String);
	const sender = start('server', compile('plain-send'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
	if (sender.stdout === null) throw new Error('the sender has no output');
	const lines = createInterface({ input: sender.stdout })[Symbol.asyncIterator]();
	const next = async () => JSON.parse((await lines.next()).value ?? '{}') as Record<string, number>;
	const viewers = createViewers(client, (await next()).port ?? 0, VIDEO);
	try {
		await viewers.open('all', connections);
		const { sent = Number.NaN, seconds = Number.NaN, cpuSeconds = Number.NaN } = await next();
		return { perSecond: sent / seconds, perCpuSecond: sent / cpuSeconds };
	} finally {
		await viewers.close();
		await ended(sender, 1_000);
	}
}
