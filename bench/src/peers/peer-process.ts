import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ended, start } from '../processes/child-processes.ts';
import type { Side } from '../processes/pinning.ts';
import type { PeerLoad, PeerSent } from './peer-server.ts';

/** The directory from which `tsx` resolves. */
const BENCH_DIR = fileURLToPath(new URL('../..', import.meta.url));

/** A running peer. */
export interface PeerProcess {
	/** The process that has the viewers. */
	readonly pid: number;
	/** The port of viewers. */
	readonly port: number;
	/** Runs a phase of load. */
	play(load: PeerLoad): Promise<PeerSent>;
	close(): Promise<void>;
}

/** Starts a module on the cores of a side. Rejects when it ends before it listens. */
export async function startPeerProcess(side: Side, module: URL, args: readonly string[] = []): Promise<PeerProcess> {
	const script = fileURLToPath(module);
	const child = start(side, process.execPath, ['--import', 'tsx', script, ...args], {
		cwd: BENCH_DIR,
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const { stdin, stdout, pid } = child;
	if (stdin === null || stdout === null || pid === undefined) throw new Error(`${script} did not start`);
	// A peer that ended reports it by its output.
	stdin.on('error', () => undefined);
	const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();

	async function next<Message>(): Promise<Message> {
		const { value, done } = await lines.next();
		if (done) throw new Error(`${script} ended`);
		return JSON.parse(value) as Message;
	}

	const { port } = await next<{ port: number }>();
	return {
		pid,
		port,
		play(load) {
			stdin.write(`${JSON.stringify(load)}\n`);
			return next<PeerSent>();
		},
		async close() {
			stdin.end();
			await ended(child, 5_000);
		},
	};
}
