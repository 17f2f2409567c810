import { fileURLToPath } from 'node:url';
import { makeOwnedDirectory } from '../cluster/belongings.ts';
import { freePort } from '../cluster/free-ports.ts';
import { LocalProcess } from '../cluster/local-process.ts';
import { until } from '../cluster/until.ts';

/** The gateway as it is built. */
const BUILT_GATEWAY = fileURLToPath(new URL('../../gateway/dist/main.js', import.meta.url));

/** What the attacked gateway has: little, so that a leak of some MB ends it. */
export const LIMITS = { heapMb: 96, descriptors: 512 } as const;

const START_TIMEOUT_MS = 30_000;

/** A gateway in a process of its own, with a small heap and few descriptors. */
export interface Target {
	readonly url: string;
	readonly port: number;
	readonly internalUrl: string;
	readonly internalPort: number;
	readonly pid: number;
	readonly alive: boolean;
	/** The end of its log. */
	readonly log: string;
	stop(): Promise<void>;
}

/** Starts a gateway that serves the files of `staticDir`. Rejects when it does not become ready. */
export async function startTarget(staticDir: string): Promise<Target> {
	const [port, internalPort] = [await freePort(), await freePort()];
	const node = [process.execPath, `--max-old-space-size=${LIMITS.heapMb}`, BUILT_GATEWAY];
	const flags = { port, 'internal-port': internalPort, 'data-dir': makeOwnedDirectory(), 'static-dir': staticDir };
	const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
	const inherited = Object.entries(process.env).filter(([name]) => !/^(LIKEWIRE_|UWS_|VITEST|NODE_OPTIONS)/.test(name));
	const gateway = new LocalProcess({
		file: 'sh',
		args: ['-c', `ulimit -n ${LIMITS.descriptors}; exec "$@"`, 'sh', ...node, ...args],
		env: Object.fromEntries(inherited),
	});
	const internalUrl = `http://127.0.0.1:${internalPort}`;
	async function isReady(): Promise<boolean> {
		if (gateway.exit !== undefined) throw new Error(`the gateway ended: ${gateway.written}`);
		return (await fetch(`${internalUrl}/readyz`).catch(() => undefined))?.ok === true;
	}
	await until(isReady, { what: 'the gateway to be ready', timeoutMs: START_TIMEOUT_MS });
	return {
		url: `http://127.0.0.1:${port}`,
		port,
		internalUrl,
		internalPort,
		get pid() {
			return gateway.pid;
		},
		get alive() {
			return gateway.exit === undefined;
		},
		get log() {
			return gateway.written;
		},
		async stop() {
			gateway.signal('SIGKILL');
			await gateway.ended;
		},
	};
}
